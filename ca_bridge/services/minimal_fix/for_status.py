"""Changes for revocation evidence that is missing or cannot be used: a fresh one, assumed to say good."""

from __future__ import annotations

from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.names import GeneralNameType
from ca_bridge.services.minimal_fix import other_changes as changes
from ca_bridge.services.minimal_fix.making import Changes, certificate_name, evidence_change
from ca_bridge.services.minimal_fix.obstacles import Case
from ca_bridge.services.minimal_fix.safety import is_told_revoked
from ca_bridge.services.minimal_fix.steps import FreshStatus, StatusStep

_OCSP_ACCESS = "1.3.6.1.5.5.7.48.1"
_MAX_SOURCES = 2
_MAX_POSITIONS = 4


def fresh_status(case: Case) -> Changes:
    """Fetch the status of the certificate at the finding, or of each on the path where none is named.

    Never where evidence at hand calls it revoked, however old.
    """
    place = case.finding.position
    count = min(len(case.obstacle.certificates), _MAX_POSITIONS)
    for position in range(count) if place is None else (place,):
        certificate, issuer = case.certificate(position), case.certificate(position + 1)
        if certificate is None or issuer is None:
            continue
        if is_told_revoked(certificate, case.world.question.evidence, case.judged.domain.trust.pool):
            continue
        yield evidence_change(
            case,
            changes.STATUS_FETCHED,
            StatusStep(FreshStatus(certificate, issuer)),
            certificate,
            name=certificate_name(certificate),
            serial_number=f"{certificate.serial_number:x}",
            source=", ".join(status_sources(certificate)) or "-",
        )


def status_sources(certificate: Certificate) -> tuple[str, ...]:
    """Where the certificate says its status can be had: OCSP responders and CRL distribution points."""
    extensions = certificate.extensions
    responders = [a.location for a in extensions.authority_info_access if a.method == _OCSP_ACCESS]
    points = [name for point in extensions.crl_distribution_points for name in point.full_name]
    uris = [n.text for n in (*responders, *points) if n.kind is GeneralNameType.URI]
    return tuple(dict.fromkeys(uris))[:_MAX_SOURCES]
