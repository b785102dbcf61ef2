"""Types and classes of documents that the rules know (`data/document_types.json`), and what they say of a document.

A coding is recognised by system and code together, its system written as the URL or as `urn:oid:…`; it counts in `type`
and in `category` alike, so that no coding escapes the habilitation matrix by standing in the other element.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.resources.definition import Resource

LOINC = "http://loinc.org"
COMPLEMENTARY = "https://mos.esante.gouv.fr/NOS/TRE_A05-TypeDocComplementaire/FHIR/TRE-A05-TypeDocComplementaire"
REIMBURSEMENT = "REMB"
"""Type of what the insurer feeds (R.1111-49)."""
PATIENT_QUESTIONNAIRE = "74465-6"
HOLDER_PREFIXES = ("DOCPAT", "EXPPAT")
SYNTHESIS = "60591-5"
"""LOINC type of the treating physician's synthesis (volet de synthèse médicale)."""

Vocabulary = dict[str, dict[str, dict[str, str]]]
"""System, code, then its display and class."""


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads(files("app.resources").joinpath("data/document_types.json").read_bytes())
    return data


@cache
def _by_system(kind: str) -> Vocabulary:
    """Vocabulary of `types` or `classes`; each system also under its `urn:oid:` name."""
    data = _data()
    vocabulary: Vocabulary = data[kind]
    names = {f"urn:oid:{oid}": vocabulary[url] for oid, url in data["oids"].items() if url in vocabulary}
    return vocabulary | names


def is_type_code(code: str) -> bool:
    """Whether a code is a document type of any recognised system."""
    return any(code in codes for codes in _data()["types"].values())


def is_class_code(code: str) -> bool:
    """Whether a code is a document class of any recognised system."""
    return any(code in codes for codes in _data()["classes"].values())


def _codings(tree: Resource) -> Iterator[dict[str, Any]]:
    for concept in (tree.get("type") or {}, *(tree.get("category") or ())):
        yield from concept.get("coding") or ()


def _recognised(tree: Resource, kind: str) -> tuple[str, ...]:
    vocabulary = _by_system(kind)
    codes = {c["code"] for c in _codings(tree) if c.get("code") in vocabulary.get(c.get("system", ""), ())}
    return tuple(sorted(codes))


def type_codes(tree: Resource) -> tuple[str, ...]:
    """Recognised type codes of a DocumentReference, sorted."""
    return _recognised(tree, "types")


def class_codes(tree: Resource) -> tuple[str, ...]:
    """Recognised class codes of a DocumentReference, sorted."""
    return _recognised(tree, "classes")


def document_kind(tree: Resource) -> str:
    """Canonical text of its recognised codings: sorted words `class:10 type:11490-0`; "" when none is recognised."""
    words = [f"class:{code}" for code in class_codes(tree)] + [f"type:{code}" for code in type_codes(tree)]
    return " ".join(words)


def class_of(coding: dict[str, Any]) -> dict[str, Any]:
    """The Coding of the class that a document type is in (ASS_X16), {} of a type that is not recognised."""
    known = _by_system("types").get(coding.get("system", ""), {}).get(coding.get("code", ""), {})
    code = known.get("class", "")
    for system, codes in _data()["classes"].items():
        if code in codes:
            return {"system": system, "code": code, "display": codes[code]["display"]}
    return {}


def is_remb(tree: Resource) -> bool:
    """Whether a document is reimbursement data and nothing else: all that the insurer's feed may deposit."""
    return type_codes(tree) == (REIMBURSEMENT,)


def is_holder_type(tree: Resource) -> bool:
    """Whether every type of a document is one that the holder and his representatives may deposit (R.1111-49)."""
    codes = type_codes(tree)
    return bool(codes) and all(code == PATIENT_QUESTIONNAIRE or code.startswith(HOLDER_PREFIXES) for code in codes)
