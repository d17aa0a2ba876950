"""One case: a question in the form of the batch contract, and the answer argued from a clause."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import x509

Runs = tuple[tuple[bytes, int], ...]
"""A value too large to keep: pieces and how many times each comes, one after the other."""

_FAILED = {"FORMAT_FAILURE", "SIG_CRYPTO_FAILURE", "REVOKED", "EXPIRED", "NOT_YET_VALID"}
_BINARY_LISTS = ("intermediates", "trust_anchors", "crls", "ocsp_responses")


def passed(*policies: str) -> dict[str, Any]:
    """Accepted; with ``policies``, exactly these as the user-constrained policy set."""
    answer: dict[str, Any] = {
        "indication": "TOTAL_PASSED",
        "sub_indication": None,
        "reason": None,
        "position": None,
    }
    if policies:
        answer["user_constrained_policy_set"] = sorted(policies)
    return answer


def refused(
    sub_indication: str, reason: str, position: int | None, *also: str, cause: str = ""
) -> dict[str, Any]:
    """Not accepted: the leading reason and where; ``also``: codes that must be among the reasons.

    ``cause`` is the code that the parameter "cause" of one of the reasons must hold.
    """
    answer: dict[str, Any] = {
        "indication": "TOTAL_FAILED" if sub_indication in _FAILED else "INDETERMINATE",
        "sub_indication": sub_indication,
        "reason": reason,
        "position": position,
    }
    if also:
        answer["also"] = list(also)
    if cause:
        answer["cause"] = cause
    return answer


def text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def line(
    certificate: bytes | str,
    *,
    chain: Iterable[bytes] = (),
    anchors: Iterable[bytes] = (),
    crls: Iterable[bytes] = (),
    ocsp: Iterable[bytes] = (),
    at: datetime | str = x509.NOW,
    **fields: object,
) -> dict[str, Any]:
    """A batch line; revocation is "none" unless evidence is given or asked for."""
    lists = dict(zip(_BINARY_LISTS, (chain, anchors, crls, ocsp), strict=True))
    out: dict[str, Any] = {"certificate": _base64(certificate)}
    out |= {key: [_base64(value) for value in values] for key, values in lists.items()}
    out = {key: value for key, value in out.items() if value != []}
    out["validation_time"] = at if isinstance(at, str) else text(at)
    if "crls" not in out and "ocsp_responses" not in out:
        out["revocation"] = "none"
    return out | fields


def _base64(value: bytes | str) -> str:
    return value if isinstance(value, str) else base64.b64encode(value).decode()


@dataclass
class Group:
    """Cases of one stage, in the order they were added."""

    stage: str
    cases: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        case_id: str,
        title: str,
        why: str,
        question: dict[str, Any],
        expect: dict[str, Any],
        runs: dict[str, Runs] | None = None,
    ) -> None:
        """``why`` draws the path and argues from the clause; ``runs`` are values kept as pieces.

        They belong to a field of the line, or under "line" they are the line itself, or under "bundle" a
        file as it is given to the command line.
        """
        full_id = f"{self.stage}-{case_id}"
        assert full_id not in {case["id"] for case in self.cases}, full_id
        case = {
            "id": full_id,
            "title": title,
            "why": why,
            "line": {"id": full_id, **question},
            "expect": expect,
        }
        if runs:
            case["runs"] = {
                key: [[_base64(piece), times] for piece, times in pieces] for key, pieces in runs.items()
            }
        self.cases.append(case)
