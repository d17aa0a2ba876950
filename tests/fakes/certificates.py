"""Certificates and paths as values, without DER: what path validation looks at and nothing else."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from ca_bridge.core.budget import Budget, Limits
from ca_bridge.core.path.candidate import CandidatePath
from ca_bridge.core.path.context import Context
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.request import KeyUsageBit, Parameters
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import (
    AlgorithmIdentifier,
    Certificate,
    SignedBytes,
    SubjectPublicKeyInfo,
)
from ca_bridge.core.x509.extensions import BasicConstraints, CertificateExtensions
from ca_bridge.core.x509.names import Attribute, GeneralName, GeneralNameType, Name

NOW = datetime(2024, 6, 1, tzinfo=UTC)
FROM, UNTIL = datetime(2020, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
CA = BasicConstraints(ca=True, path_length=None)
NOT_CA = BasicConstraints(ca=False, path_length=None)
ISSUING = frozenset({KeyUsageBit.KEY_CERT_SIGN, KeyUsageBit.CRL_SIGN})
SIGNING = frozenset({KeyUsageBit.DIGITAL_SIGNATURE, KeyUsageBit.CONTENT_COMMITMENT})

_TYPES = {
    "C": "2.5.4.6",
    "O": "2.5.4.10",
    "OU": "2.5.4.11",
    "CN": "2.5.4.3",
    "E": "1.2.840.113549.1.9.1",
}
_serial = itertools.count(1)


def name(text: str) -> Name:
    """A name from "C=CN, O=Test"; comparison ignores case."""
    parts = [part.strip().partition("=") for part in text.split(",") if part.strip()]
    rdns = tuple((Attribute(_TYPES[key], 12, value, value.encode()),) for key, _, value in parts)
    normalized = tuple(f"{key}={value}".lower().encode() for key, _, value in parts)
    return Name(text.encode(), rdns, normalized)


def spki(seed: str, oid: str = "1.2.840.10045.2.1", parameters: bytes | None = None) -> SubjectPublicKeyInfo:
    return SubjectPublicKeyInfo(seed.encode(), AlgorithmIdentifier(oid, parameters), seed.encode())


def certificate(subject: str, issuer: str, **fields: Any) -> Certificate:
    """A version 3 certificate; field names are those of Certificate or of CertificateExtensions."""
    own = {f: fields.pop(f) for f in ("version", "not_before", "not_after", "spki") if f in fields}
    number = next(_serial)
    subject_name, issuer_name = name(subject), name(issuer)
    return Certificate(
        der=b"",
        fingerprint=hashlib.sha256(f"{number}".encode()).hexdigest(),
        version=own.get("version", 3),
        serial_number=number,
        issuer=issuer_name,
        subject=subject_name,
        not_before=own.get("not_before", FROM),
        not_after=own.get("not_after", UNTIL),
        spki=own.get("spki", spki(f"key of {subject}")),
        extensions=CertificateExtensions(**fields),
        signed=SignedBytes(b"", AlgorithmIdentifier("1.2", None), b""),
        self_issued=subject_name == issuer_name,
    )


def ca(subject: str = "CN=CA", issuer: str = "CN=Root", **fields: Any) -> Certificate:
    return certificate(subject, issuer, **({"basic_constraints": CA, "key_usage": ISSUING} | fields))


def root(**fields: Any) -> Certificate:
    return ca("CN=Root", "CN=Root", **fields)


def leaf(subject: str = "CN=Leaf", issuer: str = "CN=CA", **fields: Any) -> Certificate:
    return certificate(subject, issuer, **({"key_usage": SIGNING} | fields))


def dns(text: str) -> GeneralName:
    return GeneralName(GeneralNameType.DNS_NAME, text=text)


def email(text: str) -> GeneralName:
    return GeneralName(GeneralNameType.RFC822_NAME, text=text)


def uri(text: str) -> GeneralName:
    return GeneralName(GeneralNameType.URI, text=text)


def ip(octets: bytes) -> GeneralName:
    return GeneralName(GeneralNameType.IP_ADDRESS, octets=octets)


def directory(text: str) -> GeneralName:
    return GeneralName(GeneralNameType.DIRECTORY_NAME, name=name(text))


@dataclass
class FakeSignatures:
    """A checker of keys: finds what it is told about, remembers what it was asked."""

    problems: dict[bytes, Finding] = field(default_factory=dict)
    asked: list[tuple[bytes, bytes | None]] = field(default_factory=list)

    def key_problem(
        self,
        key: SubjectPublicKeyInfo,
        *,
        profile: str,
        at: datetime,
        dsa_parameters: bytes | None = None,
    ) -> Finding | None:
        self.asked.append((key.der, dsa_parameters))
        return self.problems.get(key.der)


def context(
    parameters: Parameters | None = None,
    *,
    limits: Limits | None = None,
    signatures: FakeSignatures | None = None,
) -> Context:
    trust: Any = SimpleNamespace(signatures=signatures or FakeSignatures())
    return Context(
        trust=trust,
        parameters=parameters or Parameters(validation_time=NOW),
        supplied=(),
        budget=Budget(limits),
    )


def asked(**fields: Any) -> Parameters:
    return Parameters(**({"validation_time": NOW} | fields))


def path(*certificates: Certificate, anchor: Certificate | None = None, **flags: bool) -> CandidatePath:
    """Certificates target first under ``anchor`` (a plain root by default)."""
    return CandidatePath(certificates=certificates, anchor=TrustAnchor(certificate=anchor or root(), **flags))


def codes(findings: Iterable[Finding]) -> list[tuple[str, int | None]]:
    return [(f.reason.code, f.position) for f in findings]
