"""Changes for blocks and licences. A blocked key is no one's to free here: it is taken for compromised."""

from __future__ import annotations

from typing import Any

from ca_bridge.core.x509.times import time_text
from ca_bridge.services.minimal_fix import policy_changes as changes
from ca_bridge.services.minimal_fix.edits import Edit, Row, removing, rows_at, setting
from ca_bridge.services.minimal_fix.making import Changes, later, next_midnight, policy_change
from ca_bridge.services.minimal_fix.obstacles import Case
from ca_bridge.services.recognition_reading import DocumentKind
from ca_bridge.services.recognition_reading.kinds import of_kind
from ca_bridge.services.recognition_reading.scalars import time_of


def blocked(case: Case) -> Changes:
    """End the block; one that has only just begun is taken away."""
    for document, data in of_kind(case.data, DocumentKind.BLOCKLIST):
        for block in rows_at(data, "blocks"):
            if block["block"] == case.param("block"):
                yield policy_change(
                    case,
                    changes.BLOCK_LIFTED,
                    _lifting(document, block, case),
                    block=block["block"],
                    publication=block["publication"],
                )


def _lifting(document: str, block: Any, case: Case) -> Edit:
    row = Row("block", block["block"])
    end = case.at.replace(microsecond=0)
    if time_of(block["effective_from"]) < end:
        return setting(document, "blocks", row, "effective_until", value=time_text(end))
    return removing(document, "blocks", row)


def licence_expired(case: Case) -> Changes:
    """The CA renews its licence and the renewal is recorded."""
    until = time_text(next_midnight(case.at))
    authority, licence = case.param("authority"), case.param("licence")
    for document, data in of_kind(case.data, DocumentKind.DOMAIN):
        for row in rows_at(data, "authorities"):
            if row["identifier"] == authority and row.get("licence", {}).get("number") == licence:
                place = Row("identifier", authority)
                edit = setting(document, "authorities", place, "licence", "not_after", value=until)
                yield policy_change(
                    case,
                    changes.LICENCE_RENEWED,
                    edit,
                    authority=authority,
                    licence=licence,
                    until=until,
                )


def licence_not_yet_valid(case: Case) -> Changes:
    """Wait until the licence begins: when it does is a fact, not a choice of the policy."""
    yield from later(case, time_of(case.param("not_before")))
