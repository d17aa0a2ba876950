"""Recognition that says nothing: for domains whose anchors are trusted as they are."""

from __future__ import annotations

from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.recognition.rules import compile_policy, rules_of
from ca_bridge.core.verdict import TrustModel
from ca_bridge.services.policy_documents import ReleaseId

RELEASE = ReleaseId(number=0, sha256="0" * 64)
NO_RULES = rules_of(compile_policy(RecognitionPolicy()), "d", TrustModel.CROSS_CERTIFICATION)
