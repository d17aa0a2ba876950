"""What a person signs for an act on keys, as canonical JSON."""

from __future__ import annotations

from dataclasses import dataclass

from ca_bridge.services.key_management.model import KeyAction
from ca_bridge.services.policy_documents import canonical_json

_OF_KEYS = (KeyAction.ROTATION, KeyAction.RETIREMENT, KeyAction.CERTIFICATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyStatement:
    """One person's yes to one act at one installation.

    ``subject`` is the plan's SHA-256 for what is planned (and for its abandonment), else the key's name.
    ``certificate_sha256`` is of the certificate that the key is to have, in a CERTIFICATION alone.
    """

    action: KeyAction
    installation: str
    subject: str
    certificate_sha256: str = ""

    def signed_by(self, account: str, nonce: str) -> bytes:
        """The bytes to be signed; no two acts give the same, for a nonce may be used once."""
        about = "key_id" if self.action in _OF_KEYS else "plan_sha256"
        data = {
            "ca_bridge_statement": 1,
            "action": self.action.value,
            "installation": self.installation,
            about: self.subject,
            **({"certificate_sha256": self.certificate_sha256} if self.certificate_sha256 else {}),
            "account": account,
            "nonce": nonce,
        }
        return canonical_json(data).encode("utf-8", "surrogatepass")
