"""The trust domains of a policies folder, each compiled into an immutable snapshot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Self

from ca_bridge.adapters.certificate_files import certificate_files
from ca_bridge.adapters.domain_files import DomainDefinition, PinnedAnchor, read_domain
from ca_bridge.adapters.policy_release import PolicyRelease, listed_issuers, listed_roots
from ca_bridge.adapters.policy_schema import read_schema
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.core.path.graph import CaGraph
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.recognition.key_identity import key_hash
from ca_bridge.core.recognition.rules import RecognitionRules, rules_of
from ca_bridge.core.verdict import TrustModel
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.errors import UnknownDomain
from ca_bridge.services.policy_report import PolicyProblem
from ca_bridge.services.ports import DomainSnapshot, ListedTrust
from ca_bridge.services.trust import Engine

_ENGINE = "ca-bridge/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Where a policies folder keeps what a domain is compiled from."""

    policies: Path
    anchors: Path


class DomainFiles:
    """Every domain of one release, compiled when first asked for."""

    def __init__(
        self,
        shelf: Shelf,
        engine: Engine,
        definitions: Mapping[str, DomainDefinition],
        release: PolicyRelease,
    ) -> None:
        """Find the imported certificates; PolicyFileError for a file that holds none."""
        self._release = release
        self._shelf = shelf
        self._signatures = engine.signatures
        self._pool = engine.pool
        self._rules_digest = engine.rules_id
        self._definitions = definitions
        self._imported = certificate_files(shelf.anchors)
        self._rules: RecognitionRules | None = None
        self._compiled: dict[str, DomainSnapshot] = {}
        self._parsed: dict[str, Certificate] | None = None

    def current(self) -> Self:
        """Itself: it never changes."""
        return self

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
            release=self._release.identity,
            rules=rules_of(self._compiled_rules(), definition.name, TrustModel.CROSS_CERTIFICATION),
            listed=self._listed(definition, trust, parsed)
            if definition.trust_lists or not definition.cross_certification
            else None,
            cross_certification=definition.cross_certification,
            purposes=definition.purposes,
        )

    def _listed(
        self,
        definition: DomainDefinition,
        trust: TrustSnapshot,
        parsed: list[Certificate],
    ) -> ListedTrust:
        """Anchors that the domain's trust lists name, its own beside them so that a wrong root can be told.

        An anchor accepts nothing by itself: an entry must name it.
        """
        rules = rules_of(
            self._compiled_rules(), definition.name, TrustModel.TRUST_LIST, definition.trust_lists
        )
        own = {anchor.fingerprint for anchor in trust.anchors}
        roots = tuple(TrustAnchor(certificate=c) for c in self._imported_of(listed_roots(rules)))
        issuers = self._imported_of(listed_issuers(rules))
        graph = CaGraph.build([*parsed, *issuers], self._signatures, definition.parameters.sm2_user_ids)
        anchors = (*trust.anchors, *(root for root in roots if root.fingerprint not in own))
        return ListedTrust(trust=replace(trust, anchors=anchors, graph=graph), rules=rules)

    def _imported_of(self, fingerprints: frozenset[str]) -> list[Certificate]:
        """Imported certificates among these that can be read, by fingerprint."""
        readable = self._readable()
        return [readable[fingerprint] for fingerprint in sorted(fingerprints & readable.keys())]

    def _readable(self) -> dict[str, Certificate]:
        """Every imported certificate that can be read; one that cannot, matters where it is pinned."""
        if self._parsed is None:
            self._parsed = {}
            for fingerprint, der in self._imported.items():
                with suppress(Malformed):
                    self._parsed[fingerprint] = self._pool.certificate(der)
        return self._parsed

    def _compiled_rules(self) -> RecognitionRules:
        """The release's rules, with the keys of every certificate that any domain knows."""
        if self._rules is None:
            places = {part for d in self._definitions.values() for part in d.certificates}
            known = dict(self._readable())
            for der in certificate_files(*(self._shelf.policies / part for part in sorted(places))).values():
                with suppress(Malformed):
                    certificate = self._pool.certificate(der)
                    known[certificate.fingerprint] = certificate
            self._rules = self._release.compile({f: key_hash(c) for f, c in known.items()})
        return self._rules

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
            "release": self._release.identity.sha256,
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
