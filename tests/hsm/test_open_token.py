"""Drivers are chosen by scheme, and loaded only when asked for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hsm.open_token import open_token
from hsm.token import KeyKind
from hsm.uri import parse_key_uri
from tests.hsm.soft_store import made, new_store, open_store


def test_a_driver_is_loaded_with_its_scheme_only(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    code = (
        "import sys, hsm.open_token, hsm.uri\n"
        "drivers = ('hsm.softkey', 'hsm.pkcs11', 'hsm.sdf')\n"
        "assert not [name for name in sys.modules if name.startswith(drivers)]\n"
        f"hsm.open_token.open_token(hsm.uri.parse_key_uri('softkey:?x-store={store}'), production=False)\n"
        "assert 'hsm.softkey' in sys.modules\n"
        "assert not [name for name in sys.modules if name.startswith(drivers[1:])]\n"
        "assert not [name for name in sys.modules if name.startswith('ca_bridge')]\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=60, cwd=Path.cwd())


@pytest.mark.filterwarnings("ignore::hsm.softkey.SoftKeyWarning")
def test_a_key_named_in_the_uri_is_no_hindrance(tmp_path: Path) -> None:
    store = new_store(tmp_path)
    made(open_store(store), KeyKind.P256, "a")
    uri = parse_key_uri(f"softkey:object=a;id=%01?x-store={store}")
    token = open_token(uri, production=False)
    assert token.public_key(uri.ref) == token.keys()[0].spki
