"""What a draft would do, before anybody signs it: answers that change, who reaches whom, new conflicts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ca_bridge.core.recognition.analysis.facts import KnownFacts
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.ports import Clock
from ca_bridge.services.recognition_analysis import Analysed, conflicts_data, matrix_diff_data
from ca_bridge.services.recognition_reading import DocumentKind, read_policy
from ca_bridge.services.recognition_reading.kinds import of_kind
from ca_bridge.services.release_ports import Simulate

MOST_SHOWN = 20


class Simulation:
    """A Simulate: ``impact`` over requests, and the analysis of both policies as of now.

    ``folder`` gives what a first release is compared with: the policies folder.
    """

    def __init__(self, impact: Simulate, folder: Callable[[], PolicyDocuments], clock: Clock) -> None:
        self._impact = impact
        self._folder = folder
        self._clock = clock

    def __call__(self, base: PolicyDocuments, draft: PolicyDocuments) -> Mapping[str, Any]:
        """``impact``, ``reach`` and ``conflicts``; lists are cut to twenty, counts are not."""
        before = base if base.documents else self._folder()
        now = self._clock.now()
        old, new = analysed_documents(before, now), analysed_documents(draft, now)
        return {
            "impact": self._impact(before, draft),
            "reach": _reach(old, new),
            "conflicts": _conflicts(old, new),
        }


def analysed_documents(documents: PolicyDocuments, at: datetime) -> Analysed:
    """Linted documents as the analysis takes them."""
    data = documents.data()
    policy = read_policy(data)
    lists = {
        domain["domain"]: tuple(domain["trust_lists"])
        for _, domain in of_kind(data, DocumentKind.DOMAIN)
        if domain.get("trust_lists")
    }
    facts = KnownFacts(
        bridge_domains=frozenset(domain.name for domain in policy.domains if domain.bridge),
        trust_lists_of=lists,
    )
    return Analysed(policy=policy, at=at, facts=facts)


def _reach(old: Analysed, new: Analysed) -> dict[str, Any]:
    changes = matrix_diff_data(old, new)["changes"]
    counts = Counter(change["change"] for change in changes)
    return {"counts": dict(sorted(counts.items())), "changes": changes[:MOST_SHOWN]}


def _conflicts(old: Analysed, new: Analysed) -> dict[str, Any]:
    """Those of the draft that its base doesn't have."""
    known = conflicts_data(old)["conflicts"]
    found = conflicts_data(new)["conflicts"]
    added = [conflict for conflict in found if conflict not in known]
    return {"count": len(found), "new": len(added), "conflicts": added[:MOST_SHOWN]}
