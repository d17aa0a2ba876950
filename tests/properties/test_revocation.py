"""Revocation never gets better by more evidence of it, and the order of evidence is nothing."""

from __future__ import annotations

from datetime import timedelta

from cryptography import x509
from cryptography.x509 import ocsp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ca_bridge.core.request import RevocationRule
from ca_bridge.core.x509.crl import CertificateList
from ca_bridge.core.x509.ocsp import OcspResponse
from tests import status_pki as pki
from tests.status_pki import COMPROMISE, DAY, HOLD, NOW, OCSP_SIGNING, REMOVED, Entry, World, crl, issue

ROOT = issue(None, "root", ca=True)
CA = issue(ROOT, "ca", ca=True)
LEAF = issue(CA, "leaf", pki.point(pki.uri("http://a.example/1.crl")))
DELEGATE = issue(CA, "responder", OCSP_SIGNING)
CRL_KEY = issue(ROOT, "ca", pki.usage("crl_sign"), label="ca crl key")
WORLD = World((ROOT,), (CA, CRL_KEY, DELEGATE))
RULES = (pki.IF_AVAILABLE, pki.REQUIRE_TARGET, pki.REQUIRE_ALL)
PERMANENT = (None, COMPROMISE, x509.ReasonFlags.superseded, x509.ReasonFlags.cessation_of_operation)
TIMES = ({}, {"since": NOW - 3 * DAY, "until": NOW - 2 * DAY}, {"since": NOW + DAY, "until": NOW + 2 * DAY})
SCOPES = (
    None,
    pki.idp(user=True),
    pki.idp(ca=True),
    pki.idp(pki.uri("http://a.example/1.crl")),
    pki.idp(pki.uri("http://a.example/2.crl")),
    pki.idp(reasons=frozenset({COMPROMISE})),
)

Piece = CertificateList | OcspResponse


def _entries() -> list[tuple[Entry, ...]]:
    return [(), *((Entry(LEAF.serial, reason),) for reason in (None, COMPROMISE, HOLD, REMOVED))]


@st.composite
def lists(draw: st.DrawFn) -> CertificateList:
    """A CRL of the target's issuer: complete or delta, good or bad in any of its parts."""
    number = draw(st.integers(6, 9))
    return crl(
        draw(st.sampled_from((CA, CA, CRL_KEY))),
        *draw(st.sampled_from(_entries())),
        number=draw(st.sampled_from((number, number, None))),
        delta=draw(st.sampled_from((None, None, number - 1))),
        point=draw(st.sampled_from(SCOPES)),
        **draw(st.sampled_from(TIMES)),
    )


@st.composite
def responses(draw: st.DrawFn) -> OcspResponse:
    """An OCSP response about the target or its issuer, by either of two responders."""
    about, issuer = draw(st.sampled_from(((LEAF, CA), (LEAF, CA), (CA, ROOT))))
    by = draw(st.sampled_from((issuer, DELEGATE)))
    made = pki.response(
        about,
        issuer,
        status=draw(st.sampled_from(list(ocsp.OCSPCertStatus))),
        reason=draw(st.sampled_from((None, HOLD))),
        by=by,
        certificates=(by,),
        **draw(st.sampled_from(TIMES)),
    )
    return pki.forged(made) if draw(st.integers(0, 5)) == 0 else made


EVIDENCE = st.lists(lists() | responses(), max_size=5)


def _answer(evidence: list[Piece], asked: RevocationRule) -> object:
    checked = WORLD.check(LEAF, *evidence, rule=asked)
    return checked if isinstance(checked, tuple) else checked.statuses


@settings(max_examples=60, deadline=None)
@given(EVIDENCE, st.randoms(use_true_random=False), st.sampled_from(RULES))
def test_order_is_nothing(evidence: list[Piece], random: object, asked: RevocationRule) -> None:
    shuffled = evidence.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert _answer(evidence, asked) == _answer([*shuffled, *evidence], asked)


@settings(max_examples=60, deadline=None)
@given(EVIDENCE, st.sampled_from(RULES), st.sampled_from(PERMANENT), st.sampled_from(TIMES))
def test_revoked_for_good_beats_everything(
    evidence: list[Piece],
    asked: RevocationRule,
    reason: x509.ReasonFlags | None,
    times: dict[str, object],
) -> None:
    listed = crl(CA, Entry(LEAF.serial, reason), number=20, **times)
    codes = WORLD.codes(LEAF, *evidence, listed, rule=asked)
    assert "TARGET_REVOKED" in codes


@settings(max_examples=60, deadline=None)
@given(EVIDENCE, st.sampled_from(RULES), st.data())
def test_evidence_of_revocation_never_makes_it_better(
    evidence: list[Piece], asked: RevocationRule, data: st.DataObject
) -> None:
    reason = data.draw(st.sampled_from((*PERMANENT, HOLD)))
    more: Piece = data.draw(
        st.sampled_from(
            (
                crl(CA, Entry(LEAF.serial, reason), number=21),
                crl(CA, Entry(LEAF.serial, reason), number=22, delta=7),
                pki.response(LEAF, CA, status=ocsp.OCSPCertStatus.REVOKED, reason=reason),
            )
        )
    )
    if WORLD.codes(LEAF, *evidence, rule=asked):
        assert WORLD.codes(LEAF, *evidence, more, rule=asked)


@settings(max_examples=40, deadline=None)
@given(EVIDENCE)
def test_stricter_rules_never_accept_more(evidence: list[Piece]) -> None:
    accepted = [not WORLD.codes(LEAF, *evidence, rule=asked) for asked in RULES]
    assert accepted == sorted(accepted, reverse=True)


class AuthorityAtWork(RuleBasedStateMachine):
    """A CA publishes, revokes, holds, lifts holds and lets time pass; all that it ever said is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.number = 1
        self.base = 0
        self.state: Entry | None = None
        self.lifted = False
        self.told: list[Piece] = []
        self.told_revoked = False
        self.told_ever_held = False

    def _publish(self, delta: int | None) -> None:
        self.number += 1
        entries = [self.state] if self.state is not None else []
        if self.state is None and self.lifted and delta is not None:
            entries = [Entry(LEAF.serial, REMOVED, self.now)]
        self.told.append(
            crl(CA, *entries, number=self.number, delta=delta, since=self.now, until=self.now + DAY)
        )
        if delta is None:
            self.base = self.number
        self._note()

    def _note(self) -> None:
        if self.state is not None:
            self.told_revoked |= self.state.reason is not HOLD
            self.told_ever_held |= self.state.reason is HOLD

    @rule()
    def complete(self) -> None:
        self._publish(None)

    @precondition(lambda self: self.base)
    @rule()
    def delta(self) -> None:
        self._publish(self.base)

    @rule()
    def answer(self) -> None:
        revoked = self.state is not None
        status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
        self.told.append(
            pki.response(
                LEAF,
                CA,
                status=status,
                since=self.now,
                until=self.now + DAY,
                revoked=self.state.when if self.state else self.now,
                reason=self.state.reason if self.state else None,
            )
        )
        self._note()

    @precondition(lambda self: self.state is None or self.state.reason is HOLD)
    @rule(reason=st.sampled_from(PERMANENT))
    def revoke(self, reason: x509.ReasonFlags | None) -> None:
        self.state = Entry(LEAF.serial, reason, self.now)

    @precondition(lambda self: self.state is None)
    @rule()
    def hold(self) -> None:
        self.state = Entry(LEAF.serial, HOLD, self.now)

    @precondition(lambda self: self.state is not None and self.state.reason is HOLD)
    @rule()
    def lift(self) -> None:
        self.state = None
        self.lifted = True

    @rule(hours=st.integers(1, 40))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(count=st.integers(1, 3))
    def a_mirror_rolls_back(self, count: int) -> None:
        """Old lists supplied again change nothing: they are all here already, only their order differs."""
        self.told = self.told[count:] + self.told[:count]

    @invariant()
    def once_revoked_never_good_after(self) -> None:
        for asked in RULES:
            codes = WORLD.codes(LEAF, *self.told, rule=asked, at=self.now)
            if self.told_revoked:
                assert "TARGET_REVOKED" in codes
            elif not self.told_ever_held:
                assert "TARGET_REVOKED" not in codes
                assert "TARGET_ON_HOLD" not in codes

    @invariant()
    def what_was_never_revoked_is_good_while_a_list_is_current(self) -> None:
        current = any(
            isinstance(e, OcspResponse) or (e.extensions.delta_crl_indicator is None and e.next_update)
            for e in self.told
            if (e.next_update if isinstance(e, CertificateList) else e.responses[0].next_update) >= self.now
        )
        if current and not self.told_revoked and not self.told_ever_held:
            assert WORLD.codes(LEAF, *self.told, at=self.now) == []


AuthorityAtWork.TestCase.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)
TestAuthorityAtWork = AuthorityAtWork.TestCase
