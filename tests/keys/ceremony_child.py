"""What a child process does in a ceremony: hold it when told to, or die in the middle of it.

python -m tests.keys.ceremony_child URL FOLDER PLAN MOMENT
MOMENT: "meet" (hold it at the word "go"), "intended", "generated", "signed" (killed right after that)
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

from ca_bridge.adapters import hsm_workshop
from ca_bridge.adapters.hsm_workshop import HsmBench
from ca_bridge.adapters.key_plan_file import read_plan_file
from ca_bridge.adapters.sql_database import Database
from ca_bridge.services.key_management.approval import read_approval
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.manage_recognition.account_text import read_accounts
from hsm.softkey import SoftKeyToken
from tests.keys.key_house import KeyHouse


def kill(*_: object, **__: object) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, folder: str, plan_file: str, moment: str) -> str:
    """The new key's name, or the refusal's code."""
    place = Path(folder)
    house = KeyHouse(place, Database(url))
    house.accounts = read_accounts((place / "accounts.json").read_text())
    plan = read_plan_file(Path(plan_file))
    approvals = [read_approval(file.read_bytes()) for file in sorted(place.glob("approval-*.json"))]
    if moment == "intended":
        HsmBench.make = kill  # type: ignore[method-assign]
    elif moment == "generated":
        SoftKeyToken.public_key = kill  # type: ignore[method-assign]
    elif moment == "signed":
        sign = HsmBench.sign
        HsmBench.sign = lambda *a: kill(sign(*a))  # type: ignore[method-assign]
    else:
        check_free = hsm_workshop.HsmBench.check_free

        def meet(bench: HsmBench) -> None:
            check_free(bench)
            print("ready", flush=True)
            sys.stdin.readline()

        HsmBench.check_free = meet  # type: ignore[method-assign]
    try:
        return house.desk.ceremonies.make(plan, approvals).key.key_id
    except KeyRefused as refused:
        return refused.refusal.code


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(main(*sys.argv[1:]), flush=True)
