"""Decisions as REST writes them down: who called, and what happens when the log cannot be written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, request

from ca_bridge.interfaces.rest.problems import LOG_AWAY, NO_RECEIPT, NOT_OFFERED, TOO_LARGE, Problem
from ca_bridge.services.audit.errors import UnusableEntry
from ca_bridge.services.decision_log.decision_log import Decided, DecisionLog
from ca_bridge.services.decision_log.errors import ReceiptsNotOffered
from ca_bridge.services.decision_log.statement import Call
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged, StoreUnavailable
from ca_bridge.services.signing import SignerUnavailable


def this_call(method: str, fields: Mapping[str, Any], item: int | None) -> Call:
    """The call being answered; its name only if the caller gave it."""
    return Call(
        method=method,
        request_id=g.request_id if g.request_named else "",
        address=request.remote_addr or "",
        fields=fields,
        item=item,
    )


def written(log: DecisionLog | None, decisions: Sequence[Decided]) -> tuple[bytes | None, ...]:
    """The receipts, once all is written down; a Problem when it cannot be, and then nothing is answered."""
    if log is None:
        if any(decided.receipt for decided in decisions):
            raise _not_offered()
        return (None,) * len(decisions)
    try:
        return log.write(decisions)
    except ReceiptsNotOffered as error:
        raise _not_offered() from error
    except SignerUnavailable as error:
        raise Problem(
            NO_RECEIPT,
            "The decision was made and written down, but the signing key does not answer. Try again in a few "
            "seconds, or ask without a receipt.",
            "判定已作出并已记录，但签名密钥无响应。请数秒后重试，或不要求回执。",
        ) from error
    except UnusableEntry as error:
        raise Problem(
            TOO_LARGE,
            "The path found is too long to be written down. Send only the certificates that are needed.",
            "所得证书路径过长，无法记入日志。请只提交所需的证书。",
        ) from error
    except (StoreUnavailable, StoreDamaged) as error:
        raise Problem(
            LOG_AWAY,
            "No decision is given out that is not in the log. Try again in a few seconds.",
            "未写入日志的判定不予答复，请数秒后重试。",
        ) from error


def _not_offered() -> Problem:
    return Problem(
        NOT_OFFERED,
        "Ask without a receipt, or have the operator set up a log and a key (docs/receipts.md).",
        "请不要求回执，或请运维方配置日志与密钥（docs/receipts.md）。",
    )
