"""`ca-bridge keys` as people and programs use it: a whole life of keys, and every way of saying no."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ca_bridge.adapters.hsm_workshop import HsmBench
from ca_bridge.interfaces.cli.keys import keys_commands
from ca_bridge.interfaces.cli.keys_files import write_results
from ca_bridge.services.key_management import errors
from ca_bridge.services.key_management.approval import approval_text
from ca_bridge.services.manage_recognition.commands import SignatureProof
from ca_bridge.services.manage_recognition.signers import EngineSigners
from ca_bridge.services.manage_recognition.store_errors import StoreUnavailable
from ca_bridge.services.policy_documents import PolicyDocuments
from hsm.uri import parse_key_uri
from tests.hsm.soft_store import open_store
from tests.keys.key_house import KeyHouse, secret_of
from tests.keys.test_key_steps import certificate_of
from tests.recognition.test_release_signers import (
    ANCHORS,
    REVOKED,
    RSA,
    SM2,
    Person,
    Place,
    crl,
    domain,
    issuer,
)

pytestmark = pytest.mark.filterwarnings("ignore::hsm.softkey.SoftKeyWarning")
Keys = Callable[..., Result]


@pytest.fixture
def keys(house: KeyHouse) -> Keys:
    def run(*words: object) -> Result:
        return CliRunner().invoke(keys_commands(lambda: house.desk), [*map(str, words)])

    return run


def done(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refused(result: Result, code: str, exit_code: int = 1) -> dict[str, Any]:
    assert result.exit_code == exit_code, result.output
    told: dict[str, Any] = json.loads(result.stdout)["refused"]
    assert told["code"] == code
    return told


def approved(house: KeyHouse, keys: Keys, plan: Path, *names: str, act: str = "ceremony") -> list[str]:
    """--approval FILE for each name: statements written, signed elsewhere, and put into files."""
    house.numbers += 1
    folder = house.place / f"out-{house.numbers}"
    shown = done(keys(act, plan, "--out", folder, "--json"))
    words: list[str] = []
    for row in shown["statements"]:
        if row["account"] in names:
            words += ["--approval", str(approval(house, keys, row["account"], Path(row["file"])))]
    return words


def approval(house: KeyHouse, keys: Keys, name: str, statement: Path) -> Path:
    signature, certificate = statement.with_suffix(".sig"), house.place / f"{name}.der"
    signature.write_bytes(house.people[name].sign(statement.read_bytes()))
    certificate.write_bytes(house.people[name].certificate)
    file = statement.with_name(f"approval-{name}.json")
    words = ("--statement", statement, "--signature", signature, "--certificate", certificate)
    made = done(keys("approval", *words, "--out", file, "--json"))
    assert made["statement"]["account"] == name
    return file


def secret(house: KeyHouse, name: str = "olu") -> tuple[object, ...]:
    file = house.place / f"{name}.secret"
    file.write_text(secret_of(name))
    return ("--as", name, "--secret-file", file)


def test_a_life(house: KeyHouse, keys: Keys) -> None:
    output = {"form": "self_signed", "subject": "CN=Receipts", "days": 30}
    plan = house.file(house.data(key={"output": output}))
    words = approved(house, keys, plan, "ann", "cho")
    results = house.place / "results"
    first = done(keys("ceremony", plan, *words, "--out", results, "--json"))
    assert (first["state"], first["custody"]) == ("current", "process")
    transcript, certificate = map(Path, first["files"])
    assert {transcript, certificate} == set(results.iterdir())
    assert certificate.name == f"{first['key_id']}-certificate.pem"
    assert certificate.read_text().startswith("-----BEGIN CERTIFICATE-----\n")
    assert json.loads(transcript.read_text())["signatures"][0]["key_id"] == first["key_id"]

    plan = house.file(house.data(key={"state": "next", "output": {"form": "csr", "subject": "CN=b"}}))
    second = done(keys("ceremony", plan, *approved(house, keys, plan, "ben", "cho"), "--json"))
    rotated = done(keys("rotate", "receipt", *secret(house), "--json"))["keys"]
    assert [(row["key_id"], row["state"]) for row in rotated] == [
        (first["key_id"], "retired"),
        (second["key_id"], "current"),
    ]
    listed = done(keys("list", "--json"))["keys"]
    assert [row["state"] for row in listed] == ["retired", "current"]

    plan = house.file(house.destruction(first["key_id"]))
    words = approved(house, keys, plan, "ann", "ben", act="destroy")
    assert done(keys("destroy", plan, *words, "--json"))["state"] == "destroyed"
    exported = json.loads(keys("export").stdout)
    assert [row["state"] for row in exported["keys"]] == ["destroyed", "current"]
    assert exported["origin"] == "gateway.example/log"
    assert done(keys("retire", second["key_id"], *secret(house), "--json"))["keys"][0]["state"] == "retired"
    assert done(keys("doctor", "--json")) == {"healthy": True, "keys": [], "open_ceremonies": []}


def test_a_plan_in_people_s_words(house: KeyHouse, keys: Keys) -> None:
    output = {"form": "self_signed", "subject": "CN=Receipts", "days": 30}
    data = house.data(key={"kind": "sm2", "sealed": True, "output": output})
    plan = house.file(data)
    english = keys("ceremony", plan, "--lang", "en").output
    for words in (
        "make a key",
        "signs receipts",
        "sm2 (sm2-sm3)",
        "2 of these 3",
        "ann, ben, cho",
        "a self-signed certificate CN=Receipts (30 d)",
        "kept encrypted under a key of the token",
        "2026-01-15T00:00:00Z – 2026-01-16T00:00:00Z",
        house.desk.read_plan(plan).sha256,
        '"action":"key_ceremony"',
        "--out FOLDER",
    ):
        assert words in english, words
    chinese = keys("ceremony", plan, "--lang", "zh").output
    for words in ("回执密钥", "生成密钥", "回执签名", "以下 3 人中 2 人", "自签名证书"):
        assert words in chinese
    plan = house.file(house.data(key={"existing": True}))
    assert "made by the device's own tool" in keys("ceremony", plan, "--lang", "en").output


def test_a_destruction_in_people_s_words(house: KeyHouse, keys: Keys) -> None:
    key = house.made(state="next").key
    said = keys("destroy", house.file(house.destruction(key.key_id)), "--lang", "both").output
    assert "销毁密钥 / destroy a key" in said
    assert key.key_id in said


def test_the_same_statement_is_not_written_over(house: KeyHouse, keys: Keys) -> None:
    plan = house.file(house.data())
    assert keys("ceremony", plan, "--out", house.place / "s").exit_code == 0
    again = keys("ceremony", plan, "--out", house.place / "s")
    assert (again.exit_code, "无法写入" in again.output) == (2, True)
    assert keys("ceremony", plan, "--out", plan).exit_code == 2, "a file is no folder"


def test_refusals_say_who_must_act(house: KeyHouse, keys: Keys) -> None:
    plan = house.file(house.data())
    words = approved(house, keys, plan, "ann")
    told = refused(keys("ceremony", plan, *words, "--json"), "KEY_TOO_FEW_APPROVALS")
    assert told["message_en"] == "1 approval(s) were given, 2 are needed"
    assert told["message_zh"] == "已提供 1 份批准，需要 2 份"
    assert (told["who_must_act_en"], told["who_must_act_zh"]) == ("whoever holds the ceremony", "仪式主持人")
    result = keys("ceremony", plan, *words, "--lang", "en")
    assert result.exit_code == 1
    assert "KEY_TOO_FEW_APPROVALS: 1 approval(s) were given" in result.stderr
    assert "→ who must act: whoever holds the ceremony" in result.stderr
    assert "→ 由谁处理: 仪式主持人" in keys("ceremony", plan, *words, "--lang", "zh").stderr


def test_changed_and_replayed(house: KeyHouse, keys: Keys) -> None:
    data = house.data()
    plan = house.file(data)
    words = approved(house, keys, plan, "ann", "ben")
    changed = house.file(data | {"approvals": 3}, "changed.yaml")
    refused(keys("ceremony", changed, *words, "--json"), "KEY_PLAN_CHANGED")
    done(keys("ceremony", plan, *words, "--json"))
    refused(keys("ceremony", plan, *words, "--json"), "KEY_PLAN_EXECUTED")


def test_not_known_now(house: KeyHouse, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = house.file(house.data(key={"uri": "softkey:object=a;id=%01?x-store=/no/such/store"}))
    words = approved(house, keys, plan, "ann", "ben")
    refused(keys("ceremony", plan, *words, "--json"), "KEY_TOKEN_UNUSABLE", exit_code=3)

    def away() -> Any:
        raise StoreUnavailable("OperationalError")

    monkeypatch.setattr(house.register, "state", away)
    refused(keys("list", "--json"), "STORE_UNUSABLE", exit_code=3)


def test_files_that_are_no_approvals(house: KeyHouse, keys: Keys) -> None:
    plan = house.file(house.data())
    refused(keys("ceremony", plan, "--approval", plan, "--json"), "KEY_APPROVAL_MALFORMED")
    assert keys("ceremony", plan, "--approval", house.place / "none").exit_code == 2
    refused(keys("ceremony", house.place / "none.yaml", "--json"), "KEY_PLAN_UNUSABLE")


def test_approval_of_what_is_no_statement(house: KeyHouse, keys: Keys) -> None:
    (house.place / "x").write_text("{}")
    words = ("--statement", house.place / "x", "--signature", house.place / "x")
    words = (*words, "--certificate", house.place / "x", "--out", house.place / "y", "--json")
    refused(keys("approval", *words), "KEY_APPROVAL_MALFORMED")
    assert not (house.place / "y").exists()


def test_show(house: KeyHouse, keys: Keys) -> None:
    key = house.made(output={"form": "csr", "subject": "CN=a"}).key
    shown = done(keys("show", key.key_id, "--out", house.place / "papers", "--json"))
    assert (shown["key_id"], shown["certificate"]) == (key.key_id, None)
    assert shown["transcript"]["signatures"][0]["key_id"] == key.key_id
    written = (house.place / "papers" / f"{key.key_id}-request.pem").read_text()
    assert written.startswith("-----BEGIN CERTIFICATE REQUEST-----\n")
    said = keys("show", key.key_id, "--lang", "zh").output
    for words in (key.key_id, "设备自述", "extractable=true"):
        assert words in said
    refused(keys("show", "receipt-0", "--json"), "KEY_UNKNOWN")
    listed = keys("list", "--lang", "zh").output
    assert "当前" in listed
    assert key.key_id in listed


def test_an_attestation_is_written_too(house: KeyHouse) -> None:
    key = replace(house.made().key, attestation=b"as the vendor encodes it")
    (file,) = write_results(house.place / "papers", key, None)
    assert file.name == f"{key.key_id}-attestation.bin"
    assert file.read_bytes() == b"as the vendor encodes it"


def test_papers_that_cannot_be_written(house: KeyHouse, keys: Keys) -> None:
    key = house.made(output={"form": "csr", "subject": "CN=a"}).key
    (house.place / "papers" / f"{key.key_id}-request.pem").mkdir(parents=True)
    result = keys("show", key.key_id, "--out", house.place / "papers")
    assert (result.exit_code, "无法写入" in result.output) == (2, True)


def test_export_to_a_file(house: KeyHouse, keys: Keys) -> None:
    house.made()
    file = house.place / "keys.json"
    assert done(keys("export", "--out", file, "--json"))["keys"] == 1
    assert len(json.loads(file.read_text())["keys"]) == 1
    assert keys("export", "--out", file).exit_code == 2, "not written over"


def test_signed_rotation(house: KeyHouse, keys: Keys) -> None:
    house.made()
    following = house.made(state="next").key
    statement = house.place / "rotation.json"
    done(keys("statement", "rotate", "receipt", "--as", "opa", "--out", statement, "--json"))
    said = json.loads(statement.read_bytes())
    assert (said["action"], said["key_id"]) == ("key_rotation", following.key_id)
    (house.place / "sig").write_bytes(house.people["opa"].sign(statement.read_bytes()))
    (house.place / "opa.der").write_bytes(house.people["opa"].certificate)
    words = ("--as", "opa", "--statement", statement, "--signature", house.place / "sig")
    words = (*words, "--certificate", house.place / "opa.der", "--json")
    assert len(done(keys("rotate", "receipt", *words))["keys"]) == 2
    refused(keys("retire", following.key_id, *words), "KEY_SIGNATURE_WRONG")


def test_certificate_of_a_ca(house: KeyHouse, keys: Keys) -> None:
    key = house.made(output={"form": "csr", "subject": "CN=a"}).key
    (house.place / "issued.der").write_bytes(certificate_of(key.spki))
    words = ("certify", key.key_id, house.place / "issued.der")
    statement = house.place / "certify.json"
    done(keys("statement", *words, "--as", "opa", "--out", statement, "--json"))
    assert json.loads(statement.read_bytes())["certificate_sha256"]
    assert done(keys(*words, *secret(house), "--json"))["certificate"]
    (house.place / "issued.der").write_bytes(certificate_of(house.made(state="next").key.spki))
    refused(keys(*words, *secret(house), "--json"), "KEY_CERTIFICATE_DIFFERS")


def test_rotation_of_several_algorithms(house: KeyHouse, keys: Keys) -> None:
    house.made(state="next")
    sm2 = house.made(state="next", kind="sm2").key
    refused(keys("rotate", "receipt", *secret(house), "--json"), "KEY_NEXT_AMBIGUOUS")
    words = ("--algorithm", "sm2-sm3")
    assert keys("rotate", "receipt", *words, *secret(house)).exit_code == 2, "of the signature, not the key"
    words = ("--key-algorithm", "sm2-sm3")
    assert (
        done(keys("rotate", "receipt", *words, *secret(house), "--json"))["keys"][0]["key_id"] == sm2.key_id
    )


def test_who_may_not(house: KeyHouse, keys: Keys) -> None:
    house.made(state="next")
    refused(keys("rotate", "receipt", *secret(house, "dee"), "--json"), "KEY_ROLE_MISSING")
    (house.place / "olu.secret").write_text("not-the-secret-of-olu")
    words = ("--as", "olu", "--secret-file", house.place / "olu.secret", "--json")
    refused(keys("rotate", "receipt", *words), "KEY_ACCOUNT_UNKNOWN")


def test_doctor(house: KeyHouse, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    key = house.made(state="next").key
    well = done(keys("doctor", "--json"))
    assert [(row["key_id"], row["usable"], row["custody"]) for row in well["keys"]] == [
        (key.key_id, True, "process")
    ]
    assert "✔" in keys("doctor").output
    plan = house.plan(key={"use": "log", "kind": "ed25519"})
    approvals = house.approvals(plan)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(HsmBench, "sign", dies)
        with pytest.raises(KeyboardInterrupt):
            house.hold(plan, approvals)
    result = keys("doctor", "--json")
    assert result.exit_code == 1
    (told,) = json.loads(result.stdout)["open_ceremonies"]
    assert (told["plan_sha256"], told["on_token"], told["key_id"]) == (plan.sha256, True, "")
    said = keys("doctor", "--lang", "both").output
    assert "the token has a key of its name, which is nobody's" in said
    assert "ca-bridge keys abandon" in said
    closed = done(keys("abandon", plan.sha256, *secret(house), "--json"))
    assert closed == {"plan_sha256": plan.sha256, "state": "failed"}
    refused(keys("abandon", plan.sha256, *secret(house), "--json"), "KEY_CEREMONY_UNKNOWN")
    result = keys("doctor", "--json")
    (told,) = json.loads(result.stdout)["open_ceremonies"]
    assert (result.exit_code, told["state"], told["on_token"]) == (1, "failed", True)
    said = keys("doctor", "--lang", "both").output
    assert "failed: the token has a key of its name, which is nobody's" in said
    assert "with the token's own tool" in said
    assert "ca-bridge keys abandon" not in said
    assert plan.wish is not None
    open_store(house.store).destroy(parse_key_uri(plan.wish.uri).ref)
    assert keys("doctor").exit_code == 0


def test_doctor_of_a_broken_destruction(house: KeyHouse, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    key = house.made(state="next").key
    plan = house.plan_to_destroy(key.key_id)
    approvals = house.approvals(plan)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(HsmBench, "destroy", dies)
        with pytest.raises(KeyboardInterrupt):
            house.hold(plan, approvals)
    assert "the key is on the token still" in keys("doctor", "--lang", "en").output
    again = house.file(house.destruction(key.key_id, title={"zh": "再", "en": "again"}))
    refused(keys("destroy", again, "--json"), "KEY_CEREMONY_OPEN")
    house.store.rename(house.store.with_name("aside"))
    result = keys("doctor", "--lang", "en")
    assert (result.exit_code, "the token cannot be looked at now" in result.output) == (1, True)


def judged_by_the_engine(house: KeyHouse, certificate: bytes) -> None:
    """Whoever approves is judged by the engine under the test PKI; ann has ``certificate``."""
    documents = PolicyDocuments.from_data({"domains/signers.yaml": domain(*ANCHORS)})
    gateway = Place(house.place / "signers").gateway(documents)
    house.signers = EngineSigners(
        validate=gateway.validate, validate_under=lambda _: gateway.validate, domain="signers"
    )
    rows = (
        replace(account, certificate=certificate) if account.name == "ann" else account
        for account in house.accounts.accounts
    )
    house.accounts = replace(house.accounts, accounts=tuple(rows))


@pytest.mark.parametrize("person", [SM2, RSA], ids=["sm2", "rsa"])
def test_approvers_are_judged_by_the_engine(house: KeyHouse, keys: Keys, person: Person) -> None:
    """Certificates of the test PKI; the engine says what it says of everybody, evidence and all."""

    judged_by_the_engine(house, person.certificate)
    house.floor = 1
    plan = house.file(house.data(approvals=1, approvers=["ann"]))
    (row,) = done(keys("ceremony", plan, "--out", house.place / "s", "--json"))["statements"]
    statement = Path(row["file"])
    (house.place / "sig").write_bytes(person.key.sign(statement.read_bytes()))
    (house.place / "ann.der").write_bytes(person.certificate)
    (house.place / "ca.der").write_bytes(issuer(person.ca))
    (house.place / "ca.crl").write_bytes(crl(person.ca))
    words = ("--statement", statement, "--signature", house.place / "sig")
    words = (*words, "--certificate", house.place / "ann.der")
    bare, whole = house.place / "bare.json", house.place / "whole.json"
    done(keys("approval", *words, "--out", bare, "--json"))
    told = refused(
        keys("ceremony", plan, "--approval", bare, "--json"), "KEY_SIGNER_INDETERMINATE", exit_code=3
    )
    assert told["params"]["account"] == "ann"
    evidence = ("--evidence", house.place / "ca.der", "--evidence", house.place / "ca.crl")
    done(keys("approval", *words, *evidence, "--out", whole, "--json"))
    made = done(keys("ceremony", plan, "--approval", whole, "--json"))
    assert made["state"] == "current"


def test_an_approver_whose_certificate_is_revoked(house: KeyHouse, keys: Keys) -> None:

    judged_by_the_engine(house, REVOKED.certificate)
    plan_file = house.file(house.data())
    statement = house.statements(house.desk.read_plan(plan_file))["ann"]
    proof = SignatureProof(
        account="ann",
        nonce=json.loads(statement)["nonce"],
        certificate=REVOKED.certificate,
        algorithm=REVOKED.key.algorithm,
        signature=REVOKED.key.sign(statement),
        evidence=REVOKED.evidence,
    )
    (house.place / "a.json").write_text(approval_text(statement, proof))
    told = refused(
        keys("ceremony", plan_file, "--approval", house.place / "a.json", "--json"), "KEY_SIGNER_REFUSED"
    )
    assert told["params"]["cause"] == "TARGET_REVOKED"


def test_unknown_words(keys: Keys) -> None:
    assert keys("rotate", "tls", "--as", "olu").exit_code == 2
    assert "密钥" in keys("--help").output


def test_the_page_names_every_refusal() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "keys.md").read_text("utf-8")
    rows = [one for one in vars(errors).values() if isinstance(one, errors.KeyRefusal)]
    assert len(rows) == len({one.code for one in rows})
    for row in rows:
        assert f"| `{row.code}` | {row.message_en} | {row.message_zh} |" in page


def test_the_plan_of_the_page_is_one(house: KeyHouse) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "keys.md").read_text("utf-8")
    text = page.partition("```yaml\n")[2].partition("```")[0]
    (house.place / "page.yaml").write_text(text)
    plan = house.desk.read_plan(house.place / "page.yaml")
    assert (plan.approvals, plan.approvers) == (2, ("chan", "wong", "mei"))
    assert plan.wish is not None
    place = house.workshop.place(plan.wish.uri)
    assert (place.device, place.label, place.identifier) == ("pkcs11:gw", "receipt-2026", "2026")


@pytest.mark.parametrize("command", ["", "ceremony", "destroy", "approval", "rotate", "retire", "statement"])
def test_help_is_bilingual(keys: Keys, command: str) -> None:
    said = keys(*command.split(), "--help").output
    assert not said.isascii()


def test_before_the_first_key(keys: Keys) -> None:
    for command in ("list", "doctor"):
        result = keys(command, "--lang", "en")
        assert result.exit_code == 0
        assert "no key signs here: ca-bridge keys ceremony --help" in result.stderr
