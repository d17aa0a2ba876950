"""CAs as names and keys, certificates whose signatures a fake checker reads, and brute force.

A node is (name, key), both short texts. Nothing here uses what it is the oracle of.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from ca_bridge.core.budget import Budget, Limits
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.graph import CaGraph
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.reasons.algorithms import SIGNATURE_DOES_NOT_VERIFY
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate, SignedBytes, SubjectPublicKeyInfo
from ca_bridge.core.x509.extensions import AuthorityKeyIdentifier
from tests.fakes import certificates as make

Node = tuple[str, str]
Found = tuple[tuple[str, ...], str]
"""A path as fingerprints target first, and its anchor's."""

AMPLE = Limits(signatures=10**6, paths=10**6, build_steps=10**7)


def issued(subject: Node, issuer: Node, *, copy: int = 0, forged: bool = False, **fields: Any) -> Certificate:
    """A CA certificate for ``subject`` that names ``issuer`` and, unless forged, carries its signature."""
    fields.setdefault("spki", make.spki(subject[1]))
    made = make.ca(f"CN={subject[0]}", f"CN={issuer[0]}", **fields)
    text = f"{subject} {issuer} {copy} {forged} {sorted(fields.items(), key=str)}"
    signer = "nobody" if forged else issuer[1]
    return replace(
        made,
        fingerprint=hashlib.sha256(text.encode()).hexdigest(),
        signed=SignedBytes(text.encode(), made.signed.algorithm, signer.encode()),
    )


def leaf(issuer: Node, **fields: Any) -> Certificate:
    """An end entity's certificate."""
    return issued(("Leaf", "leaf key"), issuer, **({"basic_constraints": None, "key_usage": None} | fields))


def key_identifier(key: str) -> AuthorityKeyIdentifier:
    return AuthorityKeyIdentifier(key.encode(), (), None)


@dataclass
class Signatures:
    """Verifies if the signature names the key; ``problems`` by key say what else is wrong with it."""

    problems: dict[str, Finding] = field(default_factory=dict)
    asked: int = 0

    def verify(
        self,
        signed: SignedBytes,
        key: SubjectPublicKeyInfo,
        *,
        profile: str,
        at: datetime,
        sm2_user_ids: tuple[bytes, ...],
        dsa_parameters: bytes | None = None,
    ) -> Finding | None:
        self.asked += 1
        if signed.signature != key.key:
            return Finding(reason=SIGNATURE_DOES_NOT_VERIFY, params=(("algorithm", "fake"),))
        return self.problems.get(key.key.decode()) if profile != "legacy" else None

    def key_problem(
        self, key: SubjectPublicKeyInfo, *, profile: str, at: datetime, dsa_parameters: bytes | None = None
    ) -> Finding | None:
        return None


def context(
    anchors: Iterable[Certificate],
    known: Iterable[Certificate] = (),
    supplied: Iterable[Certificate] = (),
    *,
    limits: Limits = AMPLE,
    signatures: Signatures | None = None,
    **parameters: Any,
) -> Context:
    checker: Any = signatures or Signatures()
    nothing: Any = None
    snapshot = TrustSnapshot(
        snapshot_id="",
        domain="",
        anchors=tuple(TrustAnchor(certificate=a) for a in anchors),
        graph=CaGraph.build(known, checker, ()),
        signatures=checker,
        pool=nothing,
        limits=limits,
    )
    return again(snapshot, supplied, **parameters)


def again(trust: TrustSnapshot, supplied: Iterable[Certificate] = (), **parameters: Any) -> Context:
    """Another decision under the same snapshot."""
    return Context(
        trust=trust,
        parameters=make.asked(**parameters),
        supplied=tuple(supplied),
        budget=Budget(trust.limits),
    )


def brute_force(
    target: Certificate, certificates: Iterable[Certificate], anchors: Iterable[Certificate], depth: int
) -> set[Found]:
    """Every simple path by trying everything: RFC 4158 §5.2 taken at its word.

    A self-signed target alone may be followed by another certificate of its own name and key.
    """
    pool, roots = {c.fingerprint: c for c in certificates}.values(), list(anchors)

    def signed(child: Certificate, parent: Certificate) -> bool:
        return child.issuer == parent.subject and child.signed.signature == parent.spki.key

    def climb(path: tuple[Certificate, ...]) -> Iterator[Found]:
        nodes = [(c.subject, c.spki) for c in path]
        for anchor in roots:
            if signed(path[-1], anchor) and (anchor.subject, anchor.spki) not in nodes[1:]:
                yield tuple(c.fingerprint for c in path), anchor.fingerprint
        if len(path) < depth:
            for parent in pool:
                node = (parent.subject, parent.spki)
                again = node in nodes[1:] or (node == nodes[0] and len(path) > 1) or parent in path
                if signed(path[-1], parent) and not again:
                    yield from climb((*path, parent))

    return set(climb((target,)))
