"""DSA keys without parameters of their own (RFC 3279 §2.3.2), which inherit their issuer's."""

from __future__ import annotations

from ca_bridge.core.x509.certificate import SubjectPublicKeyInfo

DSA = "1.2.840.10040.4.1"
_ABSENT = (None, b"\x05\x00")


def lacks_parameters(spki: SubjectPublicKeyInfo) -> bool:
    """Whether nothing can be verified under ``spki`` before its parameters are inherited."""
    return spki.algorithm.oid == DSA and spki.algorithm.parameters in _ABSENT


def inherited(spki: SubjectPublicKeyInfo, above: bytes | None) -> bytes | None:
    """working_public_key_parameters for ``spki`` under an issuer with ``above``, RFC 5280 §6.1.4 (e)."""
    if spki.algorithm.oid != DSA:
        return None
    return above if lacks_parameters(spki) else spki.algorithm.parameters
