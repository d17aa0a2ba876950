"""A worker that is told to stop stores the last head it has signed."""

from __future__ import annotations

import json
import time
from pathlib import Path

from sqlalchemy import text

from ca_bridge.adapters.sql_database import Database
from tests.e2e.receipts_house import question, served


def test_the_last_head_is_stored_when_a_worker_stops(tmp_path: Path) -> None:
    with served(tmp_path, workers=1) as house:
        for _ in range(4):  # within the second after which one is stored
            answer = json.loads(house.validate(question())[1])
            time.sleep(0.05)
    size = answer["receipt"]["log"]["tree_size"]
    database = Database(house.database)
    with database.reading() as connection:
        stored = connection.execute(text("SELECT max(size) FROM log_checkpoints")).scalar()
    database.close()
    assert stored == size
    assert size > 2
