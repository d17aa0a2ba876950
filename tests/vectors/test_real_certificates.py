"""Certificates of real CAs of mainland China, Hong Kong and Macau are read as what they are."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from ca_bridge.core.x509 import deviations
from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.names import Name
from tests.shared_data import shared_data

_LABELS = {
    "2.5.4.3": "CN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "street",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "1.2.840.113549.1.9.1": "emailAddress",
}
_NOTED = {"SHECA_RSA_Organization_Validation_Server-26fd4c43.pem": [deviations.EXPLICIT_CRITICAL_FALSE]}


def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(shared_data("real", "manifest.json").read_text("utf-8"))
    return [row for row in rows if "sha256" in row and "subject" in row and row["file"].endswith(".pem")]


def _certificate(row: dict[str, Any]) -> Certificate:
    (item,) = decode_bundle(shared_data("real", *row["file"].split("/")).read_bytes())
    return parse_certificate(item.der)


def _shown(name: Name) -> str:
    return ", ".join(f"{_LABELS.get(a.oid, a.oid)}={a.text}" for rdn in name.rdns for a in rdn)


def _plain(shown: str) -> str:
    return re.sub(r"[\s\\]+", "", shown).lower()


def test_all_of_them_are_as_the_manifest_says() -> None:
    rows = _rows()
    assert len(rows) >= 31
    for row in rows:
        parsed = _certificate(row)
        assert parsed.fingerprint == row["sha256"], row["file"]
        assert f"{parsed.serial_number:x}" == row["serial"].lower().lstrip("0"), row["file"]
        assert _plain(_shown(parsed.subject)) == _plain(row["subject"]), row["file"]
        assert _plain(_shown(parsed.issuer)) == _plain(row["issuer"]), row["file"]
        assert parsed.not_before.strftime("%y%m%d%H%M%SZ") == row["not_before"][-13:], row["file"]
        assert parsed.not_after.strftime("%y%m%d%H%M%SZ") == row["not_after"][-13:], row["file"]
        assert parsed.signed.algorithm.oid == row["sig_oid"], row["file"]
        policies = [p.policy for p in parsed.extensions.certificate_policies or ()]
        assert policies == row.get("policies", policies), row["file"]
        assert [n.code for n in parsed.notes] == _NOTED.get(row["file"].split("/")[-1], []), row["file"]


def test_issuers_names_are_equal_to_subjects_names() -> None:
    """By the comparison form, over every pair the manifest draws inside the set."""
    rows = _rows()
    subjects = {_plain(row["subject"]): _certificate(row).subject for row in rows}
    known = [(row, subjects[_plain(row["issuer"])]) for row in rows if _plain(row["issuer"]) in subjects]
    assert len(known) >= 20
    for row, subject in known:
        assert _certificate(row).issuer == subject, row["file"]


@pytest.mark.parametrize("code", [c for c in vars(deviations) if c.isupper()])
def test_a_code_is_its_name(code: str) -> None:
    assert getattr(deviations, code) == code
