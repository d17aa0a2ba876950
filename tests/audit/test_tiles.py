"""Exported logs: the layout of C2SP tlog-tiles, only what is new, and checked from the folder alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ca_bridge.adapters.tile_folder import FolderTiles
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.merkle.signed_note import parse_signed_note
from ca_bridge.services.audit.edges import edge_at
from ca_bridge.services.audit.errors import ExportRefused, ExportUnreadable, NotInLog
from ca_bridge.services.audit.exporting import Exported, export_log
from ca_bridge.services.audit.faults import FaultKind
from ca_bridge.services.audit.tile_paths import bundle, bundle_path, read_bundle, tile_path, tiles_of
from ca_bridge.services.audit.tile_view import TileView
from ca_bridge.services.audit.verification import Verification, verify_log
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable
from tests.audit.log_values import Ed25519Seal, entries, entry
from tests.audit.test_verification import trusting
from tests.fakes.log_store import MemoryLog, OpenedLog


def export(log: Any, seal: Ed25519Seal, folder: Path, **options: Any) -> Exported:
    with log.view() as view:
        return export_log(view, seal.of(log.head()), FolderTiles(folder), **options)


def verified(folder: Path, seal: Ed25519Seal, **options: Any) -> Verification:
    return verify_log(TileView(FolderTiles(folder)), trusting(seal), **options)


def named(folder: Path, seal: Ed25519Seal) -> list[tuple[str, int, int]]:
    return [(fault.kind.value, fault.first, fault.last) for fault in verified(folder, seal).faults]


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def filled(size: int) -> MemoryLog:
    log = MemoryLog()
    log.append(entries(0, size))
    return log


def test_paths_of_tiles() -> None:
    """The examples of the specification."""
    assert tile_path(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tile_path(3, 0) == "tile/3/000"
    assert tile_path(1, 5, 17) == "tile/1/005.p/17"
    assert bundle_path(1_000, 112) == "tile/entries/x001/000.p/112"
    whole = [list(tiles_of(level, 70_000)) for level in (0, 1, 2)]
    assert [len(tiles) for tiles in whole] == [274, 2, 1]
    assert [tiles[-1] for tiles in whole] == [(273, 112), (1, 17), (0, 1)]
    assert [list(tiles_of(level, 256)) for level in (0, 1)] == [[(0, 256)], [(0, 1)]]
    assert list(tiles_of(0, 0)) == []


def test_bundles() -> None:
    data = [b"", b"a", bytes(65_535), b"z" * 300]
    octets = bundle(data)
    assert octets.startswith(b"\0\0\0\1a\xff\xff")
    assert read_bundle(octets) == data
    assert read_bundle(octets[:-1]) == data[:-1]
    assert read_bundle(octets[:5]) == data[:2]
    assert read_bundle(b"\0") == read_bundle(b"") == []


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 700])
def test_an_exported_log(tmp_path: Path, size: int) -> None:
    log, seal, told = filled(size), Ed25519Seal(), list[int]()
    done = export(log, seal, tmp_path, progress=told.append)
    assert (done.before, done.size, done.files) == (0, size, len(files(tmp_path)))
    assert told[-1:] == ([size] if size else [])
    found = verified(tmp_path, seal)
    assert found == Verification(size=size, root=log.head().root, proven=size, checkpoints=1, faults=())
    note = (tmp_path / "checkpoint").read_bytes()
    assert parse_signed_note(note).text.encode() == note


def test_the_layout(tmp_path: Path) -> None:
    log = filled(700)
    export(log, Ed25519Seal(), tmp_path)
    assert files(tmp_path) == {
        "checkpoint",
        "tile/0/000",
        "tile/0/001",
        "tile/0/002.p/188",
        "tile/1/000.p/2",
        "tile/entries/000",
        "tile/entries/001",
        "tile/entries/002.p/188",
    }
    assert (tmp_path / "tile/0/001").read_bytes() == b"".join(log.leaf_hashes(256, 256))
    assert (tmp_path / "tile/0/002.p/188").read_bytes() == b"".join(log.leaf_hashes(512, 188))
    assert (tmp_path / "tile/1/000.p/2").read_bytes() == b"".join(one for _, one in log.subtrees(8, 0, 2))
    assert (tmp_path / "tile/entries/002.p/188").read_bytes() == bundle(
        [one.data for one in entries(512, 188)]
    )


def test_only_what_is_new_is_written(tmp_path: Path) -> None:
    log, seal = filled(300), Ed25519Seal()
    export(log, seal, tmp_path)
    old = tmp_path / "tile/0/000"
    os.utime(old, (1, 1))
    log.append(entries(300, 100))
    done = export(log, seal, tmp_path)
    assert (done.before, done.size) == (300, 400)
    assert old.stat().st_mtime == 1
    assert {"tile/0/001.p/44", "tile/0/001.p/144"} <= files(tmp_path), "who has the old checkpoint can go on"
    log.append(entries(400, 200))
    export(log, seal, tmp_path)
    kept = files(tmp_path)
    assert {"tile/0/001", "tile/entries/001", "tile/0/002.p/88"} <= kept
    assert "tile/0/001.p/144" not in kept, "the full tile says all of it"
    assert "tile/entries/001.p/144" not in kept
    assert old.stat().st_mtime == 1
    assert verified(tmp_path, seal).holds
    again = export(log, seal, tmp_path)
    assert (again.before, again.size) == (600, 600)
    assert verified(tmp_path, seal).holds


def test_an_export_of_a_large_log(sqlite_log: OpenedLog, tmp_path: Path) -> None:
    seal = Ed25519Seal()
    sqlite_log.append(entries(0, 65_000))
    export(sqlite_log, seal, tmp_path / "log")
    assert verified(tmp_path / "log", seal).holds
    sqlite_log.append(entries(65_000, 1_600))
    export(sqlite_log, seal, tmp_path / "log")
    found = verified(tmp_path / "log", seal)
    assert (found.holds, found.size) == (True, 66_600)
    assert "tile/2/000.p/1" in files(tmp_path / "log")
    assert "tile/1/000.p/253" not in files(tmp_path / "log")
    (tmp_path / "log/tile/2/000.p/1").write_bytes(bytes(32))
    assert named(tmp_path / "log", seal) == [("SUBTREE_ALTERED", 16, 0)]


def flip(file: Path, at: int) -> None:
    octets = bytearray(file.read_bytes())
    octets[at] ^= 1
    file.write_bytes(octets)


def test_faults_in_a_folder(tmp_path: Path) -> None:
    log, seal = filled(700), Ed25519Seal()
    export(log, seal, tmp_path)
    bundle_file, tile_file = tmp_path / "tile/entries/001", tmp_path / "tile/0/001"
    flip(bundle_file, 2 + 3)  # inside entry 256
    assert named(tmp_path, seal) == [("ENTRY_ALTERED", 256, 256)]
    flip(bundle_file, 2 + 3)
    flip(tile_file, 32 * 7)
    assert named(tmp_path, seal) == [("LEAF_HASH_ALTERED", 263, 263)]
    tile_file.write_bytes(b"")
    assert named(tmp_path, seal) == [("LEAF_HASH_ALTERED", n, n) for n in range(256, 512)]
    tile_file.write_bytes(b"".join(log.leaf_hashes(256, 256)))
    bundle_file.write_bytes(bundle_file.read_bytes()[:-1])
    assert named(tmp_path, seal) == [("ENTRY_MISSING", 511, 511)]
    bundle_file.unlink()
    assert named(tmp_path, seal) == [("ENTRY_MISSING", 256, 511)]
    (tmp_path / "tile/0/001").unlink()
    assert named(tmp_path, seal) == [("ENTRY_MISSING", 256, 511)]
    (tmp_path / "tile/entries/002.p/188").unlink()
    (tmp_path / "tile/0/002.p/188").unlink()
    assert ("TAIL_CUT", 256, 700) in named(tmp_path, seal)


def test_two_entries_swapped_in_a_folder(tmp_path: Path) -> None:
    log, seal = filled(700), Ed25519Seal()
    export(log, seal, tmp_path)
    data = [one.data for one in entries(0, 256)]
    data[10], data[20] = data[20], data[10]
    (tmp_path / "tile/entries/000").write_bytes(bundle(data))
    assert named(tmp_path, seal) == [("ENTRIES_SWAPPED", 10, 20)]
    (tmp_path / "tile/0/000").write_bytes(b"".join(leaf_hash(one) for one in data))
    assert named(tmp_path, seal) == [("ENTRIES_SWAPPED", 10, 20)]


def test_a_forged_checkpoint_in_a_folder(tmp_path: Path) -> None:
    seal, other = Ed25519Seal(), Ed25519Seal(seed=2)
    export(filled(300), seal, tmp_path)
    flip(tmp_path / "checkpoint", 1)
    assert named(tmp_path, seal)[0][0] == "CHECKPOINT_FORGED"
    flip(tmp_path / "checkpoint", 1)
    found = verified(tmp_path, other)
    assert [fault.kind for fault in found.faults] == [FaultKind.KEY_UNKNOWN, FaultKind.NOT_SIGNED]


def test_a_witness_of_a_newer_log(tmp_path: Path) -> None:
    log, seal = filled(300), Ed25519Seal()
    export(log, seal, tmp_path)
    log.append(entries(300, 1))
    newer = seal.of(log.head())
    found = verified(tmp_path, seal, witnesses=[("w", newer.note.encode())])
    assert [(one.kind, one.first, one.last) for one in found.faults] == [
        (FaultKind.BACKUP_RESTORED, 300, 301)
    ]


def test_a_full_tile_stands_for_the_partial_one(tmp_path: Path) -> None:
    """A reader with an older checkpoint finds that the log has gone on."""
    log, seal = filled(300), Ed25519Seal()
    export(log, seal, tmp_path)
    older = (tmp_path / "checkpoint").read_bytes()
    log.append(entries(300, 300))
    export(log, seal, tmp_path)
    assert "tile/0/001.p/44" not in files(tmp_path)
    (tmp_path / "checkpoint").write_bytes(older)
    found = verified(tmp_path, seal)
    assert (found.holds, found.size) == (True, 300)


def test_an_older_log_never_takes_the_place_of_a_newer_one(tmp_path: Path) -> None:
    seal = Ed25519Seal()
    export(filled(300), seal, tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}
    with pytest.raises(ExportRefused, match="300 entries are exported and the log has 299"):
        export(filled(299), seal, tmp_path)
    other = filled(299)
    other.append([entry(9_999), *entries(300, 50)])
    with pytest.raises(ExportRefused, match="not the one that is exported"):
        export(other, seal, tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in files(tmp_path)} == before
    assert verified(tmp_path, seal).holds


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE log_entries SET data = x'7b7d' WHERE entry_index = 280", "entry 280 was altered"),
        ("DELETE FROM log_entries WHERE entry_index = 280", "entry 280 is missing"),
        ("DELETE FROM log_entries WHERE entry_index >= 280", "entry 280 is missing"),
        ("UPDATE log_subtrees SET hash = zeroblob(32) WHERE node_index = 1", "not its own"),
        ("UPDATE log_entries SET leaf_hash = zeroblob(32) WHERE entry_index = 599", "entry 599 was altered"),
    ],
)
def test_a_log_that_was_tampered_with_is_not_exported(
    sqlite_log: OpenedLog, tmp_path: Path, statement: str, why: str
) -> None:
    seal, folder = Ed25519Seal(), tmp_path / "log"
    sqlite_log.append(entries(0, 270))
    export(sqlite_log, seal, folder)
    sqlite_log.append(entries(270, 330))
    sqlite_log.execute(statement)
    with pytest.raises(ExportRefused, match=why):
        export(sqlite_log, seal, folder)
    assert (verified(folder, seal).holds, verified(folder, seal).size) == (True, 270)


def test_a_checkpoint_of_something_else_is_not_exported(tmp_path: Path) -> None:
    log, seal = filled(10), Ed25519Seal()
    with log.view() as view, pytest.raises(ExportRefused, match="checkpoint"):
        export_log(view, seal(10, bytes(32)), FolderTiles(tmp_path))
    assert files(tmp_path) == set()


def test_entries_that_were_exported_before_are_looked_at_again(sqlite_log: OpenedLog, tmp_path: Path) -> None:
    """The last, partial bundle is written anew: with what its hashes say, or not at all."""
    seal, folder = Ed25519Seal(), tmp_path / "log"
    sqlite_log.append(entries(0, 270))
    export(sqlite_log, seal, folder)
    sqlite_log.append(entries(270, 10))
    sqlite_log.execute("UPDATE log_entries SET data = x'7b7d' WHERE entry_index = 260")
    with pytest.raises(ExportRefused, match="entry 260 was altered"):
        export(sqlite_log, seal, folder)


@pytest.mark.parametrize("octets", [None, b"", b"x", b"x\n\n\xe2\x80\x94 a AAAAAHM=\n"])
def test_a_folder_that_is_no_log(tmp_path: Path, octets: bytes | None) -> None:
    if octets is not None:
        (tmp_path / "checkpoint").write_bytes(octets)
    with pytest.raises(ExportUnreadable):
        TileView(FolderTiles(tmp_path))


def test_edges_that_cannot_be_had() -> None:
    with filled(5).view() as view:
        assert edge_at(view, 5).size == 5
        with pytest.raises(NotInLog):
            edge_at(view, 6)


def test_a_file_is_written_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = FolderTiles(tmp_path)
    folder.write("a/b", b"old")
    monkeypatch.setattr(
        Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
    )
    with pytest.raises(StoreUnavailable, match="No space left"):
        folder.write("a/b", b"new")
    assert folder.read("a/b") == b"old"


def test_files_of_a_folder(tmp_path: Path) -> None:
    folder = FolderTiles(tmp_path / "new")
    assert folder.read("x/y") is None
    folder.delete("x/y")
    folder.write("x/y.p/3", b"1")
    folder.write("x/y.p/4", b"2")
    assert folder.read("x/y.p/3") == b"1"
    assert folder.read("x/y.p/3/z") is None
    folder.delete("x/y.p/3")
    assert folder.read("x/y.p/4") == b"2"
    folder.delete("x/y.p/4")
    assert not (tmp_path / "new/x/y.p").exists()
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreUnavailable):
        FolderTiles(tmp_path / "file").write("x", b"")
    (tmp_path / "new/dir").mkdir()
    with pytest.raises(StoreUnavailable):
        folder.read("dir")
