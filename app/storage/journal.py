"""The trail as search sees it: `audit_event` with the columns of the AuditEvent declaration.

Nothing of an AuditEvent is stored twice: its search columns are expressions over the compact row, told by the tables of
`app.storage.balp`, and a test holds them equal to what is extracted from the rendered event. `record`, `recorded` and
`subject` pass through, so that their indexes serve; everything else is filtered among the rows these leave.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Interval, Text, all_, and_, any_, case, cast, false, func, literal, literal_column, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, array

from app.access import IDNPS, IDNST
from app.resources import COMMON
from app.resources.audit_event import AUDIT_EVENT
from app.resources.definition import Search
from app.resources.extraction import EXACT, LETTERS, LIGATURES, MARKS, SEPARATORS, TEXT, fold
from app.storage import balp
from app.storage.audit import DENIED, FAILED, SUCCESS
from app.storage.tables import SEALED, audit_event, identity

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Subquery

    from app.resources.definition import Parameter
    from app.storage.balp import Code, Renderer

    Condition = ColumnElement[bool]
    Value = ColumnElement[str]
    Keys = ColumnElement[Any]

ACTION = "http://hl7.org/fhir/audit-event-action"
OUTCOME = "http://hl7.org/fhir/audit-event-outcome"
TICK = literal(timedelta(microseconds=1), Interval)
"""Precision of `recorded`: a date's column ends with the first instant after it."""

ACT = audit_event.c
_SEARCHED = ACT.interaction == any_(literal(sorted(balp.SEARCHES), ARRAY(Text)))
_ASKED = or_(_SEARCHED, ACT.query != "")
_DATA = and_(ACT.resource_type != "", ~_SEARCHED)
_PERSON = and_(ACT.subject != "", ACT.subject.not_like("software|%"))
_CLIENT = ACT.client != ""
_STRUCTURE = and_(ACT.structure != "", ACT.structure != ACT.subject)
_RESOURCE = ACT.resource_type + "/" + ACT.resource_id


def selectable(renderer: Renderer, hidden: Keys | None = None, own: Condition | None = None) -> Subquery:
    """The trail with the columns `version_id`, `last_updated`, `own` and one `p_` column for each search parameter.

    `hidden` (text[]) are the ids of documents that the caller may not know of, `own` says whether the row is the
    caller's own act; both as `Renderer.render` takes them, so that no parameter finds what the event does not show.
    `subject_reference` and `structure_reference` are the directory's names of caller and structure, or null. Which rows
    the caller may see at all is the policy's to add.
    """
    mine = false() if own is None else own
    concealed = _constant([]) if hidden is None else hidden
    subject, structure = _listed(ACT.subject), _listed(ACT.structure)
    keys = _columns(renderer, concealed, mine, subject, structure)
    return select(
        *(one for one in audit_event.c if one.name not in SEALED),
        literal("1").label("version_id"),
        ACT.recorded.label("last_updated"),
        mine.label("own"),
        subject.label("subject_reference"),
        structure.label("structure_reference"),
        *(column for parameter in (*AUDIT_EVENT.parameters, *COMMON) for column in _declared(parameter, keys)),
    ).subquery("journal")


def _declared(parameter: Parameter, keys: dict[str, Keys]) -> list[ColumnElement[Any]]:
    column = parameter.column
    if parameter.type is Search.DATE:  # an instant, known to the microsecond
        return [ACT.recorded.label(f"{column}_lo"), (ACT.recorded + TICK).label(f"{column}_hi")]
    return [keys.get(column, _constant([])).label(column)]


def _columns(renderer: Renderer, hidden: Keys, own: Condition, subject: Value, structure: Value) -> dict[str, Keys]:
    outcome = case((and_(own, ACT.outcome == DENIED, ACT.detail != ACT.reason), FAILED), else_=ACT.outcome)
    documents = _documents(hidden)
    return {
        "p_action": _token(ACTION, ACT.action),
        "p_address": _join(_when(ACT.address != "", _string(ACT.address)), _string(literal(balp.host(renderer.base)))),
        "p_agent": _agents(renderer, subject, structure),
        "p_agent_name": _when(and_(_PERSON, ACT.name != ""), _string(ACT.name)),
        "p_agent_role": _agent_roles(renderer),
        "p_entity": _entities(documents),
        "p_entity_role": _entity_roles(documents),
        "p_entity_type": _entity_types(documents),
        "p_outcome": _token(OUTCOME, outcome),
        "p_patient": _patients(),
        "p_policy": _when(ACT.jti != "", _list(literal(balp.TOKEN_ID) + ACT.jti)),
        "p_purpose_of_use": _purposes(),
        "p_source": _list(_identifier(literal(balp.URI), literal(renderer.base))),
        "p_subtype": _subtypes(renderer),
        "p_type": _types(),
        "p__profile": _profiles(),
    }


def _constant(values: list[str]) -> Keys:
    return literal(values, ARRAY(Text))


def _list(*values: Value) -> Keys:
    return cast(array(values), ARRAY(Text))


def _join(*lists: Keys) -> Keys:
    first, *others = lists
    for other in others:
        first = func.array_cat(first, other, type_=ARRAY(Text))
    return first


def _when(condition: Condition, keys: Keys) -> Keys:
    return case((condition, keys), else_=_constant([]))


def _codes(*codes: Code) -> Keys:
    keys: dict[str, None] = {}
    for system, code, display in codes:
        keys |= dict.fromkeys((f"{system}|{code}", code, f"{system}|", *([TEXT + fold(display)] if display else [])))
    return _constant(list(keys))


def _token(system: str, code: Value) -> Keys:
    return _list(literal(f"{system}|") + code, code, literal(f"{system}|"))


def _string(value: Value) -> Keys:
    """Folded as strings of search are (`app.resources.extraction.fold`); then the exact value."""
    bare = func.lower(func.regexp_replace(func.normalize(value, literal_column("NFKD")), MARKS.pattern, "", "g"))
    for letter, apart in (*LIGATURES.items(), ("ß", "ss")):
        bare = func.replace(bare, letter, apart)
    plain = func.translate(bare, "".join(LETTERS) + SEPARATORS, "".join(LETTERS.values()) + " " * len(SEPARATORS))
    return _list(func.btrim(func.regexp_replace(plain, r"\s+", " ", "g")), literal(EXACT) + value)


def _identifier(system: Value, value: Value) -> Value:
    return literal("identifier|") + system + "|" + value


def _listed(key: Value) -> Value:
    found = select(identity.c.type + "/" + identity.c.id).where(identity.c.key == key, identity.c.listed)
    return found.correlate(audit_event).scalar_subquery()


def _who(renderer: Renderer, key: Value, reference: Value) -> Keys:
    kind = func.split_part(key, "|", 1)
    rest = func.substr(key, func.strpos(key, "|") + 1)
    system = case((kind == "person", IDNPS), (kind == "structure", IDNST), else_=renderer.clients)
    name = case(
        (kind == "holder", literal("Patient/") + rest),
        (kind == "related", literal("RelatedPerson/") + rest),
        (func.strpos(rest, "|") > 0, literal("identifier|") + rest),
        else_=_identifier(system, rest),
    )
    return func.array_remove(_list(name, reference), None, type_=ARRAY(Text))


def _agents(renderer: Renderer, subject: Value, structure: Value) -> Keys:
    return _join(
        _when(_CLIENT, _list(_identifier(literal(renderer.clients), ACT.client))),
        _list(_identifier(literal(balp.URI), literal(renderer.base))),
        _when(_PERSON, _who(renderer, ACT.subject, subject)),
        _when(_STRUCTURE, _who(renderer, ACT.structure, structure)),
    )


def _agent_roles(renderer: Renderer) -> Keys:
    return _when(_PERSON, _join(_token(renderer.kinds, ACT.caller_kind), _role(ACT.profession), _role(ACT.specialty)))


def _role(key: Value) -> Keys:
    system, code = func.split_part(key, "|", 2), func.split_part(key, "|", 3)
    return _when(key != "", _list(system + "|" + code, code, system + "|"))


def _patients() -> Keys:
    holder = func.substr(ACT.subject, len("holder|") + 1)
    return _join(
        _when(ACT.record != "", _list(literal("Patient/") + ACT.record)),
        _when(ACT.subject.like("holder|%"), _list(literal("Patient/") + holder)),
        _when(and_(_DATA, ACT.resource_type == "Patient", ACT.resource_id != ""), _list(_RESOURCE)),
    )


def _documents(hidden: Keys) -> Keys:
    """Ids of the documents that the event shows beside its resource."""
    each = func.unnest(ACT.documents).table_valued("id", name="document").render_derived()
    shown = select(each.c.id).where(each.c.id != all_(hidden), each.c.id != ACT.resource_id)
    return _when(ACT.outcome == SUCCESS, func.array(shown.correlate(audit_event).scalar_subquery(), type_=ARRAY(Text)))


def _references(documents: Keys) -> Keys:
    each = func.unnest(documents).table_valued("id", name="shown").render_derived()
    references = select(literal("DocumentReference/") + each.c.id).correlate(audit_event)
    return func.array(references.scalar_subquery(), type_=ARRAY(Text))


def _entities(documents: Keys) -> Keys:
    return _join(
        _when(ACT.record != "", _list(literal("Patient/") + ACT.record)),
        _when(and_(_DATA, ACT.resource_id != ""), _list(_RESOURCE)),
        _references(documents),
        _when(ACT.request_id != "", _list(_identifier(literal(""), ACT.request_id))),
    )


def _entity_roles(documents: Keys) -> Keys:
    report = ACT.resource_type == any_(_constant(sorted(balp.REPORTS)))
    return _join(
        _when(ACT.record != "", _codes(balp.PATIENT_ROLE)),
        _when(and_(_DATA, ~report), _codes(balp.RESOURCE_ROLE)),
        _when(or_(and_(_DATA, report), func.cardinality(documents) > 0), _codes(balp.REPORT_ROLE)),
        _when(_ASKED, _codes(balp.QUERY_ROLE)),
    )


def _entity_types(documents: Keys) -> Keys:
    return _join(
        _when(ACT.record != "", _codes(balp.PATIENT_TYPE)),
        _when(or_(_DATA, _SEARCHED), _codes(balp.DATA_TYPE)),
        _when(and_(~_SEARCHED, ACT.query != ""), _codes(balp.OTHER_TYPE)),
        _when(func.cardinality(documents) > 0, _codes(balp.DOCUMENT_TYPE)),
        _when(ACT.request_id != "", _codes(balp.REQUEST_TYPE)),
    )


def _purposes() -> Keys:
    emergency = or_(ACT.interaction == "$break-glass", and_(ACT.emergency, ACT.reason != "regulation"))
    return _join(
        case(
            (emergency, _codes(balp.BREAK_GLASS)),
            (ACT.emergency, _codes(balp.EMERGENCY)),
            else_=_constant([]),
        ),
        _when(ACT.purpose != "", _token(balp.PURPOSE, ACT.purpose)),
    )


def _types() -> Keys:
    special = [(ACT.interaction == name, _codes(kind)) for name, (kind, _subtype) in balp.SPECIAL.items()]
    return case(*special, else_=_codes(balp.REST))


def _subtypes(renderer: Renderer) -> Keys:
    special = [(ACT.interaction == name, _codes(subtype)) for name, (_kind, subtype) in balp.SPECIAL.items()]
    name = func.substr(ACT.interaction, 2)
    operation = _join(_codes(balp.OPERATION), _token(renderer.operations, name))
    return case(*special, (ACT.interaction.like("$%"), operation), else_=_token(balp.RESTFUL, ACT.interaction))


def _profiles() -> Keys:
    start = literal(f"{balp.BALP}/StructureDefinition/IHE.BasicAudit.")
    patient = case((ACT.record != "", "Patient"), else_="")
    name = case(
        *((ACT.interaction == interaction, profile) for interaction, profile in balp.PROFILES.items()), else_=""
    )
    return _when(and_(ACT.outcome == SUCCESS, name != ""), _list(start + patient + name))
