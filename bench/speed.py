"""CPU of a warm 3-certificate validation against cryptography's x509.verification and certvalidator.

Each rival judges the same path at the same time for the same server name. Rounds are interleaved and the
median of each is taken, so that a noisy machine disturbs all alike. Prints ratios; the aim is at most
1.0 of cryptography and at most 0.1 of certvalidator.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store
from pyhanko_certvalidator import CertificateValidator, ValidationContext

from ca_bridge.core.decide import decide
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.request import Parameters, Purpose, Request, RevocationRule
from ca_bridge.core.verdict import Verdict
from ca_bridge.wiring import offline_trust

AT = datetime(2025, 6, 1, tzinfo=UTC)
NAME = "shop.example.com"
ROUNDS, LOOPS = 60, 40


def _key(kind: str) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    return (
        rsa.generate_private_key(65537, 2048)
        if kind == "RSA-2048"
        else ec.generate_private_key(ec.SECP256R1())
    )


def make_path(kind: str) -> list[x509.Certificate]:
    """Target, intermediate, root: what a TLS server of a public CA sends, in small."""
    keys = [_key(kind) for _ in range(3)]
    names = [
        x509.Name(
            [x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"), x509.NameAttribute(NameOID.COMMON_NAME, cn)]
        )
        for cn in ("Bench Root", "Bench CA", NAME)
    ]
    made = []
    for i in range(3):
        issuer = max(0, i - 1)
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[i])
            .issuer_name(names[issuer])
            .public_key(keys[i].public_key())
            .serial_number(1000 + i)
            .not_valid_before(AT - timedelta(days=30))
            .not_valid_after(AT + timedelta(days=300))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(keys[i].public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(keys[issuer].public_key()), critical=False
            )
        )
        made.append(_finish(builder, is_ca=i < 2).sign(keys[issuer], hashes.SHA256()))
    return made[::-1]


def _finish(builder: x509.CertificateBuilder, *, is_ca: bool) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(not is_ca, False, False, False, False, is_ca, is_ca, False, False)
    builder = builder.add_extension(usage, critical=True)
    if is_ca:
        return builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    names = x509.SubjectAlternativeName([x509.DNSName(NAME)])
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return builder.add_extension(names, critical=False).add_extension(purpose, critical=False)


def ours(path: list[x509.Certificate]) -> Callable[[], Verdict]:
    """Our engine, from bytes to verdict."""
    target, intermediate, root = (c.public_bytes(Encoding.DER) for c in path)
    trust = offline_trust((root,))
    parameters = Parameters(
        validation_time=AT, purpose=Purpose.SERVER_AUTH, dns_name=NAME, revocation=RevocationRule.NONE
    )
    request = Request(target=target, parameters=parameters)
    evidence = Evidence(certificates=(intermediate,))
    return lambda: decide(request, evidence, trust)


def pyca(path: list[x509.Certificate]) -> Callable[[], object]:
    """cryptography, from loaded certificates to the built path."""
    verifier = (
        PolicyBuilder()
        .store(Store([path[2]]))
        .time(AT.replace(tzinfo=None))
        .build_server_verifier(x509.DNSName(NAME))
    )
    return lambda: verifier.verify(path[0], [path[1]])


def certvalidator(path: list[x509.Certificate]) -> Callable[[], object]:
    """pyhanko-certvalidator, from parsed certificates to the validated path."""
    target, intermediate, root = (asn1_x509.Certificate.load(c.public_bytes(Encoding.DER)) for c in path)

    def judge() -> object:
        context = ValidationContext(trust_roots=[root], moment=AT, allow_fetching=False)
        validator = CertificateValidator(
            target, intermediate_certs=[intermediate], validation_context=context
        )
        return asyncio.run(validator.async_validate_usage({"digital_signature"}))

    return judge


def cpu_us(judge: Callable[[], object], loops: int) -> float:
    """CPU of one call, in microseconds, over ``loops`` of them."""
    start = time.process_time()
    for _ in range(loops):
        judge()
    return (time.process_time() - start) / loops * 1e6


def main() -> None:
    """Print a row per key kind."""
    print("CPU per validation, median; ratios are ours / theirs")
    for kind in ("RSA-2048", "P-256"):
        path = make_path(kind)
        judges = {"ours": ours(path), "cryptography": pyca(path), "certvalidator": certvalidator(path)}
        verdict = judges["ours"]()
        assert isinstance(verdict, Verdict)
        assert verdict.indication == "TOTAL_PASSED", verdict.findings
        samples: dict[str, list[float]] = {name: [] for name in judges}
        for _ in range(ROUNDS):
            for name, judge in judges.items():
                samples[name].append(cpu_us(judge, LOOPS if name != "certvalidator" else LOOPS // 8))
        median = {name: statistics.median(values) for name, values in samples.items()}
        print(
            f"{kind:9} ours {median['ours']:7.1f} us   cryptography {median['cryptography']:7.1f} us   "
            f"certvalidator {median['certvalidator']:8.1f} us   "
            f"ratio {median['ours'] / median['cryptography']:.2f}"
            f" and {median['ours'] / median['certvalidator']:.3f}"
        )


if __name__ == "__main__":
    main()
