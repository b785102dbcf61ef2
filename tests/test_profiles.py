"""Profiles: what keeps one passes, and each rule that is broken is told where it is broken."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest

from app.resources import DEFINITIONS, profiles
from app.resources.consent import Category
from app.resources.profiles import ours
from app.resources.profiles.declared import all_known, known
from app.resources.validation import validate
from tests import deposits, serving
from tests.deposits import MHD, PDSM, coded
from tests.examples import names, read
from tests.serving import actor, consent, deny, opposition, patient, permit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.errors import Issue
    from tests.serving import Tree

BASE = "https://carnet.example/fhir"
FR_CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
COMPREHENSIVE = f"{MHD}IHE.MHD.Comprehensive.DocumentReference"
KEPT = {
    "MHD minimal": ("DocumentReference", "IHE.MHD.Minimal.DocumentReference"),
    "MHD unContained": ("DocumentReference", "IHE.MHD.UnContained.Comprehensive.DocumentReference"),
    "MHD comprehensive": ("DocumentReference", "IHE.MHD.Comprehensive.DocumentReference"),
    "MHD minimal set": ("List", "IHE.MHD.Minimal.SubmissionSet"),
    "MHD unContained set": ("List", "IHE.MHD.UnContained.Comprehensive.SubmissionSet"),
    "MHD comprehensive set": ("List", "IHE.MHD.Comprehensive.SubmissionSet"),
}
DRAFT = {
    "DocumentReference.masterIdentifier.use",
    "DocumentReference.custodian",
    "List.source",
    "Bundle.entry[0].resource.source",
    "Bundle.entry[1].resource.masterIdentifier.use",
    "Bundle.entry[1].resource.custodian",
}
"""What the examples of the draft guide for the DMP break of PDSm, and nothing else."""


def errors(tree: Tree, *urls: str) -> dict[str, str]:
    """Path and message of each error."""
    found = profiles.judge(tree, urls or profiles.named(tree), BASE)
    return {one.expression[0]: one.diagnostics for one in found if one.severity == "error"}


def resources(tree: Any) -> Iterator[Tree]:
    """Every resource of a tree."""
    if isinstance(tree, dict) and "resourceType" in tree:
        yield tree
    for child in tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ():
        yield from resources(child)


@pytest.mark.parametrize("guide", ["fr-core-2.2.0", "cercle-de-soins", "tracabilite-evenements"])
def test_the_examples_of_a_guide_keep_its_profiles(guide: str) -> None:
    judged = 0
    for name in names(f"{guide}/*"):
        for tree in resources(read(name)):
            assert errors(tree) == {}, name
            judged += sum(bool(known(url, BASE)) for url in profiles.named(tree))
    assert judged >= 6


def test_the_examples_of_the_draft_guide_break_what_is_known() -> None:
    broken = [errors(tree) for name in names("pdsm4dmp/*") for tree in resources(read(name))]
    assert {path for one in broken for path in one} == DRAFT
    assert sum(map(bool, broken)) == 15


def made(kind: str, *urls: str) -> Tree:
    tree = deposits.document("r", "Binary/r.1", *urls) if kind == "DocumentReference" else {}
    return tree or deposits.submission("r", "DocumentReference/r.1", *urls)


@pytest.mark.parametrize(("kind", "name"), KEPT.values(), ids=KEPT)
def test_what_keeps_the_profiles_of_mhd(kind: str, name: str) -> None:
    assert errors(made(kind), MHD + name) == {}


def test_what_keeps_the_profiles_of_pdsm() -> None:
    assert errors(made("DocumentReference"), f"{PDSM}pdsm-comprehensive-document-reference") == {}
    assert errors(made("List"), f"{PDSM}pdsm-submissionset-comprehensive") == {}
    folder = deposits.folder("r", "DocumentReference/r.1")
    assert errors(folder, f"{PDSM}pdsm-folder-comprehensive") == errors(folder, f"{MHD}IHE.MHD.Comprehensive.Folder")
    assert errors(folder, f"{MHD}IHE.MHD.Comprehensive.Folder") == {}


def needed(name: str) -> list[str]:
    """Elements of a profile that must stand there, slices aside."""
    profile = known(MHD + name, BASE)[0]

    def below(node: Any, path: str) -> Iterator[str]:
        for child, inner in node.children.items():
            if inner.rule.get("min") and not child.endswith("[x]"):
                yield f"{path}{child}"
            yield from below(inner, f"{path}{child}.")

    return list(below(profile.root, ""))


def without(tree: Any, path: str) -> bool:
    """Take an element away; says whether it was there."""
    head, _, rest = path.partition(".")
    for one in tree if isinstance(tree, list) else [tree]:
        if head in one:
            if rest:
                return without(one[head], rest)
            del one[head]
            return True
    return False


@pytest.mark.parametrize(("kind", "name"), KEPT.values(), ids=KEPT)
def test_each_element_that_is_needed_is_missed(kind: str, name: str) -> None:
    whole = made(kind)
    missed = 0
    for path in needed(name):
        tree = deepcopy(whole)
        if without(tree, path):
            told = errors(tree, MHD + name)
            assert any(one.replace("[0]", "") == f"{kind}.{path}" for one in told), (path, told)
            missed += 1
    assert missed >= 3


def change(path: str, value: Any) -> Callable[[Tree], None]:
    """A change of one element, `a.b.0.c`."""

    def make(tree: Tree) -> None:
        *heads, last = path.split(".")
        node: Any = tree
        for head in heads:
            node = node[int(head)] if head.isdigit() else node[head]
        node[int(last) if last.isdigit() else last] = value

    return make


BROKEN = {
    "a code outside the value set": ("status", "entered-in-error", "status"),
    "an element that must not stand there": ("docStatus", "final", "docStatus"),
    "an author who is not contained": ("author", [{"reference": "Practitioner/1"}], "author[0]"),
    "a subject of another type": ("subject", {"reference": "Group/1"}, "subject"),
    "two contents": ("content", [{"attachment": {}}, {"attachment": {}}], "content"),
    "an entryUUID that is none": ("identifier.0.value", "urn:oid:1.2", "identifier[0].value"),
    "an entryUUID of another system": ("identifier.0.system", "urn:x", "identifier[0].system"),
    "a uniqueId of another use": ("masterIdentifier.use", "official", "masterIdentifier.use"),
    "data beside the url": ("content.0.attachment.data", "AAAA", "content[0].attachment.data"),
}


@pytest.mark.parametrize(("path", "value", "told"), BROKEN.values(), ids=BROKEN)
def test_each_kind_of_rule_holds(path: str, value: Any, told: str) -> None:
    tree = made("DocumentReference")
    change(path, value)(tree)
    assert f"DocumentReference.{told}" in errors(tree, COMPREHENSIVE)


LISTS = {
    "a uniqueId that is no oid": ("identifier.0.value", "urn:uuid:1", "identifier[0].value"),
    "no sourceId": ("extension", [], "extension"),
    "a sourceId that is no identifier": (
        "extension.1",
        {"url": f"{MHD}ihe-sourceId", "valueString": "x"},
        "extension[1].valueString",
    ),
    "another code": ("code", coded(deposits.LISTS, "folder"), "code"),
    "another mode": ("mode", "snapshot", "mode"),
    "an item of another type": ("entry.0.item", {"reference": "Patient/1"}, "entry[0].item"),
    "an entry that says when": ("entry.0.date", "2026", "entry[0].date"),
}


@pytest.mark.parametrize(("path", "value", "told"), LISTS.values(), ids=LISTS)
def test_each_kind_of_rule_holds_in_a_list(path: str, value: Any, told: str) -> None:
    tree = made("List")
    change(path, value)(tree)
    assert f"List.{told}" in errors(tree, f"{MHD}IHE.MHD.Comprehensive.SubmissionSet")


def bundle(option: str = "Comprehensive") -> Tree:
    profile = f"{MHD}IHE.MHD.{option}."
    return deposits.provided("r", f"{profile}ProvideBundle", f"{profile}SubmissionSet", f"{profile}DocumentReference")


@pytest.mark.parametrize("option", ["Minimal", "UnContained.Comprehensive", "Comprehensive"])
def test_a_bundle_of_iti_65_keeps_its_profile(option: str) -> None:
    assert errors(bundle(option)) == {}


def test_a_bundle_of_iti_65_is_judged_with_what_is_in_it() -> None:
    tree = bundle()
    del tree["entry"][1]["resource"]["type"]
    assert list(errors(tree)) == ["Bundle.entry[1].resource.type"]
    tree = bundle()
    del tree["entry"][0]
    assert errors(tree) == {"Bundle.entry": "IHE.MHD.Comprehensive.ProvideBundle: needs at least 1 of `SubmissionSet`"}
    tree = bundle()
    tree["entry"].append({"resource": {"resourceType": "Consent"}, "request": {"method": "POST", "url": "Consent"}})
    assert "is none of: SubmissionSet, DocumentRefs" in errors(tree)["Bundle.entry[3]"]
    tree = bundle()
    tree["entry"][0]["request"]["method"] = "PUT"
    assert "Bundle.entry" in errors(tree)
    tree = bundle()
    tree["entry"].append(
        {"resource": deposits.folder("r", deposits.uuid("document")), "request": {"method": "PUT", "url": "List/r.2"}}
    )
    assert errors(tree) == {}


def test_a_superseding_patch_is_an_entry_of_iti_65() -> None:
    path = {"name": "path", "valueString": "DocumentReference.status"}
    parts: list[Tree] = [{"name": "type", "valueCode": "replace"}, path]
    patch: Tree = {
        "resourceType": "Parameters",
        "parameter": [{"name": "operation", "part": [*parts, {"name": "value", "valueCode": "superseded"}]}],
    }
    tree = bundle()
    tree["entry"].append({"resource": patch, "request": {"method": "PATCH", "url": "DocumentReference/r.9"}})
    assert errors(tree) == {}
    patch["parameter"][0]["part"][1]["valueString"] = "DocumentReference.type"
    assert list(errors(tree)) == ["Bundle.entry[3].resource.parameter[0].part[1].valueString"]


def test_either_version_of_fr_core_may_be_kept() -> None:
    ins = f"{FR_CORE}fr-core-patient-ins"
    assert {one.version for one in known(ins, BASE)} == {"2.1.0", "2.2.0"}
    tree = read("fr-core-2.2.0/Patient-FRCorePatientExample")
    assert errors(tree, ins) == errors(tree, f"{ins}|2.2.0") == {}
    for number in tree["identifier"]:
        if number["type"]["coding"][0]["code"] == "INS-NIR":
            del number["use"]
    assert errors(tree, f"{ins}|2.1.0") == {} != errors(tree, f"{ins}|2.2.0")
    assert errors(tree, ins) == {}
    del tree["birthDate"]
    assert list(errors(tree, ins)) == ["Patient.birthDate"]


def test_a_validated_identity_has_an_ins() -> None:
    tree = read("fr-core-2.2.0/Patient-FRCorePatientExample")
    tree["identifier"] = [one for one in tree["identifier"] if "1.4.8" not in one["system"]]
    told = errors(tree, f"{FR_CORE}fr-core-patient-ins")
    assert "(fr-core-1)" in told["Patient"] or "(fr-core-2)" in told["Patient"]


def test_what_is_contained_is_judged_by_what_it_names() -> None:
    tree = made("DocumentReference")
    tree["contained"][1]["meta"] = {"profile": [f"{FR_CORE}fr-core-patient-ins", "https://example.org/unknown"]}
    found = profiles.check(tree, BASE)
    assert {one.expression[0] for one in found} >= {"DocumentReference.contained[1].birthDate"}
    assert not any(one.reason == "unknown-profile" for one in found)


def test_a_change_is_not_judged_by_what_stood_there() -> None:
    tree = made("DocumentReference", COMPREHENSIVE)
    withdrawn = {**tree, "status": "entered-in-error"}
    assert profiles.check(withdrawn, BASE) != []
    assert profiles.check(withdrawn, BASE, before=tree) == []
    assert profiles.check(withdrawn, BASE, before={**tree, "meta": {}}) != []


def unknown(url: str, **asked: bool) -> list[Issue]:
    return profiles.judge(patient(), [url], BASE, **asked)


def test_a_profile_that_is_not_known_is_said() -> None:
    for url in ("https://example.org/p", f"{FR_CORE}fr-core-patient|9.9", f"{BASE}/StructureDefinition/nothing"):
        assert [(one.severity, one.reason) for one in unknown(url)] == [("information", "unknown-profile")]
        assert [one.severity for one in unknown(url, asked=True)] == ["error"]
    assert unknown("http://hl7.org/fhir/StructureDefinition/Patient") == []
    assert "x" * 300 not in unknown("urn:" + "x" * 300)[0].diagnostics
    assert len(profiles.judge(patient(), [f"urn:{n}" for n in range(100)], BASE)) == profiles.MOST


def test_a_profile_of_another_type_is_broken() -> None:
    assert errors(patient(), COMPREHENSIVE) == {
        "Patient.meta.profile": "IHE.MHD.Comprehensive.DocumentReference: is a profile of DocumentReference"
    }


WILLS = {
    Category.OPENING: None,
    Category.AUTHORISATION: permit(actor("810000000009"), end="2030-01-01"),
    Category.FULL_ACCESS: permit(actor("810000000009")),
    Category.BLOCK: deny(actor("810000000009")),
    Category.EMERGENCY_OPPOSITION: opposition("BTG", "ETREAT"),
    Category.REPRESENTATION: permit(actor(reference="RelatedPerson/r.1")),
}


@pytest.mark.parametrize("category", Category)
def test_a_consent_keeps_the_profile_of_its_category(category: Category) -> None:
    tree = consent("r", category.value, WILLS[category], base=BASE)
    validate(DEFINITIONS["Consent"], tree, BASE)
    for other in Category:
        told = errors(tree, f"{BASE}/StructureDefinition/consent-{other}")
        assert (told == {}) is (other is category), told


def test_our_profiles_ask_for_nothing_that_the_record_does_not() -> None:
    assert errors(serving.document("r"), f"{BASE}/StructureDefinition/document") == {}
    assert set(ours.own(BASE)) == {"announcement-end", "document", *[f"consent-{one}" for one in Category]}


@pytest.mark.parametrize("url", sorted({url for url, _ in all_known()}))
def test_every_profile_judges_whatever_it_is_given(url: str) -> None:
    """Odd trees are judged without a fault of ours: a Bundle is judged before its entries are."""
    kind = known(url, BASE)[0].type
    odd: list[Any] = [{}, [], 0, "x", None, [None], [[]], {"a": []}, [{"coding": 3}], [{"reference": "#x"}], True]
    for value in odd:
        tree: Tree = {"resourceType": kind, "contained": [{"id": "x"}]}
        for profile in known(url, BASE):
            for name in profile.root.children:
                tree[name.replace("[x]", "String")] = value
        for one in profiles.judge(tree, [url], BASE):
            assert one.diagnostics
            assert len(one.diagnostics) < 1000


def test_profiles_are_read_one_by_one() -> None:
    """A profile is one line of its file, and every one of them can be read."""
    found = [profile for url, version in all_known() for profile in known(f"{url}|{version}", BASE)]
    assert len(found) == len(all_known()) > 120
