"""A bridge CA of three keys and two member domains, with real keys; and a desk to issue at.

bridge (SM2, RSA, ECDSA) ──> SM2 CA of Guangdong ──> subscribers
                        └──> RSA root of Hong Kong ──> operating CA ──> subscribers
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from ca_bridge import wiring
from ca_bridge.adapters.pkilint_lint import PkilintLint
from ca_bridge.adapters.repository_folder import publish_folder
from ca_bridge.adapters.sql_bridge import SqlBridge
from ca_bridge.adapters.sql_database import Database
from ca_bridge.core.decide import decide
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.recognition.agreement import Conditions, CrossCertificateTerms
from ca_bridge.core.recognition.key_identity import key_hash
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.recognition.rules import compile_policy, rules_of
from ca_bridge.core.request import Parameters, Request, RevocationRule
from ca_bridge.core.verdict import TrustModel, Verdict
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.name_parser import decode_name
from ca_bridge.core.x509.names import GeneralName, GeneralNameType
from ca_bridge.services.bridge_ca.crl_issuing import IssueCrls
from ca_bridge.services.bridge_ca.desk import BridgeDesk
from ca_bridge.services.bridge_ca.issuer import BridgeIssuer, Issuers
from ca_bridge.services.bridge_ca.model import IssuedCertificate, RevocationEvent, RevocationReason, StoredCrl
from ca_bridge.services.bridge_ca.repository import Repository
from ca_bridge.services.bridge_ca.revoking import RevokeCrossCertificate
from ca_bridge.services.issue_cross_certificate.agreed import PolicyInForce
from ca_bridge.services.issue_cross_certificate.issue import IssueCrossCertificate
from ca_bridge.services.manage_recognition.credentials import ScryptCost, hash_secret
from ca_bridge.services.manage_recognition.model import Account, AccountSet, Role
from ca_bridge.services.policy_documents import PolicyDocuments, ReleaseId
from ca_bridge.services.release_desk import ReleaseDesk
from ca_bridge.services.signing import SignerUnavailable, SigningKey
from ca_bridge.services.trust import Engine
from ca_bridge.settings import Settings
from ca_bridge.wiring.engine import parts_of
from tests.pki_writers import Ca, Ecdsa, Rsa, Sm2, x509
from tests.pki_writers import extensions as ext
from tests.recognition.scheme import agreement, authority, domain, mapping

NOW = x509.NOW
ARC = "1.3.6.1.4.1.32473"
BRIDGE_HIGH, BRIDGE_MEDIUM = f"{ARC}.1.3", f"{ARC}.1.2"
GD_HIGH, GD_MEDIUM = f"{ARC}.44.3", f"{ARC}.44.2"
HK_HIGH, HK_MEDIUM = f"{ARC}.344.3", f"{ARC}.344.2"
BASE_URL = "http://bridge.example/pki"
ALGORITHMS = {"sm2": "sm2-sm3", "rsa": "rsa-pkcs1-sha256", "ecdsa": "ecdsa-sha256"}
BRIDGE_KEYS = {"sm2": Sm2("house bridge"), "rsa": Rsa("rsa-bridge"), "ecdsa": Ecdsa("house bridge")}
BRIDGES = {
    kind: Ca(f"bridge-{kind}", x509.name(f"C=CN, O=House Bridge, CN=House Bridge {kind.upper()}"), key)
    for kind, key in BRIDGE_KEYS.items()
}
GD = Ca("gd", x509.name("C=CN, O=广东测试, CN=广东测试 CA SM2"), Sm2("house gd"))
HK = Ca("hk", x509.name("C=HK, O=House HK, CN=House HK Root"), Rsa("rsa-hk-root"))
HK_OPERATING = Ca("hk-operating", x509.name("C=HK, O=House HK, CN=House HK CA"), Rsa("rsa-hk-ca"))
ROOTS = {kind: ca.root() for kind, ca in BRIDGES.items()}
GD_ROOT, HK_ROOT = GD.root(), HK.root()
AT_HAND = tuple(map(parse_certificate, (*ROOTS.values(), GD_ROOT, HK_ROOT)))
"""What the gateway's folder of certificates holds."""
KNOWN_KEYS = {found.fingerprint: key_hash(found) for found in AT_HAND}
KNOWN_NAMES = {found.fingerprint: found.subject for found in AT_HAND}
HK_CA = HK.certify(HK_OPERATING, ext.certificate_policies(HK_HIGH, HK_MEDIUM), path_length=0)


def directory(text: str) -> GeneralName:
    der = x509.name(text)
    return GeneralName(GeneralNameType.DIRECTORY_NAME, name=decode_name(der, 0, len(der), [])[0])


DOMAINS = (
    domain(
        "bridge",
        "CN-44",
        {BRIDGE_HIGH: "high", BRIDGE_MEDIUM: "medium"},
        *(authority(f"bridge-{kind}", der) for kind, der in ROOTS.items()),
    ),
    domain("gd", "CN-44", {GD_HIGH: "high", GD_MEDIUM: "medium"}, authority("gd-ca", GD_ROOT)),
    domain("hk", "HK", {HK_HIGH: "high", HK_MEDIUM: "medium"}, authority("hk-post", HK_ROOT)),
)
DOMAINS = (replace(DOMAINS[0], bridge=True), *DOMAINS[1:])
TO_GD = agreement(
    "bridge-gd",
    "bridge",
    "gd",
    mapping(BRIDGE_HIGH, GD_HIGH, "high"),
    mapping(BRIDGE_MEDIUM, GD_MEDIUM, "medium"),
    conditions=Conditions(permitted_names=(directory("C=CN"),)),
)
TO_HK = agreement(
    "bridge-hk",
    "bridge",
    "hk",
    mapping(BRIDGE_HIGH, HK_HIGH, "high"),
    mapping(BRIDGE_MEDIUM, HK_MEDIUM, "medium"),
    conditions=Conditions(permitted_names=(directory("C=HK"),)),
    cross_certificate=CrossCertificateTerms(
        max_path_length=1, validity=timedelta(days=365), ca_repository="http://hk.example/by-hk.p7c"
    ),
)
POLICY = RecognitionPolicy(domains=DOMAINS, agreements=(TO_GD, TO_HK))
RELEASE = ReleaseId(7, "ab" * 32)
SECRET = "a secret of sixteen letters or more"  # noqa: S105 - of nobody
_STORED = hash_secret(SECRET, ScryptCost(n=2))
ACCOUNTS = AccountSet(
    accounts=(
        Account(name="olivia", roles=frozenset({Role.OPERATOR}), secret=_STORED),
        Account(name="oscar", roles=frozenset({Role.OPERATOR}), secret=_STORED, enabled=False),
        Account(name="anna", roles=frozenset({Role.AUTHOR, Role.APPROVER, Role.AUDITOR}), secret=_STORED),
    )
)


@dataclass(frozen=True)
class LocalKey:
    """A SigningKey over a key of the test PKI."""

    key: Any
    algorithm: str
    custody: str = "process"
    certificate: bytes | None = None

    @property
    def key_id(self) -> str:
        return f"bridge_ca-{sha256(self.spki).hexdigest()[:16]}"

    @property
    def spki(self) -> bytes:
        return self.key.spki

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message)


@dataclass(frozen=True)
class BrokenKey(LocalKey):
    """A key whose token is gone, or that returns what verifies under no key."""

    answer: bytes | None = None

    def sign(self, message: bytes) -> bytes:
        if self.answer is None:
            raise SignerUnavailable("the token is gone")
        return self.answer


def issuer(kind: str = "sm2", key: SigningKey | None = None, **fields: Any) -> BridgeIssuer:
    made = key or LocalKey(BRIDGE_KEYS[kind], ALGORITHMS[kind])
    given: dict[str, Any] = {
        "label": f"bridge-{kind}",
        "domain": "bridge",
        "certificate": ROOTS[kind],
        "key": lambda: made,
        "base_url": BASE_URL,
    }
    return BridgeIssuer(**given | fields)


@cache
def engine() -> Engine:
    chosen = Settings.from_environment({})
    return parts_of(chosen).engine


@dataclass
class Entries:
    """A log that keeps what it is told."""

    rows: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    fails: Callable[[dict[str, str]], bool] = lambda _: False

    def __call__(self, kind: str, fields: Mapping[str, str]) -> None:
        if self.fails(dict(fields)):
            raise SignerUnavailable("the log does not answer")
        self.rows.append((kind, dict(fields)))


class House:
    """Every use case over one register."""

    def __init__(
        self,
        url: str,
        *issuers: BridgeIssuer,
        policy: RecognitionPolicy = POLICY,
        lint: Any = None,
        **fields: Any,
    ) -> None:
        self.database = Database(url)
        self.store = SqlBridge(self.database)
        self.log = Entries()
        self.time = NOW
        self.issuers = Issuers(issuers={i.label: i for i in issuers or (issuer(),)})
        self.known = PolicyInForce(
            release=RELEASE, policy=policy, known_keys=KNOWN_KEYS, known_names=KNOWN_NAMES
        )
        linter = lint or PkilintLint()
        common = {"store": self.store, "log": self.log}
        self.issuing = IssueCrossCertificate(
            issuers=self.issuers,
            policy=lambda _: self.known,
            engine=engine(),
            lint=linter,
            **common,
            **fields,
        )
        self.revoking = RevokeCrossCertificate(**common)
        self.crls = IssueCrls(engine=engine(), lint=linter, **common)
        self.repository = Repository(issuers=self.issuers, store=self.store, now=self.now)

    def now(self) -> datetime:
        return self.time

    def desk(self) -> BridgeDesk:
        return BridgeDesk(
            issuers=self.issuers,
            store=self.store,
            issuing=self.issuing,
            revoking=self.revoking,
            crls=self.crls,
            repository=self.repository,
            publishing=publish_folder,
            clock=self,
            authenticate=ReleaseDesk(
                releases=None,  # type: ignore[arg-type]
                accounts=SimpleNamespace(accounts=lambda: ACCOUNTS),  # type: ignore[arg-type]
                folder=lambda _: PolicyDocuments(()),
            ).authenticate,
        )

    def issue(
        self, agreement: str = "bridge-gd", material: bytes = GD_ROOT, label: str = ""
    ) -> IssuedCertificate:
        return self.issuing(agreement, material, self.issuers.named(label), self.time, account="olivia")

    def revoke(self, serial: str, reason: str = "key_compromise", label: str = "") -> RevocationEvent:
        return self.revoking(
            serial, RevocationReason(reason), self.issuers.named(label), self.time, account="olivia"
        )

    def crl(self, *, complete: bool = True, label: str = "") -> tuple[StoredCrl, ...]:
        return self.crls(self.issuers.named(label), self.time, complete=complete)


def subscriber(ca: Ca, policy: str, subject: str, key: Any, *more: bytes) -> bytes:
    return ca.issue(
        f"{subject} {policy}",
        x509.name(subject),
        key,
        (ext.key_usage("digital_signature", "content_commitment"), ext.certificate_policies(policy), *more),
    ).certificate


def gd_subscriber(policy: str = GD_HIGH, subject: str = "C=CN, O=测试企业, CN=甲") -> bytes:
    return subscriber(GD, policy, subject, Sm2("house subscriber"))


def hk_subscriber(policy: str = HK_HIGH, subject: str = "C=HK, O=Holder, CN=ALPHA") -> bytes:
    return subscriber(HK_OPERATING, policy, subject, Rsa("rsa-leaf-1"))


def ask(
    target: bytes,
    *chain: bytes,
    root: bytes,
    crls: tuple[bytes, ...] = (),
    at: datetime = NOW,
    policy: RecognitionPolicy = POLICY,
    relying: str = "bridge",
    **parameters: Any,
) -> Verdict:
    """The engine's answer for a site of the domain ``relying``, which names a policy it needs."""
    rules = rules_of(compile_policy(policy), relying, TrustModel.CROSS_CERTIFICATION)
    given = {
        "validation_time": at,
        "revocation": RevocationRule.NONE,
        "initial_explicit_policy": True,
        "user_initial_policy_set": frozenset({BRIDGE_HIGH}),
    } | parameters
    request = Request(target=target, parameters=Parameters(**given))
    evidence = Evidence(certificates=chain, crls=crls)
    return decide(request, evidence, wiring.offline_trust((root,)), rules)


def key_hash_of(der: bytes) -> str:
    return sha256(parse_certificate(der).spki.der).hexdigest()


def codes(verdict: Verdict) -> list[str]:
    return [finding.reason.code for finding in verdict.findings]


__all__ = ["SignerUnavailable", "parse_certificate"]
