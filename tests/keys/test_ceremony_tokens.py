"""Ceremonies on SoftHSM and on an SDF device: keys in the token, sealed SM2, keys made by a device's tool."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from ca_bridge.adapters.hsm_keys import HsmKeys
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.services.key_management.model import CeremonyState, KeyState
from ca_bridge.services.key_management.refusal import KeyRefused
from hsm.pkcs11 import open_pkcs11
from hsm.token import Custody, SignatureAlgorithm
from tests.hsm.openssl_verifier import openssl_verifies
from tests.hsm.sdf_shim import Device
from tests.hsm.softhsm import SoftToken
from tests.keys.key_house import KeyHouse, operator

DAY = timedelta(days=1)
SUBJECT = {"form": "self_signed", "subject": "CN=Bridge,C=CN", "days": 30}


def checked_by_openssl(house: KeyHouse, held: Any) -> None:
    """The transcript's own signature, by a program that shares nothing with ours."""
    signature = held.transcript.signatures[0]
    assert openssl_verifies(
        house.place,
        held.key.spki,
        SignatureAlgorithm(signature.algorithm),
        held.transcript.text.encode(),
        signature.signature,
    )


@pytest.mark.parametrize("kind", ["rsa-2048", "p-256", "ed25519"])
def test_a_key_in_the_token(house: KeyHouse, soft_token: SoftToken, kind: str) -> None:
    uri = soft_token.uri(label="bridge-2026", key_id=b"\x01\x02").text
    held = house.made(use="bridge_ca", kind=kind, uri=uri, output=SUBJECT)
    assert held.key.custody == "token"
    assert dict(held.key.claims)["extractable"] == "false"
    assert json.loads(held.transcript.text)["key"]["claims"]["sensitive"] == "true"
    assert str(soft_token.pin_file) in held.key.uri
    assert "123456" not in repr(house.dump())
    checked_by_openssl(house, held)
    signing = house.keys.key(held.key)
    assert signing.custody == "token"
    assert signing.sign(b"message")
    house.keys.close()


def test_sm2_sealed_under_a_key_of_the_token(house: KeyHouse, soft_token: SoftToken) -> None:
    """What SoftHSM honestly has of SM2, with its true custody in register, transcript, log and health."""
    uri = soft_token.uri(label="receipt-sm2", key_id=b"\x07", custody="sealed").text
    held = house.made(kind="sm2", sealed=True, uri=uri, output=SUBJECT)
    sealed = "token-wrapped-process-use"
    assert held.key.custody == sealed
    assert json.loads(held.transcript.text)["key"]["custody"] == sealed
    assert house.entries()[-1]["custody"] == sealed
    assert [(h.custody, h.usable) for h in house.desk.healths()] == [(sealed, True)]
    checked_by_openssl(house, held)
    house.keys.close()


def test_sm2_that_softhsm_cannot_have_in_the_token(house: KeyHouse, soft_token: SoftToken) -> None:
    plan = house.plan(key={"kind": "sm2", "uri": soft_token.uri(label="sm2", key_id=b"\x08").text})
    with pytest.raises(KeyRefused) as caught:
        house.hold(plan)
    assert "KEY_TOKEN_CANNOT" in caught.value.params["cause"]
    assert house.register.state().ceremonies[0].state is CeremonyState.FAILED


def test_sm2_in_a_token_that_has_it(house: KeyHouse, soft_token: SoftToken, shim: Path) -> None:
    uri = soft_token.uri(module=shim, label="sm2", key_id=b"\x09", sm2_profile="shim").text
    held = house.made(kind="sm2", uri=uri)
    assert held.key.custody == "token"
    checked_by_openssl(house, held)


@pytest.mark.parametrize("kind", ["rsa-2048", "p-384", "ed25519", "sm2"])
def test_certificates(house: KeyHouse, soft_token: SoftToken, kind: str) -> None:
    """Read by this engine's strict parser; the signature checked by OpenSSL."""
    sealed = kind == "sm2"
    vendor = {"custody": "sealed"} if sealed else {}
    uri = soft_token.uri(label="k", key_id=b"\x01", **vendor).text
    key = house.made(use="bridge_ca", kind=kind, uri=uri, sealed=sealed, output=SUBJECT).key
    assert key.certificate is not None
    ours = parse_certificate(key.certificate)
    assert ours.notes == ()
    assert ours.subject == ours.issuer
    assert ours.spki.der == key.spki
    read = x509.load_der_x509_certificate(key.certificate)
    assert read.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usage = read.extensions.get_extension_for_class(x509.KeyUsage).value
    assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature) == (True, True, False)
    assert read.not_valid_after_utc - read.not_valid_before_utc == 30 * DAY
    assert read.serial_number.bit_length() == 159
    assert openssl_verifies(
        house.place,
        key.spki,
        SignatureAlgorithm(key.algorithm),
        read.tbs_certificate_bytes,
        read.signature,
    )


@pytest.mark.parametrize("kind", ["rsa-2048", "p-256", "ed25519", "sm2"])
def test_requests_are_openssl_s_too(house: KeyHouse, kind: str) -> None:
    output = {"form": "csr", "subject": "CN=Bridge,O=Works,C=CN"}
    held = house.made(use="bridge_ca", kind=kind, output=output)
    assert held.key.csr is not None
    (house.place / "own.csr").write_bytes(held.key.csr)
    words = ["openssl", "req", "-inform", "DER", "-in", "own.csr", "-verify", "-noout", "-subject", "-text"]
    if kind == "sm2":
        words += ["-vfyopt", "distid:1234567812345678"]
    done = subprocess.run(words, cwd=house.place, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "CA:TRUE" in done.stdout
    assert "subject=C = CN, O = Works, CN = Bridge" in done.stdout.replace("C=CN", "C = CN")


def test_rotation_and_destruction_on_a_token(house: KeyHouse, soft_token: SoftToken) -> None:
    held = [
        house.made(state=state, uri=soft_token.uri(label=f"r{n}", key_id=bytes((n,))).text)
        for n, state in ((1, "current"), (2, "next"))
    ]
    old, new = (one.key for one in held)
    house.desk.steps.rotate(new.key_id, operator())
    house.keys.close()
    house.hold(house.plan_to_destroy(old.key_id))
    token = open_pkcs11(soft_token.uri())
    (left,) = token.keys()
    assert left.spki == new.spki
    token.close()
    assert [k.state for k in house.register.state().keys] == [KeyState.DESTROYED, KeyState.CURRENT]


def test_a_key_of_a_device_s_own_tool(house: KeyHouse, device: Device) -> None:
    """GM/T 0018 makes no keys: the device's tool does, and a ceremony takes the key up as it is."""
    uri = device.uri(key_id=b"\x07").text
    plan = house.plan(key={"kind": "sm2", "uri": uri})
    approvals = house.approvals(plan)
    refused = house.refusal(lambda: house.hold(plan, approvals))
    assert refused.refusal.code == "KEY_PLACE_TAKEN"
    held = house.made(kind="sm2", uri=uri, existing=True)
    assert (held.key.kind, held.key.custody) == ("sm2", "token")
    checked_by_openssl(house, held)
    plan = house.plan(key={"kind": "sm2", "uri": uri, "existing": True, "state": "next"})
    assert house.refusal(lambda: house.hold(plan, ())).refusal.code == "KEY_PLACE_TAKEN"


def test_a_wrong_pin_is_tried_once_and_told(house: KeyHouse, soft_token: SoftToken) -> None:
    soft_token.pin_file.write_text("654321\n")
    plan = house.plan(key={"uri": soft_token.uri(label="a", key_id=b"\x01").text})
    approvals = house.approvals(plan)
    refused = house.refusal(lambda: house.hold(plan, approvals))
    assert refused.refusal.code == "KEY_TOKEN_UNUSABLE"
    assert "PinRefused" in refused.params["cause"]
    assert "654321" not in repr(house.entries())
    soft_token.pin_file.write_text("123456\n")
    assert house.hold(plan, approvals).key.custody == "token", "nothing was used up"


def test_production_takes_tokens(house: KeyHouse, soft_token: SoftToken) -> None:
    keys = HsmKeys(production=True)
    held = house.made(uri=soft_token.uri(label="p", key_id=b"\x01").text)
    assert Custody(keys.key(held.key).custody) is Custody.TOKEN
    keys.close()
