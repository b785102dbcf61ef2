"""What the policy or the trail costs: Carnet beside the same server without it, in turns, on the same data.

    python -m benchmarks.price [--of policy|trail] [--only read,search,create]

Without the policy is `open.py`, without the trail `silent.py`. CPU time of a request, server and database together, as
in `benchmarks/run`. A round is every load once on each of the two; the price of a round is the part of its throughput
that the one takes: 1 - without / with.
"""

from __future__ import annotations

import argparse
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING

from benchmarks import bodies
from benchmarks.__main__ import carnet_loads, say, seeded, tokens, workplace
from benchmarks.check import check
from benchmarks.load import Load, WrongAnswersError, measure
from benchmarks.servers import Program, free_port

if TYPE_CHECKING:
    from benchmarks.__main__ import Work
    from benchmarks.servers import Server

OF = {"policy": ("benchmarks.open", 0.25), "trail": ("benchmarks.silent", 0.15)}
"""What has a price: the server without it, and the part of the throughput that it may take."""
LOADS = ("read", "search", "create")
HEAD = "| load | CPU µs with the {of} | without | price | spread | goal | |\n|---|---:|---:|---:|---|---:|---|\n"


@dataclass(frozen=True, slots=True)
class Pair:
    """One load on the two servers in one round: CPU µs of a request, each the mean of two measures."""

    closed: float
    open: float

    @property
    def price(self) -> float:
        """Part of the throughput that the one takes."""
        return 1 - self.open / self.closed


def arguments() -> argparse.Namespace:
    """What the caller may choose."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.price", description=__doc__)
    parser.add_argument("--of", choices=OF, default="policy", help="what is left out")
    parser.add_argument("--records", type=int, default=1000, help="records to read from")
    parser.add_argument("--documents", type=int, default=20, help="documents of each")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="length of each measured load")
    parser.add_argument("--only", default=",".join(LOADS), help="loads, by comma")
    parser.add_argument("--keep", type=Path, help="folder to keep the seeded data in, and to use again if it has any")
    return parser.parse_args()


def opened(work: Work, closed: Server, of: str) -> Server:
    """The same server without one thing, on the same data and the same cluster; it takes the other one's tokens."""
    port = free_port()
    options = {"workers": work.carnet.workers, "data": work.carnet.data, "port": port}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    command = [sys.executable, "-m", OF[of][0], "serve", *words, "--no-sample"]
    environment = work.carnet.environment | {"CARNET_PORT": str(port), "CARNET_BASE_URL": closed.url}
    server = Program(f"Carnet without {of}", command, environment, port, "/fhir/metadata").start(
        work.folder / "open.log"
    )
    return replace(server, postmaster=closed.postmaster)


def turn(closed: dict[str, Load], other: Server, seconds: int, number: int) -> dict[str, Pair]:
    """One round: each load on the one, on the other twice, and on the one again, so that a slow drift falls out."""
    found = {}
    for name, load in closed.items():
        sides = (load, replace(load, server=other), replace(load, server=other), load)
        costs = [measure(side, seconds, 4 * number + place, warm_up=1).total_us for place, side in enumerate(sides)]
        found[name] = Pair(mean((costs[0], costs[3])), mean(costs[1:3]))
        say(f"  {name}: {found[name].closed:.0f} and {found[name].open:.0f} µs CPU")
    return found


def table(rounds: list[dict[str, Pair]], of: str) -> str:
    """Medians of the rounds, in Markdown."""
    rows, limit = [], OF[of][1]
    for name in rounds[0]:
        pairs = [each[name] for each in rounds]
        prices = [pair.price for pair in pairs]
        closed, free = (median(getattr(pair, side) for pair in pairs) for side in ("closed", "open"))
        price = median(prices)
        held = "held" if price <= limit else "missed"
        spread = f"{min(prices):.0%} to {max(prices):.0%}"
        rows.append(f"| {name} | {closed:.0f} | {free:.0f} | {price:.0%} | {spread} | ≤ {limit:.0%} | {held} |\n")
    return HEAD.format(of=of) + "".join(rows)


def run(options: argparse.Namespace) -> None:
    """Seed, start both, measure in turns, print."""
    number = int(time.time())
    with workplace(options) as work, ExitStack() as stack:
        made, _ = seeded(work, options)
        closed = work.carnet.start()
        stack.callback(closed.stop)
        document, callers = bodies.document("elsewhere"), tokens(work.carnet, made.read[0].id)
        check(f"{closed.url}/fhir", callers, made.read[0], made.written[0], str(number), document)
        other = opened(work, closed, options.of)
        stack.callback(other.stop)
        loads = carnet_loads(work, closed, made, callers, document)
        chosen = {name: loads[name] for name in options.only.split(",")}
        rounds = []
        for each in range(options.rounds):
            say(f"round {each + 1} of {options.rounds}")
            rounds.append(turn(chosen, other, options.seconds, number + each))
        print(f"\n{table(rounds, options.of)}")


def main() -> None:
    """Run, and say plainly why where it cannot."""
    try:
        run(arguments())
    except (RuntimeError, WrongAnswersError) as error:
        sys.exit(f"benchmarks: {error}")


if __name__ == "__main__":
    main()
