"""`carnet audit`: whether the trail is what was written, and a holder's journal with proofs."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer
from rich.console import Console

from app import operator
from app import serve as serving
from app.main import furnish
from app.resources import ins
from app.serve import settings_of
from app.storage.anchors import File
from app.storage.chain import Kind, Ring
from app.storage.keys import KeyStore
from app.storage.sealing import Head
from app.storage.verifying import Known, verify

if TYPE_CHECKING:
    from app.settings import Settings
    from app.storage.chain import Block
    from app.storage.verifying import Report

audit = typer.Typer(no_args_is_help=True, help="The trail: who did what, and whether that is what was written.")

Data = Annotated[Path | None, typer.Option(help="private data folder; CARNET_DATA, else `data` in this folder")]
Jobs = Annotated[int, typer.Option(min=0, help="connections that digest rows at once; 0: as many as there are cores")]
Kept = Annotated[list[Path] | None, typer.Option("--anchors", exists=True, help="blocks that were kept elsewhere")]


@audit.command("verify")
def check(*, jobs: Jobs = 0, anchors: Kept = None, data: Data = None) -> None:
    """Compare every act with its chain; prints what was changed, taken, added or moved, with status 1."""
    started = time.perf_counter()
    with serving.database(settings_of(data=data)) as settings:
        report = asyncio.run(_verify(settings, jobs or os.cpu_count() or 1, anchors or []))
    _print(report, time.perf_counter() - started)
    if report.findings:
        raise typer.Exit(1)


async def _verify(settings: Settings, jobs: int, elsewhere: list[Path]) -> Report:
    keys, home = KeyStore(settings.data / "keys"), settings.data / "trail"
    blocks: list[Block] = [block for path in (home / "anchors", *elsewhere) for block in File(path).blocks()]
    head = Head(home / "head").read()
    ring = await Ring.load(keys)
    known = Known(tuple(one.public for one in ring.signers), [*blocks, *([head] if head else [])], keys.destroyed())
    return await verify(serving.owner(settings), known, jobs)


def _print(report: Report, seconds: float) -> None:
    console = Console(soft_wrap=True)
    for one in report.findings:
        console.print(f"{one.what}: {one.where}", style="red", highlight=False)
    for note in report.notes:
        console.print(note, highlight=False)
    newest = f", the last {report.newest.number} sealed {report.newest.said['made']}" if report.newest else ""
    console.print(f"{report.rows} acts in {report.blocks} blocks{newest}; {seconds:.1f} s", highlight=False)
    if report.waiting:
        console.print(f"{report.waiting} acts are in no block yet", highlight=False)
    console.print(f"{len(report.findings)} findings" if report.findings else "nothing was changed", highlight=False)


@audit.command()
def export(
    holder: Annotated[str, typer.Argument(metavar="NIR|ID", help="the holder of a record, by NIR or Patient id")],
    *,
    out: Annotated[Path, typer.Option(dir_okay=False, help="the file to write, which only its owner may read")],
    data: Data = None,
) -> None:
    """Write the journal of a record as its holder may read it, with proofs that `scripts/journal` checks anywhere."""
    with serving.database(settings_of(data=data)) as settings:
        key = asyncio.run(operator.record_by_ins(settings, holder)) if len(holder) == ins.LENGTH else holder
        journal = asyncio.run(operator.journal(settings, key))
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(orjson.dumps(journal, option=orjson.OPT_INDENT_2))
    typer.echo(f"{len(journal['acts'])} acts, public key {journal['public_key']}")


@audit.command()
def key(*, data: Data = None) -> None:
    """Print the public keys that blocks are checked with, the newest last."""
    keys = KeyStore(settings_of(data=data).data / "keys")
    typer.echo("\n".join(asyncio.run(Ring.load(keys)).public_keys))


@audit.command()
def rotate(*, data: Data = None) -> None:
    """Have another key sign the chain from now on, every worker's; what was signed is checked with the old ones."""
    with serving.database(settings_of(data=data)) as settings:
        block = asyncio.run(_rotated(settings))
    typer.echo(f"block {block.number} names the new key {block.said['public_key']}")


async def _rotated(settings: Settings) -> Block:
    async with furnish(settings) as office:
        return await office.sealer.rotate()


@audit.command()
def restored(
    *, reason: Annotated[str, typer.Option(help="which backup, and why; names no person")], data: Data = None
) -> None:
    """Say in the chain why blocks are gone that were there: the database was restored from a backup."""
    with serving.database(settings_of(data=data)) as settings:
        block = asyncio.run(_restored(settings, reason))
    typer.echo(f"block {block.number} says so")


async def _restored(settings: Settings, reason: str) -> Block:
    async with furnish(settings) as office:
        return await office.sealer.enter(Kind.RESTORED, reason=reason)
