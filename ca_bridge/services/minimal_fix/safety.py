"""What no proposal may get round: a revocation somebody told of, and a block in force."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from hashlib import sha256

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.reasons.revocation import CA_REVOKED, TARGET_REVOKED
from ca_bridge.core.recognition.blocked import target_blocks
from ca_bridge.core.recognition.blocklist import BlockKind
from ca_bridge.core.recognition.key_identity import key_hash
from ca_bridge.core.recognition.lifecycle import is_within
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.verdict import Finding, RevocationStatus
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.ocsp import CertId
from ca_bridge.core.x509.pool import Pool
from ca_bridge.core.x509.times import time_text

_SHA256 = "2.16.840.1.101.3.4.2.1"
_REMOVED = "remove_from_crl"


def is_told_revoked(certificate: Certificate, evidence: Evidence, pool: Pool) -> bool:
    """Whether any CRL or OCSP response at hand calls the certificate revoked or on hold."""
    return any(revocations_told(certificate, evidence, pool))


def revocations_told(
    certificate: Certificate, evidence: Evidence, pool: Pool, position: int = 0
) -> Iterator[Finding]:
    """What CRLs and OCSP responses at hand say against the certificate, which stands at ``position``.

    However old they are, whenever the revocation began, whoever signed: nothing is assumed against it.
    """
    for der in evidence.crls:
        with suppress(Malformed):
            crl = pool.crl(der)
            for entry in crl.revoked.find(certificate.serial_number):
                reason = entry.extensions.reason
                if entry.certificate_issuer == certificate.issuer and reason != _REMOVED:
                    yield _told(position, f"crl:{crl.fingerprint}", entry.revocation_date, reason)
    for der in evidence.ocsp_responses:
        with suppress(Malformed):
            response = pool.ocsp(der)
            for single in response.responses:
                if single.status is RevocationStatus.REVOKED and _may_be_about(certificate, single.cert_id):
                    since = single.revocation_time or single.this_update
                    yield _told(
                        position,
                        f"ocsp:{response.fingerprint}",
                        since,
                        single.revocation_reason or "unspecified",
                    )


def _told(position: int, source: str, since: datetime, reason: str) -> Finding:
    params = (("reason", reason), ("since", time_text(since)), ("source", source))
    return Finding(reason=CA_REVOKED if position else TARGET_REVOKED, position=position, params=params)


def _may_be_about(certificate: Certificate, cert_id: CertId) -> bool:
    """Whether number and issuer's name fit; under a hash that is not compared here the name may."""
    if cert_id.serial_number != certificate.serial_number:
        return False
    if cert_id.hash_algorithm.oid != _SHA256:
        return True
    return sha256(certificate.issuer.der).digest() == cert_id.issuer_name_hash


def is_blocked(
    certificates: tuple[Certificate, ...],
    anchor: Certificate | None,
    rules: RecognitionRules,
    at: datetime,
) -> bool:
    """Whether the blocklist speaks at ``at`` against the target, its holder, or a CA on the path."""
    if certificates and target_blocks(certificates[0], rules, at):
        return True
    authorities = (*certificates[1:], *(() if anchor is None else (anchor,)))
    return any(_blocks(authorities, rules, at))


def _blocks(authorities: Iterable[Certificate], rules: RecognitionRules, at: datetime) -> Iterator[bool]:
    for certificate in authorities:
        key = key_hash(certificate)
        for kind, value in (
            (BlockKind.CERTIFICATE, certificate.fingerprint),
            (BlockKind.KEY, key),
            (BlockKind.CA, key),
        ):
            for block in rules.blocks.get((kind, value), ()):
                yield is_within(at, block.effective_from, block.effective_until)
