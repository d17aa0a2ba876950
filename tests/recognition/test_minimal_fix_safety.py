"""What no proposal may ever do: get round a revocation, a forgery, a weak key, a block, or a check."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.services.minimal_fix import Outcome
from ca_bridge.services.minimal_fix.model import Bar, MinimalFix
from tests.recognition.refusals import codes, find, question
from tests.recognition.scheme import HK_TO_GD_A, LEAVES, NOW, C, fingerprint, key_of, parsed, pki
from tests.recognition.scheme_documents import (
    agreement_document,
    documents,
    domain_document,
    entry_document,
    list_document,
)
from tests.recognition.test_minimal_fix import block, hk_bridge, listing

import status  # isort: skip
import x509  # isort: skip
from ca import Ca  # isort: skip

COMPANY = LEAVES["gd-a-sm2-company-sign"]
SUSPENDED = hk_bridge(status="suspended")
GOOD_CRLS = tuple(status.CRLS[label] for label in ("hk-root", "bridge-rsa", "bridge-sm2", "gd-a-sm2"))
LATE = datetime(2026, 2, 1, tzinfo=UTC)


def bars(found: MinimalFix) -> list[tuple[str, Bar]]:
    return [(barred.finding.reason.code, barred.bar) for barred in found.barred]


def assert_beyond_repair(found: MinimalFix, code: str, bar: Bar) -> None:
    assert (found.outcome, found.fixes) == (Outcome.BEYOND_REPAIR, ())
    assert bars(found) == [(code, bar)]


def to_hk(target: bytes, **fields: Any) -> Any:
    return question(target, HK_TO_GD_A, domain="hk", **fields)


@pytest.mark.parametrize("docs", [documents(), SUSPENDED], ids=["as it is", "agreement suspended too"])
def test_a_revoked_certificate(docs: dict[str, Any]) -> None:
    asked = to_hk(
        status.REVOKED_COMPANY.certificate,
        revocation=RevocationRule.IF_AVAILABLE,
        crls=(status.CRLS["gd-a-sm2"],),
    )
    assert_beyond_repair(find(asked, docs), "TARGET_REVOKED", Bar.REVOKED)


def test_a_certificate_on_hold() -> None:
    crl = status.GD_A.crl(status.revoked(pki.LEAVES["gd-a-sm2-company-sign"], status.HOLD))
    asked = to_hk(COMPANY, revocation=RevocationRule.IF_AVAILABLE, crls=(crl,))
    assert_beyond_repair(find(asked, SUSPENDED), "TARGET_ON_HOLD", Bar.ON_HOLD)


def test_a_revoked_ca() -> None:
    number = parsed(C["bridge-sm2-to-gd-a-sm2"]).serial_number
    crl = pki.BRIDGE_SM2.crl(x509.Revoked(number, status.REVOKED_WHEN, status.KEY_COMPROMISE))
    asked = to_hk(COMPANY, revocation=RevocationRule.IF_AVAILABLE, crls=(crl,))
    found = find(asked, SUSPENDED)
    assert found.fixes == ()
    assert ("CA_REVOKED", Bar.REVOKED) in bars(found)


@pytest.mark.parametrize("byte", [-1, -40])
def test_a_forged_signature(byte: int) -> None:
    forged = bytearray(COMPANY)
    forged[byte] ^= 0x01
    found = find(to_hk(bytes(forged)), SUSPENDED)
    assert (found.outcome, found.fixes) == (Outcome.BEYOND_REPAIR, ())
    assert {bar for _, bar in bars(found)} <= {Bar.FORGED}


def test_a_certificate_with_altered_content() -> None:
    at = COMPANY.index("测试企业".encode())
    forged = COMPANY[:at] + "真正企业".encode() + COMPANY[at + 12 :]
    assert_beyond_repair(find(to_hk(forged), SUSPENDED), "SIGNATURE_INVALID", Bar.FORGED)


def test_a_weak_key() -> None:
    issued = pki.leaf(
        pki.HK_CA,
        "hk-weak",
        "C=HK, O=Test HK Post e-Cert (Personal), CN=TEST USER WEAK",
        pki.Rsa("rsa-1024"),
        pki.HK_MUTUAL_RECOGNITION,
    )
    asked = question(issued.certificate, purpose=Purpose.CONTRACT_SIGNING)
    found = find(asked, listing(status="suspended"))
    assert_beyond_repair(found, "RSA_MODULUS_TOO_SMALL", Bar.WEAK)


def test_a_weak_signature_algorithm() -> None:
    weak = Ca(pki.HK_CA.label, pki.HK_CA.name, pki.Rsa("rsa-hk-ca", "sha1"))
    issued = pki.leaf(
        weak,
        "hk-sha1",
        "C=HK, O=Test HK Post e-Cert (Personal), CN=TEST USER WEAK",
        pki.Rsa("rsa-leaf-2"),
        pki.HK_MUTUAL_RECOGNITION,
    )
    found = find(question(issued.certificate, purpose=Purpose.CONTRACT_SIGNING))
    assert (found.outcome, found.fixes) == (Outcome.BEYOND_REPAIR, ())
    assert {bar for _, bar in bars(found)} == {Bar.WEAK}


@pytest.mark.parametrize("target", [b"", b"\x30\x00", COMPANY[:-9], COMPANY + b"\x00", b"\xff" * 4000])
def test_what_is_no_certificate(target: bytes) -> None:
    found = find(to_hk(target), SUSPENDED)
    assert (found.outcome, found.fixes) == (Outcome.BEYOND_REPAIR, ())
    assert {bar for _, bar in bars(found)} == {Bar.MALFORMED}


def test_a_blocked_key() -> None:
    found = find(to_hk(COMPANY), block("key", key_of(COMPANY)))
    assert_beyond_repair(found, "KEY_BLOCKED", Bar.KEY_BLOCKED)


def test_a_blocked_certificate_is_not_freed_by_its_renewal() -> None:
    """Expired and blocked: renewing it does not get round the block, nor does the time before the block."""
    target = LEAVES["gd-a-sm2-event"]
    docs = block("certificate", fingerprint(target), effective_from="2026-01-20T00:00:00Z")
    found = find(to_hk(target, validation_time=LATE), docs)
    assert sorted(codes(found)[0]) == ["BLOCK_LIFTED", "CERTIFICATE_RENEWED"]
    assert all("BLOCK_LIFTED" in fix for fix in codes(found))


def test_a_block_of_today_speaks_of_yesterday() -> None:
    """The agreement ended in December and the CA was blocked in January: December is no way round it."""
    docs = hk_bridge(effective_until="2026-01-01T00:00:00Z")
    docs["blocklist.yaml"] = block("ca", key_of(C["gd-a-sm2"]), effective_from="2026-01-10T00:00:00Z")[
        "blocklist.yaml"
    ]
    found = find(to_hk(COMPANY), docs)
    assert sorted(map(sorted, codes(found))) == [
        ["AGREEMENT_EXTENDED", "BLOCK_LIFTED"],
        ["BLOCK_LIFTED", "TIME_EARLIER"],
    ]


class TestRevocationThatOnlyOldOrForeignEvidenceTells:
    """Whatever its date and signer: against evidence that calls it revoked nothing good is assumed."""

    STALE = status.GD_A.crl(
        status.revoked(pki.LEAVES["gd-a-sm2-company-sign"], status.HOLD),
        this_update=NOW - timedelta(days=60),
        next_update=NOW - timedelta(days=30),
    )

    def test_a_stale_crl_that_lists_it(self) -> None:
        asked = to_hk(COMPANY, revocation=RevocationRule.REQUIRE_TARGET, crls=(self.STALE,))
        found = find(asked)
        assert found.answer.verdict.findings[0].reason.code == "CRL_STALE"
        assert (found.outcome, found.fixes) == (Outcome.BEYOND_REPAIR, ())

    def test_a_stale_crl_that_does_not(self) -> None:
        stale = status.GD_A.crl(this_update=NOW - timedelta(days=60), next_update=NOW - timedelta(days=30))
        asked = to_hk(COMPANY, revocation=RevocationRule.REQUIRE_TARGET, crls=(stale,))
        assert codes(find(asked)) == [["STATUS_FETCHED"]]

    def test_an_expired_certificate_revoked_since(self) -> None:
        """After its end the CRL lists it: neither renewal nor the time before is proposed."""
        issued = pki.LEAVES["gd-a-sm2-event"]
        crl = status.GD_A.crl(
            status.revoked(issued, status.SUPERSEDED, datetime(2026, 1, 20, tzinfo=UTC)),
            this_update=datetime(2026, 1, 30, tzinfo=UTC),
            next_update=datetime(2026, 3, 1, tzinfo=UTC),
        )
        asked = to_hk(
            issued.certificate, validation_time=LATE, revocation=RevocationRule.IF_AVAILABLE, crls=(crl,)
        )
        found = find(asked)
        assert found.answer.verdict.findings[0].reason.code == "TARGET_EXPIRED"
        assert (found.outcome, found.fixes) == (Outcome.BEYOND_REPAIR, ())

    def test_an_agreement_that_ended_before_the_revocation(self) -> None:
        """The entry ended and the certificate was revoked later: nothing goes back before that."""
        issued = status.REVOKED_PERSON
        crl = status.HK.crl(
            status.revoked(issued, status.SUPERSEDED, NOW + timedelta(days=1)),
            this_update=NOW + timedelta(days=2),
            next_update=NOW + timedelta(days=9),
        )
        asked = question(
            issued.certificate,
            purpose=Purpose.CONTRACT_SIGNING,
            crls=(crl,),
            validation_time=NOW + timedelta(days=3),
        )
        found = find(asked, listing(recognised_until="2026-01-15T08:00:00Z"))
        assert "TIME_EARLIER" not in {code for fix in codes(found) for code in fix}

    def test_an_ocsp_response_that_calls_it_revoked(self) -> None:
        leaf = pki.LEAVES["gd-a-sm2-company-sign"]
        told = _ocsp_revoked(leaf.serial_number)
        asked = to_hk(COMPANY, revocation=RevocationRule.REQUIRE_TARGET, ocsp_responses=(told,))
        found = find(asked)
        assert (found.outcome, found.fixes) == (Outcome.BEYOND_REPAIR, ())

    def test_an_unreadable_response_tells_nothing(self) -> None:
        asked = to_hk(
            COMPANY,
            revocation=RevocationRule.REQUIRE_TARGET,
            crls=(b"\x30\x00",),
            ocsp_responses=(b"\x30\x00",),
        )
        found = find(asked)
        assert codes(found) == [["STATUS_FETCHED"] * 4] or found.fixes == ()


ASKS_NOTHING = {"domains/hk.yaml": domain_document("hk", revocation="none")}


@pytest.mark.parametrize(
    "docs", [SUSPENDED | ASKS_NOTHING, hk_bridge(effective_until="2026-01-01T00:00:00Z") | ASKS_NOTHING]
)
def test_a_question_that_asks_for_no_status_is_no_way_round_it(docs: dict[str, Any]) -> None:
    """With revocation none the engine looks at no CRL; what the CRL at hand says counts all the same."""
    crl = status.GD_A.crl(status.revoked(pki.LEAVES["gd-a-sm2-company-sign"], status.SUPERSEDED))
    found = find(to_hk(COMPANY, crls=(crl,)), docs)
    assert_beyond_repair(found, "TARGET_REVOKED", Bar.REVOKED)
    (barred,) = found.barred
    assert dict(barred.finding.params)["since"] == "2026-01-10T12:00:00Z"


def test_nor_of_a_ca_on_the_path() -> None:
    number = parsed(C["bridge-sm2-to-gd-a-sm2"]).serial_number
    crl = pki.BRIDGE_SM2.crl(x509.Revoked(number, status.REVOKED_WHEN, status.SUPERSEDED))
    found = find(to_hk(COMPANY, crls=(crl,)), SUSPENDED | ASKS_NOTHING)
    assert_beyond_repair(found, "CA_REVOKED", Bar.REVOKED)
    assert found.barred[0].finding.position == 1


def _ocsp_revoked(serial_number: int) -> bytes:
    """A response of long ago, by an unknown signer, about the certificate of this number."""
    identity = status.GD_A.cert_id(serial_number)
    single = x509.single_response(identity, x509.revoked_status(NOW - timedelta(days=90), 1))
    return x509.ocsp_response(single, signer=pki.Rsa("rsa-leaf-1"))


def _everything_of(found: MinimalFix) -> str:
    return json.dumps([[c.type.code, c.where, c.after] for fix in found.fixes for c in fix.changes])


@pytest.mark.parametrize("rule", list(RevocationRule))
def test_no_proposal_touches_revocation_algorithms_or_checks_of_anchors(rule: RevocationRule) -> None:
    limits = {"purposes": ["digital_signature"], "revocation": "require_all", "max_status_age_s": 60}
    for docs in (SUSPENDED, hk_bridge(conditions=limits), listing(conditions=limits)):
        for target in (COMPANY, LEAVES["hk-person-sign"], LEAVES["gd-a-sm2-event"]):
            asked = question(target, HK_TO_GD_A, revocation=rule, purpose=Purpose.CONTRACT_SIGNING)
            for domain in ("hk", "gd"):
                told = _everything_of(find(replace(asked, domain=domain), docs))
                for word in (
                    "enforce_",
                    "algorithm_profile",
                    "max_status_age",
                    "revocation",
                    "algorithms.yaml",
                ):
                    assert word not in told


def test_what_is_assumed_is_no_better_than_the_certificate_it_stands_for() -> None:
    """A fresh status is assumed of a certificate only under a key that truly signed the certificate."""
    forged = bytearray(COMPANY)
    forged[-1] ^= 0x01
    asked = to_hk(bytes(forged), revocation=RevocationRule.REQUIRE_TARGET)
    assert find(asked).fixes == ()


def test_an_expired_forgery_is_not_renewed() -> None:
    target = bytearray(LEAVES["gd-a-sm2-event"])
    target[-1] ^= 0x01
    found = find(to_hk(bytes(target), validation_time=LATE))
    assert (found.outcome, found.fixes) == (Outcome.BEYOND_REPAIR, ())


def test_a_flaw_of_the_certificate_bars_its_path_alone() -> None:
    """Listed under a policy its CA may not issue under: the CA's to mend, and said so."""
    docs = documents(trust_lists__hong_kong=list_document(entry_document(policies=[pki.HK_HIGH])))
    asked = question(LEAVES["hk-company-sign"], purpose=Purpose.CONTRACT_SIGNING)
    assert codes(find(asked, docs))[0] == ["ENTRY_ADDED"]


def test_an_encryption_certificate_is_another_certificate() -> None:
    asked = to_hk(LEAVES["gd-a-sm2-company-encrypt"], purpose=Purpose.CONTRACT_SIGNING)
    assert_beyond_repair(find(asked), "ENCRYPTION_CERTIFICATE_FOR_SIGNATURE", Bar.UNFIT)


def test_a_host_that_it_does_not_name() -> None:
    asked = to_hk(COMPANY, purpose=Purpose.SERVER_AUTH, dns_name="other.example")
    assert_beyond_repair(find(asked), "HOST_NAME_MISMATCH", Bar.UNFIT)


def test_agreements_do_not_reach_out_of_their_scheme() -> None:
    docs = documents(agreements__bridge_gd=agreement_document("bridge-gd", status="suspended"))
    asked = to_hk(status.REVOKED_COMPANY.certificate, revocation=RevocationRule.REQUIRE_ALL, crls=GOOD_CRLS)
    assert_beyond_repair(find(asked, docs), "TARGET_REVOKED", Bar.REVOKED)
