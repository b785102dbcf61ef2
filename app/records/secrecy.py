"""Which acts come of what was agreed on in a secret connection, beside those that are done within one (R.1111-6).

Who reads by a Consent that representatives do not know of, or is refused by one, does or suffers what they could not
explain: its act would tell them that there is such a Consent. It is kept from them as the Consent is. What he reads for
another reason is told as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.storage.fence import Unjudged, named
from app.storage.statement import Statement
from app.storage.tables import TABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractAsyncContextManager

    from app.policy.standing import Caller, Standing
    from app.storage.audit import Act
    from app.storage.statement import Link

APART = frozenset(
    {"depositor", "own-act", "named", "entries", "holder", "representative", "treating-physician", "excluded-party",
     "record-not-open", "withdrawn", "masked", "outside-profession"}
)  # fmt: skip
"""Reasons that are the same whatever a Consent of a secret connection says."""
_will = TABLES["Consent"]
_keys = bindparam("records", type_=ARRAY(Text))
AGREED = Statement(
    select(_will.c.record)
    .where(named(reach=func.array_to_string(_keys, " ")), _will.c.record == func.any(_keys), _will.c.secret)
    .distinct(),
    Unjudged.FACT,
)
"""In which records something was agreed on in a secret connection."""


async def kept(
    linked: Callable[[], AbstractAsyncContextManager[Link]], caller: Caller, acts: Sequence[Act], asked: str = ""
) -> Sequence[Act]:
    """The acts of a caller, those marked secret that come of such a Consent. `asked` is what his request says.

    What is remembered of him holds for an act on one resource, and in a record that was named: their statements
    confirmed it. A search across records asks nothing that is remembered, and a Consent may be newer than that.
    """
    its = [act for act in acts if act.record and act.reason not in APART]
    known = {act.record: caller.remembered(act.record) for act in its}
    bound = {act.record for act in its if act.resource_id or act.record in asked}
    unsure = sorted(key for key, one in known.items() if one is None or not (one.secretly or key in bound))
    if unsure:
        async with linked() as link:
            known |= await _agreed(link, caller, unsure)
    if not any(found is not None and found.secretly for found in known.values()):
        return acts
    return [_marked(act, known.get(act.record)) for act in acts]


def _marked(act: Act, standing: Standing | None) -> Act:
    comes = standing is not None and act.reason not in APART and standing.rests_secretly(act.reason)
    return act._replace(secret=True) if comes else act


async def _agreed(link: Link, caller: Caller, keys: list[str]) -> dict[str, Standing | None]:
    """The caller's standing toward those of the records where something was so agreed on, as it is now."""
    rows = await AGREED.rows(link, records=keys)
    return {row["record"]: await caller.standing(link, row["record"], again=True) for row in rows}
