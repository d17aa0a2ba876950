"""Policy documents of any size as plain data, right by every rule: what a large release is made of."""

from __future__ import annotations

from hashlib import sha256
from itertools import permutations
from typing import Any

LEVELS = ("low", "medium", "high")
_ARC = "2.999"
_DOMAINS = 50
_POLICIES = 12


def big_documents(cas: int = 500, agreements: int = 2000, mappings: int = 5000) -> dict[str, Any]:
    """Documents by name: up to 50 domains with ``cas`` authorities, agreements and mappings among them.

    Agreements and mappings are spread evenly; every mapping keeps the level on both sides, so that no
    level is ever raised and no policy has two.
    """
    names = [f"domain-{index:03}" for index in range(min(_DOMAINS, cas))]
    pairs = list(permutations(range(len(names)), 2))
    if agreements > len(pairs):
        raise ValueError(f"{len(names)} domains have {len(pairs)} pairs at most")
    if mappings > _POLICIES * agreements:
        raise ValueError(f"an agreement has {_POLICIES} mappings at most")
    step = len(pairs) / agreements
    documents: dict[str, Any] = {
        f"domains/{name}.yaml": _domain(index, name, range(index, cas, len(names)))
        for index, name in enumerate(names)
    }
    for number in range(agreements):
        issuer, subject = pairs[int(number * step)]
        count = mappings // agreements + (number < mappings % agreements)
        document = _agreement(number, (issuer, subject), count)
        documents[f"agreements/{document['agreement']}.yaml"] = document
    documents["blocklist.yaml"] = {"blocks": []}
    return documents


def fingerprint(*words: object) -> str:
    return sha256(" ".join(map(str, words)).encode()).hexdigest()


def policy(domain: int, number: int) -> str:
    """Policies of one domain, each at the level of ``number`` modulo 3."""
    return f"{_ARC}.{domain + 1}.{number + 1}"


def _domain(index: int, name: str, authorities: range) -> dict[str, Any]:
    return {
        "domain": name,
        "title": {"zh": f"域 {index}", "en": f"Domain {index}"},
        "jurisdiction": f"X-{index}",
        "anchors": [{"sha256": fingerprint("root", ca), "name": f"CN=Root {ca}"} for ca in authorities],
        "assurance": {
            "scale": "big",
            "levels": list(LEVELS),
            "policies": [
                {"policy": policy(index, number), "level": LEVELS[number % len(LEVELS)]}
                for number in range(_POLICIES)
            ],
        },
        "authorities": [
            {
                "identifier": f"ca-{ca}",
                "title": {"zh": f"机构 {ca}", "en": f"Authority {ca}"},
                "certificates": [fingerprint("root", ca)],
                "keys": [fingerprint("key", ca)],
                "licence": {"number": f"L{ca}", "not_before": "2020-01-01T00:00:00Z"},
            }
            for ca in authorities
        ],
    }


def _agreement(number: int, parties: tuple[int, int], mappings: int) -> dict[str, Any]:
    issuer, subject = parties
    return {
        "agreement": f"agreement-{number:05}",
        "title": {"zh": f"协议 {number}", "en": f"Agreement {number}"},
        "kind": "unilateral",
        "issuer_domain": f"domain-{issuer:03}",
        "subject_domain": f"domain-{subject:03}",
        "status": "active",
        "effective_from": "2024-01-01T00:00:00Z",
        "effective_until": "2044-01-01T00:00:00Z",
        "mappings": [
            {
                "issuer_domain_policy": policy(issuer, at),
                "subject_domain_policy": policy(subject, at),
                "level": LEVELS[at % len(LEVELS)],
            }
            for at in range(mappings)
        ],
        "conditions": {"purposes": ["digital_signature", "client_auth"], "revocation": "require_target"},
    }
