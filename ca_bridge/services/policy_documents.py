"""The documents of a policies folder as plain data, hashed: what a release is made of, wherever it lies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class ReleaseId:
    """Which release: its number (0 = the policies folder as it lies) and its content's SHA-256."""

    number: int
    sha256: str

    def __str__(self) -> str:
        """As every answer shows it: "12:" and 64 hexadecimal digits."""
        return f"{self.number}:{self.sha256}"


def canonical_json(data: Any) -> str:
    """One text for one value: keys sorted, no spaces; RFC 8785 but for floating-point numbers."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True)
class PolicyDocuments:
    """(name, canonical JSON) of each document, by name; a name is "domains/hong-kong.yaml" and the like."""

    documents: tuple[tuple[str, str], ...]

    @classmethod
    def from_data(cls, documents: Mapping[str, Any]) -> PolicyDocuments:
        """The documents of ``documents``: plain data by name."""
        return cls(tuple((name, canonical_json(documents[name])) for name in sorted(documents)))

    def data(self) -> dict[str, Any]:
        """Plain data by name, read anew at each call."""
        return {name: json.loads(text) for name, text in self.documents}

    @property
    def sha256(self) -> str:
        """SHA-256, lower-case hex, of the canonical JSON of all documents by name."""
        content = ",".join(f"{json.dumps(name, ensure_ascii=False)}:{text}" for name, text in self.documents)
        return sha256(f"{{{content}}}".encode()).hexdigest()
