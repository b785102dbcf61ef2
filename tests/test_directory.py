"""The directory: stubs of whom a token names, and what the operator imports (policy.md section 5, directory)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.access import DOCTOR, Access, Kind
from app.errors import Forbidden, Refusal
from app.main import furnish
from app.records.answer import RequestFacts
from app.records.directory import Directory
from tests.acts import a_record, stranger
from tests.serving import IDNPS, IDNST, Carnet, Tree, document, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.storage.embedded import Urls


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    async with serving(module_database_urls, tmp_path_factory.mktemp("carnet")) as made:
        yield made


OPERATOR = Access(kind=Kind.OPERATOR, subject="software|operator")


def practitioner(idnps: str, family: str = "Nom") -> Tree:
    return {
        "resourceType": "Practitioner",
        "identifier": [{"system": IDNPS, "value": idnps}],
        "name": [{"family": family}],
    }


async def test_a_stub_of_a_caller_whose_first_request_failed_is_there(carnet: Carnet) -> None:
    record = await a_record(carnet)
    newcomer = carnet.doctor("810000000901", structure="1750000901")
    assert (await newcomer.post("DocumentReference", document("nobody"))).status_code == 422
    assert len(await newcomer.found(f"Practitioner?identifier={IDNPS}|810000000901")) == 1
    await newcomer.make(document(record))
    assert len(await newcomer.found("Organization?identifier=urn:oid:1.2.250.1.71.4.2.2|1750000901")) == 1


async def test_names_whose_transaction_failed_are_forgotten_in_the_end(carnet: Carnet) -> None:
    small, names = Directory(limit=3), [f"person|89900000{n}" for n in range(9)]
    async with furnish(carnet.settings) as office:

        async def fails(name: str) -> None:
            async with office.database.transaction() as link:
                await small.id_of(link, "Practitioner", name)
                await small.id_of(link, "Practitioner", name)
                raise ZeroDivisionError

        for name in names:
            with pytest.raises(ZeroDivisionError):
                await fails(name)
        assert not any(map(small.has, names))
        assert len(small._new) == 3  # noqa: SLF001 - what must not grow
        async with office.database.transaction() as link:
            await small.id_of(link, "Practitioner", names[-1])
        assert not small.has(names[-1])
        async with office.database.link() as link:
            await small.id_of(link, "Practitioner", names[-1])
    assert small.has(names[-1])


async def test_who_is_only_named_is_served_nowhere(carnet: Carnet) -> None:
    record = await a_record(carnet)
    inner = {"resourceType": "Practitioner", "id": "a", "identifier": [{"system": IDNPS, "value": "810000000902"}]}
    role = {"resourceType": "PractitionerRole", "id": "r", "practitioner": {"reference": "#a"}, "organization": {
        "type": "Organization", "identifier": {"system": IDNST, "value": "1750000099"}}}  # fmt: skip
    await stranger(carnet).make(document(record, contained=[inner, role], author=[{"reference": "#r"}]))
    assert await stranger(carnet).found(f"Practitioner?identifier={IDNPS}|810000000902") == []


async def test_nobody_with_a_token_writes_the_directory(carnet: Carnet) -> None:
    caller = stranger(carnet)
    await a_record(carnet)
    (mine,) = await caller.found(f"Practitioner?identifier={IDNPS}|810000000002")
    changed = practitioner("810000000002") | {"id": mine}
    assert (await caller.put(f"Practitioner/{mine}", changed)).status_code == 405
    assert (await caller.delete(f"Practitioner/{mine}")).status_code == 405
    door = carnet.app.state.server.door
    doctor = Access(kind=Kind.PROFESSIONAL, subject="person|810000000002", profession=DOCTOR)
    for act in (
        door.open(doctor, RequestFacts()).create("Practitioner", practitioner("810000000903")),
        door.open(doctor, RequestFacts()).update("Practitioner", mine, changed, if_match=None),
        door.open(doctor, RequestFacts()).update("Practitioner", "none", changed | {"id": "none"}, if_match=None),
        door.open(doctor, RequestFacts()).patch("Practitioner", mine, [], if_match=None),
        door.open(doctor, RequestFacts()).delete("Practitioner", mine),
    ):
        with pytest.raises(Forbidden):
            await act


async def test_the_operator_imports_over_a_stub_and_again(carnet: Carnet) -> None:
    caller = carnet.doctor("810000000904")
    (stub,) = await caller.found(f"Practitioner?identifier={IDNPS}|810000000904")
    door = carnet.app.state.server.door
    written = await door.open(OPERATOR, RequestFacts()).create("Practitioner", practitioner("810000000904", "Premier"))
    assert (written.status, written.location.split("/")[1]) == (200, stub)
    assert (await caller.get(f"Practitioner/{stub}")).json()["name"][0]["family"] == "Premier"
    again = practitioner("810000000904", "Second") | {"id": stub}
    await door.open(OPERATOR, RequestFacts()).update("Practitioner", stub, again, if_match=None)
    assert (await caller.get(f"Practitioner/{stub}")).json()["name"][0]["family"] == "Second"
    assert len((await caller.get(f"Practitioner/{stub}/_history")).json()["entry"]) == 3
    new = await door.open(OPERATOR, RequestFacts()).create("Practitioner", practitioner("810000000905"))
    assert new.status == 201
    assert await carnet.doctor("810000000905").found(f"Practitioner?identifier={IDNPS}|810000000905") == [
        new.location.split("/")[1]
    ]


async def test_the_operator_reads_and_deposits_nothing(carnet: Carnet) -> None:
    record = await a_record(carnet)
    door = carnet.app.state.server.door
    with pytest.raises(Refusal):
        await door.open(OPERATOR, RequestFacts()).create("DocumentReference", document(record))
    one = await stranger(carnet).make(document(record))
    with pytest.raises(Refusal):
        await door.open(OPERATOR, RequestFacts()).read("DocumentReference", one)
