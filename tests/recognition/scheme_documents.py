"""The scheme of the test PKI as a policies folder, and a gateway over it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import yaml

from ca_bridge import wiring
from ca_bridge.services.gateway import Gateway
from ca_bridge.settings import Settings
from tests.recognition.scheme import LEAVES, C, fingerprint, key_of, pki

ROOT = Path(__file__).resolve().parents[2]
LEVELS = ["basic", "medium", "high"]
GRADED = {
    "hk": {pki.HK_HIGH: "high", pki.HK_MUTUAL_RECOGNITION: "medium"},
    "gd": {pki.GD_HIGH: "high", pki.GD_MEDIUM: "medium", pki.GD_BASIC: "basic"},
    "bridge": {pki.BRIDGE_HIGH: "high", pki.BRIDGE_MEDIUM: "medium", pki.BRIDGE_BASIC: "basic"},
}
GD_CAS = ["national-root", *(f"gd-{x}-{kind}" for x in "abc" for kind in ("sm2", "rsa-root", "rsa"))]
ANCHORS = {"hk": ["hk-root"], "gd": ["national-root", "gd-a-rsa-root"], "bridge": ["bridge-sm2-root"]}
CAS = {"hk": ["hk-root", "hk-ca"], "gd": GD_CAS, "bridge": ["bridge-sm2-root", "bridge-rsa-root"]}
PAIRS = {
    "hk-bridge": [
        (pki.HK_HIGH, pki.BRIDGE_HIGH, "high"),
        (pki.HK_MUTUAL_RECOGNITION, pki.BRIDGE_MEDIUM, "medium"),
    ],
    "bridge-gd": list(zip(pki.BRIDGE_POLICIES, pki.GD_POLICIES, reversed(LEVELS), strict=True)),
}


def _title(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}


def domain_document(name: str, **fields: Any) -> dict[str, Any]:
    keys = list(dict.fromkeys(key_of(C[label]) for label in CAS[name]))
    return {
        "domain": name,
        "title": _title(name),
        "anchors": [{"sha256": fingerprint(C[label]), "name": label} for label in ANCHORS[name]],
        "jurisdiction": "HK" if name == "hk" else "CN-44",
        "assurance": {
            "scale": "gba",
            "levels": LEVELS,
            "policies": [{"policy": p, "level": level} for p, level in GRADED[name].items()],
        },
        "authorities": [{"identifier": f"{name}-ca", "title": _title(name), "keys": keys}],
        **fields,
    }


def agreement_document(identifier: str, **fields: Any) -> dict[str, Any]:
    issuer, subject = identifier.split("-")
    return {
        "agreement": identifier,
        "title": _title(identifier),
        "kind": "unilateral",
        "issuer_domain": issuer,
        "subject_domain": subject,
        "status": "active",
        "effective_from": "2020-01-01T00:00:00Z",
        "mappings": [
            {"issuer_domain_policy": i, "subject_domain_policy": s, "level": level}
            for i, s, level in PAIRS[identifier]
        ],
        **fields,
    }


def entry_document(**fields: Any) -> dict[str, Any]:
    return {
        "entry": "e-cert-personal",
        "title": _title("e-Cert (Personal)"),
        "regulator": "test",
        "authority": "hk-ca",
        "status": "active",
        "recognised_from": "2025-07-11T00:00:00+08:00",
        "recognised_until": "2027-07-11T00:00:00+08:00",
        "roots": [{"sha256": fingerprint(C["hk-root"]), "name": "Test HK Root CA"}],
        "issuers": [{"sha256": fingerprint(C["hk-ca"]), "name": "Test HK e-Cert CA"}],
        "type_name": "Test HK Post e-Cert (Personal)",
        "policy_arcs": ["2.16.344.8.2.2008.810.2"],
        "level": "medium",
        "conditions": {"purposes": ["contract_signing", "digital_signature"]},
        **fields,
    }


def list_document(*entries: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "trust_list": "hong-kong",
        "title": _title("Hong Kong"),
        "territory": "HK",
        "scheme_operator": "test",
        "sequence_number": 1,
        "issued": "2025-07-11T00:00:00Z",
        "entries": list(entries or (entry_document(),)),
        **fields,
    }


def documents(**changed: Any) -> dict[str, Any]:
    """Documents by name, all in force; ``changed`` by name with "/" written "__" and without ".yaml"."""
    plain = {
        "domains/hk.yaml": domain_document("hk"),
        "domains/gd.yaml": domain_document("gd", trust_lists=["hong-kong"]),
        "domains/bridge.yaml": domain_document("bridge", bridge=True),
        "agreements/hk-bridge.yaml": agreement_document("hk-bridge"),
        "agreements/bridge-gd.yaml": agreement_document("bridge-gd"),
        "trust-lists/hong-kong.yaml": list_document(),
        "blocklist.yaml": {"blocks": []},
    }
    given = {f"{name.replace('__', '/').replace('_', '-')}.yaml": data for name, data in changed.items()}
    merged = plain | given
    return {name: data for name, data in merged.items() if data is not None}


def write_folder(folder: Path, docs: dict[str, Any]) -> Settings:
    """A policies folder of ``docs`` with every CA certificate of the scheme imported."""
    shutil.copytree(ROOT / "policies" / "schema", folder / "schema", dirs_exist_ok=True)
    shutil.copy(ROOT / "policies" / "algorithms.yaml", folder)
    shutil.copy(ROOT / "policies" / "identity-registry.yaml", folder)
    for name, data in docs.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(data, allow_unicode=True), "utf-8")
    anchors = folder / "anchors"
    anchors.mkdir(exist_ok=True)
    for label in {label for labels in CAS.values() for label in labels}:
        (anchors / f"{label}.der").write_bytes(C[label])
    return Settings(policies=folder, anchors=anchors, default_domain="gd")


def gateway(folder: Path, docs: dict[str, Any] | None = None) -> Gateway:
    return wiring.gateway(write_folder(folder, docs or documents()))


__all__ = ["LEAVES", "C", "documents", "gateway", "pki", "write_folder"]
