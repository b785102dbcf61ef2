"""`carnet record` and `carnet windows`: what the operator does to a record, and reviews of emergencies."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from app import operator
from app import serve as serving
from app.serve import settings_of

record = typer.Typer(no_args_is_help=True, help="The end of a record, and holds against it.")

Data = Annotated[Path | None, typer.Option(help="private data folder; CARNET_DATA, else `data` in this folder")]
Key = Annotated[str, typer.Argument(metavar="ID", help="the record: its Patient id")]


@record.command()
def destroy(
    key: Key,
    *,
    reason: Annotated[str, typer.Option(help="a code: fraud, malfunction")],
    heard: Annotated[bool, typer.Option("--heard", help="the holder was heard")] = False,
    data: Data = None,
) -> None:
    """Destroy a record at once and for good, in every backup too; its holder has to be heard before."""
    if not heard:
        raise serving.Misuse("hear the holder first, and say so with --heard")
    with serving.database(settings_of(data=data)) as settings:
        asyncio.run(operator.destroy(settings, key, reason))
    typer.echo("the record is destroyed")


@record.command()
def hold(key: Key, *, reason: Annotated[str, typer.Option(help="which court, which case")], data: Data = None) -> None:
    """Keep a record from every destruction, the end of its term included."""
    with serving.database(settings_of(data=data)) as settings:
        asyncio.run(operator.hold(settings, key, reason))
    typer.echo("the record is held")


@record.command()
def release(key: Key, *, data: Data = None) -> None:
    """Let a held record go."""
    with serving.database(settings_of(data=data)) as settings:
        asyncio.run(operator.hold(settings, key, ""))
    typer.echo("the record is held no longer")


def windows(*, days: Annotated[int, typer.Option(min=1, help="how far back")] = 30, data: Data = None) -> None:
    """Print the emergency windows of the last days, open ones marked: who, why, and what he did by it."""
    with serving.database(settings_of(data=data)) as settings:
        found = asyncio.run(operator.emergency_windows(settings, datetime.now(UTC) - timedelta(days=days)))
    table = Table("from", "until", "open", "record", "who", "structure", "acts", "documents", "reason")
    for one in found:
        period = [at.isoformat(timespec="seconds") for at in (one.starts, one.ends)]
        counts = [str(one.acts), str(one.documents)]
        table.add_row(*period, "yes" if one.open else "", one.record, one.subject, one.structure, *counts, one.reason)
    Console().print(table)


def contents(
    *, delete: Annotated[bool, typer.Option("--delete", help="delete what no row names")] = False, data: Data = None
) -> None:
    """Compare the contents with the rows that name them; status 1 where a content is missing."""
    with serving.database(settings_of(data=data)) as settings:
        found = asyncio.run(operator.contents(settings, delete=delete))
    typer.echo(
        f"{found.objects} contents, {len(found.orphans)} of no row{', deleted' * delete}, {found.missing} missing"
    )
    if found.missing:
        raise typer.Exit(1)
