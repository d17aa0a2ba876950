"""The holder of a recorded target: kind and keys as they were read, for conditions and blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from types import MappingProxyType

from ca_bridge.core.reasons import recognition as reasons
from ca_bridge.core.recognition.blocklist import Block, BlockKind
from ca_bridge.core.recognition.lifecycle import is_within
from ca_bridge.core.recognition.replay.recorded import RecordedHolder
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.extensions import Extension
from ca_bridge.core.x509.identity import HolderKind, unified_identity
from ca_bridge.core.x509.identity_conflicts import identity_findings
from ca_bridge.core.x509.identity_key import derive_identity
from ca_bridge.core.x509.identity_registry import IdentityKind, IdentityRule
from ca_bridge.core.x509.times import time_text

_ORGANIZATION = IdentityRule("2.999.1", IdentityKind.BUSINESS_REGISTRATION, "replay", "A")
_DOCUMENT = IdentityRule("2.999.2", IdentityKind.PASSPORT, "replay", "A")
_REGISTRY = (_ORGANIZATION, _DOCUMENT)
_OF_ORGANIZATION = Extension(_ORGANIZATION.oid, critical=False, value=b"\x0c\x06R-1234")
_OF_PERSON = Extension(_DOCUMENT.oid, critical=False, value=b"\x0c\x06E12345")
_STAND_IN: Mapping[HolderKind, tuple[Extension, ...]] = MappingProxyType(
    {
        HolderKind.ORG: (_OF_ORGANIZATION,),
        HolderKind.PERSON: (_OF_PERSON,),
        HolderKind.ORG_PERSON: (_OF_ORGANIZATION, _OF_PERSON),
        HolderKind.UNKNOWN: (),
    }
)


def record_holder(
    target: Certificate, rules: RecognitionRules, *, required: bool, issuer_key: str | None
) -> RecordedHolder:
    """What ``rules`` read of the holder; ``required``: also what keeps it from being named.

    ``issuer_key``: SHA-256 of the key that signed the target, where one did.
    """
    found = (
        identity_findings(target, rules.registry, issuer_key_sha256=issuer_key, required=True)
        if required
        else ()
    )
    identity = derive_identity(target, rules.registry, digest=rules.digest)
    return RecordedHolder(
        kind=unified_identity(target, rules.registry).kind,
        keys=identity.claimed_keys,
        findings=found,
        registry=registry_id(rules),
    )


@lru_cache(maxsize=64)
def registry_id(rules: RecognitionRules) -> str:
    """Names the registry and the key of personal digests that identities are read by."""
    mark = "" if rules.digest is None else rules.digest("ca-bridge identity registry")
    return sha256(f"{rules.registry!r}{mark}".encode()).hexdigest()


def with_holder(restored: Certificate, holder: RecordedHolder) -> Certificate:
    """``restored`` with numbers that say no more than the kind of its holder, for ``holder_rules``."""
    return replace(restored, extensions=replace(restored.extensions, raw=_STAND_IN[holder.kind]))


@lru_cache(maxsize=64)
def holder_rules(rules: RecognitionRules) -> RecognitionRules:
    """``rules`` that read the kind of holder as ``with_holder`` writes it."""
    return replace(rules, registry=_REGISTRY)


@lru_cache(maxsize=64)
def without_subjects(rules: RecognitionRules) -> RecognitionRules:
    """``rules`` without blocks of holders, which ``holder_blocks`` judges by the recorded keys."""
    blocks = {about: rows for about, rows in rules.blocks.items() if about[0] is not BlockKind.SUBJECT}
    return replace(rules, blocks=blocks)


@lru_cache(maxsize=64)
def blocks_holders(rules: RecognitionRules) -> bool:
    """Whether any holder is blocked."""
    return any(kind is BlockKind.SUBJECT for kind, _ in rules.blocks)


def holder_blocks(holder: RecordedHolder, rules: RecognitionRules, at: datetime) -> tuple[Finding, ...]:
    """Blocks of the holder in force at ``at``."""
    return tuple(
        Finding(reason=reasons.SUBJECT_BLOCKED, position=0, params=_params(block))
        for key in holder.keys
        for block in rules.blocks.get((BlockKind.SUBJECT, key), ())
        if is_within(at, block.effective_from, block.effective_until)
    )


def _params(block: Block) -> tuple[tuple[str, str], ...]:
    return (
        ("block", block.identifier),
        ("publication", block.publication),
        ("since", time_text(block.effective_from)),
    )
