"""What a profile says of one algorithm or key, apart from the time asked about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ca_bridge.core.algorithms.fault import fault
from ca_bridge.core.algorithms.keys import LoadedKey
from ca_bridge.core.algorithms.registry import SignatureAlgorithm
from ca_bridge.core.algorithms.rules import ProfileRules
from ca_bridge.core.reasons import algorithm_keys, algorithms
from ca_bridge.core.verdict import Finding


@dataclass(frozen=True, slots=True)
class Acceptance:
    """``finding`` holds from ``end`` on; always when ``end`` is None; never when there is no finding."""

    finding: Finding | None
    end: datetime | None = None

    def at(self, time: datetime) -> Finding | None:
        """What stands against it at ``time``."""
        return None if self.end is not None and time < self.end else self.finding


def accept_signature(algorithm: SignatureAlgorithm, rules: ProfileRules, profile: str) -> Acceptance:
    """Whether ``rules``, those of ``profile``, accept ``algorithm``, and until when."""
    rule = rules.signature_rule(algorithm)
    if rule is None:
        return Acceptance(
            fault(algorithms.SIGNATURE_ALGORITHM_NOT_ACCEPTABLE, algorithm=algorithm.name, profile=profile)
        )
    if rule.end is None:
        return Acceptance(None)
    return Acceptance(
        fault(
            algorithms.SIGNATURE_ALGORITHM_NO_LONGER_ACCEPTABLE,
            algorithm=algorithm.name,
            until=_last_day(rule.end),
            source=rule.source,
        ),
        rule.end,
    )


def accept_key(key: LoadedKey | Finding, rules: ProfileRules, profile: str) -> Acceptance:
    """Whether ``rules``, those of ``profile``, accept ``key``, and until when."""
    if isinstance(key, Finding):
        return Acceptance(key)
    rule = rules.key_rule(key)
    if rule is None:
        return Acceptance(_not_acceptable(key, rules, profile))
    if rule.end is None:
        return Acceptance(None)
    params = {"key": _named(key), "until": _last_day(rule.end), "source": rule.source}
    return Acceptance(fault(algorithm_keys.KEY_NO_LONGER_ACCEPTABLE, **params), rule.end)


def _not_acceptable(key: LoadedKey, rules: ProfileRules, profile: str) -> Finding:
    sizes = rules.key_sizes(key.kind)
    if key.kind == "RSA" and sizes is not None and key.bits < sizes[0]:
        return fault(algorithm_keys.RSA_MODULUS_TOO_SMALL, bits=key.bits, minimum=sizes[0])
    return fault(algorithm_keys.KEY_NOT_ACCEPTABLE, key=_named(key), profile=profile)


def _named(key: LoadedKey) -> str:
    return f"{key.kind} {key.bits}" if key.kind in ("RSA", "DSA") else key.kind


def _last_day(end: datetime) -> str:
    return (end - timedelta(days=1)).date().isoformat()
