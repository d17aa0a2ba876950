"""What one release says, ready to be compiled for each domain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.core.recognition.blocklist import Block, BlockKind
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.recognition.rules import RecognitionRules, compile_policy
from ca_bridge.core.recognition.trust_list import FormerAuthorities, TrustListEntry
from ca_bridge.core.x509.identity_registry import REGISTRY, IdentityRule
from ca_bridge.services.policy_documents import ReleaseId
from ca_bridge.services.policy_report import PolicyProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRelease:
    """Which release, its policy, its registry of identity extensions, and the digest of personal numbers."""

    identity: ReleaseId
    policy: RecognitionPolicy
    registry: tuple[IdentityRule, ...] = REGISTRY
    digest: Callable[[str], str] | None = None

    def compile(self, known_keys: Mapping[str, str]) -> RecognitionRules:
        """What all its domains share; ``known_keys`` are keys by certificate, both by SHA-256.

        PolicyFileError when it blocks a person and there is no digest to know one by: none would be.
        """
        if self.digest is None and any(map(_is_of_a_person, self.policy.blocks)):
            raise PolicyFileError(_NO_DIGEST)
        return compile_policy(self.policy, known_keys=known_keys, registry=self.registry, digest=self.digest)


_NO_DIGEST = PolicyProblem(
    file="blocklist.yaml",
    line=1,
    message_en="blocks a person, which needs CA_BRIDGE_IDENTITY_KEY_FILE",
    message_zh="封禁了个人，须设置 CA_BRIDGE_IDENTITY_KEY_FILE",
)


def _is_of_a_person(block: Block) -> bool:
    return block.kind is BlockKind.SUBJECT and not block.value.startswith("org:")


def listed_roots(rules: RecognitionRules) -> frozenset[str]:
    """Fingerprints of the roots, present and former, of the entries the domain relies on."""
    return frozenset(pin.sha256 for row in _rows(rules) for pin in row.roots)


def listed_issuers(rules: RecognitionRules) -> frozenset[str]:
    """Fingerprints of the issuing CAs, present and former, of those entries."""
    return frozenset(pin.sha256 for row in _rows(rules) for pin in row.issuers)


def _rows(rules: RecognitionRules) -> Iterator[TrustListEntry | FormerAuthorities]:
    for listed in rules.entries:
        yield listed.entry
        yield from listed.entry.history
