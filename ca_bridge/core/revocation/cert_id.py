"""CertID of RFC 6960 §4.1.1: which certificate an OCSP response is about."""

from __future__ import annotations

from hashlib import sha1, sha256, sha384, sha512

from cryptography.hazmat.primitives import hashes

from ca_bridge.core.revocation.subject import Subject
from ca_bridge.core.x509.ocsp import CertId


def is_about(cert_id: CertId, subject: Subject) -> bool:
    """All four fields fit: hash algorithm, issuer's name, issuer's key, serial number.

    An algorithm that is not known here fits nothing: it can't be told whom such a response means.
    """
    certificate, algorithm = subject.certificate, cert_id.hash_algorithm.oid
    return (
        cert_id.serial_number == certificate.serial_number
        and digest(algorithm, certificate.issuer.der) == cert_id.issuer_name_hash
        and digest(algorithm, subject.issuer_key.spki.key) == cert_id.issuer_key_hash
    )


def hash_of_key(key: bytes) -> bytes:
    """KeyHash of ResponderID: SHA-1 of the key's octets, by definition (RFC 6960 §4.2.1)."""
    return sha1(key, usedforsecurity=False).digest()


def digest(algorithm: str, data: bytes) -> bytes | None:
    """Digest under the algorithm of this OID; None = not one that CertIDs are made with."""
    match algorithm:
        case "1.3.14.3.2.26":
            return sha1(data, usedforsecurity=False).digest()
        case "2.16.840.1.101.3.4.2.1":
            return sha256(data).digest()
        case "2.16.840.1.101.3.4.2.2":
            return sha384(data).digest()
        case "2.16.840.1.101.3.4.2.3":
            return sha512(data).digest()
        case "1.2.156.10197.1.401":
            sm3 = hashes.Hash(hashes.SM3())
            sm3.update(data)
            return sm3.finalize()
        case _:
            return None
