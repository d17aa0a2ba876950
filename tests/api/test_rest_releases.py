"""The doors of releases: a whole life through them, and every refusal as a problem with its code."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from ca_bridge import wiring
from ca_bridge.interfaces.rest import recognition_directory_schema, release_schema
from ca_bridge.interfaces.rest.app import create_app
from ca_bridge.interfaces.rest.attempt_limit import AttemptLimit, Rate, TooManyAttempts
from ca_bridge.interfaces.rest.openapi import document
from ca_bridge.interfaces.rest.reading import RestLimits
from ca_bridge.interfaces.rest.release_openapi import release_paths
from ca_bridge.interfaces.rest.release_problems import MAX_PROBLEMS
from ca_bridge.interfaces.rest.release_reading import MAX_DRAFT_BYTES
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.manage_recognition.commands import ApproveRelease, SignatureProof
from ca_bridge.services.manage_recognition.model import AccountSet, ReleaseState
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_errors import AUTHENTICATION_FAILED, BUSY, ReleaseRefused
from tests.fakes.releases import MemoryReleases
from tests.recognition.release_doors import (
    ECDSA_SHA256,
    HOUR,
    NOON,
    House,
    Signer,
    b64,
    block,
    house,
    people,
    policy,
    secret_of,
)
from tests.recognition.scheme_documents import documents, write_folder

_PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("policies")
    write_folder(made, documents())
    return made


@pytest.fixture(scope="module")
def gateway(folder: Path) -> Gateway:
    return wiring.gateway(write_folder(folder, documents()))


@dataclass
class Doors:
    """A house and its REST doors."""

    house: House
    client: FlaskClient

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        who: str | None = "dee",
        **headers: str,
    ) -> TestResponse:
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        if who is not None:
            names["Authorization"] = basic(who, secret_of(who))
        kind = None if body is None else "application/json"
        return self.client.open(path, method=method, data=data, content_type=kind, headers=names)

    def get(self, path: str, who: str | None = "dee", **headers: str) -> Any:
        response = self.ask("GET", path, None, who, **headers)
        assert response.status_code == 200, response.get_data(as_text=True)
        return response.get_json()

    def step(self, name: str, made: dict[str, Any], who: str = "dee", **body: Any) -> TestResponse:
        tag = f'"{made["version"]}"'
        return self.ask("POST", f"/v1/releases/{made['release']}:{name}", body, who, If_Match=tag)

    def done(self, name: str, made: dict[str, Any], who: str = "dee", **body: Any) -> dict[str, Any]:
        response = self.step(name, made, who, **body)
        assert response.status_code == 200, response.get_data(as_text=True)
        after: dict[str, Any] = response.get_json()
        conforms("Release", after)
        assert response.headers["ETag"] == f'"{after["version"]}"'
        return after

    def drafted(
        self, data: dict[str, Any], base: int = 0, who: str = "dee", note: str = ""
    ) -> dict[str, Any]:
        response = self.ask("POST", "/v1/releases", {"documents": data, "base": base, "note": note}, who)
        assert response.status_code == 201, response.get_data(as_text=True)
        made: dict[str, Any] = response.get_json()
        conforms("Release", made)
        assert response.headers["Location"] == f"/v1/releases/{made['release']}"
        assert response.headers["ETag"] == f'"{made["version"]}"'
        return made

    def submitted(self, data: dict[str, Any], base: int = 0, who: str = "dee") -> dict[str, Any]:
        made = self.done("lint", self.drafted(data, base, who), who)
        return self.done("submit", made, who, content_sha256=made["content_sha256"])


def basic(account: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{account}:{secret}".encode("utf-8", "surrogatepass")).decode()


@cache
def _components() -> dict[str, Any]:
    made: dict[str, Any] = document()["components"]
    more = release_schema.components() | recognition_directory_schema.components()
    return made | {"schemas": made["schemas"] | more}


def conforms(name: str, answer: object) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": _components()}
    problems = [f"{e.json_path}: {e.message[:300]}" for e in Draft202012Validator(schema).iter_errors(answer)]
    assert not problems, problems[:5]


def problem(response: TestResponse, status: int, code: str | None) -> dict[str, Any]:
    """The problem document, checked; both languages and the remedy where our code is in it."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.content_type == _PROBLEM
    made: dict[str, Any] = response.get_json(force=True)
    conforms("ReleaseProblem", made)
    assert (made.get("code"), made["status"]) == (code, status)
    if "remedy" in made:
        assert not made["remedy_zh"].isascii()
        assert not made["detail_zh"].isascii()
    return made


def application(gateway: Gateway, site: House, attempts: AttemptLimit | None = None) -> Flask:
    return create_app(replace(gateway, releases=site.desk), attempts=attempts)


def opened(gateway: Gateway, site: House, attempts: AttemptLimit | None = None) -> Doors:
    return Doors(site, application(gateway, site, attempts).test_client())


@pytest.fixture
def doors(gateway: Gateway, folder: Path) -> Iterator[Doors]:
    made = opened(gateway, house(folder))
    yield made
    assert made.house.desk.releases.records.first_broken_row() is None


def test_a_whole_life(doors: Doors) -> None:
    start = "2026-01-15T14:00:00Z"
    made = doors.drafted(policy(), note="首次发布")
    assert (made["release"], made["version"], made["state"], made["base"]) == (1, 1, "draft", 0)
    made = doors.done("amend", made, documents=policy(status="suspended"), base=0)
    made = doors.done("lint", made)
    assert made["linted"] is True
    made = doors.done("simulate", made, "olu")
    made = doors.done("submit", made, content_sha256=made["content_sha256"], effective_from=start)
    assert (made["state"], made["effective_from"]) == ("submitted", start)
    difference = doors.get("/v1/releases/1/difference", "ben")
    conforms("ReleaseDifference", difference)
    assert (difference["base"], difference["approvers_needed"]) == (0, 2)
    made = doors.done("approve", made, "ben", content_sha256=made["content_sha256"])
    assert made["state"] == "submitted"
    made = doors.done("approve", made, "cho", content_sha256=made["content_sha256"])
    assert (made["state"], [a["account"] for a in made["approvals"]]) == ("approved", ["ben", "cho"])
    effective = doors.get("/v1/releases/effective")
    conforms("EffectiveRelease", effective)
    assert (effective["release"], effective["next"]["release"]) == (None, 1)
    assert effective["release_id"].startswith("0:")
    then = doors.get(f"/v1/releases/effective?at={start}")
    assert then["release_id"] == f"1:{made['content_sha256']}"
    doors.house.clock.time = NOON + 2 * HOUR
    shown = doors.get("/v1/releases/1")
    conforms("Release", shown)
    assert shown["state"] == "effective"
    content = doors.get("/v1/releases/1/documents")
    conforms("ReleaseDocuments", content)
    assert content["documents"] == PolicyDocuments.from_data(policy(status="suspended")).data()
    trail = doors.get("/v1/trail", "aud")
    conforms("Trail", trail)
    assert [row["action"] for row in trail["trail"]][1:] == [
        *("draft", "amend", "lint", "simulate", "submit", "approve", "approve"),
    ]
    assert {row["outcome"] for row in trail["trail"]} == {"done"}


def test_rolled_back(doors: Doors) -> None:
    doors.house.live(policy())
    doors.house.live(policy(status="draft"))
    response = doors.ask("POST", "/v1/releases:rollBack", {"to": 1, "note": "worse"}, "olu")
    assert response.status_code == 201
    made = response.get_json()
    conforms("Release", made)
    assert (made["release"], made["state"], made["rolls_back_to"]) == (3, "submitted", 1)
    assert response.headers["Location"] == "/v1/releases/3"
    made = doors.done("approve", made, "ben", content_sha256=made["content_sha256"])
    assert [row["state"] for row in doors.get("/v1/releases")["releases"]] == [
        *("effective", "rolled_back", "superseded"),
    ]


def test_paged(doors: Doors) -> None:
    for note in "abc":
        doors.drafted(policy(), note=note)
    page = doors.get("/v1/releases?limit=2")
    conforms("Releases", page)
    assert ([row["release"] for row in page["releases"]], page["next_before"]) == ([3, 2], 2)
    rest = doors.get("/v1/releases?limit=2&before=2")
    assert ([row["release"] for row in rest["releases"]], rest["next_before"]) == ([1], None)
    assert doors.get("/v1/releases?limit=3")["next_before"] is None
    rows = doors.get("/v1/trail?limit=2", "aud")
    assert ([row["sequence"] for row in rows["trail"]], rows["next_after"]) == ([1, 2], 2)
    rest = doors.get("/v1/trail?limit=4&after=2", "aud")
    assert ([row["sequence"] for row in rest["trail"]], rest["next_after"]) == ([3, 4], None)


def test_difference_against_another(doors: Doors) -> None:
    doors.drafted(policy())
    doors.drafted(policy(status="draft"))
    assert doors.get("/v1/releases/2/difference?against=2")["documents"] == []
    (change,) = doors.get("/v1/releases/2/difference?against=1")["documents"]
    assert (change["name"], change["difference"]) == ("agreements/hk-bridge.yaml", "changed")
    assert (change["before"]["status"], change["after"]["status"]) == ("active", "draft")
    problem(doors.ask("GET", "/v1/releases/2/difference?against=9"), 404, "UNKNOWN_RELEASE")


def test_reach(doors: Doors) -> None:
    made = doors.done("lint", doors.drafted(policy(status="suspended")))
    found = doors.get(f"/v1/releases/{made['release']}/reach", "ben")
    conforms("ReleaseReach", found)
    changes = found["reach"]["changes"]
    lost = {(row["relying_ca"].split("/")[0], row["subject_ca"].split("/")[0]) for row in changes}
    assert {row["change"] for row in changes} == {"lost"}
    assert lost == {("hk", "bridge"), ("hk", "gd")}
    assert changes[0]["witness"][0]["agreement"] == "hk-bridge"
    assert doors.get("/v1/releases/1/reach?against=1")["reach"]["changes"] == []
    doors.drafted(policy())
    assert doors.get("/v1/releases/2/reach") == {"reach": None}
    for number in (0, 9):
        problem(doors.ask("GET", f"/v1/releases/{number}/reach"), 404, "UNKNOWN_RELEASE")


def test_self_approval(doors: Doors) -> None:
    made = doors.submitted(policy(), who="ann")
    response = doors.step("approve", made, "ann", content_sha256=made["content_sha256"])
    assert problem(response, 403, "SELF_APPROVAL")["params"] == {"account": "ann"}
    assert doors.get("/v1/releases/1")["version"] == made["version"]
    assert doors.get("/v1/trail", "aud")["trail"][-1]["outcome"] == "SELF_APPROVAL"


def test_stale_approval(doors: Doors) -> None:
    made = doors.submitted(policy())
    doors.done("approve", made, "ben", content_sha256=made["content_sha256"])
    response = doors.step("approve", made, "cho", content_sha256=made["content_sha256"])
    shown = problem(response, 412, "STALE_VERSION")
    assert shown["type"] == "/problems/precondition-failed"
    assert shown["detail"] == "version 3 was seen, it is now 4"
    other = doors.step("approve", made | {"version": 4}, "cho", content_sha256="0" * 64)
    problem(other, 409, "CONTENT_CHANGED")


def test_roles(doors: Doors) -> None:
    made = doors.submitted(policy())
    content = {"content_sha256": made["content_sha256"]}
    problem(doors.step("approve", made, "dee", **content), 403, "NOT_AN_APPROVER")
    body = {"documents": policy(), "base": 0}
    shown = problem(doors.ask("POST", "/v1/releases", body, "aud"), 403, "ROLE_MISSING")
    assert shown["params"] == {"account": "aud", "action": "draft", "roles": "author"}
    for who in ("dee", "olu", "ben"):
        shown = problem(doors.ask("GET", "/v1/trail", who=who), 403, "ROLE_MISSING")
        assert shown["params"] == {"account": who, "action": "trail", "roles": "auditor"}


def test_rejected_and_withdrawn(doors: Doors) -> None:
    made = doors.submitted(policy())
    content = {"content_sha256": made["content_sha256"]}
    problem(doors.step("reject", made, "ben", **content), 400, "FIELD_MISSING")
    rejected = doors.done("reject", made, "ben", note="不同意", **content)
    assert rejected["state"] == "rejected"
    problem(doors.step("approve", rejected, "cho", **content), 409, "STATE_FORBIDS")
    made = doors.drafted(policy())
    assert doors.done("withdraw", made, note="no", **content)["state"] == "withdrawn"


@pytest.mark.parametrize("who", ["who", "", "ben:", "bén", "x" * 2000])
def test_a_wrong_secret(doors: Doors, who: str) -> None:
    made = doors.submitted(policy())
    for path, body in (
        ("/v1/releases/1:approve", {"content_sha256": made["content_sha256"]}),
        ("/v1/releases/1", None),
        ("/v1/blocklist", None),
    ):
        response = doors.client.open(
            path,
            method="GET" if body is None else "POST",
            json=body,
            headers={"Authorization": basic(who, "wrong-but-long-enough"), "If-Match": '"3"'},
        )
        problem(response, 401, "AUTHENTICATION_FAILED")
        assert response.headers["WWW-Authenticate"] == 'Basic realm="ca-bridge", charset="UTF-8"'


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic ====",
        "Basic YQ",
        "Bearer YTpi",
        "Basic YWJj",
        "Basic /w==",
        "Basic YTpi YTpi",
    ],
)
def test_no_usable_secret(doors: Doors, header: str) -> None:
    headers = {"Authorization": header} if header else {}
    problem(doors.client.get("/v1/releases", headers=headers), 401, "AUTHENTICATION_FAILED")
    doors.drafted(policy())
    response = doors.client.post("/v1/releases/1:lint", json={}, headers=headers | {"If-Match": '"1"'})
    problem(response, 401, "AUTHENTICATION_FAILED")


def test_a_disabled_account(gateway: Gateway, folder: Path) -> None:
    known = people()
    out = tuple(replace(a, enabled=a.name != "aud") for a in known.accounts)
    doors = opened(gateway, house(folder, accounts=AccountSet(out, known.rules)))
    problem(doors.ask("GET", "/v1/releases", who="aud"), 403, "ACCOUNT_DISABLED")


def test_nobody_looks_before_there_are_accounts(gateway: Gateway, folder: Path) -> None:
    doors = opened(gateway, house(folder, accounts=AccountSet()))
    problem(doors.ask("GET", "/v1/releases"), 401, "AUTHENTICATION_FAILED")
    assert doors.get("/v1/agreements", None)["release_id"].startswith("0:")


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        (None, 428),
        ("*", 428),
        ("", 428),
        ("1", 400),
        ('W/"1"', 400),
        ('"1", "2"', 400),
        ('"x"', 400),
        ('"' + "9" * 11 + '"', 400),
        ('"٣"', 400),
    ],
)
def test_if_match(doors: Doors, tag: str | None, status: int) -> None:
    doors.drafted(policy())
    headers = {} if tag is None else {"If_Match": tag.encode().decode("latin-1")}
    problem(doors.ask("POST", "/v1/releases/1:lint", {}, **headers), status, None)
    problem(doors.ask("DELETE", "/v1/agreements/hk-bridge", None, **headers), status, None)
    assert doors.get("/v1/releases/1")["version"] == 1


def test_a_version_never_given(doors: Doors) -> None:
    doors.drafted(policy())
    problem(doors.ask("POST", "/v1/releases/1:lint", {}, If_Match='"9999999999"'), 412, "STALE_VERSION")


def test_unknown_keys_fail_linting(doors: Doors) -> None:
    data = policy(colour="red") | {"blocklist.yaml": {"blocks": [block() | {"shape": "round"}]}}
    made = doors.drafted(data)
    shown = problem(doors.step("lint", made), 422, "LINT_FAILED")
    places = {row["file"]: row for row in shown["problems"]}
    assert {"agreements/hk-bridge.yaml: colour", "blocklist.yaml: blocks.0.shape"} <= places.keys()
    assert all(not row["message_zh"].isascii() for row in shown["problems"])
    assert doors.get("/v1/releases/1")["state"] == "draft"
    assert doors.get("/v1/trail", "aud")["trail"][-1]["outcome"] == "LINT_FAILED"


def test_many_mistakes_are_counted_and_not_all_told(doors: Doors) -> None:
    rows = [block(f"b{i}") | {"shape": "round"} for i in range(MAX_PROBLEMS + 9)]
    shown = problem(
        doors.step("lint", doors.drafted(policy() | {"blocklist.yaml": {"blocks": rows}})), 422, "LINT_FAILED"
    )
    assert (len(shown["problems"]), shown["params"]["count"]) == (MAX_PROBLEMS, str(MAX_PROBLEMS + 9))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", None),
        (b"[]", "LINE_NOT_AN_OBJECT"),
        (b"{", "LINE_NOT_JSON"),
        (b'{"documents":{},"base":0,"base":0}', "FIELD_REPEATED"),
        (b'{"documents":{"a":{"b":[{"c":1,"c":2}]}},"base":0}', "FIELD_REPEATED"),
        (b'{"documents":' + b'{"a":' * 20 + b"1" + b"}" * 20 + b"}", "LINE_TOO_DEEP"),
        (b'{"documents":{},"base":NaN}', "LINE_NOT_JSON"),
        (b"\xff", "LINE_NOT_UTF8"),
        (b"{}", "FIELD_MISSING"),
        (b'{"documents":{}}', "FIELD_MISSING"),
        (b'{"documents":null,"base":0}', "FIELD_MISSING"),
        (b'{"documents":[],"base":0}', "FIELD_WRONG_TYPE"),
        (b'{"documents":{},"base":true}', "FIELD_WRONG_TYPE"),
        (b'{"documents":{},"base":1.0}', "FIELD_WRONG_TYPE"),
        (b'{"documents":{},"base":-1}', "FIELD_VALUE_UNUSABLE"),
        (b'{"documents":{},"base":2147483648}', "FIELD_VALUE_UNUSABLE"),
        (b'{"documents":{},"base":0,"note":1}', "FIELD_WRONG_TYPE"),
        (b'{"documents":{},"base":0,"colour":1}', "FIELD_UNKNOWN"),
        (b'{"documents":{},"base":0,"\\ud800":1}', "FIELD_UNKNOWN"),
        (b'{"documents":{},"base":0,"proof":{}}', None),
    ],
)
def test_bodies_that_cannot_be_read(doors: Doors, body: bytes, code: str | None) -> None:
    problem(doors.ask("POST", "/v1/releases", body), 400, code)
    assert doors.get("/v1/releases")["releases"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"documents":{"":{}},"base":0}', "DOCUMENTS_UNUSABLE"),
        (b'{"documents":{"a":"\\ud800"},"base":0}', "DOCUMENTS_UNUSABLE"),
        (b'{"documents":{},"base":0,"note":"\\u0000"}', "TEXT_INVALID"),
        (b'{"documents":{},"base":0,"note":"\\ud800"}', "TEXT_INVALID"),
    ],
)
def test_content_that_cannot_be_kept(doors: Doors, body: bytes, code: str) -> None:
    problem(doors.ask("POST", "/v1/releases", body), 422, code)


def test_a_number_beyond_all_bounds_is_no_json(doors: Doors) -> None:
    body = b'{"documents":{"a":1e999},"base":0}'
    problem(doors.ask("POST", "/v1/releases", body), 400, "LINE_NOT_JSON")


def test_a_base_that_is_not_the_newest(doors: Doors) -> None:
    doors.house.live(policy())
    shown = problem(
        doors.ask("POST", "/v1/releases", {"documents": policy(), "base": 0}), 409, "BASE_SUPERSEDED"
    )
    assert shown["params"] == {"base": "0", "head": "1"}


def test_an_oversize_body(doors: Doors) -> None:
    body = b'{"documents":{},"base":0}' + b" " * MAX_DRAFT_BYTES
    problem(doors.ask("POST", "/v1/releases", body), 413, None)
    fits = b'{"documents":{},"base":0}'.ljust(MAX_DRAFT_BYTES)
    assert doors.ask("POST", "/v1/releases", fits).status_code == 201
    small = b"{}".ljust(RestLimits().request_max_bytes + 1)
    problem(doors.ask("POST", "/v1/releases/1:lint", small, If_Match='"1"'), 413, None)


def test_other_types(doors: Doors) -> None:
    response = doors.client.post("/v1/releases", data=b"a: 1", content_type="application/yaml")
    problem(response, 415, None)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/releases?before=0", "FIELD_VALUE_UNUSABLE"),
        ("/v1/releases?limit=501", "FIELD_VALUE_UNUSABLE"),
        ("/v1/releases?limit=-1", "FIELD_VALUE_UNUSABLE"),
        ("/v1/releases?limit=%D9%A3", "FIELD_VALUE_UNUSABLE"),
        ("/v1/releases?limit=1&limit=1", "FIELD_REPEATED"),
        ("/v1/releases?colour=1", "FIELD_UNKNOWN"),
        ("/v1/releases/1?at=now", "FIELD_UNKNOWN"),
        ("/v1/releases/effective?at=now", "FIELD_VALUE_UNUSABLE"),
        ("/v1/releases/effective?at=2026-01-15T14:00:00", "FIELD_VALUE_UNUSABLE"),
        ("/v1/agreements?at=", "FIELD_VALUE_UNUSABLE"),
        ("/v1/agreements?limit=1001", "FIELD_VALUE_UNUSABLE"),
        ("/v1/agreements?offset=2147483648", "FIELD_VALUE_UNUSABLE"),
        ("/v1/trust-lists/hong-kong?offset=1", "FIELD_UNKNOWN"),
    ],
)
def test_queries_that_cannot_be_read(doors: Doors, path: str, code: str) -> None:
    problem(doors.ask("GET", path), 400, code)


@pytest.mark.parametrize("number", ["0", "9", "2147483648", "9" * 1000])
def test_releases_there_are_none_of(doors: Doors, number: str) -> None:
    problem(doors.ask("GET", f"/v1/releases/{number}"), 404, "UNKNOWN_RELEASE")
    response = doors.ask("POST", f"/v1/releases/{number}:lint", {}, If_Match='"1"')
    problem(response, 404, "UNKNOWN_RELEASE")
    problem(doors.ask("POST", "/v1/releases:rollBack", {"to": 7}, "olu"), 404, "UNKNOWN_RELEASE")


@pytest.mark.parametrize(
    "path", ["/v1/releases/x", "/v1/releases/-1", "/v1/releases/1:sell", "/v1/releases/"]
)
def test_paths_there_are_none_of(doors: Doors, path: str) -> None:
    problem(doors.ask("GET", path), 404, None)


def test_methods(doors: Doors) -> None:
    response = doors.ask("GET", "/v1/releases/1:approve")
    problem(response, 405, None)
    assert response.headers["Allow"] == "POST"


@pytest.fixture
def signer() -> Signer:
    return Signer()


def signed_proof(site: House, made: dict[str, Any], signer: Signer, by: Signer, nonce: str) -> dict[str, str]:
    """Approval of ``made`` in ben's name, signed by the key of ``by``."""
    bare = SignatureProof(
        account="ben", nonce=nonce, certificate=signer.certificate, algorithm=b"0", signature=b"0"
    )
    command = ApproveRelease(
        proof=bare,
        number=made["release"],
        version=made["version"],
        content_sha256=made["content_sha256"],
    )
    return {
        "account": "ben",
        "nonce": nonce,
        "certificate": b64(signer.certificate),
        "algorithm": b64(ECDSA_SHA256),
        "signature": b64(by.sign(site.desk.releases.statement(command, nonce))),
    }


def test_signed(gateway: Gateway, folder: Path, signer: Signer) -> None:
    doors = opened(gateway, house(folder, accounts=people(ben=signer.certificate)))
    made = doors.submitted(policy())

    def approve(proof: object, who: str | None = None) -> TestResponse:
        body = {"content_sha256": made["content_sha256"], "proof": proof}
        return doors.ask("POST", "/v1/releases/1:approve", body, who, If_Match=f'"{made["version"]}"')

    good = signed_proof(doors.house, made, signer, signer, "n" * 16)
    forged = signed_proof(doors.house, made, signer, Signer(), "n" * 16)
    problem(approve(forged), 401, "SIGNATURE_INVALID")
    problem(approve(good | {"certificate": b64(Signer().certificate)}), 401, "AUTHENTICATION_FAILED")
    problem(approve(good | {"account": "cho"}), 401, "AUTHENTICATION_FAILED")
    problem(approve(good | {"nonce": "short"}), 422, "SIGNATURE_MALFORMED")
    problem(approve(good | {"nonce": "m" * 16}), 401, "SIGNATURE_INVALID")
    problem(approve(good, "cho"), 400, None)
    response = approve(good | {"evidence": {"intermediates": [b64(signer.certificate)], "crls": []}})
    assert response.status_code == 200, response.get_data(as_text=True)
    assert [row["account"] for row in response.get_json()["approvals"]] == ["ben"]
    problem(approve(good), 409, "SIGNATURE_REPLAYED")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"account": None}, "FIELD_MISSING"),
        ({"account": 1}, "FIELD_WRONG_TYPE"),
        ({"secret": "x"}, "FIELD_UNKNOWN"),
        ({"signature": "*"}, "FIELD_NOT_BASE64"),
        ({"signature": "-----BEGIN X-----"}, "FIELD_NOT_BASE64"),
        ({"algorithm": "é"}, "FIELD_NOT_BASE64"),
        ({"certificate": "*"}, "FIELD_NOT_BASE64"),
        ({"certificate": "-----BEGIN X-----"}, "FIELD_PEM_UNUSABLE"),
        ({"evidence": []}, "FIELD_WRONG_TYPE"),
        ({"evidence": {"colour": []}}, "FIELD_UNKNOWN"),
        ({"evidence": {"crls": "x"}}, "FIELD_WRONG_TYPE"),
        ({"evidence": {"crls": [1]}}, "FIELD_WRONG_TYPE"),
        ({"evidence": {"crls": ["AA=="] * 65}}, "FIELD_TOO_MANY"),
    ],
)
def test_proofs_that_cannot_be_read(doors: Doors, change: dict[str, Any], code: str) -> None:
    whole = {
        "account": "ben",
        "nonce": "n" * 16,
        "certificate": "MAA=",
        "algorithm": "MAA=",
        "signature": "AA==",
    }
    body = {"proof": whole | change}
    problem(doors.ask("POST", "/v1/releases/1:lint", body, None, If_Match='"1"'), 400, code)


def test_private_keys_are_refused(doors: Doors) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Signer().key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    whole = {
        "account": "ben",
        "nonce": "n" * 16,
        "certificate": b64(key),
        "algorithm": "MAA=",
        "signature": "AA==",
    }

    def ask(proof: Any) -> TestResponse:
        return doors.ask("POST", "/v1/releases/1:lint", {"proof": proof}, None, If_Match='"1"')

    problem(ask(whole), 400, "FIELD_VALUE_UNUSABLE")
    certificate = b64(Signer().certificate)
    response = ask(whole | {"certificate": certificate, "evidence": {"intermediates": [b64(key)]}})
    problem(response, 400, "PRIVATE_KEY_IN_INPUT")


def test_guessing_is_bounded(gateway: Gateway, folder: Path) -> None:
    seconds = [0.0]
    attempts = AttemptLimit(
        account=Rate(burst=3, per_s=0.5), process=Rate(burst=5, per_s=1), clock_s=lambda: seconds[0]
    )
    doors = opened(gateway, house(folder), attempts)

    def fail(who: str) -> TestResponse:
        headers = {"Authorization": basic(who, "wrong-but-long-enough")}
        return doors.client.get("/v1/releases", headers=headers)

    for _ in range(3):
        problem(fail("ben"), 401, "AUTHENTICATION_FAILED")
    limited = fail("ben")
    problem(limited, 429, None)
    assert limited.headers["Retry-After"] == "2"
    problem(doors.ask("GET", "/v1/releases", who="ben"), 429, None)
    for _ in range(20):
        doors.get("/v1/releases", "dee")
    problem(fail("x"), 401, "AUTHENTICATION_FAILED")
    problem(fail("y"), 401, "AUTHENTICATION_FAILED")
    problem(fail("z"), 429, None)
    problem(doors.ask("GET", "/v1/releases", who="dee"), 429, None)
    seconds[0] = 2.0
    doors.get("/v1/releases", "ben")
    problem(doors.ask("POST", "/v1/releases:rollBack", {"to": 1}, "olu"), 404, "UNKNOWN_RELEASE")


def test_names_tried_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ca_bridge.interfaces.rest.attempt_limit._MAX_ACCOUNTS", 2)
    limit = AttemptLimit(account=Rate(burst=1, per_s=1e-9), process=Rate(burst=9, per_s=1e-9))

    def fail(who: str) -> None:
        with limit.attempt(who):
            raise ReleaseRefused(AUTHENTICATION_FAILED)

    for who in ("a", "b", "c"):
        with pytest.raises(ReleaseRefused):
            fail(who)
    with pytest.raises(TooManyAttempts):
        fail("c")
    with pytest.raises(ReleaseRefused):
        fail("a")
    assert list(limit._accounts) == ["c", "a"]


def test_the_folder_is_in_force_before_the_first_release(doors: Doors) -> None:
    response = doors.ask("GET", "/v1/agreements", who=None)
    assert response.status_code == 200
    answer = response.get_json()
    conforms("Agreements", answer)
    assert [row["agreement"] for row in answer["agreements"]] == ["bridge-gd", "hk-bridge"]
    assert response.headers["ETag"] == f'"{answer["release_id"]}"'
    assert answer["release_id"].startswith("0:")
    lists = doors.get("/v1/trust-lists", None)
    conforms("TrustLists", lists)
    assert [row["trust_list"] for row in lists["trust_lists"]] == ["hong-kong"]


def test_what_is_in_force_is_public(doors: Doors) -> None:
    live = doors.house.live(policy(status="suspended"))
    response = doors.ask("GET", "/v1/agreements/hk-bridge", who=None)
    answer = response.get_json()
    conforms("AgreementInForce", answer)
    assert answer["release_id"] == f"1:{live.content_sha256}"
    assert answer["agreement"] == policy(status="suspended")["agreements/hk-bridge.yaml"]
    assert response.headers["ETag"] == f'"1:{live.content_sha256}"'
    answer = doors.get("/v1/trust-lists/hong-kong", None)
    conforms("TrustListInForce", answer)
    assert doors.get("/v1/agreements/hk-bridge?at=2026-01-15T11:59:59Z", None)["release_id"].startswith("0:")
    for path in ("/v1/agreements/nothing", "/v1/trust-lists/hk-bridge", "/v1/agreements/%00"):
        problem(doors.ask("GET", path, who=None), 404, None)
    page = doors.get("/v1/agreements?limit=1", None)
    assert ([row["agreement"] for row in page["agreements"]], page["next_offset"]) == (["bridge-gd"], 1)
    page = doors.get("/v1/agreements?limit=1&offset=1", None)
    assert ([row["agreement"] for row in page["agreements"]], page["next_offset"]) == (["hk-bridge"], None)


def test_holders_are_for_operators_and_auditors(doors: Doors) -> None:
    rows = [block(), block("two", "subject", "org:710000005")]
    doors.house.live(policy() | {"blocklist.yaml": {"blocks": rows}})
    for who in (None, "dee", "ben"):
        answer = doors.get("/v1/blocklist", who)
        conforms("Blocklist", answer)
        assert [row["value"] for row in answer["blocks"]] == ["a" * 64, None]
    for who in ("olu", "aud"):
        answer = doors.get("/v1/blocklist", who)
        conforms("Blocklist", answer)
        assert answer["blocks"] == rows
    assert doors.ask("GET", "/v1/blocklist", who=None).headers["Vary"] == "Authorization"


def put(doors: Doors, path: str, row: dict[str, Any], **more: Any) -> TestResponse:
    tag = doors.ask("GET", path.rpartition("/")[0], who=None).headers["ETag"]
    return doors.ask("PUT", path, {"document": row, **more}, If_Match=tag)


def test_a_block_is_put_and_taken_away_as_drafts(doors: Doors) -> None:
    doors.house.live(policy() | {"blocklist.yaml": {"blocks": [block("one")]}})
    response = put(
        doors, "/v1/blocklist/two", {k: v for k, v in block("two").items() if k != "block"}, note="n"
    )
    assert response.status_code == 201
    made = response.get_json()
    conforms("Release", made)
    assert (made["state"], made["base"], made["note"]) == ("draft", 1, "n")
    assert response.headers["Location"] == "/v1/releases/2"
    difference = doors.get("/v1/releases/2/difference")
    assert (difference["kinds"], difference["approvers_needed"]) == (["blocklist"], 1)
    assert difference["documents"][0]["after"] == {"blocks": [block("one"), block("two")]}
    changed = put(doors, "/v1/blocklist/one", block("one", publication="notice 2")).get_json()
    content = doors.get(f"/v1/releases/{changed['release']}/documents")["documents"]
    assert content["blocklist.yaml"] == {"blocks": [block("one", publication="notice 2")]}
    tag = doors.ask("GET", "/v1/blocklist").headers["ETag"]
    gone = doors.ask("DELETE", "/v1/blocklist/one", {"note": "gone"}, If_Match=tag)
    assert gone.status_code == 201
    number = gone.get_json()["release"]
    assert doors.get(f"/v1/releases/{number}/documents")["documents"]["blocklist.yaml"] == {"blocks": []}
    problem(doors.ask("DELETE", "/v1/blocklist/two", None, If_Match=tag), 404, None)


def test_a_blocklist_where_there_was_none(doors: Doors) -> None:
    data = policy()
    del data["blocklist.yaml"]
    doors.house.live(data)
    made = put(doors, "/v1/blocklist/one", block("one")).get_json()
    content = doors.get(f"/v1/releases/{made['release']}/documents")["documents"]
    assert content["blocklist.yaml"] == {"blocks": [block("one")]}


def test_an_agreement_and_a_list_are_put_and_taken_away(doors: Doors) -> None:
    doors.house.live(policy())
    row = policy(status="terminated")["agreements/hk-bridge.yaml"]
    made = put(doors, "/v1/agreements/hk-bridge", row).get_json()
    assert made["content_sha256"] == PolicyDocuments.from_data(policy(status="terminated")).sha256
    tag = doors.ask("GET", "/v1/trust-lists").headers["ETag"]
    gone = doors.ask("DELETE", "/v1/trust-lists/hong-kong", None, If_Match=tag)
    assert gone.status_code == 201
    number = gone.get_json()["release"]
    assert "trust-lists/hong-kong.yaml" not in doors.get(f"/v1/releases/{number}/documents")["documents"]


def test_changes_that_are_refused(doors: Doors) -> None:
    first = doors.ask("GET", "/v1/agreements", who=None).headers["ETag"]
    doors.house.live(policy())
    row = policy()["agreements/hk-bridge.yaml"]
    path = "/v1/agreements/hk-bridge"
    problem(doors.ask("PUT", path, {"document": row}, If_Match=first), 409, "BASE_SUPERSEDED")
    now = doors.ask("GET", path, who=None).headers["ETag"]
    problem(
        doors.ask("PUT", path, {"document": row}, If_Match=now.replace("1:", "7:")), 404, "UNKNOWN_RELEASE"
    )
    problem(doors.ask("PUT", path, {"document": row}, If_Match=f'"1:{"0" * 64}"'), 412, None)
    problem(doors.ask("PUT", path, {"document": row}, "ben", If_Match=now), 403, "ROLE_MISSING")
    problem(doors.ask("PUT", path, {"document": row}, None, If_Match=now), 401, "AUTHENTICATION_FAILED")
    problem(
        doors.ask("PUT", path, {"document": row | {"agreement": "x"}}, If_Match=now),
        400,
        "FIELD_VALUE_UNUSABLE",
    )
    problem(doors.ask("PUT", path, {"document": []}, If_Match=now), 400, "FIELD_WRONG_TYPE")
    problem(doors.ask("PUT", path, {"document": row, "x": 1}, If_Match=now), 400, "FIELD_UNKNOWN")
    problem(doors.ask("PUT", "/v1/agreements/a%20b", {"document": row}, If_Match=now), 404, None)
    assert [release.number for release in doors.house.desk.releases.records.releases()] == [1]


def test_a_change_while_another_waits_to_come_into_force(doors: Doors) -> None:
    doors.house.live(policy())
    doors.house.live(policy(status="suspended"), start=NOON + 5 * HOUR)
    doors.house.clock.time = NOON + 2 * HOUR
    response = put(doors, "/v1/blocklist/one", block("one"))
    problem(response, 409, "BASE_SUPERSEDED")
    tag = doors.ask("GET", "/v1/blocklist?at=2026-01-16T00:00:00Z").headers["ETag"]
    made = doors.ask("PUT", "/v1/blocklist/one", {"document": block("one")}, If_Match=tag)
    assert made.get_json()["base"] == 2


def test_rows_of_no_shape_are_left_out(doors: Doors) -> None:
    site = doors.house
    draft = {
        "agreements/a.yaml": [],
        "blocklist.yaml": {"blocks": [1, {"block": "x"}]},
        "trust-lists/l.yaml": 1,
    }
    made = site.desk.releases.records.release(int(doors.drafted(draft)["release"]))
    store = site.store
    approved = replace(made, state=ReleaseState.APPROVED, effective_from=NOON)
    store.rows[1] = approved
    assert doors.get("/v1/agreements", None)["agreements"] == []
    assert doors.get("/v1/trust-lists", None)["trust_lists"] == []
    assert doors.get("/v1/blocklist", None)["blocks"] == [{"block": "x"}]
    changed = put(doors, "/v1/blocklist/x", block("x")).get_json()
    content = doors.get(f"/v1/releases/{changed['release']}/documents")["documents"]
    assert content["blocklist.yaml"] == {"blocks": [1, block("x")]}


def test_a_store_that_does_not_answer(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    doors.drafted(policy())

    def away(*_: object, **__: object) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(MemoryReleases, "commit", away)
    response = doors.ask("POST", "/v1/releases/1:lint", {}, If_Match='"1"')
    problem(response, 503, None)
    assert response.headers["Retry-After"] == "2"


def test_busy(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise ReleaseRefused(BUSY)

    monkeypatch.setattr(MemoryReleases, "ledger", busy)
    response = doors.ask("POST", "/v1/releases", {"documents": {}, "base": 0})
    problem(response, 503, "BUSY")
    assert response.headers["Retry-After"] == "2"


def test_every_route_is_documented(gateway: Gateway, folder: Path) -> None:
    app = application(gateway, house(folder))
    served = {
        (_documented(rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("releases.")
        for method in (rule.methods or set()) - {"HEAD"}
    }
    told = {(path, method) for path, item in release_paths().items() for method in item}
    assert served == told
    ids = [operation["operationId"] for item in release_paths().values() for operation in item.values()]
    assert len(ids) == len(set(ids))


def _documented(rule: str) -> str:
    return rule.replace("<int:number>", "{number}").replace("<identifier>", "{identifier}")


def test_the_schemas_are_schemas() -> None:
    for schema in _components()["schemas"].values():
        Draft202012Validator.check_schema(schema)
    text = json.dumps([release_paths(), _components()["schemas"]], ensure_ascii=False)
    for name in set(_references(text)):
        assert name in _components()["schemas"], name


def _references(text: str) -> list[str]:
    return [part.split('"')[0] for part in text.split("#/components/schemas/")[1:]]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    ["documents", "base", "note", "to", "effective_from", "content_sha256", "proof", "document", "x"]
)
BODIES = st.dictionaries(NAMES, JSON, max_size=6).map(lambda v: json.dumps(v).encode()) | st.binary(
    max_size=200
)
PATHS = st.sampled_from(
    [
        ("POST", "/v1/releases"),
        ("POST", "/v1/releases:rollBack"),
        *(
            ("POST", f"/v1/releases/1:{name}")
            for name in ("amend", "lint", "submit", "approve", "reject", "withdraw")
        ),
        *(
            (method, f"/v1/{kind}/one")
            for method in ("PUT", "DELETE")
            for kind in ("agreements", "blocklist")
        ),
    ]
)
TAGS = st.sampled_from(['"1"', '"2"', "*", '"0:' + "0" * 64 + '"']) | st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=30
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=PATHS, body=BODIES, tag=TAGS, who=st.sampled_from(["dee", "ben", "olu", None]))
def test_no_body_is_a_500(
    doors: Doors, where: tuple[str, str], body: bytes, tag: str, who: str | None
) -> None:
    method, path = where
    response = doors.ask(method, path, body, who, If_Match=tag)
    assert response.status_code < 500, response.get_data(as_text=True)
    if response.status_code >= 400:
        conforms("ReleaseProblem", response.get_json(force=True))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(header=st.binary(max_size=60), prefix=st.sampled_from(["Basic ", "basic  ", ""]))
def test_no_credentials_are_a_500(doors: Doors, header: bytes, prefix: str) -> None:
    for text in (header.decode("latin-1"), base64.b64encode(header).decode()):
        clean = "".join(c for c in text if c.isprintable())
        response = doors.client.get("/v1/releases", headers={"Authorization": prefix + clean})
        assert response.status_code in {401, 429}


def test_proofs_that_prove_nobody_are_bounded(gateway: Gateway, folder: Path) -> None:
    """Each leaves a row in the trail: whoever may write rows without end fills the database."""
    attempts = AttemptLimit(account=Rate(burst=3, per_s=0.001))
    doors = opened(gateway, house(folder), attempts)
    made = doors.submitted(policy())
    proof = {"account": "ben", "nonce": "x", "certificate": "MAA=", "algorithm": "MAA=", "signature": "MAA="}
    body = {"content_sha256": made["content_sha256"], "proof": proof}
    tag = f'"{made["version"]}"'
    answers = [
        doors.ask("POST", "/v1/releases/1:approve", body, None, If_Match=tag).status_code for _ in range(5)
    ]
    assert answers == [422, 422, 422, 429, 429]
    rows = [row["outcome"] for row in doors.get("/v1/trail", "aud")["trail"]]
    assert rows.count("SIGNATURE_MALFORMED") == 3


def test_a_wrong_secret_learns_nothing_of_the_release(doors: Doors) -> None:
    headers = {"Authorization": basic("dee", "wrong-but-long-enough"), "If-Match": f'"0:{"0" * 64}"'}
    response = doors.client.put("/v1/agreements/x", json={"document": {}}, headers=headers)
    problem(response, 401, "AUTHENTICATION_FAILED")


@pytest.mark.parametrize(
    "value", ["440301199001011234", "张三", "PERSON:x", "org:zzz", "org:710000000", "person:" + "A" * 64]
)
def test_a_holder_is_blocked_by_an_identity_key_alone(doors: Doors, value: str) -> None:
    """Anything else would block nobody, and a number or a name would be kept for ever."""
    rows = [block("holder", "subject", value)]
    response = doors.step("lint", doors.drafted(policy() | {"blocklist.yaml": {"blocks": rows}}))
    shown = problem(response, 422, "LINT_FAILED")
    assert [row["file"] for row in shown["problems"]] == ["blocklist.yaml: blocks.0.value"]
    assert value not in response.get_data(as_text=True)
    assert value not in json.dumps(doors.get("/v1/trail", "aud"), ensure_ascii=False)
