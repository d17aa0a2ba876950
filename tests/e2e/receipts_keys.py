"""Keys of a served gateway made on a SoftHSM token and registered, without a ceremony.

Made by a process of its own (`python -m tests.e2e.receipts_keys`): a module reads its configuration once.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.services.key_management.model import (
    ALGORITHM_OF_KIND,
    NO_PLACE,
    CeremonyState,
    KeyAction,
    KeyCeremony,
    KeyState,
    KeyUse,
    RegisteredKey,
    key_id_of,
)
from ca_bridge.services.key_management.ports import RegisterChange
from ca_bridge.wiring.log import key_register
from ca_bridge.wiring.releases import opened_database
from hsm.open_token import open_token
from hsm.token import KeyKind, KeySpec, Token
from hsm.uri import KeyUri
from tests.hsm.softhsm import MODULE, SoftToken, set_up
from tests.keys.own_transcript import own_transcript

DEFAULT = ((KeyUse.RECEIPT, KeyKind.P256, False), (KeyUse.LOG, KeyKind.ED25519, False))
_SEPARATOR = ":"


def softhsm_there() -> bool:
    """Whether SoftHSM is installed."""
    return MODULE.exists()


def keys_in_softhsm(
    folder: Path, rows: tuple[tuple[KeyUse, KeyKind, bool], ...] = DEFAULT, module: Path = MODULE
) -> dict[str, str]:
    """What to set for a gateway whose keys are on a new token under ``folder``, in the database there."""
    home = folder / "softhsm"
    home.mkdir()
    token = set_up(home).new_token("gateway")
    url = f"sqlite:///{folder / 'gateway.db'}"
    made = {"SOFTHSM2_CONF": str(token.conf), "CA_BRIDGE_DEVELOPMENT_KEYS": "", "CA_BRIDGE_DATABASE": url}
    register(token.uri(module=module), rows, url, os.environ | made)
    return {**made, "CA_BRIDGE_ENVIRONMENT": "production"}


def token_of(folder: Path) -> SoftToken:
    """The token that keys_in_softhsm made there."""
    home = folder / "softhsm"
    (made,) = (home / "tokens").iterdir()
    pin = next(path for path in home.iterdir() if path.name.startswith("pin-"))
    return SoftToken(label="gateway", folder=made, pin_file=pin, conf=home / "softhsm2.conf")


def register(
    uri: KeyUri, rows: tuple[tuple[KeyUse, KeyKind, bool], ...], url: str, environment: dict[str, str]
) -> None:
    """Have a process make the keys on the token of ``uri`` and register them as current."""
    texts = [_SEPARATOR.join((use.value, kind.value, str(int(sealed)))) for use, kind, sealed in rows]
    command = [sys.executable, "-m", __spec__.name, url, uri.text, *texts]
    subprocess.run(command, check=True, env=environment, timeout=120)


def _registered(token: Token, uri: KeyUri, number: int, row: str) -> RegisteredKey:
    use, kind, sealed = row.split(_SEPARATOR)
    spec = KeySpec(label=f"{use}-{number}", key_id=bytes([number]), kind=KeyKind(kind), sealed=sealed == "1")
    info = token.generate(spec)
    now = SystemClock().now()
    vendor = tuple(sorted({**dict(uri.vendor), **({"x-custody": "sealed"} if spec.sealed else {})}.items()))
    return RegisteredKey(
        key_id=key_id_of(KeyUse(use), info.spki),
        use=KeyUse(use),
        kind=kind,
        algorithm=ALGORITHM_OF_KIND[kind],
        uri=replace(uri, label=spec.label, key_id=spec.key_id, vendor=vendor).text,
        spki=info.spki,
        custody=info.custody.value,
        state=KeyState.CURRENT,
        created=now,
        since=now,
        ceremony=sha256(_plan(info.spki).encode()).hexdigest(),
        claims=info.claims,
    )


def _plan(spki: bytes) -> str:
    return f'{{"key":"{spki.hex()}"}}'


def _main(url: str, text: str, *rows: str) -> None:
    from hsm.uri import parse_key_uri

    uri = parse_key_uri(text)
    known = key_register(opened_database(url), "node-1")
    with closing(open_token(uri, production=False)) as token:
        keys = tuple(_registered(token, uri, number, row) for number, row in enumerate(rows, start=1))
        transcripts = [own_transcript(token, key) for key in keys]
    for key, transcript in zip(keys, transcripts, strict=True):
        # A register takes no key without its ceremony; this one stands for it.
        ceremony = KeyCeremony(
            plan_sha256=key.ceremony,
            action=KeyAction.CEREMONY,
            plan=_plan(key.spki),
            state=CeremonyState.DONE,
            place=NO_PLACE,
            started=key.created,
            ended=key.created,
            key_id=key.key_id,
        )
        generation = known.state().generation
        known.write(
            RegisterChange(
                generation=generation, facts=(), ceremony=ceremony, keys=(key,), transcript=transcript
            )
        )


if __name__ == "__main__":
    _main(*sys.argv[1:])
