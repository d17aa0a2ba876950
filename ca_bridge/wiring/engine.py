"""What every use case stands on: settings, the algorithm table, the SM2 engine, the policies folder."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ca_bridge.adapters.algorithm_file import read_algorithm_rules
from ca_bridge.adapters.domain_source import DomainFiles, Shelf, read_definitions
from ca_bridge.adapters.identity_registry_file import read_identity_registry
from ca_bridge.adapters.policy_folder import read_policy_folder
from ca_bridge.adapters.policy_release import PolicyRelease
from ca_bridge.adapters.sm2_engine import Sm2Selection, try_sm2_engines
from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.algorithms.rules import AlgorithmRules
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.x509.identity_key import MIN_DIGEST_KEY_BYTES, PersonalDigest
from ca_bridge.core.x509.identity_registry import REGISTRY
from ca_bridge.core.x509.pool import Pool
from ca_bridge.services.policy_documents import PolicyDocuments, ReleaseId
from ca_bridge.services.trust import Engine
from ca_bridge.settings import Settings, SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The engine of one process and what it was made of."""

    engine: Engine
    rules: AlgorithmRules
    sm2: Sm2Selection


def settings() -> Settings:
    """Settings of this process's environment."""
    return Settings.from_environment(os.environ)


def parts_of(chosen: Settings) -> Parts:
    """The engine under the algorithm table of the policies folder; PolicyFileError."""
    table = chosen.policies / "algorithms.yaml"
    rules = read_algorithm_rules(table, chosen.policies / "schema" / "algorithms.schema.json")
    sm2 = try_sm2_engines()
    engine = Engine(
        signatures=SignatureChecker(sm2.engine, rules),
        pool=Pool(),
        rules_id=sha256(table.read_bytes()).hexdigest(),
    )
    return Parts(engine=engine, rules=rules, sm2=sm2)


def shelf_of(chosen: Settings) -> Shelf:
    """Where certificates lie."""
    return Shelf(policies=chosen.policies, anchors=chosen.anchors)


def folder_domains(chosen: Settings, parts: Parts) -> tuple[DomainFiles, PolicyDocuments]:
    """The domains of the policies folder, and its documents; PolicyFileError."""
    # A domain's own mistakes are told first.
    definitions = read_definitions(chosen.policies, frozenset(parts.rules.profiles))
    documents, policy = read_policy_folder(chosen.policies)
    release = _folder_release(chosen, documents, policy)
    return DomainFiles(shelf_of(chosen), parts.engine, definitions, release), documents


def _folder_release(chosen: Settings, documents: PolicyDocuments, policy: RecognitionPolicy) -> PolicyRelease:
    """The policies folder as it lies: release number 0."""
    registry = chosen.policies / "identity-registry.yaml"
    schema = chosen.policies / "schema" / "identity-registry.schema.json"
    return PolicyRelease(
        identity=ReleaseId(number=0, sha256=documents.sha256),
        policy=policy,
        registry=read_identity_registry(registry, schema) if registry.exists() else REGISTRY,
        digest=personal_digest(chosen.identity_key_file),
    )


def personal_digest(file: Path | None) -> PersonalDigest | None:
    """The digest of personal numbers under the octets of ``file``; SettingsError when unusable."""
    if file is None:
        return None
    try:
        return PersonalDigest(file.read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"CA_BRIDGE_IDENTITY_KEY_FILE: needs a file of at least {MIN_DIGEST_KEY_BYTES} octets"
            f" / CA_BRIDGE_IDENTITY_KEY_FILE 须为至少 {MIN_DIGEST_KEY_BYTES} 字节的文件"
        ) from error
