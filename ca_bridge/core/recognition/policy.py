"""RecognitionPolicy: everything that was agreed and published, as one immutable value."""

from __future__ import annotations

from dataclasses import dataclass

from ca_bridge.core.recognition.agreement import Agreement
from ca_bridge.core.recognition.blocklist import Block
from ca_bridge.core.recognition.domain import PkiDomain
from ca_bridge.core.recognition.trust_list import TrustList


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognitionPolicy:
    """Domains, agreements, trust lists and blocks of one release; identifiers are unique in each."""

    domains: tuple[PkiDomain, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    trust_lists: tuple[TrustList, ...] = ()
    blocks: tuple[Block, ...] = ()
