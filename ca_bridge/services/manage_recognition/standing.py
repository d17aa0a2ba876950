"""Which approved release is in force at an instant, and what that makes of the others."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from ca_bridge.services.manage_recognition.model import Release, ReleaseState


def state_at(release: Release, approved: Iterable[Release], instant: datetime) -> ReleaseState:
    """State of ``release`` at ``instant``, given all approved releases.

    An approved one is EFFECTIVE while it is the latest whose effective time has come; then SUPERSEDED, or
    ROLLED_BACK when a release in force by then went back to before it.
    """
    start = release.effective_from
    if release.state is not ReleaseState.APPROVED or start is None or start > instant:
        return release.state
    begun = {r.number: r for r in approved if r.effective_from is not None and r.effective_from <= instant}
    starts = {number: other.effective_from for number, other in begun.items() if other.effective_from}
    later = [r for r in begun.values() if starts[r.number] > start]
    if not later:
        return ReleaseState.EFFECTIVE
    taken_back = any(starts.get(r.rolls_back_to or 0, start) < start for r in later)
    return ReleaseState.ROLLED_BACK if taken_back else ReleaseState.SUPERSEDED
