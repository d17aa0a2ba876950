"""Self-signed certificates and certification requests of new keys, whatever signs them, SM2 too."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import NameOID

from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.x509.der import read_tlv
from ca_bridge.core.x509.extensions import BasicConstraints
from ca_bridge.core.x509_writing import der
from ca_bridge.core.x509_writing.algorithm_identifiers import algorithm_identifier
from ca_bridge.core.x509_writing.certificate import TbsCertificate, signed_object
from ca_bridge.core.x509_writing.extensions import (
    basic_constraints,
    key_identifier,
    key_usage,
    subject_key_identifier,
)
from ca_bridge.services.key_management.errors import PLAN_UNUSABLE
from ca_bridge.services.key_management.model import KeyUse
from ca_bridge.services.key_management.refusal import KeyRefused

Sign = Callable[[bytes], bytes]
_SERIAL_BITS = 159
_EXTENSION_REQUEST = "1.2.840.113549.1.9.14"
_CA_USAGE = (KeyUsageBit.KEY_CERT_SIGN, KeyUsageBit.CRL_SIGN)
_SHORT_NAMES = {"emailAddress": NameOID.EMAIL_ADDRESS}


def name_of(text: str) -> bytes:
    """DER of the Name that ``text`` writes (RFC 4514: the most specific part first); PLAN_UNUSABLE."""
    try:
        name = x509.Name.from_rfc4514_string(text, _SHORT_NAMES)
    except ValueError as error:
        raise KeyRefused(PLAN_UNUSABLE, cause=f"subject: {text}") from error
    return name.public_bytes()


def self_signed(
    *, use: KeyUse, subject: str, spki: bytes, algorithm: str, at: datetime, days: int, sign: Sign
) -> bytes:
    """A certificate of the key under itself, DER: a CA's for the bridge CA, a signer's for the others."""
    name, identifier = name_of(subject), algorithm_identifier(algorithm)
    tbs = TbsCertificate(
        serial_number=secrets.randbits(_SERIAL_BITS) | 1 << (_SERIAL_BITS - 1),
        algorithm=identifier,
        issuer=name,
        not_before=at,
        not_after=at + timedelta(days=days),
        subject=name,
        spki=spki,
        extensions=_extensions(use, spki),
    ).der
    return signed_object(tbs, identifier, sign(tbs))


def request(*, use: KeyUse, subject: str, spki: bytes, algorithm: str, sign: Sign) -> bytes:
    """A certification request (RFC 2986), DER, that asks for the extensions of self_signed."""
    wanted = der.sequence(
        der.object_identifier(_EXTENSION_REQUEST), der.set_of(der.sequence(*_extensions(use, spki)))
    )
    info = der.sequence(der.integer(0), name_of(subject), spki, der.constructed(0, wanted))
    return signed_object(info, algorithm_identifier(algorithm), sign(info))


def _extensions(use: KeyUse, spki: bytes) -> tuple[bytes, ...]:
    identifier = subject_key_identifier(key_identifier(_key_octets(spki)))
    if use is KeyUse.BRIDGE_CA:
        constraints = basic_constraints(BasicConstraints(ca=True, path_length=None))
        return (constraints, key_usage(_CA_USAGE), identifier)
    return (key_usage((KeyUsageBit.DIGITAL_SIGNATURE,)), identifier)


def _key_octets(spki: bytes) -> bytes:
    """SubjectPublicKey without its count of unused bits, which is zero."""
    _, start, end = read_tlv(spki, 0, len(spki))
    _, _, after = read_tlv(spki, start, end)
    _, key, key_end = read_tlv(spki, after, end)
    return spki[key + 1 : key_end]
