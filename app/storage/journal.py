"""The trail as search sees it: `audit_event` with the columns of the AuditEvent declaration.

Nothing of an AuditEvent is stored twice: its search columns are expressions over the compact row, told by the tables of
`app.storage.balp`, and a test holds them equal to what is extracted from the rendered event. `record`, `recorded` and
`subject` pass through, so that their indexes serve; everything else is filtered among the rows these leave.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Interval,
    Text,
    all_,
    and_,
    any_,
    case,
    cast,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, array

from app.access import IDNPS, IDNST
from app.resources import COMMON
from app.resources.audit_event import AUDIT_EVENT
from app.resources.definition import Search
from app.resources.extraction import EXACT, LETTERS, LIGATURES, MARKS, SEPARATORS, TEXT, fold
from app.storage import balp
from app.storage.audit import BESIDE, DENIED, FAILED, SUCCESS
from app.storage.tables import SEALED, audit_event, identity

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Subquery

    from app.resources.definition import Parameter
    from app.storage.balp import Code, Renderer

    Condition = ColumnElement[bool]
    Value = ColumnElement[str]
    Keys = ColumnElement[Any]

ACTION = "http://hl7.org/fhir/audit-event-action"
OUTCOME = "http://hl7.org/fhir/audit-event-outcome"
TICK = literal(timedelta(microseconds=1), Interval)
"""Precision of `recorded`: a date's column ends with the first instant after it."""


def of_record(record: Value, identifier: Value | None = None) -> Subquery:
    """The acts of one record, newest first, or one of them: rows that conditions are looked at after.

    A condition of the policy is made of many sub-selects. On the table itself PostgreSQL makes it anew for each month
    that is kept, and looks into each month in each of them; here once (OFFSET 0 keeps it from being moved).
    """
    columns = (one for one in audit_event.c if one.name not in SEALED)
    one = true() if identifier is None else audit_event.c.id == identifier
    rows = select(*columns).where(audit_event.c.record == record, one).order_by(audit_event.c.recorded.desc())
    return rows.offset(literal_column("0")).subquery("acts")


def selectable(
    renderer: Renderer,
    hidden: Keys | None = None,
    own: Condition | None = None,
    rows: FromClause = audit_event,
) -> Subquery:
    """The trail with the columns `version_id`, `last_updated`, `own` and one `p_` column for each search parameter.

    `hidden` (text[]) are the ids of documents that the caller may not know of, `own` says whether the row is the
    caller's own act; both as `Renderer.render` takes them, so that no parameter finds what the event does not show.
    `subject_reference` and `structure_reference` are the directory's names of caller and structure, or null. Which rows
    the caller may see at all is the policy's to add. `rows` are the acts, of the trail or of one record.
    """
    acts = _Acts(rows)
    mine = false() if own is None else own
    concealed = _constant([]) if hidden is None else hidden
    subject, structure = acts.listed(rows.c.subject), acts.listed(rows.c.structure)
    keys = acts.columns(renderer, concealed, mine, subject, structure)
    return select(
        *(one for one in rows.c if one.name not in SEALED),
        literal("1").label("version_id"),
        rows.c.recorded.label("last_updated"),
        mine.label("own"),
        subject.label("subject_reference"),
        structure.label("structure_reference"),
        *(column for parameter in (*AUDIT_EVENT.parameters, *COMMON) for column in acts.declared(parameter, keys)),
    ).subquery("journal")


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


def _role(key: Value) -> Keys:
    system, code = func.split_part(key, "|", 2), func.split_part(key, "|", 3)
    return _when(key != "", _list(system + "|" + code, code, system + "|"))


class _Acts:
    """The acts of some rows, told as search asks for them. `rows` have the columns of `audit_event`."""

    def __init__(self, rows: FromClause) -> None:
        self.rows = rows
        self.act = act = rows.c
        self.searched = act.interaction == any_(literal(sorted(balp.SEARCHES), ARRAY(Text)))
        self.asked = or_(self.searched, act.query != "")
        self.data = and_(act.resource_type != "", ~self.searched)
        self.person = and_(act.subject != "", act.subject.not_like("software|%"))
        self.client = act.client != ""
        self.structured = and_(act.structure != "", act.structure != act.subject)
        self.resource = act.resource_type + "/" + act.resource_id

    def declared(self, parameter: Parameter, keys: dict[str, Keys]) -> list[ColumnElement[Any]]:
        """The columns of one search parameter."""
        column = parameter.column
        if parameter.type is Search.DATE:  # an instant, known to the microsecond
            return [self.act.recorded.label(f"{column}_lo"), (self.act.recorded + TICK).label(f"{column}_hi")]
        return [keys.get(column, _constant([])).label(column)]

    def columns(
        self, renderer: Renderer, hidden: Keys, own: Condition, subject: Value, structure: Value
    ) -> dict[str, Keys]:
        """What the parameters are asked of, by column."""
        outcome = case(
            (and_(own, self.act.outcome == DENIED, self.act.detail != self.act.reason), FAILED), else_=self.act.outcome
        )
        documents = self._documents(hidden)
        return {
            "p_action": _token(ACTION, self.act.action),
            "p_address": _join(
                _when(self.act.address != "", _string(self.act.address)), _string(literal(balp.host(renderer.base)))
            ),
            "p_agent": self._agents(renderer, subject, structure),
            "p_agent_name": _when(and_(self.person, self.act.name != ""), _string(self.act.name)),
            "p_agent_role": self._agent_roles(renderer),
            "p_entity": self._entities(documents),
            "p_entity_role": self._entity_roles(documents),
            "p_entity_type": self._entity_types(documents),
            "p_outcome": _token(OUTCOME, outcome),
            "p_patient": self._patients(),
            "p_policy": _when(self.act.jti != "", _list(literal(balp.TOKEN_ID) + self.act.jti)),
            "p_purpose_of_use": self._purposes(),
            "p_source": _list(_identifier(literal(balp.URI), literal(renderer.base))),
            "p_subtype": self._subtypes(renderer),
            "p_type": self._types(),
            "p__profile": self._profiles(),
        }

    def listed(self, key: Value) -> Value:
        """The directory's name of somebody, or null."""
        found = select(identity.c.type + "/" + identity.c.id).where(identity.c.key == key, identity.c.listed)
        return found.correlate(self.rows).scalar_subquery()

    def _who(self, renderer: Renderer, key: Value, reference: Value) -> Keys:
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

    def _agents(self, renderer: Renderer, subject: Value, structure: Value) -> Keys:
        return _join(
            _when(self.client, _list(_identifier(literal(renderer.clients), self.act.client))),
            _list(_identifier(literal(balp.URI), literal(renderer.base))),
            _when(self.person, self._who(renderer, self.act.subject, subject)),
            _when(self.structured, self._who(renderer, self.act.structure, structure)),
        )

    def _agent_roles(self, renderer: Renderer) -> Keys:
        return _when(
            self.person,
            _join(_token(renderer.kinds, self.act.caller_kind), _role(self.act.profession), _role(self.act.specialty)),
        )

    def _patients(self) -> Keys:
        holder = func.substr(self.act.subject, len("holder|") + 1)
        return _join(
            _when(self.act.record != "", _list(literal("Patient/") + self.act.record)),
            _when(self.act.subject.like("holder|%"), _list(literal("Patient/") + holder)),
            _when(
                and_(self.data, self.act.resource_type == "Patient", self.act.resource_id != ""), _list(self.resource)
            ),
        )

    def _documents(self, hidden: Keys) -> Keys:
        """Ids of the documents that the event shows beside its resource."""
        each = func.unnest(self.act.documents).table_valued("id", name="document").render_derived()
        named = each.c.id.not_like(f"{BESIDE}%")
        shown = select(each.c.id).where(each.c.id != all_(hidden), each.c.id != self.act.resource_id, named)
        return _when(
            self.act.outcome == SUCCESS, func.array(shown.correlate(self.rows).scalar_subquery(), type_=ARRAY(Text))
        )

    def _references(self, documents: Keys) -> Keys:
        each = func.unnest(documents).table_valued("id", name="shown").render_derived()
        references = select(literal("DocumentReference/") + each.c.id).correlate(self.rows)
        return func.array(references.scalar_subquery(), type_=ARRAY(Text))

    def _entities(self, documents: Keys) -> Keys:
        return _join(
            _when(self.act.record != "", _list(literal("Patient/") + self.act.record)),
            _when(and_(self.data, self.act.resource_id != ""), _list(self.resource)),
            self._references(documents),
            _when(self.act.request_id != "", _list(_identifier(literal(""), self.act.request_id))),
        )

    def _entity_roles(self, documents: Keys) -> Keys:
        report = self.act.resource_type == any_(_constant(sorted(balp.REPORTS)))
        return _join(
            _when(self.act.record != "", _codes(balp.PATIENT_ROLE)),
            _when(and_(self.data, ~report), _codes(balp.RESOURCE_ROLE)),
            _when(or_(and_(self.data, report), func.cardinality(documents) > 0), _codes(balp.REPORT_ROLE)),
            _when(self.asked, _codes(balp.QUERY_ROLE)),
        )

    def _entity_types(self, documents: Keys) -> Keys:
        return _join(
            _when(self.act.record != "", _codes(balp.PATIENT_TYPE)),
            _when(or_(self.data, self.searched), _codes(balp.DATA_TYPE)),
            _when(and_(~self.searched, self.act.query != ""), _codes(balp.OTHER_TYPE)),
            _when(func.cardinality(documents) > 0, _codes(balp.DOCUMENT_TYPE)),
            _when(self.act.request_id != "", _codes(balp.REQUEST_TYPE)),
        )

    def _purposes(self) -> Keys:
        emergency = or_(
            self.act.interaction == "$break-glass", and_(self.act.emergency, self.act.reason != "regulation")
        )
        return _join(
            case(
                (emergency, _codes(balp.BREAK_GLASS)),
                (self.act.emergency, _codes(balp.EMERGENCY)),
                else_=_constant([]),
            ),
            _when(self.act.purpose != "", _token(balp.PURPOSE, self.act.purpose)),
        )

    def _types(self) -> Keys:
        special = [(self.act.interaction == name, _codes(kind)) for name, (kind, _subtype) in balp.SPECIAL.items()]
        return case(*special, else_=_codes(balp.REST))

    def _subtypes(self, renderer: Renderer) -> Keys:
        special = [(self.act.interaction == name, _codes(subtype)) for name, (_kind, subtype) in balp.SPECIAL.items()]
        name = func.substr(self.act.interaction, 2)
        operation = _join(_codes(balp.OPERATION), _token(renderer.operations, name))
        return case(
            *special, (self.act.interaction.like("$%"), operation), else_=_token(balp.RESTFUL, self.act.interaction)
        )

    def _profiles(self) -> Keys:
        start = literal(f"{balp.BALP}/StructureDefinition/IHE.BasicAudit.")
        patient = case((self.act.record != "", "Patient"), else_="")
        name = case(
            *((self.act.interaction == interaction, profile) for interaction, profile in balp.PROFILES.items()),
            else_="",
        )
        return _when(and_(self.act.outcome == SUCCESS, name != ""), _list(start + patient + name))
