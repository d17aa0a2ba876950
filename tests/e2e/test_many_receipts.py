"""Every receipt given under load holds with both verifiers, is of its own entry, and bears no change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.e2e.receipts_keys import softhsm_there
from tests.e2e.verify_many import Verified, run


def test_receipts_given_under_load(tmp_path: Path) -> None:
    if not softhsm_there():
        if os.environ.get("CI") == "true":
            pytest.fail("SoftHSM is missing: apt-get install softhsm2")
        pytest.skip("SoftHSM is missing: apt-get install softhsm2")
    seen = run(tmp_path, 300, sm2=True)
    assert seen == Verified(receipts=300, both=300, either_changed=0, entries=300)
