"""Trust anchors and the constraints they carry (RFC 5280 §6.1.1 (d), RFC 5937)."""

from __future__ import annotations

from dataclasses import dataclass

from ca_bridge.core.x509.certificate import Certificate, SubjectPublicKeyInfo
from ca_bridge.core.x509.names import Name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrustAnchor:
    """A name and key trusted by decision, with the certificate it was pinned by.

    ``enforce_validity`` and ``enforce_constraints``: judged by its own validity period and
    extensions too (RFC 5937), unless a domain says otherwise.
    """

    certificate: Certificate
    enforce_validity: bool = True
    enforce_constraints: bool = True

    @property
    def name(self) -> Name:
        """Subject name of the anchor."""
        return self.certificate.subject

    @property
    def spki(self) -> SubjectPublicKeyInfo:
        """Public key of the anchor."""
        return self.certificate.spki

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate it was pinned by, lower-case hex."""
        return self.certificate.fingerprint
