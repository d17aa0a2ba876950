"""Would the certificate contradict what was agreed? The analysis of the policy, before and after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from ca_bridge.core.recognition.analysis.conflict import Conflict
from ca_bridge.core.recognition.analysis.conflicts import find_conflicts
from ca_bridge.core.recognition.analysis.facts import CaRef, CrossCertificate
from ca_bridge.core.recognition.analysis.rows import DEAD_UNCERTIFIED
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.services.issue_cross_certificate.agreed import Agreed, PolicyInForce
from ca_bridge.services.issue_cross_certificate.errors import WOULD_CONFLICT, BridgeRefused


def as_cross_certificate(certificate: Certificate, issuer_ca: CaRef, subject_ca: CaRef) -> CrossCertificate:
    """What the analysis knows of a CA certificate; both CAs the same = of a constrained anchor."""
    extensions = certificate.extensions
    basic, constraints = extensions.basic_constraints, extensions.policy_constraints
    return CrossCertificate(
        issuer_ca=issuer_ca,
        subject_ca=subject_ca,
        policies=tuple(p.policy for p in extensions.certificate_policies or ()),
        mappings=tuple(
            (m.issuer_domain_policy, m.subject_domain_policy) for m in extensions.policy_mappings or ()
        ),
        inhibit_policy_mapping=None if constraints is None else constraints.inhibit_policy_mapping,
        require_explicit_policy=None if constraints is None else constraints.require_explicit_policy,
        inhibit_any_policy=extensions.inhibit_any_policy,
        path_length=None if basic is None else basic.path_length,
        not_after=certificate.not_after,
    )


def check_conflicts(
    draft: Certificate,
    agreed: Agreed,
    known: PolicyInForce,
    existing: Iterable[CrossCertificate],
    parties: tuple[CaRef, CaRef],
    now: datetime,
) -> None:
    """WOULD_CONFLICT when the analysis finds a conflict with the certificate that it didn't find without.

    A mapping of another agreement between the two domains has no certificate either way: that it is told
    only once there is one of them is not this certificate's doing.
    """
    before = replace(known.facts, cross_certificates=(*known.facts.cross_certificates, *existing))
    added = as_cross_certificate(draft, *parties)
    after = replace(before, cross_certificates=(*before.cross_certificates, added))
    seen = {_identity(conflict) for conflict in find_conflicts(known.policy, now, before)}
    new = [
        conflict
        for conflict in find_conflicts(known.policy, now, after)
        if _identity(conflict) not in seen and not _of_another(conflict, agreed)
    ]
    if new:
        params = dict(new[0].params)
        first = f"{new[0].kind.value}: {new[0].row.message_en.format_map(params)}"
        raise BridgeRefused(WOULD_CONFLICT, count=len(new), first=first)


def _identity(conflict: Conflict) -> tuple[object, ...]:
    return (conflict.row, conflict.where, conflict.params)


def _of_another(conflict: Conflict, agreed: Agreed) -> bool:
    return conflict.row is DEAD_UNCERTIFIED and conflict.where != (agreed.agreement.identifier,)
