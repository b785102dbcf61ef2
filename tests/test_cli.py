from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest
from joserfc.jwk import ECKey

from app import cli, sample
from app.access import DOCTOR, PHARMACIST, Kind
from app.auth.keys import SigningKeys
from app.auth.token import Verifier
from app.serve import settings_of
from app.settings import Settings
from tests.software import jwks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from app.access import Access
    from app.storage.embedded import Urls


class Done(NamedTuple):
    """What a command left: exit status, lines on the two outputs."""

    status: int
    out: list[str]
    err: list[str]


@pytest.fixture
def carnet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Runs the command line in an environment of its own."""
    for name in [name for name in os.environ if name.startswith("CARNET_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CARNET_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["carnet", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return Done(int(end.value.code or 0), said.out.splitlines(), said.err.splitlines())

    return run


def caller(token: str, **settings: str) -> Access:
    """Who a server takes the bearer of a token for."""
    made = Settings(**settings)  # type: ignore[arg-type] # from the environment
    return Verifier(made, SigningKeys.load(made.data)).verify(f"Bearer {token}")


def test_a_professional_is_as_his_options_say(carnet: Callable[..., Done]) -> None:
    options = "--profession 21 --structure 1750000002 --purpose ETREAT --regulator --acr eidas2 --secret --name Camille"
    done = carnet("token", "--professional", "899700218904", *options.split())
    assert done.status == 0
    asked = caller(done.out[-1])
    assert (asked.kind, asked.subject, asked.profession) == (Kind.PROFESSIONAL, "person|899700218904", PHARMACIST)
    assert (asked.structure, asked.purpose, asked.acr) == ("structure|1750000002", "ETREAT", "eidas2")
    assert asked.regulator
    assert asked.secret
    assert asked.name == "Camille"


@pytest.mark.parametrize(
    ("options", "kind", "subject"),
    [
        ("--professional 899700218896 --specialty SM54", Kind.PROFESSIONAL, "person|899700218896"),
        ("--occupational-physician 899700218896", Kind.OCCUPATIONAL_PHYSICIAN, "person|899700218896"),
        ("--holder abcdefghijkmnpqrstuv", Kind.HOLDER, "holder|abcdefghijkmnpqrstuv"),
        ("--representative abcdefghijkmnpqrstuv.xyz", Kind.REPRESENTATIVE, "related|abcdefghijkmnpqrstuv.xyz"),
        ("--desk 1750000001", Kind.DESK, "structure|1750000001"),
        ("--insurer 1750000009", Kind.INSURER, "structure|1750000009"),
        ("--software dpi --structure 1750000001", Kind.SOFTWARE, "software|dpi"),
    ],
)
def test_every_caller_has_a_token(carnet: Callable[..., Done], options: str, kind: Kind, subject: str) -> None:
    asked = caller(carnet("token", *options.split()).out[-1])
    assert (asked.kind, asked.subject) == (kind, subject)
    assert asked.allows("DocumentReference", "r")
    if kind in {Kind.HOLDER, Kind.REPRESENTATIVE}:
        assert asked.record == "abcdefghijkmnpqrstuv"
    if kind in {Kind.PROFESSIONAL, Kind.OCCUPATIONAL_PHYSICIAN}:
        assert asked.profession == DOCTOR
        assert asked.acr == "eidas1"


def test_scope_and_time_are_as_told(carnet: Callable[..., Done]) -> None:
    done = carnet("token", "--desk", "1750000001", "--scope", "user/Patient.rs", "--ttl", "60", "--json")
    claims = json.loads("\n".join(done.out[:-1]))
    assert claims["exp"] - claims["iat"] == 60
    assert claims["sandbox"] is True
    asked = caller(done.out[-1])
    assert asked.scopes == {"Patient.r", "Patient.s"}


def test_a_token_is_for_the_address_that_the_options_name(carnet: Callable[..., Done]) -> None:
    done = carnet("token", "--desk", "1750000001", "--base-url", "https://carnet.example")
    assert caller(done.out[-1], base_url="https://carnet.example").kind is Kind.DESK


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("token", "name one caller"),
        ("token --desk 1 --insurer 2", "name one caller"),
        ("token --desk 1 --regulator", "--desk does not take --regulator"),
        ("token --holder x --profession 10", "--holder does not take --profession"),
    ],
)
def test_a_caller_who_cannot_be_is_told_in_one_line(carnet: Callable[..., Done], arguments: str, said: str) -> None:
    done = carnet(*arguments.split())
    assert done.status == 2
    assert len(done.err) == 1
    assert said in done.err[0]


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CARNET_COLOUR", "blue", "unknown settings: CARNET_COLOUR"),
        ("CARNET_PORT", "s3cret", "CARNET_PORT: "),
        ("CARNET_WORKERS", "0", "CARNET_WORKERS: "),
        ("CARNET_DATABASE_OWNER_URL", "postgresql://s3cret@/x", "CARNET_DATABASE_URL is missing"),
    ],
)
@pytest.mark.parametrize("command", ["serve", "db upgrade", "matrix show"])
def test_a_wrong_setting_is_told_in_one_line_without_its_value(
    carnet: Callable[..., Done], monkeypatch: pytest.MonkeyPatch, command: str, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    done = carnet(*command.split())
    assert done.status == 2
    assert len(done.err) == 1
    assert said in done.err[0]
    assert "s3cret" not in done.err[0]


def test_a_sample_needs_sandbox_tokens(carnet: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARNET_SANDBOX_TOKENS", "false")
    done = carnet("serve", "--sample")
    assert (done.status, len(done.err)) == (2, 1)
    assert "CARNET_SANDBOX_TOKENS" in done.err[0]


def test_an_option_stands_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARNET_PORT", "1")
    assert settings_of(port=2).port == 2
    assert settings_of(port=None).port == 1


def test_the_data_folder_is_data_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARNET_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    assert settings_of().data == tmp_path / "data"


@pytest.fixture
def on_database(
    module_database_urls: Urls, carnet: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Done]:
    """The command line on a database that is there."""
    monkeypatch.setenv("CARNET_DATABASE_URL", module_database_urls.serve)
    monkeypatch.setenv("CARNET_DATABASE_OWNER_URL", module_database_urls.owner)
    return carnet


def test_a_holder_is_found_by_his_nir(on_database: Callable[..., Done], tmp_path: Path) -> None:
    opening = tmp_path / "opening.json"
    opening.write_text(json.dumps(sample.opening("https://carnet.example/fhir")), encoding="utf-8")
    assert on_database("load", str(opening)).status == 0
    asked = caller(on_database("token", "--holder", sample.NIR).out[-1])
    assert asked.subject == f"holder|{asked.record}"
    assert len(asked.record) == 20
    unknown = on_database("token", "--holder", "180127512345642")
    assert (unknown.status, len(unknown.err)) == (1, 1)
    assert "180127512345642" not in unknown.err[0]


def test_the_schema_is_brought_up_and_compared(on_database: Callable[..., Done]) -> None:
    assert on_database("db", "upgrade").status == 0
    assert on_database("db", "check") == (0, ["the schema is as declared"], [])


def test_only_the_owner_migrates(on_database: Callable[..., Done], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CARNET_DATABASE_OWNER_URL")
    done = on_database("db", "upgrade")
    assert (done.status, len(done.err)) == (2, 1)
    assert "CARNET_DATABASE_OWNER_URL is missing" in done.err[0]


def test_the_matrix_is_shown_and_replaced(on_database: Callable[..., Done], tmp_path: Path) -> None:
    before = on_database("matrix", "show")
    assert before.out[0].startswith("version ")
    assert any("ATTEST-RESID" in line for line in before.out)
    file = tmp_path / "matrix.csv"
    head = "profession_system,profession,target_kind,target,read,basis,source\n"
    file.write_text(f"{head}urn:x,1,any,*,yes,stated,test\n", encoding="utf-8")
    assert on_database("matrix", "load", str(file)).status == 0
    after = on_database("matrix", "show")
    assert after.out[0] != before.out[0]
    assert not any("ATTEST-RESID" in line for line in after.out)
    file.write_text(f"{head}urn:x,1,any,*,perhaps,stated,test\n", encoding="utf-8")
    wrong = on_database("matrix", "load", str(file))
    assert (wrong.status, len(wrong.err)) == (1, 1)
    assert on_database("matrix", "show").out == after.out


def test_a_matrix_that_is_no_text_is_told_in_one_line(on_database: Callable[..., Done], tmp_path: Path) -> None:
    before = on_database("matrix", "show").out
    file = tmp_path / "matrix.csv"
    file.write_bytes("profession_system,profession,target_kind,target,read,basis,source\nà".encode("latin-1"))
    done = on_database("matrix", "load", str(file))
    assert (done.status, done.err) == (2, ["carnet: the matrix is not UTF-8: byte 66"])
    file.write_text("profession_system,profession,target_kind,target,read,basis,source\nurn:x,1,any,*,yes\n", "utf-8")
    done = on_database("matrix", "load", str(file))
    assert (done.status, done.err) == (1, ["carnet: line 2 of the matrix is not complete"])
    assert on_database("matrix", "show").out == before


APP = "client add App --grant authorization_code --kind holder --scope openid --redirect-uri https://app.example/back"


def test_software_is_registered_renewed_and_disabled(on_database: Callable[..., Done], tmp_path: Path) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text(jwks(ECKey.generate_key("P-384"), "key-1"), encoding="utf-8")
    public = on_database(*APP.split(), "--id", "app")
    assert (public.status, public.out[-1]) == (0, "app")
    backend = "client add Backend --grant client_credentials --scope system/*.c --structure 1750000001 --jwks"
    made = on_database(*backend.split(), str(keys)).out[-1]
    listed = "\n".join(on_database("client", "list").out)
    assert all(word in listed for word in ("app", made, "private_key_jwt", "active"))
    assert on_database("client", "rotate", made, "--jwks-uri", "https://backend.example/jwks").status == 0
    assert on_database("client", "disable", made).status == 0
    assert "disabled" in "\n".join(on_database("client", "list").out)
    for late in ("disable", "rotate"):
        again = on_database("client", late, made, *(["--jwks", str(keys)] if late == "rotate" else []))
        assert (again.status, len(again.err)) == (1, 1)


@pytest.mark.parametrize(
    "arguments",
    [
        f"{APP} --redirect-uri http://app.example/back",
        f"{APP} --redirect-uri javascript:alert(1)",
        f"{APP} --redirect-uri https://app.example/back#x",
        f"{APP} --redirect-uri https://*.app.example/",
        f"{APP} --origin https://app.example/",
        f"{APP} --grant client_credentials",
        f"{APP} --grant password",
        f"{APP} --scope nonsense",
        f"{APP} --kind operator",
        f"{APP} --jwks-uri http://app.example/jwks",
        "client add App --grant authorization_code --kind holder --scope openid",
    ],
)
def test_software_that_cannot_be_is_refused_in_one_line(on_database: Callable[..., Done], arguments: str) -> None:
    done = on_database(*arguments.split())
    assert (done.status, len(done.err)) == (1, 1)
