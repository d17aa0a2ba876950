"""Whatever policy, certificate and question meet: no crash, no unsound proposal, nothing dispensable."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.services.minimal_fix import Outcome
from ca_bridge.services.minimal_fix.as_data import minimal_fix_data
from tests.recognition.refusals import KNOWN, find, question
from tests.recognition.scheme import HK_TO_GD_A, LEAVES, NOW, C, fingerprint, key_of, pki
from tests.recognition.scheme_documents import (
    agreement_document,
    documents,
    domain_document,
    entry_document,
    list_document,
)
from tests.recognition.test_minimal_fix import BELOW, HK_NAMES, PAIRS, block, licensed, pin

import status  # isort: skip

TARGETS = LEAVES | {
    "revoked company": status.REVOKED_COMPANY.certificate,
    "revoked person": status.REVOKED_PERSON.certificate,
    "damaged": LEAVES["hk-person-sign"][:-1] + b"\x00",
}
CHAINS = {
    "none": (),
    "to gd a": HK_TO_GD_A,
    "hk": (C["hk-ca"], C["hk-root"]),
    "gd": (C["gd-a-sm2"], C["gd-a-rsa"], C["national-root"]),
    "all": tuple(C.values()),
}
CRLS = {
    "none": (),
    "some": tuple(status.CRLS[label] for label in ("gd-a-sm2", "hk-ca")),
    "all": tuple(status.CRLS.values()),
}
ABOVE: dict[str, dict[str, Any]] = {
    "as it is": {},
    "suspended": {"status": "suspended"},
    "terminated": {"status": "terminated"},
    "draft": {"status": "draft"},
    "ended": {"effective_until": "2026-01-01T00:00:00Z"},
    "future": {"effective_from": "2026-03-01T00:00:00Z"},
    "less": {"mappings": PAIRS[1:]},
    "lower": {"mappings": [row | {"level": "basic"} for row in PAIRS]},
    "names": {"conditions": HK_NAMES},
    "strict": {"conditions": {"revocation": "require_all", "max_status_age_s": 60, "subject_kinds": ["org"]}},
}
BELOW_IT: dict[str, dict[str, Any]] = {
    "as it is": {},
    "suspended": {"status": "suspended"},
    "less": {"mappings": BELOW[1:]},
    "purposes": {"conditions": {"purposes": ["server_auth", "contract_signing"]}},
}
ENTRIES: dict[str, dict[str, Any]] = {
    "as it is": {},
    "suspended": {"status": "suspended"},
    "draft": {"status": "draft", "issuers": []},
    "arc": {"policy_arcs": ["2.16.344.8.2.2008.810.20"]},
    "type": {"type_name": "Other"},
    "ended": {"recognised_until": "2026-01-01T00:00:00Z"},
    "issuer": {"issuers": [pin("mo-ca")], "conditions": {"purposes": ["client_auth"]}},
}
FURTHER: dict[str, dict[str, Any]] = {
    "nothing": {},
    "block": block("ca", key_of(C["gd-a-sm2"])),
    "block of a certificate": block("certificate", fingerprint(LEAVES["hk-person-sign"])),
    "block of a key": block("key", key_of(LEAVES["gd-a-sm2-person-sign"])),
    "licence": licensed("bridge", not_after="2026-01-01T00:00:00Z"),
    "explicit": documents(domains__hk=domain_document("hk", initial={"explicit_policy": True})),
    "narrow": documents(domains__gd=domain_document("gd", purposes=["contract_signing"])),
    "no agreement": documents(agreements__hk_bridge=None),
}


def policy(above: str, below: str, entry: str, further: str) -> dict[str, Any]:
    docs = documents(
        agreements__hk_bridge=agreement_document("hk-bridge", **ABOVE[above]),
        agreements__bridge_gd=agreement_document("bridge-gd", **BELOW_IT[below]),
        trust_lists__hong_kong=list_document(entry_document(**ENTRIES[entry])),
    )
    plain = documents()
    changed = {name: data for name, data in FURTHER[further].items() if data != plain.get(name)}
    gone = plain.keys() - FURTHER[further].keys() if FURTHER[further] else set()
    return {name: data for name, data in (docs | changed).items() if name not in gone}


POLICIES = st.builds(
    policy, *(st.sampled_from(sorted(table)) for table in (ABOVE, BELOW_IT, ENTRIES, FURTHER))
)
QUESTIONS = st.fixed_dictionaries(
    {
        "purpose": st.sampled_from(Purpose),
        "revocation": st.sampled_from(RevocationRule),
        "assurance_level": st.sampled_from((None, "basic", "medium", "high", "none of them")),
        "identity_required": st.booleans(),
        "max_path_length": st.sampled_from((None, 0, 3)),
        "user_initial_policy_set": st.sampled_from(
            (frozenset({"2.5.29.32.0"}), frozenset({pki.HK_HIGH}), frozenset({pki.GD_MEDIUM}))
        ),
        "initial_explicit_policy": st.booleans(),
        "validation_time": st.sampled_from((NOW, NOW - timedelta(days=30), NOW + timedelta(days=400))),
    }
)


@settings(max_examples=80, deadline=None)
@given(
    docs=POLICIES,
    target=st.sampled_from(sorted(TARGETS)),
    chain=st.sampled_from(sorted(CHAINS)),
    crls=st.sampled_from(sorted(CRLS)),
    domain=st.sampled_from(("hk", "gd", "bridge")),
    asked=QUESTIONS,
    known=st.sampled_from(((), KNOWN, tuple(C.values()))),
)
def test_nothing_unsound_is_ever_proposed(
    docs: dict[str, Any],
    target: str,
    chain: str,
    crls: str,
    domain: str,
    asked: dict[str, Any],
    known: tuple[bytes, ...],
) -> None:
    made = question(TARGETS[target], CHAINS[chain], domain=domain, crls=CRLS[crls], **asked)
    found = find(made, docs, certificates=known, max_judgements=600)
    data = minimal_fix_data(found)
    assert (data["outcome"] == "fixable") is bool(data["fixes"])
    assert found.judgements <= 600 + 20 * 16
    told = target.startswith("revoked") and crls != "none"
    if told or target == "damaged":
        assert found.fixes == ()
    if found.outcome is Outcome.BEYOND_REPAIR:
        assert found.complete
    for fix in data["fixes"]:
        assert 1 <= len(fix["changes"]) <= 4
        for change in fix["changes"]:
            for text in (
                *change["what"].values(),
                *(t for c in change["cautions"] for t in c["text"].values()),
            ):
                assert text
                assert "{" not in text.replace("{}", "")
