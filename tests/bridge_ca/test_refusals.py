"""Each refusal of the catalogue, by what causes it; each is told in both languages, and logged."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from ca_bridge.adapters.repository_folder import publish_folder
from ca_bridge.core.recognition.agreement import KeyAlgorithm, RecognitionStatus
from ca_bridge.core.recognition.blocklist import Block, BlockKind
from ca_bridge.core.recognition.domain import Licence
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.services.bridge_ca.ports import LintFinding
from ca_bridge.services.issue_cross_certificate.errors import BridgeRefused
from ca_bridge.services.policy_documents import ReleaseId
from tests.bridge_ca import house as h
from tests.bridge_ca.conftest import OpenHouse
from tests.bridge_ca.requests import request
from tests.pki_writers import Ca, Sm2, der, rsa_public, x509
from tests.pki_writers import extensions as ext

Trigger = Callable[[OpenHouse], object]


def with_agreement(**fields: Any) -> RecognitionPolicy:
    return replace(h.POLICY, agreements=(replace(h.TO_GD, **fields), h.TO_HK))


def with_terms(**fields: Any) -> RecognitionPolicy:
    return with_agreement(cross_certificate=replace(h.TO_GD.cross_certificate, **fields))


def with_gd(**fields: Any) -> RecognitionPolicy:
    bridge, gd, hk = h.DOMAINS
    ca = replace(gd.authorities[0], **fields)
    return replace(h.POLICY, domains=(bridge, replace(gd, authorities=(ca,)), hk))


def blocked(kind: BlockKind, value: str) -> RecognitionPolicy:
    block = Block(
        identifier="b",
        kind=kind,
        value=value,
        reason_zh="测试",
        reason_en="test",
        publication="p",
        effective_from=h.NOW - timedelta(days=1),
    )
    return replace(h.POLICY, blocks=(block,))


def licensed(start: datetime, end: datetime) -> RecognitionPolicy:
    return with_gd(licence=Licence(number="L1", not_before=start, not_after=end))


def under(policy: RecognitionPolicy, material: bytes = h.GD_ROOT) -> Trigger:
    return lambda opened: opened(policy=policy).issue(material=material)


def given(material: bytes, agreement: str = "bridge-gd") -> Trigger:
    return lambda opened: opened().issue(agreement, material)


def by(**fields: Any) -> Trigger:
    return lambda opened: opened(h.issuer(**fields)).issue()


def key_of(spki: bytes) -> str:
    return sha256(spki).hexdigest()


@dataclass(frozen=True)
class Unsigned:
    """A key that nobody has, in a request that nobody signed."""

    spki: bytes
    algorithm: bytes = h.HK.key.algorithm

    def sign(self, _: bytes) -> bytes:
        return b"no signature"


class Complaining:
    def certificate(self, _: bytes) -> tuple[LintFinding, ...]:
        return (LintFinding(code="pkix.bad", where="certificate.tbsCertificate", detail="so bad"),)

    crl = certificate


def other_root(*more: bytes, kind: str = "sm2", **fields: Any) -> bytes:
    """The bridge's key under another certificate."""
    return h.BRIDGES[kind].root(*more, **fields)


def before_the_first_release(opened: OpenHouse) -> None:
    house = opened()
    house.known = replace(house.known, release=ReleaseId(0, "ab" * 32))
    house.issue()


def publishes_an_old_register(opened: OpenHouse) -> None:
    house = opened()
    with TemporaryDirectory() as folder:
        house.crl()
        publish_folder(house.repository, Path(folder))
        (Path(folder) / "bridge-sm2.crl").write_bytes(h.BRIDGES["sm2"].crl(extensions=(ext.crl_number(2),)))
        publish_folder(house.repository, Path(folder))


def an_hour_behind(opened: OpenHouse) -> None:
    house = opened()
    house.crl()
    house.time -= timedelta(hours=1)
    house.crl()


def both_from_cn() -> RecognitionPolicy:
    """Both members may have names below C=CN."""
    to_hk = replace(h.TO_HK, conditions=h.TO_GD.conditions)
    return replace(h.POLICY, agreements=(h.TO_GD, to_hk))


def takes_a_name(opened: OpenHouse) -> None:
    """Of a certificate issued before, which no folder has."""
    house = opened(policy=both_from_cn())
    house.known = replace(house.known, known_names={})
    house.issue()
    house.issue("bridge-hk", Ca("taker", h.GD.name, h.HK.key).root())


def pinning(*ders: bytes, **fields: Any) -> RecognitionPolicy:
    """The member's certificates are pinned by fingerprint."""
    policy = with_gd(certificates=tuple(h.parse_certificate(der).fingerprint for der in ders))
    return replace(policy, agreements=(replace(h.TO_GD, **fields), h.TO_HK))


def revoke(serial: str, *reasons: str) -> Trigger:
    def run(opened: OpenHouse) -> None:
        house = opened()
        known = house.issue().reservation.serial
        for reason in reasons:
            house.revoke(serial or known, reason)

    return run


WEAK = Unsigned(rsa_public((1 << 1023) + 1).spki)
PEM = b"-----BEGIN %s-----\n%s\n-----END %s-----\n"
YEAR = timedelta(days=365)
BEFORE, AFTER = h.NOW - YEAR, h.NOW + YEAR
TWO_KINDS = frozenset({KeyAlgorithm.RSA, KeyAlgorithm.ECDSA})
STRANGER = Ca("stranger", x509.name("C=CN, CN=Stranger"), Sm2("stranger"))
GD_AS_LEAF = h.BRIDGES["rsa"].issue("gd as leaf", h.GD.name, h.GD.key, (ext.key_usage("key_cert_sign"),))
GD_NOT_SIGNING = h.BRIDGES["rsa"].issue(
    "gd not signing", h.GD.name, h.GD.key, (ext.basic_constraints(), ext.key_usage("crl_sign"))
)
FORGED = h.GD.root()[:-2] + bytes(2)
NO_MAPPING = ext.policy_constraints(inhibit_mapping=0)


def pem(label: bytes, content: bytes) -> bytes:
    return PEM % (label, base64.b64encode(content), label)


CASES: list[tuple[str, str, Trigger]] = [
    ("no such agreement", "AGREEMENT_UNKNOWN", given(h.GD_ROOT, "none")),
    ("the folder as it lies", "AGREEMENT_NOT_APPROVED", before_the_first_release),
    ("suspended", "AGREEMENT_NOT_IN_FORCE", under(with_agreement(status=RecognitionStatus.SUSPENDED))),
    ("a draft", "AGREEMENT_NOT_IN_FORCE", under(with_agreement(status=RecognitionStatus.DRAFT))),
    ("not yet", "AGREEMENT_NOT_IN_FORCE", under(with_agreement(effective_from=AFTER))),
    ("over", "AGREEMENT_NOT_IN_FORCE", under(with_agreement(effective_until=h.NOW))),
    (
        "the other way",
        "AGREEMENT_NOT_OURS",
        under(with_agreement(issuer_domain="gd", subject_domain="bridge")),
    ),
    ("of others", "AGREEMENT_NOT_OURS", under(with_agreement(issuer_domain="hk"))),
    ("no mapping", "AGREEMENT_MAPS_NOTHING", under(with_agreement(mappings=()))),
    ("garbage", "MEMBER_UNREADABLE", given(b"garbage")),
    ("garbage DER", "MEMBER_UNREADABLE", given(b"\x30\x03\x02\x01\x00")),
    ("nothing", "MEMBER_UNREADABLE", given(b"")),
    ("too large", "MEMBER_UNREADABLE", given(b"A" * (256 * 1024 + 1))),
    ("two certificates", "MEMBER_UNREADABLE", given(2 * pem(b"CERTIFICATE", h.GD_ROOT))),
    ("a CRL", "MEMBER_UNREADABLE", given(pem(b"X509 CRL", h.GD.crl()))),
    ("a key", "MEMBER_UNREADABLE", given(pem(b"PRIVATE KEY", b"\x30\x00"))),
    ("no name", "MEMBER_UNREADABLE", given(request(der.seq(), h.GD.key))),
    (
        "an unsigned request",
        "POSSESSION_NOT_PROVEN",
        given(request(h.GD.name, h.GD.key, signature=b"\x30\x00")),
    ),
    (
        "a request of another's key",
        "POSSESSION_NOT_PROVEN",
        given(request(h.GD.name, h.GD.key, signature=Sm2("other").sign(b"x"))),
    ),
    ("a forged self-signed certificate", "POSSESSION_NOT_PROVEN", under(with_gd(), FORGED)),
    (
        "a certificate that anybody could have written",
        "POSSESSION_NOT_PROVEN",
        given(STRANGER.certify(Ca("x", x509.name("C=CN, CN=Any Name"), h.GD.key))),
    ),
    ("a stranger", "MEMBER_NOT_PRINCIPAL_CA", given(request(h.GD.name, Sm2("stranger")))),
    ("a CA of another domain", "MEMBER_NOT_PRINCIPAL_CA", given(h.HK_ROOT)),
    ("a domain that is gone", "MEMBER_NOT_PRINCIPAL_CA", under(replace(h.POLICY, domains=h.DOMAINS[:1]))),
    ("the bridge's name", "MEMBER_IS_A_BRIDGE_KEY", given(request(h.BRIDGES["sm2"].name, h.GD.key))),
    (
        "the bridge's key",
        "MEMBER_IS_A_BRIDGE_KEY",
        under(with_gd(keys=h.DOMAINS[0].authorities[0].keys), request(h.GD.name, h.BRIDGE_KEYS["sm2"])),
    ),
    ("no CA", "MEMBER_NOT_A_CA", given(GD_AS_LEAF.certificate)),
    ("a CA that signs no certificates", "MEMBER_NOT_A_CA", given(GD_NOT_SIGNING.certificate)),
    ("a blocked key", "MEMBER_BLOCKED", under(blocked(BlockKind.KEY, h.DOMAINS[1].authorities[0].keys[0]))),
    ("a blocked CA", "MEMBER_BLOCKED", under(blocked(BlockKind.CA, h.DOMAINS[1].authorities[0].keys[0]))),
    (
        "a blocked certificate",
        "MEMBER_BLOCKED",
        under(blocked(BlockKind.CERTIFICATE, h.parse_certificate(h.GD_ROOT).fingerprint)),
    ),
    ("a licence to come", "LICENCE_NOT_IN_FORCE", under(licensed(AFTER, AFTER + YEAR))),
    ("a licence that ended", "LICENCE_NOT_IN_FORCE", under(licensed(BEFORE, h.NOW))),
    (
        "no SM2 agreed",
        "KEY_ALGORITHM_NOT_AGREED",
        under(with_agreement(conditions=replace(h.TO_GD.conditions, key_algorithms=TWO_KINDS))),
    ),
    (
        "RSASSA-PSS only",
        "KEY_NOT_ACCEPTABLE",
        lambda opened: opened(policy=with_pss()).issue(material=request(h.GD.name, PssOnly())),
    ),
    ("a weak key", "KEY_NOT_ACCEPTABLE", under(with_gd(keys=(key_of(WEAK.spki),)), request(h.GD.name, WEAK))),
    ("a name outside those agreed on", "NAME_NOT_AGREED", given(request(h.HK.name, h.GD.key))),
    ("a certificate to come", "ENGINE_REFUSES", given(h.GD.root(period=(AFTER, AFTER + YEAR)))),
    ("a name that another has", "NAME_OF_ANOTHER_MEMBER", takes_a_name),
    (
        "constraints of its own that leave nothing",
        "MEMBER_CONSTRAINTS_NOT_CARRIED",
        given(h.GD.root(ext.name_constraints(permitted=(ext.directory(x509.name("C=MO")),)))),
    ),
    (
        "ends at once",
        "NO_VALIDITY_LEFT",
        under(with_agreement(effective_until=h.NOW + timedelta(seconds=1))),
    ),
    ("an issuer that is over", "ISSUER_UNUSABLE", by(certificate=other_root(period=(BEFORE - YEAR, BEFORE)))),
    ("an issuer to come", "ISSUER_UNUSABLE", by(certificate=other_root(period=(AFTER, AFTER + YEAR)))),
    (
        "an issuer that is no CA",
        "ISSUER_UNUSABLE",
        by(
            certificate=STRANGER.issue(
                "no ca", h.BRIDGES["sm2"].name, h.BRIDGE_KEYS["sm2"], (ext.key_usage("key_cert_sign"),)
            ).certificate
        ),
    ),
    (
        "an issuer that signs no certificates",
        "ISSUER_UNUSABLE",
        by(
            certificate=STRANGER.issue(
                "no signer",
                h.BRIDGES["sm2"].name,
                h.BRIDGE_KEYS["sm2"],
                (ext.basic_constraints(), ext.key_usage("crl_sign")),
            ).certificate
        ),
    ),
    (
        "an issuer nobody pinned",
        "ISSUER_NOT_PRINCIPAL_CA",
        by(certificate=STRANGER.root(), key=h.LocalKey(STRANGER.key, "sm2-sm3")),
    ),
    ("another key", "KEY_NOT_OF_CERTIFICATE", by(key=h.LocalKey(STRANGER.key, "sm2-sm3"))),
    (
        "another algorithm",
        "KEY_NOT_OF_CERTIFICATE",
        by(key=h.LocalKey(h.BRIDGE_KEYS["sm2"], "rsa-pss-sha256")),
    ),
    ("the linter complains", "LINT_FAILED", lambda opened: opened(lint=Complaining()).issue()),
    ("the linter complains of a CRL", "LINT_FAILED", lambda opened: opened(lint=Complaining()).crl()),
    (
        "the linter finds a country of three letters",
        "LINT_FAILED",
        lambda opened: opened(policy=pinning(BAD.root())).issue(material=BAD.root()),
    ),
    ("the issuer inhibits mapping", "WOULD_CONFLICT", by(certificate=other_root(NO_MAPPING))),
    (
        "the issuer has other policies",
        "ENGINE_REFUSES",
        by(certificate=other_root(ext.certificate_policies("1.3.9"))),
    ),
    (
        "the names exclude everybody",
        "ENGINE_REFUSES",
        under(
            pinning(
                h.GD_ROOT,
                conditions=replace(h.TO_GD.conditions, excluded_names=(h.directory("C=CN"),)),
            )
        ),
    ),
    (
        "a signature that is none",
        "SIGNATURE_NOT_VERIFIED",
        by(key=h.BrokenKey(h.BRIDGE_KEYS["sm2"], "sm2-sm3", answer=b"garbage")),
    ),
    (
        "a signature of another key",
        "SIGNATURE_NOT_VERIFIED",
        by(key=h.BrokenKey(h.BRIDGE_KEYS["sm2"], "sm2-sm3", answer=STRANGER.key.sign(b"x"))),
    ),
    (
        "no randomness",
        "SERIAL_NUMBERS_TAKEN",
        lambda opened: [opened(octets=bytes).issue() for _ in range(2)],
    ),
    ("which issuer", "ISSUER_UNKNOWN", lambda opened: opened().issue(label="bridge-rsa")),
    (
        "which of two issuers",
        "ISSUER_UNKNOWN",
        lambda opened: opened(h.issuer("sm2"), h.issuer("rsa")).issue(),
    ),
    (
        "a label twice",
        "LABEL_OF_ANOTHER_KEY",
        lambda opened: (opened().issue(), opened(h.issuer("rsa", label="bridge-sm2")).issue()),
    ),
    ("no such certificate", "CERTIFICATE_UNKNOWN", revoke("ab" * 20, "superseded")),
    ("revoked twice", "ALREADY_REVOKED", revoke("", "superseded", "key_compromise")),
    ("no hold to lift", "NOT_ON_HOLD", revoke("", "remove_from_crl")),
    ("an old register", "PUBLISHED_CRL_NOT_OLDER", publishes_an_old_register),
    ("a clock an hour behind", "CLOCK_BEHIND", an_hour_behind),
    ("no base for a delta", "NO_COMPLETE_CRL", lambda opened: opened().crl(complete=False)),
]


class PssOnly:
    """The RSA key of Hong Kong, certified for RSASSA-PSS alone."""

    def __init__(self) -> None:
        whole = h.HK.key.spki
        rsa = bytes.fromhex("300d06092a864886f70d0101010500")
        assert rsa in whole
        content = whole[whole.index(rsa) + len(rsa) :]
        self.spki = der.seq(der.seq(der.oid("1.2.840.113549.1.1.10")), content)
        self.algorithm, self.sign = h.HK.key.algorithm, h.HK.key.sign


def with_pss() -> RecognitionPolicy:
    return with_gd(keys=(key_of(PssOnly().spki),))


def bad_country() -> bytes:
    """A countryName of three letters, which X.520 does not know."""
    return der.seq(
        der.set_of(der.seq(der.oid("2.5.4.6"), der.printable("CHN"))),
        x509.rdn("CN", "GD"),
    )


BAD = Ca("bad", bad_country(), h.GD.key)


@pytest.mark.parametrize(("code", "trigger"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_refused(open_house: OpenHouse, code: str, trigger: Trigger) -> None:
    made: list[h.House] = []

    def opened(*issuers: Any, **fields: Any) -> h.House:
        made.append(open_house(*issuers, **fields))
        return made[-1]

    with pytest.raises(BridgeRefused) as caught:
        trigger(opened)
    refused = caught.value
    assert (refused.refusal.code, str(refused)) == (code, code)
    texts = refused.texts()
    assert all(texts.values())
    assert not any("{" in text for text in texts.values())
    if code not in ("ISSUER_UNKNOWN", "PUBLISHED_CRL_NOT_OLDER"):  # before any act
        kind, last = made[-1].log.rows[-1]
        assert (kind, last["status"], last["result"]) == ("administration", "failed", code)
        assert made[-1].log.rows[0][1]["status"] == "intended"
