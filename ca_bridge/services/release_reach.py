"""What a release does to the matrix of who reaches whom, beside what is in force."""

from __future__ import annotations

from typing import Any

from ca_bridge.services.manage_recognition.times import rfc3339
from ca_bridge.services.recognition_analysis import matrix_diff_data
from ca_bridge.services.release_desk import InForce, ReleaseDesk
from ca_bridge.services.simulation import analysed_documents


def reach_data(desk: ReleaseDesk, number: int, against: int | None) -> dict[str, Any] | None:
    """The cells that change, from release ``against`` (None = what is in force now, 0 = the policies folder).

    Looked at when the release comes into force; None when one of the two was never linted, for only what
    is known to have the right form can be read.
    """
    now = desk.releases.clock.now()
    after = desk.numbered(number)
    before = desk.in_force(now) if against is None else desk.numbered(against)
    if not (_linted(before) and _linted(after)):
        return None
    start = after.release.effective_from if after.release else None
    at = now if start is None else max(now, start)
    changes = matrix_diff_data(
        analysed_documents(before.documents(), at), analysed_documents(after.documents(), at)
    )["changes"]
    return {
        "before": str(before.identity),
        "after": str(after.identity),
        "at": rfc3339(at),
        "changes": changes,
    }


def _linted(content: InForce) -> bool:
    release = content.release
    return release is None or release.linted_sha256 == release.content_sha256
