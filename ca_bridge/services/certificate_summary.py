"""One certificate in plain data: who, by whom, when, which key, and whose identity numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ca_bridge.core.algorithms.memo import Memo
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.identity import IdentityFields, unified_identity
from ca_bridge.core.x509.identity_key import derive_identity
from ca_bridge.core.x509.identity_registry import REGISTRY, IdentityRule
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.describe import algorithm_text, key_text, name_text, text_shown
from ca_bridge.services.printable import printable

# CA certificates are shown in every answer, and never change: said once, said again.
_summaries: Memo[dict[str, Any]] = Memo(max_entries=2_048, max_bytes=8 << 20)


def certificate_summary(certificate: Certificate) -> dict[str, Any]:
    """What one looks at first; every text is safe to show. Its values are shared: not to be changed."""
    size = len(certificate.der)
    known = _summaries.get(certificate, size)
    if known is None:
        known = _summary(certificate)
        _summaries.put(certificate, known, size)
    return dict(known)


def _summary(certificate: Certificate) -> dict[str, Any]:
    return {
        "fingerprint": certificate.fingerprint,
        "subject": name_text(certificate.subject),
        "issuer": name_text(certificate.issuer),
        "serial_number": f"{certificate.serial_number:x}",
        "not_before": time_text(certificate.not_before),
        "not_after": time_text(certificate.not_after),
        "key": key_text(certificate.spki),
        "signature_algorithm": algorithm_text(certificate.signed.algorithm),
        "self_issued": certificate.self_issued,
        "notes": [{"code": n.code, "detail": printable(n.detail)} for n in certificate.notes],
    }


def identity_summary(
    certificate: Certificate, registry: tuple[IdentityRule, ...] = REGISTRY
) -> dict[str, Any]:
    """Unified identity fields; personal numbers only masked."""
    identity = unified_identity(certificate, registry)
    return {
        "kind": identity.kind.value,
        "unified_social_credit_code": identity.unified_social_credit_code,
        "organization_code": identity.organization_code,
        "fields": _fields(identity),
    }


def holder_summary(
    certificate: Certificate,
    registry: tuple[IdentityRule, ...] = REGISTRY,
    *,
    digest: Callable[[str], str] | None = None,
) -> dict[str, Any]:
    """``identity_summary`` with the holder's name, identity keys, CA-wide identifiers and conflicts by code.

    Persons have keys only with a ``digest`` (a PersonalDigest).
    """
    holder = derive_identity(certificate, registry, digest=digest)
    return identity_summary(certificate, registry) | {
        "name": None if holder.name is None else text_shown(holder.name),
        "keys": [{"key": k.key, "strength": k.strength.value, "source": k.source} for k in holder.keys],
        "ca_unique_ids": [
            {"source": u.source, "owner": u.owner, "masked": printable(u.masked)}
            for u in holder.ca_unique_ids
        ],
        "findings": [finding.reason.code for finding in holder.findings],
    }


def _fields(identity: IdentityFields) -> list[dict[str, Any]]:
    return [
        {
            "kind": f.kind.value,
            "value": None if f.value is None else printable(f.value),
            "masked": printable(f.masked),
            "check": f.check.value,
            "source": f.source,
            "owner": f.owner,
            "problem": None if f.problem is None else f.problem.value,
        }
        for f in identity.fields
    ]
