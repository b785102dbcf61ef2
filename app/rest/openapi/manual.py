"""The document as one page to read. It runs no script and loads nothing: a page beside a health record should not."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Tree = dict[str, Any]

CODE = re.compile(r"`([^`]*)`")
STYLE = """
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.5 sans-serif; color: #1b1b1b; }
code { background: #f2f2f2; overflow-wrap: anywhere; }
details { margin: .4rem 0; padding: .2rem .6rem; border-left: .3rem solid #2b5c8a; }
summary { cursor: pointer; }
nav a { margin-right: .8rem; }
dt { margin-top: .4rem; }
"""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
}


def page(document: Tree) -> str:
    """The whole page."""
    names = [tag["name"] for tag in document["tags"]]
    links = " ".join(f'<a href="#{name}">{name}</a>' for name in names)
    info = document["info"]
    security = document["components"]["securitySchemes"]["bearer"]["description"]
    return "\n".join(
        [
            f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(info["title"])}</title>',
            f"<style>{STYLE}</style></head><body><main><h1>{escape(info['title'])} {escape(info['version'])}</h1>",
            '<p>For programs: <a href="/openapi.json">openapi.json</a>.</p>',
            *[f"<p>{_text(part)}</p>" for part in info["description"].strip().split("\n\n")],
            f"<h2>Tokens</h2><p>{_text(security)}</p><nav>{links}</nav>",
            *[part for name in names for part in _chapter(document, name)],
            "</main></body></html>\n",
        ]
    )


def _text(words: str) -> str:
    return CODE.sub(r"<code>\1</code>", escape(words))


def _chapter(document: Tree, tag: str) -> Iterator[str]:
    """Everything that is done on one type."""
    yield f'<h2 id="{tag}">{tag}</h2>'
    for path, item in document["paths"].items():
        shared = item.get("parameters", [])
        for method, told in item.items():
            if method != "parameters" and tag in told["tags"]:
                yield from _operation(document, f"{method.upper()} {path}", told, shared)


def _operation(document: Tree, line: str, told: Tree, shared: list[Tree]) -> Iterator[str]:
    yield f'<details id="{told["operationId"]}"><summary><code>{escape(line)}</code> {escape(told["summary"])}'
    yield "</summary>"
    if "description" in told:
        yield f"<p>{_text(told['description'])}</p>"
    scopes = [scope for one in told.get("security", []) for scope in one["bearer"]]
    yield f"<p>Needs {', '.join(f'<code>{scope}</code>' for scope in scopes)}.</p>" if scopes else ""
    bodies = told.get("requestBody", {}).get("content", {})
    yield f"<p>Takes {', '.join(f'<code>{kind}</code>' for kind in bodies)}.</p>" if bodies else ""
    given = [_found(document, one) for one in (*shared, *told.get("parameters", []))]
    yield from _list((one["name"], one["description"]) for one in given)
    answers = ((status, _found(document, one)["description"]) for status, one in told["responses"].items())
    yield from _list(answers)
    yield "</details>"


def _found(document: Tree, one: Tree) -> Tree:
    """What a reference to a component names."""
    if "$ref" not in one:
        return one
    _, _, section, name = one["$ref"].split("/")
    found: Tree = document["components"][section][name]
    return found


def _list(pairs: Iterator[tuple[str, str]]) -> Iterator[str]:
    told = [f"<dt><code>{escape(name)}</code></dt><dd>{_text(words)}</dd>" for name, words in pairs]
    yield f"<dl>{''.join(told)}</dl>" if told else ""
