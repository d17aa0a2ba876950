"""A checkpoint as SignedData of GB/T 35275 (GM/T 0010), written: its identifiers, and its one form.

The shape is that of PKCS#7 v1.5 (RFC 2315): version 1 throughout, the signer named by issuer and serial
number. There are no attributes, so that the signature is over the content itself.
"""

from __future__ import annotations

from ca_bridge.core.x509 import der
from ca_bridge.core.x509_writing.der import octet_string, sequence, tlv

FORM = "gbt35275"
ALGORITHM = "sm2-sm3"
CONTEXT_0 = 0xA0

SM3 = bytes.fromhex("300a06082a811ccf55018311")
"""AlgorithmIdentifier 1.2.156.10197.1.401."""
SM2_SM3 = bytes.fromhex("300b06092a811ccf5501822d01")
"""AlgorithmIdentifier 1.2.156.10197.1.301.1; others are deployed for the same, and one is taken here."""

_SIGNED_DATA = bytes.fromhex("060a2a811ccf550601040202")  # 1.2.156.10197.6.1.4.2.2
_DATA = bytes.fromhex("060a2a811ccf550601040201")  # 1.2.156.10197.6.1.4.2.1
_VERSION_1 = b"\x02\x01\x01"


def signed_data(content: bytes, certificate: bytes, signature: bytes) -> bytes:
    """The ContentInfo, DER, with the signer's certificate and signature (DER {r, s}).

    Malformed when the certificate is none.
    """
    name, _ = issuer_and_serial(certificate)
    signer = sequence(_VERSION_1, name, SM3, SM2_SM3, octet_string(signature))
    data = sequence(
        _VERSION_1,
        tlv(der.SET, SM3),
        sequence(_DATA, tlv(CONTEXT_0, octet_string(content))),
        tlv(CONTEXT_0, certificate),
        tlv(der.SET, signer),
    )
    return sequence(_SIGNED_DATA, tlv(CONTEXT_0, data))


def issuer_and_serial(certificate: bytes) -> tuple[bytes, bytes]:
    """(IssuerAndSerialNumber, SubjectPublicKeyInfo) of a certificate, both DER; Malformed.

    Nothing in the certificate is judged: it is of a key that is known without it.
    """
    start, end = der.expect_whole(certificate, 0, len(certificate), der.SEQUENCE)
    pos, end = der.expect(certificate, start, end, der.SEQUENCE)
    if der.peek(certificate, pos, end) == CONTEXT_0:  # the version, [0] EXPLICIT
        pos = der.read_tlv(certificate, pos, end)[2]
    fields = []
    for tag in (der.INTEGER, *(der.SEQUENCE,) * 5):  # serial, signature, issuer, validity, subject, key
        stop = der.expect(certificate, pos, end, tag)[1]
        fields.append(certificate[pos:stop])
        pos = stop
    serial, _, issuer, _, _, spki = fields
    return sequence(issuer, serial), spki
