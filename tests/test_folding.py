"""Strings as French writes them: what is folded, that the trail folds alike, that older rows are folded anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import asyncpg
import pytest
from alembic import command
from sqlalchemy import Text, column, literal, select, values

from app.resources.extraction import EXACT, fold
from app.storage import migrate
from app.storage.fence import Unjudged
from app.storage.journal import _string
from app.storage.migrate import upgrade
from app.storage.statement import Statement
from tests.serving import LOINC, document, serving
from tests.world import DOCTOR, opened

if TYPE_CHECKING:
    from pathlib import Path

    from app.storage.embedded import Urls

FOLDED = {
    "Œuvre": "oeuvre",
    "cœur et ÆGIR": "coeur et aegir",
    "Françoise  Lefèvre-Dupont": "francoise lefevre dupont",
    "D'Aubigné": "d aubigne",
    "D\u2019Aubigné": "d aubigne",
    "Jean\u2011Noël": "jean noel",
    "Jean\u2013Noël": "jean noel",
    "  Bézier ": "bezier",
    "\ufb01n de dossier": "fin de dossier",
    "Straße": "strasse",
    "Łódź, Ørsted": "lodz, orsted",
    "cafe\u0301": "cafe",
    "100 %": "100 %",
    "Ÿ": "y",
    "'": "",
}


@pytest.mark.parametrize(("text", "folded"), FOLDED.items())
def test_case_accents_ligatures_apostrophes_and_hyphens_make_no_difference(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(fold(text)) == folded


async def test_the_trail_folds_alike(database_urls: Urls) -> None:
    rows = values(column("text", Text), name="given").data([(text,) for text in FOLDED])
    link = await asyncpg.connect(database_urls.owner)
    statement = Statement(select(rows.c.text, _string(rows.c.text).label("kept")).where(literal(1) == 1), Unjudged.FACT)
    found = {row["text"]: row["kept"] for row in await statement.rows(link)}
    await link.close()
    assert found == {text: [folded, EXACT + text] for text, folded in FOLDED.items()}


async def back(owner_url: str, version: str) -> None:
    """The schema as it was at a version."""
    async with migrate.engine(owner_url) as link, link.begin() as connection:
        await connection.run_sync(lambda bind: command.downgrade(migrate._config(bind), version))  # noqa: SLF001


SIGNER = {"resourceType": "Practitioner", "id": "signer", "name": [{"family": "Lefèvre", "given": ["Zoé"]}]}


async def test_rows_of_before_are_found_as_those_of_today(database_urls: Urls, tmp_path: Path) -> None:
    async with serving(database_urls, tmp_path) as carnet:
        record, doctor = await opened(carnet), carnet.doctor(DOCTOR)
        kind = {"coding": [{"system": LOINC, "code": "11488-4", "display": "Compte rendu"}]}
        signed = {"contained": [SIGNER], "authenticator": {"reference": "#signer"}}
        one = await doctor.make(document(record, description="Cœur d'athlète", type=kind, **signed))
        place = f"DocumentReference?patient={record}"
        asked = (
            f"{place}&description=coeur d athlete",
            f"{place}&type:text=compte",
            f"{place}&authenticator.family=lefevre",
            f"Patient?_id={record}&name=pat",
        )
        before = [await doctor.found(query) for query in asked]
        assert before[:3] == [[one]] * 3
        owner = await asyncpg.connect(database_urls.owner)
        await owner.execute("UPDATE document_reference SET p_type = p_type[:3], p_description[1] = 'cœur d''athlete'")
        await owner.execute("UPDATE document_reference SET p_authenticator = '{}'")
        assert [await doctor.found(query) for query in asked[:3]] == [[], [], []]
    kept = await owner.fetchval("SELECT version_id || last_updated FROM document_reference")
    await back(database_urls.owner, "0004")
    await upgrade(database_urls.owner)
    assert await owner.fetchval("SELECT version_id || last_updated FROM document_reference") == kept
    await owner.close()
    async with serving(database_urls, tmp_path) as carnet:
        assert [await carnet.doctor(DOCTOR).found(query) for query in asked] == before
