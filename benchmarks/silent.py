"""Carnet that tells nobody what it did: the same server without its trail. For `price.py` alone, never shipped.

    python -m benchmarks.silent serve …

Acts are neither made nor written nor sealed; a deposit's statement has none beside it. All else is as it is: tokens,
rules, validation, the answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.storage import audit, sealing

if TYPE_CHECKING:
    from sqlalchemy import CTE, Select


async def _nothing(*_: object, **__: Any) -> int:  # noqa: ANN401
    return 0


def _no_act(source: CTE) -> Select[Any]:
    return select(source.c.id)


def _replace(module: object, **parts: object) -> None:
    for name, part in parts.items():
        if not hasattr(module, name):
            raise AttributeError(name)
        setattr(module, name, part)


_replace(audit.Trail, start=_nothing, stop=_nothing, durable=_nothing, insert=_nothing)
_replace(audit, telling=_no_act, columns_of=lambda _: {})
_replace(sealing.Sealer, start=_nothing, seal=_nothing)

from app.records import Records  # noqa: E402 - takes the names of the trail

_replace(Records, _tell=_nothing)


if __name__ == "__main__":
    from app import cli

    cli.main()  # the workers are forked from here
