"""Reading: an expression into a tree of frozen nodes. What is not supported is refused here, by its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, NoReturn

from app.errors import BadValue, Unsupported

LONGEST = 1000
"""Characters of an expression."""
DEEPEST = 16
"""Parentheses, arguments and indexers within each other."""
MOST_NODES = 200
ECHO = 40

TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>'(?:[^'\\]|\\.)*')
      | (?P<quoted>`(?:[^`\\]|\\.)+`)
      | (?P<date>@(?!T)[0-9T:.Z+\-]+)
      | (?P<number>[0-9]+(?:\.[0-9]+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<special>\$this|%resource\b|%context\b)
      | (?P<symbol>!=|!~|<=|>=|\{\s*\}|[.\[\](),=~<>|])
    )""",
    re.VERBOSE | re.ASCII,
)
ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "f": "\f", "'": "'", '"': '"', "`": "`", "\\": "\\", "/": "/"}
EQUALITY = frozenset({"=", "!=", "~", "!~"})
ORDER = frozenset({"<", "<=", ">", ">="})
REFUSED = frozenset({"div", "mod", "in", "contains", "implies", "xor", "is", "as"})
"""Operators that are names, and are not supported."""
FUNCTIONS = {
    "all": (1, 1), "contains": (1, 1), "count": (0, 0), "empty": (0, 0), "endsWith": (1, 1), "exists": (0, 1),
    "extension": (1, 1), "first": (0, 0), "hasValue": (0, 0), "last": (0, 0), "not": (0, 0), "ofType": (1, 1),
    "single": (0, 0), "skip": (1, 1), "startsWith": (1, 1), "tail": (0, 0), "take": (1, 1), "where": (1, 1),
}  # fmt: skip
"""Functions by name: least and greatest number of arguments."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A value: string, boolean, number, or a date with its kind; no kind for the empty collection."""

    kind: str
    value: object


@dataclass(frozen=True, slots=True)
class Focus:
    """`$this`, or the resource where an expression begins; `%resource` and `%context` are always the resource."""

    root: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """A child by name; at the beginning of an expression the source is the focus."""

    source: Expression
    name: str


@dataclass(frozen=True, slots=True)
class At:
    """An indexer."""

    source: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A function; the argument of `ofType` is the name of a type."""

    source: Expression
    name: str
    arguments: tuple[Expression, ...]
    type: str = ""


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two expressions."""

    operator: str
    left: Expression
    right: Expression


Expression = Literal | Focus | Member | At | Call | Binary


class Token(NamedTuple):
    """One token: its group in `TOKEN`, its text."""

    group: str
    text: str


@lru_cache(maxsize=256)
def parse(text: str) -> Expression:
    """The tree of an expression. BadValue (400) for what is no FHIRPath or too long, Unsupported for what we lack."""
    if len(text) > LONGEST:
        raise BadValue(f"a FHIRPath has at most {LONGEST} characters", reason="patch-malformed")
    reader = _Reader(_tokens(text))
    found = reader.either()
    if reader.at < len(reader.tokens):
        reader.stray()
    return found


def _tokens(text: str) -> list[Token]:
    tokens, at, end = [], 0, len(text.rstrip())
    while at < end:
        found = TOKEN.match(text, at)
        if found is None:
            shown = text[at:].lstrip()[:1]
            raise Unsupported(f"the FHIRPath has `{shown}`, which is not supported", reason="fhirpath-unsupported")
        tokens.append(Token(found.lastgroup or "", found[0].strip()))
        at = found.end()
    return tokens


def _text(quoted: str) -> str:
    """What stands between quotes."""

    def plain(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] == "u" and len(code) > 1:
            return chr(int(code[1:], 16))
        if code not in ESCAPES:
            raise BadValue("a text of the FHIRPath has an escape that there is not", reason="patch-malformed")
        return ESCAPES[code]

    return ESCAPE.sub(plain, quoted[1:-1])


class _Reader:
    """One reading, by descent: `either` is the loosest operator, `term` the tightest."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0
        self.nodes = 0

    @property
    def next(self) -> Token:
        """The token that comes; an empty one at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else Token("", "")

    def take(self, *texts: str) -> str:
        """The next token where it is one of these words or symbols, else ""."""
        group, text = self.next
        if text in texts and group in ("symbol", "name"):
            self.at += 1
            return text
        return ""

    def need(self, text: str) -> None:
        """Pass a token that must stand here."""
        if not self.take(text):
            self.stray()

    def stray(self) -> NoReturn:
        """Refuse the next token."""
        text = self.next.text[:ECHO]
        if text in REFUSED:
            raise Unsupported(f"the operator `{text}` is not supported in a FHIRPath", reason="fhirpath-unsupported")
        what = f"`{text}` stands where it cannot" if text else "it ends too early"
        raise BadValue(f"the FHIRPath cannot be read: {what}", reason="patch-malformed")

    def binary(self, operator: str, left: Expression, right: Expression) -> Expression:
        """A binary node, counted."""
        self.count()
        return Binary(operator, left, right)

    def count(self) -> None:
        """Count a node."""
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise BadValue(f"a FHIRPath has at most {MOST_NODES} parts", reason="patch-malformed")

    def either(self) -> Expression:
        """`or`."""
        left = self.both()
        while self.take("or"):
            left = self.binary("or", left, self.both())
        return left

    def both(self) -> Expression:
        """`and`."""
        left = self.equality()
        while self.take("and"):
            left = self.binary("and", left, self.equality())
        return left

    def equality(self) -> Expression:
        """`=`, `~` and their contraries."""
        left = self.order()
        while operator := self.take(*EQUALITY):
            left = self.binary(operator, left, self.order())
        return left

    def order(self) -> Expression:
        """`<` and its like."""
        left = self.union()
        while operator := self.take(*ORDER):
            left = self.binary(operator, left, self.union())
        return left

    def union(self) -> Expression:
        """`|`."""
        left = self.path()
        while self.take("|"):
            left = self.binary("|", left, self.path())
        return left

    def path(self) -> Expression:
        """A term, and what is asked of it."""
        found = self.term()
        while True:
            self.count()
            if self.take("."):
                found = self.invocation(found)
            elif self.take("["):
                found = At(found, self.inside())
                self.need("]")
            else:
                return found

    def inside(self) -> Expression:
        """An expression within brackets."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise BadValue(f"a FHIRPath nests at most {DEEPEST} levels", reason="patch-malformed")
        found = self.either()
        self.depth -= 1
        return found

    def term(self) -> Expression:
        """A literal, `$this`, an expression in parentheses, a name or a function."""
        group, text = self.next
        if group in ("string", "number", "date"):
            self.at += 1
            return _literal(group, text)
        if group == "special":
            self.at += 1
            return Focus(root=text != "$this")
        if group == "symbol" and text.startswith("{"):
            self.at += 1
            return Literal("", None)
        if group == "name" and text in ("true", "false"):
            self.at += 1
            return Literal("boolean", text == "true")
        if self.take("("):
            found = self.inside()
            self.need(")")
            return found
        return self.invocation(Focus())

    def invocation(self, source: Expression) -> Expression:
        """A member or a function of a source."""
        group, text = self.next
        if group not in ("name", "quoted"):
            self.stray()
        self.at += 1
        if group == "quoted":
            return Member(source, _text(text))
        if self.take("("):
            return self.call(source, text)
        return Member(source, text)

    def call(self, source: Expression, name: str) -> Expression:
        """A function, whose name and parenthesis were passed."""
        if name not in FUNCTIONS:
            raise Unsupported(
                f"the function `{name[:ECHO]}` is not supported in a FHIRPath", reason="fhirpath-unsupported"
            )
        arguments: list[Expression] = []
        if not self.take(")"):
            arguments.append(self.inside())
            while self.take(","):
                arguments.append(self.inside())
            self.need(")")
        least, most = FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            raise BadValue(f"the function `{name}` has another number of arguments", reason="patch-malformed")
        return Call(source, name, tuple(arguments), _type(arguments[0]) if name == "ofType" else "")


def _literal(group: str, text: str) -> Literal:
    if group == "string":
        return Literal("string", _text(text))
    if group == "date":
        return Literal("dateTime" if "T" in text else "date", text[1:])
    return Literal("decimal", Decimal(text)) if "." in text else Literal("integer", int(text))


def _type(argument: Expression) -> str:
    """The name of a type, with or without its namespace."""
    match argument:
        case Member(Focus(root=False), name):
            return name
        case Member(Member(Focus(root=False), "FHIR" | "System"), name):
            return name
    raise BadValue("`ofType` takes the name of a type", reason="patch-malformed")
