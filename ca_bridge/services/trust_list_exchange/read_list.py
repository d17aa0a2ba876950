"""A published list as it was read, whosever it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ca_bridge.core.recognition.trust_list import TrustList
from ca_bridge.services.trust_list_exchange.errors import ExchangeCode, TrustListRefused
from ca_bridge.services.trust_list_exchange.listed_service import ListedService, MultilingualText


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadList:
    """A list as read: what its scheme says of itself, and its services.

    ``trust_list`` is None for another scheme's list, which has no recognition conditions; ``lacking``
    names the first place where they are missing. ``pointers`` are the locations of other lists.
    """

    scheme_operator: MultilingualText
    scheme_name: MultilingualText
    territory: str
    sequence_number: int
    issued: datetime
    next_update: datetime | None
    pointers: tuple[str, ...]
    services: tuple[ListedService, ...]
    trust_list: TrustList | None = None
    lacking: str = ""

    def with_conditions(self) -> TrustList:
        """The list to import; TrustListRefused (NO_RECOGNITION_CONDITIONS) for another scheme's."""
        if self.trust_list is None:
            raise TrustListRefused(ExchangeCode.NO_RECOGNITION_CONDITIONS, element=self.lacking)
        return self.trust_list
