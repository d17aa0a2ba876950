"""TBSCertificate and TBSCertList as DER, and either signed (RFC 5280 §4.1, §5.1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.x509_writing import der
from ca_bridge.core.x509_writing.extensions import reason_code

_V3 = der.constructed(0, der.integer(2))
_V2 = der.integer(1)
_EXTENSIONS_OF_CERTIFICATE, _EXTENSIONS_OF_CRL = 3, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TbsCertificate:
    """What a v3 certificate says; ``algorithm``, names, key and extensions are DER and copied as they are."""

    serial_number: int
    algorithm: bytes
    issuer: bytes
    not_before: datetime
    not_after: datetime
    subject: bytes
    spki: bytes
    extensions: tuple[bytes, ...]

    @property
    def der(self) -> bytes:
        """TBSCertificate."""
        return der.sequence(
            _V3,
            der.integer(self.serial_number),
            self.algorithm,
            self.issuer,
            der.sequence(der.time(self.not_before), der.time(self.not_after)),
            self.subject,
            self.spki,
            der.constructed(_EXTENSIONS_OF_CERTIFICATE, der.sequence(*self.extensions)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokedCertificate:
    """One entry of a CRL; ``reason`` is a name of extensions.REASON_CODES."""

    serial_number: int
    revocation_date: datetime
    reason: str

    @property
    def der(self) -> bytes:
        """One element of revokedCertificates."""
        reason = reason_code(self.reason)
        return der.sequence(
            der.integer(self.serial_number),
            der.time(self.revocation_date),
            der.sequence(reason) if reason else b"",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TbsCertList:
    """What a v2 CRL says; an empty list of entries is left out, as §5.1.2.6 asks."""

    algorithm: bytes
    issuer: bytes
    this_update: datetime
    next_update: datetime
    revoked: tuple[RevokedCertificate, ...]
    extensions: tuple[bytes, ...]

    @property
    def der(self) -> bytes:
        """TBSCertList."""
        entries = (entry.der for entry in self.revoked)
        return der.sequence(
            _V2,
            self.algorithm,
            self.issuer,
            der.time(self.this_update),
            der.time(self.next_update),
            der.sequence(*entries) if self.revoked else b"",
            der.constructed(_EXTENSIONS_OF_CRL, der.sequence(*self.extensions)),
        )


def signed_object(tbs: bytes, algorithm: bytes, signature: bytes) -> bytes:
    """Certificate or CertificateList: ``tbs``, the algorithm it names too, and the signature over it."""
    return der.sequence(tbs, algorithm, der.bit_string(signature))


def certs_only(certificates: Iterable[bytes]) -> bytes:
    """A certs-only CMS message (RFC 5652 §5.1, RFC 8551 §3.2.2): certificates, and nobody's signature."""
    held = sorted(certificates)
    signed_data = der.sequence(
        der.integer(1),
        der.set_of(),
        der.sequence(der.object_identifier("1.2.840.113549.1.7.1")),
        der.constructed(0, *held) if held else b"",
        der.set_of(),
    )
    return der.sequence(der.object_identifier("1.2.840.113549.1.7.2"), der.constructed(0, signed_data))
