"""Test modules in C, built here, and what steers their faults: a file that says what goes wrong now."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

SHIMS = Path(__file__).parent / "shims"
_FLAGS = ("-shared", "-fPIC", "-O1", "-std=gnu11", "-Wall", "-Wextra", "-Werror")


def built(name: str, folder: Path) -> Path:
    """shims/NAME.c as a shared library in ``folder``; skips without gcc, and fails so where CI is true."""
    if shutil.which("gcc") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("gcc is missing: apt-get install gcc libssl-dev")
        pytest.skip("gcc is missing: apt-get install gcc libssl-dev")
    made = folder / f"{name}.so"
    command = ["gcc", *_FLAGS, "-o", str(made), str(SHIMS / f"{name}.c"), "-lcrypto", "-ldl"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return made


@dataclass(frozen=True)
class Fault:
    """The folder that a test module reads its fault from at each call, and writes its counts to."""

    folder: Path

    def set(self, text: str) -> None:
        """From now on; see the head of the module's source for the words."""
        new = self.folder / "fault.new"
        new.write_text(text)
        new.replace(self.folder / "fault")

    def clear(self) -> None:
        """The end of the fault."""
        (self.folder / "fault").unlink(missing_ok=True)

    def lines(self, name: str) -> list[str]:
        """What the module has written to one of its files."""
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []


@dataclass(frozen=True)
class FaultyModule(Fault):
    """The PKCS #11 module that fails as told: ``path`` stands where the real one would."""

    path: Path

    @property
    def logins(self) -> list[int]:
        """What every C_Login so far returned."""
        return [int(line, 16) for line in self.lines("logins")]


def faulty_module(folder: Path, real: Path) -> tuple[FaultyModule, dict[str, str]]:
    """The module in front of ``real``, and the environment that it reads in the process that loads it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    module = FaultyModule(folder=folder, path=built("pkcs11_faulty", folder))
    return module, {"PKCS11_FAULTY_MODULE": str(real), "PKCS11_FAULTY_FOLDER": str(folder)}
