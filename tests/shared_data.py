"""Where the reference data lies that is not part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_ROOT = Path(os.environ.get("CA_BRIDGE_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def shared_data(*parts: str) -> Path:
    """Path of a file under the shared data; skips without it, fails without it under CI."""
    path = _ROOT.joinpath("data", *parts)
    if not path.exists():
        if os.environ.get("CI"):
            pytest.fail(f"shared data is missing under CI: {'/'.join(parts)}")
        pytest.skip(f"shared data is not here: {'/'.join(parts)}")
    return path
