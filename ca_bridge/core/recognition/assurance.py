"""The assurance level a path reaches in the relying domain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ca_bridge.core.path.candidate import ValidatedPath
from ca_bridge.core.path.context import Context
from ca_bridge.core.recognition.agreed_policies import Agreed, agreed_policies
from ca_bridge.core.recognition.agreement import PolicyMapping
from ca_bridge.core.recognition.crossings import Crossing
from ca_bridge.core.recognition.domain import PkiDomain


def level_within(domain: PkiDomain, policies: Iterable[str]) -> str:
    """The highest level at which ``domain`` grades one of ``policies``; "" = it grades none."""
    ranks = (
        min(domain.scale.rank(level) for level in graded) for p in policies if (graded := domain.levels_of(p))
    )
    best = max(ranks, default=-1)
    return domain.scale.levels[best] if best >= 0 else ""


def level_across(
    path: ValidatedPath,
    mappings: Mapping[Crossing, frozenset[PolicyMapping]],
    domains: Mapping[str, PkiDomain],
    context: Context,
) -> tuple[str, frozenset[str]]:
    """The highest level at which the path holds by ``mappings``, and the policies it holds under there.

    A mapping counts up to its own level and, at crossings further on, only where it does not fall short
    of what its issuer domain grades the policy at. ("", empty) = no level. Raises BudgetExhausted.
    """
    first, *further = sorted(mappings, key=lambda c: -c.position)
    relying = domains[first.issuer_domain]
    whole: dict[Crossing, frozenset[PolicyMapping]] = {
        crossing: frozenset(
            m for m in mappings[crossing] if _is_whole(m, domains.get(crossing.issuer_domain))
        )
        for crossing in further
    }
    for rank in range(len(relying.scale.levels) - 1, -1, -1):
        enough: Agreed = {first: frozenset(m for m in mappings[first] if _reaches(m, relying, rank))} | whole
        held = agreed_policies(path, enough, context)
        if held:
            return relying.scale.levels[rank], held
    return "", frozenset()


def _reaches(mapping: PolicyMapping, relying: PkiDomain, rank: int) -> bool:
    """Whether both the mapping and the relying domain's own grading are at least at ``rank``."""
    graded = (relying.scale.rank(level) for level in relying.levels_of(mapping.issuer_domain_policy))
    return min((relying.scale.rank(mapping.level), *graded)) >= rank


def _is_whole(mapping: PolicyMapping, domain: PkiDomain | None) -> bool:
    """Whether the mapping reaches its policy in full, as the domain that issued it grades that policy."""
    if domain is None:
        return True
    graded = [domain.scale.rank(level) for level in domain.levels_of(mapping.issuer_domain_policy)]
    # A policy that nobody graded may be of any level: only the highest falls short of none.
    return domain.scale.rank(mapping.level) >= max(graded, default=len(domain.scale.levels) - 1)
