"""One case per reason of path building (RFC 4158) and of what was sent along."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import extensions as ext
import pki
import x509
from ca import Ca
from case import Group, line, passed, refused
from deviant import CHAIN, NATIONAL, ask
from keys import Ecdsa, Sm2
from pki import CERTIFICATES as C
from pki import LEAVES

GROUP = Group("building")
add = GROUP.add

NOT_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
COMPANY = LEAVES["gd-a-sm2-company-sign"].certificate


def damaged(certificate: bytes) -> bytes:
    """The last bit of the signature value turned; still DER."""
    return certificate[:-1] + bytes([certificate[-1] ^ 1])


def small_ca(label: str, country: str = "CN") -> Ca:
    return Ca(label, x509.name(f"C={country}, O=Test Small CAs, CN=Test CA {label}"), Ecdsa(label))


def small_leaf(ca: Ca, *more: bytes, label: str = "", subject: str = "") -> bytes:
    label = label or f"leaf of {ca.label}"
    key = Ecdsa(label)
    return ca.issue(
        label,
        x509.name(subject or f"C=CN, O=Test Small CAs, CN=Test {label}"),
        key,
        (pki.SIGNING, ext.subject_key_identifier(key.spki), *more),
    ).certificate


add(
    "signature-invalid",
    "One bit of the target's signature is turned",
    "company* <- GD A SM2 <- [TEST ROOTCA SM2]: no key of the named issuer verifies the signature "
    "(RFC 5280 §6.1.3 (a)(1)); the target itself fails, which is SIG_CRYPTO_FAILURE.",
    ask(damaged(COMPANY)),
    refused("SIG_CRYPTO_FAILURE", "SIGNATURE_INVALID", 0),
)
add(
    "ca-signature-invalid",
    "One bit of the CA certificate's signature is turned",
    "company <- GD A SM2* <- [TEST ROOTCA SM2]: the target's signature holds, that of the CA certificate "
    "does not (RFC 5280 §6.1.3 (a)(1)).",
    line(COMPANY, chain=[damaged(CHAIN[0])], anchors=NATIONAL),
    refused("CERTIFICATE_CHAIN_GENERAL_FAILURE", "CA_SIGNATURE_INVALID", 1),
)
add(
    "signature-by-twin",
    "A CA of the same name and another key issued the target",
    "company <- ? , GD A SM2 <- [TEST ROOTCA SM2]: the twin took the name and left out "
    "authorityKeyIdentifier; the only known key of that name does not verify the signature (RFC 5280 "
    "§6.1.3 (a)(1)).",
    ask(
        replace(pki.GD_SM2["a"], key=Sm2("twin"))
        .issue("twin", x509.name("C=CN, O=Test, CN=Test twin"), Sm2("twin leaf"), (pki.SIGNING,), aki=False)
        .certificate
    ),
    refused("SIG_CRYPTO_FAILURE", "SIGNATURE_INVALID", 0),
)
add(
    "no-issuer",
    "The intermediate certificate is missing",
    "company <- ? ... [TEST ROOTCA SM2]: nothing known has the issuer's name (RFC 5280 §6.1.3 (a)(4)).",
    line(COMPANY, anchors=NATIONAL),
    refused(NOT_FOUND, "NO_ISSUER_FOUND", 0),
)
_ROLLED = replace(pki.GD_SM2["a"], label="gd-a-sm2 new key", key=Sm2("gd-a new key"))
add(
    "issuer-key-not-found",
    "The issuer changed its key and only the new certificate was sent",
    "company <- GD A SM2 (old key) ?, GD A SM2 (new key) <- [TEST ROOTCA SM2]: authorityKeyIdentifier "
    "names a key that no known certificate of the issuer has (RFC 5280 §4.2.1.1).",
    line(
        COMPANY,
        chain=[pki.NATIONAL.certify(_ROLLED, tag="rollover")],
        anchors=NATIONAL,
    ),
    refused(NOT_FOUND, "ISSUER_KEY_NOT_FOUND", 0),
)
add(
    "untrusted-root",
    "The path ends at a root that is not an anchor here",
    "company <- GD A RSA <- GD A RSA Root, [HK Root]: self-signed is not trusted (RFC 5280 §6.1.1 (d)).",
    line(
        LEAVES["gd-a-rsa-company-sign"].certificate,
        chain=[C["gd-a-rsa"], C["gd-a-rsa-root"]],
        anchors=[C["hk-root"]],
    ),
    refused(NOT_FOUND, "UNTRUSTED_ROOT", 2),
)
_LONELY = small_ca("lonely")
add(
    "untrusted-self-signed",
    "A self-signed end entity that nobody certified",
    "lonely (self-signed) , [TEST ROOTCA SM2]: no edge leads from it to an anchor (RFC 5280 §6.1.1 (d)).",
    line(_LONELY.root(), anchors=NATIONAL),
    refused(NOT_FOUND, "UNTRUSTED_ROOT", 0),
)
_LOOP_A, _LOOP_B = small_ca("loop A"), small_ca("loop B")
add(
    "loop",
    "Two CAs that certify each other and nobody else",
    "leaf <- loop A <- loop B <- loop A ..., [TEST ROOTCA SM2]: the same name and key may not come again "
    "(RFC 4158 §2.4.2, §5.2).",
    line(small_leaf(_LOOP_A), chain=[_LOOP_A.certify(_LOOP_B), _LOOP_B.certify(_LOOP_A)], anchors=NATIONAL),
    refused(NOT_FOUND, "PATH_LOOP", 2),
)
_LADDER = [small_ca(f"rung {i:02}") for i in range(24)]
add(
    "too-long",
    "Twenty-four CAs one below the other",
    "leaf <- rung 23 <- ... <- rung 00 <- [anchor]: longer than any real path; building stops at the "
    "depth limit (RFC 4158 §3.5.15 warns of unbounded depth).",
    line(
        small_leaf(_LADDER[-1]),
        chain=[upper.certify(lower) for upper, lower in pairwise(_LADDER)],
        anchors=[_LADDER[0].root()],
    ),
    refused(NOT_FOUND, "PATH_TOO_LONG", None),
)
add(
    "target-is-anchor",
    "A cross-certificate is anchor and target at once",
    "[GD A SM2 by the bridge]: RFC 5280 §6.1 (c): the anchor's certificate is not part of the path, and "
    "no path leads to a thing trusted by decision.",
    line(C["bridge-sm2-to-gd-a-sm2"], anchors=[C["bridge-sm2-to-gd-a-sm2"]]),
    refused(NOT_FOUND, "TARGET_IS_TRUST_ANCHOR", None),
)
_SAME = small_ca("thicket")
_THICKET = [replace(_SAME, label=f"thicket {i}", key=Ecdsa(f"thicket {i}")) for i in range(8)]
_MAINLAND_OUT = ext.name_constraints(excluded=[pki.CHINA])
_GATE = pki.NATIONAL.certify(_THICKET[-1], _MAINLAND_OUT, tag="gate")
add(
    "budget",
    "Eight CAs of one name that all certify each other, and one way out that allows nothing",
    "leaf <- thicket <- thicket <- ... <- thicket (excluded C=CN) <- [TEST ROOTCA SM2]: every one of 8! "
    "simple paths reaches the anchor and none is valid; the work is counted and its end is an answer "
    "(CVE-2018-16875).",
    line(
        _THICKET[0]
        .issue(
            "thicket leaf",
            x509.name("C=CN, O=Test, CN=Test thicket leaf"),
            Ecdsa("t"),
            (pki.SIGNING,),
            aki=False,
        )
        .certificate,
        chain=[
            _GATE,
            *(
                x509.certificate(
                    issuer=upper.name,
                    signer=upper.key,
                    subject=lower.name,
                    key=lower.key,
                    serial_number=x509.serial(f"{upper.label} {lower.label}"),
                    extensions=(ext.basic_constraints(), ext.key_usage("key_cert_sign")),
                )
                for upper in _THICKET
                for lower in _THICKET
                if upper is not lower
            ),
        ],
        anchors=NATIONAL,
    ),
    refused("CERTIFICATE_CHAIN_GENERAL_FAILURE", "BUDGET_EXHAUSTED", None),
)
_CROWD_NAME = small_ca("crowd")
_CROWD = [replace(_CROWD_NAME, label=f"crowd {i}", key=Ecdsa(f"crowd {i}")) for i in range(12)]
_LOST = (
    replace(_CROWD_NAME, key=Ecdsa("crowd lost"))
    .issue("crowd leaf", x509.name("C=CN, O=Test, CN=Test crowd leaf"), Ecdsa("t"), (pki.SIGNING,), aki=False)
    .certificate
)
_CROWD_CERTIFICATES = [pki.NATIONAL.certify(ca, tag=ca.label) for ca in _CROWD]
add(
    "no-path-at-all",
    "Twelve CAs of the issuer's name, none of them the one",
    "leaf <- ? , 12 x crowd <- [TEST ROOTCA SM2]: no more keys are tried than it takes to tell, so no "
    "more is said than that there is no path (RFC 4158 §2.3).",
    line(_LOST, chain=_CROWD_CERTIFICATES, anchors=NATIONAL),
    refused(NOT_FOUND, "NO_PATH_TO_TRUST_ANCHOR", None),
)
add(
    "supplied-unreadable",
    "And one certificate that was cut short",
    "leaf <- ? , 12 x crowd <- [TEST ROOTCA SM2]: what cannot be read is left out of building and named, "
    "for it may be the one that is missing.",
    line(_LOST, chain=[*_CROWD_CERTIFICATES, CHAIN[0][:-40]], anchors=NATIONAL),
    refused(NOT_FOUND, "SUPPLIED_CERTIFICATE_UNREADABLE", None, cause="DER_TRUNCATED"),
)
add(
    "supplied-unreadable-only",
    "The one intermediate certificate was cut short",
    "company <- ? ... [TEST ROOTCA SM2]: the issuer is missing.",
    line(COMPANY, chain=[CHAIN[0][:-40]], anchors=NATIONAL),
    refused(NOT_FOUND, "NO_ISSUER_FOUND", 0),
)
add(
    "supplied-unreadable-harmless",
    "A damaged certificate beside a good path harms nothing",
    "company <- GD A SM2 <- [TEST ROOTCA SM2]: one path is enough (RFC 5280 §6.1).",
    line(COMPANY, chain=[CHAIN[0], C["hk-ca"][:-40]], anchors=NATIONAL),
    passed(pki.GD_HIGH),
)
add(
    "backtrack",
    "The first issuer found is a dead end of the same name and key",
    "company <- GD A SM2 (by a stranger) ..., company <- GD A SM2 <- [TEST ROOTCA SM2]: every "
    "alternative is tried (RFC 4158 §2.4.2; CVE-2015-1793).",
    line(
        COMPANY,
        chain=[small_ca("stranger").certify(pki.GD_SM2["a"], tag=str(i)) for i in range(4)] + [CHAIN[0]],
        anchors=NATIONAL,
    ),
    passed(pki.GD_HIGH),
)
