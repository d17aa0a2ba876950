"""SoftHSM as Debian has it, in a folder of its own: tokens made, taken away and put back, and PIN files.

The module reads SOFTHSM2_CONF when it is initialised, so one folder serves a process at a time.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hsm.uri import KeyUri

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
SO_PIN = "87654321"
PIN = "123456"


@dataclass(frozen=True, kw_only=True)
class SoftToken:
    """One initialised token. ``pin_file`` holds the right PIN and has mode 0600."""

    label: str
    folder: Path
    pin_file: Path
    conf: Path

    def uri(self, *, module: Path = MODULE, label: str = "", key_id: bytes = b"", **vendor: str) -> KeyUri:
        """Its URI, and a key's; ``vendor``: sm2_profile, custody."""
        return KeyUri(
            scheme="pkcs11",
            token=self.label,
            label=label,
            key_id=key_id,
            module_path=str(module),
            pin_source=str(self.pin_file),
            vendor=tuple(sorted((f"x-{name.replace('_', '-')}", value) for name, value in vendor.items())),
        )

    def take_away(self) -> None:
        """The token's directory is gone, as if deleted."""
        self.folder.rename(self._aside)

    def put_back(self) -> None:
        """The directory as it was, as if restored from a copy."""
        shutil.copytree(self._aside, self.folder)
        shutil.rmtree(self._aside)

    @property
    def _aside(self) -> Path:
        return self.folder.parent.parent / f"aside-{self.folder.name}"


@dataclass(frozen=True, kw_only=True)
class SoftHsm:
    """A folder with a configuration and tokens."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def conf(self) -> Path:
        return self.folder / "softhsm2.conf"

    def new_token(self, label: str = "") -> SoftToken:
        """A token with PIN 123456; its label is new when none is given."""
        label = label or f"token-{next(self._numbers)}"
        before = set(self._tokens.iterdir())
        command = [
            "softhsm2-util",
            "--init-token",
            "--free",
            "--label",
            label,
            "--so-pin",
            SO_PIN,
            "--pin",
            PIN,
        ]
        environment = os.environ | {"SOFTHSM2_CONF": str(self.conf)}
        subprocess.run(command, check=True, capture_output=True, timeout=60, env=environment)
        (made,) = set(self._tokens.iterdir()) - before
        return SoftToken(label=label, folder=made, pin_file=self.pin_file(PIN), conf=self.conf)

    def pin_file(self, pin: str) -> Path:
        """A file of mode 0600 with this PIN."""
        path = self.folder / f"pin-{next(self._numbers)}"
        path.write_text(f"{pin}\n")
        path.chmod(0o600)
        return path

    @property
    def _tokens(self) -> Path:
        return self.folder / "tokens"


def set_up(folder: Path) -> SoftHsm:
    """SoftHSM's configuration in ``folder``; skips without SoftHSM, and fails so where CI is true."""
    if not MODULE.exists() or shutil.which("softhsm2-util") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("SoftHSM is missing: apt-get install softhsm2")
        pytest.skip("SoftHSM is missing: apt-get install softhsm2")
    made = SoftHsm(folder=folder)
    (folder / "tokens").mkdir(mode=0o700)
    made.conf.write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    return made


@contextmanager
def soft_hsm() -> Iterator[SoftHsm]:
    """SoftHSM in a folder that goes when done, with SOFTHSM2_CONF set meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="softhsm-"))
    with pytest.MonkeyPatch.context() as patch:
        try:
            made = set_up(folder)
            patch.setenv("SOFTHSM2_CONF", str(made.conf))
            yield made
        finally:
            shutil.rmtree(folder, ignore_errors=True)
