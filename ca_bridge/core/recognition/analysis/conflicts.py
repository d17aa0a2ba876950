"""Every conflict of a policy, in one pass."""

from __future__ import annotations

from datetime import datetime

from ca_bridge.core.recognition.analysis.certified import certificate_conflicts
from ca_bridge.core.recognition.analysis.conflict import Conflict
from ca_bridge.core.recognition.analysis.dead import dead_mappings
from ca_bridge.core.recognition.analysis.facts import NOTHING_KNOWN, KnownFacts
from ca_bridge.core.recognition.analysis.graph import mapping_graph
from ca_bridge.core.recognition.analysis.levels import level_conflicts
from ca_bridge.core.recognition.analysis.matrix import reach_matrix
from ca_bridge.core.recognition.analysis.parties import party_conflicts
from ca_bridge.core.recognition.analysis.raising import raised_levels
from ca_bridge.core.recognition.analysis.rows import ROWS
from ca_bridge.core.recognition.analysis.transitive import transitive_trust
from ca_bridge.core.recognition.policy import RecognitionPolicy

_ORDER = {row: index for index, row in enumerate(ROWS)}


def find_conflicts(
    policy: RecognitionPolicy, at: datetime, facts: KnownFacts = NOTHING_KNOWN
) -> tuple[Conflict, ...]:
    """The conflicts of ``policy`` at ``at``, each once, in the order of the table; () = clean."""
    graph = mapping_graph(policy, at)
    found = (
        *raised_levels(graph),
        *transitive_trust(graph, facts.bridge_domains),
        *dead_mappings(policy, graph, at),
        *certificate_conflicts(graph, at, facts),
        *level_conflicts(policy, graph, at),
        *party_conflicts(policy, reach_matrix(policy, at, facts), at, facts),
    )
    once = {(conflict.row, conflict.where, conflict.params): conflict for conflict in reversed(found)}
    return tuple(sorted(once.values(), key=lambda c: (_ORDER[c.row], c.where, c.params)))
