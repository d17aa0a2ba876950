"""Requests on their way into the folder: all of them, or counted; nobody's name on the disk."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from queue import Empty
from typing import Any

import pytest

from ca_bridge.adapters.request_journal import RequestJournalFolder
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.impact.comparing import StoredComparer
from ca_bridge.services.impact.recorder import RequestRecorder
from ca_bridge.services.impact.simulate import stored_impact
from ca_bridge.services.validate_certificate import Answer, Question
from tests.recognition.replays import NOW, question
from tests.recognition.scheme import HK_TO_GD_A, LEAVES, C, pki
from tests.recognition.scheme_documents import gateway

import extensions as ext  # isort: skip
import identity  # isort: skip
import x509  # isort: skip
from keys import Ecdsa  # isort: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    return gateway(tmp_path_factory.mktemp("live"))


def lines(journal: RequestJournalFolder) -> list[Any]:
    return [json.loads(line) for line in journal.contents().lines]


class Clock:
    def now(self) -> datetime:
        return NOW


class TestRecorder:
    def observed(self, live: Gateway, asked: Question) -> tuple[Any, Question, Answer]:
        return live.domains.snapshot("hk"), asked, live.validate.answer(asked)

    def test_keeps_what_it_hears(self, live: Gateway, folder: Path) -> None:
        journal = RequestJournalFolder(folder)
        recorder = RequestRecorder(journal, Clock(), pytest.fail)
        for leaf in LEAVES.values():
            recorder(*self.observed(live, replace(question(leaf, tuple(C.values())), site="counter-7")))
        recorder.drain()
        assert (recorder.counts.recorded, recorder.counts.left_out) == (len(LEAVES), 0)
        assert {row["site"] for row in lines(journal)} == {"counter-7"}
        contents = journal.contents()
        comparer = StoredComparer(live.domains, live.domains, journal.digest, contents.certificates)
        impact = stored_impact(comparer, iter(contents.lines))
        assert (impact.changes, impact.drifted) == ({"none": len(LEAVES)}, 0)

    def test_never_raises(self, live: Gateway, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        told: list[str] = []
        recorder = RequestRecorder(RequestJournalFolder(tmp_path / "file"), Clock(), told.append)
        recorder(*self.observed(live, question(C["hk-ca"])))
        recorder.drain()
        assert recorder.counts.failed == 1
        assert told[0].startswith(str(tmp_path / "file"))

        class Broken(RequestJournalFolder):
            def digest(self, text: str) -> str:
                raise ZeroDivisionError

        recorder = RequestRecorder(Broken(tmp_path / "other"), Clock(), told.append)
        recorder(*self.observed(live, question(LEAVES["hk-person-sign"])))
        recorder.drain()
        assert told[1:] == ["ZeroDivisionError"]

    def test_leaves_out_what_does_not_fit(
        self, live: Gateway, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ca_bridge.services.impact.recorder.MAX_WAITING_BYTES", 5_000)
        recorder = RequestRecorder(RequestJournalFolder(folder), Clock(), pytest.fail)
        monkeypatch.setattr(recorder, "_thread", object())  # nobody works
        heard = self.observed(live, question(LEAVES["hk-person-sign"]))
        for _ in range(20):
            recorder(*heard)
        assert 0 < recorder.counts.left_out < 20
        monkeypatch.setattr("ca_bridge.services.impact.recorder.MAX_WAITING_BYTES", 1 << 30)
        for _ in range(2_000):
            recorder(*heard)
        assert recorder.counts.left_out > 1_000

    def test_hears_what_comes_at_the_last_moment(
        self, live: Gateway, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The thread is about to rest when something is noted."""
        recorder = RequestRecorder(RequestJournalFolder(folder), Clock(), pytest.fail)
        real, waits = recorder._queue.get, []

        def get(timeout: float) -> Any:
            waits.append(timeout)
            if len(waits) == 1:
                raise Empty
            return real(timeout=timeout)

        monkeypatch.setattr(recorder._queue, "get", get)
        recorder(*self.observed(live, question(LEAVES["hk-person-sign"])))
        recorder.drain()
        assert recorder.counts.recorded == 1

    def test_rests_when_nothing_comes(
        self, live: Gateway, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("ca_bridge.services.impact.recorder._IDLE_S", 0.01)
        recorder = RequestRecorder(RequestJournalFolder(folder), Clock(), pytest.fail)
        for count in (1, 2):
            recorder(*self.observed(live, question(LEAVES["hk-person-sign"])))
            recorder.drain()
            thread = recorder._thread
            if thread is not None:
                thread.join(5)
            assert recorder._thread is None
            assert recorder.counts.recorded == count


def test_nobody_is_on_the_disk(live: Gateway, folder: Path) -> None:
    """Names, numbers, addresses and signatures of holders are not in any byte of the folder."""
    journal = RequestJournalFolder(folder)
    recorder = RequestRecorder(journal, Clock(), pytest.fail)
    host = "chantaiman.home.example"
    secrets = ext.subject_alt_name(
        ext.rfc822("chan.tai.man@mail.example"),
        ext.dns(host),
        ext.uri("https://chantaiman.example/me"),
        ext.directory(x509.name("CN=Chan Tai Man")),
        ext.ip(bytes([10, 200, 201, 202])),
    )
    subject = x509.name("C=HK, O=Chan Tai Man Studio, OU=Individual-1, CN=陳大文, serialNumber=M1234563")
    person = (ext.certificate_policies(pki.HK_HIGH), identity.standard_person(identity.PERSON_A), secrets)
    leaf = pki.HK_CA.issue("chan", subject, Ecdsa("chan"), (pki.SIGNING, *person)).certificate
    for asked in (
        question(leaf, (C["hk-ca"],), dns_name=host, identity_required=True),
        question(leaf, (C["hk-ca"],), "gd", dns_name="陳大文.example"),
        question(leaf[:-1] + bytes([leaf[-1] ^ 1]), (), dns_name=host),
        question(b"\x30\x00" + identity.PERSON_A.encode(), (leaf,), dns_name=host),
        question(LEAVES["gd-a-sm2-company-sign"], (*HK_TO_GD_A, leaf)),
        *(question(der, tuple(C.values()), "gd") for der in LEAVES.values()),
    ):
        recorder(live.domains.snapshot(asked.domain or ""), asked, live.validate.answer(asked))
    recorder.drain()
    assert recorder.counts.recorded == 5 + len(LEAVES)
    kept = b"".join(path.read_bytes() for path in folder.glob("requests-*"))
    certificate = live.engine.pool.certificate(leaf)
    texts = [
        "Chan Tai Man",
        "陳大文",
        "M1234563",
        identity.PERSON_A,
        "chan.tai.man",
        "chantaiman",
        "mail.example",
    ]
    texts += [a.text for der in LEAVES.values() for a in holder_texts(live, der)]
    for text in texts:
        raw = text.encode()
        for form in (raw, raw.hex().encode(), json.dumps(text)[1:-1].encode(), raw.upper(), raw.lower()):
            assert form not in kept, text
    for octets in (bytes([10, 200, 201, 202]), certificate.signed.signature, certificate.der):
        assert octets.hex().encode() not in kept
        assert octets not in kept
    assert f"{certificate.serial_number:x}".encode() not in kept
    assert str(certificate.serial_number).encode() not in kept


def holder_texts(live: Gateway, der: bytes) -> list[Any]:
    """Attributes of the subject that its issuer does not have as well; countries are nobody's."""
    certificate = live.engine.pool.certificate(der)
    public = {a.text for rdn in certificate.issuer.rdns for a in rdn}
    return [
        a
        for rdn in certificate.subject.rdns
        for a in rdn
        if a.text not in public and a.oid != "2.5.4.6" and len(a.text) > 2
    ]
