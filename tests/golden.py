"""SQL laid out for reading and for comparing: one clause a line, what is in brackets further in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = 110
TOKEN = re.compile(r"""(\s*)('(?:[^']|'')*'|"[^"]*"|[(),]|[^\s(),'"]+)""")
CLAUSES = frozenset({"SELECT", "FROM", "WHERE", "ORDER", "GROUP", "LIMIT", "UNION", "FOR", "AND", "OR", "WHEN", "ELSE"})
JOINS = frozenset({"LEFT", "JOIN"})
CLOSES = {"(": ")", "CASE": "END"}


@dataclass
class Group:
    """What stands between brackets, or between CASE and END; `apart` says whether a space came before it."""

    opening: str = ""
    apart: bool = False
    parts: list[Part] = field(default_factory=list)

    @property
    def closing(self) -> str:
        return CLOSES.get(self.opening, "")


@dataclass(frozen=True)
class Word:
    text: str
    apart: bool


Part = Word | Group


def parsed(sql: str) -> Group:
    """The nesting of a statement."""
    stack = [Group()]
    for match in TOKEN.finditer(sql):
        space, text = match.groups()
        if text in CLOSES:
            stack.append(Group(text, bool(space)))
        elif text == stack[-1].closing:
            done = stack.pop()
            stack[-1].parts.append(done)
        else:
            stack[-1].parts.append(Word(text, bool(space)))
    assert len(stack) == 1, "brackets do not match"
    return stack[0]


def flat(part: Part) -> str:
    """On one line."""
    if isinstance(part, Word):
        return part.text
    inner = joined(part.parts)
    return f"({inner})" if part.opening == "(" else f"CASE {inner} END"


def joined(parts: list[Part]) -> str:
    """Several, on one line."""
    return "".join((" " if part.apart else "") + flat(part) for part in parts).strip()


def clauses(parts: list[Part]) -> Iterator[list[Part]]:
    """Split before each word that begins a clause."""
    clause: list[Part] = []
    for part in parts:
        begins = isinstance(part, Word) and (part.text in CLAUSES or part.text in JOINS)
        last = clause[-1] if clause else None
        if begins and clause and not (isinstance(last, Word) and last.text in {"OUTER", "DELETE"}):
            yield clause
            clause = []
        clause.append(part)
    if clause:
        yield clause


def laid_out(parts: list[Part], indent: int) -> Iterator[str]:
    """Lines of a group's inside."""
    for clause in clauses(parts):
        line = " " * indent + joined(clause)
        if len(line) <= WIDTH:
            yield line
        else:
            yield from broken(clause, indent)


def broken(clause: list[Part], indent: int) -> Iterator[str]:
    """Lines of a clause that is too long for one: broken after its commas, and within what is in brackets."""
    line = " " * indent
    for part in clause:
        text = flat(part)
        line += " " if part.apart and line.strip() else ""
        if isinstance(part, Group) and len(line) + len(text) > WIDTH:
            yield line + part.opening
            yield from laid_out(part.parts, indent + 4)
            line = " " * indent + part.closing
        else:
            line += text
        if text == "," and len(line) > WIDTH * 2 // 3:
            yield line
            line = " " * (indent + 2)
    if line.strip():
        yield line


def pretty(sql: str) -> str:
    """A statement, laid out; without its brackets' places it says the same, word for word."""
    return "\n".join(line.rstrip() for line in laid_out(parsed(sql).parts, 0)) + "\n"
