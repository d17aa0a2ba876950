"""The simulation of a release's life: its draft against its base, over the requests that are stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from ca_bridge.services.impact.comparing import StoredComparer
from ca_bridge.services.impact.comparison import Impact, Tally
from ca_bridge.services.impact.impact_data import impact_data
from ca_bridge.services.impact.journal_port import JournalContents, RequestJournal
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.ports import DomainSource

MAX_REQUESTS = 20_000
"""The newest are taken; some fifteen seconds' work."""
_SUMMARY_ROWS = 20


class SimulateImpact:
    """A Simulate: ``compiled`` makes domains of documents; without ``journal`` there are no requests."""

    def __init__(
        self,
        compiled: Callable[[PolicyDocuments], DomainSource],
        journal: RequestJournal | None,
        *,
        max_requests: int = MAX_REQUESTS,
    ) -> None:
        self._compiled = compiled
        self._journal = journal
        self._max_requests = max_requests

    def __call__(self, base: PolicyDocuments, draft: PolicyDocuments) -> Mapping[str, Any]:
        """The impact, its lists cut to twenty rows: it is kept with the release. Raises JournalFailed."""
        live, proposed = self._compiled(base), self._compiled(draft)
        if self._journal is None:
            return _summary(Tally().impact(), left_out=0)
        comparer, contents = journal_comparer(live, proposed, self._journal)
        left_out = max(0, contents.count - self._max_requests)
        impact = stored_impact(comparer, islice(contents.lines, left_out, None))
        return _summary(impact, left_out=left_out)


def stored_impact(comparer: StoredComparer, lines: Iterator[bytes]) -> Impact:
    """The impact over all of ``lines``."""
    tally = Tally()
    for line in lines:
        tally.add_line(comparer.compare_line(line))
    return tally.impact()


def journal_comparer(
    live: DomainSource, draft: DomainSource, journal: RequestJournal
) -> tuple[StoredComparer, JournalContents]:
    """What compares the requests of ``journal``, and they. Raises JournalFailed."""
    contents = journal.contents()
    return StoredComparer(live, draft, journal.digest, contents.certificates), contents


def _summary(impact: Impact, *, left_out: int) -> dict[str, Any]:
    data = impact_data(impact)
    shown = {k: v[:_SUMMARY_ROWS] if isinstance(v, list) else v for k, v in data.items()}
    return {"kind": "impact", "left_out": left_out, **shown}
