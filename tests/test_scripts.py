from __future__ import annotations

import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = sorted(path for path in (*(ROOT / "scripts").iterdir(), ROOT / ".ci" / "run") if not path.suffix)
LOCKS = ("run", "test", "clients")


def pins(name: str) -> dict[str, str]:
    """Each package of a lock, and the text of its requirement."""
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^ *#.*\n", "", text).replace("\\\n", " ")
    return {re.split(r"[=<>@ ;]", line, maxsplit=1)[0]: line for line in text.splitlines() if line.strip()}


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_with_its_hashes(name: str) -> None:
    for line in pins(name).values():
        assert re.fullmatch(r"[a-z0-9.-]+==[^ ;]+( ; [^#]+?)?( +--hash=sha256:[0-9a-f]{64})+ *", line), line


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index_and_no_place(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.lock").read_text(encoding="utf-8")
    assert not re.search(r"://|index-url|find-links|trusted-host|(?m:^-)| /", text)


def test_the_test_lock_holds_the_run_lock() -> None:
    assert pins("run").items() <= pins("test").items()


def name_of(requirement: str) -> str:
    """The normalised name of a package (PEP 503)."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=]", requirement, maxsplit=1)[0]).lower()


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {name_of(requirement) for requirement in project["dependencies"]}
    assert needed <= pins("run").keys()
    assert needed | {name_of(one) for one in project["optional-dependencies"]["test"]} <= pins("test").keys()


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.name)
def test_a_script_runs_as_a_program(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    assert os.access(path, os.X_OK)
    assert first in {"#!/usr/bin/env bash", "#!/usr/bin/env python3", "#!/bin/sh"}
    if "sh" in first.rsplit("/", 1)[-1]:
        subprocess.run([first.rsplit("/", 1)[-1].removeprefix("env "), "-n", path], check=True)
