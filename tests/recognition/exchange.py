"""Lists, signers and readers shared by the tests of trust-list exchange."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from lxml import etree

from ca_bridge.adapters.trust_list_xml import publish_xml, read_xml
from ca_bridge.adapters.trust_list_xml_sign import sign_tree
from ca_bridge.core.recognition.agreement import Conditions, KeyAlgorithm, RecognitionStatus
from ca_bridge.core.recognition.trust_list import (
    AuthorityPin,
    FormerAuthorities,
    TrustList,
    TrustListEntry,
    UndatedHistory,
)
from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.services.trust_list_exchange.publishing import SchemePublisher

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ISSUED = datetime(2026, 2, 1, tzinfo=UTC)
NEXT = datetime(2026, 8, 1, tzinfo=UTC)
SINCE = datetime(2015, 7, 10, 16, tzinfo=UTC)
ARC = "2.16.344.8.2.2008.810.2"
PUBLISHER = SchemePublisher(
    street="1 Example Street",
    locality="Guangzhou",
    country="CN",
    electronic_address="mailto:list@example.test",
    information_uri="https://example.test/list",
    legal_notice_zh="仅供测试",
    legal_notice_en="For tests",
)


@dataclass(frozen=True)
class Signer:
    key: Any
    certificate: x509.Certificate

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pin(self) -> str:
        return sha256(self.der).hexdigest()


@cache
def signer(kind: str = "ec", name: str = "List signer", until: datetime = NEXT) -> Signer:
    key: Any
    if kind == "ec":
        key = ec.generate_private_key(ec.SECP256R1())
    elif kind == "ed25519":
        key = ed25519.Ed25519PrivateKey.generate()
    elif kind == "p384":
        key = ec.generate_private_key(ec.SECP384R1())
    else:
        key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ISSUED - timedelta(days=365))
        .not_valid_after(until)
    )
    return Signer(key, builder.sign(key, None if kind == "ed25519" else SHA256()))


def pin(name: str) -> AuthorityPin:
    return AuthorityPin(sha256=sha256(name.encode()).hexdigest(), name=name)


def ca_der(name: str) -> bytes:
    return signer("ec", name).der


def ca_pin(name: str) -> AuthorityPin:
    return AuthorityPin(sha256=sha256(ca_der(name)).hexdigest(), name=name)


def certificate_of(wanted: str) -> bytes | None:
    known = {sha256(ca_der(name)).hexdigest(): ca_der(name) for name in ("e-Cert CA 2 - 15", "Root CA 2")}
    return known.get(wanted)


def entry(**changed: Any) -> TrustListEntry:
    values: dict[str, Any] = {
        "identifier": "hk-personal",
        "title_zh": "電子證書（個人）",
        "title_en": "e-Cert (Personal)",
        "regulator": 'OGCIO <&> "registry"',
        "authority": "Postmaster General",
        "status": RecognitionStatus.ACTIVE,
        "recognised_from": SINCE,
        "roots": (ca_pin("Root CA 2"),),
        "issuers": (ca_pin("e-Cert CA 2 - 15"), pin("CA without certificate")),
        "type_name": "Hongkong Post e-Cert (Personal)",
        "policy_arcs": (ARC,),
        "policies": ("2.999.1",),
        "level": "high",
        "history": (
            FormerAuthorities(
                roots=(pin("Root CA 1"),),
                issuers=(pin("e-Cert CA 1 - 10"),),
                since=SINCE,
                until=datetime(2018, 1, 1, tzinfo=UTC),
            ),
            FormerAuthorities(
                roots=(pin("Root CA 0"),), issuers=(pin("CA 0"),), undated=UndatedHistory.REFUSE
            ),
        ),
        "conditions": Conditions(
            purposes=frozenset({Purpose.DIGITAL_SIGNATURE}),
            key_algorithms=frozenset({KeyAlgorithm.RSA, KeyAlgorithm.SM2}),
            revocation=RevocationRule.REQUIRE_ALL,
            max_status_age=timedelta(hours=24),
        ),
        "sources": ("https://example.test/a", "https://example.test/b"),
        "confidence": "A",
    }
    return TrustListEntry(**(values | changed))


def trust_list(**changed: Any) -> TrustList:
    values: dict[str, Any] = {
        "identifier": "hong-kong",
        "title_zh": "香港名單",
        "title_en": "Hong Kong list",
        "territory": "HK",
        "scheme_operator": "Digital Policy Office",
        "sequence_number": 7,
        "issued": ISSUED,
        "next_update": NEXT,
        "entries": (entry(),),
    }
    return TrustList(**(values | changed))


def published(value: TrustList, by: Signer | None = None) -> bytes:
    by = by or signer()
    return publish_xml(value, PUBLISHER, certificate_of, by.key, by.certificate)


def read(raw: bytes, *signers: Signer, now: datetime = NOW):
    return read_xml(raw, {one.pin for one in signers or (signer(),)}, now)


def signed(tree: etree._Element, by: Signer | None = None) -> bytes:
    by = by or signer()
    return sign_tree(tree, by.key, by.certificate, ISSUED)
