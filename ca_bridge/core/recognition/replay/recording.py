"""A question and what it was judged under, to its record. Nothing of the holder but digests goes in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from typing import TypeVar

from ca_bridge.core.budget import Budget, BudgetExhausted
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.dsa import lacks_parameters
from ca_bridge.core.path.search import validated_paths
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.reasons import algorithm_keys, algorithms
from ca_bridge.core.reasons import evidence as evidence_reasons
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.recognition.replay.holder import record_holder
from ca_bridge.core.recognition.replay.recorded import (
    Cause,
    NotReplayable,
    PathStatus,
    RecordedEvidence,
    RecordedQuestion,
    StatusGround,
)
from ca_bridge.core.recognition.replay.statuses import Meter, record_ground, record_status
from ca_bridge.core.recognition.replay.target import record_target
from ca_bridge.core.recognition.replay.vocabulary import Digest, name_digest
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.request import Parameters
from ca_bridge.core.revocation.status import ParsedEvidence
from ca_bridge.core.verdict import Finding, RejectedPath
from ca_bridge.core.x509.certificate import Certificate, SubjectPublicKeyInfo
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.identity import unified_identity

MAX_PATHS = 8
"""Paths whose status is recorded under each trust model: a policy chooses among few."""
MAX_KEYS = 16
"""Keys of the issuer's name under which the outcome of the signature check is recorded."""

_Parsed = TypeVar("_Parsed")
_ABOUT_KEYS = frozenset(row for row in vars(algorithm_keys).values() if isinstance(row, Reason))
_JUDGED_ANEW = _ABOUT_KEYS | {
    algorithms.SIGNATURE_ALGORITHM_NOT_ACCEPTABLE,
    algorithms.SIGNATURE_ALGORITHM_NO_LONGER_ACCEPTABLE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What the question was judged under by one trust model."""

    trust: TrustSnapshot
    rules: RecognitionRules
    parameters: Parameters


def record_question(
    target: bytes, evidence: Evidence, situations: tuple[Situation, ...], digest: Digest
) -> RecordedQuestion:
    """The record; NotReplayable where it could not hold what decides without holding a person."""
    first = situations[0]
    pool = first.trust.pool
    try:
        certificate = pool.certificate(target)
    except Malformed:
        raise NotReplayable(Cause.UNREADABLE) from None
    supplied, unread = _read(
        evidence.certificates, pool.certificate, evidence_reasons.SUPPLIED_CERTIFICATE_UNREADABLE
    )
    crls, bad_crls = _read(evidence.crls, pool.crl, evidence_reasons.SUPPLIED_CRL_UNREADABLE)
    responses, bad_responses = _read(
        evidence.ocsp_responses, pool.ocsp, evidence_reasons.SUPPLIED_OCSP_RESPONSE_UNREADABLE
    )
    unread_status = (*bad_crls, *bad_responses)
    parsed = ParsedEvidence(
        crls=crls,
        ocsp_responses=responses,
        unreadable=tuple(f for rejected in unread_status for f in rejected.findings),
    )
    signatures = _signatures(certificate, supplied, situations)
    signer = next((key for key, fault in signatures.items() if fault is None), None)
    asked = first.parameters.identity_required
    kept = RecordedEvidence(
        certificates=tuple(filter(is_authority, supplied)),
        statuses=None,
        left_out=tuple(_left_out(certificate, supplied, digest)),
        unread_certificates=unread,
        unread_status=unread_status,
    )
    if not parsed.is_empty:
        kept = _with_statuses(kept, certificate, supplied, parsed, situations, digest)
    holder = record_holder(certificate, first.rules, required=asked, issuer_key=signer)
    if is_authority(certificate):
        return RecordedQuestion(target=certificate, holder=holder, evidence=kept)
    if certificate.self_issued:
        raise NotReplayable(Cause.SELF_ISSUED)
    kind = unified_identity(certificate, first.rules.registry).kind
    recorded = record_target(certificate, kind, signatures, first.parameters.sm2_user_ids, digest)
    return RecordedQuestion(target=recorded, holder=holder, evidence=kept)


def replay_context(question: RecordedQuestion, trust: TrustSnapshot, parameters: Parameters) -> Context:
    """The context that ``decide`` would make; ``trust`` with ReplayedSignatures."""
    return Context(
        trust=trust,
        parameters=parameters,
        supplied=question.evidence.certificates,
        budget=Budget(trust.limits),
        rejected=list(question.evidence.unread_certificates),
    )


def is_authority(certificate: Certificate) -> bool:
    """Whether it says that it is a CA's, and so is public."""
    basic = certificate.extensions.basic_constraints
    return basic is not None and basic.ca


def _left_out(target: Certificate, supplied: tuple[Certificate, ...], digest: Digest) -> Iterator[str]:
    """Names of what is no CA's, as digests; NotReplayable when it may stand on a path."""
    issuers = {c.issuer for c in (target, *supplied)}
    for certificate in supplied:
        if is_authority(certificate) or certificate.fingerprint == target.fingerprint:
            continue
        if certificate.subject in issuers:
            raise NotReplayable(Cause.ISSUER_NOT_A_CA)
        yield name_digest(certificate.subject.normalized, digest)


def _signatures(
    target: Certificate, supplied: tuple[Certificate, ...], situations: tuple[Situation, ...]
) -> dict[str, Finding | None]:
    parameters = situations[0].parameters
    found: dict[str, Finding | None] = {}
    for key in islice(_issuer_keys(target, supplied, situations), MAX_KEYS):
        problem = situations[0].trust.signatures.verify(
            target.signed,
            key,
            profile=parameters.algorithm_profile,
            at=parameters.validation_time,
            sm2_user_ids=parameters.sm2_user_ids,
        )
        fault = None if problem is None or problem.reason in _JUDGED_ANEW else problem
        found[sha256(key.der).hexdigest()] = fault
    return found


def _issuer_keys(
    target: Certificate, supplied: tuple[Certificate, ...], situations: tuple[Situation, ...]
) -> Iterator[SubjectPublicKeyInfo]:
    """Keys of the issuer's name that any of them knows, each once; DSA keys must have parameters."""
    graphs = (n.spki for s in situations for n in s.trust.graph.named(target.issuer.normalized))
    anchors = (a.certificate for s in situations for a in s.trust.anchors)
    others = (c.spki for c in (*supplied, *anchors) if c.subject == target.issuer)
    keys = {key.der: key for key in (*graphs, *others) if not lacks_parameters(key)}
    yield from keys.values()


def _with_statuses(
    kept: RecordedEvidence,
    target: Certificate,
    supplied: tuple[Certificate, ...],
    evidence: ParsedEvidence,
    situations: tuple[Situation, ...],
    digest: Digest,
) -> RecordedEvidence:
    """What the status evidence came to under each trust model, and what that rests upon."""
    statuses: list[PathStatus] = []
    grounds: list[StatusGround] = []
    for situation in situations:
        limits = situation.trust.limits
        context = Context(
            trust=situation.trust,
            parameters=situation.parameters,
            supplied=supplied,
            budget=Budget(limits),
        )
        meter, model = Meter(limits), situation.rules.model
        metered = replace(context, budget=meter)
        try:
            for path in islice(validated_paths(target, context), MAX_PATHS):
                statuses += record_status(path, evidence, model, metered)
        except BudgetExhausted:
            raise NotReplayable(Cause.BUDGET) from None
        grounds.append(record_ground(evidence, model, context, meter.spent, digest))
    return replace(kept, statuses=tuple(statuses), grounds=tuple(grounds))


def _read(
    material: tuple[bytes, ...], parse: Callable[[bytes], _Parsed], reason: Reason
) -> tuple[tuple[_Parsed, ...], tuple[RejectedPath, ...]]:
    """Each different item parsed once; what cannot be read as the rejection that ``decide`` makes of it."""
    parsed: list[_Parsed] = []
    rejected: list[RejectedPath] = []
    for der in dict.fromkeys(material):
        try:
            parsed.append(parse(der))
        except Malformed as error:
            finding = Finding(reason=reason, params=(("cause", error.reason.code),))
            name = sha256(der).hexdigest()
            rejected.append(RejectedPath(certificates=(name,), trust_anchor=None, findings=(finding,)))
    return tuple(parsed), tuple(sorted(rejected, key=lambda r: r.certificates))
