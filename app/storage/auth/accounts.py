"""Accounts of holders and representatives, their one-time codes, their browsers, and how often something was tried."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Integer, Interval, Text, bindparam, case, delete, exists, func, literal, null, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from app.storage.auth.flows import digest
from app.storage.auth.tables import account, account_relation, attempt, device, one_time_code
from app.storage.statement import Statement

if TYPE_CHECKING:
    from datetime import timedelta

    from asyncpg import Record

    from app.storage.statement import Link

NOW = func.carnet.now()
ID = bindparam("id", type_=Text)
ACCOUNT = bindparam("account", type_=Text)
LIFE = bindparam("life", type_=Interval)
MOST_TRIES = 5
"""Guesses at one code."""

FIND = Statement(select(account).where(account.c.id == ID, account.c.disabled_at.is_(None)))
OF_RECORD = Statement(
    select(account).where(account.c.patient == bindparam("patient", type_=Text), account.c.disabled_at.is_(None))
)
OF_RELATED = Statement(
    select(account).where(
        account.c.related_person == bindparam("related_person", type_=Text), account.c.disabled_at.is_(None)
    )
)
OF_NUMBER = Statement(
    select(account).where(account.c.number == bindparam("number", type_=Text), account.c.disabled_at.is_(None))
)
MADE = Statement(
    upsert(account)
    .values(id=ID, patient=bindparam("patient", type_=Text), language=bindparam("language", type_=Text), created_at=NOW)
    .on_conflict_do_nothing(index_elements=[account.c.patient])
)
INVITED = Statement(
    upsert(account)
    .values(
        id=ID,
        related_person=bindparam("related_person", type_=Text),
        represented=bindparam("represented", type_=Text),
        number=bindparam("number", type_=Text),
        language=bindparam("language", type_=Text),
        created_at=NOW,
    )
    .on_conflict_do_nothing()
)
OPENED = Statement(
    update(account)
    .where(account.c.id == ID, account.c.disabled_at.is_(None))
    .values(
        email=bindparam("email", type_=Text),
        mobile=bindparam("mobile", type_=Text),
        password=bindparam("password", type_=Text),
        opened_at=func.coalesce(account.c.opened_at, NOW),
    )
)
SHUT = Statement(update(account).where(account.c.id == ID).values(email="", mobile="", password="", opened_at=null()))
RELATIONS = Statement(select(account_relation).where(account_relation.c.account == ACCOUNT))
RELATED = Statement(
    upsert(account_relation)
    .values(account=ACCOUNT, related_person=bindparam("related_person", type_=Text),
            patient=bindparam("patient", type_=Text))
    .on_conflict_do_nothing()
)  # fmt: skip

_code = upsert(one_time_code).values(
    id=ID,
    account=ACCOUNT,
    purpose=bindparam("purpose", type_=Text),
    channel=bindparam("channel", type_=Text),
    code=bindparam("code", type_=Text),
    created_at=NOW,
    expires_at=NOW + LIFE,
)
SENT = Statement(
    _code.on_conflict_do_update(
        index_elements=[one_time_code.c.id],
        set_={name: _code.excluded[name] for name in ("account", "channel", "code", "created_at", "expires_at")}
        | {"tries": 0, "used_at": null()},
    )
)
WAITING = (one_time_code.c.id == ID) & (one_time_code.c.expires_at > NOW)
CODE = Statement(select(one_time_code).where(WAITING))
TRIED = Statement(
    update(one_time_code)
    .where(WAITING, one_time_code.c.used_at.is_(None), one_time_code.c.tries < literal(MOST_TRIES, Integer))
    .values(tries=one_time_code.c.tries + 1)
    .returning(one_time_code.c.account, one_time_code.c.code)
)
"""Counted and locked in one statement: of guesses made at once, none is free and one alone is right."""
USED = Statement(
    update(one_time_code).where(one_time_code.c.id == ID).values(used_at=NOW, code=bindparam("ticket", type_=Text))
)
TICKET = Statement(
    update(one_time_code)
    .where(WAITING, one_time_code.c.used_at.is_not(None), one_time_code.c.code == bindparam("ticket", type_=Text))
    .values(code="")
    .returning(one_time_code.c.account)
)

_others = exists().where(device.c.account == ACCOUNT)
SEEN = Statement(update(device).where(device.c.id == ID).values(last_seen_at=NOW).returning(device.c.id))
OTHERS = Statement(select(_others))
MET = Statement(
    upsert(device)
    .values(id=ID, account=ACCOUNT, label=bindparam("label", type_=Text), first_seen_at=NOW, last_seen_at=NOW)
    .on_conflict_do_nothing()
)

DEVICES = Statement(select(device).where(device.c.account == ACCOUNT).order_by(device.c.last_seen_at.desc()))
FORGOTTEN = Statement(delete(device).where(device.c.id == ID, device.c.account == ACCOUNT).returning(device.c.id))

_tried = upsert(attempt).values(id=ID, times=1, resets_at=NOW + LIFE)
_over = attempt.c.resets_at <= NOW
COUNTED = Statement(
    _tried.on_conflict_do_update(
        index_elements=[attempt.c.id],
        set_={
            "times": case((_over, 1), else_=attempt.c.times + 1),
            "resets_at": case((_over, _tried.excluded.resets_at), else_=attempt.c.resets_at),
        },
    ).returning(attempt.c.times, func.ceil(func.extract("epoch", attempt.c.resets_at - NOW)).label("seconds"))
)


async def find(link: Link, identifier: str) -> Record | None:
    """An account that is not disabled."""
    return await FIND.row(link, id=identifier)


async def of_record(link: Link, patient: str) -> Record | None:
    """The account of the holder of a record (Patient id)."""
    return await OF_RECORD.row(link, patient=patient)


async def of_related(link: Link, related_person: str) -> Record | None:
    """The account of a representative without a record of his own, by the RelatedPerson that he was invited as."""
    return await OF_RELATED.row(link, related_person=related_person)


async def of_number(link: Link, number: str) -> Record | None:
    """The same by the number that he signs in with."""
    return await OF_NUMBER.row(link, number=number)


async def make(link: Link, identifier: str, patient: str, language: str) -> None:
    """An account that nobody opened yet, unless the record has one."""
    await MADE.run(link, id=identifier, patient=patient, language=language)


async def invite(link: Link, identifier: str, number: str, related_person: str, patient: str, language: str) -> None:
    """An account of a RelatedPerson that nobody opened yet, unless he has one, or the number is another's."""
    said = {"number": number, "related_person": related_person, "represented": patient}
    await INVITED.run(link, id=identifier, language=language, **said)


async def opened(link: Link, identifier: str, *, email: str, mobile: str, password: str) -> None:
    """A one-time code proved who he is: his addresses (sealed), and the hash of his password."""
    await OPENED.run(link, id=identifier, email=email, mobile=mobile, password=password)


async def shut(link: Link, identifier: str) -> None:
    """Nobody has an account any more until a code opens it."""
    await SHUT.run(link, id=identifier)


async def relations(link: Link, identifier: str) -> list[Record]:
    """The RelatedPersons that an account stands for."""
    return await RELATIONS.rows(link, account=identifier)


async def relate(link: Link, identifier: str, related_person: str, patient: str) -> None:
    """Say that an account stands for a RelatedPerson."""
    await RELATED.run(link, account=identifier, related_person=related_person, patient=patient)


async def sent(link: Link, place: str, life: timedelta, **values: str) -> None:
    """Keep a code at a place, where it takes that of the former: `account`, `purpose`, `channel`, `code` (keyed)."""
    await SENT.run(link, id=digest(place), life=life, **values)


async def code(link: Link, place: str) -> Record | None:
    """The code of a place that is not too old, used or not."""
    return await CODE.row(link, id=digest(place))


async def tried(link: Link, place: str) -> Record | None:
    """Count a guess; `account` and `code`, None where no guess is left or no code waits."""
    return await TRIED.row(link, id=digest(place))


async def used(link: Link, place: str, ticket: str = "") -> None:
    """The code was right; `ticket` (keyed) is what its owner shows from now on."""
    await USED.run(link, id=digest(place), ticket=ticket)


async def ticket(link: Link, place: str, shown: str) -> str | None:
    """The account of a ticket (keyed), once."""
    found: str | None = await TICKET.value(link, id=digest(place), ticket=shown)
    return found


async def meet(link: Link, identifier: str, secret: str, label: str) -> tuple[str, bool]:
    """A browser signs in: its digest, and whether it is new to an account that has others."""
    name = digest(f"{identifier}|{secret}")
    if await SEEN.value(link, id=name) is not None:
        return name, False
    others = bool(await OTHERS.value(link, account=identifier))
    await MET.run(link, id=name, account=identifier, label=label)
    return name, others


async def devices(link: Link, identifier: str) -> list[Record]:
    """The browsers of an account, the latest first."""
    return await DEVICES.rows(link, account=identifier)


async def forget(link: Link, identifier: str, name: str) -> bool:
    """Forget a browser (its digest) of an account; whether it had it."""
    return await FORGOTTEN.value(link, id=name, account=identifier) is not None


async def count(link: Link, key: str, window: timedelta) -> tuple[int, int]:
    """Count an attempt at something: how many there were in its window, and the seconds until that is over."""
    row = await COUNTED.row(link, id=digest(key), life=window)
    return (row["times"], int(row["seconds"])) if row else (0, 0)
