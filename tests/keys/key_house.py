"""A desk of keys for tests: people with certificates, a clock that stands, real tokens, a real log."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select

from ca_bridge.adapters import sql_keys_tables as tables
from ca_bridge.adapters.hsm_keys import HsmKeys
from ca_bridge.adapters.hsm_workshop import HsmWorkshop
from ca_bridge.adapters.key_plan_file import read_plan_file
from ca_bridge.adapters.sql_database import Database
from ca_bridge.adapters.sql_keys import SqlKeys
from ca_bridge.adapters.sql_log import SqlLog
from ca_bridge.adapters.sql_log_rows import append_in
from ca_bridge.services.key_management.approval import KeyApproval, approval_text, read_approval
from ca_bridge.services.key_management.ceremony_values import Held, KeyTerms
from ca_bridge.services.key_management.desk import KeyDesk, key_desk
from ca_bridge.services.key_management.model import KeyAction, KeyPlan
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.manage_recognition.commands import SecretProof, SignatureProof
from ca_bridge.services.manage_recognition.credentials import ScryptCost, hash_secret
from ca_bridge.services.manage_recognition.model import Account, AccountSet, Role
from ca_bridge.services.release_ports import Signers
from hsm.softkey import SoftKeyWarning
from tests.hsm.soft_store import open_store
from tests.recognition.release_doors import ECDSA_SHA256, CertificateSigners, Signer

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
INSTALLATION = "gateway.example/ca-bridge"
APPROVERS = ("ann", "ben", "cho")


class Clock:
    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time


def secret_of(name: str) -> str:
    return f"{name}-secret-of-this-test"


def by_secret(name: str, *roles: Role) -> Account:
    return Account(name=name, roles=frozenset(roles), secret=hash_secret(secret_of(name), ScryptCost(n=2)))


@dataclass
class KeyHouse:
    """``people`` sign with their certificates; olu is an operator with a secret; accounts can be changed."""

    place: Path
    database: Database
    production: bool = False
    signers: Signers | None = field(default_factory=CertificateSigners)
    floor: int = 2
    numbers: int = 0
    people: dict[str, Any] = field(default_factory=lambda: {n: Signer() for n in (*APPROVERS, "opa")})

    def __post_init__(self) -> None:
        self.clock = Clock()
        self.accounts = AccountSet(
            (
                *(
                    Account(
                        name=name,
                        roles=frozenset({Role.OPERATOR if name == "opa" else Role.APPROVER}),
                        certificate=signer.certificate,
                    )
                    for name, signer in self.people.items()
                ),
                by_secret("olu", Role.OPERATOR),
                by_secret("dee", Role.APPROVER, Role.AUTHOR),
            )
        )
        self.store = self.place / "softkeys"
        self.store.mkdir(mode=0o700, exist_ok=True)
        self.log = SqlLog(self.database)
        self.register = SqlKeys(self.database, node="node-1", append=append_in)
        self.keys = HsmKeys(production=self.production, transcript=self.register.transcript)
        self.workshop: Any = HsmWorkshop(self.keys, production=self.production)

    @property
    def desk(self) -> KeyDesk:
        return key_desk(
            register=self.register,
            workshop=self.workshop,
            accounts=lambda: self.accounts,
            signers=self.signers,
            clock=self.clock,
            terms=KeyTerms(
                installation=INSTALLATION, node="node-1", software="ca-bridge 0.1.0", floor=self.floor
            ),
            read_plan=read_plan_file,
            origin="gateway.example/log",
        )

    def uri(self, label: str = "", identifier: int = 0) -> str:
        self.numbers += 1
        number = identifier or self.numbers
        return f"softkey:object={label or f'key-{number}'};id=%{number:02X}?x-store={self.store}"

    def data(self, *, key: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        """A plan as data: by default an ECDSA receipt key, to be current."""
        wish = {
            "use": "receipt",
            "kind": "p-256",
            "state": "current",
            "output": {"form": "none"},
            **(key or {}),
        }
        wish.setdefault("uri", self.uri())
        return {
            "ca_bridge_key_plan": 1,
            "action": "key_ceremony",
            "title": {"zh": "回执密钥", "en": "the receipt key"},
            "installation": INSTALLATION,
            "approvals": 2,
            "approvers": list(APPROVERS),
            "not_before": "2026-01-15T00:00:00Z",
            "not_after": "2026-01-16T00:00:00Z",
            "key": wish,
            **changes,
        }

    def destruction(self, key_id: str, **changes: Any) -> dict[str, Any]:
        data = self.data(**changes) | {"action": "key_destruction", "key_id": key_id}
        del data["key"]
        return data

    def file(self, data: Any, name: str = "plan.yaml") -> Path:
        path = self.place / name
        path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), "utf-8")
        return path

    def plan(self, **changes: Any) -> KeyPlan:
        return read_plan_file(self.file(self.data(**changes)))

    def plan_to_destroy(self, key_id: str, **changes: Any) -> KeyPlan:
        return read_plan_file(self.file(self.destruction(key_id, **changes)))

    def statements(self, plan: KeyPlan) -> dict[str, bytes]:
        self.numbers += 1
        return dict(
            self.desk.ceremonies.statements(plan, plan.action, lambda: f"nonce-of-this-test-{self.numbers}")
        )

    def approval(
        self, statement: bytes, name: str, *, signer: Any = None, certificate: bytes = b""
    ) -> KeyApproval:
        """The approval as it comes out of its file."""
        by = signer or self.people[name]
        said = json.loads(statement)
        proof = SignatureProof(
            account=said["account"],
            nonce=said["nonce"],
            certificate=certificate or by.certificate,
            algorithm=ECDSA_SHA256,
            signature=by.sign(statement),
        )
        return read_approval(approval_text(statement, proof).encode())

    def approvals(self, plan: KeyPlan, *names: str) -> tuple[KeyApproval, ...]:
        statements = self.statements(plan)
        return tuple(self.approval(statements[name], name) for name in names or ("ann", "ben"))

    def hold(self, plan: KeyPlan, approvals: Sequence[KeyApproval] | None = None) -> Held:
        given = self.approvals(plan) if approvals is None else approvals
        ceremonies = self.desk.ceremonies
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SoftKeyWarning)
            act = ceremonies.make if plan.action is KeyAction.CEREMONY else ceremonies.destroy
            return act(plan, given)

    def made(self, **key: Any) -> Held:
        return self.hold(self.plan(key=key))

    def refusal(self, act: Any) -> KeyRefused:
        """``act`` is refused; nothing but the log has changed, by one entry that says so."""
        before, size = self.dump(), self.log.head().size
        with pytest.raises(KeyRefused) as caught:
            act()
        assert self.dump() == before
        (told,) = self.entries(size)
        assert (told["kind"], told["status"]) == ("administration", "refused")
        assert told["result"] == caught.value.refusal.code
        return caught.value

    def entries(self, start: int = 0) -> list[dict[str, Any]]:
        return [json.loads(row.data) for row in self.log.entries(start, 1_000)]

    def dump(self) -> dict[str, list[str]]:
        """All rows of the register, and the names of the files of keys."""
        mine = (
            tables.key_register,
            tables.key_ceremonies,
            tables.signing_keys,
            tables.key_nonces,
            tables.key_transcripts,
        )
        with self.database.reading() as connection:
            rows = {t.name: sorted(map(repr, connection.execute(select(t)).all())) for t in mine}
        return rows | {"files": sorted(path.name for path in self.store.glob("*.pem"))}

    def made_spkis(self) -> list[bytes]:
        """Public keys of the keys in the folder of software keys."""
        found = open_store(self.store).keys()
        return [info.spki for info in found]

    def close(self) -> None:
        self.keys.close()
        self.database.close()


def operator() -> SecretProof:
    return SecretProof("olu", secret_of("olu"))
