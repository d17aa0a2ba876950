"""Services of a trust list as ETSI TS 119 612 says them: a status, since when, and what was before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

_V2 = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"
_V1 = "http://uri.etsi.org/TrstSvc/eSigDir-1999-93-EC-TrustedList/Svcstatus/"
RECOGNISED_NATIONALLY = f"{_V2}recognisedatnationallevel"
DEPRECATED_NATIONALLY = f"{_V2}deprecatedatnationallevel"
GRANTED = f"{_V2}granted"
WITHDRAWN = f"{_V2}withdrawn"
_V2_RECOGNISED = ("granted", "recognisedatnationallevel")
_UNTIL_2016 = ("undersupervision", "supervisionincessation", "accredited", "setbynationallaw")
_RECOGNISED = frozenset(
    [f"{_V2}{name}" for name in (*_V2_RECOGNISED, *_UNTIL_2016)] + [f"{_V1}{name}" for name in _UNTIL_2016]
)
ISSUING_CA = "http://uri.etsi.org/TrstSvc/Svctype/CA/PKC"

MultilingualText = tuple[tuple[str, str], ...]
"""(language, text) in the order of the list."""


class ServiceStanding(StrEnum):
    """What a list says of a service at a time; only RECOGNISED accepts anything."""

    RECOGNISED = "recognised"
    NOT_RECOGNISED = "not_recognised"
    NOT_LISTED = "not_listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePeriod:
    """What held from ``since`` until the next period; ``certificates`` are SHA-256, lower-case hex."""

    service_type: str
    names: MultilingualText
    certificates: frozenset[str]
    status: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedService:
    """One TSPService; ``history`` is former periods, latest first.

    ``unknown_critical`` names critical extensions that are not understood: such a service is never
    RECOGNISED (TS 119 612 §5.5.9). ``qualifiers`` are the URIs of its information extensions.
    """

    provider: MultilingualText
    current: ServicePeriod
    history: tuple[ServicePeriod, ...] = ()
    qualifiers: tuple[str, ...] = ()
    unknown_critical: tuple[str, ...] = ()

    def period_at(self, instant: datetime) -> ServicePeriod | None:
        """The period in force at ``instant``; None before the first."""
        begun = [period for period in (self.current, *self.history) if period.since <= instant]
        return max(begun, key=lambda period: period.since, default=None)

    def status_at(self, instant: datetime) -> ServiceStanding:
        """What the list says at ``instant``; a status that is not known recognises nothing."""
        period = self.period_at(instant)
        if period is None:
            return ServiceStanding.NOT_LISTED
        recognised = period.status in _RECOGNISED and not self.unknown_critical
        return ServiceStanding.RECOGNISED if recognised else ServiceStanding.NOT_RECOGNISED
