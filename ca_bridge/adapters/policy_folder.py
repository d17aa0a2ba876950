"""A whole policies folder: every document read, checked together, and told of by file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ca_bridge.adapters.domain_files import absent_certificates
from ca_bridge.adapters.recognition_files import MAX_DOCUMENTS, check_documents
from ca_bridge.adapters.yaml_document import PolicyFileError, YamlDocument, read_yaml
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.policy_report import PolicyProblem, PolicyReport
from ca_bridge.services.recognition_reading import DocumentKind, Place, read_policy
from ca_bridge.services.recognition_reading.kinds import FOLDERS, of_kind

_SUFFIXES = frozenset({".yaml", ".yml"})
_ALGORITHMS = "algorithms.yaml"


def read_policy_folder(
    folder: Path, schemas: Path | None = None
) -> tuple[PolicyDocuments, RecognitionPolicy]:
    """The documents in ``folder`` and what they say of recognition; ``schemas`` None = those beside them.

    PolicyFileError with every problem of every file, by file and line, when anything is wrong.
    """
    data = _checked(folder, schemas)
    return PolicyDocuments.from_data(data), read_policy(data)


def lint_folder(folder: Path) -> PolicyReport:
    """Every problem of every file in ``folder``, or how many domains it holds."""
    try:
        data = _checked(folder)
    except PolicyFileError as error:
        return PolicyReport(domains=0, problems=error.problems)
    return PolicyReport(domains=sum(1 for _ in of_kind(data, DocumentKind.DOMAIN)), problems=())


def _checked(folder: Path, schemas: Path | None = None) -> dict[str, Any]:
    documents, problems = _read(folder)
    data = {name: document.data for name, document in documents.items()}
    wrong = check_documents(data, schemas or folder / "schema", unread={p.file for p in problems})
    refused = {problem.document for problem in wrong}
    for name, domain in of_kind({n: d for n, d in data.items() if n not in refused}, DocumentKind.DOMAIN):
        wrong += tuple(absent_certificates(Place(name), domain, folder))
    problems += (documents[p.document].problem(p.path, p.message_en, p.message_zh) for p in wrong)
    if problems:
        raise PolicyFileError(*sorted(problems, key=lambda p: (p.file, p.line, p.message_en)))
    return data


def _read(folder: Path) -> tuple[dict[str, YamlDocument], list[PolicyProblem]]:
    """The documents by name; what is not YAML is told of and left out."""
    documents: dict[str, YamlDocument] = {}
    problems: list[PolicyProblem] = []
    for name in _names(folder):
        try:
            documents[name] = read_yaml(folder / name, shown_as=name)
        except PolicyFileError as error:
            problems.extend(error.problems)
    return documents, problems


def _names(folder: Path) -> tuple[str, ...]:
    """Names of all YAML files where documents can lie; the algorithm table even when it is missing."""
    found = {_ALGORITHMS}
    for part in ("", *FOLDERS):
        inside = sorted((folder / part).glob("*"))
        found |= {path.relative_to(folder).as_posix() for path in inside if path.suffix.lower() in _SUFFIXES}
    if len(found) > MAX_DOCUMENTS:
        raise PolicyFileError(
            PolicyProblem(
                file=".",
                line=1,
                message_en=f"holds more than {MAX_DOCUMENTS} documents",
                message_zh=f"文件超过 {MAX_DOCUMENTS} 份",
            )
        )
    return tuple(sorted(found))
