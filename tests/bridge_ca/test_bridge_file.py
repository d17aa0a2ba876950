"""bridge.yaml: what it says, and each mistake by its line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca_bridge.adapters.bridge_file import read_bridge
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.services.bridge_ca.issuer import CrlTimes, Issuers
from ca_bridge.services.signing import SigningKey
from tests.bridge_ca import house as h

SCHEMA = Path(__file__).resolve().parents[2] / "policies" / "schema" / "bridge.schema.json"
SM2 = {"label": "bridge-sm2", "certificate": "sm2.pem", "key": "bridge_ca-0123456789abcdef"}
FULL = {
    "label": "bridge-rsa",
    "certificate": "rsa.der",
    "key": "softkey:object=bridge?x-store=/var/lib/keys",
    "issued_to": ["by-hk.pem"],
    "sm2_parameters": "absent",
    "max_validity_days": 30,
    "algorithm_profile": "legacy",
    "crl": {"complete_hours": 48, "delta_hours": 12, "margin_hours": 3},
}
DOCUMENT = {"domain": "bridge", "base_url": "http://pki.example/pki", "issuers": [SM2, FULL]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pem = x509.load_der_x509_certificate(h.ROOTS["sm2"]).public_bytes(Encoding.PEM)
    (tmp_path / "sm2.pem").write_bytes(pem)
    (tmp_path / "rsa.der").write_bytes(h.ROOTS["rsa"])
    (tmp_path / "by-hk.pem").write_bytes(h.HK.certify(h.BRIDGES["rsa"]))
    (tmp_path / "two.pem").write_bytes(2 * pem)
    (tmp_path / "none.pem").write_bytes(b"nothing")
    return tmp_path


def read(folder: Path, document: Any = None) -> Issuers:
    file = folder / "bridge.yaml"
    file.write_text(yaml.safe_dump(document or DOCUMENT, sort_keys=False), "utf-8")
    return read_bridge(file, SCHEMA, key_of=key_of)


def key_of(name: str, spki: bytes) -> Any:
    def opened() -> SigningKey:
        raise h.SignerUnavailable(f"{name} {len(spki)}")

    return opened


def test_everything_it_says(folder: Path) -> None:
    issuers = read(folder).issuers
    assert list(issuers) == ["bridge-sm2", "bridge-rsa"]
    sm2, rsa = issuers.values()
    assert (sm2.label, sm2.domain, sm2.base_url) == ("bridge-sm2", "bridge", "http://pki.example/pki")
    assert (sm2.certificate, sm2.null_parameters, sm2.issued_to) == (h.ROOTS["sm2"], True, ())
    assert (sm2.crl, sm2.max_validity) == (CrlTimes(), timedelta(days=1095))
    assert sm2.address("a.crl") == "http://pki.example/pki/a.crl"
    with pytest.raises(h.SignerUnavailable, match=f"{SM2['key']} {len(h.BRIDGE_KEYS['sm2'].spki)}"):
        sm2.key()  # nothing is opened before
    assert (rsa.null_parameters, rsa.algorithm_profile) == (False, "legacy")
    assert rsa.issued_to == ((folder / "by-hk.pem").read_bytes(),)
    assert rsa.max_validity == timedelta(days=30)
    assert rsa.crl == CrlTimes(
        complete=timedelta(hours=48), delta=timedelta(hours=12), margin=timedelta(hours=3)
    )


def with_issuer(**fields: Any) -> Any:
    return DOCUMENT | {"issuers": [SM2 | fields]}


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (DOCUMENT | {"more": 1}, "unknown key 'more'"),
        (
            DOCUMENT | {"base_url": "https://pki.example/pki"},
            "base_url",
        ),  # its certificate would need this CRL
        (DOCUMENT | {"base_url": "http://pki.example/pki/"}, "base_url"),
        (DOCUMENT | {"issuers": []}, "issuers"),
        (DOCUMENT | {"issuers": [SM2, dict(SM2)]}, "stands twice"),
        (DOCUMENT | {"issuers": [SM2, FULL | {"label": "bridge-sm2-delta"}]}, "would name a file of another"),
        (DOCUMENT | {"issuers": [FULL | {"label": "bridge-sm2-delta"}, SM2]}, "would name a file of another"),
        (with_issuer(label="Bridge"), "label"),
        (with_issuer(label="a-member-b"), "label"),
        (with_issuer(certificate="missing.pem"), "names no file with one certificate"),
        (with_issuer(certificate="two.pem"), "names no file with one certificate"),
        (with_issuer(certificate="none.pem"), "names no file with one certificate"),
        (with_issuer(issued_to=["rsa.der"]), "was not issued to this issuer"),
        (with_issuer(sm2_parameters="some"), "sm2_parameters"),
        (with_issuer(crl={"delta_hours": 6}), "the margin is not shorter"),
        (with_issuer(crl={"complete_hours": 0}), "complete_hours"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_mistakes(folder: Path, document: Any, said: str) -> None:
    with pytest.raises(PolicyFileError, match=said) as caught:
        read(folder, document)
    assert all(problem.file == "bridge.yaml" and problem.message_zh for problem in caught.value.problems)
