"""The least that vouches for a registered key: a transcript that names it, signed by it."""

from __future__ import annotations

from ca_bridge.services.key_management.model import (
    KeyAction,
    KeyTranscript,
    RegisteredKey,
    TranscriptSignature,
)
from ca_bridge.services.key_management.transcript import key_fields
from ca_bridge.services.policy_documents import canonical_json
from hsm.token import SignatureAlgorithm, Token
from hsm.uri import parse_key_uri


def own_transcript(token: Token, key: RegisteredKey) -> KeyTranscript:
    """For a key that no ceremony made, and which is on ``token``."""
    data = {"action": KeyAction.CEREMONY.value, "key": key_fields(key), "plan_sha256": key.ceremony}
    text = canonical_json(data)
    signature = token.sign(parse_key_uri(key.uri).ref, SignatureAlgorithm(key.algorithm), text.encode())
    own = TranscriptSignature(key_id=key.key_id, algorithm=key.algorithm, signature=signature)
    return KeyTranscript(plan_sha256=key.ceremony, text=text, signatures=(own,))
