"""Policies of the test scheme, one change each, and short ways to record and replay under them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from ca_bridge.core.recognition.replay.recorded import Cause, NotReplayable, RecordedQuestion, RecordedTarget
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.impact.outcome import outcome_of
from ca_bridge.services.impact.record_data import stored_data
from tests.recognition.replays import question, replayed, store
from tests.recognition.scheme import LEAVES, C, fingerprint, pki
from tests.recognition.scheme_documents import (
    ROOT,
    agreement_document,
    documents,
    domain_document,
    entry_document,
    gateway,
    list_document,
)

import der  # isort: skip
import extensions as ext  # isort: skip
import x509  # isort: skip
from keys import Ecdsa  # isort: skip

CRLS = tuple(p.read_bytes() for p in sorted((ROOT / "certs-test" / "crls").glob("*")))
OCSP = tuple(p.read_bytes() for p in sorted((ROOT / "certs-test" / "ocsp").glob("*")))
COMPANY, PERSON = LEAVES["gd-a-sm2-company-sign"], LEAVES["hk-person-sign"]
ORG_CODE = pki.identity.COMPANY_1[8:17]


def block(kind: str, value: str) -> dict[str, Any]:
    return {
        "block": f"b-{kind}",
        "kind": kind,
        "value": value,
        "reason": {"zh": "测试", "en": "test"},
        "publication": "p-1",
        "effective_from": "2020-01-01T00:00:00Z",
    }


def without_high() -> dict[str, Any]:
    document = agreement_document("hk-bridge")
    return {**document, "mappings": document["mappings"][1:]}


def entry(**fields: Any) -> dict[str, Any]:
    return list_document(entry_document(**fields))


VARIANTS: dict[str, dict[str, Any]] = {
    "as it is": {},
    "no high mapping": {"agreements__hk_bridge": without_high()},
    "suspended": {"agreements__hk_bridge": agreement_document("hk-bridge", status="suspended")},
    "ended": {
        "agreements__bridge_gd": agreement_document("bridge-gd", effective_until="2026-01-01T00:00:00Z")
    },
    "no agreement": {"agreements__bridge_gd": None},
    "persons only": {
        "agreements__hk_bridge": agreement_document("hk-bridge", conditions={"subject_kinds": ["person"]})
    },
    "organisations only": {
        "agreements__hk_bridge": agreement_document("hk-bridge", conditions={"subject_kinds": ["org"]})
    },
    "names": {
        "agreements__hk_bridge": agreement_document(
            "hk-bridge",
            conditions={"permitted_names": [{"type": "directory_name", "value": "C=CN"}]},
        )
    },
    "foreign names": {
        "agreements__hk_bridge": agreement_document(
            "hk-bridge",
            conditions={"excluded_names": [{"type": "directory_name", "value": "C=CN"}]},
        )
    },
    "fresh": {
        "agreements__hk_bridge": agreement_document("hk-bridge", conditions={"max_status_age_s": 3600})
    },
    "proof": {
        "trust_lists__hong_kong": entry(conditions={"revocation": "require_all"}),
        "agreements__bridge_gd": agreement_document("bridge-gd", conditions={"revocation": "require_target"}),
    },
    "other type": {"trust_lists__hong_kong": entry(type_name="Another Type")},
    "certificate blocked": {"blocklist": {"blocks": [block("certificate", fingerprint(PERSON))]}},
    "holder blocked": {"blocklist": {"blocks": [block("subject", f"org:{ORG_CODE}")]}},
    "purposes": {"domains__gd": domain_document("gd", trust_lists=["hong-kong"], purposes=["client_auth"])},
    "lists alone": {
        "domains__gd": domain_document("gd", trust_lists=["hong-kong"], cross_certification=False)
    },
    "no domain": {"domains__gd": None, "agreements__bridge_gd": None},
}


def variant_gateways(factory: pytest.TempPathFactory, *names: str) -> dict[str, Gateway]:
    """A gateway over each of these policies, or over all of them."""
    return {
        name: gateway(factory.mktemp("variant"), documents(**VARIANTS[name])) for name in names or VARIANTS
    }


def everything(stored: Any) -> str:
    return json.dumps(stored_data(stored), ensure_ascii=False)


def recorded(stored: Any) -> RecordedTarget:
    assert isinstance(stored.what, RecordedQuestion)
    assert isinstance(stored.what.target, RecordedTarget)
    return stored.what.target


POLICIES = ext.certificate_policies(pki.HK_HIGH)


def hk_leaf(subject: str | bytes, *more: bytes, key: Any = None, usage: bytes = pki.SIGNING) -> bytes:
    made = key or Ecdsa("impact leaf")
    name = x509.name(subject) if isinstance(subject, str) else subject
    return pki.HK_CA.issue(f"impact {subject!r}", name, made, (usage, POLICIES, *more)).certificate


def mail_subject(text: str, address: str) -> bytes:
    """A subject that ends in an emailAddress."""
    parts = (x509.rdn(*part.split("=", 1)) for part in text.split(", "))
    mail = der.seq(der.oid("1.2.840.113549.1.9.1"), der.ia5(address))
    return der.seq(*parts, der.set_of(mail))


def cause(made: Gateway, asked: Any) -> Cause:
    """Why it was not recorded."""
    stored, _ = store(made, asked)
    assert isinstance(stored.what, Cause)
    with pytest.raises(NotReplayable) as caught:
        replayed(made, stored)
    assert caught.value.cause is stored.what
    return stored.what


def refused_replay(made: Gateway, stored: Any) -> Cause:
    with pytest.raises(NotReplayable) as caught:
        replayed(made, stored)
    return caught.value.cause


def same(made: Gateway, target: bytes, chain: Iterable[bytes] = (C["hk-ca"],), **fields: Any) -> str:
    """The leading reason, the same live and replayed."""
    stored, verdict = store(made, question(target, chain, **fields))
    assert replayed(made, stored) == outcome_of(verdict)
    return outcome_of(verdict).reason
