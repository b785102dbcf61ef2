"""`carnet account`: people who sign in, where who runs the server has to help."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from app import enrolment
from app import serve as serving
from app.serve import settings_of

account = typer.Typer(no_args_is_help=True, help="Accounts of holders and representatives.")

Data = Annotated[Path | None, typer.Option(help="private data folder; CARNET_DATA, else `data` in this folder")]
Number = Annotated[str, typer.Argument(metavar="NIR", help="the NIR of its holder, or the number of a representative")]


@account.command()
def represent(
    number: Number, related_person: Annotated[str, typer.Argument(help="his RelatedPerson id")], *, data: Data = None
) -> None:
    """Let a holder choose the record of somebody whom he represents."""
    with serving.database(settings_of(data=data)) as settings:
        asyncio.run(enrolment.represent(settings, number, related_person))
    typer.echo("he may choose that record at his next sign-in")


@account.command()
def reach(
    number: Number,
    *,
    email: Annotated[str, typer.Option(help="his e-mail address")] = "",
    mobile: Annotated[str, typer.Option(help="his mobile number")] = "",
    data: Data = None,
) -> None:
    """Say where somebody is reached who was identified in person; a former address is told of it."""
    with serving.database(settings_of(data=data)) as settings:
        asyncio.run(enrolment.reach(settings, number, email, mobile))
    typer.echo("his codes go there when his account is opened: `carnet account reset` shuts one that is open")


@account.command()
def reset(number: Number, *, data: Data = None) -> None:
    """Shut an account until a new code opens it, and end its sessions."""
    with serving.database(settings_of(data=data)) as settings:
        ended = asyncio.run(enrolment.reset(settings, number))
    typer.echo(f"the account waits for a new code; {ended} sessions ended")
