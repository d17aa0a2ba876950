"""The list of Hong Kong as it is shipped, made active as its comments say: simulated CAs are pinned.

Nothing else of the shipped policies is changed but the domain's reliance on the list: type name, arc and
beginning are those of policies/trust-lists/hong-kong.yaml.
"""

from __future__ import annotations

import shutil
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ca_bridge import wiring
from ca_bridge.services.gateway import Gateway
from ca_bridge.settings import Settings
from tests.recognition.scheme import C, fingerprint, pki
from tests.recognition.test_cross_recognition import CA_1, CA_1_BY_ROOT_2, CA_2_BY_ROOT_1, OLD_ROOT
from tests.recognition.test_gateway import ask, codes

_ROOT = Path(__file__).resolve().parents[2]
_LIST, _DOMAIN = "trust-lists/hong-kong.yaml", "domains/greater-bay-area.yaml"
_NAME = "Hongkong Post e-Cert (Personal)"
_SUBJECT = f"C=HK, O={_NAME}, OU=0000000001, CN=TEST USER ALPHA"
_POLICY = "2.16.344.8.2.2008.810.2.2018.1.1"
_ISSUING = pki.HK_ROOT.certify(pki.HK_CA, pki.ext.certificate_policies("2.5.29.32.0"), tag="shipped")
_CRL = (_ROOT / "certs-test/crls/hk-ca.crl").read_bytes()
Edit = Callable[[dict[str, Any]], Any]


def _pin(der: bytes) -> dict[str, str]:
    return {"sha256": fingerprint(der), "name": "simulated"}


def _shipped(
    folder: Path, edit: Edit = lambda entry: None, *, active: bool = True, other_root: bytes | None = None
) -> Gateway:
    shutil.copytree(_ROOT / "policies", folder, dirs_exist_ok=True)
    document = yaml.safe_load((folder / _LIST).read_text("utf-8"))
    entry = document["entries"][0]
    document["sequence_number"] = 2
    if active:
        entry |= {"status": "active", "roots": [_pin(C["hk-root"])], "issuers": [_pin(_ISSUING)]}
    edit(entry)
    if other_root is not None:
        document["entries"][1] |= {"status": "active", "roots": [_pin(other_root)], "type_name": "Another"}
        document["entries"][1] |= {"issuers": [_pin(CA_1_BY_ROOT_2)], "policies": [_POLICY]}
        document["entries"][1]["recognised_from"] = entry["recognised_from"]
    (folder / _LIST).write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    domain = (folder / _DOMAIN).read_text("utf-8")
    (folder / _DOMAIN).write_text(f"{domain}\ntrust_lists: [hong-kong]\n", "utf-8")
    anchors = folder / "anchors"
    anchors.mkdir(exist_ok=True)
    for number, der in enumerate((C["hk-root"], _ISSUING, OLD_ROOT, CA_1_BY_ROOT_2)):
        (anchors / f"{number}.der").write_bytes(der)
    return wiring.gateway(Settings(policies=folder, anchors=anchors, default_domain="greater-bay-area"))


def _leaf(label: str, subject: str = _SUBJECT, policy: str = _POLICY, ca: Any = pki.HK_CA) -> bytes:
    made: bytes = pki.leaf(ca, f"shipped {label}", subject, pki.Sm2(f"shipped {label}"), policy).certificate
    return made


def _ask(made: Gateway, target: bytes, *chain: bytes, crl: bytes = _CRL) -> dict[str, Any]:
    return ask(
        made,
        target,
        chain or (_ISSUING,),
        domain="greater-bay-area",
        purpose="contract_signing",
        crls=[b64encode(crl).decode()],
    )


@pytest.fixture(scope="module")
def scheme(tmp_path_factory: pytest.TempPathFactory) -> Gateway:
    return _shipped(tmp_path_factory.mktemp("shipped"))


def test_an_e_cert_is_accepted_for_contract_signing(scheme: Gateway) -> None:
    answer = _ask(scheme, _leaf("right"))
    assert (answer["indication"], answer["reasons"]) == ("TOTAL_PASSED", [])
    assert answer["recognition"]["references"] == ["hong-kong/hongkong-post-e-cert-personal"]
    assert answer["recognition"]["carried_by"] == "trust_list"


def test_as_shipped_it_is_a_draft_and_accepts_nothing(tmp_path: Path) -> None:
    answer = _ask(_shipped(tmp_path, active=False), _leaf("right"))
    assert answer["indication"] != "TOTAL_PASSED"


@pytest.mark.parametrize(
    ("label", "changed", "code"),
    [
        ("type", {"subject": "C=HK, O=Hongkong Post e-Cert (Organisational), CN=X"}, "TRUST_LIST_TYPE_OTHER"),
        ("prefix", {"policy": "2.16.344.8.2.2008.810.20.2018.1.1"}, "TRUST_LIST_POLICY_OTHER"),
        ("arc itself", {"policy": "2.16.344.8.2.2008.810.2"}, "TRUST_LIST_POLICY_OTHER"),
    ],
)
def test_exactly_one_condition_of_the_certificate_fails(
    scheme: Gateway, label: str, changed: dict[str, Any], code: str
) -> None:
    assert codes(_ask(scheme, _leaf(label, **changed)))[:1] == [code]


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        ({"recognised_from": "2026-01-15T16:00:01+08:00"}, "TRUST_LIST_NOT_YET_RECOGNISED"),
        ({"recognised_until": "2026-01-15T16:00:00+08:00"}, "TRUST_LIST_NO_LONGER_RECOGNISED"),
        ({"status": "suspended"}, "TRUST_LIST_ENTRY_SUSPENDED"),
        ({"issuers": [_pin(CA_2_BY_ROOT_1)]}, "TRUST_LIST_ISSUER_OTHER"),
    ],
)
def test_exactly_one_condition_of_the_entry_fails(tmp_path: Path, edit: dict[str, Any], code: str) -> None:
    made = _shipped(tmp_path, lambda entry: entry.update(edit))
    assert codes(_ask(made, _leaf("right")))[:1] == [code]


def test_a_root_that_another_entry_lists(tmp_path: Path) -> None:
    made = _shipped(tmp_path, lambda entry: entry.update(roots=[_pin(OLD_ROOT)]), other_root=C["hk-root"])
    assert codes(_ask(made, _leaf("right"))) == ["TRUST_LIST_ROOT_OTHER"]


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ({"undated": "refuse"}, "TRUST_LIST_FORMER_UNDATED"),
        (
            {"since": "2015-07-11T00:00:00+08:00", "until": "2026-01-01T00:00:00+08:00"},
            "TRUST_LIST_ISSUER_FORMER",
        ),
    ],
)
def test_a_former_issuing_ca(tmp_path: Path, dates: dict[str, str], code: str) -> None:
    """The shipped history is undated and refuses; here it names the simulated former issuer."""
    former = {"roots": [_pin(C["hk-root"])], "issuers": [_pin(CA_1_BY_ROOT_2)], **dates}
    made = _shipped(tmp_path, lambda entry: entry.update(history=[former]))
    answer = _ask(made, _leaf("former", ca=CA_1), CA_1_BY_ROOT_2, crl=CA_1.crl())
    assert codes(answer) == [code]
