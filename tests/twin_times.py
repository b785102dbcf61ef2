"""How long the main exits take with and without a thousand rows that the caller may not see (exit 27)."""

from __future__ import annotations

from statistics import median, quantiles
from typing import TYPE_CHECKING

from tests.twin_people import ROLES, paper
from tests.twin_runs import Run
from tests.twins import Request

if TYPE_CHECKING:
    from tests.grammar import Sight
    from tests.twin_worlds import Worlds

ROWS = 1000
TIMES = 200
CALLER = "authorised by name"
HEADER = """\
| request | none: median | none: p95 | 1 000: median | 1 000: p95 | ratio |
|---|---|---|---|---|---|"""


async def hide(made: Worlds, rows: int = ROWS) -> None:
    """Masked documents in the caller's record, in the fuller world alone."""
    key = made.records["bedside"]
    for number in range(rows):
        tree = paper(key, 10_000 + number, label="MASQUE_PS")
        answer = await made.twins.more("a depositor", Request.of("POST", "DocumentReference", tree))
        assert answer.status == 201, answer
    for link in made.twins.links:
        await link.execute("ANALYZE")


def asked(sight: Sight) -> dict[str, Request]:
    """The main exits, by name."""
    key, seen, kept = sight.record, sight.visible("DocumentReference"), sight.kept("DocumentReference")
    said = {
        "read what is seen": f"DocumentReference/{seen}",
        "read what is hidden": f"DocumentReference/{kept}",
        "read what is nowhere": f"DocumentReference/{sight.absent()}",
        "history of what is hidden": f"DocumentReference/{kept}/_history",
        "a page of the record": f"DocumentReference?patient={key}&_count=20",
        "by type": f"DocumentReference?patient={key}&type=11488-4",
        "count": f"DocumentReference?patient={key}&_summary=count",
        "across records": "DocumentReference?_count=20",
        "sorted": f"DocumentReference?patient={key}&_sort=-date&_count=5",
        "by an id that is hidden": f"DocumentReference?_id={kept}",
        "chain": f"List?patient={key}&item:DocumentReference.type=11488-4",
        "include": f"List?patient={key}&_include=List:item",
        "revinclude": f"Patient?_id={key}&_revinclude=DocumentReference:subject",
        "own journal": f"AuditEvent?patient={key}&_count=20",
        "content that is hidden": f"Binary/{sight.kept('Binary')}",
        "$access": f"Patient/{key}/$access",
    }
    return {name: Request.of("GET", path) for name, path in said.items()}


async def times(made: Worlds, repeats: int = TIMES) -> dict[str, tuple[list[float], list[float]]]:
    """Milliseconds by request in the leaner and the fuller world, the worlds in turn, the first ones left out."""
    role = next(one for one in ROLES if one.name == CALLER)
    run = Run(made, 1, most=1)
    sight = run.sight(role)
    await run.pair(sight, Request.of("GET", f"DocumentReference?patient={sight.record}&_count=50"))
    found: dict[str, tuple[list[float], list[float]]] = {}
    for name, request in asked(sight).items():
        lean, full = found[name] = ([], [])
        for number in range(repeats + 5):
            pair = await made.twins.ask(CALLER, request)
            if number >= 5:
                full.append(1000 * pair[0].seconds)
                lean.append(1000 * pair[1].seconds)
    return found


def table(found: dict[str, tuple[list[float], list[float]]]) -> str:
    """The times as Markdown, in milliseconds."""
    lines = [HEADER]
    for name, (lean, full) in found.items():
        one, other = median(lean), median(full)
        late = [quantiles(some, n=20)[-1] for some in (lean, full)]
        lines.append(f"| {name} | {one:.2f} | {late[0]:.2f} | {other:.2f} | {late[1]:.2f} | {other / one:.2f} |")
    return "\n".join(lines)
