"""The rules of the house that a program can check."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.storage.migrate import check, upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.storage.embedded import Urls

ROOT = Path(__file__).resolve().parents[1]
MODULES = sorted((ROOT / "app").rglob("*.py"))
SOURCES = [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "misc", "manager", "handler", "processor"}
LONGEST_FILE = 600
LONGEST_FUNCTION = 40
MAY_SEE_TABLES = ("records", "storage", "policy")
ROWS = {"app.storage.tables", "app.storage.statement"}
"""Modules that rows are reached with."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, and every name that it imports from one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def length(function: Function) -> int:
    """Lines of a function without its docstring."""
    first = function.body[0]
    told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    said = (first.end_lineno or 0) - first.lineno + 1 if told else 0
    return (function.end_lineno or 0) - function.lineno + 1 - said


def test_imports_go_one_way() -> None:
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_only_three_rooms_see_the_tables(path: Path) -> None:
    room = path.relative_to(ROOT / "app").parts[0]
    if room not in MAY_SEE_TABLES:
        assert not ROWS & set(imports(path))


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_no_file_is_too_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_long_function_says_why(path: Path) -> None:
    """The line of its `def` ends in `# long: reason`."""
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, Function)]
    silent = [f.name for f in functions if length(f) > LONGEST_FUNCTION and "# long: " not in lines[f.lineno - 1]]
    assert silent == []


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_is_named_for_what_it_holds(path: Path) -> None:
    for part in path.relative_to(ROOT).with_suffix("").parts:
        assert not EMPTY_NAMES & set(part.split("_"))


def test_the_package_holds_every_folder() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    found = {relative(path.parent).replace("/", ".") for path in MODULES if path.name == "__init__.py"}
    assert set(told) == found | {"app.storage.migrations", "app.storage.migrations.versions"}
    assert not (ROOT / "alembic" / "__init__.py").exists()


async def test_the_migrations_make_the_declared_tables(database_urls: Urls) -> None:
    await upgrade(database_urls.owner)
    assert await check(database_urls.owner) == ()
