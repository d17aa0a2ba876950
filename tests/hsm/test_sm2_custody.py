"""SM2 by every way there is, from key to receipt, audit and readiness: OpenSSL verifies, custody is true."""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ca_bridge.adapters.hsm_keys import HsmKeys
from ca_bridge.adapters.sql_database import Database
from ca_bridge.adapters.sql_log import SqlLog
from ca_bridge.adapters.sql_migration import upgrade_database
from ca_bridge.adapters.statement_signatures import verify_statement
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.core.receipt.checking import check_receipt
from ca_bridge.core.receipt.keys import read_keys
from ca_bridge.services.audit.sequencer import Sequencer
from ca_bridge.services.decision_log.key_checks import KeyChecks
from ca_bridge.services.decision_log.live_seal import KeySet, LiveSeal
from ca_bridge.services.decision_log.statement import decision_entry
from ca_bridge.services.key_management.model import KeyState, KeyUse, RegisteredKey, key_id_of
from ca_bridge.services.key_management.public_keys import public_keys_document
from ca_bridge.services.receipts.making import receipt_bytes
from hsm.open_token import open_token
from hsm.token import KeyInfo, KeyKind, KeySpec, SignatureAlgorithm
from hsm.uri import KeyUri
from tests.hsm.openssl_verifier import openssl_verifies
from tests.hsm.sdf_shim import Device, device_fixture, sdf_library_fixture
from tests.hsm.softhsm import SoftToken

__all__ = ["device_fixture", "sdf_library_fixture"]

ORIGIN = "example.org/log"
NOW = datetime(2026, 11, 25, tzinfo=UTC)
IDS = {KeyUse.LOG: b"\x01", KeyUse.RECEIPT: b"\x07"}


@pytest.fixture
def keys() -> Iterator[HsmKeys]:
    made = HsmKeys(production=True)
    yield made
    made.close()


@pytest.fixture(params=["profile", "sealed", "sdf"])
def known(request: pytest.FixtureRequest) -> KeySet:
    """A log key and a receipt key, both SM2, on one token."""
    if request.param == "sdf":
        device: Device = request.getfixturevalue("device")
        uri = device.uri()
    else:
        token: SoftToken = request.getfixturevalue("soft_token")
        module: Path = request.getfixturevalue("shim")
        uri = (
            token.uri(module=module, sm2_profile="shim")
            if request.param == "profile"
            else token.uri(custody="sealed")
        )
    opened = open_token(uri, production=True)
    try:
        if request.param != "sdf":
            for use, key_id in IDS.items():
                sealed = request.param == "sealed"
                opened.generate(KeySpec(label=use.value, key_id=key_id, kind=KeyKind.SM2, sealed=sealed))
        found = {info.key_id: info for info in opened.keys()}  # noqa: SIM118 - a token is no dict
    finally:
        opened.close()
    return KeySet(1, tuple(registered(use, uri, found[key_id]) for use, key_id in IDS.items()))


def registered(use: KeyUse, uri: KeyUri, info: KeyInfo) -> RegisteredKey:
    return RegisteredKey(
        key_id=key_id_of(use, info.spki),
        use=use,
        kind="sm2",
        algorithm="sm2-sm3",
        uri=replace(uri, label=info.label, key_id=info.key_id).text,
        spki=info.spki,
        custody=info.custody.value,
        state=KeyState.CURRENT,
        created=NOW,
        since=NOW,
    )


def test_sm2_from_the_key_to_the_receipt(
    keys: HsmKeys, known: KeySet, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    way = request.node.callspec.params["known"]
    custody = "token-wrapped-process-use" if way == "sealed" else "token"
    database = Database(f"sqlite:///{tmp_path / 'log.db'}")
    upgrade_database(database)
    store = SqlLog(database)
    seal = LiveSeal(
        generation=lambda: 1,
        keys=lambda: known,
        opened=keys.key,
        origin=ORIGIN,
        node="node-1",
        clock=SystemClock(),
    )
    sequencer = Sequencer(store, seal)
    included = sequencer.include(decision_entry({"request_id": "", "indication": "TOTAL_PASSED"}, NOW, "n"))
    sequencer.close()
    raw = receipt_bytes(included, ORIGIN)
    document = json.dumps(public_keys_document(known.keys, ORIGIN)).encode()
    assert check_receipt(raw, read_keys(document), verify_statement).holds
    receipt = json.loads(raw)
    (signature,) = receipt["signatures"]
    assert signature["algorithm"] == "SM2-SM3"
    _check_by_openssl(signature["value"], known.keys[1].spki, tmp_path)
    lines = {f"custody {key.key_id} {custody}" for key in known.keys}
    assert lines <= set(receipt["log"]["checkpoint"].split("\n"))
    latest = store.latest_checkpoint()
    assert latest is not None
    assert lines <= set(latest.note.split("\n")), "as the audit log keeps it"
    checks = KeyChecks(lambda: known, keys.health, lambda: store.head().size)()
    assert [dict(check.facts).get("custody") for check in checks[1:]] == [custody, custody]
    assert all(check.passed for check in checks)
    assert b64encode(known.keys[0].spki).decode() in document.decode()
    database.close()


def _check_by_openssl(jws: str, spki: bytes, folder: Path) -> None:
    signed, _, encoded = jws.rpartition(".")
    octets = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
    pair = (int.from_bytes(half, "big") for half in (octets[:32], octets[32:]))
    der = encode_dss_signature(*pair)
    assert openssl_verifies(folder, spki, SignatureAlgorithm.SM2_SM3, signed.encode(), der)
    assert not openssl_verifies(folder, spki, SignatureAlgorithm.SM2_SM3, signed.encode() + b"x", der)
