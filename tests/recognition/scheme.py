"""The agreements and the trust list of the test PKI, as values, and a short way to ask under them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any

from ca_bridge import wiring
from ca_bridge.core.decide import decide
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.recognition.agreement import (
    Agreement,
    AgreementKind,
    PolicyMapping,
    RecognitionStatus,
)
from ca_bridge.core.recognition.domain import AssuranceScale, PkiDomain, PolicyLevel, PrincipalCa
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.recognition.rules import compile_policy, rules_of
from ca_bridge.core.recognition.trust_list import AuthorityPin, TrustList, TrustListEntry
from ca_bridge.core.request import Parameters, Request, RevocationRule
from ca_bridge.core.verdict import TrustModel, Verdict
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.certificate_parser import parse_certificate
from tests import pki_writers as pki_writers  # noqa: PLC0414 - puts certs-test on the path

import pki  # isort: skip

NOW = datetime(2026, 1, 15, 8, tzinfo=UTC)
SINCE = datetime(2020, 1, 1, tzinfo=UTC)
SCALE = AssuranceScale(name="gba", levels=("basic", "medium", "high"))
C = pki.CERTIFICATES
LEAVES = {label: issued.certificate for label, issued in pki.LEAVES.items()}


@cache
def parsed(der: bytes) -> Certificate:
    return parse_certificate(der)


def key_of(der: bytes) -> str:
    return sha256(parsed(der).spki.der).hexdigest()


def fingerprint(der: bytes) -> str:
    return sha256(der).hexdigest()


def authority(identifier: str, *ders: bytes, **fields: Any) -> PrincipalCa:
    keys = tuple(key_of(der) for der in ders)
    return PrincipalCa(identifier=identifier, title_zh=identifier, title_en=identifier, keys=keys, **fields)


def domain(name: str, jurisdiction: str, policies: dict[str, str], *authorities: PrincipalCa) -> PkiDomain:
    return PkiDomain(
        name=name,
        title_zh=name,
        title_en=name,
        jurisdiction=jurisdiction,
        scale=SCALE,
        policies=tuple(PolicyLevel(policy=p, level=level) for p, level in policies.items()),
        authorities=authorities,
    )


def mapping(issuer: str, subject: str, level: str) -> PolicyMapping:
    return PolicyMapping(issuer_domain_policy=issuer, subject_domain_policy=subject, level=level)


def agreement(
    identifier: str, issuer: str, subject: str, *mappings: PolicyMapping, **fields: Any
) -> Agreement:
    given: dict[str, Any] = {
        "kind": AgreementKind.UNILATERAL,
        "status": RecognitionStatus.ACTIVE,
        "effective_from": SINCE,
    }
    return Agreement(
        identifier=identifier,
        title_zh=identifier,
        title_en=identifier,
        issuer_domain=issuer,
        subject_domain=subject,
        mappings=mappings,
        **given | fields,
    )


DOMAINS = (
    domain(
        "hk",
        "HK",
        {pki.HK_HIGH: "high", pki.HK_MUTUAL_RECOGNITION: "medium"},
        authority("hk-post", C["hk-root"], C["hk-ca"]),
    ),
    domain(
        "gd",
        "CN-44",
        {pki.GD_HIGH: "high", pki.GD_MEDIUM: "medium", pki.GD_BASIC: "basic"},
        authority("national", C["national-root"]),
        *(authority(f"gd-{x}", C[f"gd-{x}-sm2"], C[f"gd-{x}-rsa-root"], C[f"gd-{x}-rsa"]) for x in "abc"),
    ),
    domain(
        "bridge",
        "CN-44",
        {pki.BRIDGE_HIGH: "high", pki.BRIDGE_MEDIUM: "medium", pki.BRIDGE_BASIC: "basic"},
        authority("bridge", C["bridge-sm2-root"], C["bridge-rsa-root"]),
    ),
)
HK_TO_BRIDGE = agreement(
    "hk-bridge",
    "hk",
    "bridge",
    mapping(pki.HK_HIGH, pki.BRIDGE_HIGH, "high"),
    mapping(pki.HK_MUTUAL_RECOGNITION, pki.BRIDGE_MEDIUM, "medium"),
)
BRIDGE_TO_GD = agreement(
    "bridge-gd",
    "bridge",
    "gd",
    *(
        mapping(b, g, level)
        for b, g, level in zip(pki.BRIDGE_POLICIES, pki.GD_POLICIES, ("high", "medium", "basic"), strict=True)
    ),
)
AGREEMENTS = (HK_TO_BRIDGE, BRIDGE_TO_GD)
ENTRY = TrustListEntry(
    identifier="e-cert-personal",
    title_zh="电子证书（个人）",
    title_en="e-Cert (Personal)",
    regulator="test",
    authority="hk-post",
    status=RecognitionStatus.ACTIVE,
    recognised_from=datetime(2025, 7, 11, tzinfo=UTC),
    recognised_until=datetime(2027, 7, 11, tzinfo=UTC),
    roots=(AuthorityPin(sha256=fingerprint(C["hk-root"])),),
    issuers=(AuthorityPin(sha256=fingerprint(C["hk-ca"])),),
    type_name="Test HK Post e-Cert (Personal)",
    policy_arcs=("2.16.344.8.2.2008.810.2",),
    level="medium",
)
TRUST_LIST = TrustList(
    identifier="hong-kong",
    title_zh="香港",
    title_en="Hong Kong",
    territory="HK",
    scheme_operator="test",
    sequence_number=1,
    issued=SINCE,
    entries=(ENTRY,),
)
POLICY = RecognitionPolicy(domains=DOMAINS, agreements=AGREEMENTS, trust_lists=(TRUST_LIST,))
HK_TO_GD_A = (C["hk-root-to-bridge-rsa"], C["bridge-rsa-to-bridge-sm2"], C["bridge-sm2-to-gd-a-sm2"])


def with_entry(entry: TrustListEntry = ENTRY, **of_list: Any) -> RecognitionPolicy:
    return replace(POLICY, trust_lists=(replace(TRUST_LIST, entries=(entry,), **of_list),))


def ask(
    target: bytes,
    policy: RecognitionPolicy = POLICY,
    *,
    relying: str = "hk",
    model: TrustModel = TrustModel.CROSS_CERTIFICATION,
    anchors: Iterable[bytes] = (C["hk-root"],),
    chain: Iterable[bytes] = HK_TO_GD_A,
    evidence: Evidence | None = None,
    known_keys: dict[str, str] | None = None,
    **parameters: Any,
) -> Verdict:
    """The engine's own answer under one trust model."""
    rules = rules_of(compile_policy(policy, known_keys=known_keys), relying, model, ("hong-kong",))
    given = {"validation_time": NOW, "revocation": RevocationRule.NONE} | parameters
    request = Request(target=target, parameters=Parameters(**given))
    found = evidence or Evidence(certificates=tuple(chain))
    return decide(request, found, _trust(tuple(anchors)), rules)


_trust = cache(wiring.offline_trust)


def listed(target: bytes, policy: RecognitionPolicy = POLICY, **fields: Any) -> Verdict:
    """The answer under trust lists, for a site of Guangdong."""
    given = {"relying": "gd", "chain": (C["hk-ca"],), "model": TrustModel.TRUST_LIST} | fields
    return ask(target, policy, **given)


def codes(verdict: Verdict) -> list[str]:
    return [finding.reason.code for finding in verdict.findings]
