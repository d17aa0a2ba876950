"""Proofs, tiles and checkpoints checked by somebody else's implementation of RFC 9162 and of C2SP's formats.

tlog-scales shares no code with this project; the verifier in rfc9162.py beside it is written apart as well.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from cryptography.exceptions import InvalidSignature
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tlog import (
    Checkpoint as TheirCheckpoint,
)
from tlog_scales.tlog import (
    ConsistencyProof,
    ConsistencyProofInvalid,
    InclusionProof,
    InclusionProofInvalid,
)

from ca_bridge.adapters.tile_folder import FolderTiles
from ca_bridge.core.merkle.checkpoint import Checkpoint
from ca_bridge.core.merkle.compact_range import EMPTY
from ca_bridge.core.merkle.growth import Growth
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.merkle.signed_note import signed_note_text
from ca_bridge.services.audit.edges import edge_at
from ca_bridge.services.audit.exporting import export_log
from ca_bridge.services.audit.sequencer import Sequencer
from tests.audit import rfc9162
from tests.audit.log_values import ORIGIN, Ed25519Seal, entries, entry
from tests.fakes.log_store import MemoryLog, OpenedLog

CHANCE = Random(9162)  # noqa: S311 - samples, not secrets


def theirs_inclusion(index: int, size: int, proof: list[bytes], leaf: bytes, root: bytes) -> bool:
    try:
        InclusionProof(index, size, proof).check(leaf, root)
    except InclusionProofInvalid:
        return False
    return True


def theirs_consistency(first: int, second: int, proof: list[bytes], old: bytes, new: bytes) -> bool:
    try:
        ConsistencyProof(first, second, proof).check(old, new)
    except ConsistencyProofInvalid:
        return False
    return True


def altered(proof: list[bytes]) -> list[list[bytes]]:
    return [[*proof[:n], bytes([one[0] ^ 1]) + one[1:], *proof[n + 1 :]] for n, one in enumerate(proof)] + [
        proof[:-1],
        [*proof, bytes(32)],
    ]


def root_of(log: MemoryLog, size: int) -> bytes:
    return Growth(EMPTY, log.leaf_hashes(0, size)).after.root


def test_every_proof_of_small_trees() -> None:
    log, checked = MemoryLog(), 0
    log.append(entries(0, 40))
    for size in range(1, 41):
        root = root_of(log, size)
        for index in range(size):
            proof, leaf = list(log.inclusion_proof(index, size)), log.leaf_hashes(index, 1)[0]
            assert theirs_inclusion(index, size, proof, leaf, root)
            assert rfc9162.included(leaf, index, size, proof, root)
            assert not any(
                theirs_inclusion(index, size, bad, leaf, root) for bad in altered(proof) if bad != proof
            )
            checked += 1
        for first in range(1, size + 1):
            proof = list(log.consistency_proof(first, size))
            assert theirs_consistency(first, size, proof, root_of(log, first), root)
            assert rfc9162.consistent(first, size, proof, root_of(log, first), root)
            checked += 1
    assert checked == 2 * 820


@pytest.mark.parametrize("size", [65_536, 66_123])
def test_proofs_of_a_large_log(sqlite_log: OpenedLog, size: int) -> None:
    sqlite_log.append(entries(0, size))
    root = sqlite_log.head().root
    with sqlite_log.view() as view:
        for _ in range(60):
            index, first = CHANCE.randrange(size), CHANCE.randrange(1, size)
            proof = list(sqlite_log.inclusion_proof(index, size))
            assert theirs_inclusion(index, size, proof, leaf_hash(entry(index).data), root)
            path = list(sqlite_log.consistency_proof(first, size))
            assert theirs_consistency(first, size, path, edge_at(view, first).root, root)
            assert not theirs_consistency(first, size, path, edge_at(view, first - 1).root, root)


def test_proofs_that_come_with_a_group(sqlite_log: OpenedLog) -> None:
    """Made from the right edge alone, by the sequencer."""
    sequencer = Sequencer(sqlite_log, Ed25519Seal())
    for count in (1, 2, 300, 7):
        for one in sequencer.include_all(entries(sqlite_log.head().size, count)):
            assert theirs_inclusion(
                one.index, one.tree_size, list(one.proof), leaf_hash(one.data), one.head.root
            )
    sequencer.close()


@pytest.mark.parametrize("size", [1, 255, 256, 700, 66_123])
def test_an_exported_log_is_read_by_others(tmp_path: Path, size: int) -> None:
    log, seal = MemoryLog(), Ed25519Seal()
    log.append(entries(0, size))
    head = seal.of(log.head())
    with log.view() as view:
        export_log(view, head, FolderTiles(tmp_path))
    reader = TilesReader(LocalBackend(tmp_path))
    reader.set_size(size)
    assert reader.calculate_root_hash() == head.root
    for index in {0, size // 2, size - 1}:
        assert reader.get_entry(index) == entry(index).data
        proof = reader.get_inclusion_proof(index, size)
        proof.check(leaf_hash(entry(index).data), head.root)
        assert tuple(proof.node_hashes) == Growth(EMPTY, log.leaf_hashes(0, size)).inclusion_proof(index)


def test_a_checkpoint_is_verified_by_others() -> None:
    seal = Ed25519Seal()
    raw = seal.private.public_key().public_bytes_raw()
    key = Vkey(ORIGIN, None, 1, raw)
    log = MemoryLog()
    log.append(entries(0, 5))
    body = Checkpoint(ORIGIN, 5, log.head().root).body
    note = signed_note_text(body, [seal.signature(body)])
    read = TheirCheckpoint.from_text(note)
    assert (read.origin, read.size, read.root_hash) == (ORIGIN, 5, log.head().root)
    assert read.serialize() == note
    read.verify(key)
    with pytest.raises(InvalidSignature):
        TheirCheckpoint.from_text(note.replace("\n5\n", "\n6\n")).verify(key)
