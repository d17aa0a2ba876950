"""The registry of identity extensions from policies/identity-registry.yaml and operators' own files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ca_bridge.adapters.policy_schema import read_schema, schema_problems
from ca_bridge.adapters.yaml_document import PolicyFileError, YamlDocument, read_yaml
from ca_bridge.core.x509.identity_registry import IdentityRule, merge_registries, registry_from_data
from ca_bridge.services.policy_report import PolicyProblem


def read_identity_registry(path: Path, schema_path: Path, *more: Path) -> tuple[IdentityRule, ...]:
    """Rows of ``path`` and then of ``more``: a later row replaces one of the same OID and CAs.

    PolicyFileError with every problem of the first bad file and its line: unknown keys, values out of
    range, two rows of one file that speak of the same OID and CAs.
    """
    schema = read_schema(schema_path)
    registries = []
    for file in (path, *more):
        document = read_yaml(file)
        problems = schema_problems(document, schema) or tuple(_repetitions(document))
        if problems:
            raise PolicyFileError(*problems)
        registries.append(registry_from_data(document.data))
    return merge_registries(*registries)


def _repetitions(document: YamlDocument) -> Iterator[PolicyProblem]:
    seen = set()
    for index, rule in enumerate(registry_from_data(document.data)):
        if rule.place in seen:
            yield document.problem(
                ("rows", index),
                f"{rule.oid} has a row above for the same CAs",
                f"{rule.oid} 在前面已有针对相同 CA 的行",
            )
        seen.add(rule.place)
