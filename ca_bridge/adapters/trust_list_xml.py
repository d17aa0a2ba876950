"""Trust lists as signed ETSI TS 119 612 XML: published, and read back from who is pinned."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from cryptography import x509

from ca_bridge.adapters.trust_list_xml_parse import parse_list
from ca_bridge.adapters.trust_list_xml_read import read_tree
from ca_bridge.adapters.trust_list_xml_sign import SigningKey, sign_tree
from ca_bridge.adapters.trust_list_xml_signature import verify_signature
from ca_bridge.adapters.trust_list_xml_write import CertificateOf, list_tree
from ca_bridge.core.recognition.trust_list import TrustList
from ca_bridge.services.trust_list_exchange.publishing import SchemePublisher
from ca_bridge.services.trust_list_exchange.read_list import ReadList


def publish_xml(
    trust_list: TrustList,
    publisher: SchemePublisher,
    certificate_of: CertificateOf,
    key: SigningKey,
    certificate: x509.Certificate,
) -> bytes:
    """The list as XML, signed at its issue time with ``key`` of ``certificate``."""
    return sign_tree(list_tree(trust_list, publisher, certificate_of), key, certificate, trust_list.issued)


def read_xml(raw: bytes, signers: Collection[str], now: datetime) -> ReadList:
    """The list in ``raw``, signed by one of ``signers`` (SHA-256 of certificates, lower-case hex).

    TrustListRefused: TOO_LARGE, DOCTYPE, MALFORMED, SIGNATURE_INVALID, SIGNER_NOT_PINNED,
    CRITICAL_EXTENSION_UNKNOWN. Sequence and freshness are the importer's to judge.
    """
    return read_tree(verify_signature(parse_list(raw), signers, now).root)
