"""What is kept of a question so that it can be judged again: facts a decision depends on, and no person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ca_bridge.core.budget import Resource
from ca_bridge.core.request import RevocationRule
from ca_bridge.core.verdict import CertificateStatus, Finding, RejectedPath, TrustModel
from ca_bridge.core.x509.certificate import AlgorithmIdentifier, Certificate, SubjectPublicKeyInfo
from ca_bridge.core.x509.extensions import CertificateExtensions
from ca_bridge.core.x509.identity import HolderKind
from ca_bridge.core.x509.names import GeneralNameType, Name


class Cause(StrEnum):
    """Why a question cannot be judged again from its record.

    SELF_ISSUED, ISSUER_NOT_A_CA: the names on it may be a person's, so it was not recorded. BUDGET: the
    search was, or might be, cut short. NEW_ISSUER_KEY, NEW_PATH: the policy brings a key or a path that was
    not seen. STATUS_SIGNERS: it knows other certificates of those who may have signed the status evidence.
    NAMES: a name that is hidden is constrained. IDENTITY: identity numbers would be read by other rules.
    SM2_USER_ID, ALGORITHMS: the domain uses other SM2 user IDs, or the status evidence was judged by other
    rows of the algorithm table. UNREADABLE: no certificate was sent.
    """

    SELF_ISSUED = "self_issued"
    ISSUER_NOT_A_CA = "issuer_not_a_ca"
    BUDGET = "budget"
    NEW_ISSUER_KEY = "new_issuer_key"
    NEW_PATH = "new_path"
    STATUS_SIGNERS = "status_signers"
    NAMES = "names"
    IDENTITY = "identity"
    SM2_USER_ID = "sm2_user_id"
    ALGORITHMS = "algorithms"
    UNREADABLE = "unreadable"


class NotReplayable(Exception):
    """What was recorded does not tell what is asked now; ``cause`` names what is missing."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class RecordedRdn:
    """One RDN: a keyed digest of its comparison form; (type, keyed digest of the text or "") each."""

    digest: str
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedTarget:
    """An end entity's certificate without its holder's names and numbers.

    ``extensions``: what decisions read, alternative names that may be a person's left empty. ``hidden``:
    forms of the names that are not recorded. ``signatures``: for each key of the issuer's name, by SHA-256,
    what its check came to, acceptance aside. ``registry`` names the rules ``kind`` and keys were read by.
    """

    fingerprint: str
    version: int
    issuer: Name
    subject: tuple[RecordedRdn, ...]
    not_before: datetime
    not_after: datetime
    spki: SubjectPublicKeyInfo
    algorithm: AlgorithmIdentifier
    extensions: CertificateExtensions
    hidden: frozenset[GeneralNameType]
    signatures: Mapping[str, Finding | None]
    sm2_user_ids: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedHolder:
    """What was read of the holder: the kind, keys safe to keep, and, where it was asked, what is wrong."""

    kind: HolderKind
    keys: tuple[str, ...]
    findings: tuple[Finding, ...]
    registry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStatus:
    """What the status evidence came to for one path under one rule: statuses, or findings against it.

    ``trust_anchor`` as ``statuses.anchor_id`` names it.
    """

    model: TrustModel
    path: tuple[str, ...]
    trust_anchor: str
    rule: RevocationRule
    statuses: tuple[CertificateStatus, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusGround:
    """What the statuses under one trust model rest upon, beside the evidence and the path itself.

    ``known``: digest of the certificates that the trust knew of those whose names ``signers`` has the digests
    of. ``accepted``: digest of the algorithm table's rows. ``spent``: of the budget, for all of them.
    """

    model: TrustModel
    signers: tuple[str, ...]
    known: str
    accepted: str
    sm2_user_ids: tuple[bytes, ...]
    spent: Mapping[Resource, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedEvidence:
    """What was sent with the target. ``statuses`` None = no CRL and no OCSP response came with it.

    ``left_out``: digests of the subjects of certificates that are not kept, since they are no CA's.
    ``unread_certificates`` and ``unread_status``: what could not be parsed, as rejections.
    """

    certificates: tuple[Certificate, ...]
    statuses: tuple[PathStatus, ...] | None
    grounds: tuple[StatusGround, ...] = ()
    left_out: tuple[str, ...] = ()
    unread_certificates: tuple[RejectedPath, ...] = ()
    unread_status: tuple[RejectedPath, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedQuestion:
    """All of it; ``target`` is the certificate itself where it is a CA's, which is public."""

    target: RecordedTarget | Certificate
    holder: RecordedHolder
    evidence: RecordedEvidence
