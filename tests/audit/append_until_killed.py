"""A process that logs and says what was acknowledged, until it is killed.

python -m tests.audit.append_until_killed URL RUN THREADS: each line is INDEX DATA, or INDEX DATA SIZE ROOT
when a head was signed over it.
"""

from __future__ import annotations

import sys
from threading import Thread

from ca_bridge.adapters.sql_database import Database
from ca_bridge.adapters.sql_log import SqlLog
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.merkle.verifying import verify_inclusion
from ca_bridge.services.audit.entries import NewEntry
from ca_bridge.services.audit.sequencer import Sequencer
from tests.audit.log_values import Ed25519Seal, key


def say(*values: object) -> None:
    sys.stdout.write(" ".join(map(str, values)) + "\n")
    sys.stdout.flush()


def work(sequencer: Sequencer, run: str, who: int) -> None:
    number = 0
    while True:
        data = f"{run}:{who}:{number}"
        made = NewEntry(data.encode(), key(data) if number % 3 == 0 else "")
        if number % 2:
            one = sequencer.include(made)
            assert verify_inclusion(leaf_hash(one.data), one.index, one.tree_size, one.proof, one.head.root)
            say(one.index, data, one.head.size, one.head.root.hex())
        else:
            say(sequencer.record(made).index, data)
        number += 1


if __name__ == "__main__":
    url, run, threads = sys.argv[1:]
    sequencer = Sequencer(SqlLog(Database(url)), Ed25519Seal(), save_every_s=0.01)
    for who in range(int(threads)):
        Thread(target=work, args=(sequencer, run, who), daemon=True).start()
    sys.stdin.read()
