"""Trust domains as policies/domains/*.yaml define them.

An anchor is pinned by SHA-256 in the domain's file; the certificate itself lies under an anchor
directory under any file name. A file that no pin names is never trusted; a pin without its file trusts
nothing yet and is reported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ca_bridge.adapters.policy_schema import schema_problems
from ca_bridge.adapters.yaml_document import PolicyFileError, YamlDocument, read_yaml
from ca_bridge.core.request import ANY_POLICY, Parameters, Purpose, RevocationRule
from ca_bridge.services.policy_report import DocumentProblem, PolicyProblem
from ca_bridge.services.recognition_reading import DocumentKind, Place
from ca_bridge.services.recognition_reading.domain_meaning import anchor_problems, profile_problems
from ca_bridge.services.recognition_reading.meaning import name_problems


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedAnchor:
    """One row of a domain's anchors."""

    sha256: str
    name: str
    enforce_validity: bool
    enforce_constraints: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainDefinition:
    """One domain file, read and checked; nothing of it is compiled yet.

    ``trust_lists``: those whose entries the domain relies on; ``cross_certification``: whether it relies
    on paths from its anchors too.
    """

    name: str
    title_zh: str
    title_en: str
    anchors: tuple[PinnedAnchor, ...]
    certificates: tuple[str, ...]
    purposes: frozenset[Purpose]
    parameters: Parameters
    document: YamlDocument
    trust_lists: tuple[str, ...] = ()
    cross_certification: bool = True


def read_domain(path: Path, schema: Mapping[str, Any], profiles: frozenset[str]) -> DomainDefinition:
    """The definition in one file; PolicyFileError with every problem's line when it is wrong."""
    document = read_yaml(path)
    problems = schema_problems(document, schema) or tuple(_meaning_problems(document, path, profiles))
    if problems:
        raise PolicyFileError(*problems)
    return definition_of(document)


def _meaning_problems(
    document: YamlDocument, path: Path, profiles: frozenset[str]
) -> Iterator[PolicyProblem]:
    place, data = Place(path.name), document.data
    for problem in (
        *name_problems(place, DocumentKind.DOMAIN, data),
        *profile_problems(place, data, profiles),
        *anchor_problems(place, data),
        *absent_certificates(place, data, path.parent.parent),
    ):
        yield document.problem(problem.path, problem.message_en, problem.message_zh)


def absent_certificates(place: Place, data: Mapping[str, Any], policies: Path) -> Iterator[DocumentProblem]:
    """Files and folders of further certificates that are not in the policies folder."""
    for index, part in enumerate(data.get("certificates", ())):
        if not _is_there(policies / part):
            yield place.at("certificates", index).problem(
                f"{part!r} is not there", f"文件或目录 {part!r} 不存在"
            )


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # of a name longer than the file system takes
        return False


def definition_of(document: YamlDocument) -> DomainDefinition:
    """The definition in a document that was checked."""
    data = document.data
    return DomainDefinition(
        name=data["domain"],
        title_zh=data["title"]["zh"],
        title_en=data["title"]["en"],
        anchors=tuple(
            PinnedAnchor(
                sha256=row["sha256"],
                name=row["name"],
                enforce_validity=row.get("enforce_validity", True),
                enforce_constraints=row.get("enforce_constraints", True),
            )
            for row in data["anchors"]
        ),
        certificates=tuple(data.get("certificates", ())),
        purposes=frozenset(map(Purpose, data.get("purposes", list(Purpose)))),
        parameters=_parameters(data),
        document=document,
        trust_lists=tuple(data.get("trust_lists", ())),
        cross_certification=data.get("cross_certification", True),
    )


def _parameters(data: Mapping[str, Any]) -> Parameters:
    initial = data.get("initial", {})
    return Parameters(
        validation_time=datetime(1970, 1, 1, tzinfo=UTC),  # replaced by each request's own
        revocation=RevocationRule(data.get("revocation", RevocationRule.IF_AVAILABLE)),
        user_initial_policy_set=frozenset(initial.get("user_initial_policy_set", (ANY_POLICY,))),
        initial_explicit_policy=initial.get("explicit_policy", False),
        initial_policy_mapping_inhibit=initial.get("policy_mapping_inhibit", False),
        initial_any_policy_inhibit=initial.get("any_policy_inhibit", False),
        max_path_length=_whole(initial.get("max_path_length")),
        algorithm_profile=data.get("algorithm_profile", "default"),
        sm2_user_ids=tuple(map(_user_id, data.get("sm2_user_ids", ("1234567812345678",)))),
    )


def _whole(number: float | None) -> int | None:
    """A JSON Schema integer may be written 2.0."""
    return None if number is None else int(number)


def _user_id(text: str) -> bytes:
    return bytes.fromhex(text[4:]) if text.startswith("hex:") else text.encode("utf-8")
