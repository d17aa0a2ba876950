"""Whether a world that passes may be proposed: nothing told revoked, no block got round."""

from __future__ import annotations

from datetime import datetime

from ca_bridge.core.request import RevocationRule
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.services.minimal_fix.judging import Judged
from ca_bridge.services.minimal_fix.safety import is_blocked, is_told_revoked
from ca_bridge.services.report import Known


def is_sound(judged: Judged, asked: Judged) -> bool:
    """Whether what makes ``judged`` pass is neither a revocation overlooked nor a block evaded.

    ``asked`` is the question as it was put. Where a status or a renewal is assumed, another time is asked
    about, or no status at all, no evidence at hand may call a certificate of the path revoked; and a block
    that speaks now of the very certificate speaks of its renewal and of its past too.
    """
    at, now = _time(judged), _time(asked)
    is_checked = judged.answer.parameters.revocation is not RevocationRule.NONE
    if is_checked and not judged.world.assumes and at == now:
        return True
    path, anchor = _path(judged)
    evidence, pool = asked.world.question.evidence, judged.domain.trust.pool
    if any(is_told_revoked(certificate, evidence, pool) for certificate in path):
        return False
    times = (at, now) if at < now else (at,)
    return not any(is_blocked(path, anchor, judged.domain.rules, time) for time in times)


def _time(judged: Judged) -> datetime:
    return judged.world.question.parameters.validation_time


def _path(judged: Judged) -> tuple[tuple[Certificate, ...], Certificate | None]:
    """Certificates of the path that passed, as they are where a renewal is assumed, and the anchor."""
    known, verdict = Known(judged.question, judged.answer), judged.answer.verdict
    found = (known.certificate(fingerprint) for fingerprint in verdict.path)
    originals = {_identity(r.certificate): r.certificate for r in judged.world.renewed}
    path = tuple(originals.get(_identity(c), c) for c in found if c is not None)
    return path, known.certificate(verdict.trust_anchor or "")


def _identity(certificate: Certificate) -> tuple[bytes, int]:
    """Issuer and serial number, which a renewal that is assumed keeps."""
    return certificate.issuer.der, certificate.serial_number
