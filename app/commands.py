"""What `carnet` does beside serving: `worker`, `token`, `load`, and what `carnet --help` names.

It is imported when one of them is asked for, because most of Carnet comes with it.
"""

from __future__ import annotations

import asyncio
import inspect
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from app import accounts, custody, doctor, evidence, loading, operator, population, software
from app import sample as sample_record
from app import serve as serving
from app import worker as telling
from app.auth import mint
from app.auth.keys import SigningKeys
from app.records.naming import record_of
from app.resources import ins
from app.serve import Misuse, settings_of
from app.settings import PREFIX
from app.storage import citus
from app.storage import parts as partition
from app.storage.migrate import check

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    import asyncpg

    from app.settings import Settings

ERRORS = Console(stderr=True)

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="A shared health record."
)
db = typer.Typer(no_args_is_help=True, help="The database's schema.")
matrix = typer.Typer(no_args_is_help=True, help="The habilitation matrix: which profession may read what.")
app.add_typer(db, name="db")
app.add_typer(matrix, name="matrix")
app.add_typer(software.client, name="client")
app.add_typer(software.key, name="key")
app.add_typer(custody.record, name="record")
app.add_typer(evidence.audit, name="audit")
app.command()(custody.windows)
app.command()(custody.contents)
app.command()(doctor.doctor)
app.add_typer(accounts.account, name="account")

Data = Annotated[Path | None, typer.Option(help="private data folder; CARNET_DATA, else `data` in this folder")]
Professional = Annotated[str, typer.Option(metavar="IDNPS", help="a health professional")]
OccupationalPhysician = Annotated[str, typer.Option(metavar="IDNPS", help="an occupational physician")]
Holder = Annotated[str, typer.Option(metavar="NIR|ID", help="the holder of a record, by NIR or Patient id")]
Representative = Annotated[str, typer.Option(metavar="ID", help="a representative, by RelatedPerson id")]
Desk = Annotated[str, typer.Option(metavar="IDNST", help="a desk agent of a structure")]
Insurer = Annotated[str, typer.Option(metavar="IDNST", help="the insurer's feed")]
Software = Annotated[str, typer.Option(metavar="CLIENT", help="software without a person")]
Profession = Annotated[str, typer.Option(help="his profession: code of TRE_G15, or system|code")]
Specialty = Annotated[str, typer.Option(help="his specialty: code of TRE_R38, or system|code")]
Structure = Annotated[str, typer.Option(help="the structure that he acts in: IDNST, or system|value")]
BaseUrl = Annotated[str, typer.Option(help="public URL of the server, without /fhir; CARNET_BASE_URL")]


@app.command()
def worker(*, data: Data = None) -> None:
    """Tell people of what happened, from a process of its own; CARNET_NOTICES is false for the servers then."""
    import uvloop  # noqa: PLC0415 - no other command needs it

    with serving.database(settings_of(data=data)) as settings:
        uvloop.run(telling.tell(settings))


@app.command()
def notices(*, data: Data = None) -> None:
    """Print how many messages wait, how many will never arrive, and since when; never to whom."""
    with serving.database(settings_of(data=data)) as settings:
        rows = asyncio.run(telling.waiting(settings))
    table = Table("way", "messages", "given up", "most tries", "oldest")
    for row in rows:
        counts = [str(row[name]) for name in ("count", "failed", "tries")]
        table.add_row(row["way"], *counts, row["oldest"].isoformat(timespec="seconds"))
    Console().print(table)


def _representative(related_person: str) -> mint.Claims:
    return mint.representative(related_person, record_of("RelatedPerson", related_person))


CALLERS: dict[str, Callable[..., mint.Claims]] = {
    "professional": mint.professional,
    "occupational_physician": mint.occupational_physician,
    "holder": mint.holder,
    "representative": _representative,
    "desk": mint.desk,
    "insurer": mint.insurer,
    "software": mint.software,
}
"""Makes the claims of each caller: its first parameter names him, the others are the options that he takes."""
DETAILS = ("profession", "specialty", "structure", "purpose", "regulator", "acr", "secret", "name")


@app.command()
def token(  # noqa: PLR0913 - one argument for each option
    context: typer.Context,
    *,
    professional: Professional = "",
    occupational_physician: OccupationalPhysician = "",
    holder: Holder = "",
    representative: Representative = "",
    desk: Desk = "",
    insurer: Insurer = "",
    software: Software = "",
    profession: Profession = "",
    specialty: Specialty = "",
    structure: Structure = "",
    purpose: Annotated[str, typer.Option(help="purpose of use: code of v3-ActReason, such as ETREAT")] = "",
    regulator: Annotated[bool, typer.Option("--regulator", help="a SAMU regulator")] = False,
    acr: Annotated[str, typer.Option(help="how strongly identified; eidas1 unless told otherwise")] = "",
    secret: Annotated[bool, typer.Option("--secret", help="a minor's secret connection")] = False,
    name: Annotated[str, typer.Option(help="name of the person")] = "",
    scope: Annotated[str, typer.Option(help="SMART scopes; everything of his kind unless told otherwise")] = "",
    ttl: Annotated[int, typer.Option(min=1, help="seconds until it ends")] = mint.TTL,
    json: Annotated[bool, typer.Option("--json", help="print the claims as well")] = False,
    data: Data = None,
    base_url: BaseUrl = "",
) -> None:
    """Mint a token of a sandbox; it is the last line printed. Only who holds the server's signing key can."""
    settings = settings_of(data=data, base_url=base_url)
    claims = _claims(settings, context.params)
    if scope:
        claims["scope"] = scope
    claims = mint.complete(settings, claims, ttl)
    if json:
        typer.echo(orjson.dumps(claims, option=orjson.OPT_INDENT_2))
    typer.echo(SigningKeys.load(settings.data).sign(claims))


def _claims(settings: Settings, options: dict[str, Any]) -> mint.Claims:
    """Claims of the one caller that the options name; an option that says nothing of him is refused."""
    named = [kind for kind in CALLERS if options[kind]]
    if len(named) != 1:
        raise Misuse(f"name one caller: {', '.join(map(_flag, CALLERS))}")
    kind, who = named[0], options[named[0]]
    given = {detail: options[detail] for detail in DETAILS if options[detail]}
    foreign = given.keys() - inspect.signature(CALLERS[kind]).parameters.keys()
    if foreign:
        raise Misuse(f"{_flag(kind)} does not take {', '.join(map(_flag, sorted(foreign)))}")
    if kind == "holder" and len(who) == ins.LENGTH:
        with serving.database(settings) as ready:
            who = asyncio.run(operator.record_by_ins(ready, who))
    return CALLERS[kind](who, **given)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


@app.command()
def load(  # noqa: PLR0913 - one argument for each option
    context: typer.Context,
    paths: Annotated[list[Path], typer.Argument(exists=True, help="Bundles, NDJSON, or folders of them")],
    *,
    professional: Professional = "",
    occupational_physician: OccupationalPhysician = "",
    holder: Holder = "",
    representative: Representative = "",
    desk: Desk = "",
    insurer: Insurer = "",
    software: Software = "",
    profession: Profession = "",
    specialty: Specialty = "",
    structure: Structure = "",
    lenient: Annotated[bool, typer.Option("--lenient", help="end with status 0 where something was refused")] = False,
    data: Data = None,
) -> None:
    """Enter the resources of files as one caller, a doctor unless told otherwise; the directory as operator."""
    with serving.database(settings_of(data=data)) as settings:
        if settings.database_owner_url:
            asyncio.run(serving.migrate(settings))
        named = any(context.params[kind] for kind in CALLERS)
        claims = _claims(settings, context.params) if named else sample_record.CALLERS["DOCTOR"]
        lot = loading.read(paths)
        with Progress(console=ERRORS, disable=not ERRORS.is_terminal, transient=True) as progress:
            task = progress.add_task("loading", total=len(lot.units))
            fates = asyncio.run(loading.load(settings, claims, lot, lambda: progress.advance(task)))
    _summary(fates)
    if any(fate.refused for fate in fates) and not lenient:
        raise typer.Exit(1)


@app.command()
def sample(
    *,
    records: Annotated[int, typer.Option(min=1, help="records to make")],
    seed: Annotated[int, typer.Option(min=0, help="the same seed makes the same records")] = 1,
    data: Data = None,
) -> None:
    """Make many records of invented people at once, as the server would have written them: for trials alone."""
    with serving.database(settings_of(data=data)) as settings:
        if not settings.sandbox_tokens:
            raise Misuse(f"a sample needs sandbox tokens: {PREFIX}SANDBOX_TOKENS is false")
        asyncio.run(serving.migrate(settings))
        parts = (TextColumn("documents"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[pace]:.0f}/s"))
        with Progress(*parts, TimeRemainingColumn(), console=ERRORS, disable=not ERRORS.is_terminal) as progress:
            started, task = time.monotonic(), progress.add_task("", total=None, pace=0.0)

            def told(documents: int) -> None:
                progress.advance(task, documents)
                pace = progress.tasks[0].completed / (time.monotonic() - started)
                progress.update(task, total=progress.tasks[0].total or population.expected(plan), pace=pace)

            plan = population.Plan(records, seed, told)
            made = asyncio.run(population.make(settings, plan))
        took = time.monotonic() - started
    typer.echo(f"{records} records, {made} documents, {made / took:.0f} documents a second")


def _summary(fates: Counter[loading.Fate]) -> None:
    """Counts by type, and refusals by reason: never a value of a resource."""
    console = Console()
    entered = Table("type", "new", "there already", "refused")
    for kind in sorted({fate.type for fate in fates}):
        mine = [(fate, count) for fate, count in fates.items() if fate.type == kind]
        new = sum(count for fate, count in mine if fate.status == HTTPStatus.CREATED)
        refused = sum(count for fate, count in mine if fate.refused)
        entered.add_row(kind, str(new), str(sum(count for _, count in mine) - new - refused), str(refused))
    console.print(entered)
    refusals = sorted((fate, count) for fate, count in fates.items() if fate.refused)
    if refusals:
        table = Table("refused", "status", "reason", "where", "times")
        for fate, count in refusals:
            table.add_row(fate.type, str(int(fate.status)), fate.reason, fate.expression, str(count))
        console.print(table)


@db.command()
def upgrade(*, data: Data = None) -> None:
    """Bring the database to the newest schema."""
    with serving.database(settings_of(data=data)) as settings:
        asyncio.run(serving.migrate(settings))
    typer.echo("the schema is the newest")


@db.command("check")
def check_schema(*, data: Data = None) -> None:
    """Compare the database with the declared schema; status 1 where they differ."""
    with serving.database(settings_of(data=data)) as settings:
        differences = asyncio.run(check(serving.owner(settings)))
    for difference in differences:
        typer.echo(difference)
    if differences:
        raise typer.Exit(1)
    typer.echo("the schema is as declared")


@db.command()
def distribute(
    parts: Annotated[int, typer.Option("--hash", min=0, max=partition.MOST, help="parts of each table; 1: whole")] = 0,
    *,
    cluster: Annotated[
        str, typer.Option("--citus", metavar="URL", help="a superuser's, to the coordinator of a Citus cluster")
    ] = "",
    data: Data = None,
) -> None:
    """Bring the tables of records into hash partitions by record, or spread them over the workers of a Citus cluster.

    Run it again after an upgrade. The password of a URL may be in PGPASSWORD.
    """
    if (parts > 0) == bool(cluster):
        message = "distribute takes one of --hash and --citus"
        raise Misuse(message)
    with serving.database(settings_of(data=data)) as settings:
        if cluster:
            typer.echo(f"{len(_spread(cluster, serving.role(settings)))} tables changed: records are on the workers")
            return
        changed = asyncio.run(partition.distribute(serving.owner(settings), parts, serving.role(settings)))
    typer.echo(
        f"{len(changed)} tables changed: each table of records is {'whole' if parts == 1 else f'in {parts} parts'}"
    )


def _spread(url: str, role: str) -> list[str]:
    try:
        return asyncio.run(citus.distribute(url, role))
    except citus.NoClusterError:
        message = "this database is of no Citus coordinator with workers, or its tables are in parts: docs/scale.md"
        raise Misuse(message) from None


@matrix.command()
def show(*, data: Data = None) -> None:
    """Print the matrix in force: version, digest, and the cells of each profession."""
    with serving.database(settings_of(data=data)) as settings:
        found = asyncio.run(operator.matrix_in_force(settings))
    typer.echo(f"version {found.version}, sha256 {found.digest or 'unknown'}")
    table = Table("profession", "may read", "may not read")
    for profession in sorted({cell["profession"] for cell in found.cells}):
        mine = [cell for cell in found.cells if cell["profession"] == profession]
        table.add_row(profession.rpartition("|")[2], _targets(mine, read=True), _targets(mine, read=False))
    Console().print(table)


def _targets(cells: list[asyncpg.Record], *, read: bool) -> str:
    found = [cell for cell in cells if cell["read"] is read]
    return ", ".join(
        sorted(c["target"] if c["target_kind"] == "type" else f"{c['target_kind']} {c['target']}" for c in found)
    )


@matrix.command("load")
def load_matrix(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV")], *, data: Data = None
) -> None:
    """Put the matrix of a CSV file in force, for the very next request; a file with a fault changes nothing."""
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise Misuse(f"the matrix is not UTF-8: byte {error.start}") from None
    with serving.database(settings_of(data=data)) as settings:
        version = asyncio.run(operator.replace_matrix(settings, text))
    typer.echo(f"version {version} is in force")
