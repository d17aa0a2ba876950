"""Trust lists: published entries, each a conjunction with a history (粤府〔2012〕82号)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ca_bridge.core.recognition.agreement import ANYTHING, Conditions, RecognitionStatus


class UndatedHistory(StrEnum):
    """What an operator declared of former authorities whose dates the published page does not give.

    REFUSE: they never count. ACCEPT: they count over the whole recognition interval.
    """

    REFUSE = "refuse"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityPin:
    """A certificate by SHA-256 (lower-case hex); ``name`` is as published, for readers, never matched."""

    sha256: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormerAuthorities:
    """Root and issuing CAs that stood in an entry before: in force from ``since`` until before ``until``.

    A missing end is judged as ``undated`` declares; it is None only where both ends are known.
    """

    roots: tuple[AuthorityPin, ...]
    issuers: tuple[AuthorityPin, ...]
    since: datetime | None = None
    until: datetime | None = None
    undated: UndatedHistory | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustListEntry:
    """One certificate type with recognition status: all five conditions hold, or it is not recognised.

    Recognised from ``recognised_from`` until before ``recognised_until``, under one of ``roots``, issued
    directly by one of ``issuers``, ``type_name`` being an attribute of the subject, with a certificate
    policy below one of ``policy_arcs`` or equal to one of ``policies``.
    """

    identifier: str
    title_zh: str
    title_en: str
    regulator: str
    authority: str
    status: RecognitionStatus
    recognised_from: datetime
    recognised_until: datetime | None = None
    roots: tuple[AuthorityPin, ...]
    issuers: tuple[AuthorityPin, ...]
    type_name: str
    policy_arcs: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    level: str = ""
    history: tuple[FormerAuthorities, ...] = ()
    conditions: Conditions = ANYTHING
    sources: tuple[str, ...] = ()
    confidence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """One side's published list; past ``next_update`` it is stale, None = the publisher promises none.

    ``sequence_number`` grows with every issue; ``territory`` is "HK", "CN-44", "MO" or another.
    """

    identifier: str
    title_zh: str
    title_en: str
    territory: str
    scheme_operator: str
    sequence_number: int
    issued: datetime
    next_update: datetime | None = None
    entries: tuple[TrustListEntry, ...] = ()
