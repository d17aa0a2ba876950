"""An AccountSet as canonical JSON and back, so that one can be hashed, signed, proposed and stored."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from ca_bridge.services.manage_recognition.model import Account, AccountSet, ApprovalRules, ChangeKind, Role
from ca_bridge.services.policy_documents import canonical_json


def accounts_text(accounts: AccountSet) -> str:
    """Canonical JSON of the set, accounts by name and kinds by name."""
    rows = [
        {
            "name": account.name,
            "roles": sorted(role.value for role in account.roles),
            "secret": account.secret,
            "certificate": account.certificate.hex(),
            "enabled": account.enabled,
        }
        for account in sorted(accounts.accounts, key=lambda account: account.name)
    ]
    return canonical_json({"accounts": rows, "rules": {k.value: n for k, n in accounts.rules.required}})


def accounts_sha256(accounts: AccountSet) -> str:
    """SHA-256 of the set's canonical JSON."""
    return sha256(accounts_text(accounts).encode()).hexdigest()


def read_accounts(text: str) -> AccountSet:
    """The set that accounts_text gave ``text`` for."""
    data: dict[str, Any] = json.loads(text)
    return AccountSet(
        tuple(
            Account(
                name=row["name"],
                roles=frozenset(map(Role, row["roles"])),
                secret=row["secret"],
                certificate=bytes.fromhex(row["certificate"]),
                enabled=row["enabled"],
            )
            for row in data["accounts"]
        ),
        ApprovalRules(tuple((kind, data["rules"][kind.value]) for kind in ChangeKind)),
    )
