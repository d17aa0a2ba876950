"""What is wrong with policy files, in words and with its place; and the report of a whole check."""

from __future__ import annotations

from dataclasses import dataclass

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyProblem:
    """One thing wrong in a policy file: where it is and what, in both languages."""

    file: str
    line: int
    message_en: str
    message_zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentProblem:
    """One thing wrong in a policy document, a file or not: ``path`` is its keys and indexes (from 0)."""

    document: str
    path: KeyPath = ()
    message_en: str
    message_zh: str

    @property
    def place(self) -> str:
        """Document and path as people write them: "blocklist.yaml: blocks.0.value"."""
        return f"{self.document}: {'.'.join(map(str, self.path))}" if self.path else self.document


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyReport:
    """All problems of a policies folder, and what is pinned but not imported (domain, SHA-256, name).

    ``absent_default`` is the configured default domain when the folder has no such domain.
    """

    domains: int
    problems: tuple[PolicyProblem, ...]
    missing_anchors: tuple[tuple[str, str, str], ...] = ()
    absent_default: str = ""
