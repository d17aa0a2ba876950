"""Signed heads that a log is held against: those it keeps, and those that others have kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ca_bridge.core.merkle.checkpoint import parse_checkpoint
from ca_bridge.core.merkle.errors import UnreadableNote
from ca_bridge.core.merkle.signed_note import (
    NoteAlgorithm,
    NoteSignature,
    check_note,
    note_key_id,
    parse_signed_note,
)
from ca_bridge.core.receipt.keys import LOG, KeyRing, KnownKey
from ca_bridge.core.receipt.verifying import VerifySignature
from ca_bridge.services.audit.faults import Fault, FaultKind
from ca_bridge.services.audit.log_port import KeptNote

_NO_CHECKPOINT = "不是签名的检查点 / no signed checkpoint"
_ANOTHER_LOG = "属于另一份日志 / it is of another log"
_NO_SIGNATURE = "签名不成立 / its signature does not hold"
_KEPT_AS_ANOTHER = "所存大小或根散列与其文本不符 / it is kept under another size or root"
_ALGORITHMS = frozenset(one.value for one in NoteAlgorithm)


@dataclass(frozen=True, slots=True)
class Reference:
    """A head that a known key signed; ``source`` names who kept it, "" = the log itself."""

    size: int
    root: bytes
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteTrust:
    """What makes a note one of the log: keys of use "log", how to verify, and the origin ("" = any)."""

    keys: KeyRing
    verify: VerifySignature
    origin: str = ""

    def check(self, signature: NoteSignature, body: bytes) -> bool | None:
        """Whether a known key made the signature; None when none of them is named in it."""
        named = [key for key in self.keys if key.use == LOG and _is_named(key, signature)]
        if not named:
            return None
        return any(self.verify(key.spki, key.algorithm, body, signature.signature) for key in named)


def log_reference(head: KeptNote, trust: NoteTrust) -> Reference | Fault:
    """The head that the log keeps, or why it is none to rely on."""
    found = note_reference(head.note, trust, size=head.size)
    if isinstance(found, Reference) and (found.size, found.root) != (head.size, head.root):
        return Fault(
            FaultKind.CHECKPOINT_FORGED, head.size, head.size, "it is kept under another size or root"
        )
    return found


def note_reference(
    note: str | bytes, trust: NoteTrust, *, size: int = 0, source: str = ""
) -> Reference | Fault:
    """The head of a signed note, or why it is none to rely on; ``size`` is said when the note says none."""
    try:
        read = parse_signed_note(note)
        checkpoint = parse_checkpoint(read.body)
    except UnreadableNote as error:
        return _forged(size, f"{_NO_CHECKPOINT} ({error})", source)
    checked = check_note(read, trust.check)
    if trust.origin and checkpoint.origin != trust.origin:
        return _forged(checkpoint.size, _ANOTHER_LOG, source)
    if checked.refused:
        return _forged(checkpoint.size, _NO_SIGNATURE, source)
    if not checked.held:
        names = ", ".join(f"{one.name}+{one.key_id.hex()}" for one in checked.unknown)
        return Fault(FaultKind.KEY_UNKNOWN, checkpoint.size, checkpoint.size, names, source)
    return Reference(checkpoint.size, checkpoint.root, source)


def sort_out(found: Iterable[Reference | Fault]) -> tuple[tuple[Reference, ...], tuple[Fault, ...]]:
    """References, the smallest first, and faults; those of unknown keys together."""
    references: set[Reference] = set()
    faults: dict[tuple[str, ...], Fault] = {}
    for one in found:
        if isinstance(one, Reference):
            references.add(one)
            continue
        unknown = one.kind is FaultKind.KEY_UNKNOWN
        key = (one.kind, one.detail, one.source, "" if unknown else str(one.first))
        first = faults.get(key, one)
        faults[key] = replace(first, last=max(first.last, one.last))
    return tuple(sorted(references, key=lambda one: (one.size, one.source, one.root))), tuple(faults.values())


def _forged(size: int, why: str, source: str = "") -> Fault:
    return Fault(FaultKind.CHECKPOINT_FORGED, size, size, why, source)


def _is_named(key: KnownKey, signature: NoteSignature) -> bool:
    if key.algorithm not in _ALGORITHMS:
        return False
    return note_key_id(signature.name, NoteAlgorithm(key.algorithm), key.spki) == signature.key_id
