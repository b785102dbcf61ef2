"""The habilitation matrix: how a column decides, what a file may say, when a new one counts."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import asyncpg
import pytest

from app.access import PROFESSION_SYSTEM
from app.errors import Invalid
from app.policy.matrix import Matrix, load, parse, permits
from tests.serving import Carnet, actor, document, permit, serving
from tests.world import NURSE, OTHER, opened, will

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from app.policy.matrix import Cells
    from app.storage.embedded import Urls

DEFAULT = files("app.policy").joinpath("data/habilitation_matrix.csv").read_text("utf-8")
HEAD = "profession_system,profession,target_kind,target,read,basis,source"


def line(profession: str, kind: str, target: str, read: str) -> str:
    return f"{PROFESSION_SYSTEM},{profession},{kind},{target},{read},stated,a test"


@pytest.fixture(scope="module")
async def carnet(module_database_urls: Urls, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Carnet]:
    folder: Path = tmp_path_factory.mktemp("matrix")
    async with serving(module_database_urls, folder) as made:
        yield made


ANY, NONE = {("any", "*"): True}, {("any", "*"): False}


@pytest.mark.parametrize(
    ("cells", "codings", "may"),
    [
        ({}, "type:11488-4", False),
        (ANY, "type:11488-4", True),
        (ANY, "class:10 type:11488-4", True),
        (ANY, "", False),
        ({**ANY, ("class", "10"): False}, "class:10 type:11488-4", False),
        ({**ANY, ("class", "10"): False, ("type", "11488-4"): True}, "class:10 type:11488-4", True),
        ({**NONE, ("type", "11488-4"): True}, "class:10 type:11488-4", True),
        ({**NONE, ("class", "10"): True}, "class:10 type:11488-4", True),
        ({**NONE, ("class", "10"): True}, "class:10 class:11 type:11488-4", False),
        ({**ANY, ("type", "11488-4"): False}, "class:10 type:11488-4", False),
        ({**ANY, ("type", "34842-5"): False}, "type:11488-4 type:34842-5", False),
        ({**NONE, ("type", "11488-4"): True}, "type:11488-4 type:34842-5", False),
        ({**NONE, ("type", "11488-4"): True, ("class", "10"): True}, "class:10 type:11488-4 type:34842-5", True),
        ({("class", "10"): True}, "class:10", True),
        ({("class", "10"): True}, "class:11", False),
        ({("type", "11488-4"): True}, "class:11", False),
    ],
)
def test_type_beats_class_beats_any_and_every_coding_must_permit(cells: Cells, codings: str, may: bool) -> None:  # noqa: FBT001
    assert permits(cells, codings) is may


def test_the_default_file_is_sound() -> None:
    cells = parse(DEFAULT)
    assert len(cells) == len(DEFAULT.splitlines()) - 1
    assert {cell["basis"] for cell in cells} <= {"stated", "provisional", "law"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "profession,target\n10,*",
        f"{HEAD}\n{line('10', 'type', 'nonsense', 'yes')}",
        f"{HEAD}\n{line('10', 'class', 'nonsense', 'yes')}",
        f"{HEAD}\n{line('10', 'any', '11488-4', 'yes')}",
        f"{HEAD}\n{line('10', 'kind', '*', 'yes')}",
        f"{HEAD}\n{line('10', 'any', '*', 'perhaps')}",
        f"{HEAD}\n{line('', 'any', '*', 'yes')}",
        f"{HEAD}\n{line('10', 'any', '*', 'yes')}\n{line('10', 'any', '*', 'no')}",
        f"{HEAD}\n{PROFESSION_SYSTEM},10",
        HEAD,
    ],
)
def test_a_bad_file_is_refused_whole(text: str) -> None:
    with pytest.raises(Invalid):
        parse(text)


async def test_a_new_matrix_counts_for_the_next_request_of_a_running_worker(
    carnet: Carnet, module_database_urls: Urls
) -> None:
    record = await opened(carnet)
    one = await carnet.doctor(OTHER).make(document(record))
    await will(carnet.holder(record), record, "authorisation", permit(actor(NURSE)))
    nurse = carnet.professional(NURSE, "60")
    link = await asyncpg.connect(module_database_urls.owner)

    async def sees() -> tuple[int, bool, bool, int]:
        read = (await nurse.get(f"DocumentReference/{one}")).status_code
        inside = one in await nurse.found(f"DocumentReference?patient={record}")
        across = one in await nurse.found("DocumentReference")
        total = (await nurse.get("DocumentReference?_summary=count")).json()["total"]
        return read, inside, across, total

    try:
        assert await sees() == (200, True, True, 1)
        await load(link, f"{HEAD}\n{line('60', 'any', '*', 'yes')}\n{line('60', 'type', '11488-4', 'no')}")
        assert (await nurse.get("DocumentReference?_summary=count")).json()["total"] == 0
        assert await sees() == (404, False, False, 0)
        await load(link, f"{HEAD}\n{line('10', 'any', '*', 'yes')}")
        assert await sees() == (404, False, False, 0)
        await load(link, DEFAULT)
        assert (await nurse.get("DocumentReference")).json()["entry"][0]["resource"]["id"] == one
        assert await sees() == (200, True, True, 1)
        with pytest.raises(Invalid):
            await load(link, f"{HEAD}\n{line('10', 'any', '*', 'perhaps')}")
        assert await sees() == (200, True, True, 1)
    finally:
        await load(link, DEFAULT)
        await link.close()


async def test_a_kind_that_was_never_met_is_numbered_and_judged_at_once(carnet: Carnet) -> None:
    record = await opened(carnet)
    holder, pharmacist = carnet.holder(record), carnet.professional("810000000601", "21")
    await will(holder, record, "authorisation", permit(actor("810000000601")))
    allowed = await carnet.doctor(OTHER).make(document(record, type_="18842-5"))
    refused = await carnet.doctor(OTHER).make(document(record, type_="68599-0"))
    unknown = await carnet.doctor(OTHER).make(
        {**document(record, type_="x-1"), "category": []}
        | {"category": [{"coding": [{"system": "https://example.org/classes", "code": "1"}]}]}
    )
    assert await pharmacist.found(f"DocumentReference?patient={record}") == [allowed]
    assert [(await pharmacist.get(f"DocumentReference/{one}")).status_code for one in (allowed, refused, unknown)] == [
        200,
        404,
        404,
    ]


async def test_an_unnamed_profession_reads_nothing_by_authorisation(carnet: Carnet) -> None:
    record = await opened(carnet)
    one = await carnet.doctor(OTHER).make(document(record))
    for number, profession in (("810000000602", "999"), ("810000000603", "https://example.org/p|10")):
        await will(carnet.holder(record), record, "authorisation", permit(actor(number)))
        assert (await carnet.professional(number, profession).get(f"DocumentReference/{one}")).status_code == 404


async def test_bits_say_what_cells_say(module_database_urls: Urls) -> None:
    link = await asyncpg.connect(module_database_urls.owner)
    try:
        matrix = Matrix()
        await matrix.refresh(link)
        for profession in ("10", "21", "60"):
            key = f"profession|{PROFESSION_SYSTEM}|{profession}"
            values = matrix.values(key)
            rows = await link.fetch("SELECT target_kind, target, read FROM matrix_cell WHERE profession = $1", key)
            cells = {(row["target_kind"], row["target"]): row["read"] for row in rows}
            for codings, number in matrix.kinds.items():
                assert number < values["kinds"]
                bit = values["matrix"][number >> 3] >> (number & 7) & 1
                assert bool(bit) is permits(cells, codings)
        assert set(matrix.values("profession|nobody|0")["matrix"]) <= {0}
    finally:
        await link.close()
