"""What counts at an instant: agreements in force, principal CAs that are licensed and not blocked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ca_bridge.core.recognition.agreement import Agreement, AgreementKind, PolicyMapping, RecognitionStatus
from ca_bridge.core.recognition.blocklist import Block, BlockKind
from ca_bridge.core.recognition.domain import PrincipalCa
from ca_bridge.core.recognition.lifecycle import is_within


class Unusable(StrEnum):
    """Why nobody can rely on a principal CA."""

    NOT_PINNED = "not_pinned"
    BLOCKED = "blocked"
    LICENCE = "licence"


@dataclass(frozen=True, slots=True)
class Direction:
    """One way of an agreement: ``issuer_domain`` relies on ``subject_domain`` by ``mappings``."""

    agreement: Agreement
    issuer_domain: str
    subject_domain: str
    mappings: tuple[PolicyMapping, ...]


def in_force(agreement: Agreement, at: datetime) -> bool:
    """Whether the agreement accepts anything at ``at``."""
    active = agreement.status is RecognitionStatus.ACTIVE
    return active and is_within(at, agreement.effective_from, agreement.effective_until)


def directions(agreement: Agreement) -> Iterator[Direction]:
    """The one or two ways in which the agreement makes a domain rely on another."""
    parties = (agreement.issuer_domain, agreement.subject_domain)
    yield Direction(agreement, *parties, agreement.mappings)
    if agreement.kind is AgreementKind.MUTUAL:
        yield Direction(agreement, *parties[::-1], agreement.reverse_mappings)


def blocks_in_force(blocks: tuple[Block, ...], at: datetime) -> frozenset[tuple[BlockKind, str]]:
    """What is blocked at ``at``: (kind, value)."""
    return frozenset(
        (block.kind, block.value)
        for block in blocks
        if is_within(at, block.effective_from, block.effective_until)
    )


def unusable(
    authority: PrincipalCa, blocked: frozenset[tuple[BlockKind, str]], at: datetime
) -> Unusable | None:
    """Why nobody can rely on the authority at ``at``; None = one of its pins is good and it is licensed."""
    if not (authority.keys or authority.certificates):
        return Unusable.NOT_PINNED
    good_key = any(
        (BlockKind.CA, k) not in blocked and (BlockKind.KEY, k) not in blocked for k in authority.keys
    )
    if not good_key and all((BlockKind.CERTIFICATE, c) in blocked for c in authority.certificates):
        return Unusable.BLOCKED
    licence = authority.licence
    licensed = licence is None or is_within(at, licence.not_before, licence.not_after)
    return None if licensed else Unusable.LICENCE
