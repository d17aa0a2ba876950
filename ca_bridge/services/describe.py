"""Parsed values in words that people read: names, keys, algorithms; personal numbers masked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from ca_bridge.core.algorithms.key_loading import load_key
from ca_bridge.core.algorithms.registry import SignatureAlgorithm, signature_algorithm
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import AlgorithmIdentifier, SubjectPublicKeyInfo
from ca_bridge.core.x509.identity_registry import PERSONAL_KINDS
from ca_bridge.core.x509.identity_value import mask, subject_value
from ca_bridge.core.x509.names import GeneralName, GeneralNameType, Name
from ca_bridge.services.printable import printable

# Short names of RFC 4514 §3 and X.520; the rest by OID.
ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        "2.5.4.3": "CN",
        "2.5.4.4": "SN",
        "2.5.4.5": "serialNumber",
        "2.5.4.6": "C",
        "2.5.4.7": "L",
        "2.5.4.8": "ST",
        "2.5.4.9": "street",
        "2.5.4.10": "O",
        "2.5.4.11": "OU",
        "2.5.4.12": "title",
        "2.5.4.13": "description",
        "2.5.4.15": "businessCategory",
        "2.5.4.16": "postalAddress",
        "2.5.4.17": "postalCode",
        "2.5.4.20": "telephoneNumber",
        "2.5.4.41": "name",
        "2.5.4.42": "GN",
        "2.5.4.43": "initials",
        "2.5.4.44": "generationQualifier",
        "2.5.4.46": "dnQualifier",
        "2.5.4.65": "pseudonym",
        "2.5.4.97": "organizationIdentifier",
        "0.9.2342.19200300.100.1.1": "UID",
        "0.9.2342.19200300.100.1.25": "DC",
        "1.2.840.113549.1.9.1": "emailAddress",
        "1.3.6.1.4.1.311.60.2.1.1": "jurisdictionL",
        "1.3.6.1.4.1.311.60.2.1.2": "jurisdictionST",
        "1.3.6.1.4.1.311.60.2.1.3": "jurisdictionC",
    }
)
_LONG_RUN = re.compile(r"[0-9A-Za-z]{15,19}(?![0-9A-Za-z])", re.ASCII)
_IPV4_OCTETS, _IPV6_OCTETS = 4, 16


def name_text(name: Name) -> str:
    """The distinguished name on one line, most specific part first (RFC 4514); "(empty)" for no attribute."""
    shown = [
        "+".join(f"{ATTRIBUTES.get(a.oid, a.oid)}={text_shown(a.text)}" for a in rdn)
        for rdn in reversed(name.rdns[-64:])
    ]
    return printable(", ".join(shown)) or "(empty)"


def text_shown(text: str) -> str:
    """Text made safe to show, with personal identity numbers in it masked."""
    return printable(_LONG_RUN.sub(_masked, text[:1024]))


def _masked(match: re.Match[str]) -> str:
    value = subject_value(match[0].upper())
    return mask(match[0]) if value is not None and value.kind in PERSONAL_KINDS else match[0]


def general_name_text(name: GeneralName) -> str:
    """One GeneralName as "kind: value"."""
    kind = name.kind.value.removesuffix("_name") if name.kind is not GeneralNameType.OTHER_NAME else "other"
    if name.name is not None:
        return f"{kind}: {name_text(name.name)}"
    if name.kind is GeneralNameType.IP_ADDRESS:
        return f"{kind}: {_address(name.octets)}"
    if name.text:
        return f"{kind}: {text_shown(name.text)}"
    label = f" {name.type_id}" if name.type_id else ""
    return f"{kind}{label}: {octets_text(name.octets)}"


def _address(octets: bytes) -> str:
    size = len(octets)
    if size in (_IPV4_OCTETS, _IPV6_OCTETS):
        return _host(octets)
    return f"{_host(octets[: size // 2])}/{_host(octets[size // 2 :])}"


def _host(octets: bytes) -> str:
    if len(octets) == _IPV4_OCTETS:
        return ".".join(map(str, octets))
    return ":".join(f"{octets[i] << 8 | octets[i + 1]:x}" for i in range(0, len(octets) - 1, 2))


def octets_text(octets: bytes, longest: int = 40) -> str:
    """Octets in hex, the first ``longest`` and how many there are when there are more."""
    shown = octets[:longest].hex()
    return shown if len(octets) <= longest else f"{shown}… ({len(octets)} bytes)"


def key_text(key: SubjectPublicKeyInfo) -> str:
    """Kind and size of a key, such as "RSA 2048", "P-256", "SM2"; its OID when it cannot be loaded."""
    loaded = load_key(key, None)
    if isinstance(loaded, Finding):
        return f"{key.algorithm.oid} ({loaded.reason.code})"
    return f"{loaded.kind} {loaded.bits}" if loaded.kind in {"RSA", "DSA"} else loaded.kind


def algorithm_text(algorithm: AlgorithmIdentifier) -> str:
    """Name of a signature algorithm; its OID when it is none of those known."""
    known = signature_algorithm(algorithm)
    return known.name if isinstance(known, SignatureAlgorithm) else algorithm.oid
