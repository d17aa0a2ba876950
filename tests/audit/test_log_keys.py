"""Checkpoints by each kind of key that signs logs: ECDSA, Ed25519 and SM2, alone and after one another."""

from __future__ import annotations

from typing import Any

import pytest

from ca_bridge.adapters.statement_signatures import verify_statement
from ca_bridge.core.merkle.checkpoint import Checkpoint
from ca_bridge.core.merkle.signed_note import NoteAlgorithm, NoteSignature, note_key_id, signed_note_text
from ca_bridge.core.receipt.keys import KeyRing, KnownKey, key_id_of
from ca_bridge.services.audit.faults import FaultKind
from ca_bridge.services.audit.references import NoteTrust
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.audit.verification import Verification, verify_log
from tests.audit.log_values import NOON, ORIGIN, entries
from tests.fakes.log_store import MemoryLog
from tests.pki_writers import Ecdsa, EdDsa, Sm2

KEYS: dict[str, Any] = {
    "ecdsa-sha256": Ecdsa("audit log"),
    "ed25519": EdDsa("audit log"),
    "sm2-sm3": Sm2("audit log"),
}


def line(algorithm: str, body: bytes) -> NoteSignature:
    key = KEYS[algorithm]
    key_id = note_key_id(ORIGIN, NoteAlgorithm(algorithm), key.spki)
    return NoteSignature(name=ORIGIN, key_id=key_id, signature=key.sign(body))


def sealed(log: MemoryLog, *algorithms: str) -> SealedHead:
    edge = log.head()
    body = Checkpoint(ORIGIN, edge.size, edge.root, ("node n1",)).body
    note = signed_note_text(body, [line(one, body) for one in algorithms])
    return SealedHead(size=edge.size, root=edge.root, body=body, note=note, signatures=(), time=NOON)


def check(log: MemoryLog, *algorithms: str, wrong: bool = False) -> Verification:
    keys = [
        KnownKey(
            key_id=key_id_of("log", KEYS[one].spki),
            use="log",
            algorithm=one,
            spki=KEYS[one].spki,
        )
        for one in algorithms
    ]

    def verify(*arguments: Any) -> bool:
        return False if wrong else verify_statement(*arguments)

    with log.view() as view:
        return verify_log(view, NoteTrust(keys=KeyRing(keys), verify=verify, origin=ORIGIN))


@pytest.mark.parametrize("algorithm", KEYS)
def test_each_kind_of_key(algorithm: str) -> None:
    log = MemoryLog()
    log.append(entries(0, 5))
    log.save_checkpoint(sealed(log, algorithm))
    assert check(log, algorithm).holds
    forged = check(log, algorithm, wrong=True)
    assert [fault.kind for fault in forged.faults] == [FaultKind.CHECKPOINT_FORGED, FaultKind.NOT_SIGNED]
    others = [other for other in KEYS if other != algorithm]
    assert check(log, *others).undecided


def test_a_signature_of_other_octets() -> None:
    for algorithm in KEYS:
        log = MemoryLog()
        log.append(entries(0, 5))
        head = sealed(log, algorithm)
        note = head.note.replace("node n1", "node n2")
        log.save_checkpoint(SealedHead(size=5, root=head.root, body=b"", note=note, signatures=(), time=NOON))
        assert check(log, algorithm).faults[0].kind is FaultKind.CHECKPOINT_FORGED


def test_a_log_whose_keys_took_turns() -> None:
    log = MemoryLog()
    for algorithm in KEYS:
        log.append(entries(log.head().size, 7))
        log.save_checkpoint(sealed(log, algorithm))
    assert check(log, *KEYS).holds
    found = check(log, "sm2-sm3")
    assert {fault.kind for fault in found.faults} == {FaultKind.KEY_UNKNOWN}
    assert found.proven == 21
    log.save_checkpoint(sealed(log, *KEYS))
    assert check(log, "ed25519").proven == 21, "one of several signatures is enough"
