"""What is sent: the templates of `data/`, filled in, and the invented people they are about.

A template is JSON that holds `{{name}}` where a value goes. `document.json` is the DocumentReference of the PDSm4DMP
example of an ITI-65 lot without its narrative, 2 kB as it leaves; `lot.json` is that lot with ten entries (a List, five
DocumentReferences, four Binaries); `opening.json` opens a record and authorises the reader.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

DATA = Path(__file__).parent / "data"
DEPOSITOR = "899700218896"
READER = "899700245667"
OTHER = "899700245683"
"""Whom the records authorise that are written to: what the reader may search does not grow while it is measured."""
STRANGER = "899700245675"
STRUCTURE = "1750000001"
AUTHORISED_DAYS = 365
PATCHED = "3"
"""What the master identifiers of the documents begin with that are there to be changed."""
NIR_MODULUS = 97


@dataclass(frozen=True, slots=True)
class Person:
    """An invented holder: INS under the test system, with a right key (13 digits and 97 - digits mod 97)."""

    ins: str
    gender: str
    birth: str


def person(index: int) -> Person:
    """The holder of this index, below 100 000: no two have the same INS."""
    sex, year, month = index % 2, 30 + index % 60, 1 + index % 12
    digits = f"{sex + 1}{year:02}{month:02}75{1 + index // 1000:03}{index % 1000:03}"
    key = NIR_MODULUS - int(digits) % NIR_MODULUS
    return Person(f"{digits}{key:02}", ("male", "female")[sex], f"19{year:02}-{month:02}-01")


def template(name: str) -> str:
    """One template on one line, as compact JSON."""
    tree = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def document(content: str) -> str:
    """The template of one document: its content `elsewhere` (at a URL of its producer) or `inline` (ITI-105)."""
    if content == "elsewhere":
        return template("document")
    tree = json.loads(template("document"))
    lot = json.loads(template("lot"))["entry"]
    attachment = tree["content"][0]["attachment"]
    del attachment["url"]
    attachment["data"] = next(each["resource"]["data"] for each in lot if each["resource"]["resourceType"] == "Binary")
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"))


def filled(text: str, **values: str) -> str:
    """The template with each `{{name}}` replaced."""
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    return text


def opening(holder: Person, index: int, reader: str = READER) -> str:
    """Transaction that opens a record: Patient, opening Consent, authorisation of a reader for a year."""
    today = datetime.now(UTC).date()
    return filled(
        template("opening"),
        ins=holder.ins,
        gender=holder.gender,
        birth=holder.birth,
        number=str(index),
        reader=reader,
        today=(today - timedelta(days=1)).isoformat(),
        end=(today + timedelta(days=AUTHORISED_DAYS)).isoformat(),
    )


def deposits(record: str, ins: str, number: str, count: int) -> str:
    """Transaction that deposits `count` documents of 2 kB in a record; `number` keeps their masterIdentifiers apart."""
    one = template("document")
    bodies = [filled(one, record=record, ins=ins, number=f"{number}.{each}") for each in range(count)]
    request = '"request":{"method":"POST","url":"DocumentReference"}'
    entries = ",".join(f'{{"resource":{body},{request}}}' for body in bodies)
    return f'{{"resourceType":"Bundle","type":"transaction","entry":[{entries}]}}'
