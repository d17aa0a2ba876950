"""Receipts signed by keys of the token layer: on SoftHSM, sealed under it, and in files."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ca_bridge.adapters.hsm_keys import HsmKeys
from ca_bridge.services.key_management.model import KeyState, KeyUse, RegisteredKey, key_id_of
from ca_bridge.services.signing import SigningKey
from hsm.open_token import open_token
from hsm.token import KeyKind, KeySpec
from hsm.uri import KeyUri
from hsm.verifying import default_algorithm
from tests.hsm.softhsm import soft_hsm
from tests.receipts.house import AT, House, faults, verdicts

KINDS = (KeyKind.P256, KeyKind.ED25519, KeyKind.SM2)


@dataclass(frozen=True)
class RealKey:
    """A signing key with the row that GET /v1/keys has of it."""

    key: SigningKey
    row: dict[str, str]
    spki: bytes
    key_id: str
    algorithm: str
    certificate: bytes | None = None

    @property
    def custody(self) -> str:
        return self.key.custody

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


def made(keys: HsmKeys, uri: KeyUri, use: KeyUse, kind: KeyKind, number: int, *, sealed: bool) -> RealKey:
    """A key generated on the token, opened again by its URI as the gateway does."""
    label, key_id = f"{use.value}-{kind.value}", bytes([number])
    token = open_token(uri, production=False)
    try:
        token.generate(KeySpec(label=label, key_id=key_id, kind=kind, sealed=sealed))
        named = replace(uri, label=label, key_id=key_id)
        info = token.info(named.ref)
    finally:
        token.close()
    registered = RegisteredKey(
        key_id=key_id_of(use, info.spki),
        use=use,
        kind=kind.value,
        algorithm=default_algorithm(kind).value,
        uri=named.text,
        spki=info.spki,
        custody=info.custody.value,
        state=KeyState.CURRENT,
        created=AT,
        since=AT,
    )
    row = {
        "key_id": registered.key_id,
        "use": use.value,
        "algorithm": registered.algorithm,
        "spki": b64encode(info.spki).decode(),
        "custody": registered.custody,
        "state": "current",
    }
    return RealKey(keys.key(registered), row, info.spki, registered.key_id, registered.algorithm)


@contextmanager
def opened() -> Iterator[HsmKeys]:
    keys = HsmKeys(production=False)
    try:
        yield keys
    finally:
        keys.close()


@pytest.mark.filterwarnings("ignore::hsm.softkey.SoftKeyWarning")
def test_keys_in_files(tmp_path: Path) -> None:
    store = tmp_path / "softkeys"
    store.mkdir(mode=0o700)
    uri = KeyUri(scheme="softkey", vendor=(("x-store", str(store)),))
    with opened() as keys:
        log = made(keys, uri, KeyUse.LOG, KeyKind.ED25519, 1, sealed=False)
        signing = [made(keys, uri, KeyUse.RECEIPT, kind, n, sealed=False) for n, kind in enumerate(KINDS, 2)]
        check_house(House(log_key=log, receipt_keys=tuple(signing)), ["process"] * 4)


def test_keys_on_softhsm() -> None:
    with soft_hsm() as hsm, opened() as keys:
        token = hsm.new_token()
        log = made(keys, token.uri(), KeyUse.LOG, KeyKind.P256, 1, sealed=False)
        plain = [
            made(keys, token.uri(), KeyUse.RECEIPT, kind, n, sealed=False)
            for n, kind in enumerate(KINDS[:2], 2)
        ]
        sealed = made(keys, token.uri(custody="sealed"), KeyUse.RECEIPT, KeyKind.SM2, 9, sealed=True)
        one = House(log_key=log, receipt_keys=(*plain, sealed))
        check_house(one, ["token", "token", "token", "token-wrapped-process-use"])


def check_house(one: House, custodies: list[str]) -> None:
    receipts = one.receipts(5, old=3)
    assert all(verdicts(one, raw) == (True, True) for raw in receipts)
    check = one.check(receipts[0])
    assert check.receipt is not None
    lines = [line for line in check.receipt.checkpoint.extensions if line.startswith("custody ")]
    assert [line.split(" ")[2] for line in lines] == custodies
    assert faults(one, receipts[0][:-3] + b"x" + receipts[0][-2:])
