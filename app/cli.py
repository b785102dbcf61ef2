"""The command line: `carnet serve`, and what `carnet --help` names beside it.

What is wrong with a setting or an option is told in one line, with exit status 2; what went wrong, with 1.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import asyncpg
import typer
from typer.core import TyperGroup

from app import serve as serving
from app.errors import Refusal
from app.serve import Misuse, settings_of
from app.storage.embedded import StartError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typer._click.core import Command, Context  # typer brings its own click

EXPECTED = (StartError, Refusal, asyncpg.PostgresError, OSError, RuntimeError)
"""What can go wrong in a place that is not as it should be: told without a traceback."""

Data = Annotated[Path | None, typer.Option(help="private data folder; CARNET_DATA, else `data` in this folder")]


class Commands(TyperGroup):
    """`serve` is here at once; the other commands are looked up where one of them is asked for (app.commands)."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Every name, in the order of the help."""
        return [*super().list_commands(ctx), *_others()]

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """The command of a name; None where there is none."""
        return super().get_command(ctx, cmd_name) or _others().get(cmd_name)


def _others() -> Mapping[str, Command]:
    group = typer.main.get_command(import_module("app.commands").app)
    assert isinstance(group, TyperGroup)  # noqa: S101 - for the checker: several commands make a group
    return group.commands


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A shared health record.",
)


@app.callback()
def carnet() -> None:
    """Make `serve` a command by name, though it stands alone here."""


@app.command()
def serve(
    *,
    host: Annotated[str | None, typer.Option(help="address to listen on; CARNET_HOST")] = None,
    port: Annotated[int | None, typer.Option(help="port to listen on, 0 for a free one; CARNET_PORT")] = None,
    workers: Annotated[int | None, typer.Option(help="server processes; CARNET_WORKERS")] = None,
    data: Data = None,
    sample: Annotated[bool, typer.Option(help="make a sample record, and show lines that ask for it")] = False,
) -> None:
    """Serve the API; without CARNET_DATABASE_URL on a PostgreSQL of its own, in the data folder."""
    settings = settings_of(host=host, port=port, workers=workers, data=data)
    raise typer.Exit(serving.serve(settings, with_sample=sample))


def main() -> None:
    """Run the command line; what was to be expected is told in one line."""
    try:
        app()
    except Misuse as error:
        _end(error, 2)
    except EXPECTED as error:
        _end(error, 1)


def _end(error: Exception, status: int) -> None:
    typer.echo(f"carnet: {' '.join(str(error).split())}", err=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
