"""Whether a registered key is that of its ceremony: what the register says, against what the key signed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ca_bridge.services.key_management.model import KeyAction, KeyTranscript, RegisteredKey, key_id_of
from ca_bridge.services.key_management.transcript import key_fields

Verify = Callable[[RegisteredKey, bytes, bytes], bool]
"""Whether the signature (third) over the message (second) is that of the key."""
_FIXED = ("key_id", "use", "kind", "algorithm", "uri", "spki", "custody", "ceremony")


def doubt_of(key: RegisteredKey, transcript: KeyTranscript | None, verify: Verify) -> str:
    """Why ``transcript`` does not vouch for ``key``, in one line; "" when it does.

    It must be signed by the key and name it with all that never changes in its life.
    """
    if transcript is None:
        return "there is no transcript of its ceremony"
    text = transcript.text.encode()
    own = [one.signature for one in transcript.signatures if one.key_id == key.key_id]
    if not any(verify(key, text, signature) for signature in own):
        return "the transcript of its ceremony is not signed by it"
    said, stands = _key_of(transcript), key_fields(key)
    differing = [name for name in _FIXED if said.get(name) != stands[name]]
    if differing or key.key_id != key_id_of(key.use, key.spki):
        return f"the transcript of its ceremony says otherwise: {', '.join(differing) or 'key_id'}"
    return ""


def _key_of(transcript: KeyTranscript) -> dict[str, Any]:
    """The key as it was made, by the transcript of its making; empty when that is none."""
    try:
        data = json.loads(transcript.text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(data, dict) or data.get("action") != KeyAction.CEREMONY.value:
        return {}
    found = data.get("key")
    return found if isinstance(found, dict) else {}
