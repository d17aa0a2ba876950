"""Releases, accounts and the trail as plain data, for JSON. No secret, hashed or not, is among them."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from ca_bridge.services.manage_recognition.model import (
    Account,
    AccountProposal,
    AccountSet,
    Release,
    ReleaseState,
    TrailEntry,
)
from ca_bridge.services.manage_recognition.records import ReleaseDifference
from ca_bridge.services.manage_recognition.times import rfc3339
from ca_bridge.services.manage_recognition.trail import attempt_fields
from ca_bridge.services.release_errors import ReleaseRefused


def release_fields(release: Release, state: ReleaseState | None = None) -> dict[str, Any]:
    """A release without its documents; ``state`` in the place of the stored one."""
    start = release.effective_from
    return {
        "release": release.number,
        "version": release.version,
        "state": (state or release.state).value,
        "content_sha256": release.content_sha256,
        "base": release.base,
        "rolls_back_to": release.rolls_back_to,
        "authors": list(release.authors),
        "created": rfc3339(release.created),
        "note": release.note,
        "effective_from": None if start is None else rfc3339(start),
        "linted": release.linted_sha256 == release.content_sha256,
        "simulation": json.loads(release.simulation) if release.simulation else None,
        "approvals": [
            {"account": a.account, "content_sha256": a.content_sha256, "time": rfc3339(a.time)}
            for a in release.approvals
        ],
    }


def difference_fields(difference: ReleaseDifference) -> dict[str, Any]:
    """A difference, each document as data before and after."""
    return {
        "base": difference.base,
        "kinds": sorted(kind.value for kind in difference.kinds),
        "approvers_needed": difference.approvers_needed,
        "documents": [
            {
                "name": change.name,
                "difference": change.difference.value,
                "before": json.loads(change.before) if change.before else None,
                "after": json.loads(change.after) if change.after else None,
            }
            for change in difference.changes
        ],
    }


def trail_fields(entry: TrailEntry) -> dict[str, Any]:
    """A row of the trail with its hashes."""
    return attempt_fields(entry.attempt) | {
        "sequence": entry.sequence,
        "previous_sha256": entry.previous_sha256,
        "sha256": entry.sha256,
    }


def refusal_fields(refused: ReleaseRefused) -> dict[str, Any]:
    """A refusal with its texts; ``problems`` only where the documents have some."""
    fields: dict[str, Any] = {
        "code": refused.refusal.code,
        "kind": refused.refusal.kind.value,
        **refused.texts(),
        "params": dict(refused.params),
    }
    if refused.problems:
        fields["problems"] = [
            {"file": p.file, "line": p.line, "message_en": p.message_en, "message_zh": p.message_zh}
            for p in refused.problems
        ]
    return fields


def account_fields(account: Account) -> dict[str, Any]:
    """An account and how it proves itself."""
    certificate = sha256(account.certificate).hexdigest() if account.certificate else None
    return {
        "account": account.name,
        "roles": sorted(role.value for role in account.roles),
        "enabled": account.enabled,
        "proof": "certificate" if certificate else "secret",
        "certificate_sha256": certificate,
    }


def account_set_fields(accounts: AccountSet) -> dict[str, Any]:
    """All accounts and the rules of approval."""
    return {
        "accounts": [account_fields(account) for account in accounts.accounts],
        "approvers": {kind.value: count for kind, count in accounts.rules.required},
    }


def proposal_fields(proposal: AccountProposal) -> dict[str, Any]:
    """A proposal of accounts, without its content."""
    return {
        "proposal": proposal.number,
        "version": proposal.version,
        "state": proposal.state.value,
        "author": proposal.author,
        "created": rfc3339(proposal.created),
        "base_sha256": proposal.base_sha256,
        "content_sha256": proposal.content_sha256,
        "approvals": list(proposal.approvals),
    }
