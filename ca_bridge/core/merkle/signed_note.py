"""Signed notes (C2SP signed-note): a text, and signatures over it by named keys.

This package knows no keys: whoever reads a note says what each signature is worth (check_note).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from ca_bridge.core.merkle.errors import UnreadableNote

MAX_NOTE_BYTES = 256 << 10
MAX_SIGNATURES = 64
"""More than the 16 that every verifier has to accept."""
KEY_ID_BYTES = 4
_DASH = "\u2014 "
_LONGEST_NAME = 255
_FIRST_PRINTABLE = " "
_ED25519_SPKI = bytes.fromhex("302a300506032b6570032100")
_ED25519_BYTES = 32


class NoteAlgorithm(StrEnum):
    """How a key signs notes. ECDSA is over SHA-256 on any curve; SM2 with its usual user ID; both in DER."""

    ED25519 = "ed25519"
    ECDSA_SHA256 = "ecdsa-sha256"
    SM2_SM3 = "sm2-sm3"


SM2_TYPE = b"\xffsm2-sm3 GB/T 32918.2 DER"
"""The signature type of SM2, for which C2SP has assigned none: 0xff and a longer identifier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """One line of signature: the key by its name and four-byte identifier, and what it signed."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        """Refuse what no note can hold."""
        if not _is_name(self.name):
            raise UnreadableNote("not the name of a key")
        if len(self.key_id) != KEY_ID_BYTES or not self.signature:
            raise UnreadableNote("not a signature with the identifier of a key")

    @property
    def line(self) -> str:
        """As it stands in a note, its newline included."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedNote:
    """``body`` is the text, ending in a newline, in UTF-8: exactly what is signed."""

    body: bytes
    signatures: tuple[NoteSignature, ...]

    @property
    def text(self) -> str:
        """The whole note."""
        return signed_note_text(self.body, self.signatures)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteCheck:
    """The signatures that hold, those of known keys that do not, and those of unknown keys."""

    held: tuple[NoteSignature, ...]
    refused: tuple[NoteSignature, ...]
    unknown: tuple[NoteSignature, ...]

    @property
    def trusted(self) -> bool:
        """Whether a known key signed, and every known key that is named did."""
        return bool(self.held) and not self.refused


CheckSignature = Callable[[NoteSignature, bytes], bool | None]
"""Whether the signature over the body holds; None when its key is not known."""


def parse_signed_note(note: str | bytes) -> SignedNote:
    """The note of ``note``; UnreadableNote when it is not exactly one, or beyond the bounds above."""
    text = _plain_text(note)
    head, blank, tail = text.rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or lines.pop():
        raise UnreadableNote("no text, blank line and lines of signatures")
    if not 0 < len(lines) <= MAX_SIGNATURES:
        raise UnreadableNote("no signature, or too many")
    return SignedNote(body=f"{head}\n".encode(), signatures=tuple(_signature(line) for line in lines))


def signed_note_text(body: bytes, signatures: Iterable[NoteSignature]) -> str:
    """The note of ``body``; UnreadableNote when it could not be read back as it is."""
    try:
        text = f"{body.decode()}\n{''.join(one.line for one in signatures)}"
    except UnicodeDecodeError as error:
        raise UnreadableNote("not UTF-8") from error
    if parse_signed_note(text).body != body:
        raise UnreadableNote("a text that ends in no newline")
    return text


def check_note(note: SignedNote, check: CheckSignature) -> NoteCheck:
    """What ``check`` says of each signature. A note is to be believed only when the result is trusted."""
    said = [(one, check(one, note.body)) for one in note.signatures]
    return NoteCheck(
        held=tuple(one for one, holds in said if holds is True),
        refused=tuple(one for one, holds in said if holds is False),
        unknown=tuple(one for one, holds in said if holds is None),
    )


def note_key_id(name: str, algorithm: NoteAlgorithm, spki: bytes) -> bytes:
    """Identifier of a key of this ``name``; ``spki`` is its SubjectPublicKeyInfo, DER. UnreadableNote.

    Ed25519 and SM2: SHA-256(name || newline || type || key), the key as 32 bytes or SubjectPublicKeyInfo.
    ECDSA: SHA-256 of SubjectPublicKeyInfo.
    """
    if not _is_name(name):
        raise UnreadableNote("not the name of a key")
    if algorithm is NoteAlgorithm.ECDSA_SHA256:
        return sha256(spki).digest()[:KEY_ID_BYTES]
    kind, key = SM2_TYPE, spki
    if algorithm is NoteAlgorithm.ED25519:
        kind, key = b"\x01", spki.removeprefix(_ED25519_SPKI)
        if len(key) != _ED25519_BYTES:
            raise UnreadableNote("not an Ed25519 key")
    return sha256(name.encode() + b"\n" + kind + key).digest()[:KEY_ID_BYTES]


def decode_base64(text: str) -> bytes:
    """The octets of standard base64 in its one canonical form; UnreadableNote."""
    try:
        octets = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnreadableNote("not base64") from error
    if base64.b64encode(octets).decode() != text:
        raise UnreadableNote("not base64 in its canonical form")
    return octets


def _plain_text(note: str | bytes) -> str:
    try:
        octets = note if isinstance(note, bytes) else note.encode()
        text = octets.decode()
    except UnicodeError as error:
        raise UnreadableNote("not UTF-8") from error
    if len(octets) > MAX_NOTE_BYTES:
        raise UnreadableNote("too long")
    if any(character < _FIRST_PRINTABLE for character in set(text) - {"\n"}):
        raise UnreadableNote("a control character")
    return text


def _signature(line: str) -> NoteSignature:
    name, space, value = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise UnreadableNote("not a line of signature")
    octets = decode_base64(value)
    return NoteSignature(name=name, key_id=octets[:KEY_ID_BYTES], signature=octets[KEY_ID_BYTES:])


def _is_name(name: str) -> bool:
    """Whether a key may be called so: no spaces, no plus, nothing that cannot be seen as a character."""
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return False
    bad = any(character.isspace() or character < _FIRST_PRINTABLE or character == "+" for character in name)
    return 0 < length <= _LONGEST_NAME and not bad
