"""PEM blocks (RFC 7468) and base64 (RFC 4648 §4): strict inside, tolerant of text around."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from ca_bridge.core.reasons import format_input as reasons
from ca_bridge.core.reasons.format import PRIVATE_KEY_IN_INPUT
from ca_bridge.core.x509.errors import Malformed

MAX_BYTES = 96 * 1024 * 1024
_BEGIN = b"-----BEGIN "
_DASHES = b"-----"
_LABEL = re.compile(rb"[A-Z0-9][A-Z0-9 .#]{0,63}")


def holds_pem(data: bytes) -> bool:
    """Whether there is the beginning of a PEM block anywhere in ``data``."""
    return _BEGIN in data


def pem_blocks(data: bytes) -> Iterator[tuple[str, bytes]]:
    """(label, decoded bytes) of each block, in order. A private key is refused before it is decoded."""
    at = data.find(_BEGIN)
    while at >= 0:
        label_start = at + len(_BEGIN)
        label_end = data.find(_DASHES, label_start, label_start + 70)
        label = data[label_start:label_end]
        if label_end < 0 or not _LABEL.fullmatch(label):
            raise Malformed(reasons.PEM_MALFORMED)
        if b"PRIVATE KEY" in label:
            raise Malformed(PRIVATE_KEY_IN_INPUT)
        body_start = label_end + len(_DASHES)
        closing = b"-----END " + label + _DASHES
        body_end = data.find(_DASHES, body_start)
        if not data.startswith(closing, body_end):
            raise Malformed(reasons.PEM_MALFORMED)
        yield label.decode("ascii"), decode_base64(data[body_start:body_end])
        at = data.find(_BEGIN, body_end + len(closing))


def decode_base64(data: bytes) -> bytes:
    """The bytes of standard base64 with padding; white space is skipped, nothing else is."""
    try:
        return binascii.a2b_base64(b"".join(data.split()), strict_mode=True)
    except binascii.Error:
        raise Malformed(reasons.BASE64_MALFORMED) from None


def decode_binary(text: str) -> bytes:
    """The bytes of one object given as text: base64 DER, or PEM with exactly one block."""
    if len(text) > MAX_BYTES:
        raise Malformed(reasons.INPUT_TOO_LARGE, max_bytes=str(MAX_BYTES))
    try:
        data = text.encode("ascii")
    except UnicodeEncodeError:
        # Text around a PEM block may be in any language; base64 itself may not.
        data = text.encode("utf-8", "replace")
    if holds_pem(data):
        blocks = [encoded for _, encoded in pem_blocks(data)]
        if len(blocks) != 1:
            raise Malformed(reasons.PEM_NOT_ONE_BLOCK, count=str(len(blocks)))
        decoded = blocks[0]
    else:
        decoded = decode_base64(data)
    if not decoded:
        raise Malformed(reasons.INPUT_EMPTY)
    return decoded
