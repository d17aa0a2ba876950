"""The CA graph: every CA certificate a trust snapshot knows, its signatures checked once.

A node is a subject name with its public key, an edge a certificate from its issuer's node to
its subject's (RFC 4158 §1.5). Built once per snapshot and never changed; a decision only lays
its own certificates on top (``core.path.surroundings``).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.algorithms.memo import Memo
from ca_bridge.core.path.dsa import lacks_parameters
from ca_bridge.core.reasons.algorithms import SIGNATURE_ALGORITHM_KEY_MISMATCH
from ca_bridge.core.reasons.model import SubIndication
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate, SubjectPublicKeyInfo
from ca_bridge.core.x509.names import Name

NodeKey = tuple[tuple[bytes, ...], bytes]

MAX_KEYS_TRIED = 16
"""Keys of one issuer name under which a certificate is tried while the graph is built, where no budget
counts: CAs have a few. Of more only those are tried whose key identifier the certificate asks for,
and its own; one signed by none of them stays an orphan."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A subject name and one public key of it, with its certificates: self-issued ones first.

    ``key_identifiers``: every subjectKeyIdentifier those certificates give the key.
    """

    name: Name
    spki: SubjectPublicKeyInfo
    certificates: tuple[Certificate, ...]
    key_identifiers: frozenset[bytes]

    @property
    def order(self) -> str:
        """Sorts nodes the same way whatever order certificates came in."""
        return self.certificates[0].fingerprint


def node_key(certificate: Certificate) -> NodeKey:
    """Which node ``certificate`` certifies: its normalized subject and the DER of its key."""
    return certificate.subject.normalized, certificate.spki.der


def make_nodes(certificates: Iterable[Certificate]) -> dict[NodeKey, Node]:
    """One node per subject name and key, over any certificates, whatever their order."""
    groups: dict[NodeKey, list[Certificate]] = {}
    for certificate in sorted(set(certificates), key=lambda c: (not c.self_issued, c.fingerprint)):
        groups.setdefault(node_key(certificate), []).append(certificate)
    return {key: _node(tuple(group)) for key, group in groups.items()}


def _node(certificates: tuple[Certificate, ...]) -> Node:
    identifiers = (c.extensions.subject_key_identifier for c in certificates)
    return Node(
        name=certificates[0].subject,
        spki=certificates[0].spki,
        certificates=certificates,
        key_identifiers=frozenset(i for i in identifiers if i is not None),
    )


def is_wrong_key(finding: Finding | None) -> bool:
    """Whether a signature check says the key is not the signer's (else only: not acceptable).

    A key of another kind is the ordinary case of a CA with SM2 and RSA branches of one name.
    """
    return finding is not None and (
        finding.reason.sub_indication is SubIndication.SIG_CRYPTO_FAILURE
        or finding.reason is SIGNATURE_ALGORITHM_KEY_MISMATCH
    )


def _is_likely(certificate: Certificate, key: NodeKey, node: Node) -> bool:
    """Whether the certificate asks for this key of its issuer, or certifies it itself."""
    authority = certificate.extensions.authority_key_identifier
    wanted = authority.key_identifier if authority is not None else None
    return wanted in node.key_identifiers or key == node_key(certificate)


class CaGraph:
    """Nodes by name and key, and the verified issuers of every certificate.

    An edge means that the signature verifies, not that its algorithm is acceptable: that
    depends on the time and profile of the question, and is asked when an edge is followed.
    ``orphans``: certificates none of whose issuers is in the graph, by normalized issuer name.
    ``reaches`` is the memo of ``core.path.reach``, which alone uses it.
    """

    __slots__ = ("_begins", "_ends", "_issued", "_issuers", "_named", "_nodes", "orphans", "reaches")

    def __init__(self, nodes: dict[NodeKey, Node], issuers: dict[str, tuple[Node, ...]]) -> None:
        """Index; use ``build`` or ``empty``."""
        self._nodes = nodes
        self._issuers = issuers
        self._named: dict[tuple[bytes, ...], list[Node]] = {}
        self._issued: dict[Node, list[Certificate]] = {}
        self.orphans: dict[tuple[bytes, ...], list[Certificate]] = {}
        self.reaches: Memo[Any] = Memo(max_entries=32, max_bytes=0)
        certificates = self.certificates
        self._begins = sorted({c.not_before for c in certificates})
        self._ends = sorted({c.not_after for c in certificates})
        for node in sorted(nodes.values(), key=lambda n: n.order):
            self._named.setdefault(node.name.normalized, []).append(node)
            for certificate in node.certificates:
                self._index(certificate)

    def _index(self, certificate: Certificate) -> None:
        issuers = self._issuers[certificate.fingerprint]
        for issuer in issuers:
            self._issued.setdefault(issuer, []).append(certificate)
        if not issuers:
            self.orphans.setdefault(certificate.issuer.normalized, []).append(certificate)

    @classmethod
    def build(
        cls,
        certificates: Iterable[Certificate],
        signatures: SignatureChecker,
        sm2_user_ids: tuple[bytes, ...],
    ) -> CaGraph:
        """Graph of ``certificates`` in any order, each signature checked under each key of its issuer."""
        return cls.empty().extended(certificates, signatures, sm2_user_ids)

    @classmethod
    def empty(cls) -> CaGraph:
        """A graph of no certificates."""
        return cls({}, {})

    def extended(
        self,
        certificates: Iterable[Certificate],
        signatures: SignatureChecker,
        sm2_user_ids: tuple[bytes, ...],
    ) -> CaGraph:
        """A new graph with ``certificates`` added; edges already checked are not checked again."""
        nodes = make_nodes((*self.certificates, *certificates))
        named: dict[tuple[bytes, ...], list[tuple[NodeKey, Node]]] = {}
        for key, node in nodes.items():
            named.setdefault(key[0], []).append((key, node))

        def signed(certificate: Certificate, node: Node) -> bool:
            return lacks_parameters(node.spki) or not is_wrong_key(
                signatures.verify(
                    certificate.signed,
                    node.spki,
                    profile="legacy",
                    at=certificate.not_before,
                    sm2_user_ids=sm2_user_ids,
                )
            )

        issuers = {
            certificate.fingerprint: self._signers(
                certificate, named.get(certificate.issuer.normalized, []), signed
            )
            for owner in nodes.values()
            for certificate in owner.certificates
        }
        return type(self)(nodes, issuers)

    def _signers(
        self,
        certificate: Certificate,
        named: list[tuple[NodeKey, Node]],
        signed: Callable[[Certificate, Node], bool],
    ) -> tuple[Node, ...]:
        """Those of ``named``, the nodes of its issuer's name, that signed ``certificate``."""
        known = self._issuers.get(certificate.fingerprint)
        crowded = len(named) > MAX_KEYS_TRIED
        found: list[Node] = []
        tries = MAX_KEYS_TRIED
        for key, node in named:
            if known is not None and key in self._nodes:
                is_signer = self._nodes[key] in known
            elif tries == 0 or (crowded and not _is_likely(certificate, key, node)):
                continue
            else:
                tries -= 1
                is_signer = signed(certificate, node)
            if is_signer:
                found.append(node)
        return tuple(found)

    @property
    def nodes(self) -> tuple[Node, ...]:
        """Every node, in a fixed order."""
        return tuple(self._nodes.values())

    @property
    def certificates(self) -> tuple[Certificate, ...]:
        """Every certificate of the graph."""
        return tuple(c for node in self._nodes.values() for c in node.certificates)

    def __contains__(self, certificate: Certificate) -> bool:
        """Whether these very bytes are in the graph."""
        return certificate.fingerprint in self._issuers

    def node(self, key: NodeKey) -> Node | None:
        """The node of a subject name and key, if the graph has it."""
        return self._nodes.get(key)

    def certified(self, certificate: Certificate) -> Node:
        """The node that a certificate of the graph certifies."""
        return self._nodes[node_key(certificate)]

    def period(self, time: datetime) -> tuple[int, int]:
        """Names the span around ``time`` in which no certificate of the graph begins or ends."""
        return bisect_right(self._begins, time), bisect_left(self._ends, time.replace(microsecond=0))

    def named(self, normalized: tuple[bytes, ...]) -> list[Node]:
        """Nodes of one subject name, in a fixed order."""
        return self._named.get(normalized, [])

    def issuers(self, certificate: Certificate) -> tuple[Node, ...]:
        """Nodes of the graph whose key signed ``certificate``; empty for one not in the graph."""
        return self._issuers.get(certificate.fingerprint, ())

    def issued(self, node: Node) -> list[Certificate]:
        """Certificates of the graph signed by ``node``."""
        return self._issued.get(node, [])
