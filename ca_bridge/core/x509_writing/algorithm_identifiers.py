"""AlgorithmIdentifier of signatures as DER, parameters as each algorithm's RFC or deployed CAs have them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ca_bridge.core.x509_writing import der

_SM2_SM3 = "sm2-sm3"
_IDENTIFIERS: Mapping[str, tuple[str, bytes]] = MappingProxyType(
    {
        "rsa-pkcs1-sha256": ("1.2.840.113549.1.1.11", der.NULL),
        "rsa-pkcs1-sha384": ("1.2.840.113549.1.1.12", der.NULL),
        "rsa-pkcs1-sha512": ("1.2.840.113549.1.1.13", der.NULL),
        "ecdsa-sha256": ("1.2.840.10045.4.3.2", b""),
        "ecdsa-sha384": ("1.2.840.10045.4.3.3", b""),
        "ed25519": ("1.3.101.112", b""),
        _SM2_SM3: ("1.2.156.10197.1.501", der.NULL),
    }
)
SIGNATURE_ALGORITHMS = frozenset(_IDENTIFIERS)
"""Names of the algorithms that certificates and CRLs can be signed with here."""


def algorithm_identifier(algorithm: str, *, null_parameters: bool = True) -> bytes:
    """AlgorithmIdentifier of one of SIGNATURE_ALGORITHMS.

    ``null_parameters`` is about sm2-sm3 alone: deployed CAs write NULL, some tools leave them out.
    """
    oid, parameters = _IDENTIFIERS[algorithm]
    left_out = algorithm == _SM2_SM3 and not null_parameters
    return der.sequence(der.object_identifier(oid), b"" if left_out else parameters)
