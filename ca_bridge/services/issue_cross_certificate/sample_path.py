"""Would anybody get through? A sample subscriber under the draft, judged by the engine before signing.

The draft and the sample carry no signature yet. The engine is told to take both for signed by the keys that
would sign them, and to judge everything else as ever: keys, names, policies, mappings, path length, blocks
and licences. Conditions about subscribers (purposes, kinds of holders, status evidence) are theirs to meet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.decide import decide
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.path.graph import CaGraph
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.recognition.agreement import Agreement, Conditions
from ca_bridge.core.recognition.rules import RecognitionRules, compile_policy, rules_of
from ca_bridge.core.request import KeyUsageBit, Parameters, Request, RevocationRule
from ca_bridge.core.verdict import Finding, TrustModel
from ca_bridge.core.x509.certificate import SignedBytes, SubjectPublicKeyInfo
from ca_bridge.core.x509.pool import Pool
from ca_bridge.core.x509_writing import extensions as write
from ca_bridge.core.x509_writing.algorithm_identifiers import algorithm_identifier
from ca_bridge.core.x509_writing.certificate import TbsCertificate, signed_object
from ca_bridge.core.x509_writing.names import below
from ca_bridge.services.bridge_ca.issuer import BridgeIssuer
from ca_bridge.services.bridge_ca.signing_step import DUMMY_SIGNATURE
from ca_bridge.services.issue_cross_certificate.agreed import Agreed, PolicyInForce
from ca_bridge.services.issue_cross_certificate.errors import ENGINE_REFUSES, BridgeRefused
from ca_bridge.services.issue_cross_certificate.member import Member
from ca_bridge.services.issue_cross_certificate.terms import Terms
from ca_bridge.services.trust import Engine

_USAGE = (KeyUsageBit.DIGITAL_SIGNATURE, KeyUsageBit.CONTENT_COMMITMENT)
_ALGORITHM_OF_KEY = {"rsa": "rsa-pkcs1-sha256", "ecdsa": "ecdsa-sha256", "eddsa": "ed25519", "sm2": "sm2-sm3"}
_DAY = timedelta(days=1)
_REFUSED_WITHOUT_REASON = "NO_PATH"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A certificate that nobody has signed: its TBSCertificate, and the whole with a dummy signature."""

    tbs: bytes
    certificate: bytes


class DraftSignatures(SignatureChecker):
    """Takes drafts for signed by the keys that will sign them; all else is as the real checker says."""

    __slots__ = ("_keys", "_real")

    def __init__(self, real: SignatureChecker, keys: Mapping[bytes, bytes]) -> None:
        """``keys``: SubjectPublicKeyInfo that will sign, by the bytes to be signed."""
        self.sm2 = real.sm2
        self._real = real
        self._keys = keys

    def verify(
        self,
        signed: SignedBytes,
        key: SubjectPublicKeyInfo,
        *,
        profile: str,
        at: datetime,
        sm2_user_ids: tuple[bytes, ...],
        dsa_parameters: bytes | None = None,
    ) -> Finding | None:
        """Of a draft: whether the key that will sign it is acceptable."""
        if self._keys.get(signed.tbs) == key.der:
            return self._real.key_problem(key, profile=profile, at=at, dsa_parameters=dsa_parameters)
        return self._real.verify(
            signed, key, profile=profile, at=at, sm2_user_ids=sm2_user_ids, dsa_parameters=dsa_parameters
        )

    def key_problem(
        self, key: SubjectPublicKeyInfo, *, profile: str, at: datetime, dsa_parameters: bytes | None = None
    ) -> Finding | None:
        """As the real checker says."""
        return self._real.key_problem(key, profile=profile, at=at, dsa_parameters=dsa_parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleQuestion:
    """What the sample path is made of."""

    draft: Draft
    terms: Terms
    member: Member
    agreed: Agreed
    known: PolicyInForce
    issuer: BridgeIssuer


def check_sample_paths(about: SampleQuestion, engine: Engine, now: datetime) -> None:
    """ENGINE_REFUSES unless a subscriber of the member passes for each agreed mapping."""
    rules = _rules(about)
    for issuer_policy, subject_policy in _pairs(about.agreed):
        sample = _sample(about, subject_policy)
        keys = {
            about.draft.tbs: about.issuer.parsed.spki.der,
            sample.tbs: about.member.spki.der,
        }
        trust = TrustSnapshot(
            snapshot_id="",
            domain=about.issuer.domain,
            anchors=(TrustAnchor(certificate=about.issuer.parsed),),
            graph=CaGraph.empty(),
            signatures=DraftSignatures(engine.signatures, keys),
            pool=Pool(),
            limits=engine.limits,
        )
        request = Request(target=sample.certificate, parameters=_asked(about.issuer, issuer_policy, now))
        verdict = decide(request, Evidence(certificates=(about.draft.certificate,)), trust, rules)
        if verdict.findings or verdict.trust_anchor is None:
            cause = next((f.reason.code for f in verdict.findings), _REFUSED_WITHOUT_REASON)
            raise BridgeRefused(ENGINE_REFUSES, policy=issuer_policy, cause=cause)


def _pairs(agreed: Agreed) -> Iterator[tuple[str, str]]:
    return iter(sorted({(m.issuer_domain_policy, m.subject_domain_policy) for m in agreed.mappings}))


def _asked(issuer: BridgeIssuer, policy: str, now: datetime) -> Parameters:
    return Parameters(
        validation_time=now.replace(microsecond=0),
        revocation=RevocationRule.NONE,
        user_initial_policy_set=frozenset({policy}),
        initial_explicit_policy=True,
        algorithm_profile=issuer.algorithm_profile,
        sm2_user_ids=issuer.sm2_user_ids,
    )


def _rules(about: SampleQuestion) -> RecognitionRules:
    """The policy with this agreement alone between the two domains, without what subscribers must meet."""
    agreement = about.agreed.agreement
    parties = {agreement.issuer_domain, agreement.subject_domain}
    others = tuple(a for a in about.known.policy.agreements if {a.issuer_domain, a.subject_domain} != parties)
    agreements = (*others, _for_any_subscriber(agreement))
    policy = replace(about.known.policy, agreements=agreements)
    compiled = compile_policy(policy, known_keys=about.known.known_keys)
    return rules_of(compiled, about.issuer.domain, TrustModel.CROSS_CERTIFICATION)


def _for_any_subscriber(agreement: Agreement) -> Agreement:
    kept = agreement.conditions
    conditions = Conditions(
        key_algorithms=kept.key_algorithms,
        permitted_names=kept.permitted_names,
        excluded_names=kept.excluded_names,
        revocation=RevocationRule.NONE,
    )
    return replace(agreement, conditions=conditions)


def _sample(about: SampleQuestion, policy: str) -> Draft:
    """A subscriber under the member's own key and name, inside the names that were agreed on."""
    member, terms = about.member, about.terms
    algorithm = algorithm_identifier(_ALGORITHM_OF_KEY[member.key_kind])
    permitted = () if terms.names is None else terms.names.permitted
    base = next((name.name.der for name in permitted if name.name is not None), member.subject.der)
    tbs = TbsCertificate(
        serial_number=1,
        algorithm=algorithm,
        issuer=member.subject.der,
        not_before=terms.not_before,
        not_after=min(terms.not_after, terms.not_before + _DAY),
        subject=below(base, "sample subscriber"),
        spki=member.spki.der,
        extensions=(
            write.key_usage(_USAGE),
            write.authority_key_identifier(member.key_identifier),
            write.certificate_policies((policy,)),
        ),
    ).der
    return Draft(tbs=tbs, certificate=signed_object(tbs, algorithm, DUMMY_SIGNATURE))
