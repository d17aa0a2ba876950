"""Binary values in text: base64 of DER, or PEM; the same text gives the same bytes object."""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64
from collections import OrderedDict
from collections.abc import Mapping
from types import MappingProxyType

from ca_bridge.core.reasons import service as reasons
from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.private_key import looks_like_private_key
from ca_bridge.services.errors import UnusableQuestion

_SPACE = str.maketrans("", "", " \t\r\n")
_MAX_REMEMBERED_CHARS = 1 << 15
_PEM = "-----BEGIN "
KINDS: Mapping[str, str] = MappingProxyType(
    {
        "certificate": "certificate",
        "intermediates": "certificate",
        "trust_anchors": "certificate",
        "crls": "crl",
        "ocsp_responses": "ocsp",
    }
)


class BinaryFields:
    """Decodes binary fields. Remembers small values, private keys aside: later stages find them by identity.

    ``remembered`` bounds the number of texts kept, each at most 32 KiB.
    """

    def __init__(self, *, remembered: int = 4096) -> None:
        self._remembered = remembered
        self._known: OrderedDict[str, bytes] = OrderedDict()

    def decode(self, field: str, text: str) -> tuple[bytes, ...]:
        """The DER values in ``text``: one from base64, one or more from PEM.

        Raises UnusableQuestion when it is neither, or holds the wrong kind for ``field``.
        """
        known = self._known.get(text)
        if known is not None:
            return (known,)
        if _PEM in text:
            return _from_pem(field, text)
        der = _from_base64(field, text)
        if len(text) <= _MAX_REMEMBERED_CHARS and not looks_like_private_key(der):
            self._known[text] = der
            if len(self._known) > self._remembered:
                self._known.popitem(last=False)
        return (der,)


def _from_base64(field: str, text: str) -> bytes:
    try:
        return a2b_base64(text, strict_mode=True)
    except ValueError:
        pass  # wrapped lines are common: once more without them
    try:
        return a2b_base64(text.translate(_SPACE), strict_mode=True)
    except (Base64Error, ValueError) as error:
        raise UnusableQuestion(reasons.FIELD_NOT_BASE64, field=field) from error


def _from_pem(field: str, text: str) -> tuple[bytes, ...]:
    try:
        items = decode_bundle(text.encode("ascii"))
    except UnicodeEncodeError as error:
        raise UnusableQuestion(reasons.FIELD_NOT_BASE64, field=field) from error
    except Malformed as error:
        raise UnusableQuestion(reasons.FIELD_PEM_UNUSABLE, field=field, cause=error.reason.code) from error
    wanted = KINDS[field]
    if not items or any(item.kind != wanted for item in items):
        raise UnusableQuestion(reasons.FIELD_PEM_UNUSABLE, field=field, cause=f"not only {wanted}")
    return tuple(item.der for item in items)
