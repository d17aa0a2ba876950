"""A folder that others can write to as well: no link is followed, nothing is waited for, little is kept."""

from __future__ import annotations

import os
import shutil
import tracemalloc
from pathlib import Path

import pytest

from ca_bridge.adapters.tile_folder import FolderTiles
from ca_bridge.services.audit.exporting import export_log
from ca_bridge.services.audit.tile_paths import bundle
from ca_bridge.services.audit.tile_view import TileView
from ca_bridge.services.audit.verification import verify_log
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable
from tests.audit.log_values import Ed25519Seal
from tests.audit.test_verification import filled, trusting
from tests.fakes.log_store import MemoryLog


def test_a_link_in_the_place_of_an_unfinished_file_is_not_written_through(tmp_path: Path) -> None:
    log, out, victim = MemoryLog(), tmp_path / "out", tmp_path / "victim"
    filled(log, 300, (300,))
    victim.write_text("precious")
    out.mkdir()
    (out / "checkpoint.part").symlink_to(victim)
    with log.view() as view:
        export_log(view, log.checkpoints()[-1], FolderTiles(out))
    assert victim.read_text() == "precious"
    assert not (out / "checkpoint").is_symlink()
    assert (out / "checkpoint").read_text() == log.checkpoints()[-1].note


def test_a_file_left_by_a_crash_is_written_anew(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.part").write_bytes(b"half of")
    tiles = FolderTiles(tmp_path)
    tiles.write("checkpoint", b"x")
    assert tiles.read("checkpoint") == b"x"
    assert not (tmp_path / "checkpoint.part").exists()


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    tiles = FolderTiles(tmp_path)
    for name in ("link", "pipe", "folder"):
        with pytest.raises(StoreUnavailable):
            tiles.read(name)
    assert tiles.read("elsewhere") == b"x"
    assert tiles.read("nothing") is tiles.read("elsewhere/below") is None


def test_a_folder_of_the_longest_entries_is_read_bundle_by_bundle(tmp_path: Path) -> None:
    """Twelve bundles of 16 MiB each (one file, linked): no more than a few are in memory at once."""
    seal, entries = Ed25519Seal(), tmp_path / "tile/entries"
    entries.mkdir(parents=True)
    (tmp_path / "checkpoint").write_text(seal(12 * 256, bytes(32)).note)
    (entries / "000").write_bytes(bundle([bytes(65_535)] * 256))
    for number in range(1, 12):
        os.link(entries / "000", entries / f"{number:03d}")
    tracemalloc.start()
    try:
        found = verify_log(TileView(FolderTiles(tmp_path)), trusting(seal))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        shutil.rmtree(entries)
    assert not found.holds
    assert found.size == 12 * 256
    assert peak < 110 << 20
