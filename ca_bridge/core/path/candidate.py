"""CandidatePath and ValidatedPath: the values path building and path validation make."""

from __future__ import annotations

from dataclasses import dataclass

from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.verdict import PolicyQualifier
from ca_bridge.core.x509.certificate import Certificate, SubjectPublicKeyInfo


@dataclass(frozen=True, slots=True)
class WorkingKey:
    """working_public_key and working_public_key_parameters (RFC 5280 §6.1.2 (h), (i)).

    ``dsa_parameters``: DER of inherited DSA domain parameters, None unless the key is DSA.
    """

    spki: SubjectPublicKeyInfo
    dsa_parameters: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidatePath:
    """Certificates target first, each named and signed by the next, the last by the anchor.

    Names chain and no certificate repeats; every signature on it has verified.
    """

    certificates: tuple[Certificate, ...]
    anchor: TrustAnchor


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidatedPath:
    """A path that passed RFC 5280 §6.1 without (a)(3); made by path.validation only.

    ``issuer_keys[i]`` is the key that signed ``certificates[i]``.
    """

    certificates: tuple[Certificate, ...]
    anchor: TrustAnchor
    issuer_keys: tuple[WorkingKey, ...]
    authorities_constrained_policy_set: frozenset[str]
    user_constrained_policy_set: frozenset[str]
    policy_qualifiers: tuple[PolicyQualifier, ...]
