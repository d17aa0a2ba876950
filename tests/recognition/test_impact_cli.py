"""`ca-bridge impact` as a person and as a program read it."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ca_bridge.adapters.request_journal import RequestJournalFolder
from ca_bridge.core.recognition.replay.recorded import Cause
from ca_bridge.interfaces.cli import progress
from ca_bridge.interfaces.cli.app import command_line
from ca_bridge.interfaces.cli.composition import Composition
from ca_bridge.interfaces.cli.impact import impact_command
from ca_bridge.interfaces.cli.impact_view import CAUSES, CHANGES
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.impact.journal_port import RequestJournal
from ca_bridge.services.impact.outcome import Change
from ca_bridge.services.impact.recorder import RequestRecorder
from tests.recognition.impact_traffic import (
    CROSS,
    INTERMEDIATES,
    ISSUERS,
    MAPPINGS,
    Asked,
    traffic,
    traffic_documents,
    traffic_gateway,
)
from tests.recognition.scheme import fingerprint
from tests.recognition.scheme_documents import ROOT, write_folder

COUNT = 80
NOW = "2026-01-15T08:00:00Z"


def unused() -> Any:
    pytest.fail("not asked for")


class Site:
    """A gateway, drafts of its policy, and requests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.live = traffic_gateway(folder / "live")
        self.draft = folder / "draft"
        write_folder(self.draft, traffic_documents(MAPPINGS[1:]))
        write_folder(folder / "same", traffic_documents())
        self.asked = tuple(traffic(COUNT))
        self.journal: RequestJournal | None = RequestJournalFolder(folder / "journal")

    def run(self, *arguments: object, **environment: str) -> Result:
        def of_release(number: int) -> Gateway:
            assert number == 7
            return traffic_gateway(self.folder / "release", traffic_documents(MAPPINGS[1:]))

        composition = Composition(
            gateway=lambda: self.live,
            policy_report=unused,
            anchor_shelf=unused,
            liveness=unused,
            policy_lint=unused,
            further=(impact_command(over_documents, lambda: self.journal, of_release),),
        )
        words = ["impact", *(str(a) for a in arguments)]
        return CliRunner().invoke(command_line(composition), words, env={"LANG": "C.UTF-8", **environment})

    def requests(self, *extra: bytes) -> Path:
        path = self.folder / "requests.jsonl"
        path.write_bytes(b"\n".join([*map(line_of, self.asked), *extra]) + b"\n")
        return path

    def keep(self) -> None:
        assert self.journal is not None
        recorder = RequestRecorder(self.journal, self.live.clock, pytest.fail)
        for one in self.asked:
            answer = self.live.validate.answer(one.question)
            recorder(self.live.domains.snapshot("b"), one.question, answer)
        recorder.drain()

    @property
    def turning(self) -> list[Asked]:
        return [one for one in self.asked if one.kind.reason]


def over_documents(folder: Path) -> Gateway:
    """The draft in a folder; these tests write the same two."""
    mappings = MAPPINGS if folder.name == "same" else MAPPINGS[1:]
    return traffic_gateway(folder, traffic_documents(mappings))


def line_of(one: Asked) -> bytes:
    asked = one.question
    fields = {
        "id": 1,
        "site": one.site or None,
        "certificate": text(asked.certificate),
        "intermediates": [text(der) for der in asked.evidence.certificates],
        "crls": [text(der) for der in asked.evidence.crls],
        "validation_time": NOW,
        "purpose": asked.parameters.purpose.value,
        "revocation": asked.parameters.revocation.value,
        "assurance_level": asked.parameters.assurance_level,
        "domain": "b",
    }
    return json.dumps(fields).encode()


def text(der: bytes) -> str:
    return b64encode(der).decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("site"))
    made.keep()
    return made


def test_stored_requests_for_a_program(site: Site) -> None:
    result = site.run("--draft", site.draft, "--journal", "--json", "--samples", "1000")
    assert (result.exit_code, result.stderr) == (1, "")
    data = json.loads(result.stdout)
    expected = {fingerprint(one.question.certificate) for one in site.turning}
    assert (data["requests"], data["flips"]) == (COUNT, len(expected))
    assert {s["target"] for s in data["samples"] if s["change"] == "passed_to_refused"} == expected
    assert (data["unreadable"], data["drifted"], data["not_replayable"]) == (0, 0, {})
    first = data["samples"][0]
    assert first["live"]["references"] == ["b-a"]
    assert first["draft"]["reason"] in {"POLICY_MAPPING_NOT_AGREED", "ASSURANCE_LEVEL_NOT_REACHED"}
    assert sum(row["to_refused"] for row in data["by_site"]) == len(expected)
    assert {row["site"] for row in data["by_site"]} == {one.site for one in site.asked}
    assert data["by_authority"][0]["authority"].startswith("CN=Traffic A CA ")


def test_sent_requests_give_the_same(site: Site) -> None:
    """And what cannot be read, or brings anchors of its own, is counted."""
    stored = json.loads(site.run("--draft", site.draft, "--journal", "--json").stdout)
    sent = json.loads(site.run("--draft", site.draft, "--requests", site.requests(), "--json").stdout)
    assert sent == stored
    anchored = json.loads(line_of(site.asked[0])) | {"trust_anchors": [text(CROSS)]}
    no_certificate = json.loads(line_of(site.asked[0])) | {"certificate": text(b"\x30\x03\x02\x01\x01")}
    elsewhere = json.loads(line_of(site.asked[0])) | {"domain": "nowhere", "site": "5"}
    broken_issuer = json.loads(line_of(site.asked[0])) | {"intermediates": [text(b"\x30\x03\x02\x01\x01")]}
    extra = (
        b"{",
        b"",
        *(json.dumps(d).encode() for d in (anchored, no_certificate, elsewhere, broken_issuer)),
    )
    more = json.loads(site.run("--draft", site.draft, "--requests", site.requests(*extra), "--json").stdout)
    assert more["requests"] == COUNT + 6
    assert (more["unreadable"], more["not_replayable"]) == (3, {"unreadable": 1})
    assert more["flips"] == stored["flips"]


def test_a_draft_that_changes_nothing(site: Site) -> None:
    result = site.run("--draft", site.folder / "same", "--journal", "--lang", "en")
    assert result.exit_code == 0
    assert result.output == f"{COUNT:>9}  unchanged\n{COUNT} request(s), 0 flip(s)\n"


def test_a_release_by_its_number(site: Site) -> None:
    folder = json.loads(site.run("--draft", site.draft, "--journal", "--json").stdout)
    release = site.run("--release", 7, "--journal", "--json")
    assert (release.exit_code, json.loads(release.stdout)) == (1, folder)


def test_for_a_person_in_english(site: Site) -> None:
    result = site.run("--draft", site.draft, "--journal", "--lang", "en", "--samples", 2)
    flips = len(site.turning)
    lines = result.output.splitlines()
    assert result.exit_code == 1
    assert lines[0] == f"{flips:>9}  passed, would be refused"
    assert lines[-1] == f"{COUNT} request(s), {flips} flip(s)"
    for title in ("authority", "site", "purpose", "reason", "most affected: authority, site"):
        assert any(line.startswith(title) and line.endswith("requests") for line in lines), title
    samples = [line for line in lines if "TOTAL_PASSED (" in line]
    assert len(samples) == 2
    assert "passed, would be refused: TOTAL_PASSED (medium; b-a) → POLICY_MAPPING_NOT_AGREED" in result.output


def test_for_a_person_in_chinese(site: Site) -> None:
    result = site.run("--draft", site.draft, "--journal", LANG="zh_CN.UTF-8")
    flips = len(site.turning)
    lines = result.output.splitlines()
    assert lines[0] == f"{flips:>9}  由通过变为拒绝"
    assert lines[-1] == f"共 {COUNT} 条请求，{flips} 条翻转"
    assert any(line.startswith("受影响最多的机构与站点") for line in lines)


def test_everything_that_can_be_told(site: Site) -> None:
    """What was answered otherwise at the time, cannot be read, or cannot be replayed, is said."""
    journal = RequestJournalFolder(site.folder / "odd")
    odd = Site.__new__(Site)
    odd.folder, odd.live, odd.draft, odd.journal = site.folder, site.live, site.draft, journal
    odd.asked = site.asked[:3]
    odd.keep()
    (path,) = (site.folder / "odd").glob("requests-*")
    rows = [json.loads(line) for line in path.read_bytes().splitlines()]
    row = next(r for r in rows if "what" in r)
    row["answered"] |= {"indication": "INDETERMINATE", "reason": "NO_ISSUER_FOUND"}
    lost = row | {"what": "budget"}
    path.write_bytes(path.read_bytes() + b"\n".join(json.dumps(r).encode() for r in (row, lost)) + b"\n?\n")
    shown = odd.run("--draft", site.folder / "same", "--journal", "--lang", "both")
    assert (
        "        1  无法重判： / not replayable: 路径搜索超出限额 / the path search ran, or may run"
        in shown.output
    )
    assert "        1  无法读取 / unreadable\n" in shown.output
    assert "        1  现行策略的答复已与当时不同 / answered otherwise by the live policy" in shown.output


def test_every_word_is_there() -> None:
    assert set(CHANGES) == set(Change)
    assert set(CAUSES) == set(Cause)


class TestCertificates:
    """A folder as an operator has it: leaves in one place, CAs in another, notes between them."""

    @pytest.fixture
    def folder(self, site: Site, tmp_path: Path) -> Path:
        (tmp_path / "leaves").mkdir()
        for number, one in enumerate(site.asked):
            (tmp_path / "leaves" / f"{number}.der").write_bytes(one.question.certificate)
        for number, der in enumerate((*INTERMEDIATES, CROSS)):
            (tmp_path / f"ca-{number}.der").write_bytes(der)
        (tmp_path / "ca-again.der").write_bytes(CROSS)
        (tmp_path / "list.crl").write_bytes(ISSUERS[0].crl())
        (tmp_path / "README").write_text("notes")
        cases = json.loads((ROOT / "certs-test" / "cases" / "format.json").read_text("utf-8"))
        (broken,) = (c["line"] for c in cases if c["id"] == "format-serial-number-too-long")
        (tmp_path / "broken.der").write_bytes(b64decode(broken["certificate"]))
        return tmp_path

    def test_in_a_folder(self, site: Site, folder: Path) -> None:
        words = ("--draft", site.draft, "--certificates", folder, "--at", "2026-01-15", "--json")
        result = site.run(*words, "--samples", 1000)
        data = json.loads(result.stdout)
        sound = [one for one in site.asked if one.kind.certificate != "expired"]
        high = [one for one in sound if MAPPINGS[0][1] in one.kind.policies]
        flips = {fingerprint(one.question.certificate) for one in high if len(one.kind.policies) == 1}
        assert data["requests"] == COUNT + 2
        assert (data["unreadable"], data["not_replayable"]) == (1, {"unreadable": 1})
        assert {s["target"] for s in data["samples"] if s["change"] == "passed_to_refused"} == flips
        assert data["changes"]["level"] == len(high) - len(flips)
        assert data["by_purpose"][0]["purpose"] == "any"

    def test_in_one_file(self, site: Site, tmp_path: Path) -> None:
        one = next(a for a in site.turning if a.kind.name == "high")
        bundle = tmp_path / "bundle.pem"
        ders = (one.question.certificate, *one.question.evidence.certificates)
        pem = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
        bundle.write_text("".join(pem.format(text(der)) for der in ders))
        words = ("--draft", site.draft, "--certificates", bundle, "--at", NOW, "--domain", "b")
        data = json.loads(site.run(*words, "--purpose", "contract_signing", "--json").stdout)
        (sample,) = data["samples"]
        assert sample["target"] == fingerprint(one.question.certificate)
        assert (sample["purpose"], sample["change"]) == ("contract_signing", "passed_to_refused")
        assert site.run(*words[:4], "--purpose", "server_auth", "--at", NOW).exit_code == 0

    def test_of_cas_alone(self, site: Site, tmp_path: Path) -> None:
        path = tmp_path / "ca.der"
        path.write_bytes(INTERMEDIATES[0])
        data = json.loads(site.run("--draft", site.draft, "--certificates", path, "--json").stdout)
        assert data["requests"] == 1

    def test_too_many_files(self, site: Site, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("ca_bridge.interfaces.cli.impact_input.MAX_FILES", 3)
        result = site.run("--draft", site.draft, "--certificates", folder)
        assert (result.exit_code, "more than 3 files" in result.output) == (2, True)

    def test_that_are_none(self, site: Site, tmp_path: Path) -> None:
        (tmp_path / "x.txt").write_text("nothing")
        result = site.run("--draft", site.draft, "--certificates", tmp_path / "x.txt")
        assert (result.exit_code, "x.txt" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--journal",), "one of --draft, --release"),
        (("--draft", "{draft}", "--release", "7", "--journal"), "one of --draft, --release"),
        (("--draft", "{draft}"), "one of --requests, --certificates, --journal"),
        (("--draft", "{draft}", "--journal", "--requests", "{file}"), "one of --requests"),
        (("--draft", "{draft}", "--journal", "--domain", "b"), "belong to --certificates"),
        (("--draft", "{file}", "--journal"), "is a file"),
        (("--draft", "/nowhere/at/all", "--journal"), "does not exist"),
        (("--release", "0", "--journal"), "0 is not in the range"),
        (("--draft", "{draft}", "--requests", "{draft}"), "Is a directory"),
        (("--draft", "{draft}", "--certificates", "{file}", "--at", "yesterday"), "--at: "),
        (("--draft", "{draft}", "--journal", "--samples", "100001"), "100001 is not in the range"),
    ],
)
def test_wrong_words(site: Site, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    file = tmp_path / "a.pem"
    file.write_text("?")
    result = site.run(*(word.format(draft=site.draft, file=file) for word in words))
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_without_a_journal(site: Site) -> None:
    without = Site.__new__(Site)
    without.folder, without.live, without.draft, without.journal = site.folder, site.live, site.draft, None
    result = without.run("--draft", site.draft, "--journal")
    assert result.exit_code == 2
    assert "CA_BRIDGE_REQUEST_JOURNAL" in result.stderr


def test_a_journal_that_cannot_be_read(site: Site, tmp_path: Path) -> None:
    other = Site.__new__(Site)
    other.folder, other.live, other.draft = site.folder, site.live, site.draft
    other.journal = RequestJournalFolder(tmp_path)
    (tmp_path / "requests-2026-01-14T000000-0.jsonl").mkdir()
    result = other.run("--draft", site.draft, "--journal")
    assert (result.exit_code, "留存的请求无法读取" in result.stderr) == (2, True)


class TestProgress:
    def test_is_said_on_standard_error(self, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(progress, "_SAY_EVERY_S", 0.0)
        result = site.run("--draft", site.draft, "--journal", "--json")
        assert json.loads(result.stdout)["requests"] == COUNT
        assert result.stderr.splitlines() == [f"{n} / {COUNT}" for n in range(1, COUNT + 1)]
        result = site.run("--draft", site.draft, "--requests", site.requests(), "--json")
        assert result.stderr.splitlines()[-1] == str(COUNT)

    def test_is_a_bar_on_a_terminal(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
        assert list(progress.counted(range(5), 5)) == [0, 1, 2, 3, 4]


def test_labels_are_shown_safely(site: Site, tmp_path: Path) -> None:
    """A site's label is the caller's: one with control characters makes the line unreadable."""
    one = replace(site.turning[0], site="evil\x1b[2J\nsite")
    path = tmp_path / "r.jsonl"
    path.write_bytes(line_of(one))
    result = site.run("--draft", site.draft, "--requests", path, "--lang", "en")
    assert "\x1b" not in result.output
    assert "1  unreadable" in result.output
