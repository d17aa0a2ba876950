"""Words the command line says in both languages: (zh, en)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ca_bridge.core.reasons.model import Actor, Indication
from ca_bridge.core.verdict import RevocationStatus

Words = tuple[str, str]

ACTORS: Mapping[Actor, Words] = MappingProxyType(
    {
        Actor.CALLER: ("提交方（您）", "whoever sent this (you)"),
        Actor.HOLDER: ("证书持有人", "the holder of the certificate"),
        Actor.CA: ("签发该证书或证据的 CA", "the CA that issued it"),
        Actor.OPERATOR: ("本网关的运营者", "the operator of this gateway"),
    }
)
INDICATIONS: Mapping[Indication, tuple[str, str, Words]] = MappingProxyType(
    {
        Indication.TOTAL_PASSED: ("✔", "bold green", ("可以信赖", "Can be relied on")),
        Indication.TOTAL_FAILED: ("✘", "bold red", ("不可信赖", "Not to be relied on")),
        Indication.INDETERMINATE: (
            "?",
            "bold yellow",
            ("无法确认：请勿信赖", "Could not be confirmed: do not rely on it"),
        ),
    }
)
STATUSES: Mapping[RevocationStatus, Words] = MappingProxyType(
    {
        RevocationStatus.GOOD: ("未吊销", "not revoked"),
        RevocationStatus.REVOKED: ("已吊销", "revoked"),
        RevocationStatus.UNKNOWN: ("吊销状态未知", "revocation unknown"),
        RevocationStatus.NOT_CHECKED: ("未查吊销", "revocation not checked"),
    }
)
