"""`carnet client` and `carnet key`: software that may ask for tokens, and the key that signs them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from app import registry
from app import serve as serving
from app.auth import certificate
from app.auth.keys import rotate as rotate_key
from app.auth.server.jwks import KeysError, read
from app.auth.server.party import ASSERTED, CERTIFIED, PUBLIC, SELF_SIGNED
from app.auth.token import LEEWAY, LIFETIME
from app.serve import Misuse, settings_of

if TYPE_CHECKING:
    from app.auth.server.party import Client

client = typer.Typer(no_args_is_help=True, help="Software that may ask for tokens.")
key = typer.Typer(no_args_is_help=True, help="The key that signs tokens.")

NOTICED = 2.0
"""Seconds in which every worker has read a new key."""
READABLE = {"exists": True, "dir_okay": False}

Data = Annotated[Path | None, typer.Option(help="private data folder; CARNET_DATA, else `data` in this folder")]
Id = Annotated[str, typer.Argument(help="the client's id")]
Jwks = Annotated[Path | None, typer.Option(help="its public keys: a JWK Set", **READABLE)]
JwksUri = Annotated[str, typer.Option(help="where its public keys are")]
Cert = Annotated[Path | None, typer.Option(help="its own certificate, in PEM (self-signed or pinned)", **READABLE)]
SubjectDn = Annotated[str, typer.Option(help="subject of its certificate (RFC 4514), which the proxy verifies")]


@client.command()
def add(  # noqa: PLR0913 - one argument for each option
    name: Annotated[str, typer.Argument(help="its name, as people are shown it")],
    *,
    id: Annotated[str, typer.Option(help="its id; a random one unless told otherwise")] = "",
    grant: Annotated[list[str], typer.Option(help="grants, such as authorization_code")],
    scope: Annotated[str, typer.Option(help="the most that its tokens may say")],
    kind: Annotated[list[str] | None, typer.Option(help="callers whose tokens it may have, such as holder")] = None,
    redirect_uri: Annotated[list[str] | None, typer.Option(help="where codes are sent, exactly")] = None,
    origin: Annotated[list[str] | None, typer.Option(help="web origin that may call (CORS)")] = None,
    jwks: Jwks = None,
    jwks_uri: JwksUri = "",
    cert: Cert = None,
    subject_dn: SubjectDn = "",
    structure: Annotated[str, typer.Option(help="the structure that it deposits for: IDNST, or system|value")] = "",
    bound: Annotated[bool, typer.Option("--bound", help="bind its tokens to its certificate")] = False,
    introspects: Annotated[bool, typer.Option("--introspects", help="it may introspect any token")] = False,
    data: Data = None,
) -> None:
    """Register software; its id is the last line printed. Without keys or certificate it is public."""
    values: dict[str, Any] = _proof(jwks, jwks_uri, cert, subject_dn)
    values |= {"id": id, "name": name, "grants": tuple(grant), "scope": scope, "kinds": tuple(kind or ("software",))}
    values |= {"redirect_uris": tuple(redirect_uri or ()), "origins": tuple(origin or ()), "structure": structure}
    values |= {"method": _method(values), "bound": bound, "introspects": introspects}
    with serving.database(settings_of(data=data)) as settings:
        typer.echo(asyncio.run(registry.add(settings, values)))


@client.command("list")
def show(*, data: Data = None) -> None:
    """List registered software."""
    with serving.database(settings_of(data=data)) as settings:
        found = asyncio.run(registry.everyone(settings))
    table = Table()
    for name in ("id", "name", "proof", "grants", "callers", "scope", "state"):
        table.add_column(name, overflow="fold", no_wrap=name == "id")  # an id is copied from here
    for one in found:
        table.add_row(*_row(one))
    Console().print(table)


def _row(one: Client) -> tuple[str, ...]:
    grants = ", ".join(grant.rpartition(":")[2] for grant in one.grants)
    return (
        one.id,
        one.name,
        one.method,
        grants,
        ", ".join(one.kinds),
        one.scope,
        "disabled" if one.disabled else "active",
    )


@client.command()
def rotate(
    identifier: Id,
    *,
    jwks: Jwks = None,
    jwks_uri: JwksUri = "",
    cert: Cert = None,
    subject_dn: SubjectDn = "",
    data: Data = None,
) -> None:
    """Put other keys, or another certificate, in the place of those that a client has."""
    with serving.database(settings_of(data=data)) as settings:
        asyncio.run(registry.rotate(settings, identifier, _proof(jwks, jwks_uri, cert, subject_dn)))
    typer.echo(f"{identifier} proves itself anew")


@client.command()
def disable(identifier: Id, *, data: Data = None) -> None:
    """Take all rights of a client away, those of its tokens within a second."""
    with serving.database(settings_of(data=data)) as settings:
        asyncio.run(registry.disable(settings, identifier))
    typer.echo(f"{identifier} is disabled")


def _proof(jwks: Path | None, jwks_uri: str, cert: Path | None, subject_dn: str) -> dict[str, Any]:
    """What is said of keys and certificates; Misuse for a file that holds none."""
    found: dict[str, Any] = {"jwks_uri": jwks_uri, "subject_dn": subject_dn}
    try:
        if jwks is not None:
            found["jwks"] = jwks.read_text("utf-8")
            if not read(found["jwks"].encode()):
                raise Misuse("the JWK Set holds no key with a kid for RS384 or ES384")
        if cert is not None:
            found["thumbprints"] = (certificate.of_pem(cert.read_bytes()).thumbprint,)
    except (KeysError, ValueError) as error:
        raise Misuse(str(error)) from None
    return {name: value for name, value in found.items() if value}


def _method(values: dict[str, Any]) -> str:
    ways = {"jwks": ASSERTED, "jwks_uri": ASSERTED, "subject_dn": CERTIFIED, "thumbprints": SELF_SIGNED}
    return next((way for name, way in ways.items() if values.get(name)), PUBLIC)


@key.command("rotate")
def renew(*, data: Data = None) -> None:
    """Sign tokens with a new key; the old one verifies until its last token has ended."""
    folder = settings_of(data=data).data
    kid = rotate_key(folder, lambda: time.sleep(NOTICED), LIFETIME + 2 * LEEWAY)
    typer.echo(f"tokens are signed with {kid}")
