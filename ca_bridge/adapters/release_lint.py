"""The lint of a release: its documents like a folder's, and whether this gateway can put them into force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ca_bridge.adapters.domain_files import absent_certificates
from ca_bridge.adapters.recognition_files import check_documents
from ca_bridge.adapters.release_domains import ReleaseCompiler
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.services.policy_documents import PolicyDocuments, ReleaseId
from ca_bridge.services.policy_report import DocumentProblem
from ca_bridge.services.recognition_reading import DocumentKind, Place
from ca_bridge.services.recognition_reading.kinds import of_kind
from ca_bridge.services.release_errors import PolicyProblem


class ReleaseLint:
    """A Lint: schemas of ``schemas``, and certificates where ``compiler`` has them."""

    def __init__(self, schemas: Path, compiler: ReleaseCompiler) -> None:
        self._schemas = schemas
        self._compiler = compiler

    def __call__(self, documents: Mapping[str, Any]) -> tuple[PolicyProblem, ...]:
        """Every mistake; what is right by itself is compiled, since it would be when it comes into force."""
        problems = check_documents(documents, self._schemas) or tuple(self._absent(documents))
        if problems:
            return tuple(_told(problem) for problem in problems)
        return tuple(self._uncompilable(PolicyDocuments.from_data(documents)))

    def _absent(self, documents: Mapping[str, Any]) -> Iterator[DocumentProblem]:
        for name, domain in of_kind(documents, DocumentKind.DOMAIN):
            yield from absent_certificates(Place(name), domain, self._compiler.shelf.policies)

    def _uncompilable(self, documents: PolicyDocuments) -> Iterator[PolicyProblem]:
        try:
            self._compiler.compile(ReleaseId(0, documents.sha256), documents)
        except PolicyFileError as error:
            for p in error.problems:
                yield PolicyProblem(file=p.file, message_en=p.message_en, message_zh=p.message_zh)


def _told(problem: DocumentProblem) -> PolicyProblem:
    return PolicyProblem(file=problem.place, message_en=problem.message_en, message_zh=problem.message_zh)
