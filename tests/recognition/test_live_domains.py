"""Releases come into force at their instant, and every answer is under exactly one."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest

from ca_bridge import wiring
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.request import Parameters, RevocationRule
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.live_domains import LiveDomains
from ca_bridge.services.manage_recognition.model import Release, ReleaseState
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable
from ca_bridge.services.policy_documents import PolicyDocuments, ReleaseId
from ca_bridge.services.shadow import Comparison, Shadow
from ca_bridge.services.trust import SuppliedTrust
from ca_bridge.services.validate_certificate import Answer, Question, ValidateCertificate
from ca_bridge.settings import Settings
from tests.fakes.releases import MemoryReleases
from tests.recognition.big_release import big_documents
from tests.recognition.scheme import LEAVES, pki
from tests.recognition.scheme_documents import agreement_document, documents, write_folder

START = datetime(2026, 1, 15, 8, tzinfo=UTC)
SOON = START + timedelta(hours=1)
COMPANY, PERSON = LEAVES["gd-a-sm2-company-sign"], LEAVES["gd-a-sm2-person-sign"]


class Clock:
    def __init__(self) -> None:
        self.time = START

    def now(self) -> datetime:
        return self.time


def _release(store: MemoryReleases, number: int, docs: dict, effective_from: datetime) -> Release:
    content = PolicyDocuments.from_data(docs)
    store.contents[content.sha256] = content
    store.rows[number] = Release(
        number=number,
        version=1,
        state=ReleaseState.APPROVED,
        content_sha256=content.sha256,
        base=number - 1,
        authors=("a",),
        created=START,
        effective_from=effective_from,
    )
    return store.rows[number]


def _without_high() -> dict:
    return documents(
        agreements__hk_bridge=agreement_document(
            "hk-bridge", mappings=agreement_document("hk-bridge")["mappings"][1:]
        )
    )


class Live:
    """A gateway over a folder of the scheme and a store of releases."""

    def __init__(self, folder: Path) -> None:
        self.settings: Settings = write_folder(folder, documents())
        self.compiler = wiring.release_compiler(self.settings)
        self.own = wiring.gateway(self.settings).domains
        self.clock, self.store = Clock(), MemoryReleases()

    def domains(self) -> LiveDomains:
        return LiveDomains(
            own=self.own, store=self.store, compile_release=self.compiler.compile, clock=self.clock
        )

    def validate(self, domains: LiveDomains, shadow: Shadow | None = None) -> ValidateCertificate:
        return ValidateCertificate(
            supplied_trust=SuppliedTrust(self.compiler.own),
            domains=domains,
            default_domain="hk",
            clock=self.clock,
            after=shadow,
        )


def question(target: bytes = COMPANY) -> Question:
    from tests.recognition.scheme import HK_TO_GD_A

    parameters = Parameters(validation_time=START, revocation=RevocationRule.NONE)
    return Question(certificate=target, evidence=Evidence(certificates=HK_TO_GD_A), parameters=parameters)


def _reason(answer: Answer) -> str:
    return answer.verdict.findings[0].reason.code if answer.verdict.findings else "passed"


@pytest.fixture
def live(tmp_path: Path) -> Live:
    return Live(tmp_path)


def test_the_folder_is_in_force_until_a_first_release_is(live: Live) -> None:
    answer = live.validate(live.domains()).answer(question())
    assert answer.release is not None
    assert answer.release.number == 0
    assert _reason(answer) == "passed"


def test_a_release_is_in_force_from_its_instant_on(live: Live) -> None:
    _release(live.store, 1, documents(), START)
    second = _release(live.store, 2, _without_high(), SOON)
    domains = live.domains()
    validate = live.validate(domains)
    live.clock.time = SOON - timedelta(microseconds=1)
    before = validate.answer(question())
    live.clock.time = SOON
    after = validate.answer(question())
    assert (str(before.release).split(":")[0], _reason(before)) == ("1", "passed")
    assert str(after.release) == f"2:{second.content_sha256}"
    assert _reason(after) == "POLICY_MAPPING_NOT_AGREED"
    domains.refresh()
    assert validate.answer(question()).release == after.release
    assert domains.names() == ("bridge", "gd", "hk")
    assert len(domains.missing("hk")) == 0


def test_a_release_approved_later_is_found_without_a_restart(live: Live) -> None:
    domains = live.domains()
    validate = live.validate(domains)
    _release(live.store, 1, _without_high(), START)
    live.clock.time += timedelta(seconds=2)
    validate.answer(question())  # asks for the store to be looked at; does not wait for it
    domains.refresh()
    assert _reason(validate.answer(question())) == "POLICY_MAPPING_NOT_AGREED"


def test_the_store_is_asked_at_most_once_a_second(live: Live) -> None:
    domains = live.domains()
    asked = Counter[str]()
    real = live.store.effective_at

    def counting(instant: datetime) -> Release | None:
        asked["effective_at"] += 1
        return real(instant)

    live.store.effective_at = counting
    for _ in range(50):
        domains.snapshot("hk")
    assert asked["effective_at"] == 0


def test_what_was_in_force_stays_so_while_the_store_is_away(live: Live) -> None:
    _release(live.store, 1, _without_high(), START)
    domains = live.domains()
    assert domains.check().passed

    def away(instant: datetime) -> Release | None:
        raise StoreUnavailable("away")

    live.store.effective_at = away
    domains._refresh_or_tell()
    assert not domains.check().passed
    assert "StoreUnavailable" in domains.check().detail_en
    assert _reason(live.validate(domains).answer(question())) == "POLICY_MAPPING_NOT_AGREED"
    del live.store.effective_at
    domains._refresh_or_tell()
    assert domains.check().passed
    assert dict(domains.check().facts)["in_force"].startswith("1:")


def test_a_release_without_its_content_is_never_replaced_by_the_folder(live: Live) -> None:
    _release(live.store, 1, _without_high(), START)
    live.store.contents.clear()
    with pytest.raises(ConfigurationError):
        live.domains()


def test_a_release_may_change_the_algorithm_table_and_the_registry(live: Live) -> None:
    import yaml

    table = yaml.safe_load((live.settings.policies / "algorithms.yaml").read_text("utf-8"))
    profile = table["profiles"]["default"]
    profile["keys"] = [row for row in profile["keys"] if row["type"] != "SM2"]
    registry = yaml.safe_load((live.settings.policies / "identity-registry.yaml").read_text("utf-8"))
    docs = documents() | {"algorithms.yaml": table, "identity-registry.yaml": registry}
    _release(live.store, 1, docs, START)
    answer = live.validate(live.domains()).answer(question())
    assert {f.reason.code for f in answer.verdict.findings} == {"KEY_NOT_ACCEPTABLE"}


def test_a_swap_under_load_loses_no_question_and_mixes_no_releases(live: Live) -> None:
    """Every answer carries one release, and is the answer of that release."""
    _release(live.store, 1, documents(), START)
    second = _release(live.store, 2, _without_high(), SOON)
    validate = live.validate(live.domains())
    expected = {1: "passed", 2: "POLICY_MAPPING_NOT_AGREED"}
    wrong: list[object] = []
    seen = Counter[int]()
    stop = Event()

    def ask() -> None:
        mine = Counter[int]()
        while not stop.is_set():
            answer = validate.answer(question())
            assert answer.release is not None
            mine[answer.release.number] += 1
            if _reason(answer) != expected[answer.release.number]:
                wrong.append(answer)
        seen.update(mine)

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    while validate.answer(question()).release.number != 1:
        pass
    live.clock.time = SOON
    for _ in range(50):
        assert validate.answer(question()).release.sha256 == second.content_sha256
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert set(seen) == {1, 2}


class TestShadow:
    def test_counts_where_the_next_release_would_answer_otherwise(self, live: Live) -> None:
        _release(live.store, 1, documents(), START)
        second = _release(live.store, 2, _without_high(), SOON)
        domains = live.domains()
        shadow, heard = Shadow(domains.shadow), list[Comparison]()
        shadow.listen(heard.append)
        validate = live.validate(domains, shadow)
        for target in (COMPANY, PERSON, COMPANY):
            validate.answer(question(target))
        shadow.drain()
        counted = {(c.disagrees, c.reason): n for c, n in shadow.counts().items()}
        assert counted == {(True, "POLICY_MAPPING_NOT_AGREED"): 2, (False, ""): 1}
        assert {c.release for c in shadow.counts()} == {f"2:{second.content_sha256}"}
        assert len(heard) == 3
        assert shadow.left_out == 0

    def test_there_is_none_without_an_upcoming_release(self, live: Live) -> None:
        domains = live.domains()
        shadow = Shadow(domains.shadow)
        live.validate(domains, shadow).answer(question())
        assert shadow.counts() == {}

    def test_a_domain_that_is_new_has_no_shadow_and_one_in_force_none_either(self, live: Live) -> None:
        _release(live.store, 1, documents(), SOON)
        domains = live.domains()
        assert domains.shadow("nowhere") is None
        live.clock.time = SOON
        shadow = Shadow(domains.shadow)
        live.validate(domains, shadow).answer(question())
        shadow.drain()
        assert shadow.counts() == {}

    def test_what_does_not_fit_is_left_out_and_counted(self, live: Live) -> None:
        _release(live.store, 1, documents(), SOON)
        domains = live.domains()
        waiting, go = Event(), Event()

        def slow(found: Comparison) -> None:
            waiting.set()
            go.wait(10)

        shadow = Shadow(domains.shadow, queue_size=1)
        shadow.listen(slow)
        validate = live.validate(domains, shadow)
        validate.answer(question())
        assert waiting.wait(10)
        for _ in range(3):
            validate.answer(question())
        go.set()
        shadow.drain()
        assert shadow.left_out == 2
        assert sum(shadow.counts().values()) == 2


def test_a_big_release_is_compiled(live: Live) -> None:
    """500 CAs, 2,000 agreements, 5,000 mappings; how long it takes is bench/release_build.py's."""
    content = PolicyDocuments.from_data(big_documents(cas=500, agreements=2_000, mappings=5_000))
    domains = live.compiler.compile(ReleaseId(7, content.sha256), content)
    rules = domains.snapshot(domains.names()[0]).rules
    assert len(rules.agreements) > 1_000
    assert len(rules.members) >= 500


def test_the_gateway_of_a_database_follows_its_releases(live: Live, tmp_path: Path) -> None:
    settings = replace(live.settings, database=f"sqlite:///{tmp_path / 'releases.db'}")
    gateway = wiring.gateway(settings)
    assert gateway.shadow is not None
    check = next(c for c in gateway.diagnosis() if c.name == "releases")
    assert check.passed
    assert dict(check.facts) == {"in_force": "0", "next": "-"}
    assert gateway.domains.names() == ("bridge", "gd", "hk")
    assert (
        pki.HK_HIGH
        in gateway.validate.answer(replace(question(), domain="hk")).verdict.user_constrained_policy_set
    )


def test_the_first_answer_after_an_idle_spell_is_under_what_is_in_force(live: Live) -> None:
    """Nobody asked for an hour, in which a release took effect; then another was withdrawn."""
    _release(live.store, 1, documents(), START)
    domains = live.domains()
    validate = live.validate(domains)
    assert _reason(validate.answer(question())) == "passed"
    _release(live.store, 2, _without_high(), START + timedelta(minutes=1))
    live.clock.time += timedelta(hours=1)
    assert _reason(validate.answer(question())) == "POLICY_MAPPING_NOT_AGREED"
    third = _release(live.store, 3, documents(), live.clock.time + timedelta(minutes=5))
    domains.refresh()
    live.store.rows[3] = replace(third, state=ReleaseState.WITHDRAWN)
    live.clock.time += timedelta(hours=1)
    assert _reason(validate.answer(question())) == "POLICY_MAPPING_NOT_AGREED"


def test_a_next_release_that_cannot_be_compiled_leaves_the_present_one_alone(live: Live) -> None:
    _release(live.store, 1, documents(), START - timedelta(hours=1))
    _release(live.store, 2, _without_high(), START)
    _release(live.store, 3, documents(agreements__hk_bridge=None), SOON)
    compile_all = live.compiler.compile

    def refuse_the_third(identity: ReleaseId, content: PolicyDocuments) -> object:
        if identity.number == 3:
            raise ConfigurationError("a certificate is damaged here")
        return compile_all(identity, content)

    domains = LiveDomains(own=live.own, store=live.store, compile_release=refuse_the_third, clock=live.clock)
    assert _reason(live.validate(domains).answer(question())) == "POLICY_MAPPING_NOT_AGREED"
    assert not domains.check().passed
    assert "damaged" in domains.check().detail_en
    assert domains.shadow("hk") is None


def test_who_asks_twice_asks_one_release(live: Live) -> None:
    """A list of domains is of one release, though another comes into force while it is made."""
    _release(live.store, 1, documents(), START)
    alone = documents(domains__bridge=None, agreements__hk_bridge=None, agreements__bridge_gd=None)
    _release(live.store, 2, alone, SOON)
    domains = live.domains()
    in_force = domains.current()
    names = in_force.names()
    live.clock.time = SOON
    releases = [in_force.snapshot(name).release for name in names]
    assert names == ("bridge", "gd", "hk")
    assert {release.number for release in releases} == {1}
    assert domains.current().names() == ("gd", "hk")
