"""Certificates, keys, CAs and subjects that are not accepted whatever else says yes, since when and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class BlockKind(StrEnum):
    """What ``Block.value`` is.

    CERTIFICATE: SHA-256 of a certificate, as target or on the path. KEY: SHA-256 of a
    SubjectPublicKeyInfo, as target or on the path. CA: SHA-256 of a CA's SubjectPublicKeyInfo, everything
    below it. SUBJECT: an identity key of the target's holder (core.x509.identity_key).
    """

    CERTIFICATE = "certificate"
    KEY = "key"
    CA = "ca"
    SUBJECT = "subject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One row; in force from ``effective_from`` until before ``effective_until``."""

    identifier: str
    kind: BlockKind
    value: str
    reason_zh: str
    reason_en: str
    publication: str
    effective_from: datetime
    effective_until: datetime | None = None
