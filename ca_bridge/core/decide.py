"""The whole walk on one page: bytes in, a Verdict out, and no way to fetch anything."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TypeVar

from ca_bridge.core.budget import Budget, BudgetExhausted
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.rejections import reject
from ca_bridge.core.path.search import validated_paths
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.path.target import check_target
from ca_bridge.core.reasons import building as building_reasons
from ca_bridge.core.reasons import evidence as evidence_reasons
from ca_bridge.core.reasons.model import Reason, SubIndication
from ca_bridge.core.recognition.blocked import target_blocks
from ca_bridge.core.recognition.compliance import recognise
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.request import Request
from ca_bridge.core.revocation.status import ParsedEvidence, StatusCheckedPath, check_status
from ca_bridge.core.verdict import Finding, RecognitionBasis, RejectedPath, Verdict
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.identity_conflicts import identity_findings
from ca_bridge.core.x509.identity_registry import REGISTRY

_Parsed = TypeVar("_Parsed")

_NO_STATUS_EVIDENCE = ParsedEvidence()

_UNREADABLE = frozenset({evidence_reasons.SUPPLIED_CERTIFICATE_UNREADABLE})


def decide(
    request: Request, evidence: Evidence, trust: TrustSnapshot, rules: RecognitionRules | None = None
) -> Verdict:
    """Whether the target can be relied on, why, or why not. Same input, same verdict.

    Paths are tried best first (RFC 4158); the first that passes RFC 5280 §6.1 and whose
    status evidence satisfies the rule, and which ``rules`` recognise, carries the verdict.
    Nothing but a Verdict comes back: unreadable input and exhausted budgets are findings.
    """
    try:
        target = trust.pool.certificate(request.target)
    except Malformed as error:
        return Verdict(findings=(Finding(reason=error.reason, position=0, params=error.params),))
    supplied, unreadable = _read(
        evidence.certificates, trust.pool.certificate, evidence_reasons.SUPPLIED_CERTIFICATE_UNREADABLE
    )
    context = Context(
        trust=trust,
        parameters=request.parameters,
        supplied=supplied,
        budget=Budget(trust.limits),
        rejected=list(unreadable),
    )
    return _walk(target, evidence, context, rules)


def _walk(
    target: Certificate, evidence: Evidence, context: Context, rules: RecognitionRules | None
) -> Verdict:
    status_evidence, unreadable = _read_status_evidence(evidence, context.trust)
    about_target = check_target(target, context.parameters)
    if rules is not None:
        about_target += target_blocks(target, rules, context.parameters.validation_time)
    exhausted: tuple[Finding, ...] = ()
    try:
        for path in validated_paths(target, context):
            checked = check_status(path, status_evidence, context)
            if isinstance(checked, StatusCheckedPath):
                basis = recognise(checked, rules, context)
                if not isinstance(basis, tuple):
                    about_holder = _about_holder(checked, rules, context)
                    return _answer(checked, basis, (*about_target, *about_holder), context, unreadable)
                reject(context, path.certificates, basis, path.anchor.fingerprint)
                continue
            reject(context, path.certificates, checked, path.anchor.fingerprint)
            if any(finding.reason.sub_indication is SubIndication.REVOKED for finding in checked):
                break  # the target itself is revoked: another path to it makes no difference
    except BudgetExhausted as error:
        params = (("limit", str(error.limit)), ("resource", error.resource.value))
        exhausted = (Finding(reason=building_reasons.BUDGET_EXHAUSTED, params=params),)
    context.rejected.extend(unreadable)
    return _refusal(target, (*exhausted, *about_target), context)


def _about_holder(
    checked: StatusCheckedPath, rules: RecognitionRules | None, context: Context
) -> tuple[Finding, ...]:
    """What keeps the target from naming its holder, where the question demands that it does."""
    if not context.parameters.identity_required:
        return ()
    return identity_findings(
        checked.path.certificates[0],
        REGISTRY if rules is None else rules.registry,
        issuer_key_sha256=sha256(checked.path.issuer_keys[0].spki.der).hexdigest(),
        required=True,
    )


def _answer(
    checked: StatusCheckedPath,
    basis: RecognitionBasis | None,
    about_target: tuple[Finding, ...],
    context: Context,
    unreadable: tuple[RejectedPath, ...],
) -> Verdict:
    """A path holds; the target's own fitness for the purpose still decides."""
    path = checked.path
    return Verdict(
        findings=_by_rank(about_target),
        path=tuple([c.fingerprint for c in path.certificates]),
        trust_anchor=path.anchor.fingerprint,
        user_constrained_policy_set=basis.policies
        if basis is not None and basis.references
        else tuple(sorted(path.user_constrained_policy_set)),
        basis=basis,
        authorities_constrained_policy_set=tuple(sorted(path.authorities_constrained_policy_set)),
        policy_qualifiers=path.policy_qualifiers,
        revocation=checked.statuses,
        rejected_paths=(*context.rejected, *unreadable),
        notes=tuple([(i, note) for i, c in enumerate(path.certificates) for note in c.notes]),
    )


def _refusal(target: Certificate, findings: tuple[Finding, ...], context: Context) -> Verdict:
    """The candidate nearest to acceptance speaks, its reason nearest the cause leads."""
    candidates = sorted(context.rejected, key=_distance_from_acceptance)
    leading = candidates[0] if candidates else None
    told = (*findings, *(leading.findings if leading else ()))
    if leading is None or leading.trust_anchor is None:
        # What could not be read may be the very certificate that is missing.
        told += tuple(f for r in candidates for f in r.findings if f.reason in _UNREADABLE)
    return Verdict(
        findings=_by_rank(told),
        path=leading.certificates if leading else (target.fingerprint,),
        trust_anchor=leading.trust_anchor if leading else None,
        rejected_paths=tuple(candidates),
        notes=tuple((0, note) for note in target.notes),
    )


def _distance_from_acceptance(rejected: RejectedPath) -> tuple[bool, int, int, tuple[str, ...]]:
    """Order of rejected candidates: those that reached an anchor first, then by the highest rank."""
    rank = max((f.reason.rank for f in rejected.findings), default=0)
    return (rejected.trust_anchor is None, -rank, len(rejected.findings), rejected.certificates)


def _by_rank(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    if not findings:
        return ()
    unique = dict.fromkeys(findings)
    return tuple(
        sorted(
            unique,
            key=lambda f: (-f.reason.rank, -1 if f.position is None else f.position, f.reason.code, f.params),
        )
    )


def _read_status_evidence(
    evidence: Evidence, trust: TrustSnapshot
) -> tuple[ParsedEvidence, tuple[RejectedPath, ...]]:
    if not (evidence.crls or evidence.ocsp_responses):
        return _NO_STATUS_EVIDENCE, ()
    crls, bad_crls = _read(evidence.crls, trust.pool.crl, evidence_reasons.SUPPLIED_CRL_UNREADABLE)
    responses, bad_responses = _read(
        evidence.ocsp_responses, trust.pool.ocsp, evidence_reasons.SUPPLIED_OCSP_RESPONSE_UNREADABLE
    )
    unreadable = (*bad_crls, *bad_responses)
    findings = _by_rank(tuple(f for rejected in unreadable for f in rejected.findings))
    return ParsedEvidence(crls=crls, ocsp_responses=responses, unreadable=findings), unreadable


def _read(
    material: tuple[bytes, ...], parse: Callable[[bytes], _Parsed], reason: Reason
) -> tuple[tuple[_Parsed, ...], tuple[RejectedPath, ...]]:
    """Each different item parsed once; what cannot be read becomes a rejection that names it.

    Rejections are in the order of their names: of too many the last are let go.
    """
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
