"""What each statement says to a cluster (`tests/test_citus.py` says it to one)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import Text, bindparam, delete, select, update

from app import main
from app.policy.guard import Binding, visible
from app.records import deposits, destroying, filing, people, telling, uncited
from app.storage import audit, fence, spread
from app.storage.fence import Unjudged
from app.storage.rows import added, changed, kept, removed
from app.storage.statement import Statement
from app.storage.tables import TABLES
from benchmarks import statements as asked
from benchmarks.crowd import INS

COPIED = re.compile(r"INSERT INTO (\w+) \([^()]*\) SELECT .+FROM unnest\(", re.DOTALL)
CHANGES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM) (\S+)")


def test_every_statement_that_writes_names_the_table_itself_and_no_other_says_anything_else() -> None:
    assert main.FHIR  # what it imports makes them
    more = [made(kind) for kind in ("DocumentReference", "Patient", "Binary") for made in (changed, kept, removed)]
    more.append(added("Consent", ("record", "id")))
    texts = [text for text in fence.known if not spread.across(text)]
    assert len(texts) > 200 < len(texts) + len(more)
    written = 0
    for text in texts:
        tables = [name.strip('"') for name in CHANGES.findall(spread.said(text))]
        assert not {*tables} & (spread.FENCED | {"fence.uncited"}), text
        written += len([name for name in tables if name.startswith("public.")])
        if not CHANGES.search(text):
            assert spread.said(text) == text
    assert written > 15


def test_what_looks_across_records_says_first_which_they_are() -> None:
    many, one = (Statement(visible("DocumentReference", binding)[1]) for binding in (Binding.MANY, Binding.ONE))
    found = spread.across(many.sql)
    assert found is not None
    assert found.names == ("reach",)
    assert "set_config" not in found.keys
    assert 'WITH "reach_DocumentReference"' in found.keys
    for table in ("document_reference", "record", "relation"):
        assert re.search(rf'"{table}" AS MATERIALIZED \(SELECT \* FROM "{table}" WHERE \w+ = ANY\(', found.some)
    number = max(int(it) for it in re.findall(r"\$(\d+)", found.some))
    assert f"record = ANY(${number}::TEXT[])" in found.some
    assert spread.across(one.sql) is None
    assert spread.across(people.SAME_INS.sql) is not None
    cited = spread.across(deposits.CITABLE.sql)
    assert cited is not None
    assert "FOR UPDATE" not in cited.some


def test_a_change_that_would_make_a_setting_is_refused() -> None:
    patient = TABLES["Patient"]
    asked = fence.named(subject=bindparam("record", type_=Text)).is_(True)
    odd = Statement(
        update(patient).where(patient.c.record == bindparam("record", type_=Text), asked).values(secret=True),
        Unjudged.LOCKED,
    )
    with pytest.raises(fence.TripError):
        spread.said(odd.sql)


KEY = bindparam("record", type_=Text)


@pytest.mark.parametrize(
    "unbound",
    [
        lambda table: table.c.id == bindparam("id", type_=Text),
        lambda table: (table.c.record == KEY) | (table.c.id == bindparam("id", type_=Text)),
        lambda table: (table.c.record == bindparam("other", type_=Text)) & (table.c.id == KEY),
        lambda table: table.c.record.in_(select(TABLES["Patient"].c.record).where(TABLES["Patient"].c.record == KEY)),
        lambda table: ~(table.c.record == KEY),
    ],
)
@pytest.mark.parametrize("change", [delete, lambda table: update(table).values(secret=True)])
def test_a_change_that_is_bound_to_no_record_is_refused(change: Any, unbound: Any) -> None:
    """There no view holds it back."""
    table = TABLES["Consent"]
    odd = Statement(change(table).where(unbound(table)), Unjudged.LOCKED)
    with pytest.raises(fence.TripError):
        spread.said(odd.sql)


def test_a_change_of_one_record_is_said() -> None:
    table = TABLES["Consent"]
    for bound in (table.c.record == KEY, (table.c.record == KEY) & (table.c.secret | (table.c.id == "1"))):
        one = Statement(delete(table).where(bound), Unjudged.LOCKED)
        assert spread.said(one.sql).startswith("DELETE FROM public.consent WHERE consent.record = $1")


def test_what_is_written_on_both_sides_is_known() -> None:
    both = filing.filed(("record", "id"), (), telling=True)
    assert spread.there(both.sql)
    assert spread.there(filing.filed(("record", "id"), ()).sql)
    assert not spread.there(telling.ADD.sql)
    assert not spread.there(destroying.LOCKED.sql)


def test_the_records_of_acts_that_are_copied_are_named_first() -> None:
    """Where a transaction read of a record before, Citus copies such rows to its worker as if nothing were written."""
    acts = [audit.Act("read", record="b"), audit.Act("read"), audit.Act("vread", record="b"), audit.Act("read", "a")]
    rows = audit._rows(acts)  # noqa: SLF001
    copying = [text for text in fence.known if (found := COPIED.search(text)) and found[1] in spread.SPREAD]
    assert len(copying) == 2
    for text in copying:
        values = [rows if name == "acts" else None for name in fence.known[text].names]
        assert spread.copied(text, values) == [("",), ("a",), ("b",)]
    assert spread.copied(audit._ONE.sql, []) == []  # noqa: SLF001


def test_what_the_sweep_deletes_has_its_condition_with_it() -> None:
    [text] = [one.sql for one in vars(uncited).values() if isinstance(one, Statement) and "DELETE" in one.sql]
    assert spread.said(text).startswith("DELETE FROM public.binary WHERE document = '' AND ")


@pytest.mark.parametrize(("type_", "system"), [("DocumentReference", "a"), ("Patient", INS)])
def test_what_a_setting_is_made_of_is_said_with_it(type_: str, system: str) -> None:
    """Each part that the statement names itself."""
    statement = asked.across(type_, f"identifier={system}|b")
    told = spread.across(statement.sql)
    assert told is not None
    parts = set(re.findall(r'(?:WITH|\),?)\s+"?(\w+)"? AS\s+(?:MATERIALIZED )?\(', statement.sql))
    assert parts
    named = {part for part in parts if re.search(rf'FROM "?{part}\b', told.keys)}
    assert named == {part for part in parts if re.search(rf'"?{part}"? AS\s+(?:MATERIALIZED )?\(', told.keys)}


def test_a_cluster_looks_at_no_record_beside_those_that_were_found() -> None:
    """It takes no LIMIT that it has to ask for."""
    statement = asked.across("DocumentReference", "identifier=a|b")
    told = spread.across(statement.sql)
    assert told is not None
    assert "LIMIT (" in statement.sql
    for text in (told.keys, told.some, told.every):
        assert "LIMIT (" not in text
        assert "LIMIT 0)" in text
