"""`carnet doctor`, on a server that is well and on some that are not."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from app import doctor
from app.doctor import Mark
from app.settings import Settings
from app.storage.embedded import OWNER
from app.storage.examining import examine
from app.storage.keys import KeyStore
from app.storage.migrate import upgrade

if TYPE_CHECKING:
    from pathlib import Path

    from app.storage.embedded import Urls
    from tests.conftest import Cluster


@pytest.fixture
def well(module_database_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a server on a migrated database."""
    for name in [name for name in os.environ if name.startswith("CARNET_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CARNET_DATABASE_URL", module_database_urls.serve)
    monkeypatch.setenv("CARNET_DATABASE_OWNER_URL", module_database_urls.owner)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    KeyStore(data / "keys")
    return data


def failed(data: Path) -> dict[str, str]:
    """What is wrong, by what was looked at."""
    return {one.what: one.said for one in doctor.examined(data) if one.mark is Mark.FAIL}


def test_what_is_well_and_what_is_not(well: Path, module_database_urls: Urls, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = {one.what for one in doctor.examined(well)}
    assert looked >= {"settings", "disk", "data", "keys", "contents", "roles", "database", "clock", "schema", "trail"}
    volatile = {"database", "trail"}  # the tests' database gives up safety for speed, and no server made its months
    assert failed(well).keys() <= volatile
    (well / "signing.pem").write_text("a key")
    (well / "signing.pem").chmod(0o644)
    assert failed(well)["data"] == "`signing.pem` is open to other accounts"
    (well / "keys" / "master").unlink()
    assert "keys" in failed(well)
    monkeypatch.setenv("CARNET_DATABASE_URL", module_database_urls.owner)
    assert "serving role" in failed(well)["roles"]
    monkeypatch.setenv("CARNET_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    assert "cannot connect" in failed(well)["database"]
    monkeypatch.setenv("CARNET_PORT", "many")
    assert "CARNET_PORT" in failed(well)["settings"]


@pytest.mark.slow
async def test_a_database_whose_locale_knows_few_letters_is_told_of(
    cluster: Cluster, database_urls: Urls, tmp_path: Path
) -> None:
    assert (await examine(database_urls.owner)).lettered
    # C of the system's library: no copy of the template can have another locale than it
    locale = "ENCODING 'UTF8' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
    cluster.run("DROP DATABASE IF EXISTS few", f"CREATE DATABASE few OWNER {OWNER} {locale}")
    try:
        url = cluster.url(OWNER, "few")
        await upgrade(url)
        seen = await examine(url)
        assert not seen.lettered
        said = [one.said for one in doctor._seen(seen, Settings(data=tmp_path)) if one.mark is Mark.WARN]  # noqa: SLF001
        assert any("locale" in one for one in said)
    finally:
        cluster.drop("few")
