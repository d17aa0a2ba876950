"""What a child process does to a log.

python -m tests.audit.append_race append URL WHO COUNT: appends in batches of one to four.
python -m tests.audit.append_race share URL WHO COUNT: appends the entries that all others append as well.
"""

from __future__ import annotations

import sys

from ca_bridge.adapters.sql_database import Database
from ca_bridge.adapters.sql_log import SqlLog
from ca_bridge.services.audit.entries import NewEntry
from tests.audit.log_values import key


def append(log: SqlLog, who: str, count: int) -> None:
    at = 0
    while at < count:
        batch = [NewEntry(f"{who}:{n}".encode()) for n in range(at, min(count, at + 1 + at % 4))]
        made = log.append(batch)
        assert [one.data for one in made.recorded] == [one.data for one in batch]
        at += len(batch)


def share(log: SqlLog, who: str, count: int) -> None:
    for n in range(count):
        made = log.append([NewEntry(f"{who}:{n}".encode(), key(str(n)))])
        print(n, made.recorded[0].index, made.recorded[0].data.decode(), int(made.recorded[0].new))


if __name__ == "__main__":
    what, url, who, count = sys.argv[1:]
    sys.stdin.readline()
    {"append": append, "share": share}[what](SqlLog(Database(url)), who, int(count))
