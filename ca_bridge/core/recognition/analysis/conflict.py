"""A conflict: what contradicts itself in a policy, where, and a counter-example."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ca_bridge.core.recognition.analysis.facts import CrossCertificate
from ca_bridge.core.recognition.analysis.graph import Step


class ConflictKind(StrEnum):
    """Kinds of conflicts; stable for ever."""

    MAPPING_CYCLE_RAISES_LEVEL = "mapping_cycle_raises_level"
    LEVEL_RAISED_BY_MAPPING = "level_raised_by_mapping"
    TRANSITIVE_TRUST = "transitive_trust"
    DEAD_MAPPING = "dead_mapping"
    MAPPING_INHIBITED = "mapping_inhibited"
    POLICY_AT_TWO_LEVELS = "policy_at_two_levels"
    SCALES_DISAGREE = "scales_disagree"
    MAPPING_LEVEL_ABOVE_POLICY = "mapping_level_above_policy"
    AGREEMENTS_OVERLAP_DISAGREE = "agreements_overlap_disagree"
    UNREACHABLE_ANCHOR = "unreachable_anchor"
    NO_USABLE_AUTHORITY = "no_usable_authority"
    MUTUAL_ONE_SIDED = "mutual_one_sided"
    AGREEMENT_ALLOWS_NOTHING = "agreement_allows_nothing"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConflictRow:
    """One row of the table: a cause of a kind, in both languages; messages use exactly ``params``."""

    kind: ConflictKind
    cause: str
    message_en: str
    message_zh: str
    remedy_en: str
    remedy_zh: str
    params: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """``where``: agreements and domains to look at. ``witness``: the walk that shows it, issuer first.

    ``certificates``: the cross-certificates that show it, from the inhibiting one to the one inhibited.
    A conflict about what is written in one place has no walk; its parameters are the counter-example.
    """

    row: ConflictRow
    where: tuple[str, ...]
    params: tuple[tuple[str, str], ...]
    witness: tuple[Step, ...] = ()
    certificates: tuple[CrossCertificate, ...] = ()

    @property
    def kind(self) -> ConflictKind:
        """The kind of the row."""
        return self.row.kind
