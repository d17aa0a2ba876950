"""The policies a path is valid under when a crossing says no more than agreements approve.

The certificate at a crossing is narrowed to the agreed policies and mappings, then RFC 5280 §6.1 runs over
the path as it stands: the algorithm stays the standard one, and narrowing can only take policies away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ca_bridge.core.path.candidate import CandidatePath, ValidatedPath
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.state import initial_state
from ca_bridge.core.path.validation import validate_path
from ca_bridge.core.recognition.agreement import PolicyMapping
from ca_bridge.core.recognition.crossings import Crossing
from ca_bridge.core.request import ANY_POLICY, Parameters, common_policies
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.extensions import PolicyInformation
from ca_bridge.core.x509.extensions import PolicyMapping as CertifiedMapping

Agreed = Mapping[Crossing, frozenset[PolicyMapping]]
"""Mappings approved at each crossing."""


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Agreed (issuer_domain_policy, subject_domain_policy) of one crossing."""

    pairs: frozenset[tuple[str, str]]

    def subjects_of(self, policy: str) -> frozenset[str]:
        return frozenset(subject for issuer, subject in self.pairs if issuer == policy)

    @property
    def issuers(self) -> frozenset[str]:
        return frozenset(issuer for issuer, _ in self.pairs)


def agreed_policies(path: ValidatedPath, agreed: Agreed, context: Context) -> frozenset[str]:
    """Policies of the relying domain that the path holds under ``agreed``; () when it holds under none.

    Raises BudgetExhausted.
    """
    certificates = list(path.certificates)
    parameters = replace(context.parameters, initial_explicit_policy=True)
    at_anchor: _Pairs | None = None
    any_policy_counts = _any_policy_counts(path, context)
    for crossing, mappings in agreed.items():
        pairs = _Pairs(frozenset((m.issuer_domain_policy, m.subject_domain_policy) for m in mappings))
        if crossing.position == len(certificates):
            at_anchor = pairs
            parameters = _below_anchor(parameters, pairs)
        else:
            at = crossing.position
            certificates[at] = _narrowed(certificates[at], pairs, any_policy_counts=at in any_policy_counts)
    candidate = CandidatePath(certificates=tuple(certificates), anchor=path.anchor)
    outcome = validate_path(candidate, replace(context, parameters=parameters, rejected=[]))
    if not isinstance(outcome, ValidatedPath):
        return frozenset()
    held = common_policies(outcome.user_constrained_policy_set, path.authorities_constrained_policy_set)
    return held if at_anchor is None else _above_anchor(held, at_anchor, context.parameters)


def _any_policy_counts(path: ValidatedPath, context: Context) -> frozenset[int]:
    """Positions at which anyPolicy is not inhibited (RFC 5280 §6.1.3 (d)(2)): spelt out it counts no more."""
    candidate = CandidatePath(certificates=path.certificates, anchor=path.anchor)
    left = initial_state(candidate, context).inhibit_any_policy
    found: set[int] = set()
    for position in range(len(path.certificates) - 1, -1, -1):
        certificate = path.certificates[position]
        if left > 0 or (position > 0 and certificate.self_issued):
            found.add(position)
        if left > 0 and not certificate.self_issued:
            left -= 1
        skip = certificate.extensions.inhibit_any_policy
        left = left if skip is None else min(left, skip)
    return frozenset(found)


def _narrowed(certificate: Certificate, agreed: _Pairs, *, any_policy_counts: bool) -> Certificate:
    """The crossing's certificate with its policies and mappings reduced to the agreed ones."""
    extensions = certificate.extensions
    certified: dict[str, list[str]] = {}
    for mapping in extensions.policy_mappings or ():
        certified.setdefault(mapping.issuer_domain_policy, []).append(mapping.subject_domain_policy)
    kept = [
        CertifiedMapping(policy, subject)
        for policy in certified
        for subject in dict.fromkeys(certified[policy])
        if subject in agreed.subjects_of(policy)
    ]
    mapped = {mapping.issuer_domain_policy for mapping in kept}
    passing = mapped | {p for p in agreed.issuers if p not in certified and p in agreed.subjects_of(p)}
    asserted = extensions.certificate_policies or ()
    policies = tuple(_asserted(asserted, passing, any_policy_counts=any_policy_counts))
    return replace(
        certificate,
        extensions=replace(extensions, certificate_policies=policies, policy_mappings=tuple(kept) or None),
    )


def _asserted(
    policies: tuple[PolicyInformation, ...], passing: set[str], *, any_policy_counts: bool
) -> Iterable[PolicyInformation]:
    """What the certificate asserts of ``passing``; its anyPolicy stands for each that it does not name."""
    named = {information.policy for information in policies}
    for information in policies:
        if information.policy in passing:
            yield information
        elif information.policy == ANY_POLICY and any_policy_counts:
            for policy in sorted(passing - named):
                yield PolicyInformation(policy, information.qualifiers)


def _below_anchor(parameters: Parameters, agreed: _Pairs) -> Parameters:
    """The question in the terms of the anchor's domain: subjects of what the asker accepts."""
    accepted = parameters.user_initial_policy_set
    subjects = {s for i, s in agreed.pairs if ANY_POLICY in accepted or i in accepted}
    return replace(parameters, user_initial_policy_set=frozenset(subjects))


def _above_anchor(held: frozenset[str], agreed: _Pairs, asked: Parameters) -> frozenset[str]:
    """``held``, policies of the anchor's domain, in the terms of the relying domain."""
    accepted = asked.user_initial_policy_set
    return frozenset(i for i, s in agreed.pairs if s in held and (ANY_POLICY in accepted or i in accepted))
