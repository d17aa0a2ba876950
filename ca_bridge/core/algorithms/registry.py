"""Which signature algorithm an AlgorithmIdentifier names, parameters included."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cryptography.hazmat.primitives import hashes

from ca_bridge.core.algorithms.encodings import ABSENT, NULL_DER, NULL_OR_ABSENT
from ca_bridge.core.algorithms.fault import fault
from ca_bridge.core.algorithms.pss import RSASSA_PSS_OID, decode_pss_parameters
from ca_bridge.core.reasons import algorithms as reasons
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import AlgorithmIdentifier


class Scheme(StrEnum):
    """How a signature is made, named as the table policies/algorithms.yaml names it."""

    PKCS1 = "RSASSA-PKCS1-v1_5"
    PSS = "RSASSA-PSS"
    ECDSA = "ECDSA"
    DSA = "DSA"
    ED25519 = "Ed25519"
    ED448 = "Ed448"
    SM2 = "SM2"


HASHES: dict[str, hashes.HashAlgorithm] = {
    "MD5": hashes.MD5(),  # noqa: S303 - no table may name it; here so that it is refused by its name
    "SHA-1": hashes.SHA1(),  # noqa: S303 - for "legacy"; elsewhere refused by its name
    "SHA-224": hashes.SHA224(),
    "SHA-256": hashes.SHA256(),
    "SHA-384": hashes.SHA384(),
    "SHA-512": hashes.SHA512(),
    "SM3": hashes.SM3(),
}


@dataclass(frozen=True, slots=True)
class SignatureAlgorithm:
    """A scheme with its hash ("" where the scheme fixes it) and, for PSS, its salt length."""

    scheme: Scheme
    hash_name: str
    salt_bytes: int = 0

    @property
    def name(self) -> str:
        """As messages say it."""
        return f"{self.scheme} with {self.hash_name}" if self.hash_name else str(self.scheme)


_PKCS1, _ECDSA, _DSA = "1.2.840.113549.1.1", "1.2.840.10045.4", "2.16.840.1.101.3.4.3"

_NULL: frozenset[bytes | None] = frozenset({NULL_DER})

# RFC 3279 §2.2.1: NULL. RFC 4055 §5: NULL, and absent must be taken too. RFC 3279 §2.2.2, RFC 5758 §3,
# RFC 8410 §3: absent. SM3 with SM2 and with RSA are deployed both ways.
_ALGORITHMS: dict[str, tuple[SignatureAlgorithm, frozenset[bytes | None]]] = {
    f"{_PKCS1}.4": (SignatureAlgorithm(Scheme.PKCS1, "MD5"), _NULL),
    f"{_PKCS1}.5": (SignatureAlgorithm(Scheme.PKCS1, "SHA-1"), _NULL),
    f"{_PKCS1}.14": (SignatureAlgorithm(Scheme.PKCS1, "SHA-224"), NULL_OR_ABSENT),
    f"{_PKCS1}.11": (SignatureAlgorithm(Scheme.PKCS1, "SHA-256"), NULL_OR_ABSENT),
    f"{_PKCS1}.12": (SignatureAlgorithm(Scheme.PKCS1, "SHA-384"), NULL_OR_ABSENT),
    f"{_PKCS1}.13": (SignatureAlgorithm(Scheme.PKCS1, "SHA-512"), NULL_OR_ABSENT),
    "1.2.156.10197.1.504": (SignatureAlgorithm(Scheme.PKCS1, "SM3"), NULL_OR_ABSENT),
    f"{_ECDSA}.1": (SignatureAlgorithm(Scheme.ECDSA, "SHA-1"), ABSENT),
    f"{_ECDSA}.3.1": (SignatureAlgorithm(Scheme.ECDSA, "SHA-224"), ABSENT),
    f"{_ECDSA}.3.2": (SignatureAlgorithm(Scheme.ECDSA, "SHA-256"), ABSENT),
    f"{_ECDSA}.3.3": (SignatureAlgorithm(Scheme.ECDSA, "SHA-384"), ABSENT),
    f"{_ECDSA}.3.4": (SignatureAlgorithm(Scheme.ECDSA, "SHA-512"), ABSENT),
    "1.2.840.10040.4.3": (SignatureAlgorithm(Scheme.DSA, "SHA-1"), ABSENT),
    f"{_DSA}.1": (SignatureAlgorithm(Scheme.DSA, "SHA-224"), ABSENT),
    f"{_DSA}.2": (SignatureAlgorithm(Scheme.DSA, "SHA-256"), ABSENT),
    "1.3.101.112": (SignatureAlgorithm(Scheme.ED25519, ""), ABSENT),
    "1.3.101.113": (SignatureAlgorithm(Scheme.ED448, ""), ABSENT),
    "1.2.156.10197.1.501": (SignatureAlgorithm(Scheme.SM2, "SM3"), NULL_OR_ABSENT),
}


def signature_algorithm(identifier: AlgorithmIdentifier) -> SignatureAlgorithm | Finding:
    """The algorithm ``identifier`` names, or why it names none that can be verified here."""
    if identifier.oid == RSASSA_PSS_OID:
        pss = decode_pss_parameters(identifier.parameters)
        if isinstance(pss, Finding):
            return pss
        return SignatureAlgorithm(Scheme.PSS, pss.hash_name, pss.salt_bytes)
    known = _ALGORITHMS.get(identifier.oid)
    if known is None:
        return fault(reasons.SIGNATURE_ALGORITHM_UNSUPPORTED, oid=identifier.oid)
    if identifier.parameters not in known[1]:
        return fault(reasons.SIGNATURE_PARAMETERS_INVALID, algorithm=known[0].name)
    return known[0]
