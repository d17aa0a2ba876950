"""Policy documents read into the values of recognition, and what is wrong with them in meaning."""

from ca_bridge.services.policy_report import DocumentProblem
from ca_bridge.services.recognition_reading.kinds import DocumentKind, kind_of
from ca_bridge.services.recognition_reading.meaning import meaning_problems
from ca_bridge.services.recognition_reading.places import Place
from ca_bridge.services.recognition_reading.values import UnreadableDocument, read_policy

__all__ = [
    "DocumentKind",
    "DocumentProblem",
    "Place",
    "UnreadableDocument",
    "kind_of",
    "meaning_problems",
    "read_policy",
]
