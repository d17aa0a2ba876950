"""Threads, processes, forks, ordinary users and long use: no crash, no leak, no wrong signature."""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hsm.errors import TokenError, TokenUnavailable
from hsm.pkcs11 import Pkcs11Token, libraries, library, pool
from hsm.pkcs11.library import FFI, Library
from hsm.pkcs11.pool import Pool
from hsm.pkcs11.return_values import CKR_SESSION_COUNT, Returned
from hsm.pkcs11.slots import Slot
from hsm.pkcs11.turns import turn
from hsm.token import KeyKind, KeyRef, KeySpec, SignatureAlgorithm
from hsm.verifying import default_algorithm, verify
from tests.hsm.conftest import Opener
from tests.hsm.endurance import rss_kib
from tests.hsm.softhsm import MODULE, SoftHsm, SoftToken

ECDSA = SignatureAlgorithm.ECDSA_SHA256
MESSAGE = b"a statement of the gateway"
REF = KeyRef(label="p-256")
ROOT = Path(__file__).parents[2]
KINDS = (KeyKind.P256, KeyKind.P384, KeyKind.ED25519, KeyKind.RSA_2048, KeyKind.SM2)


@pytest.fixture(scope="module")
def stocked(softhsm: SoftHsm) -> SoftToken:
    made = softhsm.new_token()
    token = Pkcs11Token(made.uri(custody="sealed"))
    for number, kind in enumerate(KINDS):
        token.generate(KeySpec(label=kind, key_id=bytes((1, number)), kind=kind))
    token.close()
    return made


@pytest.fixture
def token(opened: Opener, stocked: SoftToken) -> Pkcs11Token:
    return opened(stocked.uri())


def test_eight_threads_use_all_kinds_at_once(token: Pkcs11Token) -> None:
    spkis = {kind: token.public_key(KeyRef(label=kind)) for kind in KINDS}
    good: list[int] = []
    end = time.monotonic() + 1.5

    def work(first: int) -> None:
        count = 0
        while time.monotonic() < end:
            kind = KINDS[(first + count) % len(KINDS)]
            message, algorithm = b"%d %d" % (first, count), default_algorithm(kind)
            signature = token.sign(KeyRef(label=kind), algorithm, message)
            assert verify(spkis[kind], algorithm, message, signature)
            count += 1
        good.append(count)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(good) == 8
    assert min(good) > 10


def test_four_processes_of_eight_threads_each() -> None:
    check_endurance("--method", "spawn")


def test_an_ordinary_user_has_it_the_same_with_forked_processes() -> None:
    whose = ("--user", "nobody") if os.geteuid() == 0 else ()
    assert check_endurance("--method", "fork", *whose)["user"] != 0


def check_endurance(*options: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.hsm.endurance", "--seconds", "3", *options]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=200, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    assert (result["wrong"], result["errors"], result["crashed"]) == (0, {}, 0)
    assert len(result["signatures"]) == 8
    assert min(result["signatures"].values()) > 0
    assert max(result["sessions_end"]) <= 8
    assert max(result["rss_growth_kib"]) < 4096
    return result


def in_child(work: Callable[[], bool]) -> str:
    """What `work` came to in a forked child: "True", "False", an error, or "" when it hangs.

    The child tells it through a pipe and kills itself: nothing that runs at an exit is to be waited for.
    """
    door, inside = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.write(inside, str(work()).encode())
        except TokenError as error:
            os.write(inside, repr(error).encode())
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    os.close(inside)
    ready, _, _ = select.select([door], [], [], 30)
    told = os.read(door, 1000).decode() if ready else ""
    os.close(door)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return told


def is_refused(token: Pkcs11Token) -> bool:
    """Every method of a parent's token, in a child."""
    for use in (
        token.describe,
        token.keys,
        lambda: token.sign(REF, ECDSA, MESSAGE),
        lambda: token.public_key(REF),
        lambda: token.attest(REF, b""),
        lambda: token.destroy(REF),
        lambda: token.generate(KeySpec(label="a", key_id=b"a", kind=KeyKind.P256)),
    ):
        try:
            use()
        except TokenUnavailable:
            continue
        return False
    health = token.health(REF)
    token.close()
    return not health.usable and "before a fork" in health.detail


def test_a_forked_child_cannot_use_its_parents_token(token: Pkcs11Token) -> None:
    assert in_child(lambda: is_refused(token)) == "True"
    assert token.health(REF).usable


def test_a_forked_child_opens_the_token_for_itself(token: Pkcs11Token, stocked: SoftToken) -> None:
    def works() -> bool:
        mine = Pkcs11Token(stocked.uri())
        usable = mine.health(REF).usable and not token.health(REF).usable
        mine.close()
        return usable

    for _ in range(5):
        assert in_child(works) == "True"
    assert token.health(REF).usable


def test_children_forked_while_threads_sign_are_refused_and_do_not_hang(token: Pkcs11Token) -> None:
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            token.sign(REF, ECDSA, MESSAGE)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        assert [in_child(lambda: not token.health(REF).usable) for _ in range(20)] == ["True"] * 20
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert token.health(REF).usable


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_sessions_memory_and_files_stay_flat(token: Pkcs11Token) -> None:
    def sign(times: int) -> None:
        for number in range(times):
            for kind in KINDS:
                ref = KeyRef(label=kind)
                token.sign(ref, default_algorithm(kind), number.to_bytes(8, "big"))

    sign(200)
    gc.collect()
    before, files = rss_kib(), open_files()
    sign(800)
    gc.collect()
    assert rss_kib() - before < 1024
    assert open_files() == files
    with token._at_work() as connection:
        assert connection.pool.size == 1


def test_opening_and_closing_leaks_nothing(stocked: SoftToken) -> None:
    def open_and_close(times: int) -> None:
        for _ in range(times):
            Pkcs11Token(stocked.uri()).close()

    open_and_close(20)
    gc.collect()
    before, files = rss_kib(), open_files()
    open_and_close(100)
    gc.collect()
    assert rss_kib() - before < 2048
    assert open_files() == files


def test_the_last_to_leave_finalises_the_module(opened: Opener, stocked: SoftToken) -> None:
    first, second = opened(stocked.uri()), opened(stocked.uri())
    used = first._library
    assert second._library is used
    generation = used.generation
    first.close()
    assert used.generation == generation
    second.close()
    assert used.generation == 0
    assert opened(stocked.uri())._library.generation > generation


def test_a_module_initialised_by_somebody_else_is_used_and_left_to_them(
    opened: Opener, stocked: SoftToken
) -> None:
    somebody = Library(str(MODULE))
    somebody.start(anew=False)
    try:
        token = opened(stocked.uri())
        assert token.health(REF).usable
        token._library.suspect()
        opened(stocked.uri())  # would initialise it anew if it were ours
        assert token.health(REF).usable
        token.close()
        with somebody.in_use():
            info: Any = FFI.new("CK_INFO *")
            somebody.call("C_GetInfo", info)
    finally:
        somebody.stop_unused()


def test_a_module_is_not_finalised_under_a_call_that_hangs(
    opened: Opener, stocked: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "_DRAIN_S", 0.05)
    token = opened(stocked.uri())
    used = token._library
    with used.in_use():  # as a call does that does not come back
        used.suspect()
        with pytest.raises(TokenUnavailable, match="hangs in an earlier call"):
            Pkcs11Token(stocked.uri())
        token.close()
        assert used.generation
        with pytest.raises(TokenUnavailable, match="hangs in an earlier call"):
            Pkcs11Token(stocked.uri())
    assert opened(stocked.uri()).health(REF).usable


def test_calls_wait_for_a_new_initialisation_and_not_for_ever(
    opened: Opener, stocked: SoftToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "_DRAIN_S", 0.05)
    token = opened(stocked.uri())
    with token._library._alone() as alone:
        assert alone
        with pytest.raises(TokenUnavailable, match="does not finish"):
            token.describe()
        with token._library._alone() as again:
            assert not again
    assert token.health(REF).usable


def test_a_library_not_started_is_of_no_use() -> None:
    with pytest.raises(TokenUnavailable, match="not initialised"), Library(str(MODULE)).in_use():
        pass


def test_a_module_is_one_by_whatever_path(stocked: SoftToken, opened: Opener, tmp_path: Path) -> None:
    link = tmp_path / "module.so"
    link.symlink_to(MODULE)
    assert opened(stocked.uri(module=link))._library is opened(stocked.uri())._library


def test_whoever_finds_no_session_free_waits_a_while(
    token: Pkcs11Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_WAIT_S", 0.05)
    with token._at_work() as connection:
        few = Pool(token._library, connection.slot)
        few._most = 1
        with few.lent():
            with pytest.raises(TokenUnavailable, match="none came free"), few.lent():
                pass
            few.close()
        assert few.size == 0


class Miser:
    """A module whose token has few sessions."""

    def __init__(self, sessions: int) -> None:
        self.left = sessions

    def call(self, function: str, *arguments: Any) -> None:
        if function == "C_CloseSession":
            self.left += 1
        elif not self.left:
            raise Returned(function, CKR_SESSION_COUNT)
        else:
            self.left -= 1
            arguments[-1][0] = 7

    def suspect(self) -> None:
        raise AssertionError


def slot(most: int | None = None) -> Slot:
    return Slot(
        number=1, label="", manufacturer="", model="", serial="", login_required=True, max_sessions=most
    )


def test_a_token_with_few_sessions_lends_those(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "_WAIT_S", 0.05)
    miser: Any = Miser(1)
    few = Pool(miser, slot())
    with few.lent() as first:
        with pytest.raises(TokenUnavailable, match="none came free"), few.lent():
            pass
        threading.Timer(0.01, few._give_back, [first]).start()
        few._free.clear()
        with few.lent() as second:
            assert second is first
        few._free.clear()
    assert Pool(miser, slot(5))._most == 3
    assert Pool(miser, slot(1))._most == 1
    none: Any = Miser(0)
    with pytest.raises(Returned), Pool(none, slot()).lent():
        pass


def test_a_child_forgets_its_parents_modules(token: Pkcs11Token) -> None:
    assert libraries._libraries
    assert in_child(lambda: not libraries._libraries and bool(libraries._inherited)) == "True"


def test_processes_that_open_a_token_side_by_side_take_turns(stocked: SoftToken) -> None:
    """SoftHSM writes the token's file at each login; whoever reads it then would find no token."""

    def often() -> bool:
        for _ in range(8):
            mine = Pkcs11Token(stocked.uri())
            mine.sign(REF, ECDSA, MESSAGE)
            mine.close()
        return True

    told: list[str] = []
    threads = [threading.Thread(target=lambda: told.append(in_child(often))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["True"] * 6


def test_a_turn_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    file = tmp_path / "pin"
    file.touch()
    with turn(str(file), 1):
        start = time.monotonic()
        with turn(str(file), 0.05):
            assert 0.05 <= time.monotonic() - start < 1
    with turn(str(tmp_path / "missing"), 1):
        pass
