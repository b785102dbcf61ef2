"""Which acts come of what was agreed on in a secret connection, beside those that are done within one (R.1111-6).

Who reads by a Consent that representatives do not know of, or is refused by one, does or suffers what they could not
explain: its act would tell them that there is such a Consent. It is kept from them as the Consent is. What he reads for
another reason is told as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.storage.fence import Unjudged
from app.storage.statement import Statement
from app.storage.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.policy.standing import Caller, Standing
    from app.records.office import Office
    from app.storage.audit import Act

APART = frozenset(
    {"depositor", "own-act", "named", "entries", "holder", "representative", "treating-physician", "excluded-party",
     "record-not-open", "withdrawn", "masked", "outside-profession"}
)  # fmt: skip
"""Reasons that are the same whatever a Consent of a secret connection says."""
_will = TABLES["Consent"]
AGREED = Statement(
    select(_will.c.record)
    .where(_will.c.record == func.any(bindparam("records", type_=ARRAY(Text))), _will.c.secret)
    .distinct(),
    Unjudged.FACT,
)
"""In which records something was agreed on in a secret connection."""


async def kept(office: Office, caller: Caller, acts: Sequence[Act]) -> Sequence[Act]:
    """The acts of a caller, those marked secret that come of such a Consent."""
    keys = {act.record for act in acts if act.record and act.reason not in APART}
    known = {key: caller.remembered(key) for key in keys}
    if None in known.values():
        known |= await _agreed(office, caller, sorted(key for key, found in known.items() if found is None))
    if not any(found is not None and found.secretly for found in known.values()):
        return acts
    return [_marked(act, known.get(act.record)) for act in acts]


def _marked(act: Act, standing: Standing | None) -> Act:
    comes = standing is not None and act.reason not in APART and standing.rests_secretly(act.reason)
    return act._replace(secret=True) if comes else act


async def _agreed(office: Office, caller: Caller, keys: list[str]) -> dict[str, Standing | None]:
    """The caller's standing toward those of the records where something was so agreed on."""
    async with office.database.link() as link:
        rows = await AGREED.rows(link, records=keys)
        return {row["record"]: await caller.standing(link, row["record"]) for row in rows}
