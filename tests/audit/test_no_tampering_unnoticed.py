"""Whatever is done to what a log keeps: what a signature covers is as it was, or the check says otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ca_bridge.adapters.statement_signatures import verify_statement
from ca_bridge.core.merkle.compact_range import EMPTY, CompactRange
from ca_bridge.core.merkle.growth import Growth
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.receipt.keys import KeyRing
from ca_bridge.services.audit.log_port import KeptNote, LogRow
from ca_bridge.services.audit.references import NoteTrust
from ca_bridge.services.audit.verification import verify_log
from tests.audit.log_values import Ed25519Seal, entries
from tests.audit.test_verification import trusting

SIZE, SIGNED = 290, (5, 256, 270)
SEAL = Ed25519Seal()
DATA = [one.data for one in entries(0, SIZE)]
HASHES = [leaf_hash(one) for one in DATA]


def edge(size: int) -> CompactRange:
    return Growth(EMPTY, HASHES[:size]).after


NOTES = [KeptNote(size, edge(size).root, SEAL.of(edge(size)).note) for size in SIGNED]
WHOLE = [("whole", SEAL.of(edge(SIZE)).note.encode())]
TRUST = NoteTrust(keys=KeyRing(tuple(trusting(SEAL).keys)), verify=verify_statement)


class Kept:
    """LogView of plain lists that a test does anything to."""

    keeps_head = True

    def __init__(self) -> None:
        self.table = {n: LogRow(index=n, data=DATA[n], leaf_hash=HASHES[n]) for n in range(SIZE)}
        self.nodes: dict[int, bytes] = {0: edge(256).root}
        self.edge: CompactRange | None = edge(SIZE)
        self.notes = list(NOTES)

    def head(self) -> CompactRange | None:
        return self.edge

    def rows(self, start: int, limit: int) -> Sequence[LogRow]:
        return [self.table[n] for n in sorted(self.table) if n >= start][:limit]

    def subtrees(self, level: int, start: int, limit: int) -> Sequence[tuple[int, bytes]]:
        found = sorted(self.nodes.items()) if level == 8 else []
        return [one for one in found if one[0] >= start][:limit]

    def checkpoints(self) -> Iterator[KeptNote]:
        return iter(self.notes)

    def data(self, size: int) -> list[bytes | None]:
        return [self.table[n].data if n in self.table else None for n in range(size)]


AT = st.integers(0, SIZE - 1)
OPERATIONS = st.one_of(
    st.tuples(st.just("data"), AT, st.sampled_from([b"{}", b"x", *DATA[:3]])),
    st.tuples(st.just("hash"), AT, st.sampled_from([bytes(32), b"", *HASHES[:3]])),
    st.tuples(st.just("both"), AT, st.sampled_from([b"{}", *DATA[:3]])),
    st.tuples(st.just("delete"), AT, st.integers(0, 40)),
    st.tuples(st.just("swap"), AT, AT),
    st.tuples(st.just("swap data"), AT, AT),
    st.tuples(st.just("shift"), AT, st.just(0)),
    st.tuples(st.just("cut"), AT, st.booleans()),
    st.tuples(st.just("subtree"), st.integers(0, 2), st.sampled_from([None, bytes(32)])),
    st.tuples(st.just("head"), st.integers(0, SIZE), st.booleans()),
    st.tuples(st.just("note"), st.integers(0, len(SIGNED) - 1), st.booleans()),
    st.tuples(st.just("derive"), st.just(0), st.booleans()),
)


def put(kept: Kept, index: int, row: LogRow | None) -> None:
    kept.table.pop(index, None)
    if row is not None:
        kept.table[index] = LogRow(index=index, data=row.data, leaf_hash=row.leaf_hash)


def tamper(kept: Kept, what: str, at: int, value: Any) -> None:  # noqa: C901, PLR0912 - one line for each operation
    row = kept.table.get(at)
    if what in {"data", "both", "hash"} and row is not None:
        data = row.data if what == "hash" else value
        kept.table[at] = LogRow(
            index=at,
            data=data,
            leaf_hash={"data": row.leaf_hash, "both": leaf_hash(data), "hash": value}[what],
        )
    elif what == "delete":
        for index in range(at, at + value + 1):
            kept.table.pop(index, None)
    elif what == "swap":
        other = kept.table.get(value)
        put(kept, at, other)
        put(kept, value, row)
    elif what == "swap data" and row is not None and value in kept.table:
        other = kept.table[value]
        kept.table[at] = LogRow(index=at, data=other.data, leaf_hash=row.leaf_hash)
        kept.table[value] = LogRow(index=value, data=row.data, leaf_hash=other.leaf_hash)
    elif what == "shift":
        for index in range(at, SIZE):
            put(kept, index, kept.table.get(index + 1))
    elif what == "cut":
        kept.table = {index: one for index, one in kept.table.items() if index < at}
        if value:
            kept.edge = edge(at)
    elif what == "subtree":
        kept.nodes.pop(at, None)
        if value is not None:
            kept.nodes[at] = value
    elif what == "head":
        kept.edge = edge(at) if value else None
    elif what == "note" and at < len(kept.notes):
        note = kept.notes[at]
        kept.notes[at : at + 1] = [KeptNote(note.size, note.root, note.note[:-9] + "AAAAAAA=\n")] * value
    elif what == "derive":
        derive(kept, head=value)


def derive(kept: Kept, *, head: bool) -> None:
    """Everything made anew from the rows that there are, as one who knows how would."""
    data = [kept.table[n].data or b"" for n in sorted(kept.table)]
    kept.table = {n: LogRow(index=n, data=one, leaf_hash=leaf_hash(one)) for n, one in enumerate(data)}
    growth = Growth(EMPTY, [leaf_hash(one) for one in data])
    kept.nodes = dict(growth.completed(8))
    if head:
        kept.edge = growth.after


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(operations=st.lists(OPERATIONS, min_size=1, max_size=5), witnessed=st.booleans())
def test_what_a_signature_covers_is_as_it_was_or_it_is_said(
    *, operations: list[Any], witnessed: bool
) -> None:
    kept = Kept()
    for what, at, value in operations:
        tamper(kept, what, at, value)
    found = verify_log(kept, TRUST, witnesses=WHOLE if witnessed else [])
    if found.holds:
        assert kept.data(found.proven) == DATA[: found.proven]
        assert found.size >= found.proven
        assert found.proven == SIZE or not witnessed
        assert (
            found.root == Growth(EMPTY, [leaf_hash(one or b"") for one in kept.data(found.size)]).after.root
        )
    if kept.data(SIZE) != DATA and witnessed:
        assert not found.holds
        assert not found.undecided


@settings(max_examples=60, deadline=None)
@given(AT, st.sampled_from(["data", "hash", "delete"]))
def test_a_single_fault_is_named_exactly(at: int, what: str) -> None:
    kept = Kept()
    tamper(kept, what, at, {"data": b"{}", "hash": bytes(32), "delete": 0}[what])
    found = verify_log(kept, TRUST)
    kinds = {"data": "ENTRY_ALTERED", "hash": "LEAF_HASH_ALTERED", "delete": "ENTRY_MISSING"}
    expected = (kinds[what], at, at)
    if what == "delete" and at == SIZE - 1:
        expected = ("TAIL_CUT", SIZE - 1, SIZE)
    assert [(one.kind.value, one.first, one.last) for one in found.faults] == [expected]
