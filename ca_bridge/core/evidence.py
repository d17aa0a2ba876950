"""What was supplied or fetched to judge with: bytes and facts, nothing parsed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Certificates, CRLs and OCSP responses as received (DER). Order never changes an answer."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    ocsp_responses: tuple[bytes, ...] = ()
