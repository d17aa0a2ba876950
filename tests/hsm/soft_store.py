"""A folder of software keys, opened without the warning's noise."""

from __future__ import annotations

import warnings
from pathlib import Path

from hsm.open_token import open_token
from hsm.softkey import SoftKeyWarning
from hsm.token import KeyInfo, KeyKind, KeySpec, Token
from hsm.uri import parse_key_uri


def new_store(folder: Path) -> Path:
    store = folder / "store"
    store.mkdir(mode=0o700)
    return store


def open_store(store: Path) -> Token:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SoftKeyWarning)
        return open_token(parse_key_uri(f"softkey:?x-store={store}"), production=False)


def made(token: Token, kind: KeyKind, label: str = "", key_id: bytes = b"\x01") -> KeyInfo:
    return token.generate(KeySpec(label=label or f"key-{kind}", key_id=key_id, kind=kind))
