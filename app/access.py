"""Who is asking, and with what purpose: the only thing that a rule may know of a caller.

An `Access` is made from the claims of a verified token (api.md section 6) and from nothing else.

Subjects are named by keys, the same in tokens, Consents, care teams and deposits:

    person|899700218896          a professional by IDNPS (an RPPS number becomes `8` + RPPS)
    structure|1750000001         a structure by IDNST (FINESS, SIREN, SIRET become it)
    profession|<system>|<code>   one profession
    specialty|<system>|<code>    one specialty (savoir-faire)
    team|<CareTeam id>           a care team
    related|<RelatedPerson id>   a representative
    holder|<Patient id>          the holder of that record
    software|<client id>         software without a person
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

IDNPS = "urn:oid:1.2.250.1.71.4.2.1"
RPPS = "https://rpps.esante.gouv.fr"
IDNST = "urn:oid:1.2.250.1.71.4.2.2"
FINESS = "https://finess.esante.gouv.fr"
SIRENE = "https://sirene.fr"
SIREN_DIGITS = 9
PROFESSION_SYSTEM = "https://mos.esante.gouv.fr/NOS/TRE_G15-ProfessionSante/FHIR/TRE-G15-ProfessionSante"
SPECIALTY_SYSTEM = "https://mos.esante.gouv.fr/NOS/TRE_R38-SpecialiteOrdinale/FHIR/TRE-R38-SpecialiteOrdinale"
DOCTOR = f"profession|{PROFESSION_SYSTEM}|10"
PHARMACIST = f"profession|{PROFESSION_SYSTEM}|21"


class Kind(StrEnum):
    """The closed set of callers: those of the claim `kind` (api.md section 6), and the operator."""

    HOLDER = "holder"
    REPRESENTATIVE = "representative"
    PROFESSIONAL = "professional"
    OCCUPATIONAL_PHYSICIAN = "occupational-physician"
    DESK = "desk"
    INSURER = "insurer"
    SOFTWARE = "software"
    OPERATOR = "operator"
    """who runs the server, at its command line: no token can say so"""


def person_key(system: str, value: str) -> str:
    """Key of a professional: RPPS and IDNPS name the same person (facts/dmp.md section 3.4)."""
    if system == RPPS:
        return f"person|8{value}"
    return f"person|{value}" if system == IDNPS else f"person|{system}|{value}"


def structure_key(system: str, value: str) -> str:
    """Key of a structure: FINESS is IDNST `1…`, SIREN `2…`, SIRET `3…` (facts/dmp.md section 3.4)."""
    if system == FINESS:
        return f"structure|1{value}"
    if system == SIRENE:
        return f"structure|{'2' if len(value) == SIREN_DIGITS else '3'}{value}"
    return f"structure|{value}" if system == IDNST else f"structure|{system}|{value}"


Test = tuple[str, tuple[str, ...]]
"""A search column, and its entries of which a row must hold one."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A restricted scope: `letters` of c r u d s, on the rows of a type that pass every test."""

    type: str
    letters: str
    tests: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """One caller, as his token says.

    `subject` is his key above (`person|…`, `holder|…`, `related|…`, `software|…`, or `structure|…` for a desk agent
    or insurer without a person). `record` is the only record that the token reaches (holder and representative, or a
    SMART launch context), else "". `structure`, `profession`, `specialty` are keys or "". `scopes` is the SMART ceiling
    as `<Type or *>.<one of c r u d s>`, and `limits` what it grants beside that, of some rows of a type only.
    """

    kind: Kind
    subject: str
    name: str = ""
    record: str = ""
    structure: str = ""
    profession: str = ""
    specialty: str = ""
    purpose: str = "TREAT"
    regulator: bool = False
    secret: bool = False
    acr: str = ""
    client: str = ""
    jti: str = ""
    fhir_user: str = ""
    scopes: frozenset[str] = field(default_factory=frozenset)
    limits: tuple[Limit, ...] = ()

    @property
    def is_professional(self) -> bool:
        """A health professional who may hold the ordinary reading rights (not an occupational physician)."""
        return self.kind is Kind.PROFESSIONAL

    @property
    def depositor(self) -> str:
        """Key kept as depositor of what this caller deposits: the person, or the structure of software alone."""
        return self.structure if self.kind is Kind.SOFTWARE and self.structure else self.subject

    @property
    def groups(self) -> tuple[str, ...]:
        """Keys by which an authorisation or a block can cover this caller without naming him."""
        return tuple(key for key in (self.structure, self.profession, self.specialty) if key)

    def allows(self, resource_type: str, interaction: str) -> bool:
        """Whether the scopes allow `interaction` (one of c r u d s, SMART App Launch 2.2) on some rows of a type."""
        if f"{resource_type}.{interaction}" in self.scopes or f"*.{interaction}" in self.scopes:
            return True
        return any(one.type == resource_type and interaction in one.letters for one in self.limits)

    def ceiling(self, resource_type: str, interactions: str) -> tuple[tuple[Test, ...], ...] | None:
        """On which rows of a type the scopes allow one of some interactions; None for all of them, () for none.

        Each alternative is a list of tests that hold together.
        """
        if any(f"{kind}.{letter}" in self.scopes for kind in (resource_type, "*") for letter in interactions):
            return None
        found = (one for one in self.limits if one.type == resource_type and set(interactions) & set(one.letters))
        return tuple(one.tests for one in found)
