"""Two domains, their agreement, and any number of requests of known kinds: for impact analysis and its bench.

Level high in A reaches medium in B, and medium in A reaches basic, by one cross-certificate and one agreement
with a mapping each. B relies; four CAs of A issue, two with SM2 and two with RSA.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from ca_bridge import wiring
from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.validate_certificate import Question
from tests.recognition.replays import question
from tests.recognition.scheme import fingerprint, key_of
from tests.recognition.scheme_documents import LEVELS, write_folder

import extensions as ext  # isort: skip
import pki  # isort: skip
import x509  # isort: skip
from ca import Ca  # isort: skip
from keys import Ecdsa, Rsa, Sm2  # isort: skip
from x509 import Revoked  # isort: skip

A_HIGH, A_MEDIUM, A_BASIC = (f"2.999.77.1.{n}" for n in (3, 2, 1))
B_MEDIUM, B_BASIC = (f"2.999.78.1.{n}" for n in (2, 1))
A_ROOT = Ca("traffic a", x509.name("C=CN, O=Traffic A, CN=Traffic A Root"), Sm2("traffic a"))
B_ROOT = Ca("traffic b", x509.name("C=HK, O=Traffic B, CN=Traffic B Root"), Rsa("rsa-hk-root"))
ISSUERS = tuple(
    Ca(f"traffic {n}", x509.name(f"C=CN, O=Traffic A, CN=Traffic A CA {n}"), key)
    for n, key in enumerate((Sm2("traffic 0"), Rsa("rsa-gda-ca"), Sm2("traffic 2"), Rsa("rsa-gdb-ca")))
)
CROSS = B_ROOT.certify(
    A_ROOT,
    ext.certificate_policies(B_MEDIUM, B_BASIC),
    ext.policy_mappings((B_MEDIUM, A_HIGH), (B_BASIC, A_MEDIUM)),
)
INTERMEDIATES = tuple(
    A_ROOT.certify(ca, ext.certificate_policies(A_HIGH, A_MEDIUM, A_BASIC)) for ca in ISSUERS
)
SITES = ("tax", "court", "customs", "land-registry", "")
LEAF_KEYS = 50


@dataclass(frozen=True)
class Kind:
    """What is asked of a certificate with these policies, and what becomes of it without the mapping.

    ``reason`` of the refusal; "" = the answer does not turn.
    """

    name: str
    policies: tuple[str, ...]
    share: int
    reason: str = ""
    level: str | None = None
    purpose: Purpose = Purpose.ANY
    with_list: bool = False
    own: bool = False
    certificate: str = "sound"


_NOT_AGREED, _LEVEL = "POLICY_MAPPING_NOT_AGREED", "ASSURANCE_LEVEL_NOT_REACHED"
KINDS = (
    Kind("high", (A_HIGH,), 6, _NOT_AGREED),
    Kind("high for medium", (A_HIGH,), 4, _NOT_AGREED, level="medium", purpose=Purpose.CONTRACT_SIGNING),
    Kind("high with its list", (A_HIGH,), 2, _NOT_AGREED, with_list=True),
    Kind("both for medium", (A_HIGH, A_MEDIUM), 2, _LEVEL, level="medium"),
    Kind("both", (A_HIGH, A_MEDIUM), 2),
    Kind("medium", (A_MEDIUM,), 5),
    Kind("medium for medium", (A_MEDIUM,), 2, level="medium"),
    Kind("basic", (A_BASIC,), 1),
    Kind("high for servers", (A_HIGH,), 1, purpose=Purpose.SERVER_AUTH),
    Kind("revoked", (A_HIGH,), 1, with_list=True, certificate="revoked"),
    Kind("expired", (A_HIGH,), 1, certificate="expired"),
    Kind("own", (B_MEDIUM,), 3, own=True, level="medium"),
)


@dataclass(frozen=True)
class Asked:
    """One request: ``kind`` says what is to become of it."""

    kind: Kind
    site: str
    question: Question


def _title(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def _domain(name: str, policies: dict[str, str], anchor: bytes, *own: bytes) -> dict[str, Any]:
    return {
        "domain": name,
        "title": _title(name),
        "anchors": [{"sha256": fingerprint(anchor), "name": name}],
        "purposes": [p.value for p in Purpose if p is not Purpose.SERVER_AUTH],
        "jurisdiction": "CN-44" if name == "a" else "HK",
        "assurance": {
            "scale": "gba",
            "levels": LEVELS,
            "policies": [{"policy": p, "level": level} for p, level in policies.items()],
        },
        "authorities": [
            {
                "identifier": f"{name}-ca",
                "title": _title(name),
                "keys": [key_of(der) for der in (anchor, *own)],
            }
        ],
    }


MAPPINGS = ((B_MEDIUM, A_HIGH, "medium"), (B_BASIC, A_MEDIUM, "basic"))


def traffic_documents(mappings: tuple[tuple[str, str, str], ...] = MAPPINGS) -> dict[str, Any]:
    """Both domains, and their agreement with these mappings."""
    rows = [
        {"issuer_domain_policy": i, "subject_domain_policy": s, "level": level} for i, s, level in mappings
    ]
    a_levels = {A_HIGH: "high", A_MEDIUM: "medium", A_BASIC: "basic"}
    return {
        "domains/a.yaml": _domain("a", a_levels, A_ROOT.root(), *INTERMEDIATES),
        "domains/b.yaml": _domain("b", {B_MEDIUM: "medium", B_BASIC: "basic"}, B_ROOT.root()),
        "agreements/b-a.yaml": {
            "agreement": "b-a",
            "title": _title("b-a"),
            "kind": "unilateral",
            "issuer_domain": "b",
            "subject_domain": "a",
            "status": "active",
            "effective_from": "2020-01-01T00:00:00Z",
            "mappings": rows,
        },
    }


def traffic_gateway(folder: Path, documents: dict[str, Any] | None = None) -> Gateway:
    """A gateway over these documents, both roots imported."""
    settings = replace(write_folder(folder, documents or traffic_documents()), default_domain="b")
    for number, root in enumerate((A_ROOT.root(), B_ROOT.root())):
        (settings.anchors / f"traffic-{number}.der").write_bytes(root)
    return wiring.gateway(settings)


def traffic(count: int) -> Iterator[Asked]:
    """``count`` requests, each about a certificate of its own."""
    kinds = [kind for kind in KINDS for _ in range(kind.share)]
    keys = [Ecdsa(f"traffic leaf {n}") for n in range(LEAF_KEYS)]
    lists = [ca.crl(Revoked(x509.serial(f"revoked {i}"), x509.LEAF_FROM, 1)) for i, ca in enumerate(ISSUERS)]
    for number in range(count):
        chosen = int.from_bytes(sha256(f"traffic {number}".encode()).digest())
        chosen, which = divmod(chosen, len(kinds))
        chosen, issuer = divmod(chosen, len(ISSUERS))
        kind, site = kinds[which], SITES[chosen % len(SITES)]
        leaf = _leaf(kind, number, issuer, keys[number % LEAF_KEYS])
        asked: dict[str, Any] = {"purpose": kind.purpose, "assurance_level": kind.level}
        asked["revocation"] = RevocationRule.REQUIRE_TARGET if kind.with_list else RevocationRule.IF_AVAILABLE
        chain = () if kind.own else (INTERMEDIATES[issuer], CROSS)
        crls = (lists[issuer],) if kind.with_list else ()
        yield Asked(kind, site, replace(question(leaf, chain, "b", crls=crls, **asked), site=site))


def _leaf(kind: Kind, number: int, issuer: int, key: Any) -> bytes:
    ca = B_ROOT if kind.own else ISSUERS[issuer]
    period = (x509.LEAF_FROM, x509.LEAF_UNTIL)
    if kind.certificate == "expired":
        period = (x509.LEAF_FROM, x509.NOW.replace(day=1))
    label = f"revoked {issuer}" if kind.certificate == "revoked" else f"traffic leaf {number}"
    subject = x509.name(f"C=CN, O=Holder {number}, OU=Organizational-1, CN=Holder {number}")
    extensions = (pki.SIGNING, ext.certificate_policies(*kind.policies))
    return ca.issue(label, subject, key, extensions, period=period).certificate
