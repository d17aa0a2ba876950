"""A gateway's keys, its log in memory, and receipts of it; nothing in it is random."""

from __future__ import annotations

import json
import random
import runpy
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from ca_bridge.adapters.statement_signatures import verify_statement
from ca_bridge.core.merkle.compact_range import EMPTY
from ca_bridge.core.merkle.growth import Growth
from ca_bridge.core.merkle.hashing import leaf_hash
from ca_bridge.core.receipt.canonical import canonical_bytes
from ca_bridge.core.receipt.checking import ReceiptCheck, check_receipt
from ca_bridge.core.receipt.keys import KeyRing, key_id_of, read_keys
from ca_bridge.services.audit.sequencer import Included
from ca_bridge.services.receipts.making import receipt_bytes
from ca_bridge.services.receipts.seal import ReceiptSeal
from tests.pki_writers import Ca, Ecdsa, EdDsa, Sm2, x509

ORIGIN = "gateway.example/log"
NODE = "n1"
AT = datetime(2026, 11, 25, 8, 0, 0, 250_000, tzinfo=UTC)
ALONE = Path(__file__).resolve().parents[2] / "tools" / "verify_receipt.py"
ALGORITHMS = {"p256": "ecdsa-sha256", "ed25519": "ed25519", "sm2": "sm2-sm3", "p384": "ecdsa-sha384"}


@dataclass(frozen=True, kw_only=True)
class SoftKey:
    """A services.signing.SigningKey over a derived test key."""

    use: str
    kind: str
    key: Any
    custody: str = "process"
    state: str = "current"
    certificate: bytes | None = None

    @property
    def spki(self) -> bytes:
        return self.key.spki

    @property
    def key_id(self) -> str:
        return key_id_of(self.use, self.spki)

    @property
    def algorithm(self) -> str:
        return ALGORITHMS[self.kind]

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)

    @property
    def row(self) -> dict[str, str]:
        """As GET /v1/keys has it."""
        return {
            "key_id": self.key_id,
            "use": self.use,
            "algorithm": self.algorithm,
            "spki": b64encode(self.spki).decode(),
            "custody": self.custody,
            "state": self.state,
        }

    @property
    def pem(self) -> str:
        lines = b64encode(self.spki).decode()
        return f"-----BEGIN PUBLIC KEY-----\n{lines}\n-----END PUBLIC KEY-----\n"


@cache
def soft_key(use: str, kind: str, label: str = "", *, certified: bool = False) -> SoftKey:
    name = f"{use} {kind} {label}"
    keys = {"p256": Ecdsa, "ed25519": EdDsa, "sm2": Sm2, "p384": lambda text: Ecdsa(text, "p384")}
    key = keys[kind](name)
    return SoftKey(use=use, kind=kind, key=key, certificate=_certificate(key, name) if certified else None)


def _certificate(key: Any, name: str) -> bytes:
    ca = Ca("receipts", x509.name("C=CN, O=Receipts, CN=Receipt CA"), Sm2("receipt ca"))
    return ca.issue(name, x509.name("C=CN, O=Gateway, CN=Receipts"), key, ()).certificate


class FixedClock:
    def now(self) -> datetime:
        return AT


@dataclass(frozen=True, kw_only=True)
class House:
    """One gateway: keys and leaves; its receipts are under the last head."""

    log_key: SoftKey
    receipt_keys: tuple[SoftKey, ...]
    others: tuple[SoftKey, ...] = ()
    origin: str = ORIGIN

    @property
    def seal(self) -> ReceiptSeal:
        return ReceiptSeal(
            origin=self.origin,
            node=NODE,
            log_key=self.log_key,
            receipt_keys=self.receipt_keys,
            clock=FixedClock(),
        )

    @property
    def rows(self) -> list[dict[str, str]]:
        return [key.row for key in (self.log_key, *self.receipt_keys, *self.others)]

    @property
    def key_file(self) -> bytes:
        return json.dumps({"keys": self.rows, "origin": self.origin}).encode()

    @property
    def ring(self) -> KeyRing:
        return read_keys(self.key_file)

    def included(self, leaves: tuple[bytes, ...], *, old: int = 0) -> tuple[Included, ...]:
        """The leaves after ``old`` others, under one head."""
        before = Growth(EMPTY, [leaf_hash(b"old %d" % n) for n in range(old)]).after
        growth = Growth(before, [leaf_hash(one) for one in leaves])
        head = self.seal(growth.after.size, growth.after.root)
        return tuple(
            Included(
                index=old + n,
                data=one,
                new=True,
                tree_size=growth.after.size,
                proof=growth.inclusion_proof(old + n),
                head=head,
            )
            for n, one in enumerate(leaves)
        )

    def receipts(self, count: int, *, old: int = 0) -> tuple[bytes, ...]:
        leaves = tuple(canonical_bytes(statement(n)) for n in range(count))
        return tuple(receipt_bytes(one, self.origin) for one in self.included(leaves, old=old))

    def check(self, raw: bytes) -> ReceiptCheck:
        return check_receipt(raw, self.ring, verify_statement)


@cache
def house(kind: str = "p256") -> House:
    """Keys of one kind; "all" has a receipt key of every kind, the SM2 one with a certificate."""
    if kind == "all":
        keys = tuple(soft_key("receipt", one) for one in ("p256", "ed25519"))
        keys = (*keys, soft_key("receipt", "sm2", certified=True))
        return House(log_key=soft_key("log", "p256"), receipt_keys=keys)
    return House(
        log_key=soft_key("log", kind), receipt_keys=(soft_key("receipt", kind, certified=kind == "sm2"),)
    )


def statement(number: int = 0, **members: Any) -> dict[str, Any]:
    """The log's entry of a decision."""
    return {
        "ca_bridge_log": 1,
        "kind": "decision",
        "time": "2026-11-25T08:00:00Z",
        "node": NODE,
        "method": "validate",
        "application": "财政厅 site",
        "address": None,
        "subject": "5a" * 32,
        "serial_number": "6b" * 32,
        "request_id": f"request-{number}",
        "request_sha256": f"{number:064x}",
        "certificate_sha256": "ab" * 32,
        "indication": "TOTAL_PASSED",
        "sub_indication": None,
        "reasons": [],
        "path": ["ab" * 32, "cd" * 32],
        "trust_anchor": "cd" * 32,
        "revocation": [{"position": 0, "status": "good", "source": "crl"}],
        "evidence_sha256": "ef" * 32,
        "domain": "guangdong",
        "snapshot_id": "12" * 32,
        "release": {"number": 3, "sha256": "34" * 32},
        "purpose": "any",
        "validation_time": "2026-11-25T08:00:00Z",
        "level": "high",
        "status": "answered",
        "result": "TOTAL_PASSED",
        **members,
    }


@cache
def alone() -> dict[str, Any]:
    """What the stand-alone verifier defines."""
    return runpy.run_path(str(ALONE), run_name="verify_receipt")


def alone_holds(raw: bytes, key_files: tuple[bytes, ...]) -> bool:
    """Whether the stand-alone verifier takes the receipt; nothing but its own errors may come out."""
    tool = alone()
    try:
        keys, origin = tool["_keys"](list(key_files))
        tool["verify_receipt"](raw, keys, origin)
    except tool["WRONG"]:
        return False
    return True


def verdicts(one: House, raw: bytes) -> tuple[bool, bool]:
    """What the engine says and what the stand-alone verifier says."""
    return one.check(raw).holds, alone_holds(raw, (one.key_file,))


def faults(one: House, raw: bytes) -> list[str]:
    """What the engine names, after asking that the stand-alone verifier refuses too."""
    check = one.check(raw)
    assert alone_holds(raw, (one.key_file,)) is check.holds
    return [finding.fault.value for finding in check.findings]


def changed(raw: bytes, change: Callable[[dict[str, Any]], Any]) -> bytes:
    """The receipt with its data changed, in canonical form."""
    data = json.loads(raw)
    change(data)
    return canonical_bytes(data)


def with_signature(raw: bytes, number: int = 0, **members: str) -> bytes:
    """The receipt with these members of one signature."""
    return changed(raw, lambda data: data["signatures"][number].update(members))


def flips(raw: bytes, seed: int) -> Iterator[bytes]:
    """``raw`` with one byte changed: every position, to a value drawn."""
    draw = random.Random(seed)  # noqa: S311 - a test's choice
    for position, byte in enumerate(raw):
        other = byte ^ draw.randrange(1, 256)
        yield raw[:position] + bytes([other]) + raw[position + 1 :]
