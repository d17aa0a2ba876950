"""Conditions of an agreement or a trust-list entry, held against a path whose status was checked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from ca_bridge.core.budget import Budget
from ca_bridge.core.path.name_constraints import NameSubtrees, add_constraints, check_names
from ca_bridge.core.reasons import recognition as reasons
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.recognition.agreement import Conditions, KeyAlgorithm
from ca_bridge.core.request import Parameters, Purpose, RevocationRule
from ca_bridge.core.revocation.status import StatusCheckedPath
from ca_bridge.core.verdict import CertificateStatus, Finding, RevocationStatus
from ca_bridge.core.x509.certificate import Certificate, SubjectPublicKeyInfo
from ca_bridge.core.x509.extensions import NameConstraints
from ca_bridge.core.x509.identity import HolderKind, unified_identity
from ca_bridge.core.x509.identity_registry import IdentityRule
from ca_bridge.core.x509.times import time_text

_SM2_CURVE = bytes.fromhex("06082a811ccf5501822d")
_ALGORITHMS = {
    "1.2.840.113549.1.1.1": KeyAlgorithm.RSA,
    "1.2.840.113549.1.1.10": KeyAlgorithm.RSA,
    "1.2.840.10045.2.1": KeyAlgorithm.ECDSA,
    "1.3.101.112": KeyAlgorithm.EDDSA,
    "1.3.101.113": KeyAlgorithm.EDDSA,
}
_UNPROVEN = frozenset({RevocationStatus.UNKNOWN, RevocationStatus.REVOKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """The certificates that conditions are about: those below position ``below``, and the question.

    ``basis`` names the agreement or the entry in findings.
    """

    checked: StatusCheckedPath
    below: int
    basis: str
    parameters: Parameters
    budget: Budget
    registry: tuple[IdentityRule, ...]

    def finding(self, reason: Reason, position: int | None, **params: str) -> Finding:
        """A finding of ``reason`` that names the basis."""
        return Finding(
            reason=reason, position=position, params=tuple(sorted({**params, "basis": self.basis}.items()))
        )


def check_conditions(conditions: Conditions, about: Recognised) -> tuple[Finding, ...]:
    """Everything of ``conditions`` that does not hold; () = all of it does. Raises BudgetExhausted."""
    return tuple(
        dict.fromkeys(
            (
                *_purpose(conditions, about),
                *_subject_kind(conditions, about),
                *_key_algorithms(conditions, about),
                *_names(conditions, about),
                *_status(conditions, about),
            )
        )
    )


def _purpose(conditions: Conditions, about: Recognised) -> Iterator[Finding]:
    purpose = about.parameters.purpose
    if purpose not in conditions.purposes:
        yield about.finding(reasons.RECOGNITION_PURPOSE_NOT_COVERED, None, purpose=purpose.value)


def _subject_kind(conditions: Conditions, about: Recognised) -> Iterator[Finding]:
    if len(conditions.subject_kinds) == len(HolderKind):
        return  # every kind is named: nothing to find out
    path = about.checked.path
    issuer = sha256(path.issuer_keys[0].spki.der).hexdigest()
    kind = unified_identity(path.certificates[0], about.registry, issuer_key_sha256=issuer).kind
    if kind not in conditions.subject_kinds:
        yield about.finding(reasons.RECOGNITION_SUBJECT_KIND, 0, kind=kind.value)


def _key_algorithms(conditions: Conditions, about: Recognised) -> Iterator[Finding]:
    if len(conditions.key_algorithms) == len(KeyAlgorithm):
        return
    path = about.checked.path
    keys = (*path.certificates, path.anchor.certificate)[: about.below + 1]
    for position, certificate in enumerate(keys):
        algorithm = key_algorithm(certificate.spki)
        if algorithm not in conditions.key_algorithms:
            shown = certificate.spki.algorithm.oid if algorithm is None else algorithm.value
            yield about.finding(reasons.RECOGNITION_KEY_ALGORITHM, position, algorithm=shown)


def key_algorithm(spki: SubjectPublicKeyInfo) -> KeyAlgorithm | None:
    """Which kind of key this is; None = one that agreements do not name (DSA)."""
    kind = _ALGORITHMS.get(spki.algorithm.oid)
    if kind is KeyAlgorithm.ECDSA and spki.algorithm.parameters == _SM2_CURVE:
        return KeyAlgorithm.SM2
    return kind


def _names(conditions: Conditions, about: Recognised) -> Iterator[Finding]:
    subtrees = _subtrees(conditions)
    if subtrees is None:
        return
    for position, certificate in enumerate(_below(about)):
        host = position == 0 and about.parameters.purpose is Purpose.SERVER_AUTH
        for problem in check_names(certificate, subtrees, about.budget, common_name_is_host=host):
            yield about.finding(reasons.RECOGNITION_NAME, position, form=problem.form, name=problem.name)


def _subtrees(conditions: Conditions) -> NameSubtrees | None:
    """The names agreed on, as a CA's nameConstraints would say them; their form was checked on reading."""
    if not (conditions.permitted_names or conditions.excluded_names):
        return None
    constraints = NameConstraints(conditions.permitted_names, conditions.excluded_names)
    return add_constraints(None, constraints)


def _status(conditions: Conditions, about: Recognised) -> Iterator[Finding]:
    for status in about.checked.statuses[: about.below]:
        if _is_asked(conditions.revocation, status) and status.status in _UNPROVEN | _unchecked(status):
            yield about.finding(reasons.RECOGNITION_STATUS_MISSING, status.position)
    age, target = conditions.max_status_age, about.checked.statuses[0]
    if age is None or _is_exempt(target):
        return
    if target.issued is None:
        yield about.finding(reasons.RECOGNITION_STATUS_MISSING, 0)
    elif about.parameters.validation_time - target.issued > age:
        seconds = str(int(age.total_seconds()))
        yield about.finding(
            reasons.RECOGNITION_STATUS_TOO_OLD, 0, issued=time_text(target.issued), max_age_s=seconds
        )


def _is_asked(rule: RevocationRule, status: CertificateStatus) -> bool:
    if rule is RevocationRule.REQUIRE_ALL:
        return True
    return rule is RevocationRule.REQUIRE_TARGET and status.position == 0


def _unchecked(status: CertificateStatus) -> frozenset[RevocationStatus]:
    return frozenset() if _is_exempt(status) else frozenset({RevocationStatus.NOT_CHECKED})


def _is_exempt(status: CertificateStatus) -> bool:
    """Not checked because its CA says that there is nothing to check (RFC 9608, RFC 6960 §4.2.2.2.1)."""
    return status.status is RevocationStatus.NOT_CHECKED and status.source in {"no_rev_avail", "nocheck"}


def _below(about: Recognised) -> tuple[Certificate, ...]:
    return about.checked.path.certificates[: about.below]
