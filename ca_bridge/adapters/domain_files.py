"""Trust domains from policies/domains/*.yaml and the certificate files they pin.

An anchor is pinned by SHA-256 in the domain's file; the certificate itself lies under an anchor
directory under any file name. A file that no pin names is never trusted; a pin without its file trusts
nothing yet and is reported.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from ca_bridge.adapters.yaml_document import PolicyFileError, YamlDocument, read_yaml
from ca_bridge.core.request import ANY_POLICY, Parameters, Purpose, RevocationRule
from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.policy_report import PolicyProblem

_CERTIFICATE_SUFFIXES = (".der", ".pem", ".crt", ".cer", ".p7b", ".p7c")
_MAX_FILE_BYTES = 8 << 20
_MAX_FILES = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedAnchor:
    """One row of a domain's anchors."""

    sha256: str
    name: str
    enforce_validity: bool
    enforce_constraints: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainDefinition:
    """One domain file, read and checked; nothing of it is compiled yet."""

    name: str
    title_zh: str
    title_en: str
    anchors: tuple[PinnedAnchor, ...]
    certificates: tuple[str, ...]
    purposes: frozenset[Purpose]
    parameters: Parameters
    document: YamlDocument


def read_domain(path: Path, schema: Mapping[str, Any], profiles: frozenset[str]) -> DomainDefinition:
    """The definition in one file; PolicyFileError with every problem's line when it is wrong."""
    document = read_yaml(path)
    problems = list(_schema_problems(document, schema))
    if problems:
        raise PolicyFileError(*problems)
    problems = list(_meaning_problems(document, path, profiles))
    if problems:
        raise PolicyFileError(*problems)
    return _definition(document)


def read_schema(path: Path) -> dict[str, Any]:
    """A JSON Schema of policies/schema."""
    loaded: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return loaded


def _schema_problems(document: YamlDocument, schema: Mapping[str, Any]) -> Iterator[PolicyProblem]:
    errors = Draft202012Validator(schema).iter_errors(document.data)
    for error in sorted(errors, key=lambda e: [str(part) for part in e.absolute_path]):
        where = tuple(error.absolute_path)
        if error.validator == "additionalProperties" and isinstance(error.instance, dict):
            known = set(error.schema.get("properties", {}))
            for key in sorted(set(error.instance) - known, key=str):
                yield document.problem((*where, str(key)), f"unknown key {key!r}", f"未知的键 {key!r}")
        else:
            field = ".".join(map(str, where)) or "the file"
            yield document.problem(
                where, f"{field}: {error.message[:300]}", f"{field}：不符合规则 {error.validator}"
            )


def _meaning_problems(
    document: YamlDocument, path: Path, profiles: frozenset[str]
) -> Iterator[PolicyProblem]:
    data = document.data
    if data["domain"] != path.stem:
        yield document.problem(("domain",), f"must be the file's name, {path.stem!r}", "必须与文件名一致")
    profile = data.get("algorithm_profile", "default")
    if profile == "legacy" or profile not in profiles:
        allowed = ", ".join(sorted(profiles - {"legacy"}))
        yield document.problem(
            ("algorithm_profile",),
            f"{profile!r} is not a profile a domain can use ({allowed})",
            f"信任域不可使用算法配置 {profile!r}（可用：{allowed}）",
        )
    seen: set[str] = set()
    for index, row in enumerate(data["anchors"]):
        if row["sha256"] in seen:
            yield document.problem(("anchors", index), "the same anchor twice", "信任锚重复")
        seen.add(row["sha256"])


def _definition(document: YamlDocument) -> DomainDefinition:
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
        max_path_length=initial.get("max_path_length"),
        algorithm_profile=data.get("algorithm_profile", "default"),
        sm2_user_ids=tuple(map(_user_id, data.get("sm2_user_ids", ("1234567812345678",)))),
    )


def _user_id(text: str) -> bytes:
    return bytes.fromhex(text[4:]) if text.startswith("hex:") else text.encode("utf-8")


def certificate_files(*folders: Path) -> dict[str, bytes]:
    """SHA-256 (hex) to DER of every certificate in the folders' files; unreadable files raise.

    PolicyFileError names the file that cannot be read as certificates.
    """
    found: dict[str, bytes] = {}
    for path in _files(folders):
        try:
            with path.open("rb") as stream:
                raw = stream.read(_MAX_FILE_BYTES + 1)
            items = decode_bundle(raw)
        except (OSError, Malformed) as error:
            problem = PolicyProblem(
                file=path.name,
                line=1,
                message_en=f"cannot be read as certificates ({getattr(error, 'reason', error)!s:.80})",
                message_zh="无法作为证书读取",
            )
            raise PolicyFileError(problem) from error
        for item in items:
            if item.kind == "certificate":
                found[sha256(item.der).hexdigest()] = item.der
    return found


def _files(folders: tuple[Path, ...]) -> list[Path]:
    files: list[Path] = []
    for folder in folders:
        if folder.is_file():
            files.append(folder)
        elif folder.is_dir():
            files.extend(p for p in folder.rglob("*") if p.suffix in _CERTIFICATE_SUFFIXES and p.is_file())
    if len(files) > _MAX_FILES:
        problem = PolicyProblem(
            file=str(folders[0].name), line=1, message_en="too many files", message_zh="文件过多"
        )
        raise PolicyFileError(problem)
    return sorted(files)
