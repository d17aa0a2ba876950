"""CPU of the CA x CA x level matrix against a search for each pair of domains, and of the conflicts.

A clean scheme of 500 principal CAs, 2,000 agreements and 5,000 mappings. The rival is what one would write
first: for each pair of domains and each level, from the highest down, a breadth-first search. It is given the
same graph, ready made, and a sample of relying domains, and its time is scaled up to all of them; ours
includes the making of the graph. Rounds are interleaved and medians taken; both must give the same levels.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

from ca_bridge.core.recognition.analysis.conflicts import find_conflicts
from ca_bridge.core.recognition.analysis.facts import KnownFacts
from ca_bridge.core.recognition.analysis.graph import MappingGraph, mapping_graph
from ca_bridge.core.recognition.analysis.matrix import Basis, reach_matrix
from tests.recognition.big_policy import AT, BIG_BRIDGES, big_policy

ROUNDS, SAMPLED = 5, 4
AIM_S, AIM_RATIO = 10.0, 0.1
Answer = TypeVar("Answer")
FACTS = KnownFacts(bridge_domains=BIG_BRIDGES)


def reaches(graph: MappingGraph, relying: str, subject: str, rank: int) -> bool:
    """Whether a breadth-first search finds a way from one domain to the other at this rank."""
    queue = deque(edge.head for edge in graph.first[relying] if edge.rank >= rank)
    seen = set(queue)
    while queue:
        node = queue.popleft()
        if graph.nodes[node][0] == subject:
            return True
        for edge in graph.following[node]:
            if edge.head not in seen:
                seen.add(edge.head)
                queue.append(edge.head)
    return False


def pair_by_pair(graph: MappingGraph, relying_domains: list[str]) -> dict[tuple[str, str], str]:
    found = {}
    for relying in relying_domains:
        levels = graph.domains[relying].scale.levels
        for subject in graph.domains:
            ranks = (r for r in range(len(levels) - 1, -1, -1) if reaches(graph, relying, subject, r))
            best = next(ranks, None) if relying != subject else None
            if best is not None:
                found[relying, subject] = levels[best]
    return found


def cpu_s(ask: Callable[[], Answer]) -> tuple[float, Answer]:
    start = time.process_time()
    answer = ask()
    return time.process_time() - start, answer


def main() -> None:
    """Print the ratio, then absolute seconds."""
    policy = big_policy()
    graph = mapping_graph(policy, AT)
    sample = [domain.name for domain in policy.domains][:: len(policy.domains) // SAMPLED][:SAMPLED]
    scale = len(policy.domains) / len(sample)
    ours, theirs, conflicts = [], [], []
    for _ in range(ROUNDS):
        spent, matrix = cpu_s(lambda: reach_matrix(policy, AT, FACTS))
        ours.append(spent)
        spent, levels = cpu_s(lambda: pair_by_pair(graph, sample))
        theirs.append(spent * scale)
        spent, found = cpu_s(lambda: find_conflicts(policy, AT, FACTS))
        conflicts.append(spent)
        same = {
            (r.relying_domain, r.subject_domain): r.level
            for r in matrix.reaches.values()
            if r.basis is Basis.AGREEMENTS and r.relying_domain in sample
        }
        if same != levels or found:
            sys.exit("the two differ, or a clean policy has conflicts")
    cells_s, count = cpu_s(lambda: sum(1 for _ in matrix.cells()))
    mappings = sum(len(a.mappings) for a in policy.agreements)
    print(
        f"{sum(len(d.authorities) for d in policy.domains)} principal CAs, "
        f"{len(policy.agreements):,} agreements, "
        f"{mappings:,} mappings: CPU, medians of {ROUNDS} rounds"
    )
    mine, rival = statistics.median(ours), statistics.median(theirs)
    print(
        f"matrix            {mine:8.2f} s   pair by pair {rival:8.1f} s   "
        f"ratio {mine / rival:.3f} (aim: at most {AIM_RATIO})"
    )
    print(f"its {count:,} cells {cells_s:8.2f} s")
    print(f"conflicts         {statistics.median(conflicts):8.2f} s   (aim: at most {AIM_S:.0f} s)")


if __name__ == "__main__":
    main()
