"""Three of the four fences around clinical rows (policy.md section 8), each with the others taken away.

Types and imports are held by checkers. A statement that no verdict guards is refused when it is made, and a text that
is no statement does not reach the database. The fourth is the database's own: `test_fences_database.py`.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from sqlalchemy import exists, insert, literal, select, text, update

import app
from app.policy.guard import JUDGES, Binding, visible
from app.records import Records
from app.records.references import BY_INS
from app.storage.fence import CLINICAL, TripError, Unjudged
from app.storage.session import Database
from app.storage.statement import Statement, constant
from app.storage.tables import TABLES, version
from tests import test_architecture as architecture
from tests.breach import forgotten, open_database
from tests.serving import Carnet, document, serving
from tests.world import DOCTOR, OTHER, opened

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import FromClause

    from app.storage.embedded import Urls

ROOT = Path(app.__file__).resolve().parents[1]


@pytest.fixture
async def carnet(database_urls: Urls, tmp_path: Path) -> AsyncIterator[Carnet]:
    async with serving(database_urls, tmp_path) as made:
        yield made


# 1. types


def _checked(folder: Path, source: str) -> str:
    path = folder / f"snippet_{len(list(folder.iterdir()))}.py"  # mypy takes a file of the same size for the same
    path.write_text(source, encoding="utf-8")
    program = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", str(path)]
    return subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False).stdout


SNIPPET = """
from app.access import Access
from app.records import Door, RequestFacts

def someone(door: Door, access: Access, facts: RequestFacts) -> object:
    return door.open({caller}, facts)
"""


@pytest.mark.slow
def test_nobody_is_let_in_without_an_access(tmp_path: Path) -> None:
    assert "Success" in _checked(tmp_path, SNIPPET.format(caller="access"))
    assert 'incompatible type "str"; expected "Access"' in _checked(tmp_path, SNIPPET.format(caller='"me"'))
    assert 'incompatible type "None"; expected "Access"' in _checked(tmp_path, SNIPPET.format(caller="None"))
    with pytest.raises(TypeError):
        Records(None, None, None)  # type: ignore[call-arg, arg-type] # an argument less than it takes


# 2. imports


def test_a_room_that_takes_the_tables_is_told_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(architecture, "ROOT", tmp_path)
    path = tmp_path / "app" / "rest" / "peek.py"
    path.parent.mkdir(parents=True)
    path.write_text("from app.rest import bundle\n", encoding="utf-8")
    architecture.test_only_three_rooms_see_the_tables(path)
    for line in ("from app.storage.tables import TABLES\n", "from app.storage import statement\n"):
        path.write_text(line, encoding="utf-8")
        with pytest.raises(AssertionError):
            architecture.test_only_three_rooms_see_the_tables(path)


def test_an_import_against_the_order_is_told_on(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "app", tmp_path / "app", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    program = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    # the copy stands before the installed package
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    def lint() -> subprocess.CompletedProcess[str]:
        return subprocess.run(program, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert lint().returncode == 0
    (tmp_path / "app" / "storage" / "peek.py").write_text("from app.records import reading\n", encoding="utf-8")
    told = lint()
    assert told.returncode == 1, told.stdout
    assert "app.storage.peek -> app.records" in told.stdout


# 3. the tripwire


DOCUMENT = TABLES["DocumentReference"]


def _judged(row: FromClause) -> Any:
    return JUDGES["DocumentReference"](row, constant("open"), Binding.ONE).visible


def _hidden_from_sight() -> dict[str, Any]:
    """Statements that read a document without a verdict, by where they have it."""
    one, other = DOCUMENT.alias(), DOCUMENT.alias()
    return {
        "alone": select(DOCUMENT.c.body),
        "count": select(literal(1)).select_from(one),
        "beside a judged one": select(one.c.id, other.c.id).where(_judged(one)),
        "joined": select(one.c.id).select_from(one.join(other, one.c.id == other.c.id)).where(_judged(one)),
        "in EXISTS": select(literal(1)).where(exists().where(one.c.id == "x")),
        "in a column": select(select(one.c.body).limit(1).scalar_subquery()),
        "in a sub-select": select(select(one).subquery().c.id),
        "in a CTE": select(select(one).cte("held").c.id),
        "in a LATERAL": select(select(one).lateral().c.id),
        "copied": insert(version).from_select(["id"], select(one.c.id)),
        "written": update(DOCUMENT).values(masked=False).returning(DOCUMENT.c.body),
        "under another's verdict": select(other.c.body).where(exists().where(_judged(one))),
    }


@pytest.mark.parametrize("where", sorted(_hidden_from_sight()))
def test_a_statement_without_a_verdict_is_refused(where: str) -> None:
    with pytest.raises(TripError):
        Statement(_hidden_from_sight()[where])


def test_a_statement_with_one_is_made() -> None:
    one, other = DOCUMENT.alias(), DOCUMENT.alias()
    Statement(select(one.c.id, other.c.id).where(_judged(one), _judged(other)))
    Statement(select(literal(1)).where(exists().where(_judged(one))))
    for kind in sorted(set(JUDGES) - {"AuditEvent"}):
        for binding in Binding:
            Statement(visible(kind, binding)[1])


@pytest.mark.parametrize("table", sorted(CLINICAL, key=str), ids=str)
def test_no_clinical_table_is_forgotten(table: Any) -> None:
    with pytest.raises(TripError):
        Statement(select(table.c.record))


def test_text_is_no_statement() -> None:
    for clause in (text("SELECT body FROM document_reference"), select(text("body FROM document_reference"))):
        with pytest.raises(TripError):
            Statement(clause)


REASONS = {
    "policy/explain.py": {"FACT"},
    "policy/standing.py": {"FACT"},
    "records/care.py": {"SWEPT"},
    "records/contacts.py": {"LOCKED"},
    "records/deciding.py": {"FACT"},
    "records/deposits.py": {"LOCKED", "SHOWN"},
    "records/destroying.py": {"LOCKED"},
    "records/documents.py": {"LOCKED", "OWN"},
    "records/events.py": {"SHOWN"},
    "records/lists.py": {"OWN"},
    "records/filing.py": {"ADDED"},
    "records/holders.py": {"FACT", "SWEPT"},
    "records/judged.py": {"FACT"},
    "records/judging.py": {"ACT", "FACT"},
    "records/life.py": {"LOCKED"},
    "records/past.py": {"DIRECTORY"},
    "records/people.py": {"ADDED", "IDENTITY", "LOCKED"},
    "records/physician.py": {"LOCKED"},
    "records/reading.py": {"DIRECTORY", "FACT", "SHOWN"},
    "records/relations.py": {"FACT"},
    "records/orphans.py": {"SWEPT"},
    "records/secrecy.py": {"FACT"},
    "records/telling.py": {"SWEPT"},
    "records/uncited.py": {"SWEPT"},
    "records/wills.py": {"FACT"},
    "records/windows.py": {"SWEPT"},
    "storage/audit.py": {"ADDED"},
    "storage/copying.py": {"SWEPT"},
    "storage/rows.py": {"ADDED", "LOCKED"},
}
"""Where a statement goes without a verdict, and why. A line more is a decision."""


def test_who_goes_without_a_verdict_is_a_closed_list() -> None:
    found: dict[str, set[str]] = {}
    for path in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Unjudged":
                found.setdefault(str(path.relative_to(ROOT / "app")), set()).add(node.attr)
    assert found == REASONS
    assert set.union(*REASONS.values()) == {one.name for one in Unjudged}


RAW = "SELECT body FROM document_reference"


async def test_a_text_that_is_no_statement_does_not_reach_the_database(carnet: Carnet, database_urls: Urls) -> None:
    """As the owner, whom the database's fence does not hold."""
    record = await opened(carnet)
    await carnet.doctor().make(document(record))
    link = await asyncpg.connect(database_urls.owner)
    assert len(await link.fetch(RAW)) == 1
    await link.close()
    database = await Database.connect(database_urls.owner, carnet.settings)
    async with database.link() as tripwired:
        ways: list[Any] = [tripwired.fetch, tripwired.fetchrow, tripwired.fetchval, tripwired.execute]
        ways += [tripwired.prepare, tripwired.cursor, tripwired.copy_from_table]
        ways += [tripwired.copy_from_query, tripwired.copy_to_table, tripwired.copy_records_to_table]
        for way in ways:
            with pytest.raises(TripError):
                await way(RAW)
        with pytest.raises(TripError):
            await tripwired.executemany("DELETE FROM document_reference WHERE id = $1", [("x",)])
        with pytest.raises(TripError):
            await tripwired.fetchmany("DELETE FROM document_reference WHERE id = $1 RETURNING id", [("x",)])
        assert await tripwired.fetchval("SELECT true") is True
        assert await BY_INS.rows(tripwired, ins="none") == []
    await database.close()


@pytest.mark.parametrize("tripwire", [True, False])
async def test_without_the_guard_the_tripwire_refuses(database_urls: Urls, tmp_path: Path, *, tripwire: bool) -> None:
    """The rules gone and the database open: a read fails, and shows nothing; without the tripwire it shows all."""
    with open_database(database_urls) as urls:
        async with serving(urls, tmp_path) as loose:
            record = await opened(loose)
            one = await loose.doctor(OTHER).make(document(record))
            stranger = loose.doctor(DOCTOR)
            paths = (f"DocumentReference/{one}", f"DocumentReference?patient={record}", "DocumentReference")
            assert [one in (await stranger.get(path)).text for path in paths] == [False, False, False]
            with forgotten(tripwire=tripwire):
                answers = [await stranger.get(path) for path in paths]
            assert [answer.status_code for answer in answers] == ([500] * 3 if tripwire else [200] * 3)
            assert [one in answer.text for answer in answers] == [not tripwire] * 3
