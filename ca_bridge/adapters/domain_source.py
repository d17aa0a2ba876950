"""The trust domains of a policies folder, each compiled into an immutable snapshot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ca_bridge.adapters.certificate_files import certificate_files
from ca_bridge.adapters.domain_files import DomainDefinition, PinnedAnchor, read_domain
from ca_bridge.adapters.policy_schema import read_schema
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.path.graph import CaGraph
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.pool import Pool
from ca_bridge.services.errors import UnknownDomain
from ca_bridge.services.policy_report import PolicyProblem
from ca_bridge.services.ports import DomainSnapshot

_ENGINE = "ca-bridge/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where a policies folder keeps what a domain is compiled from."""

    policies: Path
    anchors: Path


class DomainFiles:
    """Every domain under ``<policies>/domains``, read at once and compiled when first asked for."""

    def __init__(
        self,
        shelf: Shelf,
        signatures: SignatureChecker,
        pool: Pool,
        rules_digest: str,
        profiles: frozenset[str],
    ) -> None:
        """Read all definitions; PolicyFileError with every problem of every file."""
        self._shelf = shelf
        self._signatures = signatures
        self._pool = pool
        self._rules_digest = rules_digest
        self._definitions = read_definitions(shelf.policies, profiles)
        self._imported = certificate_files(shelf.anchors)
        self._compiled: dict[str, DomainSnapshot] = {}

    def names(self) -> tuple[str, ...]:
        """Names of all domains, sorted."""
        return tuple(sorted(self._definitions))

    def missing(self, name: str) -> tuple[PinnedAnchor, ...]:
        """Anchors the domain pins whose certificate has not been imported."""
        return tuple(a for a in self._definitions[name].anchors if a.sha256 not in self._imported)

    def snapshot(self, name: str) -> DomainSnapshot:
        """The compiled domain; UnknownDomain for another name, PolicyFileError for its certificates."""
        known = self._compiled.get(name)
        if known is None:
            definition = self._definitions.get(name)
            if definition is None:
                raise UnknownDomain(name)
            known = self._compiled[name] = self._compile(definition)
        return known

    def _compile(self, definition: DomainDefinition) -> DomainSnapshot:
        anchors = tuple(
            TrustAnchor(
                certificate=self._parse(self._imported[pin.sha256], definition, ("anchors", index)),
                enforce_validity=pin.enforce_validity,
                enforce_constraints=pin.enforce_constraints,
            )
            for index, pin in enumerate(definition.anchors)
            if pin.sha256 in self._imported
        )
        known = certificate_files(*(self._shelf.policies / part for part in definition.certificates))
        parsed = [self._parse(der, definition, ("certificates",)) for _, der in sorted(known.items())]
        graph = CaGraph.build(parsed, self._signatures, definition.parameters.sm2_user_ids)
        trust = TrustSnapshot(
            snapshot_id=self._snapshot_id(definition, anchors, sorted(known)),
            domain=definition.name,
            anchors=anchors,
            graph=graph,
            signatures=self._signatures,
            pool=self._pool,
        )
        return DomainSnapshot(
            name=definition.name,
            title_zh=definition.title_zh,
            title_en=definition.title_en,
            trust=trust,
            base=definition.parameters,
            purposes=definition.purposes,
        )

    def _parse(self, der: bytes, definition: DomainDefinition, where: tuple[str | int, ...]) -> Certificate:
        try:
            return self._pool.certificate(der)
        except Malformed as error:
            which, code = sha256(der).hexdigest(), error.reason.code
            raise PolicyFileError(
                definition.document.problem(
                    where, f"certificate {which} cannot be read: {code}", f"证书 {which} 无法读取：{code}"
                )
            ) from error

    def _snapshot_id(
        self, definition: DomainDefinition, anchors: tuple[TrustAnchor, ...], known: list[str]
    ) -> str:
        content = {
            "engine": _ENGINE,
            "domain": definition.document.data,
            "anchors": sorted(a.fingerprint for a in anchors),
            "certificates": known,
            "algorithms": self._rules_digest,
        }
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return sha256(text.encode("utf-8")).hexdigest()


def read_definitions(policies: Path, profiles: frozenset[str]) -> Mapping[str, DomainDefinition]:
    """Every domain by name; PolicyFileError with the problems of all files together."""
    schema = read_schema(policies / "schema" / "domain.schema.json")
    definitions: dict[str, DomainDefinition] = {}
    problems: list[PolicyProblem] = []
    for path in sorted((policies / "domains").glob("*")):
        if path.suffix.lower() not in {".yaml", ".yml"}:
            continue
        try:
            definition = read_domain(path, schema, profiles)
            definitions[definition.name] = definition
        except PolicyFileError as error:
            problems.extend(error.problems)
    if problems:
        raise PolicyFileError(*problems)
    return definitions
