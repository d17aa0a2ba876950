"""Plans of key ceremonies, from YAML files: strict, bounded, and checked by their schema."""

from __future__ import annotations

from pathlib import Path

from ca_bridge.adapters.policy_schema import read_schema, schema_problems
from ca_bridge.adapters.yaml_document import PolicyFileError, YamlDocument, read_yaml
from ca_bridge.services.key_management.errors import PLAN_UNUSABLE
from ca_bridge.services.key_management.model import KeyPlan
from ca_bridge.services.key_management.plan import plan_of
from ca_bridge.services.key_management.refusal import KeyRefused

_SCHEMA = Path(__file__).with_name("key_plan.schema.json")


def read_plan_file(path: Path) -> KeyPlan:
    """The plan in the file; PLAN_UNUSABLE with the place of everything wrong."""
    try:
        return plan_of(_checked(read_yaml(path)).data)
    except PolicyFileError as error:
        raise KeyRefused(PLAN_UNUSABLE, cause=str(error)) from error


def _checked(document: YamlDocument) -> YamlDocument:
    problems = schema_problems(document, read_schema(_SCHEMA))
    if problems:
        raise PolicyFileError(*problems)
    return document
