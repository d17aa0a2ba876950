"""The software SDF device of shims/sdf.c, with keys of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hsm.libcrypto_sm2 import generate_scalar
from hsm.uri import KeyUri
from tests.hsm.faults import Fault, built

PASSWORD = "device-2026"  # noqa: S105 - of a device that is none


@dataclass(frozen=True)
class Device(Fault):
    """``library`` is the shared library; ``pin_file`` the file that a URI names."""

    library: Path

    @property
    def pin_file(self) -> Path:
        return self.folder / "pin"

    def make_keys(self, *indices: int) -> None:
        """As a device's management tool does; keys there before are gone."""
        text = "".join(f"{index} {generate_scalar().hex()}\n" for index in indices)
        (self.folder / "keys").write_text(text)

    def set_pin(self, pin: str) -> None:
        """What this side presents."""
        self.pin_file.write_text(pin)
        self.pin_file.chmod(0o600)

    def uri(self, *, pin: bool = True, **fields: str) -> KeyUri:
        source = str(self.pin_file) if pin else ""
        return KeyUri(scheme="sdf", module_path=str(self.library), pin_source=source, **fields)

    @property
    def tries(self) -> list[str]:
        """Every try to get an access right: "INDEX ok" or "INDEX wrong"."""
        return self.lines("tries")


@pytest.fixture(scope="session", name="sdf_library")
def sdf_library_fixture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built("sdf", tmp_path_factory.mktemp("sdf"))


@pytest.fixture(name="device")
def device_fixture(sdf_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    """A device with keys at the indices 1, 7 and 300, and the right PIN in the file."""
    folder = tmp_path / "device"
    folder.mkdir(mode=0o700)
    made = Device(folder=folder, library=sdf_library)
    made.make_keys(1, 7, 300)
    (folder / "password").write_text(PASSWORD)
    made.set_pin(PASSWORD)
    monkeypatch.setenv("SDF_SHIM_FOLDER", str(folder))
    yield made
    made.clear()
