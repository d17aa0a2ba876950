"""Who the bridge CA is: its keys, certificates and addresses, as its configuration says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ca_bridge.core.request import KeyUsageBit
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509_writing.extensions import key_identifier
from ca_bridge.services.issue_cross_certificate.errors import (
    ISSUER_UNKNOWN,
    ISSUER_UNUSABLE,
    BridgeRefused,
)
from ca_bridge.services.signing import SigningKey

_DEFAULT_SM2_USER_IDS = (b"1234567812345678",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrlTimes:
    """How long CRLs last, and how long before nextUpdate the following one is due."""

    complete: timedelta = timedelta(days=7)
    delta: timedelta = timedelta(days=1)
    margin: timedelta = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeIssuer:
    """One key of the bridge CA as an issuer.

    ``label`` names it for ever, in the register and in addresses. ``certificate``: DER, its own one.
    ``key`` opens the key when something is to be signed. ``base_url``: where the repository is reached, no
    slash at its end. ``null_parameters``: of the SM2 algorithm identifier. ``issued_to``: certificates (DER)
    that others issued to this key; its own one is published with them. ``max_validity``: no
    cross-certificate lasts longer.
    """

    label: str
    domain: str
    certificate: bytes
    key: Callable[[], SigningKey]
    base_url: str
    null_parameters: bool = True
    issued_to: tuple[bytes, ...] = ()
    max_validity: timedelta = timedelta(days=1095)
    crl: CrlTimes = CrlTimes()
    algorithm_profile: str = "default"
    sm2_user_ids: tuple[bytes, ...] = _DEFAULT_SM2_USER_IDS

    @property
    def parsed(self) -> Certificate:
        """``certificate``, read; the configuration was refused if it could not be."""
        return parse_certificate(self.certificate)

    def address(self, name: str) -> str:
        """Where the file ``name`` of the repository is published."""
        return f"{self.base_url}/{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuers:
    """All issuers of one bridge CA, by label."""

    issuers: Mapping[str, BridgeIssuer]

    def named(self, label: str) -> BridgeIssuer:
        """The issuer of this label; "" = the only one. ISSUER_UNKNOWN."""
        chosen = next(iter(self.issuers)) if not label and len(self.issuers) == 1 else label
        if chosen not in self.issuers:
            raise BridgeRefused(ISSUER_UNKNOWN, label=label or "-", labels=", ".join(sorted(self.issuers)))
        return self.issuers[chosen]


def check_issuer(own: Certificate, now: datetime, *uses: KeyUsageBit) -> None:
    """ISSUER_UNUSABLE unless the issuer's certificate is valid now, a CA's, and for all ``uses``."""
    basic, usage = own.extensions.basic_constraints, own.extensions.key_usage
    if not own.not_before <= now <= own.not_after:
        raise BridgeRefused(ISSUER_UNUSABLE, cause="EXPIRED" if now > own.not_after else "NOT_YET_VALID")
    if basic is None or not basic.ca:
        raise BridgeRefused(ISSUER_UNUSABLE, cause="NOT_A_CA")
    lacking = [use.name for use in uses if usage is not None and use not in usage]
    if lacking:
        raise BridgeRefused(ISSUER_UNUSABLE, cause=f"NO_{lacking[0]}")


def own_key_identifier(certificate: Certificate) -> bytes:
    """The certificate's subjectKeyIdentifier, else the one of RFC 5280 §4.2.1.2 (1)."""
    return certificate.extensions.subject_key_identifier or key_identifier(certificate.spki.key)
