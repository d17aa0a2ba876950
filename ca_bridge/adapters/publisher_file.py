"""Who publishes trust lists, from the file that CA_BRIDGE_PUBLISHER names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ca_bridge.adapters.policy_schema import read_schema, schema_problems
from ca_bridge.adapters.trust_list_publishing import TrustListPress
from ca_bridge.adapters.trust_list_shelf import TrustListShelf
from ca_bridge.adapters.trust_list_xml_sign import SigningKey
from ca_bridge.adapters.trust_list_xml_write import CertificateOf
from ca_bridge.adapters.yaml_document import PolicyFileError, YamlDocument, read_yaml
from ca_bridge.services.trust_list_exchange.publishing import SchemePublisher


def read_press(
    path: Path, schema_path: Path, *, certificate_of: CertificateOf, now: Callable[[], datetime]
) -> TrustListPress:
    """The press that ``path`` describes; files it names lie beside it unless their paths are absolute.

    PolicyFileError with every problem and its line; it never shows anything of the key.
    """
    document = read_yaml(path)
    problems = schema_problems(document, read_schema(schema_path))
    if problems:
        raise PolicyFileError(*problems)
    data = document.data
    certificate = _certificate(document, path.parent / data["certificate"])
    return TrustListPress(
        publisher=SchemePublisher(
            street=data["street"],
            locality=data["locality"],
            country=data["country"],
            electronic_address=data["electronic_address"],
            information_uri=data["information_uri"],
            legal_notice_zh=data["legal_notice"]["zh"],
            legal_notice_en=data["legal_notice"]["en"],
        ),
        key=_key(document, path.parent / data["key"], certificate),
        certificate=certificate,
        certificate_of=certificate_of,
        shelf=TrustListShelf(path.parent / data["folder"]),
        period=timedelta(days=data["period_days"]),
        now=now,
    )


def _certificate(document: YamlDocument, path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError) as error:
        raise PolicyFileError(
            document.problem(("certificate",), "names no certificate in PEM", "未指向 PEM 证书文件")
        ) from error


def _key(document: YamlDocument, path: Path, certificate: x509.Certificate) -> SigningKey:
    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise PolicyFileError(
            document.problem(("key",), "names no private key in PEM", "未指向 PEM 私钥文件")
        ) from error
    if not isinstance(key, SigningKey) or key.public_key() != certificate.public_key():
        raise PolicyFileError(
            document.problem(("key",), "is not the key of the certificate", "与证书的公钥不匹配")
        )
    return key
