"""What is asked: the target, the purpose, and the inputs of RFC 5280 §6.1.1."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

ANY_POLICY = "2.5.29.32.0"


class Purpose(StrEnum):
    """What the target's key is to be relied on for."""

    ANY = "any"
    DIGITAL_SIGNATURE = "digital_signature"
    CONTRACT_SIGNING = "contract_signing"
    SERVER_AUTH = "server_auth"
    CLIENT_AUTH = "client_auth"
    CODE_SIGNING = "code_signing"
    EMAIL_PROTECTION = "email_protection"
    TIME_STAMPING = "time_stamping"
    OCSP_SIGNING = "ocsp_signing"


class RevocationRule(StrEnum):
    """How much revocation evidence is asked for; ordered from loose to strict."""

    NONE = "none"
    IF_AVAILABLE = "if_available"
    REQUIRE_TARGET = "require_target"
    REQUIRE_ALL = "require_all"


class KeyUsageBit(StrEnum):
    """Bits of keyUsage, RFC 5280 §4.2.1.3, in bit order."""

    DIGITAL_SIGNATURE = "digital_signature"
    CONTENT_COMMITMENT = "content_commitment"
    KEY_ENCIPHERMENT = "key_encipherment"
    DATA_ENCIPHERMENT = "data_encipherment"
    KEY_AGREEMENT = "key_agreement"
    KEY_CERT_SIGN = "key_cert_sign"
    CRL_SIGN = "crl_sign"
    ENCIPHER_ONLY = "encipher_only"
    DECIPHER_ONLY = "decipher_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Everything beside the certificates that can change the answer. No field has hidden state.

    ``user_initial_policy_set`` of {ANY_POLICY} means any policy (RFC 5280 §6.1.1 (c)).
    ``max_path_length`` counts non-self-issued intermediates (§6.1.2 (k)); None = no limit asked.
    ``sm2_user_ids`` are tried in order; ``algorithm_profile`` names a row of AlgorithmProfile.
    ``assurance_level``: the lowest level of the domain's scale that is enough; None = any or none.
    ``identity_required``: the target must name its holder by a number that any CA would give.
    """

    validation_time: datetime
    purpose: Purpose = Purpose.ANY
    dns_name: str | None = None
    key_usage: frozenset[KeyUsageBit] = frozenset()
    revocation: RevocationRule = RevocationRule.IF_AVAILABLE
    user_initial_policy_set: frozenset[str] = frozenset({ANY_POLICY})
    initial_explicit_policy: bool = False
    initial_policy_mapping_inhibit: bool = False
    initial_any_policy_inhibit: bool = False
    max_path_length: int | None = None
    algorithm_profile: str = "default"
    sm2_user_ids: tuple[bytes, ...] = (b"1234567812345678",)
    assurance_level: str | None = None
    identity_required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One question: may this party rely on ``target`` (DER) under ``parameters``?"""

    target: bytes
    parameters: Parameters


_STRICTNESS = tuple(RevocationRule)


def tighten(base: Parameters, asked: Parameters) -> Parameters:
    """``asked`` under a domain's ``base``: in every field the stricter of the two, never looser.

    What the question is about (time, purpose, name, key usage) is the asker's; the algorithm
    profile and the SM2 user IDs are the domain's alone.
    """
    return replace(
        asked,
        revocation=max(base.revocation, asked.revocation, key=_STRICTNESS.index),
        key_usage=base.key_usage | asked.key_usage,
        user_initial_policy_set=common_policies(base.user_initial_policy_set, asked.user_initial_policy_set),
        initial_explicit_policy=base.initial_explicit_policy or asked.initial_explicit_policy,
        initial_policy_mapping_inhibit=base.initial_policy_mapping_inhibit
        or asked.initial_policy_mapping_inhibit,
        initial_any_policy_inhibit=base.initial_any_policy_inhibit or asked.initial_any_policy_inhibit,
        max_path_length=shorter(base.max_path_length, asked.max_path_length),
        algorithm_profile=base.algorithm_profile,
        sm2_user_ids=base.sm2_user_ids,
    )


def common_policies(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """Policies acceptable to both sets, where ANY_POLICY in a set means every policy."""
    if ANY_POLICY in one:
        return other
    if ANY_POLICY in other:
        return one
    return one & other


def shorter(one: int | None, other: int | None) -> int | None:
    """The smaller of two path lengths; None is no limit."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
