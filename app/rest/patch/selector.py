"""Selectors of an XML Patch (RFC 5261 section 4.1): the restricted XPath that picks one node.

Steps to children by name, with predicates that compare an attribute, a child's attribute or a text with a text, or give
a position; at the end an attribute, a text or a comment. What else XPath has (axes, functions, variables) is refused by
its name, so that a selector costs no more than the length of the document for each of its parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from app.errors import BadValue, Unsupported
from app.rest.xml.shapes import FHIR

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST = 1000
"""Characters of a selector."""
ECHO = 40
XML = "http://www.w3.org/XML/1998/namespace"
TOKEN = re.compile(
    r"""\s*(?:
        (?P<literal>"[^"]*"|'[^']*')
      | (?P<number>[0-9]{1,9})
      | (?P<axis>[A-Za-z-]+::)
      | (?P<call>[A-Za-z-]+)\(
      | (?P<name>(?:[A-Za-z_][\w.-]*:)?(?:[A-Za-z_][\w.-]*|\*))
      | (?P<symbol>//|\.\.|[/\[\]@=.)])
    )""",
    re.VERBOSE | re.ASCII,
)
LAST = frozenset({"text", "comment"})
"""Node tests that may end a selector."""


@dataclass(slots=True)
class Selector:
    """A selector, read: the XPath that it stands for, its prefixes, and how many parts it has.

    `pointer` is the JSON pointer of the same place, "" where the document must be searched for it. `counted` says that
    it picks a security label by its number.
    """

    text: str
    prefixes: dict[str, str] = field(default_factory=dict)
    xpath: str = ""
    parts: int = 0
    pointer: str = ""
    counted: bool = False


def read(text: str, namespaces: Mapping[str | None, str]) -> Selector:
    """The selector of a text, whose prefixes are bound as `namespaces` say. BadValue, or Unsupported, for any other.

    A name without a prefix is in the default namespace (RFC 5261 section 4.2.2); in FHIR's where none is declared.
    """
    if len(text) > LONGEST:
        raise BadValue(f"a selector has at most {LONGEST} characters", reason="patch-malformed")
    return _Reader(text, namespaces).read()


class _Reader:
    def __init__(self, text: str, namespaces: Mapping[str | None, str]) -> None:
        self.made = Selector(text.strip())
        self.namespaces = {"xml": XML, **{prefix or "": uri for prefix, uri in namespaces.items()}}
        self.namespaces.setdefault("", FHIR)
        self.tokens = self.split(text)
        self.at = 0

    def split(self, text: str) -> list[tuple[str, str]]:
        """The tokens: group and text."""
        tokens, at, end = [], 0, len(text.rstrip())
        while at < end:
            found = TOKEN.match(text, at)
            if found is None:
                raise Unsupported(f"the selector has `{text[at:].lstrip()[:1]}`, which is not supported",
                    reason="selector-unsupported")  # fmt: skip
            group = found.lastgroup or ""
            tokens.append((group, found[group]))
            at = found.end()
        return tokens

    @property
    def next(self) -> tuple[str, str]:
        """The token that comes, empty at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ("", "")

    def take(self, text: str) -> bool:
        """Whether the next token is that symbol or word, which is passed."""
        if self.next[1] != text or self.next[0] not in ("symbol", "name"):
            return False
        self.at += 1
        return True

    def need(self, text: str) -> None:
        """Pass what must stand here."""
        if not self.take(text):
            self.stray()

    def stray(self) -> NoReturn:
        """Refuse the next token."""
        group, text = self.next
        if group in ("axis", "call") or text in ("//", ".."):
            shown = f"{text[:ECHO]}()" if group == "call" else text[:ECHO]
            raise Unsupported(f"a selector with `{shown}` is not supported", reason="selector-unsupported")
        what = f"`{text[:ECHO]}` stands where it cannot" if text else "it ends too early"
        raise BadValue(f"the selector cannot be read: {what}", reason="patch-malformed")

    def read(self) -> Selector:
        """The whole selector."""
        self.take("/")
        made, pointer = self.made, list[str]()
        made.xpath = "/" + self.element()
        plain = not self.predicates(None, pointer) and not pointer
        while self.take("/"):
            group, text = self.next
            if text == "@" or (group == "call" and text in LAST):
                made.xpath += "/" + self.end()
                plain = plain and text == "@" and self.tokens[-1][1] == "value"
                break
            made.xpath += "/" + self.element()
            pointer.append(self.tokens[self.at - 1][1].rpartition(":")[2])
            plain = not self.predicates(pointer[-1], pointer) and plain
        if self.at < len(self.tokens):
            self.stray()
        made.pointer = "".join(f"/{one}" for one in pointer) if plain else ""
        return made

    def element(self) -> str:
        """A step to children by name."""
        self.made.parts += 1
        if self.next == ("axis", "child::"):
            self.at += 1
        group, text = self.next
        if group != "name":
            self.stray()
        self.at += 1
        return self.name(text, "")

    def name(self, text: str, default: str) -> str:
        """A name with a prefix of ours; `default` is the prefix, in the patch, of one that has none."""
        prefix, _, local = text.rpartition(":")
        if text == "*":
            return "*"
        uri = self.namespaces.get(prefix or default)
        if uri is None:
            raise BadValue(f"the prefix `{prefix[:ECHO]}` of the selector is not declared", reason="patch-malformed")
        ours = next((ours for ours, known in self.made.prefixes.items() if known == uri), "")
        if not ours:
            ours = f"n{len(self.made.prefixes)}"
            self.made.prefixes[ours] = uri
        return f"{ours}:{local}"

    def end(self) -> str:
        """The attribute, text or comment at the end."""
        self.made.parts += 1
        group, text = self.next
        if group == "call":
            self.at += 1
            self.need(")")
            ended = f"{text}()"
            while self.take("["):
                ended += f"[{self.number()}]"
                self.need("]")
            return ended
        self.need("@")
        return "@" + self.attribute()

    def attribute(self) -> str:
        """The name of an attribute: one without a prefix is in no namespace."""
        group, text = self.next
        if group != "name" or text.endswith("*"):
            self.stray()
        self.at += 1
        return self.name(text, "") if ":" in text else text

    def number(self) -> str:
        """A position, which counts from 1."""
        group, text = self.next
        if group != "number" or not int(text):
            self.stray()
        self.at += 1
        return str(int(text))

    def predicates(self, name: str | None, pointer: list[str]) -> bool:
        """What is asked of an element; whether it is more than one position, which goes into the pointer."""
        asked = 0
        while self.take("["):
            self.made.parts += 1
            asked += 1
            if self.next[0] == "number":
                position = self.number()
                self.made.xpath += f"[{position}]"
                self.made.counted |= name == "securityLabel"
                pointer.append(str(int(position) - 1))
            else:
                asked += 1
                self.made.xpath += f"[{self.condition()}]"
            self.need("]")
        return asked > 1

    def condition(self) -> str:
        """Comparisons joined by `and` and `or`."""
        made = self.comparison()
        while self.next in (("name", "and"), ("name", "or")):
            word = self.next[1]
            self.at += 1
            made += f" {word} {self.comparison()}"
        return made

    def comparison(self) -> str:
        """An attribute, a child or its attribute, or the text of the element: there, or the same as a text."""
        self.made.parts += 1
        made = self.operand()
        if self.take("="):
            group, text = self.next
            if group != "literal":
                self.stray()
            self.at += 1
            return f"{made}={text}"
        if made == ".":
            self.stray()
        return made

    def operand(self) -> str:
        """What is compared."""
        if self.take("."):
            return "."
        made = ""
        while not self.take("@"):
            made += self.element()
            if not self.take("/"):
                return made
            made += "/"
        return f"{made}@{self.attribute()}"
