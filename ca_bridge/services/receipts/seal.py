"""Seals a head of the log: a signed checkpoint, and over its text what receipts carry of each key."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from ca_bridge.core.merkle.checkpoint import Checkpoint
from ca_bridge.core.merkle.errors import UnreadableNote
from ca_bridge.core.merkle.hashing import EMPTY_ROOT
from ca_bridge.core.merkle.signed_note import NoteAlgorithm, NoteSignature, note_key_id, signed_note_text
from ca_bridge.core.receipt import jws, signed_data_form
from ca_bridge.core.receipt.extension_lines import extension_lines
from ca_bridge.core.receipt.keys import JOSE_NAMES, LOG, RECEIPT, key_id_of
from ca_bridge.core.receipt.signed_data_form import issuer_and_serial, signed_data
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.audit.sealed import SealedHead, StatementSignature
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.ports import Clock
from ca_bridge.services.signing import SigningKey

MAX_KEYS = 8
"""Receipt keys at one time: with two forms for each, as many signatures as a receipt may have."""

_NOTE_ALGORITHMS = frozenset(NoteAlgorithm)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptSeal:
    """A Seal: signs the tree of (size, root) with the log's key and every receipt key.

    The log's key signs the checkpoint as a note. A receipt key signs its text as a JWS, and an SM2 key that
    has a certificate as SignedData of GB/T 35275 too. ConfigurationError when made of keys that cannot.
    """

    origin: str
    node: str
    log_key: SigningKey
    receipt_keys: tuple[SigningKey, ...]
    clock: Clock

    def __post_init__(self) -> None:
        """Refuse now what would fail with the first receipt, or at whoever checks it."""
        if self.log_key.algorithm not in _NOTE_ALGORITHMS:
            raise ConfigurationError(f"key {self.log_key.key_id} cannot sign checkpoints: not of such a kind")
        names = {key.key_id for key in self.receipt_keys}
        if not 0 < len(names) == len(self.receipt_keys) <= MAX_KEYS:
            raise ConfigurationError(f"receipts are signed with 1 to {MAX_KEYS} keys, each of them once")
        for use, key in ((LOG, self.log_key), *((RECEIPT, key) for key in self.receipt_keys)):
            if key.key_id != key_id_of(use, key.spki):
                raise ConfigurationError(f"key {key.key_id} is not a key of use {use}")
        for key in self.receipt_keys:
            _check_receipt_key(key)
        if self.node.split() != [self.node]:
            raise ConfigurationError("the node's name is one word")
        try:
            self._note_key_id()
            Checkpoint(self.origin, 0, EMPTY_ROOT, (f"node {self.node}",))
        except UnreadableNote as error:
            raise ConfigurationError(f"log {self.origin!r} or node {self.node!r}: {error}") from error

    def __call__(self, size: int, root: bytes) -> SealedHead:
        """The head, signed; SignerUnavailable when one key cannot: nothing of it is given out then."""
        time = self.clock.now().replace(microsecond=0)
        custodies = ((key.key_id, key.custody) for key in (self.log_key, *self.receipt_keys))
        certificates = (
            (key.key_id, sha256(certificate).hexdigest())
            for key in self.receipt_keys
            if (certificate := _gm_certificate(key)) is not None
        )
        lines = extension_lines(time, self.node, custodies, certificates)
        body = Checkpoint(self.origin, size, root, lines).body
        return SealedHead(
            size=size,
            root=root,
            body=body,
            note=self._note(body),
            signatures=tuple(one for key in self.receipt_keys for one in _signatures(key, body)),
            time=time,
        )

    def _note(self, body: bytes) -> str:
        signature = self.log_key.sign(body)
        line = NoteSignature(name=self.origin, key_id=self._note_key_id(), signature=signature)
        return signed_note_text(body, (line,))

    def _note_key_id(self) -> bytes:
        return note_key_id(self.origin, NoteAlgorithm(self.log_key.algorithm), self.log_key.spki)


def _check_receipt_key(key: SigningKey) -> None:
    if key.algorithm not in JOSE_NAMES:
        raise ConfigurationError(
            f"key {key.key_id} cannot sign receipts: {key.algorithm} is not used for them"
        )
    certificate = _gm_certificate(key)
    if certificate is None:
        return
    try:
        spki = issuer_and_serial(certificate)[1]
    except Malformed as error:
        raise ConfigurationError(f"the certificate of key {key.key_id} cannot be read") from error
    if spki != key.spki:
        raise ConfigurationError(f"the certificate of key {key.key_id} is of another key")


def _gm_certificate(key: SigningKey) -> bytes | None:
    """The certificate that SignedData of the key holds; None when the key makes none."""
    return key.certificate if key.algorithm == signed_data_form.ALGORITHM else None


def _signatures(key: SigningKey, body: bytes) -> Iterator[StatementSignature]:
    algorithm = JOSE_NAMES[key.algorithm]
    asked = jws.signing_input(key.key_id, key.algorithm, body)
    value = jws.compact(asked, key.algorithm, key.sign(asked))
    yield StatementSignature(form=jws.FORM, key_id=key.key_id, algorithm=algorithm, value=value)
    certificate = _gm_certificate(key)
    if certificate is not None:
        der = signed_data(body, certificate, key.sign(body))
        value = b64encode(der).decode("ascii")
        yield StatementSignature(
            form=signed_data_form.FORM, key_id=key.key_id, algorithm=algorithm, value=value
        )
