"""Every identity number a certificate states, in clear: read, used within one call, and let go.

Nothing of this is kept, shown or logged; what may be is in ``identity`` and ``identity_key``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.identity_registry import IdentityRule, rules_for
from ca_bridge.core.x509.identity_subject import subject_numbers
from ca_bridge.core.x509.identity_value import Reading, read_numbers
from ca_bridge.core.x509.names import Name

_ORGANIZATION_NAME = "2.5.4.10"
_SUBJECT_CONFIDENCE = "B"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityStatement:
    """One number, where it stands and who defines that place.

    ``source`` is the dotted extension OID, or "subject:" and the dotted attribute type.
    """

    reading: Reading
    source: str
    owner: str
    confidence: str


def identity_statements(
    certificate: Certificate, registry: Iterable[IdentityRule], issuer_key_sha256: str | None = None
) -> tuple[IdentityStatement, ...]:
    """The numbers of the extensions in their order, then the subject's.

    ``issuer_key_sha256``: SHA-256 of the issuer's SubjectPublicKeyInfo where the path tells it; rows
    limited to CA keys apply only then.
    """
    raw = certificate.extensions.raw
    organizations = _organizations(certificate.issuer)
    rules = rules_for(registry, frozenset(e.oid for e in raw), organizations, issuer_key_sha256)
    stated = tuple(
        IdentityStatement(reading=number, source=rule.oid, owner=rule.owner, confidence=rule.confidence)
        for extension in raw
        if (rule := rules.get(extension.oid)) is not None
        for number in read_numbers(extension.value, rule)
    )
    return stated + tuple(
        IdentityStatement(
            reading=number, source=f"subject:{attribute}", owner="subject", confidence=_SUBJECT_CONFIDENCE
        )
        for attribute, number in subject_numbers(certificate.subject)
    )


def _organizations(name: Name) -> frozenset[str]:
    """Organisation names as rows of the registry are compared with them."""
    return frozenset(a.text.casefold() for rdn in name.rdns for a in rdn if a.oid == _ORGANIZATION_NAME)
