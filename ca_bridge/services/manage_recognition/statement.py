"""What a person signs when taking a step: the statement, as canonical JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from ca_bridge.services.manage_recognition.model import Action
from ca_bridge.services.manage_recognition.times import rfc3339
from ca_bridge.services.policy_documents import canonical_json

NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One step as signed: what is done, to which version of what content, to take effect when.

    ``release`` and ``version`` are 0 where there is none yet; ``base`` is 0 or the release changed from,
    and for a rollback the release gone back to. ``note`` is what rejection or draft says.
    """

    action: Action
    release: int
    version: int
    content_sha256: str
    base: int
    effective_from: datetime | None
    note: str = ""

    def signed_by(self, account: str, nonce: str) -> bytes:
        """The bytes to be signed; no two steps give the same, for the nonce may be used once."""
        when = self.effective_from
        data = {
            "ca_bridge_statement": 1,
            "action": self.action.value,
            "release": self.release,
            "version": self.version,
            "content_sha256": self.content_sha256,
            "base": self.base,
            "effective_from": None if when is None else rfc3339(when),
            "note": self.note,
            "account": account,
            "nonce": nonce,
        }
        # What was asked may hold anything; whether it can be is judged when the step is planned.
        return canonical_json(data).encode("utf-8", "surrogatepass")
