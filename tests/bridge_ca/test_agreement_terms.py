"""The cross_certificate section of an agreement: its schema, and its reading."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ca_bridge.core.recognition.agreement import NARROWEST, CrossCertificateTerms
from ca_bridge.services.recognition_reading import read_policy
from tests.recognition.scheme_documents import agreement_document

FILE = Path(__file__).resolve().parents[2] / "policies" / "schema" / "agreement.schema.json"
SCHEMA = Draft202012Validator(json.loads(FILE.read_text("utf-8")))


def read(section: Any) -> CrossCertificateTerms:
    document = agreement_document("bridge-gd", cross_certificate=section)
    assert list(SCHEMA.iter_errors(document)) == []
    return read_policy({"agreements/bridge-gd.yaml": document}).agreements[0].cross_certificate


def test_absent_or_empty_is_the_narrowest() -> None:
    document = agreement_document("bridge-gd")
    assert read_policy({"agreements/bridge-gd.yaml": document}).agreements[0].cross_certificate == NARROWEST
    assert read({}) == NARROWEST == CrossCertificateTerms(max_path_length=0, inhibit_policy_mapping=0)


def test_every_field() -> None:
    section = {
        "max_path_length": 2.0,
        "inhibit_policy_mapping": 1,
        "inhibit_any_policy": 3,
        "validity_days": 400,
        "ca_repository": "http://hk.example/by-hk.p7c",
    }
    terms = read(section)
    assert terms == CrossCertificateTerms(
        max_path_length=2,
        inhibit_policy_mapping=1,
        inhibit_any_policy=3,
        validity=timedelta(days=400),
        ca_repository="http://hk.example/by-hk.p7c",
    )
    assert isinstance(terms.max_path_length, int)


@pytest.mark.parametrize(
    "section",
    [
        {"more": 1},
        {"max_path_length": -1},
        {"max_path_length": 17},
        {"inhibit_policy_mapping": "0"},
        {"inhibit_any_policy": None},
        {"validity_days": 0},
        {"validity_days": 3661},
        {"ca_repository": "ldap://hk.example/"},
        {"ca_repository": "http://hk.example/ x"},
        {"ca_repository": "http://hk.example/\n"},
        {"ca_repository": "http://hk.example/桥"},
        [],
    ],
    ids=str,
)
def test_mistakes(section: Any) -> None:
    document = agreement_document("bridge-gd", cross_certificate=section)
    assert list(SCHEMA.iter_errors(document)) != []
