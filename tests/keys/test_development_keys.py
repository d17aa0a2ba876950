"""Keys of development: the same for every process, made once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ca_bridge.adapters.development_keys import development_keys
from ca_bridge.adapters.hsm_keys import HsmKeys
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.key_management.model import KeyState, KeyUse
from ca_bridge.services.signing import SignerUnavailable

pytestmark = pytest.mark.filterwarnings("ignore::hsm.softkey.SoftKeyWarning")
MAKE = (
    "import sys, warnings; from pathlib import Path; warnings.simplefilter('ignore');"
    "from ca_bridge.adapters.development_keys import development_keys;"
    "print(*[key.key_id for key in development_keys(Path(sys.argv[1]))])"
)


def test_made_once(tmp_path: Path) -> None:
    made = development_keys(tmp_path / "deep" / "keys")
    assert [(key.use, key.kind, key.state, key.custody) for key in made] == [
        (KeyUse.RECEIPT, "p-256", KeyState.CURRENT, "process"),
        (KeyUse.LOG, "ed25519", KeyState.CURRENT, "process"),
    ]
    assert development_keys(tmp_path / "deep" / "keys") == made
    keys = HsmKeys(production=False)
    assert all(keys.key(key).sign(b"message") for key in made)
    keys.close()


def test_processes_that_start_at_once(tmp_path: Path) -> None:
    words = [sys.executable, "-c", MAKE, str(tmp_path / "keys")]
    runs = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    told = {run.communicate(timeout=60)[0] for run in runs}
    assert [run.returncode for run in runs] == [0] * 4
    assert told == {" ".join(key.key_id for key in development_keys(tmp_path / "keys")) + "\n"}


def test_never_in_production(tmp_path: Path) -> None:
    keys = HsmKeys(production=True)
    with pytest.raises(SignerUnavailable, match="RefusedInProduction"):
        keys.key(development_keys(tmp_path / "keys")[0]).sign(b"message")


def test_a_folder_of_no_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="开发密钥无法使用"):
        development_keys(tmp_path / "file")
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "open").chmod(0o755)
    with pytest.raises(ConfigurationError, match="0700"):
        development_keys(tmp_path / "open")
