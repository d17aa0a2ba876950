"""A receipt's bytes to its parts: bounded, in the one canonical form, and with no member beside the known."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ca_bridge.core.merkle.checkpoint import Checkpoint, parse_checkpoint
from ca_bridge.core.merkle.errors import UnreadableNote
from ca_bridge.core.merkle.signed_note import NoteSignature, parse_signed_note
from ca_bridge.core.receipt.canonical import NotCanonical, canonical_bytes, read_canonical
from ca_bridge.core.receipt.encodings import hash_octets
from ca_bridge.core.receipt.faults import ReceiptFault, ReceiptFinding

VERSION = 1
LOG_VERSION = 1
MAX_RECEIPT_BYTES = 256 << 10
MAX_DEPTH = 16
MAX_SIGNATURES = 16
MAX_PROOF = 64
"""Hashes of a proof: no tree has more levels."""

_RECEIPT = frozenset({"ca_bridge_receipt", "statement", "log", "signatures"})
_LOG = frozenset({"origin", "index", "tree_size", "inclusion_proof", "checkpoint"})
_SIGNATURE = frozenset({"form", "key_id", "algorithm", "value"})
_KEY_ID = re.compile(r"[a-z_]{1,32}-[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSignature:
    """One signature over the checkpoint as it stands in a receipt."""

    form: str
    key_id: str
    algorithm: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A receipt that was read, and is not checked.

    ``leaf`` are the octets of ``statement`` as the log has them; ``body`` those every signature covers.
    """

    statement: Mapping[str, Any]
    leaf: bytes
    origin: str
    index: int
    tree_size: int
    proof: tuple[bytes, ...]
    body: bytes
    checkpoint: Checkpoint
    note_signature: NoteSignature
    signatures: tuple[ReceiptSignature, ...]


class _Refused(Exception):
    """Why the bytes are no receipt."""

    def __init__(self, fault: ReceiptFault, detail: str = "") -> None:
        super().__init__(detail)
        self.finding = ReceiptFinding(fault=fault, detail=detail)


def read_receipt(raw: bytes) -> Receipt | ReceiptFinding:
    """The receipt whose canonical form ``raw`` is, or why it is none. Nothing is verified."""
    try:
        return _receipt(read_canonical(raw, max_bytes=MAX_RECEIPT_BYTES, max_depth=MAX_DEPTH))
    except NotCanonical as error:
        return ReceiptFinding(fault=ReceiptFault.NOT_CANONICAL, detail=str(error))
    except UnreadableNote as error:
        return ReceiptFinding(fault=ReceiptFault.CHECKPOINT_MALFORMED, detail=str(error))
    except _Refused as refused:
        return refused.finding


def _receipt(data: Any) -> Receipt:
    members = _members(data, _RECEIPT, "receipt")
    if _number(members["ca_bridge_receipt"], "ca_bridge_receipt") != VERSION:
        raise _Refused(ReceiptFault.SHAPE, "ca_bridge_receipt")
    log = _members(members["log"], _LOG, "log")
    note = parse_signed_note(_text(log["checkpoint"], "checkpoint"))
    if len(note.signatures) != 1:
        raise _Refused(ReceiptFault.CHECKPOINT_MALFORMED, "not signed by the log alone")
    statement = _statement(members["statement"])
    return Receipt(
        statement=statement,
        leaf=canonical_bytes(statement),
        origin=_text(log["origin"], "origin"),
        index=_number(log["index"], "index"),
        tree_size=_number(log["tree_size"], "tree_size"),
        proof=tuple(_hash(one) for one in _list(log["inclusion_proof"], MAX_PROOF, "inclusion_proof")),
        body=note.body,
        checkpoint=parse_checkpoint(note.body),
        note_signature=note.signatures[0],
        signatures=tuple(
            _signature(one) for one in _list(members["signatures"], MAX_SIGNATURES, "signatures")
        ),
    )


def _statement(data: Any) -> dict[str, Any]:
    """The log's entry of a decision; its other members are what was decided."""
    if isinstance(data, dict) and data.get("kind") == "decision":
        version = data.get("ca_bridge_log")
        if type(version) is int and version == LOG_VERSION:
            return data
    raise _Refused(ReceiptFault.STATEMENT_SHAPE)


def _signature(data: Any) -> ReceiptSignature:
    members = _members(data, _SIGNATURE, "signature")
    signature = ReceiptSignature(**{name: _text(one, name) for name, one in members.items()})
    if not _KEY_ID.fullmatch(signature.key_id):
        raise _Refused(ReceiptFault.SHAPE, "key_id")
    return signature


def _members(data: Any, names: frozenset[str], place: str) -> dict[str, Any]:
    """An object of exactly these members."""
    if not isinstance(data, dict) or data.keys() != names:
        raise _Refused(ReceiptFault.SHAPE, place)
    return data


def _list(data: Any, longest: int, place: str) -> list[Any]:
    if not isinstance(data, list) or len(data) > longest:
        raise _Refused(ReceiptFault.SHAPE, place)
    return data


def _text(data: Any, place: str) -> str:
    if not isinstance(data, str):
        raise _Refused(ReceiptFault.SHAPE, place)
    return data


def _number(data: Any, place: str) -> int:
    """A number; true and false are none."""
    if type(data) is not int:
        raise _Refused(ReceiptFault.SHAPE, place)
    return data


def _hash(data: Any) -> bytes:
    octets = hash_octets(_text(data, "inclusion_proof"))
    if octets is None:
        raise _Refused(ReceiptFault.SHAPE, "inclusion_proof")
    return octets
