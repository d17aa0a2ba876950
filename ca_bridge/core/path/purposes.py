"""Purposes as extended key usage, RFC 5280 §4.2.1.12."""

from __future__ import annotations

from types import MappingProxyType

from ca_bridge.core.request import Purpose

ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0"

EXTENDED_KEY_USAGE_OF = MappingProxyType(
    {
        Purpose.SERVER_AUTH: "1.3.6.1.5.5.7.3.1",
        Purpose.CLIENT_AUTH: "1.3.6.1.5.5.7.3.2",
        Purpose.CODE_SIGNING: "1.3.6.1.5.5.7.3.3",
        Purpose.EMAIL_PROTECTION: "1.3.6.1.5.5.7.3.4",
        Purpose.TIME_STAMPING: "1.3.6.1.5.5.7.3.8",
        Purpose.OCSP_SIGNING: "1.3.6.1.5.5.7.3.9",
    }
)

_NOT_NESTED = frozenset({Purpose.OCSP_SIGNING})
"""A CA names its OCSP responder by issuing to it directly (RFC 6960 §4.2.2.2); CAs limited to
server or client authentication do so without the purpose in their own certificates."""


def issuer_allows(extended_key_usage: frozenset[str] | None, purpose: Purpose) -> bool:
    """Whether a CA with this extended key usage may have certificates below it used for ``purpose``.

    Absent allows everything; ``any`` and ``digital_signature`` name no extended key usage.
    """
    if extended_key_usage is None:
        return True
    wanted = EXTENDED_KEY_USAGE_OF.get(purpose)
    if wanted is None or purpose in _NOT_NESTED:
        return True
    return wanted in extended_key_usage or ANY_EXTENDED_KEY_USAGE in extended_key_usage
