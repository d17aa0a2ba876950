"""Wrong PINs, lost tokens and modules that answer nonsense: a typed error, no crash, nothing unverified."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hsm.errors import (
    BadSignature,
    KeyNotFound,
    PinRefused,
    TokenError,
    TokenUnavailable,
    Unsupported,
    UriError,
)
from hsm.pkcs11 import Pkcs11Token, return_values
from hsm.pkcs11.library import FFI
from hsm.pkcs11.return_values import Returned, error_of
from hsm.token import KeyKind, KeyRef, KeySpec, SignatureAlgorithm
from hsm.verifying import default_algorithm, verify
from tests.hsm.conftest import Opener
from tests.hsm.softhsm import SoftHsm, SoftToken

ECDSA = SignatureAlgorithm.ECDSA_SHA256
MESSAGE = b"a statement of the gateway"
KINDS = (KeyKind.P256, KeyKind.RSA_2048, KeyKind.ED25519, KeyKind.SM2)
USER_PIN_FINAL_TRY = 0x20000
USER_PIN_LOCKED = 0x40000


def ref(kind: KeyKind) -> KeyRef:
    return KeyRef(label=f"{kind}-1")


def fill(token: Pkcs11Token, *kinds: KeyKind) -> None:
    for number, kind in enumerate(kinds):
        token.generate(KeySpec(label=f"{kind}-1", key_id=bytes((number, 1)), kind=kind))


@pytest.fixture(scope="module")
def stocked(softhsm: SoftHsm, sm2_module: Path) -> SoftToken:
    """A token with keys, made through the module that adds SM2."""
    made = softhsm.new_token()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHIM_MODULE", "/usr/lib/softhsm/libsofthsm2.so")
        token = Pkcs11Token(made.uri(module=sm2_module, sm2_profile="shim"))
        fill(token, *KINDS)
        token.close()
    return made


@pytest.fixture
def token(opened: Opener, stocked: SoftToken, shim: Path) -> Pkcs11Token:
    return opened(stocked.uri(module=shim, sm2_profile="shim"))


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda name: monkeypatch.setenv("SHIM_FAULT", name)


def flags_of(token: Pkcs11Token) -> int:
    info: Any = FFI.new("CK_TOKEN_INFO *")
    with token._at_work() as connection:
        token._library.call("C_GetTokenInfo", connection.slot.number, info)
    return int(info.flags)


@pytest.fixture
def logins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """How often the module was asked to log in."""
    log = tmp_path / "logins"
    monkeypatch.setenv("SHIM_LOG", str(log))
    return lambda: len(log.read_text().splitlines()) if log.exists() else 0


def test_a_wrong_pin_is_tried_exactly_once(
    opened: Opener, softhsm: SoftHsm, stocked: SoftToken, shim: Path, logins: Callable[[], int]
) -> None:
    right = stocked.uri(module=shim)
    wrong = replace(right, pin_source=str(softhsm.pin_file("999999")))
    with pytest.raises(PinRefused, match="C_Login: CKR_PIN_INCORRECT; it is not tried again"):
        opened(wrong)
    assert logins() == 1
    token = opened(right)
    assert logins() == 2
    # SoftHSM tells of a failed try by USER_PIN_COUNT_LOW alone, until the next good one.
    assert not flags_of(token) & (USER_PIN_FINAL_TRY | USER_PIN_LOCKED)
    assert token.health(ref(KeyKind.P256)).usable
    assert logins() == 2


def test_one_login_serves_all_calls(token: Pkcs11Token, logins: Callable[[], int]) -> None:
    for _ in range(50):
        token.sign(ref(KeyKind.P256), ECDSA, MESSAGE)
    assert token.keys()
    assert logins() == 0


def test_a_pin_too_short_for_the_token_is_refused(
    opened: Opener, softhsm: SoftHsm, stocked: SoftToken
) -> None:
    with pytest.raises(PinRefused):
        opened(replace(stocked.uri(), pin_source=str(softhsm.pin_file("1"))))


def test_a_pin_refused_after_a_new_initialisation_ends_all_tries(
    opened: Opener, softhsm: SoftHsm, stocked: SoftToken, shim: Path, logins: Callable[[], int]
) -> None:
    pin = softhsm.pin_file("123456")
    token = opened(replace(stocked.uri(module=shim), pin_source=str(pin)))
    pin.write_text("999999\n")
    token._library.start(anew=True)
    for _ in range(3):
        with pytest.raises(PinRefused, match="CKR_PIN_INCORRECT"):
            token.sign(ref(KeyKind.P256), ECDSA, MESSAGE)
    assert logins() == 2  # the first, good one, and one more


def test_a_locked_pin_is_told(
    opened: Opener, stocked: SoftToken, shim: Path, fault: Callable[[str], None]
) -> None:
    fault("login-locked")
    with pytest.raises(PinRefused, match="CKR_PIN_LOCKED"):
        opened(stocked.uri(module=shim))


def test_a_token_taken_away_is_noticed_at_a_signature_and_used_again_when_back(
    opened: Opener, soft_token: SoftToken
) -> None:
    token = opened(soft_token.uri())
    fill(token, KeyKind.P256)
    spki = token.public_key(ref(KeyKind.P256))
    token.sign(ref(KeyKind.P256), ECDSA, MESSAGE)
    soft_token.take_away()
    for _ in range(3):
        with pytest.raises(TokenUnavailable):
            token.sign(ref(KeyKind.P256), ECDSA, MESSAGE)
    assert not token.health(ref(KeyKind.P256)).usable
    token.close()
    with pytest.raises(TokenUnavailable, match="no token as the URI names it"):
        opened(soft_token.uri())
    soft_token.put_back()
    again = opened(soft_token.uri())
    assert again.public_key(ref(KeyKind.P256)) == spki
    assert verify(spki, ECDSA, MESSAGE, again.sign(ref(KeyKind.P256), ECDSA, MESSAGE))


def test_a_token_taken_away_before_its_first_use_is_no_missing_key(
    opened: Opener, soft_token: SoftToken
) -> None:
    fill(opened(soft_token.uri()), KeyKind.P256)
    token = opened(soft_token.uri())
    soft_token.take_away()
    with pytest.raises(TokenUnavailable, match="has lost its signing key 'p-256-1'"):
        token.sign(ref(KeyKind.P256), ECDSA, MESSAGE)
    soft_token.put_back()


def test_a_token_lost_under_load_signs_nothing_wrong_and_is_opened_anew(
    opened: Opener, soft_token: SoftToken
) -> None:
    token = opened(soft_token.uri())
    fill(token, KeyKind.P256)
    spki = token.public_key(ref(KeyKind.P256))
    outcomes: list[object] = []
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            try:
                outcomes.append(verify(spki, ECDSA, MESSAGE, token.sign(ref(KeyKind.P256), ECDSA, MESSAGE)))
            except TokenError as error:
                outcomes.append(type(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    while len(outcomes) < 50:
        stop.wait(0.01)
    soft_token.take_away()
    while TokenUnavailable not in outcomes:
        stop.wait(0.01)
    soft_token.put_back()
    # Opened anew beside the broken one, which then logs in again by itself.
    fresh = opened(soft_token.uri())
    count = len(outcomes)
    while len(outcomes) < count + 50:
        stop.wait(0.01)
    stop.set()
    for thread in threads:
        thread.join()
    assert set(outcomes) <= {True, TokenUnavailable}
    assert fresh.health(ref(KeyKind.P256)).usable
    assert token.health(ref(KeyKind.P256)).usable


def test_a_broken_token_does_not_take_another_of_its_module_along(opened: Opener, softhsm: SoftHsm) -> None:
    first, second = softhsm.new_token(), softhsm.new_token()
    broken, whole = opened(first.uri()), opened(second.uri())
    for each in (broken, whole):
        fill(each, KeyKind.P256)
    first.take_away()
    with pytest.raises(TokenUnavailable):
        broken.sign(ref(KeyKind.P256), ECDSA, MESSAGE)
    broken.close()
    with pytest.raises(TokenUnavailable):
        opened(first.uri())
    assert whole.health(ref(KeyKind.P256)).usable
    first.put_back()
    assert opened(first.uri()).health(ref(KeyKind.P256)).usable
    assert whole.health(ref(KeyKind.P256)).usable


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["sign-garbage", "sign-zeros", "sign-short", "sign-nothing"])
def test_a_signature_that_is_none_is_thrown_away(
    token: Pkcs11Token, fault: Callable[[str], None], name: str, kind: KeyKind
) -> None:
    fault(name)
    with pytest.raises(BadSignature):
        token.sign(ref(kind), default_algorithm(kind), MESSAGE)
    health = token.health(ref(kind))
    assert not health.usable
    assert health.detail.startswith("BadSignature: ")
    fault("")
    assert token.health(ref(kind)).usable


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("sign-impossible-length", "more than there was room for"),
        ("sign-returns-vendor-value", "C_Sign: CKR 0x80001234"),
        ("sign-device-removed", "C_Sign: CKR_DEVICE_REMOVED"),
    ],
)
def test_a_failing_signature_is_a_token_that_cannot_be_used(
    token: Pkcs11Token, fault: Callable[[str], None], name: str, told: str
) -> None:
    fault(name)
    with pytest.raises(TokenUnavailable, match=told):
        token.sign(ref(KeyKind.P256), ECDSA, MESSAGE)


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("find-too-many", TokenUnavailable),
        ("find-endless", TokenUnavailable),
        ("find-wrong-handles", TokenUnavailable),
        ("get-impossible-length", TokenUnavailable),
        ("get-nothing", (Unsupported, BadSignature)),
        ("get-garbage", TokenError),
    ],
)
def test_a_module_that_answers_searches_with_nonsense(
    token: Pkcs11Token, fault: Callable[[str], None], name: str, error: Any
) -> None:
    fault(name)
    for use in (token.public_key, token.destroy):
        with pytest.raises(error):
            use(ref(KeyKind.P256))
    assert not token.health(ref(KeyKind.P256)).usable
    with suppress(TokenError):
        token.keys()
    fault("")
    assert token.health(ref(KeyKind.P256)).usable
    assert len(token.keys()) == len(KINDS)


@pytest.mark.parametrize("name", ["slots-impossible-count", "slots-more-than-room"])
def test_a_module_that_lists_impossible_slots(
    opened: Opener, stocked: SoftToken, shim: Path, fault: Callable[[str], None], name: str
) -> None:
    fault(name)
    with pytest.raises(TokenUnavailable, match="C_GetSlotList"):
        opened(stocked.uri(module=shim))


@pytest.mark.parametrize("kind", [KeyKind.P256, KeyKind.SM2])
def test_a_key_that_could_be_taken_out_is_not_kept(
    opened: Opener, soft_token: SoftToken, shim: Path, fault: Callable[[str], None], kind: KeyKind
) -> None:
    token = opened(soft_token.uri(module=shim, sm2_profile="shim"))
    fault("generate-extractable")
    with pytest.raises(Unsupported, match="sensitive and not extractable"):
        fill(token, kind)
    fault("")
    assert token.keys() == ()
    fill(token, kind)


def test_a_new_key_that_cannot_be_found_is_an_error(
    opened: Opener, soft_token: SoftToken, shim: Path, fault: Callable[[str], None]
) -> None:
    token = opened(soft_token.uri(module=shim, sm2_profile="shim"))
    fault("generate-wrong-handles")
    with pytest.raises(TokenError):
        fill(token, KeyKind.P256)


def test_a_new_key_that_does_not_sign_is_destroyed(
    opened: Opener, soft_token: SoftToken, shim: Path, fault: Callable[[str], None]
) -> None:
    token = opened(soft_token.uri(module=shim, sm2_profile="shim"))
    fault("sign-garbage")
    for kind in KINDS:
        with pytest.raises(BadSignature):
            fill(token, kind)
    fault("")
    assert token.keys() == ()


def test_sessions_are_closed_after_errors(token: Pkcs11Token, fault: Callable[[str], None]) -> None:
    fault("sign-returns-vendor-value")
    for _ in range(50):
        with pytest.raises(TokenUnavailable):
            token.sign(ref(KeyKind.P256), ECDSA, MESSAGE)
    with token._at_work() as connection:
        assert connection.pool.size == 0
        info: Any = FFI.new("CK_TOKEN_INFO *")
        token._library.call("C_GetTokenInfo", connection.slot.number, info)
    assert info.ulSessionCount in (1, (1 << 64) - 1)


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (0xA0, PinRefused),
        (0xA4, PinRefused),
        (0x102, TokenUnavailable),
        (0x70, Unsupported),
        (0x54, Unsupported),
        (0x30, TokenUnavailable),
        (0xE0, TokenUnavailable),
        (0x190, TokenUnavailable),
        (0x7FFFFFFF, TokenUnavailable),
        ((1 << 64) - 1, TokenUnavailable),
    ],
)
def test_every_return_value_has_an_error(value: int, error: type[TokenError]) -> None:
    assert type(error_of(Returned("C_Sign", value))) is error


def test_every_named_return_value_is_told_by_its_name() -> None:
    for value, name in return_values._NAMES_BY_VALUE.items():
        assert str(error_of(Returned("C_Sign", value))).startswith(f"C_Sign: CKR_{name}")


def test_errors_tell_no_pin(opened: Opener, softhsm: SoftHsm, stocked: SoftToken) -> None:
    with pytest.raises(PinRefused) as raised:
        opened(replace(stocked.uri(), pin_source=str(softhsm.pin_file("secret-pin-77"))))
    assert "secret-pin-77" not in str(raised.value)


def test_no_key_and_no_pin_without_asking(opened: Opener, soft_token: SoftToken) -> None:
    with pytest.raises(UriError, match="wants a PIN"):
        opened(replace(soft_token.uri(), pin_source=""))
    with pytest.raises(KeyNotFound):
        opened(soft_token.uri()).public_key(KeyRef(label="any"))


def test_a_module_without_a_function(opened: Opener, soft_token: SoftToken) -> None:
    token = opened(soft_token.uri())
    token.generate(KeySpec(label="a", key_id=b"\x01", kind=KeyKind.P256))
    whole = token._library._functions
    holed: Any = FFI.new("CK_FUNCTION_LIST *")
    holed[0] = whole[0]
    holed.C_Sign = FFI.NULL
    token._library._functions = holed
    try:
        with pytest.raises(TokenUnavailable, match="has no C_Sign"):
            token.sign(KeyRef(label="a"), ECDSA, MESSAGE)
    finally:
        token._library._functions = whole
