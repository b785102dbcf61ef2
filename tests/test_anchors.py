"""A place for blocks that somebody else's software brings: an entry point of the group `carnet.anchors`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from app.lifecycle import sealing
from app.main import furnish
from app.storage.anchors import anchor
from tests.serving import serving
from tests.translog import Tree, included, logging
from tests.world import opened

if TYPE_CHECKING:
    from pathlib import Path

    from app.storage.embedded import Urls


async def test_a_transparency_log_is_an_anchor(
    module_database_urls: Urls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its distribution is installed beside Carnet, and named by its scheme; what it does not prove is not kept."""
    info = tmp_path / "site" / "carnet_log-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: carnet-log\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[carnet.anchors]\nlog+http = tests.translog:Log\n")
    with pytest.raises(ValueError, match="no anchor is known by `log\\+http:`"):
        anchor("log+http://x", tmp_path)
    monkeypatch.syspath_prepend(info.parent)
    tree = Tree()
    with logging(tree) as url:
        async with serving(module_database_urls, tmp_path / "data", notices=False) as carnet:
            await opened(carnet)
        settings = carnet.settings.model_copy(update={"anchors": (f"log+{url}",)})
        async with furnish(settings) as office:
            await office.sealer.all()
            newest = await office.sealer.newest()
            assert newest is not None
            places = sealing.anchors(office)
            assert await sealing.keep(office, places) == 2
            assert await sealing.keep(office, places) == 0, "the newest block is there"
            kept = settings.data / "trail" / "stamps" / f"{newest.number}.receipt"
            receipt = json.loads(kept.read_text())
            assert included(newest.digest, receipt["path"]) == receipt["root"]
            assert included("00" * 32, receipt["path"]) != receipt["root"]
            kept.unlink()
            sealing.own(office).path.unlink()
            tree.lies = True
            assert await sealing.keep(office, places) == 1, "in its own folder alone"
            assert not kept.exists()
