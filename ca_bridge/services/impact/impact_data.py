"""An impact as plain data: fingerprints, names of CAs, labels and codes; nothing of any holder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ca_bridge.services.impact.comparison import Authority, Compared, Flips, Impact
from ca_bridge.services.impact.record_data import outcome_data


def impact_data(impact: Impact) -> dict[str, Any]:
    """Everything the impact says, in a fixed order."""
    return {
        "requests": impact.requests,
        "flips": impact.flips,
        "changes": {kind.value: count for kind, count in impact.changes.items()},
        "not_replayable": {cause.value: count for cause, count in impact.not_replayable.items()},
        "unreadable": impact.unreadable,
        "drifted": impact.drifted,
        "by_authority": [{**_authority(a), **_flips(f)} for a, f in impact.by_authority],
        "by_site": _labelled("site", impact.by_site),
        "by_purpose": _labelled("purpose", impact.by_purpose),
        "by_reason": _labelled("reason", impact.by_reason),
        "most_affected": [
            {**_authority(a), "site": site, **_flips(f)} for (a, site), f in impact.most_affected
        ],
        "samples": [sample_data(sample) for sample in impact.samples],
    }


def sample_data(sample: Compared) -> dict[str, Any]:
    """One request with both answers."""
    return {
        "target": sample.target,
        **_authority(sample.authority),
        "site": sample.site,
        "domain": sample.domain,
        "purpose": sample.purpose,
        "change": sample.change.value,
        "live": outcome_data(sample.live),
        "draft": outcome_data(sample.draft),
    }


def _authority(authority: Authority) -> dict[str, str]:
    return {"authority": authority.name, "authority_sha256": authority.fingerprint}


def _flips(flips: Flips) -> dict[str, int]:
    return {
        "requests": flips.requests,
        "to_refused": flips.to_refused,
        "to_passed": flips.to_passed,
        "otherwise": flips.otherwise,
    }


def _labelled(name: str, rows: Iterable[tuple[str, Flips]]) -> list[dict[str, Any]]:
    return [{name: label, **_flips(flips)} for label, flips in rows]
