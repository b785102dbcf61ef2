from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_the_page_of_settings_is_made_from_them() -> None:
    """Where it is not: `.venv/bin/python scripts/settings >docs/settings.md`."""
    made = subprocess.run([sys.executable, ROOT / "scripts" / "settings"], check=True, capture_output=True, text=True)
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == made.stdout
