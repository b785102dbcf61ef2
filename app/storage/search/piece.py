r"""The value of a query parameter in pieces, and the escapes that keep a mark from parting it.

`,` parts alternatives, `|` a system from a code, `$` the two halves of a composite; `\,`, `\|`, `\$` and `\\` stand
for the characters themselves (search.html section 3.1.1.4.2). A backslash before anything else is a backslash.
"""

from __future__ import annotations

import re

from app.errors import BadValue

ESCAPED = re.compile(r"\\([,|$\\])")
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def clean(name: str, value: str) -> None:
    """Refuse what no FHIR string may hold (datatypes.html, `string`) and PostgreSQL cannot keep.

    Raises:
        BadValue: a control character or a lone surrogate in the name or in the value.
    """
    if FORBIDDEN.search(name):
        raise BadValue("the name of a parameter holds a control character")
    if FORBIDDEN.search(value):
        raise BadValue(f"the value of `{name}` holds a control character")


def split(text: str, mark: str, most: int = -1) -> list[str]:
    """Parts of `text` between unescaped marks, at most `most` cuts; the parts keep their escapes."""
    if "\\" not in text:
        return text.split(mark, most)
    parts = [""]
    escaped = False
    for character in text:
        if character == mark and not escaped and len(parts) - 1 != most:
            parts.append("")
        else:
            parts[-1] += character
        escaped = character == "\\" and not escaped
    return parts


def plain(piece: str) -> str:
    """The piece as meant, its escapes resolved."""
    return ESCAPED.sub(r"\1", piece)
