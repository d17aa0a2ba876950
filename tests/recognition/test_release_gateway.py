"""A change through the doors of a whole gateway: SQLite, REST, signatures, and new answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ca_bridge import wiring
from ca_bridge.adapters.policy_folder import read_policy_folder
from ca_bridge.adapters.release_lint import ReleaseLint
from ca_bridge.core.evidence import Evidence
from ca_bridge.interfaces.rest.app import create_app
from ca_bridge.services.gateway import Gateway, GatewayOver
from ca_bridge.services.manage_recognition.commands import ApproveRelease, SignatureProof
from ca_bridge.services.manage_recognition.credentials import hash_secret
from ca_bridge.services.manage_recognition.model import Account, AccountSet, Role
from ca_bridge.services.manage_recognition.signers import EngineSigners
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_errors import ReleaseRefused
from ca_bridge.settings import Settings
from ca_bridge.wiring.releases import gateways_over
from tests.pki_writers import Rsa
from tests.recognition.release_doors import CHEAP, b64, secret_of
from tests.recognition.scheme import HK_TO_GD_A, LEAVES, C, fingerprint
from tests.recognition.scheme_documents import (
    agreement_document,
    documents,
    domain_document,
    write_folder,
)
from tests.recognition.test_release_signers import RSA, SM2, Person

COMPANY = LEAVES["gd-a-sm2-company-sign"]
_SIGNERS = {"ben": SM2, "cho": RSA}

_SIGNERS_KNOWN = domain_document("gd", trust_lists=["hong-kong"], certificates=["anchors"])


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    made = write_folder(tmp_path / "policies", documents(domains__gd=_SIGNERS_KNOWN))
    return replace(made, database=f"sqlite:///{tmp_path / 'releases.db'}", signer_domain="gd")


@pytest.fixture
def house(chosen: Settings) -> Gateway:
    made = wiring.gateway(chosen)
    assert made.releases is not None
    made.releases.accounts.establish(AccountSet(_accounts()))
    return made


def _accounts() -> tuple[Account, ...]:
    return (
        Account(name="dee", roles=frozenset({Role.AUTHOR}), secret=hash_secret(secret_of("dee"), CHEAP)),
        *(
            Account(name=name, roles=frozenset({Role.APPROVER}), certificate=person.certificate)
            for name, person in _SIGNERS.items()
        ),
    )


@pytest.fixture
def client(house: Gateway) -> FlaskClient:
    return create_app(house).test_client()


def _content(chosen: Settings, **changed: Any) -> dict[str, Any]:
    shipped = read_policy_folder(chosen.policies)[0].data()
    return shipped | documents(**{"domains__gd": _SIGNERS_KNOWN, **changed})


def _without_high() -> dict[str, Any]:
    agreed = agreement_document("hk-bridge")
    return agreed | {"mappings": agreed["mappings"][1:]}


def _step(client: FlaskClient, made: dict[str, Any], name: str, **body: Any) -> TestResponse:
    return client.post(
        f"/v1/releases/{made['release']}:{name}",
        json=body,
        auth=("dee", secret_of("dee")),
        headers={"If-Match": f'"{made["version"]}"'},
    )


def _linted(client: FlaskClient, content: dict[str, Any]) -> TestResponse:
    body = {"documents": content, "base": 0}
    made = client.post("/v1/releases", json=body, auth=("dee", secret_of("dee"))).get_json()
    return _step(client, made, "lint")


def _submitted(client: FlaskClient, content: dict[str, Any]) -> TestResponse:
    made = _linted(client, content).get_json()
    early = _step(client, made, "submit", content_sha256=made["content_sha256"])
    assert (early.status_code, early.get_json(force=True)["code"]) == (409, "STATE_FORBIDS")
    made = _step(client, made, "simulate").get_json()
    return _step(client, made, "submit", content_sha256=made["content_sha256"])


def _approve(
    house: Gateway, client: FlaskClient, made: dict[str, Any], name: str, signed_by: Person | None = None
) -> TestResponse:
    """Signed as a client would: over the statement of exactly this step."""
    assert house.releases is not None
    person = _SIGNERS[name]
    proof = SignatureProof(
        account=name,
        nonce=f"{name}-{made['version']}-{'n' * 16}",
        certificate=person.certificate,
        algorithm=person.key.algorithm,
        signature=b"",
        evidence=Evidence(certificates=person.evidence.certificates),
    )
    command = ApproveRelease(
        proof=proof,
        number=made["release"],
        version=made["version"],
        content_sha256=made["content_sha256"],
    )
    signature = (signed_by or person).key.sign(house.releases.releases.statement(command, proof.nonce))
    body = {
        "content_sha256": made["content_sha256"],
        "proof": {
            "account": name,
            "nonce": proof.nonce,
            "certificate": b64(person.certificate),
            "algorithm": b64(proof.algorithm),
            "signature": b64(signature),
            "evidence": {
                "intermediates": [b64(der) for der in person.evidence.certificates],
            },
        },
    }
    return client.post(
        f"/v1/releases/{made['release']}:approve",
        json=body,
        headers={"If-Match": f'"{made["version"]}"'},
    )


def _asked(client: FlaskClient, **more: Any) -> dict[str, Any]:
    body = {
        "certificate": b64(COMPANY),
        "intermediates": [b64(der) for der in HK_TO_GD_A],
        "purpose": "digital_signature",
        "assurance_level": "high",
        "domain": "hk",
        "validation_time": "2026-01-15T08:00:00Z",
        **more,
    }
    answer: dict[str, Any] = client.post("/v1/certificates:validate", json=body).get_json()
    return answer


def _eventually(ask: Callable[[], dict[str, Any]], release: str) -> dict[str, Any]:
    """The store is looked at once a second."""
    deadline = time.monotonic() + 20
    while not (answer := ask())["release"].startswith(release) and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer


def test_signed_approvals_put_a_change_into_force(
    house: Gateway, client: FlaskClient, chosen: Settings
) -> None:
    before = _asked(client)
    assert (before["indication"], before["release"].split(":")[0]) == ("TOTAL_PASSED", "0")
    response = _submitted(client, _content(chosen, agreements__hk_bridge=_without_high()))
    assert response.status_code == 200, response.get_data(as_text=True)
    made = response.get_json()
    assert made["simulation"]["impact"]["requests"] == 0
    assert made["simulation"]["reach"]["counts"] == {"lowered": 2}
    assert made["simulation"]["conflicts"]["new"] == 0
    forged = _approve(house, client, made, "ben", signed_by=RSA)
    assert (forged.status_code, forged.get_json(force=True)["code"]) == (401, "SIGNATURE_INVALID")
    for name in _SIGNERS:
        response = _approve(house, client, made, name)
        assert response.status_code == 200, response.get_data(as_text=True)
        made = response.get_json()
    assert made["state"] == "approved"
    after = _eventually(lambda: _asked(client), "1:")
    assert after["release"] == f"1:{made['content_sha256']}"
    assert after["reasons"][0]["code"] == "POLICY_MAPPING_NOT_AGREED"
    shown = client.get("/v1/agreements/hk-bridge").get_json()
    assert shown["release_id"] == f"1:{made['content_sha256']}"
    assert shown["agreement"]["mappings"] == _without_high()["mappings"]


def test_simulation_replays_what_was_asked(chosen: Settings, tmp_path: Path) -> None:
    """Requests that were served are kept, and judged again under a draft before anybody approves it."""
    served = wiring.gateway(replace(chosen, request_journal=tmp_path / "journal"), recording=True)
    assert served.releases is not None
    assert served.recorder is not None
    served.releases.accounts.establish(AccountSet(_accounts()))
    client = create_app(served).test_client()
    for site in ("shop.example", "tax"):
        assert _asked(client, site=site)["indication"] == "TOTAL_PASSED"
    assert _asked(client, assurance_level="medium", site="tax")["indication"] == "TOTAL_PASSED"
    served.recorder.drain()
    metrics = client.get("/metrics").get_data(as_text=True)
    assert 'ca_bridge_journal_requests_total{outcome="recorded"} 3.0' in metrics
    content = _content(chosen, agreements__hk_bridge=_without_high())
    looping = agreement_document("bridge-gd") | {"agreement": "gd-bridge"}
    looping |= {"issuer_domain": "gd", "subject_domain": "bridge", "mappings": _upwards()}
    made = _linted(client, content | {"agreements/gd-bridge.yaml": looping}).get_json()
    found = _step(client, made, "simulate").get_json()["simulation"]
    assert (found["impact"]["requests"], found["impact"]["flips"]) == (3, 3)
    sites = {row["site"]: row["to_refused"] for row in found["impact"]["by_site"]}
    assert sites == {"shop.example": 1, "tax": 2}
    assert found["conflicts"]["new"] == found["conflicts"]["count"] > 0
    assert {row["kind"] for row in found["conflicts"]["conflicts"]} == {"mapping_level_above_policy"}
    (tmp_path / "journal" / "requests-9999-01-01-x.jsonl").mkdir()
    broken = _step(
        client, client.get("/v1/releases/1", auth=("dee", secret_of("dee"))).get_json(), "simulate"
    )
    assert broken.status_code == 503


def _upwards() -> list[dict[str, Any]]:
    """The bridge's high level for what Guangdong calls medium."""
    high, medium, _ = agreement_document("bridge-gd")["mappings"]
    return [
        {
            "issuer_domain_policy": medium["subject_domain_policy"],
            "subject_domain_policy": high["issuer_domain_policy"],
            "level": "high",
        }
    ]


def test_nobody_is_locked_out(house: Gateway, client: FlaskClient, chosen: Settings) -> None:
    """Under the draft no approver's certificate would be accepted any more, and so none may approve it."""
    elsewhere = domain_document("gd", anchors=[{"sha256": fingerprint(C["hk-root"]), "name": "hk-root"}])
    made = _submitted(client, _content(chosen, domains__gd=elsewhere)).get_json()
    response = _approve(house, client, made, "ben")
    assert response.status_code == 422, response.get_data(as_text=True)
    assert response.get_json(force=True)["code"] == "LOCK_OUT"


def test_certificates_that_are_not_here_are_told_by_lint(client: FlaskClient, chosen: Settings) -> None:
    absent = domain_document("hk", certificates=["certificates/nowhere"])
    response = _linted(client, _content(chosen, domains__hk=absent))
    problem = response.get_json(force=True)
    assert (response.status_code, problem["code"]) == (422, "LINT_FAILED")
    assert [row["file"] for row in problem["problems"]] == ["domains/hk.yaml: certificates.0"]


def test_what_cannot_come_into_force_does_not_lint(chosen: Settings) -> None:
    bent = LEAVES["gd-a-sm2-company-sign"][:-1] + b"\0\0"
    lint = ReleaseLint(chosen.policies / "schema", wiring.release_compiler(chosen))
    assert lint(_content(chosen)) == ()
    (chosen.anchors / "bent.der").write_bytes(bent)
    pinned = domain_document("hk", anchors=[{"sha256": fingerprint(bent), "name": "bent"}])
    unaware = domain_document("gd", trust_lists=["hong-kong"])
    (problem,) = lint(_content(chosen, domains__gd=unaware, domains__hk=pinned))
    assert problem.file == "domains/hk.yaml"
    assert "cannot be read" in problem.message_en


def test_a_draft_folder_needs_no_schemas_of_its_own(house: Gateway, tmp_path: Path) -> None:
    assert house.releases is not None
    draft = tmp_path / "draft"
    write_folder(draft, documents(domains__gd=_SIGNERS_KNOWN))
    for schema in (draft / "schema").iterdir():
        schema.unlink()
    (draft / "schema").rmdir()
    assert house.releases.folder(draft) == house.releases.folder(None)
    (draft / "blocklist.yaml").write_text("blocks: []\ncolour: red\n", "utf-8")
    with pytest.raises(ReleaseRefused) as refused:
        house.releases.folder(draft)
    assert refused.value.refusal.code == "LINT_FAILED"
    assert (refused.value.problems[0].file, refused.value.problems[0].line) == ("blocklist.yaml", 2)


def test_steps_are_signed_by_what_the_release_in_force_accepts(house: Gateway, chosen: Settings) -> None:
    """The folder's table takes RSA with SHA-512; the release that judges the signer does not."""
    content = _content(chosen)
    profile = content["algorithms.yaml"]["profiles"]["default"]
    profile["signatures"] = [
        row
        for row in profile["signatures"]
        if (row["scheme"], row.get("hash")) != ("RSASSA-PKCS1-v1_5", "SHA-512")
    ]
    over = gateways_over(house, wiring.release_compiler(chosen))
    stricter = over(PolicyDocuments.from_data(content))
    signed = replace(RSA, key=Rsa("rsa-leaf-1", "sha512")).signed()
    signed = replace(signed, evidence=Evidence(certificates=RSA.evidence.certificates))
    at = datetime(2026, 1, 15, 8, tzinfo=UTC)
    _signers(house, over).check(signed, at)
    with pytest.raises(ReleaseRefused) as refused:
        _signers(stricter, over).check(signed, at)
    assert refused.value.refusal.code == "SIGNATURE_INVALID"


def _signers(made: Gateway, over: GatewayOver) -> EngineSigners:
    return EngineSigners(
        validate=made.validate, validate_under=lambda documents: over(documents).validate, domain="gd"
    )


def test_looking_reads_no_folder(house: Gateway, client: FlaskClient, chosen: Settings) -> None:
    """What is shown as in force is what answers are under, whatever lies in the folder by now."""
    before = client.get("/v1/agreements").get_json()
    (chosen.policies / "agreements" / "hk-bridge.yaml").write_text("half: [edited", "utf-8")
    assert client.get("/v1/agreements").get_json()["agreements"] == before["agreements"]
    assert client.get("/v1/agreements").get_json()["release_id"] == _asked(client)["release"]
