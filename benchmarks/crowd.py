"""A database of a million documents, made by the database itself: rows for plans to be looked at, not to be read.

Records hold 20 documents each. Whoever deposits or is named in them is one of 5 000 professionals and 200 structures;
one hospital more is authorised in every tenth record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.access import IDNPS, person_key, structure_key
from app.access import IDNST as STRUCTURES
from benchmarks.statements import LOINC

if TYPE_CHECKING:
    from collections.abc import Iterator

PEOPLE, HOUSES, EACH = 5_000, 200, 20
LISTED = 100_000
"""Entries of the directory: most of them no record knows."""
INS = "urn:oid:1.2.250.1.213.1.4.10"
HOSPITAL = structure_key(STRUCTURES, "1990000000")
KEY = "left(md5('record' || {n}), 20)"
BODY = "convert_to(repeat('{\"resourceType\":\"DocumentReference\"}', 20), 'UTF8')"
STORED = {"version_id": "'v1'", "last_updated": "now() - n * interval '1 minute'", "method": "'POST'", "body": BODY}


def person(number: int) -> str:
    """Key of one of the professionals."""
    return person_key(IDNPS, f"81{number % PEOPLE:010d}")


def structure(number: int) -> str:
    """Key of one of the structures."""
    return structure_key(STRUCTURES, f"175{number % HOUSES:07d}")


def _person(number: str) -> str:
    return f"'person|81' || lpad(({number})::text, 10, '0')"


def _professional(number: str) -> str:
    return _person(f"({number}) % {PEOPLE}")


def _structure(number: str) -> str:
    return f"'structure|175' || lpad((({number}) % {HOUSES})::text, 7, '0')"


def _key(number: str = "n") -> str:
    return KEY.format(n=number)


def _token(system: str, code: str) -> str:
    return f"ARRAY['{system}|' || {code}, {code}, '{system}|']"


def _insert(table: str, rows: int, columns: dict[str, str], where: str = "true") -> str:
    names, values = ", ".join(columns), ", ".join(columns.values())
    return f'INSERT INTO "{table}" ({names}) SELECT {values} FROM generate_series(1::bigint, {rows}) n WHERE {where}'  # noqa: S608 - our own text


def _documents(count: int) -> str:
    record = _key(f"(n - 1) / {EACH} + 1")
    consultation, other = _token(LOINC, "'11488-4'"), _token(LOINC, "'x' || n % 40")
    day = "timestamptz '2024-01-01' + (n % 900) * interval '1 day'"
    columns = STORED | {
        "record": record,
        "id": f"{record} || '.d' || n",
        "depositor": f"CASE n % 10 WHEN 0 THEN {_structure('n')} ELSE {_professional('n * 7919')} END",
        "masked": "n % 20 = 0",
        "hidden": "n % 50 = 0",
        "withdrawn": "n % 40 = 0",
        "announce_at": "CASE n % 30 WHEN 0 THEN now() + interval '9 days' ELSE '-infinity' END",
        "deposited_at": day,
        "kind": "n % 40 + 1",
        "master_identifier": "'urn:oid:1.2.3|' || n",
        "filtered": "n % 15 = 0",
        "p_identifier": _token("urn:oid:1.2.3", "n::text"),
        "p_type": f"CASE n % 40 WHEN 0 THEN {consultation} ELSE {other} END",
        "p_status": "ARRAY['|current', 'current', 'http://hl7.org/fhir/document-reference-status|current']",
        "p_patient": f"ARRAY['Patient/' || {record}]",
        "p_subject": f"ARRAY['Patient/' || {record}]",
        "p_author": f"ARRAY['Practitioner/p' || (n * 7919) % {PEOPLE}]",
        "p_description": "ARRAY['compte rendu ' || n, E'\\x1eCompte rendu ' || n]",
        "p_date_lo": day,
        "p_date_hi": f"{day} + interval '1 day'",
    }
    return _insert("document_reference", count, columns)


def _relations(records: int) -> Iterator[str]:
    always = {"record": _key()}
    consent = f"'Consent/' || {_key()} || '.c"
    for source, kind, subject, where in (
        (f"'CareTeam/' || {_key()} || '.t'", "treating", _professional("n"), "true"),
        (f"'CareTeam/' || {_key()} || '.t'", "member", _professional("n"), "true"),
        (f"{consent}1'", "authorised", _professional("n * 31"), "true"),
        (f"{consent}2'", "authorised", _professional("n * 17 + 3"), "true"),
        (f"{consent}3'", "authorised", _structure("n"), "true"),
        (f"{consent}3'", "authorised", f"'{HOSPITAL}'", "n % 10 = 0"),
        (f"{consent}4'", "blocked", _professional("n * 13 + 7"), "true"),
        (f"{consent}5'", "opposed", "'BTG'", "n % 20 = 0"),
    ):
        yield _insert("relation", records, always | {"source": source, "kind": f"'{kind}'", "subject": subject}, where)


def _wills(records: int) -> Iterator[str]:
    for number, named in enumerate(("n * 31", "n * 17 + 3", "n", "n * 13 + 7"), 1):
        columns = STORED | {
            "record": _key(),
            "id": f"{_key()} || '.c{number}'",
            "depositor": f"'holder|' || {_key()}",
            "category": "'authorisation'",
            "active": "true",
            "names": f"ARRAY[{_professional(named)}]",
            "p_category": _token("https://carnet.example/CodeSystem/record-consent", "'authorisation'"),
        }
        yield _insert("consent", records, columns)


def _listings(records: int) -> Iterator[str]:
    names = f"'DocumentReference/' || {_key()} || '.d' || m"
    shown = f"(SELECT array_agg({names}) FROM generate_series((n - 1) * {EACH} + 1, n * {EACH}) m)"  # noqa: S608
    row = STORED | {"record": _key(), "depositor": _professional("n * 7919"), "filtered": "true"}
    status = "ARRAY['|current', 'current']"
    yield _insert("list", records, row | {"id": f"{_key()} || '.l'", "p_item": shown, "p_status": status})
    target = f"ARRAY['Consent/' || {_key()} || '.c1']"
    yield _insert("provenance", records, row | {"id": f"{_key()} || '.p'", "p_target": target})


def _others(records: int, documents: int) -> Iterator[str]:
    row = STORED | {"record": _key()}
    ins = _token(INS, "lpad(n::text, 15, '0')")
    called = f"CASE WHEN n <= {PEOPLE} THEN 'durand ' || n ELSE substr(md5(n::text), 1, 8) END"
    names = f"ARRAY[{called}, E'\\x1e' || initcap({called})]"
    yield _insert("record", records, {"id": _key(), "status": "'open'", "opened_at": "now() - interval '1 year'"})
    yield _insert(
        "patient",
        records,
        row
        | {
            "id": _key(),
            "ins": f"'{INS}|' || lpad(n::text, 15, '0')",
            "birth_date": "date '1950-01-01' + (n % 25000)::int",
            "p_identifier": ins,
            "p_name": names,
            "p_family": names,
        },
    )
    yield _insert("care_team", records, row | {"id": f"{_key()} || '.t'"})
    yield _insert("related_person", records, row | {"id": f"{_key()} || '.r'"}, "n % 10 = 0")
    task = {
        "id": f"{_key()} || '.k'",
        "requester": f"'holder|' || {_key()}",
        "owner": f"CASE n % 2 WHEN 0 THEN {_professional('n * 7919')} ELSE {_structure('n')} END",
        "p_status": "ARRAY['requested', '|requested']",
    }
    yield _insert("task", records, row | task)
    held = _key(f"(n - 1) * 2 / {EACH} + 1")
    content = {"record": held, "id": f"{held} || '.b' || n", "document": f"{held} || '.d' || (n - 1) * 2 + 1"}
    yield _insert("binary", documents // 2, STORED | content | {"depositor": _professional("n * 7919")})


def _directory() -> Iterator[str]:
    called = f"CASE WHEN n <= {PEOPLE} THEN 'durand ' || n ELSE substr(md5(n::text), 1, 8) END"
    names = f"ARRAY[{called}, E'\\x1e' || initcap({called})]"
    row = STORED | {"id": "'p' || n", "p_name": names, "p_identifier": _token(IDNPS, "'81' || lpad(n::text, 10, '0')")}
    yield _insert("practitioner", LISTED, row)
    work = {
        "p_practitioner": "ARRAY['Practitioner/p' || n]",
        "p_organization": f"ARRAY['Organization/o' || n % {PEOPLE}]",
    }
    yield _insert("practitioner_role", LISTED, STORED | {"id": "'r' || n", "p_role": "ARRAY['x' || n % 40]"} | work)
    yield _insert("organization", PEOPLE, STORED | {"id": "'o' || n", "p_name": names})
    yield _insert(
        "identity",
        PEOPLE,
        {"key": _person("n"), "type": "'Practitioner'", "id": "'p' || n", "listed": "true"},
    )


def _trail(documents: int) -> Iterator[str]:
    record = _key(f"(n - 1) / {2 * EACH} + 1")
    columns = {
        "record": record,
        "id": f"{record} || '.e' || n",
        "recorded": "now() - n * interval '20 seconds'",
        "action": "'R'",
        "interaction": "'read'",
        "outcome": "'0'",
        "reason": "'authorised'",
        "caller_kind": "'professional'",
        "subject": _professional("n * 7919"),
        "resource_type": "'DocumentReference'",
        "resource_id": f"{record} || '.d' || (n - 1) / 2 + 1",
        "documents": f"ARRAY[{record} || '.d' || (n - 1) / 2 + 1]",
    }
    yield _insert("audit_event", 2 * documents, columns)
    former = _key(f"(n - 1) * 10 / {EACH} + 1")
    older = {
        "record": former,
        "type": "'DocumentReference'",
        "id": f"{former} || '.d' || (n - 1) * 10 + 1",
        "version_id": "'v0'",
    }
    kept = {name: value for name, value in STORED.items() if name != "version_id"}
    yield _insert("version", documents // 10, kept | older)


def statements(documents: int) -> Iterator[str]:
    """What fills an empty, migrated database with so many documents and all that is around them."""
    records = documents // EACH
    yield from _others(records, documents)
    yield from _relations(records)
    yield from _wills(records)
    yield from _directory()
    yield "INSERT INTO document_kind (codings) SELECT 'type:x' || n FROM generate_series(1, 40) n"
    yield _documents(documents)
    yield from _listings(records)
    yield from _trail(documents)
