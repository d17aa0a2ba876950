"""The register on each database: numbers given once whoever races, and nothing half written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import inspect

from ca_bridge.adapters.sql_bridge import SqlBridge
from ca_bridge.adapters.sql_bridge_tables import (
    bridge_certificates,
    bridge_crls,
    bridge_issuers,
    bridge_revocations,
)
from ca_bridge.adapters.sql_database import Database
from ca_bridge.core.x509.crl_parser import parse_crl
from ca_bridge.services.bridge_ca.model import Reservation, RevocationReason, StoredCrl
from ca_bridge.services.issue_cross_certificate.errors import BridgeRefused
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged, StoreUnavailable
from tests.bridge_ca.house import NOW, House, issuer

ROOT = Path(__file__).resolve().parents[2]
REASON = RevocationReason
ROUNDS = 4


@pytest.fixture
def store(bridge_url: str) -> Iterator[SqlBridge]:
    database = Database(bridge_url)
    made = SqlBridge(database)
    made.enrol("a", "00" * 32)
    yield made
    database.close()


def reservation(serial: int = 1, issuer: str = "a") -> Reservation:
    return Reservation(
        issuer=issuer,
        serial=f"{serial:040x}",
        agreement="agreement",
        subject_domain="gd",
        release_number=3,
        release_sha256="cd" * 32,
        subject=b"\x30\x00",
        key_sha256="ef" * 32,
        not_before=NOW,
        not_after=NOW + timedelta(days=1),
        created=NOW.astimezone(timezone(timedelta(hours=8))),
        tbs=b"tbs",
    )


def crl(number: int, base: int | None = None) -> StoredCrl:
    return StoredCrl(
        issuer="a", number=number, base=base, upto=0, this_update=NOW, next_update=NOW, der=b"%d" % number
    )


def test_what_is_written_comes_back(store: SqlBridge) -> None:
    one, two = reservation(1), reservation(2)
    assert store.reserve(two)
    assert store.reserve(one)
    assert not store.reserve(replace(one, agreement="other"))
    assert [row.reservation for row in store.certificates("a")] == [one, two]
    assert store.certificates("b") == ()
    store.complete("a", one.serial, b"certificate")
    row = store.certificate("a", one.serial)
    assert row is not None
    assert (row.reservation, row.certificate, row.revocation) == (one, b"certificate", None)
    assert store.certificate("b", one.serial) is None
    for serial in (one.serial, "00" * 20):  # signed twice, and never reserved
        with pytest.raises(StoreDamaged):
            store.complete("a", serial, b"other")


def test_enrolling(store: SqlBridge) -> None:
    store.enrol("a", "00" * 32)
    with pytest.raises(BridgeRefused, match="LABEL_OF_ANOTHER_KEY"):
        store.enrol("a", "11" * 32)
    store.enrol("b", "11" * 32)
    assert store.begin_crls("b", NOW, complete=True).number == 1


def test_an_issuer_that_nobody_enrolled(store: SqlBridge) -> None:
    with pytest.raises(StoreUnavailable):
        store.begin_crls("b", NOW, complete=True)
    assert store.last_event("b") == 0


def test_serial_numbers_are_of_one_issuer(store: SqlBridge) -> None:
    store.enrol("b", "11" * 32)
    assert store.reserve(reservation(1))
    assert store.reserve(reservation(1, "b"))
    store.revoke("b", reservation(1).serial, REASON.SUPERSEDED, NOW)
    assert [row.is_revoked for row in (*store.certificates("a"), *store.certificates("b"))] == [False, True]


def test_events(store: SqlBridge) -> None:
    serial = reservation(1).serial
    with pytest.raises(BridgeRefused, match="CERTIFICATE_UNKNOWN"):
        store.revoke("a", serial, REASON.SUPERSEDED, NOW)
    store.reserve(reservation(1))
    for number, reason in enumerate((REASON.CERTIFICATE_HOLD, REASON.REMOVE_FROM_CRL, REASON.SUPERSEDED), 1):
        event = store.revoke("a", serial, reason, NOW + timedelta(hours=number))
        assert (event.sequence, event.time) == (number, NOW + timedelta(hours=number))
        row = store.certificate("a", serial)
        assert row is not None
        assert row.revocation == event
        assert row.is_revoked == (reason is not REASON.REMOVE_FROM_CRL)
    assert store.last_event("a") == 3
    work = store.begin_crls("a", NOW, complete=True)
    assert [event.reason for event in work.events] == [
        REASON.CERTIFICATE_HOLD,
        REASON.REMOVE_FROM_CRL,
        REASON.SUPERSEDED,
    ]
    assert (work.upto, work.base_upto, work.base) == (3, 3, work.complete)


def test_crls(store: SqlBridge) -> None:
    assert store.newest_crl("a", delta=True) is None
    store.save_crls((crl(1), crl(2, base=1)))
    store.save_crls((crl(9), crl(10, base=9)))
    store.save_crls((crl(4), crl(5, base=4)))  # begun earlier, ended later
    assert store.newest_crl("a", delta=False) == crl(9)
    assert store.newest_crl("a", delta=True) == crl(10, base=9)
    with pytest.raises(StoreDamaged):
        store.save_crls((crl(11), crl(9)))
    assert store.newest_crl("a", delta=False) == crl(9)  # both or none


def test_numbers_of_deltas(store: SqlBridge) -> None:
    work = store.begin_crls("a", NOW, complete=True)
    assert (work.number, work.complete, work.base) == (1, True, 1)
    with pytest.raises(BridgeRefused, match="NO_COMPLETE_CRL"):
        store.begin_crls("a", NOW, complete=False)
    store.save_crls((crl(1), crl(1, base=1)))
    work = store.begin_crls("a", NOW - timedelta(minutes=5), complete=False)
    assert (work.number, work.complete, work.base, work.this_update) == (2, False, 1, NOW)
    with pytest.raises(BridgeRefused, match="CLOCK_BEHIND"):
        store.begin_crls("a", NOW - timedelta(minutes=5, seconds=1), complete=True)
    assert store.begin_crls("a", NOW, complete=True).number == 3  # a refusal takes no number


def crl_numbers(store: SqlBridge) -> list[tuple[int, int | None, int]]:
    with store._database.reading() as connection:
        query = bridge_crls.select().order_by(bridge_crls.c.number)
        return [(row.number, row.base, row.upto) for row in connection.execute(query)]


def test_eight_threads(bridge_url: str) -> None:
    """All issue certificates, revoke and issue CRLs at once: no number twice, no event lost."""
    house = House(bridge_url, issuer("ecdsa"))
    house.crl()
    barrier = Barrier(8)

    def work(who: int) -> None:
        barrier.wait(60)
        for turn in range(ROUNDS):
            serial = house.issue().reservation.serial
            house.revoke(serial)
            house.crl(complete=(who + turn) % 3 == 0)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    check_numbers(house, revoked=8 * ROUNDS)
    house.database.close()


def test_two_processes(bridge_url: str) -> None:
    house = House(bridge_url, issuer("ecdsa"))
    house.crl()
    command = [sys.executable, "-m", "tests.bridge_ca.racer", bridge_url, str(ROUNDS)]
    runs = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [run.communicate(timeout=120) for run in runs] == [("done\n", "")] * 2
    check_numbers(house, revoked=2 * ROUNDS)
    house.database.close()


def check_numbers(house: House, *, revoked: int) -> None:
    label = next(iter(house.issuers.issuers))
    rows = house.store.certificates(label)
    assert len({row.reservation.serial for row in rows}) == len(rows) == revoked
    assert all(row.is_revoked and row.certificate for row in rows)
    found = crl_numbers(house.store)
    numbers = [(number, base is None) for number, base, _ in found]
    assert len(numbers) == len(set(numbers))  # one complete CRL and one delta of a number
    last = found[-1][0]
    assert [number for number, complete in numbers if not complete] == list(range(1, last + 1))
    uptos = [upto for _, _, upto in found]
    assert uptos == sorted(uptos)  # a higher number never knows less
    # Whoever takes the newest two, whenever they look, knows of every revocation that they tell.
    house.crl(complete=False)
    complete, delta = (house.store.newest_crl(label, delta=delta) for delta in (False, True))
    assert complete is not None
    assert delta is not None
    assert (delta.base or 0) <= complete.number < delta.number
    serials = {row.reservation.serial for row in rows}
    told = {
        serial
        for serial in serials
        for one in (complete, delta)
        if parse_crl(one.der).revoked.find(int(serial, 16))
    }
    assert told == serials


def test_tables_are_as_the_migration_makes_them(store: SqlBridge, tmp_path: Path) -> None:
    tables = (bridge_issuers, bridge_certificates, bridge_revocations, bridge_crls)

    def described(connection: object) -> object:
        looked = inspect(connection)
        assert looked is not None
        return {
            table.name: (
                [
                    (column["name"], str(column["type"]), column["nullable"])
                    for column in looked.get_columns(table.name)
                ],
                sorted((row["name"], row["sqltext"]) for row in looked.get_check_constraints(table.name)),
                sorted((row["name"], row["column_names"]) for row in looked.get_indexes(table.name)),
                sorted(map(str, looked.get_foreign_keys(table.name))),
                looked.get_pk_constraint(table.name),
            )
            for table in tables
        }

    database = store._database
    with database.reading() as connection:
        migrated = described(connection)
    with database.writing() as connection:
        for table in reversed(tables):
            table.drop(connection)
        for table in tables:
            table.create(connection)
    with database.reading() as connection:
        assert described(connection) == migrated
