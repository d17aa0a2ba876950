"""What the services need from outside: the clock, the trust domains, the self-diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.request import Parameters, Purpose
from ca_bridge.services.policy_documents import ReleaseId


class Clock(Protocol):
    """The time of day."""

    def now(self) -> datetime:
        """Now, aware, in UTC."""
        ...


class EvidenceSource(Protocol):
    """Where evidence comes from beside the caller. What cannot be had is left out, never an error."""

    def gather(self, certificate: bytes, supplied: Evidence) -> Evidence:
        """``supplied``, and whatever more could be had for judging ``certificate`` (DER)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTrust:
    """What a domain trusts by trust lists: their anchors and known CAs, and the rules to judge by."""

    trust: TrustSnapshot
    rules: RecognitionRules


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainSnapshot:
    """One trust domain compiled for use, of one release.

    ``base`` holds the domain's own parameters; its validation_time means nothing. ``purposes``
    are what the domain vouches for. ``trust`` are its own anchors; ``listed`` those that the trust lists it
    relies on name, None when it relies on none.
    """

    name: str
    title_zh: str
    title_en: str
    trust: TrustSnapshot
    base: Parameters
    release: ReleaseId
    rules: RecognitionRules
    listed: ListedTrust | None = None
    cross_certification: bool = True
    purposes: frozenset[Purpose] = frozenset(Purpose)


class DomainSource(Protocol):
    """The configured trust domains. Between two calls another release may have come into force."""

    def current(self) -> DomainSource:
        """The domains in force now, and of one release: for whoever asks more than once."""
        ...

    def names(self) -> tuple[str, ...]:
        """Names of all domains, sorted."""
        ...

    def snapshot(self, name: str) -> DomainSnapshot:
        """The domain of this name; raises UnknownDomain."""
        ...

    def missing(self, name: str) -> tuple[object, ...]:
        """Anchors that the domain pins and nobody has imported."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check of the gateway upon itself; ``name`` is stable, the details are for people.

    ``facts`` are what programs look at: names and values, the same at every call for one check. Without
    what is not ``needed`` verdicts can be given still, but not everything that goes with them.
    """

    name: str
    passed: bool
    detail_en: str
    detail_zh: str
    facts: tuple[tuple[str, str | int], ...] = ()
    needed: bool = True


class Diagnosis(Protocol):
    """Checks of what the gateway stands on: engines, policy files, anchors."""

    def __call__(self) -> tuple[Check, ...]:
        """All checks, in a fixed order; never raises."""
        ...
