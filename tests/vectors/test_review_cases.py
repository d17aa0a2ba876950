"""Cases that once were answered wrongly, or too slowly: whole decisions over certificates truly signed."""

from __future__ import annotations

from itertools import permutations

from ca_bridge.core.budget import Limits
from ca_bridge.core.decide import decide
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.path.graph import CaGraph
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.request import Parameters, Request
from ca_bridge.core.verdict import Verdict
from tests.status_pki import NOW, POOL, Party, checker, issue

ROOT = issue(None, "root", ca=True)
STRANGER = issue(None, "stranger", ca=True)
LEAF = issue(ROOT, "leaf")


def judge(target: Party, anchors: tuple[Party, ...], evidence: Evidence) -> Verdict:
    trust = TrustSnapshot(
        snapshot_id="",
        domain="",
        anchors=tuple(TrustAnchor(certificate=party.certificate) for party in anchors),
        graph=CaGraph.empty(),
        signatures=checker(),
        pool=POOL,
        limits=Limits(),
    )
    return decide(Request(target=target.der, parameters=Parameters(validation_time=NOW)), evidence, trust)


def codes(verdict: Verdict) -> list[str]:
    return [finding.reason.code for finding in verdict.findings]


UNREADABLE = tuple(bytes((tag, 3, 2, 1, i)) for i in range(40) for tag in (0x04, 0x30, 0x31))


class TestUnreadableEvidence:
    def test_of_very_much_the_same_is_told_whatever_the_order(self) -> None:
        """What is kept of more than can be told once followed the order of input."""
        verdicts = {
            repr(judge(LEAF, (STRANGER,), Evidence(certificates=tuple(x for part in order for x in part))))
            for order in permutations((UNREADABLE[:40], UNREADABLE[40:80], UNREADABLE[80:]))
        }
        assert len(verdicts) == 1

    def test_each_cause_is_told_once(self) -> None:
        """1,000 unreadable CRLs cost time with their square, for each certificate of the path."""
        verdict = judge(LEAF, (ROOT,), Evidence(crls=UNREADABLE))
        assert codes(verdict) == ["SUPPLIED_CRL_UNREADABLE"] * len(verdict.findings)
        assert {finding.position for finding in verdict.findings} == {None}
        assert len(verdict.findings) == len({finding.params for finding in verdict.findings}) < 5
        assert len(verdict.rejected_paths[0].findings) == len(verdict.findings)
