"""PKI domains and their principal CAs (RFC 5217 §3), and the assurance levels a domain grades policies by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """A CA's licence to provide certification services; ``not_after`` None = no end is known.

    The end is exclusive: at ``not_after`` the licence has run out.
    """

    number: str
    not_before: datetime
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrincipalCa:
    """A CA that speaks for its domain (RFC 5217 §3.1), known by its keys and never by its name.

    ``certificates``: SHA-256 of certificates, ``keys``: SHA-256 of SubjectPublicKeyInfo DER; lower-case hex.
    """

    identifier: str
    title_zh: str
    title_en: str
    certificates: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    regulator: str = ""
    licence: Licence | None = None
    cps: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AssuranceScale:
    """Levels of one scheme, lowest first; levels of different scales are never compared."""

    name: str
    levels: tuple[str, ...]

    def rank(self, level: str) -> int:
        """Place of ``level`` on the scale, 0 = lowest; -1 when it is none of this scale."""
        return self.levels.index(level) if level in self.levels else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyLevel:
    """A certificate policy of the domain and the level its CPS grades it at."""

    policy: str
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PkiDomain:
    """A set of PKIs under one authority (RFC 5217 §3.2); ``jurisdiction`` is "CN-44", "HK", "MO", ...

    ``bridge``: its CA is a bridge between domains (RFC 5217 §4.3.3): recognition through it is meant.
    """

    name: str
    title_zh: str
    title_en: str
    jurisdiction: str
    scale: AssuranceScale
    policies: tuple[PolicyLevel, ...] = ()
    authorities: tuple[PrincipalCa, ...] = ()
    bridge: bool = False

    def levels_of(self, policy: str) -> tuple[str, ...]:
        """Levels the domain gives to ``policy``; more than one is a conflict that linting reports."""
        return tuple(row.level for row in self.policies if row.policy == policy)
