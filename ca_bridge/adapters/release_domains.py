"""The domains of a release as the store keeps it: documents as plain data, compiled like the folder's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from ca_bridge.adapters.domain_files import DomainDefinition, definition_of
from ca_bridge.adapters.domain_source import DomainFiles, Shelf
from ca_bridge.adapters.policy_release import PolicyRelease
from ca_bridge.adapters.yaml_document import YamlDocument
from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.algorithms.rules import AlgorithmRules
from ca_bridge.core.algorithms.sm2 import Sm2Verifier
from ca_bridge.core.x509.identity_registry import REGISTRY, registry_from_data
from ca_bridge.core.x509.pool import Pool
from ca_bridge.services.policy_documents import PolicyDocuments, ReleaseId
from ca_bridge.services.recognition_reading import DocumentKind, read_policy
from ca_bridge.services.recognition_reading.kinds import of_kind
from ca_bridge.services.trust import Engine

_ALGORITHMS, _REGISTRY = "algorithms.yaml", "identity-registry.yaml"


@dataclass(frozen=True, slots=True)
class ReleaseCompiler:
    """Compiles releases; what they pin by fingerprint lies on ``shelf``.

    ``own`` is the engine of the policies folder: it serves every release with the same algorithm table, so
    that signatures it has checked need not be checked again.
    """

    shelf: Shelf
    own: Engine
    own_documents: PolicyDocuments
    sm2: Sm2Verifier
    pool: Pool
    digest: Callable[[str], str] | None = None

    def compile(self, identity: ReleaseId, documents: PolicyDocuments) -> DomainFiles:
        """Every domain of the release, compiled; documents were linted before they were approved."""
        data = documents.data()
        registry = data.get(_REGISTRY)
        release = PolicyRelease(
            identity=identity,
            policy=read_policy(data),
            registry=REGISTRY if registry is None else registry_from_data(registry),
            digest=self.digest,
        )
        definitions: dict[str, DomainDefinition] = {
            domain["domain"]: definition_of(YamlDocument(name, domain, {}))
            for name, domain in of_kind(data, DocumentKind.DOMAIN)
        }
        domains = DomainFiles(self.shelf, self._engine(documents), definitions, release)
        for name in domains.names():
            domains.snapshot(name)
        return domains

    def _engine(self, documents: PolicyDocuments) -> Engine:
        texts, own = dict(documents.documents), dict(self.own_documents.documents)
        table = texts.get(_ALGORITHMS)
        if table is None or table == own.get(_ALGORITHMS):
            return self.own
        rules = AlgorithmRules.from_data(documents.data()[_ALGORITHMS])
        return Engine(
            signatures=SignatureChecker(self.sm2, rules),
            pool=self.pool,
            rules_id=sha256(table.encode()).hexdigest(),
        )
