"""OCSP: which certificate a response is about, whose word it is, and until when it holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID as Eku

from ca_bridge.core.revocation.cert_id import digest
from ca_bridge.core.x509.certificate import AlgorithmIdentifier
from ca_bridge.core.x509.ocsp import OcspResponse
from tests import status_pki as pki
from tests.status_pki import COMPROMISE, DAY, HOLD, NOW, OCSP_SIGNING, Entry, World, crl, issue, response

ROOT = issue(None, "root", ca=True)
CA = issue(ROOT, "ca", ca=True)
LEAF = issue(CA, "leaf")
OTHER = issue(CA, "other leaf")
WORLD = World((ROOT,), (CA,))
GOOD, REVOKED, UNKNOWN = ocsp.OCSPCertStatus.GOOD, ocsp.OCSPCertStatus.REVOKED, ocsp.OCSPCertStatus.UNKNOWN
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
NOT_ABOUT_IT = ["OCSP_NO_MATCHING_RESPONSE", "REVOCATION_EVIDENCE_MISSING"]


class TestCertId:
    @pytest.mark.parametrize("algorithm", ["SHA1", "SHA256", "SHA384", "SHA512"])
    def test_hashes(self, algorithm: str) -> None:
        made = response(LEAF, CA, algorithm=getattr(hashes, algorithm)())
        assert WORLD.statuses(LEAF, made)[0] == "good ocsp"

    def _with(self, **fields: object) -> OcspResponse:
        made = response(LEAF, CA)
        single = made.responses[0]
        return replace(made, responses=(replace(single, cert_id=replace(single.cert_id, **fields)),))

    def test_sm3(self) -> None:
        oid = "1.2.156.10197.1.401"
        name = digest(oid, LEAF.certificate.issuer.der)
        key = digest(oid, CA.certificate.spki.key)
        algorithm = AlgorithmIdentifier(oid, None)
        made = self._with(hash_algorithm=algorithm, issuer_name_hash=name, issuer_key_hash=key)
        assert WORLD.statuses(LEAF, made)[0] == "good ocsp"

    @pytest.mark.parametrize(
        "fields",
        [
            {"issuer_name_hash": b"\0" * 32},
            {"issuer_key_hash": b"\0" * 32},
            {"serial_number": 1},
            {"hash_algorithm": AlgorithmIdentifier("1.2.840.113549.2.5", None)},
            {"hash_algorithm": AlgorithmIdentifier("1.3.14.3.2.26", None)},
        ],
    )
    def test_every_field_must_fit(self, fields: dict[str, object]) -> None:
        assert WORLD.codes(LEAF, self._with(**fields)) == NOT_ABOUT_IT
        assert WORLD.codes(LEAF, self._with(**fields), rule=pki.IF_AVAILABLE) == []

    def test_the_same_name_and_serial_under_another_key_is_another_certificate(self) -> None:
        twin = issue(ROOT, "ca", ca=True, label="twin")
        assert WORLD.codes(LEAF, response(LEAF, twin, by=CA)) == NOT_ABOUT_IT

    def test_every_single_response_is_looked_at(self) -> None:
        about_other, about_leaf = response(OTHER, CA), response(LEAF, CA, status=REVOKED)
        both = replace(about_leaf, responses=about_other.responses + about_leaf.responses)
        assert WORLD.codes(LEAF, both) == ["TARGET_REVOKED"]
        assert WORLD.codes(OTHER, both) == []
        twice = replace(about_leaf, responses=response(LEAF, CA).responses + about_leaf.responses)
        assert WORLD.codes(LEAF, twice) == ["TARGET_REVOKED"]


class TestStatus:
    def test_revoked_wins_over_good_from_whatever_source(self) -> None:
        revoked = response(LEAF, CA, status=REVOKED, reason=COMPROMISE)
        assert WORLD.codes(LEAF, response(LEAF, CA), revoked) == ["TARGET_REVOKED"]
        assert WORLD.codes(LEAF, crl(CA), revoked) == ["TARGET_REVOKED"]
        assert WORLD.codes(LEAF, response(LEAF, CA), crl(CA, Entry(LEAF.serial))) == ["TARGET_REVOKED"]

    def test_unknown_is_not_good(self) -> None:
        unknown = response(LEAF, CA, status=UNKNOWN)
        assert WORLD.codes(LEAF, unknown) == ["OCSP_STATUS_UNKNOWN"]
        assert WORLD.codes(LEAF, unknown, rule=pki.IF_AVAILABLE) == ["OCSP_STATUS_UNKNOWN"]

    def test_on_hold(self) -> None:
        assert WORLD.codes(LEAF, response(LEAF, CA, status=REVOKED, reason=HOLD)) == ["TARGET_ON_HOLD"]

    def test_revoked_by_a_current_response_is_revoked_whatever_its_date(self) -> None:
        ahead = response(LEAF, CA, status=REVOKED, revoked=NOW + HOUR)
        assert WORLD.codes(LEAF, ahead) == ["TARGET_REVOKED"]

    def test_revoked_and_told_later_does_not_count_unless_it_was_a_compromise(self) -> None:
        good, later = response(LEAF, CA), {"since": NOW + HOUR, "until": NOW + 2 * HOUR}
        revoked = response(LEAF, CA, status=REVOKED, revoked=NOW + HOUR, **later)
        assert WORLD.codes(LEAF, revoked, good) == []
        broken = response(LEAF, CA, status=REVOKED, revoked=NOW + HOUR, reason=COMPROMISE, **later)
        assert WORLD.codes(LEAF, broken, good) == ["TARGET_REVOKED"]

    def test_a_revocation_without_time_counts_from_the_response(self) -> None:
        made = response(LEAF, CA, status=REVOKED)
        untimed = replace(made, responses=(replace(made.responses[0], revocation_time=None),))
        checked = WORLD.check(LEAF, untimed)
        assert isinstance(checked, tuple)
        assert dict(checked[0].params)["since"] == "2026-01-15T07:00:00Z"

    def test_an_error_is_no_answer(self) -> None:
        error = pki.POOL.ocsp(
            ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(
                pki.serialization.Encoding.DER
            )
        )
        checked = WORLD.check(LEAF, error)
        assert isinstance(checked, tuple)
        assert [(f.reason.code, f.params) for f in checked] == [
            ("OCSP_RESPONDER_ERROR", (("status", "try_later"),)),
            ("REVOCATION_EVIDENCE_MISSING", ()),
        ]
        assert WORLD.codes(LEAF, error, rule=pki.IF_AVAILABLE) == []


class TestTimes:
    def test_the_bounds_belong_to_it(self) -> None:
        exact = response(LEAF, CA, since=NOW, until=NOW)
        assert WORLD.codes(LEAF, exact) == []
        assert WORLD.codes(LEAF, exact, at=NOW + SECOND) == ["OCSP_STALE"]
        assert WORLD.codes(LEAF, exact, at=NOW - SECOND) == ["OCSP_NOT_YET_VALID"]

    def test_without_next_update_it_holds_for_a_day(self) -> None:
        endless = response(LEAF, CA, since=NOW, until=None)
        assert WORLD.codes(LEAF, endless, at=NOW + DAY) == []
        assert WORLD.codes(LEAF, endless, at=NOW + DAY + SECOND) == ["OCSP_STALE"]

    def test_at_the_end_of_time(self) -> None:
        last = replace(
            response(LEAF, CA, until=None).responses[0],
            this_update=NOW.replace(year=9999, month=12, day=31, hour=23),
        )
        made = replace(response(LEAF, CA, until=None), responses=(last,))
        assert WORLD.codes(LEAF, made) == ["OCSP_NOT_YET_VALID"]

    def test_revoked_for_good_does_not_go_stale(self) -> None:
        old = {"since": NOW - 9 * DAY, "until": NOW - 8 * DAY, "revoked": NOW - 10 * DAY}
        assert WORLD.codes(LEAF, response(LEAF, CA, status=REVOKED, **old)) == ["TARGET_REVOKED"]
        assert WORLD.codes(LEAF, response(LEAF, CA, status=REVOKED, reason=HOLD, **old)) == ["OCSP_STALE"]

    def test_critical_extensions_nobody_knows(self) -> None:
        unknown = replace(response(LEAF, CA), unknown_critical=("2.999.1",))
        assert WORLD.codes(LEAF, unknown) == ["OCSP_UNKNOWN_CRITICAL_EXTENSION"]
        made = response(LEAF, CA)
        single = replace(made.responses[0], unknown_critical=("2.999.1",))
        assert WORLD.codes(LEAF, replace(made, responses=(single,))) == ["OCSP_UNKNOWN_CRITICAL_EXTENSION"]


class TestResponder:
    DELEGATE = issue(CA, "responder", OCSP_SIGNING, x509.OCSPNoCheck())
    NOT_AUTHORIZED = ("OCSP_RESPONDER_NOT_AUTHORIZED",)

    def answer(self, by: pki.Party, **fields: object) -> OcspResponse:
        return response(LEAF, CA, **{"by": by, "certificates": (by,), **fields})  # type: ignore[arg-type]

    def codes(self, by: pki.Party, *more: object, **fields: object) -> list[str]:
        return WORLD.codes(LEAF, self.answer(by), *more, **fields)  # type: ignore[arg-type]

    @pytest.mark.parametrize("by_name", [True, False])
    def test_the_issuer_itself(self, *, by_name: bool) -> None:
        assert WORLD.codes(LEAF, response(LEAF, CA, by_name=by_name)) == []
        forged = pki.forged(response(LEAF, CA, by_name=by_name))
        assert WORLD.codes(LEAF, forged) == ["OCSP_SIGNATURE_INVALID"]

    @pytest.mark.parametrize("by_name", [True, False])
    def test_a_delegate_sent_along_or_supplied(self, *, by_name: bool) -> None:
        assert WORLD.codes(LEAF, self.answer(self.DELEGATE, by_name=by_name)) == []
        bare = self.answer(self.DELEGATE, by_name=by_name, certificates=())
        assert WORLD.codes(LEAF, bare) == ["OCSP_RESPONDER_CERTIFICATE_MISSING"]
        asked = World((ROOT,), (CA, self.DELEGATE))
        assert asked.codes(LEAF, bare) == []
        of_ca = response(CA, ROOT, by_name=by_name)
        again = self.answer(self.DELEGATE, by_name=by_name, certificates=(CA,), since=NOW - 2 * HOUR)
        assert asked.codes(LEAF, bare, again, of_ca) == []

    def test_the_delegate_of_an_anchor(self) -> None:
        leaf, by = issue(ROOT, "leaf"), issue(ROOT, "responder", OCSP_SIGNING, x509.OCSPNoCheck())
        assert World((ROOT,)).codes(leaf, response(leaf, ROOT, by=by, certificates=(by,))) == []

    def test_its_signature_must_verify(self) -> None:
        assert WORLD.codes(LEAF, pki.forged(self.answer(self.DELEGATE))) == ["OCSP_SIGNATURE_INVALID"]

    def test_a_certificate_that_cannot_be_read_is_nobody(self) -> None:
        made = replace(self.answer(self.DELEGATE), certificates=(b"\x30\x00",))
        assert WORLD.codes(LEAF, made) == ["OCSP_RESPONDER_CERTIFICATE_MISSING"]

    @pytest.mark.parametrize(
        "extensions",
        [
            (),
            (x509.ExtendedKeyUsage([Eku.ANY_EXTENDED_KEY_USAGE]),),
            (x509.ExtendedKeyUsage([Eku.SERVER_AUTH]),),
            (OCSP_SIGNING, pki.usage("key_encipherment")),
        ],
    )
    def test_it_must_be_marked_for_it(self, extensions: tuple[x509.ExtensionType, ...]) -> None:
        assert self.codes(issue(CA, "responder", *extensions)) == [*self.NOT_AUTHORIZED]

    def test_key_usage_that_fits(self) -> None:
        assert self.codes(issue(CA, "responder", OCSP_SIGNING, pki.usage("content_commitment"))) == []

    def test_it_must_be_issued_directly_by_the_same_key(self) -> None:
        twin = issue(ROOT, "ca", ca=True, label="twin")
        below = issue(CA, "below", ca=True)
        for issuer in (ROOT, twin, below):
            by = issue(issuer, "responder", OCSP_SIGNING, x509.OCSPNoCheck())
            assert self.codes(by) == [*self.NOT_AUTHORIZED]

    def test_it_must_be_valid(self) -> None:
        expired = issue(CA, "responder", OCSP_SIGNING, until=NOW - DAY)
        checked = WORLD.check(LEAF, self.answer(expired))
        assert isinstance(checked, tuple)
        assert checked[0].reason.code == "OCSP_RESPONDER_CERTIFICATE_INVALID"
        assert dict(checked[0].params)["cause"] == "TARGET_EXPIRED"

    def test_revoked_it_is_not_heard_even_with_nocheck(self) -> None:
        for extensions in ((OCSP_SIGNING,), (OCSP_SIGNING, x509.OCSPNoCheck())):
            by = issue(CA, "responder", *extensions)
            users = crl(CA, Entry(by.serial), point=pki.idp(reasons=frozenset({COMPROMISE})))
            assert "OCSP_RESPONDER_STATUS" in self.codes(by, users)

    def test_require_all_wants_its_status_or_nocheck(self) -> None:
        above, plain = crl(ROOT), issue(CA, "responder", OCSP_SIGNING)
        assert self.codes(self.DELEGATE, above, rule=pki.REQUIRE_ALL) == []
        assert self.codes(plain, above, rule=pki.REQUIRE_TARGET) == []
        assert self.codes(plain, above, rule=pki.REQUIRE_ALL) == ["OCSP_RESPONDER_STATUS"]
        assert self.codes(plain, above, crl(CA), rule=pki.REQUIRE_ALL) == []

    def test_it_does_not_speak_of_itself(self) -> None:
        own = response(self.DELEGATE, CA, by=self.DELEGATE, certificates=(self.DELEGATE,))
        assert WORLD.codes(self.DELEGATE, own) == []
        plain = issue(CA, "responder", OCSP_SIGNING)
        own = response(plain, CA, by=plain, certificates=(plain,))
        assert WORLD.codes(plain, own) == ["OCSP_RESPONDER_STATUS"]

    def test_a_ca_marked_for_it_is_still_only_itself(self) -> None:
        marked = issue(ROOT, "marked", OCSP_SIGNING, ca=True)
        leaf = issue(marked, "leaf")
        own = response(leaf, marked, by=marked, by_name=False, certificates=(marked,))
        assert World((ROOT,), (marked,)).codes(leaf, own) == []
