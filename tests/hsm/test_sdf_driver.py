"""The GM/T 0018 driver against a software device behind the standard's own interface."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from hsm import sm2
from hsm.errors import (
    BadSignature,
    KeyAmbiguous,
    KeyNotFound,
    PinRefused,
    TokenUnavailable,
    Unsupported,
    UriError,
)
from hsm.open_token import open_token
from hsm.sdf import SdfToken, open_sdf
from hsm.token import SM2_DEFAULT_ID, Custody, KeyKind, KeyRef, KeySpec, SignatureAlgorithm
from hsm.uri import KeyUri, parse_key_uri
from hsm.verifying import verify
from tests.hsm.sdf_shim import Device, device_fixture, sdf_library_fixture

__all__ = ["device_fixture", "sdf_library_fixture"]

SM2 = SignatureAlgorithm.SM2_SM3
ONE = KeyRef(key_id=b"\x01")
SEVEN = KeyRef(key_id=b"\x07")
FAR = KeyRef(key_id=b"\x01\x2c")
MESSAGE = b"what the gateway says"


def _by_openssl(folder: Path, spki: bytes, message: bytes, signature: bytes, signer_id: bytes) -> bool:
    """What the openssl command says of an SM2 signature."""
    (folder / "key.der").write_bytes(spki)
    (folder / "message").write_bytes(message)
    (folder / "signature").write_bytes(signature)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "key.der", "-rawin"]
    command += ["-digest", "sm3", "-in", "message", "-sigfile", "signature"]
    command += ["-pkeyopt", f"distid:{signer_id.decode()}"]
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True, timeout=60)
    return done.returncode == 0 and "Verified Successfully" in done.stdout


@pytest.mark.parametrize("ref", [ONE, SEVEN, FAR])
@pytest.mark.parametrize("signer_id", [SM2_DEFAULT_ID, b"gateway@example.org", b"x" * 300])
def test_signatures_verify_by_the_openssl_command(
    device: Device, tmp_path: Path, ref: KeyRef, signer_id: bytes
) -> None:
    token = open_sdf(device.uri())
    spki = token.public_key(ref)
    signature = token.sign(ref, SM2, MESSAGE, signer_id=signer_id)
    assert _by_openssl(tmp_path, spki, MESSAGE, signature, signer_id)
    assert not _by_openssl(tmp_path, spki, MESSAGE, signature, b"somebody else")
    assert not _by_openssl(tmp_path, spki, MESSAGE + b"!", signature, signer_id)
    assert verify(spki, SM2, MESSAGE, signature, signer_id=signer_id)
    token.close()


def test_an_empty_id_is_an_id(device: Device) -> None:
    token = open_sdf(device.uri())
    signature = token.sign(ONE, SM2, MESSAGE, signer_id=b"")
    assert verify(token.public_key(ONE), SM2, MESSAGE, signature, signer_id=b"")
    assert not verify(token.public_key(ONE), SM2, MESSAGE, signature)


def test_an_id_too_long_is_refused_before_the_device_is_asked(device: Device) -> None:
    token = open_sdf(device.uri())
    with pytest.raises(Unsupported, match="8191"):
        token.sign(ONE, SM2, MESSAGE, signer_id=b"x" * 8192)
    assert device.tries == []


def test_numbers_with_leading_zero_octets_come_out_right(device: Device) -> None:
    """One number in 256 is shorter than 32 octets: in a right-aligned field it is where it belongs."""
    token = open_sdf(device.uri())
    spki = token.public_key(ONE)
    short_r = short_s = False
    for number in range(6000):
        message = number.to_bytes(4, "big")
        signature = token.sign(ONE, SM2, message)
        assert verify(spki, SM2, message, signature)
        r, s = sm2.decode_signature(signature) or (0, 0)
        short_r, short_s = short_r or r < 1 << 248, short_s or s < 1 << 248
        if short_r and short_s:
            return
    pytest.fail("no short numbers in 6000 signatures")


def test_it_describes_itself(device: Device) -> None:
    description = open_sdf(device.uri()).describe()
    assert (description.driver, description.label, description.model) == ("sdf", "SDFSHIM", "SDFSHIM")
    assert (description.manufacturer, description.serial) == ("Test device", "2026010100000001")
    assert description.library == f"{device.library} (device version 0x01000000)"
    assert description.in_token_sm2


def test_keys_are_the_indices_that_answer(device: Device) -> None:
    keys = open_sdf(device.uri()).keys()
    assert [key.key_id for key in keys] == [b"\x01", b"\x07"]
    assert {(key.kind, key.custody, key.label) for key in keys} == {(KeyKind.SM2, Custody.TOKEN, "")}
    assert keys[0].spki == open_sdf(device.uri()).public_key(ONE)


def test_without_an_index_the_only_key_is_meant(device: Device) -> None:
    with pytest.raises(KeyAmbiguous):
        open_sdf(device.uri()).public_key(KeyRef())
    device.make_keys(9)
    token = open_sdf(device.uri())
    assert token.public_key(KeyRef()) == token.public_key(KeyRef(key_id=b"\x09"))
    device.make_keys()
    with pytest.raises(KeyNotFound):
        open_sdf(device.uri()).public_key(KeyRef())


@pytest.mark.parametrize(
    "ref",
    [
        KeyRef(key_id=b"\x02"),
        KeyRef(key_id=b"\x00"),
        KeyRef(key_id=b"\x01\x00\x00\x00\x00"),
        KeyRef(label="receipt"),
        KeyRef(label="receipt", key_id=b"\x01"),
    ],
)
def test_a_key_that_is_not_there(device: Device, ref: KeyRef) -> None:
    token = open_sdf(device.uri())
    with pytest.raises(KeyNotFound):
        token.public_key(ref)
    with pytest.raises(KeyNotFound):
        token.sign(ref, SM2, MESSAGE)
    health = token.health(ref)
    assert not health.usable
    assert health.detail.startswith("KeyNotFound: ")
    assert device.tries == []


def test_it_signs_sm2_only(device: Device) -> None:
    with pytest.raises(Unsupported, match="ecdsa-sha256"):
        open_sdf(device.uri()).sign(ONE, SignatureAlgorithm.ECDSA_SHA256, MESSAGE)


def test_it_makes_and_destroys_no_keys(device: Device) -> None:
    token = open_sdf(device.uri())
    with pytest.raises(Unsupported, match="management tool"):
        token.generate(KeySpec(label="new", key_id=b"\x05", kind=KeyKind.SM2))
    with pytest.raises(Unsupported, match="management tool"):
        token.destroy(ONE)
    assert token.attest(ONE, b"nonce") is None
    with pytest.raises(KeyNotFound):
        token.attest(KeyRef(key_id=b"\x02"), b"nonce")


def test_health_is_a_signature(device: Device) -> None:
    token = open_sdf(device.uri())
    assert token.health(ONE).usable
    assert token.health(ONE).detail == "signed and verified"
    device.set("garbage")
    assert token.health(ONE).detail.startswith("BadSignature: ")
    assert not token.health(ONE).usable


@pytest.mark.parametrize("fault", ["garbage", "wide"])
def test_a_signature_that_does_not_verify_is_thrown_away(device: Device, fault: str) -> None:
    token = open_sdf(device.uri())
    device.set(fault)
    with pytest.raises(BadSignature, match="index 1"):
        token.sign(ONE, SM2, MESSAGE)
    device.clear()
    assert verify(token.public_key(ONE), SM2, MESSAGE, token.sign(ONE, SM2, MESSAGE))


def test_a_key_exchanged_behind_our_back_signs_nothing(device: Device) -> None:
    token = open_sdf(device.uri())
    token.public_key(ONE)
    device.make_keys(1)
    with pytest.raises(BadSignature):
        token.sign(ONE, SM2, MESSAGE)


def test_a_public_key_off_the_curve_is_refused(device: Device) -> None:
    device.set("offcurve")
    with pytest.raises(TokenUnavailable, match="not on the curve"):
        open_sdf(device.uri()).public_key(ONE)


def test_a_key_that_is_not_sm2_is_refused_and_not_listed(device: Device) -> None:
    device.set("bits 384")
    with pytest.raises(Unsupported, match="384 bits"):
        open_sdf(device.uri()).public_key(ONE)
    assert open_sdf(device.uri()).keys() == ()


def test_eight_threads_share_a_device(device: Device) -> None:
    token = open_sdf(device.uri())
    spkis = {ref: token.public_key(ref) for ref in (ONE, SEVEN, FAR)}
    good: list[bool] = []

    def sign_many(thread: int) -> None:
        for number in range(100):
            ref = (ONE, SEVEN, FAR)[(thread + number) % 3]
            message = f"{thread} {number}".encode()
            good.append(verify(spkis[ref], SM2, message, token.sign(ref, SM2, message)))

    threads = [threading.Thread(target=sign_many, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert good == [True] * 800
    assert sorted(device.tries) == ["1 ok", "300 ok", "7 ok"]


def test_a_wrong_pin_is_tried_once_for_all_keys_and_threads(device: Device) -> None:
    device.set_pin("not the one")
    token = open_sdf(device.uri())
    answers: list[str] = []

    def sign_few() -> None:
        for ref in (ONE, SEVEN, FAR):
            with pytest.raises(PinRefused) as refused:
                token.sign(ref, SM2, MESSAGE)
            answers.append(str(refused.value))

    threads = [threading.Thread(target=sign_few) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == 24
    assert len(device.tries) == 1
    assert device.tries[0].endswith("wrong")
    assert "not the one" not in answers[0]
    assert "SDR_PRKRERR (0x01000018)" in answers[0]
    assert token.health(ONE).detail.startswith("PinRefused: ")
    assert len(device.tries) == 1


@pytest.mark.parametrize("code", ["1000007", "1000018", "1000015", "100001d", "2000031", "1000001"])
def test_whatever_may_be_a_wrong_pin_counts_as_one(device: Device, code: str) -> None:
    token = open_sdf(device.uri())
    device.set(f"GetPrivateKeyAccessRight {code}")
    expected = KeyNotFound if code == "1000015" else PinRefused
    with pytest.raises(expected):
        token.sign(ONE, SM2, MESSAGE)
    device.clear()
    if expected is PinRefused:
        with pytest.raises(PinRefused):
            token.sign(ONE, SM2, MESSAGE)
        assert device.tries == []


@pytest.mark.parametrize("code", ["1000003", "1000004", "1000005", "1000006"])
def test_a_device_that_is_gone_has_refused_no_pin(device: Device, code: str) -> None:
    token = open_sdf(device.uri())
    device.set(f"GetPrivateKeyAccessRight {code}")
    with pytest.raises(TokenUnavailable):
        token.sign(ONE, SM2, MESSAGE)
    device.clear()
    assert token.sign(ONE, SM2, MESSAGE)


def test_without_a_pin_a_device_that_wants_one_refuses(device: Device) -> None:
    token = open_sdf(device.uri(pin=False))
    with pytest.raises(PinRefused, match="SDR_PARDENY"):
        token.sign(ONE, SM2, MESSAGE)


def test_an_access_right_that_was_lost_is_not_a_refused_pin(device: Device) -> None:
    """A right that has signed was right: the device has been switched off, and has to be opened again."""
    token = open_sdf(device.uri())
    token.sign(ONE, SM2, MESSAGE)
    device.set("InternalSign_ECC 1000007")
    with pytest.raises(TokenUnavailable, match="forgotten the access right"):
        token.sign(ONE, SM2, MESSAGE)
    with pytest.raises(PinRefused):
        token.sign(SEVEN, SM2, MESSAGE)


@pytest.mark.parametrize(
    ("code", "error", "text"),
    [
        ("1000003", TokenUnavailable, "SDR_COMMFAIL (0x01000003)"),
        ("1000004", TokenUnavailable, "SDR_HARDFAIL (0x01000004)"),
        ("1000008", KeyNotFound, "SDR_KEYNOTEXIST (0x01000008)"),
        ("1000009", Unsupported, "SDR_ALGNOTSUPPORT (0x01000009)"),
        ("100000d", TokenUnavailable, "SDR_SIGNERR (0x0100000d)"),
        ("100001d", TokenUnavailable, "SDR_INARGERR (0x0100001d)"),
        ("2000031", TokenUnavailable, "answered 0x02000031"),
    ],
)
def test_codes_of_a_signature(device: Device, code: str, error: type[Exception], text: str) -> None:
    token = open_sdf(device.uri())
    device.set(f"InternalSign_ECC {code}")
    with pytest.raises(error) as raised:
        token.sign(ONE, SM2, MESSAGE)
    assert text in str(raised.value)


def test_an_index_beyond_the_last_is_no_key(device: Device) -> None:
    device.set("ExportSignPublicKey_ECC 100001d")
    assert open_sdf(device.uri()).keys() == ()
    device.set("ExportSignPublicKey_ECC 1000003")
    with pytest.raises(TokenUnavailable):
        open_sdf(device.uri()).keys()


@pytest.mark.parametrize("function", ["OpenDevice", "OpenSession", "GetDeviceInfo"])
def test_a_device_that_does_not_open(device: Device, function: str) -> None:
    device.set(f"{function} 1000004")
    with pytest.raises(TokenUnavailable, match=f"SDF_{function} answered SDR_HARDFAIL"):
        open_sdf(device.uri())
    device.clear()
    assert open_sdf(device.uri()).health(ONE).usable


def test_it_is_opened_by_one_uri(device: Device) -> None:
    text = f"sdf:id=%01%2C?module-path={device.library}&pin-source=file:{device.pin_file}"
    uri = parse_key_uri(text)
    token = open_token(uri, production=True)
    assert isinstance(token, SdfToken)
    assert verify(token.public_key(uri.ref), SM2, MESSAGE, token.sign(uri.ref, SM2, MESSAGE))
    assert device.tries == ["300 ok"]


@pytest.mark.parametrize("name", ["token", "model", "manufacturer", "serial"])
def test_another_device_than_the_one_named_is_refused(device: Device, name: str) -> None:
    right = {
        "token": "SDFSHIM",
        "model": "SDFSHIM",
        "manufacturer": "Test device",
        "serial": "2026010100000001",
    }
    assert open_sdf(device.uri(**{name: right[name]})).describe().label == "SDFSHIM"
    with pytest.raises(TokenUnavailable, match=f"its {name} is '{right[name]}'"):
        open_sdf(device.uri(**{name: "another"}))


def test_uris_that_it_does_not_take(device: Device) -> None:
    with pytest.raises(UriError, match="not an sdf"):
        open_sdf(KeyUri(scheme="pkcs11", module_path=str(device.library)))
    with pytest.raises(UriError, match="module-path"):
        open_sdf(KeyUri(scheme="sdf"))
    with pytest.raises(UriError, match="x-store"):
        open_sdf(KeyUri(scheme="sdf", module_path=str(device.library), vendor=(("x-store", "/nowhere"),)))


def test_libraries_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(TokenUnavailable, match="cannot be loaded"):
        open_sdf(KeyUri(scheme="sdf", module_path=str(tmp_path / "missing.so")))
    text = tmp_path / "text.so"
    text.write_text("no library")
    with pytest.raises(TokenUnavailable, match="cannot be loaded"):
        open_sdf(KeyUri(scheme="sdf", module_path=str(text)))
    with pytest.raises(Unsupported, match="no SDF_OpenDevice"):
        open_sdf(KeyUri(scheme="sdf", module_path="/usr/lib/x86_64-linux-gnu/libcrypto.so.3"))


def test_a_pin_file_that_others_can_read_is_refused(device: Device) -> None:
    device.pin_file.chmod(0o644)
    with pytest.raises(PinRefused, match="0644"):
        open_sdf(device.uri())


def test_a_closed_token_does_nothing(device: Device) -> None:
    token = open_sdf(device.uri())
    token.sign(ONE, SM2, MESSAGE)
    device.set("CloseSession 1000004")
    token.close()
    token.close()
    for use in (token.describe, token.keys, lambda: token.sign(ONE, SM2, MESSAGE)):
        with pytest.raises(TokenUnavailable, match="closed"):
            use()


def test_a_forked_child_leaves_its_parents_device_alone(device: Device) -> None:
    token = open_sdf(device.uri())
    token.sign(ONE, SM2, MESSAGE)
    child = os.fork()
    if child == 0:
        try:
            token.sign(ONE, SM2, MESSAGE)
        except TokenUnavailable as error:
            token.close()
            os._exit(0 if "another process" in str(error) else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert token.sign(ONE, SM2, MESSAGE)


def test_the_key_is_an_sm2_key_in_the_encoding_of_certificates(device: Device) -> None:
    spki = open_sdf(device.uri()).public_key(FAR)
    assert spki.startswith(sm2.SPKI_PREFIX)
    assert sm2.is_on_curve(spki[len(sm2.SPKI_PREFIX) :])
