"""Parts that several kinds of policy documents share: lists, times, conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from ca_bridge.core.recognition.agreement import (
    ANYTHING,
    NARROWEST,
    Conditions,
    CrossCertificateTerms,
    KeyAlgorithm,
)
from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.core.x509.identity import HolderKind
from ca_bridge.services.recognition_reading.scalars import subtree_of, time_of

_Value = TypeVar("_Value")
Data = Mapping[str, Any]


def rows(data: Data, key: str, reader: Callable[[Data], _Value]) -> tuple[_Value, ...]:
    """Each row under ``key``, read; none when the key is absent."""
    return tuple(reader(row) for row in data.get(key, ()))


def texts(data: Data, key: str) -> tuple[str, ...]:
    """The texts under ``key``; none when the key is absent."""
    return tuple(data.get(key, ()))


def time_at(data: Data, key: str) -> datetime | None:
    """The time under ``key``; None when the key is absent."""
    text = data.get(key)
    return None if text is None else time_of(text)


def conditions_of(data: Data) -> Conditions:
    """The conditions of an agreement or entry; ANYTHING when it has none."""
    limits = data.get("conditions")
    if not limits:
        return ANYTHING
    age = limits.get("max_status_age_s")
    return Conditions(
        purposes=frozenset(map(Purpose, limits.get("purposes", Purpose))),
        subject_kinds=frozenset(map(HolderKind, limits.get("subject_kinds", HolderKind))),
        key_algorithms=frozenset(map(KeyAlgorithm, limits.get("key_algorithms", KeyAlgorithm))),
        permitted_names=rows(limits, "permitted_names", subtree_of),
        excluded_names=rows(limits, "excluded_names", subtree_of),
        revocation=RevocationRule(limits.get("revocation", RevocationRule.IF_AVAILABLE)),
        max_status_age=None if age is None else timedelta(seconds=int(age)),
    )


def cross_certificate_terms_of(data: Data) -> CrossCertificateTerms:
    """The terms of cross-certificates under an agreement; the narrowest where it says nothing."""
    terms = data.get("cross_certificate")
    if not terms:
        return NARROWEST
    days = terms.get("validity_days")
    return CrossCertificateTerms(
        max_path_length=int(terms.get("max_path_length", NARROWEST.max_path_length)),
        inhibit_policy_mapping=int(terms.get("inhibit_policy_mapping", NARROWEST.inhibit_policy_mapping)),
        inhibit_any_policy=int(terms.get("inhibit_any_policy", NARROWEST.inhibit_any_policy)),
        validity=None if days is None else timedelta(days=int(days)),
        ca_repository=terms.get("ca_repository", NARROWEST.ca_repository),
    )
