"""CPU of a decision across a bridge of 500 principal CAs against the same bridge of 5.

Each principal CA has a root, 3 subordinates, cross-certificates to and from the bridge, a
second key with its rollover certificates, and cross-certificates that lead nowhere: 5,000
certificates in the graph. A leaf of one CA is judged under the root of another (found), under
a root that nothing leads to, and across a cross-certificate that has expired (both refused).
Small and large runs are interleaved, each question asked of leaves and anchors of many CAs;
the figure is the ratio of the medians. The aim is at most 1.3, found and refused.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from ca_bridge.adapters.algorithm_file import read_algorithm_rules
from ca_bridge.adapters.sm2_engine import select_sm2_engine
from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.decide import decide
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.path.graph import CaGraph
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.request import Parameters, Request, RevocationRule
from ca_bridge.core.verdict import Verdict
from ca_bridge.core.x509.pool import Pool

POLICIES = Path(__file__).parents[1] / "policies"
AT = datetime(2025, 6, 1, tzinfo=UTC)
SM2_USER_IDS = (b"1234567812345678",)
SIZES = (5, 500)
ROUNDS, LOOPS, SAMPLED = 200, 2, 4


@dataclass(frozen=True)
class Entity:
    """A name and its key."""

    name: str
    key: ec.EllipticCurvePrivateKey

    def renewed(self) -> Entity:
        """The same name with another key."""
        return Entity(self.name, ec.generate_private_key(ec.SECP256R1()))


def entity(name: str) -> Entity:
    return Entity(name, ec.generate_private_key(ec.SECP256R1()))


def certify(subject: Entity, issuer: Entity, *, ca: bool = True, expired: bool = False) -> bytes:
    """DER of a certificate for ``subject`` by ``issuer``."""
    names = [
        x509.Name(
            [
                x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
                x509.NameAttribute(NameOID.COMMON_NAME, e.name),
            ]
        )
        for e in (subject, issuer)
    ]
    keys = [e.key.public_key() for e in (subject, issuer)]
    return (
        x509.CertificateBuilder()
        .subject_name(names[0])
        .issuer_name(names[1])
        .public_key(keys[0])
        .serial_number(x509.random_serial_number())
        .not_valid_before(AT - timedelta(days=900))
        .not_valid_after(AT + timedelta(days=-1 if expired else 900))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(keys[0]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[1]), critical=False)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), critical=True)
        .sign(issuer.key, hashes.SHA256())
        .public_bytes(Encoding.DER)
    )


@dataclass(frozen=True)
class Bridge:
    """Certificates of the graph, roots by principal CA, and a leaf of each sampled one."""

    certificates: tuple[bytes, ...]
    roots: tuple[bytes, ...]
    leaves: tuple[bytes, ...]
    lapsed_leaves: tuple[bytes, ...]


def make_bridge(size: int) -> Bridge:
    """A bridge with ``size`` principal CAs, 10 certificates of the graph each."""
    bridge = entity("Bridge CA")
    certificates: list[bytes] = []
    roots: list[bytes] = []
    leaves: list[bytes] = []
    lapsed_leaves: list[bytes] = []
    for i in range(size):
        principal, stray = entity(f"Principal CA {i}"), entity(f"Stray CA {i}")
        renewed = principal.renewed()
        subordinates = [entity(f"Subordinate {j} of CA {i}") for j in range(3)]
        lapsed = i % 5 == 4
        roots.append(certify(principal, principal))
        certificates += [
            roots[-1],
            certify(principal, bridge, expired=lapsed),
            certify(bridge, principal),
            certify(principal, renewed),
            certify(renewed, principal),
            certify(stray, principal),
            certify(principal, stray),
            *(certify(subordinate, principal) for subordinate in subordinates),
        ]
        if i < 2 * SAMPLED or lapsed:
            leaf = certify(entity(f"Leaf of CA {i}"), subordinates[i % 3], ca=False)
            (lapsed_leaves if lapsed else leaves).append(leaf)
    return Bridge(tuple(certificates), tuple(roots), tuple(leaves), tuple(lapsed_leaves))


def questions(bridge: Bridge) -> dict[str, list[Callable[[], Verdict]]]:
    """What is timed, by name."""
    rules = read_algorithm_rules(POLICIES / "algorithms.yaml", POLICIES / "schema" / "algorithms.schema.json")
    signatures, pool = SignatureChecker(select_sm2_engine(), rules), Pool()
    graph = CaGraph.build(map(pool.certificate, bridge.certificates), signatures, SM2_USER_IDS)
    unrelated = certify(*[entity("Unrelated root")] * 2)

    def ask(leaf: bytes, root: bytes) -> Callable[[], Verdict]:
        trust = TrustSnapshot(
            snapshot_id="bench",
            domain="bench",
            anchors=(TrustAnchor(certificate=pool.certificate(root)),),
            graph=graph,
            signatures=signatures,
            pool=pool,
        )
        parameters = Parameters(validation_time=AT, revocation=RevocationRule.NONE)
        request = Request(target=leaf, parameters=parameters)
        return lambda: decide(request, Evidence(), trust)

    anchors = bridge.roots[1:SAMPLED]
    return {
        "found": [ask(bridge.leaves[0], root) for root in anchors],
        "refused: no way to the anchor": [ask(leaf, unrelated) for leaf in bridge.leaves[:SAMPLED]],
        "refused: expired on the only way": [ask(bridge.lapsed_leaves[0], root) for root in anchors],
    }


def check(asked: dict[str, list[Callable[[], Verdict]]]) -> None:
    """The answers are what they should be, and this warms everything up."""
    for name, judges in asked.items():
        for judge in judges:
            verdict = judge()
            if (verdict.indication == "TOTAL_PASSED") != (name == "found"):
                sys.exit(f"{name}: {verdict.findings}")


def cpu_us(judges: Sequence[Callable[[], Verdict]]) -> float:
    start = time.process_time()
    for _ in range(LOOPS):
        for judge in judges:
            judge()
    return (time.process_time() - start) / LOOPS / len(judges) * 1e6


def main() -> None:
    """Print what the graphs hold and cost to make, then a row per question."""
    asked: dict[int, dict[str, list[Callable[[], Verdict]]]] = {}
    for size in SIZES:
        bridge = make_bridge(size)
        start = time.process_time()
        asked[size] = questions(bridge)
        built = time.process_time()
        asked[size]["found"][0]()
        first = time.process_time()
        check(asked[size])
        print(
            f"{size:3} principal CAs: {len(bridge.certificates):5,} certificates in the graph, made in "
            f"{built - start:.2f} s, first answer under an anchor {(first - built) * 1e3:.1f} ms"
        )
    gc.collect()
    gc.freeze()
    print("CPU per decision after that, median; the ratio is 500 principal CAs / 5 (aim: at most 1.3)")
    for name in asked[SIZES[0]]:
        samples: dict[int, list[float]] = {size: [] for size in SIZES}
        for _ in range(ROUNDS):
            for size in SIZES:
                samples[size].append(cpu_us(asked[size][name]))
        small, large = (statistics.median(samples[size]) for size in SIZES)
        print(f"{name:34} {small:8.0f} us {large:8.0f} us   ratio {large / small:5.2f}")


if __name__ == "__main__":
    main()
