"""Unified identity: one key for one holder, whichever CA certified it, RSA or SM2, before or after renewal.

An organisation is known by its GB 11714 code, which a unified social credit code holds in characters 9 to
17: "org:<9 characters>". A person is known by a keyed digest of the resident number: "person:<64 hex>".
Personal numbers are digested inside this call and never leave it in clear.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from cryptography.hazmat.primitives import hashes, hmac

from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.identity import HolderKind, holder_kind
from ca_bridge.core.x509.identity_claims import Claims, claims
from ca_bridge.core.x509.identity_conflicts import conflicts, organizations_conflict
from ca_bridge.core.x509.identity_registry import IdentityKind, IdentityRule
from ca_bridge.core.x509.identity_statement import identity_statements
from ca_bridge.core.x509.identity_subject import holder_name
from ca_bridge.core.x509.identity_value import mask
from ca_bridge.core.x509.names import Name

MIN_DIGEST_KEY_BYTES = 32
_SCOPE = frozenset({"2.5.4.6", "2.5.4.10"})
_ORGANIZATION = "2.5.4.10"


class PersonalDigest:
    """HMAC-SM3 (GB/T 32905, RFC 2104) under one key, which it never shows.

    Whoever holds the same key can compute a person's key from an own record: the text digested is
    "person:" and the resident number of 18 characters.
    """

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        if len(key) < MIN_DIGEST_KEY_BYTES:
            raise ValueError(f"the key of personal digests has at least {MIN_DIGEST_KEY_BYTES} bytes")
        self._key = key

    def __call__(self, text: str) -> str:
        """64 hexadecimal digits."""
        code = hmac.HMAC(self._key, hashes.SM3())
        code.update(text.encode())
        return code.finalize().hex()

    def __repr__(self) -> str:
        return "PersonalDigest(...)"


class KeyStrength(StrEnum):
    """How far a key reaches, strongest first.

    HOLDER: every CA gives it, for as long as the holder exists. DOCUMENT: until a passport or officer card
    is renewed. CA: within one CA's numbering. NAME: within one issuer, if that never gives one name to two
    (RFC 5280 §4.1.2.6).
    """

    HOLDER = "holder"
    DOCUMENT = "document"
    CA = "ca"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityKey:
    """One key of the holder and where its number stood; safe to keep and show."""

    key: str
    strength: KeyStrength
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaUniqueId:
    """One identifier within a CA's numbering: masked, since it may hold a personal number."""

    source: str
    owner: str
    masked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnifiedIdentity:
    """Whom a certificate is about.

    ``keys`` are what accounts may be bound to, strongest first; where the certificate contradicts itself
    about an organisation or a person there is none for it. ``claimed_keys`` has those too: what
    a list of blocked holders is compared with. Codes are None where they conflict.
    """

    kind: HolderKind
    unified_social_credit_code: str | None
    organization_code: str | None
    name: str | None = field(repr=False)
    ca_unique_ids: tuple[CaUniqueId, ...]
    resident_digest: str | None
    keys: tuple[IdentityKey, ...]
    claimed_keys: tuple[str, ...]
    findings: tuple[Finding, ...]


def derive_identity(
    certificate: Certificate,
    registry: tuple[IdentityRule, ...],
    *,
    digest: Callable[[str], str] | None = None,
    issuer_key_sha256: str | None = None,
) -> UnifiedIdentity:
    """The holder's identity; without ``digest`` (a PersonalDigest) there are keys of organisations only."""
    statements = identity_statements(certificate, registry, issuer_key_sha256)
    claimed = claims(statements)
    all_keys = (*_holder_keys(claimed, digest), *_weaker_keys(certificate, claimed, digest))
    doubtful = _doubtful(claimed)
    keys = tuple(key for key in all_keys if key.key.partition(":")[0] not in doubtful)
    persons = (key.key.partition(":")[2] for key in keys if key.key.startswith("person:"))
    settled = "org" not in doubtful
    return UnifiedIdentity(
        kind=holder_kind(statements, certificate.subject),
        unified_social_credit_code=next(iter(claimed.unified_codes), None) if settled else None,
        organization_code=next(iter(claimed.organizations), None) if settled else None,
        name=holder_name(certificate.subject),
        ca_unique_ids=tuple(
            CaUniqueId(source=s.source, owner=s.owner, masked=mask(s.reading.text))
            for s in statements
            if s.reading.declared is IdentityKind.CA_UNIQUE_ID and s.reading.readable
        ),
        resident_digest=next(persons, None),
        keys=keys,
        claimed_keys=tuple(key.key for key in all_keys),
        findings=conflicts(statements, claimed),
    )


def _doubtful(claimed: Claims) -> frozenset[str]:
    """Prefixes of keys that the certificate contradicts itself about."""
    doubts = {"org": organizations_conflict(claimed), "person": len(claimed.residents) > 1}
    return frozenset(prefix for prefix, doubted in doubts.items() if doubted)


def _holder_keys(claimed: Claims, digest: Callable[[str], str] | None) -> Iterator[IdentityKey]:
    for code, source in claimed.organizations.items():
        yield IdentityKey(key=f"org:{code}", strength=KeyStrength.HOLDER, source=source)
    if digest is not None:
        for number, source in claimed.residents.items():
            key = f"person:{digest(f'person:{number}')}"
            yield IdentityKey(key=key, strength=KeyStrength.HOLDER, source=source)


def _weaker_keys(
    certificate: Certificate, claimed: Claims, digest: Callable[[str], str] | None
) -> Iterator[IdentityKey]:
    """Keys of documents and of the CA's own numbering; of the names alone when nothing else is claimed."""
    if digest is None:
        return
    for number, source in claimed.documents.items():
        key = f"document:{digest(f'document:{number}')}"
        yield IdentityKey(key=key, strength=KeyStrength.DOCUMENT, source=source)
    scope = _issuer_scope(certificate.issuer)
    for identifier, source in claimed.ca_unique_ids.items():
        key = f"ca:{digest(f'ca:{scope}:{identifier}')}"
        yield IdentityKey(key=key, strength=KeyStrength.CA, source=source)
    if not claimed.names_holder and not claimed.ca_unique_ids and certificate.subject.rdns:
        names = f"{_fold(certificate.issuer.normalized)}:{_fold(certificate.subject.normalized)}"
        yield IdentityKey(key=f"name:{digest(f'name:{names}')}", strength=KeyStrength.NAME, source="subject")


def _issuer_scope(issuer: Name) -> str:
    """A CA as its RSA and SM2 issuers share it: country and organisation, else the whole name."""
    parts = tuple(
        form
        for rdn, form in zip(issuer.rdns, issuer.normalized, strict=False)
        if any(attribute.oid in _SCOPE for attribute in rdn)
    )
    organized = any(attribute.oid == _ORGANIZATION for rdn in issuer.rdns for attribute in rdn)
    return _fold(parts if organized else issuer.normalized)


def _fold(parts: tuple[bytes, ...]) -> str:
    """SHA-256 of the parts with their lengths: no two lists give one text."""
    return hashlib.sha256(b"".join(len(p).to_bytes(4, "big") + p for p in parts)).hexdigest()
