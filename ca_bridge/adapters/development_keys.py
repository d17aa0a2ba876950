"""Keys of development: made in a folder when they are first asked for. Never of use in production."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.key_management.model import (
    ALGORITHM_OF_KIND,
    KeyState,
    KeyUse,
    RegisteredKey,
    key_id_of,
)
from hsm.errors import TokenError
from hsm.open_token import open_token
from hsm.token import KeyInfo, KeyKind, KeySpec, Token
from hsm.uri import KeyUri

_STORE, _LOCK = "x-store", ".development.lock"
_KEYS = ((KeyUse.RECEIPT, KeyKind.P256, b"\x01"), (KeyUse.LOG, KeyKind.ED25519, b"\x02"))


def development_keys(store: Path) -> tuple[RegisteredKey, ...]:
    """The receipt key (P-256) and the log key (Ed25519) in the folder ``store``, made if they are not there.

    Processes that start at one time get the same keys. ConfigurationError when the folder cannot be used.
    """
    try:
        store.mkdir(mode=0o700, parents=True, exist_ok=True)
        uri = KeyUri(scheme="softkey", vendor=((_STORE, str(store.resolve())),))
        with _alone(store / _LOCK), closing(open_token(uri, production=False)) as token:
            return tuple(_registered(token, uri, *row) for row in _KEYS)
    except (OSError, TokenError) as error:
        raise ConfigurationError(
            f"keys of development cannot be used: {error} / 开发密钥无法使用：{error}"
        ) from error


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """No other process makes keys meanwhile."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _registered(token: Token, uri: KeyUri, use: KeyUse, kind: KeyKind, identifier: bytes) -> RegisteredKey:
    info = _found(token, use.value)
    if info is None:
        info = token.generate(KeySpec(label=use.value, key_id=identifier, kind=kind))
    file = Path(uri.vendor_value(_STORE)) / f"{identifier.hex()}.pem"
    born = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return RegisteredKey(
        key_id=key_id_of(use, info.spki),
        use=use,
        kind=info.kind.value,
        algorithm=ALGORITHM_OF_KIND[info.kind.value],
        uri=replace(uri, label=info.label, key_id=info.key_id).text,
        spki=info.spki,
        custody=info.custody.value,
        state=KeyState.CURRENT,
        created=born,
        since=born,
        claims=tuple(sorted(info.claims)),
    )


def _found(token: Token, label: str) -> KeyInfo | None:
    found = token.keys()
    return next((info for info in found if info.label == label), None)
