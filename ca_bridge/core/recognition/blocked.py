"""What the blocklist and the licences say against a path, whatever trust model found it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ca_bridge.core.path.candidate import ValidatedPath
from ca_bridge.core.reasons import recognition as reasons
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.recognition.blocklist import Block, BlockKind
from ca_bridge.core.recognition.key_identity import certificate_hashes, key_hash
from ca_bridge.core.recognition.lifecycle import is_within, licence_problem
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.identity_key import derive_identity
from ca_bridge.core.x509.times import time_text


def target_blocks(target: Certificate, rules: RecognitionRules, at: datetime) -> tuple[Finding, ...]:
    """Blocks of the target itself, its key or its holder in force at ``at``: no path helps against them."""
    if not rules.blocks:
        return ()
    asked = [
        *((BlockKind.CERTIFICATE, form, reasons.CERTIFICATE_BLOCKED) for form in certificate_hashes(target)),
        (BlockKind.KEY, key_hash(target), reasons.KEY_BLOCKED),
    ]
    asked += [(BlockKind.SUBJECT, key, reasons.SUBJECT_BLOCKED) for key in _holder_keys(target, rules)]
    return tuple(
        _blocked(block, reason, 0)
        for kind, value, reason in asked
        for block in _in_force(rules, kind, value, at)
    )


def _holder_keys(target: Certificate, rules: RecognitionRules) -> dict[str, None]:
    """Every identity key of the holder, whichever CA's key signed: rows meant for one CA's key count too."""
    oids = {extension.oid for extension in target.extensions.raw}
    issuers = {key for row in rules.registry if row.oid in oids for key in row.issuer_keys}
    return dict.fromkeys(
        key
        for issuer in (None, *sorted(issuers))
        for key in derive_identity(
            target, rules.registry, digest=rules.digest, issuer_key_sha256=issuer
        ).claimed_keys
    )


def path_problems(path: ValidatedPath, rules: RecognitionRules, at: datetime) -> tuple[Finding, ...]:
    """Blocked CAs on the path, the anchor among them, and licences that do not cover ``at``."""
    authorities = (*path.certificates[1:], path.anchor.certificate)
    return tuple(
        finding
        for position, certificate in enumerate(authorities, start=1)
        for finding in _about_authority(certificate, position, rules, at)
    )


def _about_authority(
    certificate: Certificate, position: int, rules: RecognitionRules, at: datetime
) -> Iterator[Finding]:
    key = key_hash(certificate)
    asked = (
        *(
            (BlockKind.CERTIFICATE, form, reasons.CERTIFICATE_BLOCKED)
            for form in certificate_hashes(certificate)
        ),
        (BlockKind.KEY, key, reasons.KEY_BLOCKED),
        (BlockKind.CA, key, reasons.CA_BLOCKED),
    )
    for kind, value, reason in asked:
        for block in _in_force(rules, kind, value, at):
            yield _blocked(block, reason, position)
    member = rules.members.get(key)
    for authority in () if member is None else member.authorities:
        problem = licence_problem(authority, at, position)
        if problem is not None:
            yield problem


def _in_force(rules: RecognitionRules, kind: BlockKind, value: str, at: datetime) -> Iterator[Block]:
    for block in rules.blocks.get((kind, value), ()):
        if is_within(at, block.effective_from, block.effective_until):
            yield block


def _blocked(block: Block, reason: Reason, position: int) -> Finding:
    params = (
        ("block", block.identifier),
        ("publication", block.publication),
        ("since", time_text(block.effective_from)),
    )
    return Finding(reason=reason, position=position, params=params)
