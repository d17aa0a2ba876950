"""Certificates of real CAs verify under their issuers, and no longer when a bit is turned."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

import pytest
from OpenSSL import crypto

from ca_bridge.core.x509.certificate import Certificate, SubjectPublicKeyInfo
from ca_bridge.core.x509.certificate_parser import parse_certificate
from tests.algorithm_samples import problem, verify
from tests.shared_data import shared_data

_RULES = ("default", "legacy")


@cache
def _certificates() -> dict[str, Certificate]:
    rows = json.loads(shared_data("real", "manifest.json").read_text("utf-8"))
    found = {}
    for row in rows:
        if row["file"].endswith(".pem"):
            pem = shared_data("real", *row["file"].split("/")).read_bytes()
            loaded = crypto.load_certificate(crypto.FILETYPE_PEM, pem)
            found[row["file"]] = parse_certificate(crypto.dump_certificate(crypto.FILETYPE_ASN1, loaded))
    return found


def _keys_of_issuer(certificate: Certificate) -> list[SubjectPublicKeyInfo]:
    return [c.spki for c in _certificates().values() if c.subject == certificate.issuer]


def test_each_certificate_under_its_issuer() -> None:
    verified = []
    for file, certificate in _certificates().items():
        results = [verify(certificate.signed, key, profile="legacy") for key in _keys_of_issuer(certificate)]
        if results:
            assert None in results, (file, results)
            verified.append(file)
    assert sum(file.startswith("sm2/") for file in verified) == 16
    assert sum(file.startswith("rsa/") for file in verified) == 14


def test_a_turned_bit_is_found() -> None:
    for certificate in _certificates().values():
        tbs = bytearray(certificate.signed.tbs)
        tbs[len(tbs) // 2] ^= 1
        for key in _keys_of_issuer(certificate):
            altered = replace(certificate.signed, tbs=bytes(tbs))
            assert verify(altered, key, profile="legacy") == "SIGNATURE_DOES_NOT_VERIFY"


@pytest.mark.parametrize("profile", _RULES)
def test_every_key_is_sound(profile: str) -> None:
    refused = {file: problem(c.spki, profile) for file, c in _certificates().items()}
    weak = {file: code for file, code in refused.items() if code is not None}
    expected = {"rsa/SZCA": "RSA_MODULUS_TOO_SMALL"} if profile == "default" else {}
    assert {file.rpartition("-")[0]: code for file, code in weak.items()} == expected
