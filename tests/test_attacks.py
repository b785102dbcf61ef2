"""The attacks on sign-in: the page that lists them, and that no guard can be taken away without a test that fails."""

from __future__ import annotations

import compileall
import py_compile
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.attacks import ATTACKS, Attack, page

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("app", "tests", "alembic")


def test_the_page_lists_every_attack_its_guard_and_its_test() -> None:
    """Where it is not: `python -m tests.attacks > docs/attacks.md`."""
    assert (ROOT / "docs" / "attacks.md").read_text(encoding="utf-8") == page()
    for one in ATTACKS:
        assert (ROOT / "app" / one.file).read_text(encoding="utf-8").count(one.guard) == 1, one
        assert f"def {one.case}(" in (ROOT / "tests" / one.tests).read_text(encoding="utf-8"), one


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server and its tests, to be changed."""
    folder = tmp_path_factory.mktemp("copy")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("alembic.ini", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    # By hash: what is changed within a second is seen too, and all the rest is compiled once.
    compileall.compile_dir(folder / "app", quiet=1, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: str(one.name))
def test_without_its_guard_a_test_fails(copy: Path, attack: Attack, inner_run: dict[str, str]) -> None:
    place = copy / "app" / attack.file
    whole = place.read_text(encoding="utf-8")
    place.write_text(whole.replace(attack.guard, attack.without), encoding="utf-8")
    try:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, f"tests/{attack.tests}::{attack.case}"], cwd=copy, env=inner_run | {"PYTHONPATH": str(copy)},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
    finally:
        place.write_text(whole, encoding="utf-8")
    assert done.returncode == 1, done.stdout + done.stderr  # a test failed, and nothing else went wrong
    assert " failed" in done.stdout
    assert "error" not in done.stdout.splitlines()[-1], done.stdout
