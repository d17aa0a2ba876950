"""Every case of the test PKI, recorded under one policy, replayed under others, against the engine itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest

from ca_bridge import wiring
from ca_bridge.core.budget import Limits
from ca_bridge.core.path.graph import CaGraph
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.recognition.blocklist import Block, BlockKind
from ca_bridge.core.recognition.replay.recorded import Cause, NotReplayable
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.request import Parameters, RevocationRule
from ca_bridge.core.verdict import TrustModel, Verdict
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.impact.record_data import certificates_of
from ca_bridge.services.impact.replaying import Replayer
from ca_bridge.services.impact.request_record import StoredRequest, store_request
from ca_bridge.services.json_line import read_object
from ca_bridge.services.policy_documents import ReleaseId
from ca_bridge.services.ports import DomainSnapshot
from ca_bridge.services.question import QuestionReader
from ca_bridge.services.trust import Engine, SuppliedTrust
from ca_bridge.services.validate_certificate import Question, SuppliedOnly, answer_under
from tests.recognition.replays import DIGEST, NOW, through_json
from tests.recognition.scheme import SINCE, C, fingerprint, key_of
from tests.recognition.scheme_documents import ROOT

CASES = ROOT / "certs-test" / "cases"
STAGES = sorted(path.stem for path in CASES.glob("*.json"))
FEW = Limits(signatures=3, paths=2, build_steps=300, name_comparisons=4, policy_nodes=20)
Change = Callable[[DomainSnapshot, Question], DomainSnapshot]


@dataclass(frozen=True)
class OneDomain:
    """A policy of one domain."""

    domain: DomainSnapshot

    def current(self) -> OneDomain:
        return self

    def names(self) -> tuple[str, ...]:
        return (self.domain.name,)

    def snapshot(self, name: str) -> DomainSnapshot:
        assert name == self.domain.name
        return self.domain

    def missing(self, name: str) -> tuple[object, ...]:
        return ()


@cache
def engine() -> Engine:
    return wiring.gateway().engine


@cache
def supplied_trust() -> SuppliedTrust:
    return SuppliedTrust(engine())


def questions(stage: str) -> Iterator[tuple[str, Question, dict[str, Any]]]:
    """Cases that fit on a line and can be asked at all, by id, and the answer expected."""
    for case in json.loads((CASES / f"{stage}.json").read_text("utf-8")):
        if "runs" in case:
            continue
        try:
            asked = QuestionReader().read_line(read_object(json.dumps(case["line"]).encode()), NOW)
            supplied_trust().snapshot(asked.trust_anchors or ())
        except UnusableQuestion:
            continue
        yield case["id"], asked, case["expect"]


def domain_of(asked: Question) -> DomainSnapshot:
    """A domain that trusts what the case brings."""
    parameters = asked.parameters
    return DomainSnapshot(
        name="cases",
        title_zh="cases",
        title_en="cases",
        trust=supplied_trust().snapshot(asked.trust_anchors or ()),
        base=Parameters(
            validation_time=NOW,
            revocation=RevocationRule.NONE,
            algorithm_profile=parameters.algorithm_profile,
            sm2_user_ids=parameters.sm2_user_ids,
        ),
        release=ReleaseId(0, "0" * 64),
        rules=RecognitionRules(model=TrustModel.CROSS_CERTIFICATION, name="cases", domain=None),
    )


def with_trust(domain: DomainSnapshot, **changed: Any) -> DomainSnapshot:
    return replace(domain, trust=replace(domain.trust, **changed))


def with_base(domain: DomainSnapshot, **changed: Any) -> DomainSnapshot:
    return replace(domain, base=replace(domain.base, **changed))


def graph_of(*ders: bytes) -> CaGraph:
    known = {}
    for der in ders:
        try:
            known[der] = parse_certificate(der)
        except Malformed:
            continue
    return CaGraph.build(known.values(), engine().signatures, (b"1234567812345678",))


@cache
def known_graph() -> CaGraph:
    return graph_of(*C.values())


@cache
def roots() -> tuple[TrustAnchor, ...]:
    return tuple(TrustAnchor(certificate=parse_certificate(der)) for der in C.values())


def blocked(domain: DomainSnapshot, kind: BlockKind, value: str) -> DomainSnapshot:
    block = Block(
        identifier="b",
        kind=kind,
        value=value,
        reason_zh="测试",
        reason_en="test",
        publication="p",
        effective_from=SINCE,
    )
    return replace(domain, rules=replace(domain.rules, blocks={(kind, value): (block,)}))


def lenient(anchor: TrustAnchor) -> TrustAnchor:
    return TrustAnchor(certificate=anchor.certificate, enforce_validity=False, enforce_constraints=False)


CHANGES: dict[str, Change] = {
    "nothing": lambda d, _: d,
    "known CAs": lambda d, _: with_trust(d, graph=known_graph()),
    "all that was sent is known": lambda d, q: with_trust(d, graph=graph_of(*q.evidence.certificates)),
    "no anchors": lambda d, _: with_trust(d, anchors=()),
    "more anchors": lambda d, _: with_trust(
        d, anchors=tuple({a.fingerprint: a for a in (*d.trust.anchors, *roots())}.values())
    ),
    "lenient anchors": lambda d, _: with_trust(d, anchors=tuple(map(lenient, d.trust.anchors))),
    "explicit policy": lambda d, _: with_base(d, initial_explicit_policy=True),
    "one policy": lambda d, _: with_base(
        d, user_initial_policy_set=frozenset({"2.999.44.1.3"}), initial_explicit_policy=True
    ),
    "no mapping": lambda d, _: with_base(
        d, initial_policy_mapping_inhibit=True, initial_any_policy_inhibit=True
    ),
    "no intermediates": lambda d, _: with_base(d, max_path_length=0),
    "proof of all": lambda d, _: with_base(d, revocation=RevocationRule.REQUIRE_ALL),
    "other user IDs": lambda d, _: with_base(d, sm2_user_ids=(b"another", b"1234567812345678")),
    "legacy rows": lambda d, _: with_base(d, algorithm_profile="legacy"),
    "default rows": lambda d, _: with_base(d, algorithm_profile="default"),
    "few of everything": lambda d, _: with_trust(d, limits=FEW),
    "CA blocked": lambda d, _: blocked(d, BlockKind.CA, key_of(C["gd-a-sm2"])),
    "holder blocked": lambda d, _: blocked(d, BlockKind.SUBJECT, "org:TE5T00016"),
}
UNREADABLE = {"der", "input"}
"""Stages whose certificates are no certificates, or fit on no line."""


def judged(domain: DomainSnapshot, asked: Question) -> Verdict:
    return answer_under(domain, replace(asked, trust_anchors=None), SuppliedOnly()).verdict


def told(verdict: Verdict) -> tuple[Any, ...]:
    """All of a verdict that a record can tell; parameters of findings may show names."""
    findings = [(f.reason.code, f.position) for f in verdict.findings]
    return findings, verdict.path, verdict.trust_anchor, verdict.basis


def stored_under(domain: DomainSnapshot, asked: Question, verdict: Verdict) -> StoredRequest:
    return through_json(store_request(asked, verdict, domain, time=NOW, site="", digest=DIGEST))


def replayed(domain: DomainSnapshot, stored: StoredRequest) -> tuple[Any, ...] | Cause:
    side = Replayer(OneDomain(domain), DIGEST)
    side.learn(parse_certificate(der) for der in certificates_of(stored).values())
    try:
        return told(side.answer(stored))
    except NotReplayable as error:
        return error.cause


@pytest.mark.parametrize("stage", STAGES)
def test_no_replay_gives_another_answer(stage: str) -> None:
    """Recorded under the case's own trust and replayed under a change of it, and the other way round."""
    wrong: list[tuple[Any, ...]] = []
    told_at_all: set[str] = set()
    for case_id, asked, expect in questions(stage):
        live = domain_of(asked)
        verdict = judged(live, asked)
        if asked.trust_anchors:
            leading = verdict.findings[0].reason.code if verdict.findings else None
            assert (verdict.indication, leading) == (expect["indication"], expect["reason"]), case_id
        stored = stored_under(live, asked, verdict)
        for name, change in CHANGES.items():
            draft = change(live, asked)
            real = judged(draft, asked)
            back = stored_under(draft, asked, real)
            for found, truth in (
                (replayed(draft, stored), told(real)),
                (replayed(live, back), told(verdict)),
            ):
                if isinstance(found, Cause):
                    continue
                told_at_all.add(name)
                if found != truth:
                    wrong.append((case_id, name, found, truth))
    assert not wrong
    assert stage in UNREADABLE or told_at_all >= {"nothing", "more anchors", "no intermediates", "CA blocked"}


def test_what_nobody_sent_and_the_draft_knows() -> None:
    """A certificate is left out of each case in turn; the draft brings it: perhaps the signer of a CRL."""
    wrong: list[tuple[Any, ...]] = []
    causes: set[Cause] = set()
    turned = 0
    for case_id, asked, _ in questions("revocation"):
        for missing in asked.evidence.certificates:
            left = tuple(der for der in asked.evidence.certificates if der != missing)
            fewer = replace(asked, evidence=replace(asked.evidence, certificates=left))
            live = domain_of(fewer)
            draft = with_trust(live, graph=graph_of(missing))
            before, after = judged(live, fewer), judged(draft, fewer)
            turned += told(before) != told(after)
            stored = stored_under(live, fewer, before)
            assert replayed(live, stored) in (told(before), stored.what)
            found = replayed(draft, stored)
            if isinstance(found, Cause):
                causes.add(found)
            elif found != told(after):
                wrong.append((case_id, fingerprint(missing), found, told(after)))
    assert not wrong
    assert turned > 10
    assert Cause.STATUS_SIGNERS in causes


BEYOND = {
    "algorithms-accepted-dsa-inherited-legacy": Cause.NEW_ISSUER_KEY,
    "building-budget": Cause.BUDGET,
    "hostile-issued-by-end-entity": Cause.ISSUER_NOT_A_CA,
    "hostile-name-case": Cause.NAMES,
    "hostile-name-email-in-subject": Cause.NAMES,
    "hostile-name-last-email": Cause.NAMES,
    "hostile-name-self-issued-target": Cause.SELF_ISSUED,
    "validation-ca-version": Cause.ISSUER_NOT_A_CA,
    "validation-ca-without-basic-constraints": Cause.ISSUER_NOT_A_CA,
    "validation-leaf-as-ca": Cause.ISSUER_NOT_A_CA,
}
"""Beside alternative names under name constraints, which are not recorded: some may be a person's."""


def test_the_same_policy_is_hardly_ever_beyond_a_record() -> None:
    beyond: dict[str, Cause] = {}
    for case_id, asked, expect in (row for stage in STAGES for row in questions(stage)):
        live = domain_of(asked)
        found = replayed(live, stored_under(live, asked, judged(live, asked)))
        if found is Cause.UNREADABLE:
            assert expect["sub_indication"] == "FORMAT_FAILURE", case_id
        elif isinstance(found, Cause):
            beyond[case_id] = found
    names = {case_id for case_id in beyond if case_id.startswith("validation-name-")}
    assert {beyond.pop(case_id) for case_id in names} == {Cause.NAMES}
    assert len(names) == 18
    assert beyond == BEYOND
