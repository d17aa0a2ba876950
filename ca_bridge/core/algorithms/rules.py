"""Which algorithms and keys are acceptable under which profile, and until when, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from ca_bridge.core.algorithms.keys import LoadedKey
from ca_bridge.core.algorithms.registry import SignatureAlgorithm


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureRule:
    """A signature algorithm acceptable before ``end`` (None: no end set); ``source``: who says so."""

    scheme: str
    hash_name: str
    end: datetime | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRule:
    """Keys of ``kind`` and size acceptable before ``end`` (None: no end set)."""

    kind: str
    min_bits: int
    max_bits: int
    end: datetime | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRules:
    """The rows of one profile. What no row names is not acceptable."""

    signatures: tuple[SignatureRule, ...]
    keys: tuple[KeyRule, ...]

    def signature_rule(self, algorithm: SignatureAlgorithm) -> SignatureRule | None:
        """The row that names ``algorithm``."""
        wanted = (algorithm.scheme, algorithm.hash_name)
        return next((rule for rule in self.signatures if (rule.scheme, rule.hash_name) == wanted), None)

    def key_rule(self, key: LoadedKey) -> KeyRule | None:
        """The row that names the kind and size of ``key``."""
        fitting = (r for r in self.keys if r.kind == key.kind and r.min_bits <= key.bits <= r.max_bits)
        return next(fitting, None)

    def key_sizes(self, kind: str) -> tuple[int, int] | None:
        """Least and greatest size in bits of keys of ``kind``; None when no row names the kind."""
        rows = [rule for rule in self.keys if rule.kind == kind]
        return (min(r.min_bits for r in rows), max(r.max_bits for r in rows)) if rows else None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlgorithmRules:
    """The whole table, policies/algorithms.yaml. An unknown profile accepts nothing."""

    profiles: Mapping[str, ProfileRules]

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> AlgorithmRules:
        """The table from plain data that satisfies policies/schema/algorithms.schema.json.

        ``until`` is the last day, in UTC, on which a row holds ("YYYY-MM-DD"); a day that is none
        raises ValueError.
        """
        return cls(profiles={name: _profile(rows) for name, rows in data["profiles"].items()})

    def profile(self, name: str) -> ProfileRules:
        """Rows of the profile ``name``."""
        return self.profiles.get(name, _NOTHING)


_NOTHING = ProfileRules(signatures=(), keys=())


def _profile(rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> ProfileRules:
    return ProfileRules(
        signatures=tuple(
            SignatureRule(
                scheme=row["scheme"], hash_name=row.get("hash", ""), end=_end(row), source=row["source"]
            )
            for row in rows["signatures"]
        ),
        keys=tuple(
            KeyRule(
                kind=row["type"],
                min_bits=row["min_bits"],
                max_bits=row["max_bits"],
                end=_end(row),
                source=row["source"],
            )
            for row in rows["keys"]
        ),
    )


def _end(row: Mapping[str, Any]) -> datetime | None:
    """First instant after the last day of ``row``; None when it has none."""
    until = row.get("until")
    if until is None:
        return None
    last_day = date.fromisoformat(until)
    return datetime(last_day.year, last_day.month, last_day.day, tzinfo=UTC) + timedelta(days=1)
