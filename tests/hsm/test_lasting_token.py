"""LastingToken over a scripted token: time limits, the breaker, healing, and PINs."""

from __future__ import annotations

import threading
import time

import pytest

from hsm.errors import BadSignature, KeyAmbiguous, KeyNotFound, PinRefused, TokenUnavailable, Unsupported
from hsm.lasting import LastingToken
from hsm.probing import PROBE_TEXT
from hsm.token import KeyKind, KeyRef, KeySpec, SignatureAlgorithm
from hsm.verifying import verify
from tests.hsm.scripted_token import (
    RETRY_S,
    SHORT_S,
    Stage,
    in_threads,
    lasting_fixture,
    stage_fixture,
    token_threads,
    wait_until,
)

__all__ = ["lasting_fixture", "stage_fixture"]

ECDSA = SignatureAlgorithm.ECDSA_SHA256


def test_it_is_opened_by_the_first_call_and_once(stage: Stage, lasting: LastingToken) -> None:
    ref = stage.add_key(b"1")
    assert stage.opened == []
    assert lasting.fault == ""
    answers = in_threads(8, lambda: lasting.sign(ref, ECDSA, b"text"))
    spki = lasting.public_key(ref)
    assert [verify(spki, ECDSA, b"text", signature) for signature in answers.values] == [True] * 8
    assert len(stage.opened) == 1
    assert 1 <= stage.most_inside <= 4


def test_every_method_goes_through(stage: Stage, lasting: LastingToken) -> None:
    made = lasting.generate(KeySpec(label="", key_id=b"9", kind=KeyKind.P256))
    ref = KeyRef(key_id=b"9")
    assert lasting.keys() == (made,)
    assert lasting.describe().label == "stage"
    assert lasting.attest(ref, b"nonce") == b"of nonce"
    assert lasting.public_key(ref) == made.spki
    health = lasting.health(ref)
    assert (health.usable, health.detail) == (True, "signed and verified")
    assert stage.signed == [PROBE_TEXT]
    lasting.destroy(ref)
    assert lasting.keys() == ()
    with pytest.raises(KeyNotFound):
        lasting.sign(ref, ECDSA, b"text")
    assert lasting.fault == ""


def test_errors_that_are_no_faults_leave_it_open(stage: Stage, lasting: LastingToken) -> None:
    ref = stage.add_key(b"1")
    stage.sign_error = Unsupported("not this")
    with pytest.raises(Unsupported):
        lasting.sign(ref, ECDSA, b"text")
    stage.sign_error = None
    with pytest.raises(KeyNotFound):
        lasting.sign(KeyRef(key_id=b"none"), ECDSA, b"text")
    assert lasting.sign(ref, ECDSA, b"text")
    assert len(stage.opened) == 1


def test_a_call_that_hangs_costs_its_limit_and_the_next_ones_nothing(
    stage: Stage, lasting: LastingToken
) -> None:
    ref = stage.add_key(b"1")
    lasting.sign(ref, ECDSA, b"before")
    stage.free.clear()

    def timed() -> float:
        start = time.monotonic()
        with pytest.raises(TokenUnavailable, match=r"does not answer: nothing came within 0\.3 s"):
            lasting.sign(ref, ECDSA, b"hanging")
        return time.monotonic() - start

    first = in_threads(8, timed)
    assert first.errors == []
    assert all(SHORT_S * 0.9 < float(str(spent)) < SHORT_S + 1.5 for spent in first.values)
    begun = stage.signed.count(b"hanging")
    assert begun <= 4
    later = [timed() for _ in range(20)]
    assert max(later) < SHORT_S * 0.9
    health = lasting.health(ref)
    assert not health.usable
    assert health.detail.startswith("TokenUnavailable: the token does not answer")
    assert health.elapsed_us < 200_000
    assert stage.signed.count(b"hanging") == begun
    assert token_threads() == 5
    assert len(stage.opened) == 1


def test_what_comes_late_is_for_nobody_and_the_token_is_opened_again(
    stage: Stage, lasting: LastingToken
) -> None:
    ref = stage.add_key(b"1")
    lasting.sign(ref, ECDSA, b"before")
    stage.free.clear()
    with pytest.raises(TokenUnavailable):
        lasting.sign(ref, ECDSA, b"late")
    time.sleep(0.2)
    assert stage.opened[0].closed == 0
    assert stage.probes == 0
    stage.free.set()
    assert wait_until(lambda: not lasting.fault) < 5
    assert [token.closed for token in stage.opened] == [1, 0]
    assert not stage.closed_while_inside
    assert stage.probes == 1
    spki = lasting.public_key(ref)
    assert verify(spki, ECDSA, b"new", lasting.sign(ref, ECDSA, b"new"))


@pytest.mark.parametrize("error", [TokenUnavailable("the card is out"), BadSignature("thrown away")])
def test_it_heals_without_anybody_calling(stage: Stage, lasting: LastingToken, error: Exception) -> None:
    ref = stage.add_key(b"1")
    lasting.sign(ref, ECDSA, b"before")
    stage.sign_error = error
    with pytest.raises(type(error), match=str(error)):
        lasting.sign(ref, ECDSA, b"text")
    assert stage.signed.count(b"text") == 1
    with pytest.raises(TokenUnavailable, match=str(error)):
        lasting.sign(ref, ECDSA, b"text")
    wait_until(lambda: stage.probes >= 3)
    assert lasting.fault == str(error)
    stage.sign_error = None
    assert wait_until(lambda: not lasting.fault) < 5
    assert stage.signed.count(b"text") == 1
    assert lasting.sign(ref, ECDSA, b"text")
    assert all(token.closed == 1 for token in stage.opened[:-1])


def test_it_is_opened_no_more_often_than_told(stage: Stage) -> None:
    ref = stage.add_key(b"1")
    lasting = LastingToken(stage.open, timeout_s=SHORT_S, retry_after_s=0.2)
    stage.open_error = TokenUnavailable("no token")
    with pytest.raises(TokenUnavailable, match="no token"):
        lasting.sign(ref, ECDSA, b"text")
    in_threads(8, lambda: lasting.health(ref))
    time.sleep(1.1)
    assert 4 <= len(stage.opened) <= 7
    stage.open_error = None
    assert wait_until(lambda: not lasting.fault) < 2
    assert lasting.sign(ref, ECDSA, b"text")
    lasting.close()


def test_an_opening_that_hangs_costs_the_limit_only(stage: Stage, lasting: LastingToken) -> None:
    ref = stage.add_key(b"1")
    stage.opening_free.clear()
    start = time.monotonic()
    answers = in_threads(8, lambda: lasting.sign(ref, ECDSA, b"text"))
    assert time.monotonic() - start < SHORT_S + 1.5
    assert {str(error) for error in answers.errors} == {"the token is being opened and does not answer"}
    stage.opening_free.set()
    wait_until(lambda: lasting.health(ref).usable)
    assert len(stage.opened) == 1


def test_a_refused_pin_is_the_end(stage: Stage, lasting: LastingToken) -> None:
    ref = stage.add_key(b"1")
    stage.open_error = PinRefused("wrong PIN")
    answers = in_threads(8, lambda: lasting.sign(ref, ECDSA, b"text"))
    assert [type(error) for error in answers.errors] == [PinRefused] * 8
    stage.open_error = None
    time.sleep(RETRY_S * 4)
    for _ in range(3):
        with pytest.raises(PinRefused, match="wrong PIN"):
            lasting.sign(ref, ECDSA, b"text")
    assert lasting.health(ref).detail == "PinRefused: wrong PIN"
    assert lasting.fault == "wrong PIN"
    assert len(stage.opened) == 1
    lasting.close()
    with pytest.raises(TokenUnavailable, match="closed"):
        lasting.sign(ref, ECDSA, b"text")


def test_a_pin_refused_by_a_call_is_the_end_too(stage: Stage, lasting: LastingToken) -> None:
    ref = stage.add_key(b"1")
    stage.sign_error = PinRefused("wrong PIN for this key")
    with pytest.raises(PinRefused):
        lasting.sign(ref, ECDSA, b"text")
    stage.sign_error = None
    wait_until(lambda: stage.opened[0].closed == 1)
    with pytest.raises(PinRefused, match="for this key"):
        lasting.public_key(ref)
    time.sleep(RETRY_S * 4)
    assert len(stage.opened) == 1


def test_a_pin_refused_while_healing_is_the_end(stage: Stage, lasting: LastingToken) -> None:
    ref = stage.add_key(b"1")
    stage.sign_error = TokenUnavailable("gone")
    with pytest.raises(TokenUnavailable):
        lasting.sign(ref, ECDSA, b"text")
    stage.open_error = PinRefused("the PIN was changed")
    wait_until(lambda: lasting.fault == "the PIN was changed")
    tries = len(stage.opened)
    stage.open_error = stage.sign_error = None
    time.sleep(RETRY_S * 4)
    assert len(stage.opened) == tries
    with pytest.raises(PinRefused):
        lasting.sign(ref, ECDSA, b"text")


def test_a_key_that_signed_and_is_not_found_is_a_lost_token(stage: Stage, lasting: LastingToken) -> None:
    ref = stage.add_key(b"1")
    lasting.sign(ref, ECDSA, b"text")
    key = stage.keys.pop(ref)
    with pytest.raises(TokenUnavailable, match="not found any more"):
        lasting.sign(ref, ECDSA, b"text")
    wait_until(lambda: len(stage.opened) > 2)
    assert lasting.fault == "the token answers, but the keys used before are not on it"
    stage.keys[ref] = key
    wait_until(lambda: not lasting.fault)
    assert lasting.sign(ref, ECDSA, b"text")


def test_a_key_gone_for_good_does_not_stop_another_one(stage: Stage, lasting: LastingToken) -> None:
    old, new = stage.add_key(b"1"), stage.add_key(b"2")
    lasting.sign(old, ECDSA, b"text")
    del stage.keys[old]
    with pytest.raises(TokenUnavailable):
        lasting.sign(old, ECDSA, b"text")
    with pytest.raises(TokenUnavailable):
        lasting.sign(new, ECDSA, b"text")
    wait_until(lambda: not lasting.fault)
    assert lasting.sign(new, ECDSA, b"text")
    with pytest.raises(TokenUnavailable):
        lasting.sign(old, ECDSA, b"text")
    wait_until(lambda: not lasting.fault)
    for _ in range(3):
        with pytest.raises(KeyNotFound):
            lasting.sign(old, ECDSA, b"text")
        assert lasting.sign(new, ECDSA, b"text")


def test_only_the_last_few_keys_are_tried(stage: Stage, lasting: LastingToken) -> None:
    refs = [stage.add_key(bytes([number])) for number in range(6)]
    for ref in refs:
        lasting.sign(ref, ECDSA, b"text")
    stage.sign_error = TokenUnavailable("gone")
    with pytest.raises(TokenUnavailable):
        lasting.sign(refs[0], ECDSA, b"text")
    del stage.keys[refs[0]]
    stage.sign_error = None
    wait_until(lambda: not lasting.fault)
    assert lasting.sign(refs[5], ECDSA, b"text")


def test_making_a_key_may_take_longer(stage: Stage, lasting: LastingToken) -> None:
    """While it lasts, a module that does one thing at a time is busy and not broken."""
    ref = stage.add_key(b"1")
    lasting.sign(ref, ECDSA, b"before")
    stage.making_free.clear()
    spec = KeySpec(label="", key_id=b"9", kind=KeyKind.P256)
    made: list[bytes] = []
    maker = threading.Thread(target=lambda: made.append(lasting.generate(spec).key_id))
    maker.start()
    wait_until(lambda: stage.inside == 1)
    stage.free.clear()
    with pytest.raises(TokenUnavailable, match="does not answer"):
        lasting.sign(ref, ECDSA, b"while")
    assert lasting.fault == ""
    stage.free.set()
    assert lasting.sign(ref, ECDSA, b"after")
    stage.making_free.set()
    maker.join(10)
    assert made == [b"9"]
    assert len(stage.opened) == 1


def test_making_a_key_may_not_take_for_ever(stage: Stage) -> None:
    lasting = LastingToken(stage.open, timeout_s=0.1, retry_after_s=RETRY_S, generate_s=0.3)
    stage.making_free.clear()
    with pytest.raises(TokenUnavailable, match=r"within 0\.3 s"):
        lasting.generate(KeySpec(label="", key_id=b"9", kind=KeyKind.P256))
    assert "does not answer" in lasting.fault
    stage.making_free.set()
    wait_until(lambda: not lasting.fault)
    lasting.close()


def test_a_driver_that_breaks_the_protocol_is_a_fault_and_no_more(
    stage: Stage, lasting: LastingToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[type[BaseException]] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: shown.append(args.exc_type))
    ref = stage.add_key(b"1")
    stage.sign_error = ZeroDivisionError("a bug")
    for _ in range(2):
        with pytest.raises(TokenUnavailable, match="in a way that it should not"):
            lasting.sign(ref, ECDSA, b"text")
    wait_until(lambda: stage.probes >= 5)
    wait_until(lambda: token_threads() == 5)
    assert set(shown) == {ZeroDivisionError}
    stage.sign_error = None
    wait_until(lambda: not lasting.fault)
    assert lasting.sign(ref, ECDSA, b"text")
    assert all(token.closed == 1 for token in stage.opened[:-1])


@pytest.mark.parametrize("error", [Unsupported("no such mechanism"), KeyAmbiguous("two of them")])
def test_a_token_that_answers_sensibly_is_in_order(
    stage: Stage, lasting: LastingToken, error: Exception
) -> None:
    ref = stage.add_key(b"1")
    stage.sign_error = TokenUnavailable("gone")
    with pytest.raises(TokenUnavailable):
        lasting.sign(ref, ECDSA, b"text")
    stage.sign_error = error
    wait_until(lambda: not lasting.fault)
    with pytest.raises(type(error)):
        lasting.sign(ref, ECDSA, b"text")


def test_a_queued_call_is_not_made_once_its_caller_is_gone(stage: Stage) -> None:
    lasting = LastingToken(stage.open, timeout_s=SHORT_S, retry_after_s=RETRY_S, threads=1)
    ref = stage.add_key(b"1")
    lasting.sign(ref, ECDSA, b"before")
    stage.free.clear()
    answers = in_threads(4, lambda: lasting.sign(ref, ECDSA, b"hanging"))
    assert len(answers.errors) == 4
    stage.free.set()
    wait_until(lambda: not lasting.fault)
    assert stage.signed.count(b"hanging") == 1
    lasting.close()


def test_calls_queued_behind_a_fault_are_answered_and_not_made(stage: Stage) -> None:
    lasting = LastingToken(stage.open, timeout_s=5, retry_after_s=RETRY_S, threads=1)
    ref = stage.add_key(b"1")
    lasting.sign(ref, ECDSA, b"before")
    stage.free.clear()
    stage.sign_error = TokenUnavailable("the card is out")
    threading.Timer(0.2, stage.free.set).start()
    answers = in_threads(6, lambda: lasting.sign(ref, ECDSA, b"text"))
    assert {str(error) for error in answers.errors} == {"the card is out"}
    assert stage.signed.count(b"text") == 1
    stage.sign_error = PinRefused("locked")
    wait_until(lambda: lasting.fault == "locked")
    lasting.close()
