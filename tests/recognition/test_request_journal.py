"""The folder of stored requests: private, keyed, expiring, bounded, written by many at once."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from ca_bridge.adapters.request_journal import JournalLimits, RequestJournalFolder
from ca_bridge.core.x509.identity_key import PersonalDigest
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.impact.comparing import StoredComparer
from ca_bridge.services.impact.journal_port import JournalFailed
from ca_bridge.services.impact.record_data import MAX_RECORD_BYTES, certificates_of, stored_data
from ca_bridge.services.impact.request_record import store_request
from ca_bridge.services.impact.simulate import stored_impact
from ca_bridge.services.validate_certificate import Question
from tests.recognition.journal_writer import write_rows
from tests.recognition.replays import NOW, question
from tests.recognition.scheme import HK_TO_GD_A, LEAVES, C
from tests.recognition.scheme_documents import gateway

DAY = timedelta(days=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    return gateway(tmp_path_factory.mktemp("live"))


def lines(journal: RequestJournalFolder) -> list[Any]:
    return [json.loads(line) for line in journal.contents().lines]


def names(folder: Path) -> list[str]:
    return sorted(path.name[:19] for path in folder.glob("requests-*"))


class TestWhatIsKept:
    def test_comes_back(self, folder: Path) -> None:
        journal = RequestJournalFolder(folder)
        journal.append(NOW, {"n": 1}, {"a": b"first"})
        journal.append(NOW, {"n": 2}, {"a": b"first", "b": b"second"})
        contents = RequestJournalFolder(folder).contents()
        assert contents.count == 2
        assert [json.loads(line) for line in contents.lines] == [{"n": 1}, {"n": 2}]
        assert contents.certificates == {sha256(der).hexdigest(): der for der in (b"first", b"second")}

    def test_of_no_folder_is_nothing(self, folder: Path) -> None:
        contents = RequestJournalFolder(folder).contents()
        assert (contents.count, list(contents.lines)) == (0, [])
        RequestJournalFolder(folder).close()

    def test_a_certificate_once_a_file(self, folder: Path) -> None:
        journal = RequestJournalFolder(folder)
        for _ in range(5):
            journal.append(NOW, {}, {"a": b"a certificate"})
        (path,) = folder.glob("requests-*")
        assert path.read_bytes().count(b'{"certificate":') == 1

    def test_goes_on_in_another_file_after_closing_and_at_the_end_of_a_day(self, folder: Path) -> None:
        journal = RequestJournalFolder(folder)
        journal.append(NOW, {"n": 1}, {"a": b"der"})
        journal.append(NOW + 10 * timedelta(seconds=1), {"n": 2}, {})
        journal.append(NOW + DAY, {"n": 3}, {"a": b"der"})
        journal.close()
        journal.append(NOW + DAY, {"n": 4}, {})
        assert names(folder) == ["requests-2026-01-15", "requests-2026-01-16", "requests-2026-01-16"]
        assert sorted(row["n"] for row in lines(journal)) == [1, 2, 3, 4]

    def test_certificates_up_to_a_number(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        journal = RequestJournalFolder(folder)
        journal.append(NOW, {}, {"a": b"first", "b": b"second"})
        monkeypatch.setattr("ca_bridge.adapters.request_journal._MAX_CERTIFICATES", 1)
        assert list(journal.contents().certificates.values()) == [b"first"]

    def test_is_whole_or_refused(self, folder: Path) -> None:
        journal = RequestJournalFolder(folder)
        with pytest.raises(JournalFailed, match="is not kept"):
            journal.append(NOW, {"text": "x" * MAX_RECORD_BYTES}, {})
        assert journal.contents().count == 0


class TestForHowLong:
    def test_a_number_of_days(self, folder: Path) -> None:
        """Three days are the day itself and the two before it."""
        journal = RequestJournalFolder(folder, JournalLimits(keep_days=3))
        for day in range(6):
            journal.append(NOW + day * DAY, {"day": day}, {})
        assert [row["day"] for row in lines(journal)] == [3, 4, 5]
        assert len(list(folder.glob("requests-*"))) == 3

    def test_also_where_nobody_writes(self, folder: Path) -> None:
        RequestJournalFolder(folder).append(NOW, {}, {})
        reader = RequestJournalFolder(folder, JournalLimits(keep_days=30))
        reader.expire(date(2026, 2, 13))
        assert reader.contents().count == 1
        reader.expire(date(2026, 2, 14))
        assert reader.contents().count == 0

    def test_only_as_much_as_fits(self, folder: Path) -> None:
        """The oldest go first, also within a day."""
        limits = JournalLimits(max_bytes=3_000, segment_bytes=1_000)
        journal = RequestJournalFolder(folder, limits)
        for second in range(40):
            journal.append(NOW + timedelta(seconds=second), {"n": second, "text": "x" * 180}, {})
        sizes = [path.stat().st_size for path in folder.glob("requests-*")]
        assert sum(sizes) <= 3_000 + 250
        kept = [row["n"] for row in lines(journal)]
        assert kept == list(range(kept[0], 40))
        assert kept[0] >= 20

    def test_other_files_stay(self, folder: Path) -> None:
        journal = RequestJournalFolder(folder, JournalLimits(keep_days=1))
        journal.digest("make the key")
        (folder / "notes.txt").write_text("mine")
        journal.expire(date(2030, 1, 1))
        assert {path.name for path in folder.iterdir()} == {"digest.key", "notes.txt"}


class TestSecrets:
    def test_permissions(self, folder: Path) -> None:
        before = os.umask(0)
        try:
            journal = RequestJournalFolder(folder)
            journal.digest("x")
            journal.append(NOW, {}, {})
        finally:
            os.umask(before)
        modes = {path.name[:8]: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        assert modes == {"digest.k": 0o600, "requests": 0o600}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_the_digest_is_keyed_by_the_folder(self, folder: Path, tmp_path: Path) -> None:
        one, again, other = (
            RequestJournalFolder(folder),
            RequestJournalFolder(folder),
            RequestJournalFolder(tmp_path / "another"),
        )
        assert one.digest("Chan Tai Man") == again.digest("Chan Tai Man") != other.digest("Chan Tai Man")
        key = (folder / "digest.key").read_bytes()
        assert len(key) == 32
        assert one.digest("text") == PersonalDigest(key)("text")

    def test_a_key_that_is_none(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "digest.key").write_bytes(b"short")
        with pytest.raises(JournalFailed, match=r"digest\.key"):
            RequestJournalFolder(folder).digest("x")

    def test_many_make_one_key(self, folder: Path) -> None:
        with ThreadPoolExecutor(8) as pool:
            digests = set(pool.map(lambda _: RequestJournalFolder(folder).digest("x"), range(32)))
        assert len(digests) == 1
        assert [path.name for path in folder.iterdir()] == ["digest.key"]


def write_on(journal: RequestJournalFolder, writer: int) -> None:
    """In a forked process, with the parent's journal."""
    for row in range(50):
        journal.append(NOW, {"writer": writer, "row": row, "text": "y" * 20_000}, {})
    os._exit(0)


class TestManyWriters:
    def test_processes(self, folder: Path) -> None:
        """None loses a line, and no two lines are mixed."""
        spawned = [
            get_context("spawn").Process(target=write_rows, args=(str(folder), writer, 300))
            for writer in range(3)
        ]
        for process in spawned:
            process.start()
        for process in spawned:
            process.join()
        assert [process.exitcode for process in spawned] == [0, 0, 0]
        found = {(row["writer"], row["row"]) for row in lines(RequestJournalFolder(folder))}
        assert found == {(writer, row) for writer in range(3) for row in range(300)}

    def test_forked_processes_have_files_of_their_own(self, folder: Path) -> None:
        journal = RequestJournalFolder(folder)
        journal.append(NOW, {"writer": 0, "row": 0}, {})
        forked = [get_context("fork").Process(target=write_on, args=(journal, w)) for w in (1, 2)]
        for process in forked:
            process.start()
        for process in forked:
            process.join()
        journal.close()
        assert len(lines(journal)) == 101
        assert len(list(folder.glob("requests-*"))) == 3

    def test_threads(self, folder: Path) -> None:
        journal = RequestJournalFolder(folder, JournalLimits(segment_bytes=10_000))
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: journal.append(NOW, {"n": n}, {"c": b"der"}), range(2_000)))
        assert sorted(row["n"] for row in lines(journal)) == list(range(2_000))


def stored_line(live: Gateway, journal: RequestJournalFolder, asked: Question) -> None:
    answer = live.validate.answer(asked)
    stored = store_request(
        asked, answer.verdict, live.domains.snapshot("hk"), time=NOW, site="s", digest=journal.digest
    )
    journal.append(NOW, stored_data(stored), certificates_of(stored))


class TestBrokenLines:
    def test_are_counted(self, live: Gateway, folder: Path) -> None:
        journal = RequestJournalFolder(folder)
        for _ in range(3):
            stored_line(live, journal, question(LEAVES["gd-a-sm2-company-sign"], HK_TO_GD_A))
        journal.close()
        (path,) = folder.glob("requests-*")
        whole = path.read_bytes()
        garbage = [
            b"",
            b"not JSON",
            b"[1]",
            b'{"what":{}}',
            b"\xff\xfe\x00",
            b"[" * 100_000,
            b'{"certificate":"???"}',
            b"x" * (MAX_RECORD_BYTES + 10),
        ]
        path.write_bytes(whole + b"\n".join(garbage) + b"\n" + whole.splitlines()[-1][:500])
        contents = journal.contents()
        comparer = StoredComparer(live.domains, live.domains, journal.digest, contents.certificates)
        impact = stored_impact(comparer, iter(contents.lines))
        assert (impact.requests, impact.unreadable, impact.drifted) == (contents.count, 9, 0)
        assert impact.changes == {"none": 3}

    def test_a_certificate_that_was_lost(self, live: Gateway, folder: Path) -> None:
        """Requests that name it cannot be read; others can."""
        journal = RequestJournalFolder(folder)
        stored_line(live, journal, question(LEAVES["gd-a-sm2-company-sign"], HK_TO_GD_A))
        stored_line(live, journal, question(LEAVES["hk-person-sign"], (C["hk-ca"],)))
        contents = journal.contents()
        lost = sha256(HK_TO_GD_A[0]).hexdigest()
        left = {f: der if f != lost else b"\x30\x00" for f, der in contents.certificates.items()}
        comparer = StoredComparer(live.domains, live.domains, journal.digest, left)
        impact = stored_impact(comparer, iter(contents.lines))
        assert (impact.unreadable, impact.changes) == (1, {"none": 1})


class TestFailures:
    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        journal = RequestJournalFolder(tmp_path / "file" / "journal")
        with pytest.raises(JournalFailed, match="journal: "):
            journal.append(NOW, {}, {})
        with pytest.raises(JournalFailed, match=r"digest\.key"):
            journal.digest("x")

    def test_a_full_disk_ends_the_file(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What was cut short is one broken line; the next request is whole again."""
        journal = RequestJournalFolder(folder)
        journal.append(NOW, {"n": 1}, {})
        real, written = os.write, []

        def half(file: int, data: memoryview) -> int:
            if written:
                raise OSError(28, "No space left on device")
            written.append(real(file, data[:3]))
            return written[0]

        monkeypatch.setattr(os, "write", half)
        with pytest.raises(JournalFailed, match="No space left"):
            journal.append(NOW, {"n": 2}, {})
        monkeypatch.undo()
        journal.append(NOW + timedelta(seconds=1), {"n": 3}, {})
        assert list(journal.contents().lines) == [b'{"n":1}', b'{"n', b'{"n":3}']

    def test_a_file_that_cannot_be_read(self, folder: Path) -> None:
        journal = RequestJournalFolder(folder)
        journal.append(NOW, {"n": 1}, {})
        contents = journal.contents()
        (folder / "requests-2026-01-14T000000-0.jsonl").mkdir()
        with pytest.raises(JournalFailed, match="directory"):
            journal.contents()
        with pytest.raises(JournalFailed, match="directory"):
            list(contents.lines)

    def test_a_file_that_expires_while_it_is_read(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        journal = RequestJournalFolder(folder)
        journal.append(NOW, {"n": 1}, {})
        gone = folder / "requests-2026-01-14T000000-0.jsonl"
        monkeypatch.setattr(Path, "glob", lambda _self, _pattern: [gone, *folder.iterdir()])
        assert [json.loads(line) for line in journal.contents().lines] == [{"n": 1}]
        journal.expire(NOW.date())
