"""Whether a receipt holds, by public keys alone. Every check that fails is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ca_bridge.core.merkle.errors import UnreadableNote
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.merkle.signed_note import NoteAlgorithm, note_key_id
from ca_bridge.core.merkle.verifying import verify_inclusion
from ca_bridge.core.receipt import jws, signed_data_form
from ca_bridge.core.receipt.extension_lines import said
from ca_bridge.core.receipt.faults import ReceiptFault, ReceiptFinding
from ca_bridge.core.receipt.jws import read_jws
from ca_bridge.core.receipt.keys import JOSE_NAMES, LOG, RECEIPT, KeyRing, KnownKey
from ca_bridge.core.receipt.reading import Receipt, ReceiptSignature, read_receipt
from ca_bridge.core.receipt.signed_data import read_signed_data
from ca_bridge.core.receipt.verifying import Signed, VerifySignature

_F = ReceiptFault
_NOTE_ALGORITHMS = frozenset(NoteAlgorithm)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptCheck:
    """What came of checking a receipt: it holds when nothing was found, and then only.

    ``receipt`` is None when the bytes are none: nothing of it may be shown but the findings.
    """

    receipt: Receipt | None
    findings: tuple[ReceiptFinding, ...]

    def __post_init__(self) -> None:
        """Nothing found wrong is not found right."""
        if not self.findings and (self.receipt is None or not self.receipt.signatures):
            raise ValueError("a receipt without signature has to have a finding")

    @property
    def holds(self) -> bool:
        """Whether everything was checked and nothing found wrong."""
        return not self.findings

    @property
    def undecided(self) -> bool:
        """Whether all that was found is that keys are not known."""
        return bool(self.findings) and all(finding.undecided for finding in self.findings)


def check_receipt(raw: bytes, keys: KeyRing, verify: VerifySignature) -> ReceiptCheck:
    """The check of the receipt in ``raw`` under ``keys``. Raises nothing but what ``verify`` raises.

    It holds when: the bytes are a receipt in canonical form; its statement is included, by RFC 9162
    §2.1.3.2, in the tree of its checkpoint; the checkpoint is signed by a known key of use "log"; it has
    signatures over the checkpoint, each by a known key of use "receipt" and with that key's algorithm.
    """
    receipt = read_receipt(raw)
    if isinstance(receipt, ReceiptFinding):
        return ReceiptCheck(receipt=None, findings=(receipt,))
    findings = (
        *_log_findings(receipt, keys),
        *_note_findings(receipt, keys, verify),
        *_repeated(receipt),
        *(found for one in receipt.signatures for found in _signature_findings(one, receipt, keys, verify)),
    )
    return ReceiptCheck(receipt=receipt, findings=findings)


def _log_findings(receipt: Receipt, keys: KeyRing) -> Iterator[ReceiptFinding]:
    """Whether the statement is in the log the checkpoint is of, and that log the keys' own."""
    checkpoint = receipt.checkpoint
    if receipt.origin != checkpoint.origin:
        yield ReceiptFinding(fault=_F.ORIGIN_DIFFERS, detail=checkpoint.origin)
    if keys.origin and receipt.origin != keys.origin:
        yield ReceiptFinding(fault=_F.ORIGIN_UNEXPECTED, detail=receipt.origin)
    if receipt.tree_size != checkpoint.size:
        yield ReceiptFinding(fault=_F.SIZE_DIFFERS, detail=str(checkpoint.size))
    leaf = leaf_hash(receipt.leaf)
    if not verify_inclusion(leaf, receipt.index, checkpoint.size, receipt.proof, checkpoint.root):
        yield ReceiptFinding(fault=_F.NOT_INCLUDED)


def _note_findings(receipt: Receipt, keys: KeyRing, verify: VerifySignature) -> Iterator[ReceiptFinding]:
    """Whether the log's own key signed the checkpoint, under the log's name."""
    signature, origin = receipt.note_signature, receipt.checkpoint.origin
    signers = [key for key in keys if _note_id(origin, key) == signature.key_id]
    if signature.name != origin:
        yield ReceiptFinding(fault=_F.ORIGIN_DIFFERS, detail=signature.name)
        return
    if not signers:
        name = f"{signature.name}+{signature.key_id.hex()}"
        yield ReceiptFinding(fault=_F.CHECKPOINT_KEY_UNKNOWN, key=name)
        return
    key = next((signer for signer in signers if signer.use == LOG), signers[0])
    if key.use != LOG:
        yield ReceiptFinding(fault=_F.KEY_USE, key=key.key_id, detail=key.use)
    elif not verify(key.spki, key.algorithm, receipt.body, signature.signature):
        yield ReceiptFinding(fault=_F.CHECKPOINT_SIGNATURE_INVALID, key=key.key_id)
    yield from _custody_findings(receipt, key)


def _note_id(origin: str, key: KnownKey) -> bytes | None:
    """Identifier of ``key`` in a note of ``origin``; None for a key that signs no notes."""
    if key.algorithm not in _NOTE_ALGORITHMS:
        return None
    try:
        return note_key_id(origin, NoteAlgorithm(key.algorithm), key.spki)
    except UnreadableNote:
        return None


def _repeated(receipt: Receipt) -> Iterator[ReceiptFinding]:
    """There are signatures, and no two of one key in one form."""
    if not receipt.signatures:
        yield ReceiptFinding(fault=_F.SIGNATURE_MISSING)
    seen: set[tuple[str, str]] = set()
    for one in receipt.signatures:
        if (one.form, one.key_id) in seen:
            yield ReceiptFinding(fault=_F.SIGNATURE_REPEATED, key=one.key_id)
        seen.add((one.form, one.key_id))


def _signature_findings(
    one: ReceiptSignature, receipt: Receipt, keys: KeyRing, verify: VerifySignature
) -> Iterator[ReceiptFinding]:
    key = keys.get(one.key_id)
    if key is None:
        yield ReceiptFinding(fault=_F.KEY_UNKNOWN, key=one.key_id)
        return
    if key.use != RECEIPT:
        yield ReceiptFinding(fault=_F.KEY_USE, key=key.key_id, detail=key.use)
        return
    signed = _signed(one, key, receipt)
    if isinstance(signed, ReceiptFinding):
        yield signed
    elif not verify(key.spki, key.algorithm, signed.message, signed.signature):
        yield ReceiptFinding(fault=_F.SIGNATURE_INVALID, key=key.key_id)
    yield from _custody_findings(receipt, key)


def _signed(one: ReceiptSignature, key: KnownKey, receipt: Receipt) -> Signed | ReceiptFinding:
    """What was signed and the signature, read as the form says and the key's algorithm asks."""
    if one.algorithm != JOSE_NAMES.get(key.algorithm):
        return ReceiptFinding(fault=_F.ALGORITHM, key=key.key_id, detail=key.algorithm)
    if one.form == jws.FORM:
        return read_jws(one.value, key, receipt.body)
    if one.form != signed_data_form.FORM:
        return ReceiptFinding(fault=_F.SHAPE, detail="form")
    if key.algorithm != signed_data_form.ALGORITHM:
        return ReceiptFinding(fault=_F.ALGORITHM, key=key.key_id, detail=key.algorithm)
    named = said(receipt.checkpoint.extensions, f"certificate {key.key_id}")
    return read_signed_data(one.value, key, receipt.body, named)


def _custody_findings(receipt: Receipt, key: KnownKey) -> Iterator[ReceiptFinding]:
    """The checkpoint says how the key is kept, and nothing else than is known of it."""
    custody = said(receipt.checkpoint.extensions, f"custody {key.key_id}")
    if not custody or (key.custody and custody != key.custody):
        yield ReceiptFinding(fault=_F.CUSTODY, key=key.key_id)
