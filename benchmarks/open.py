"""Carnet with every door open: the same server, whose rules are the word `true`. For `price.py` alone, never shipped.

    python -m benchmarks.open serve …

The tables of rules and acts, the check of a standing and the reading of one are replaced before anything compiles a
statement from them. All else is as it is: tokens, parsing, validation, the trail, the answers.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Integer, bindparam, true

from app.policy import rules
from app.storage.statement import constant

SHOWN = constant("authorised")
NO_REFUSAL = constant("")


def _replace(module: object, **parts: object) -> None:
    for name, part in parts.items():
        if not hasattr(module, name):
            raise AttributeError(name)
        setattr(module, name, part)


_replace(rules, reason=lambda *_: SHOWN, permitted=lambda *_: true())

from app.policy import standing, writes  # noqa: E402 - each module before the next one takes its names

_replace(writes, refusal=lambda *_: NO_REFUSAL)
_replace(standing, fresh=true, newest_matrix=lambda: bindparam("matrix_version", type_=Integer))

from app.policy.facts import Flag  # noqa: E402


async def _anybody(caller: standing.Caller, *_: object, **__: Any) -> standing.Standing:  # noqa: ANN401
    flags = caller.flags | Flag.AUTHORISED  # the database's own fence is left standing, and lets him through
    return standing.Standing(flags, "open", 1, standing.NEVER)


_replace(standing.Caller, standing=_anybody)


if __name__ == "__main__":
    from app import cli

    cli.main()  # the workers are forked from here
