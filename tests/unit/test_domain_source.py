from __future__ import annotations

import shutil
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from ca_bridge import wiring
from ca_bridge.adapters import certificate_files as adapter
from ca_bridge.adapters.certificate_files import certificate_files
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.services.errors import UnknownDomain
from ca_bridge.services.gateway import Gateway
from ca_bridge.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "certs-test" / "demo"
ANCHOR = next(i.der for i in decode_bundle((DEMO / "anchor-national-root.pem").read_bytes()))
PIN = sha256(ANCHOR).hexdigest()
NOT_A_CERTIFICATE = b"\x30\x06\x30\x00\x30\x00\x03\x00"


def policies(folder: Path, *, certificates: str = "", pin: str = PIN, name: str = "site") -> Settings:
    """A policies folder with one domain that pins ``pin``; nothing is imported."""
    shutil.copytree(ROOT / "policies" / "schema", folder / "schema", dirs_exist_ok=True)
    shutil.copy(ROOT / "policies" / "algorithms.yaml", folder)
    (folder / "domains").mkdir(exist_ok=True)
    (folder / "domains" / f"{name}.yaml").write_text(
        f"domain: {name}\ntitle: {{zh: 站点, en: Site}}\nanchors:\n  - sha256: {pin}\n    name: Test root\n"
        + certificates,
        "utf-8",
    )
    return Settings(policies=folder, anchors=folder / "anchors", default_domain=name)


def imported(settings: Settings, content: bytes = ANCHOR, name: str = "root.CER") -> Gateway:
    settings.anchors.mkdir(exist_ok=True)
    (settings.anchors / name).write_bytes(content)
    return wiring.gateway(settings)


def test_a_pin_without_its_certificate_trusts_nothing(tmp_path: Path) -> None:
    gateway = wiring.gateway(policies(tmp_path))
    assert gateway.domains.names() == ("site",)
    snapshot = gateway.domains.snapshot("site")
    assert snapshot.trust.anchors == ()
    report = wiring.policy_report(policies(tmp_path))
    assert (report.domains, report.problems) == (1, ())
    assert report.missing_anchors == (("site", PIN, "Test root"),)


def test_a_certificate_without_a_pin_trusts_nothing(tmp_path: Path) -> None:
    gateway = imported(policies(tmp_path, pin="a" * 64))
    assert gateway.domains.snapshot("site").trust.anchors == ()


@pytest.mark.parametrize("name", ["root.CER", "deep/in/there.pem", "x.p7b"])
def test_an_imported_anchor_is_found_under_any_file_name(tmp_path: Path, name: str) -> None:
    settings = policies(tmp_path)
    (settings.anchors / name).parent.mkdir(parents=True)
    snapshot = imported(settings, name=name).domains.snapshot("site")
    (anchor,) = snapshot.trust.anchors
    assert anchor.fingerprint == PIN
    assert anchor.enforce_validity
    assert anchor.enforce_constraints


def test_the_snapshot_names_everything_that_is_trusted(tmp_path: Path) -> None:
    settings = policies(tmp_path)
    before = wiring.gateway(settings).domains.snapshot("site").trust.snapshot_id
    gateway = imported(settings)
    after = gateway.domains.snapshot("site")
    assert after.trust.snapshot_id != before
    assert gateway.domains.snapshot("site") is after
    assert wiring.gateway(settings).domains.snapshot("site").trust.snapshot_id == after.trust.snapshot_id
    table = settings.policies / "algorithms.yaml"
    table.write_text(table.read_text("utf-8") + "# changed\n", "utf-8")
    assert wiring.gateway(settings).domains.snapshot("site").trust.snapshot_id != after.trust.snapshot_id


def test_certificates_of_a_domain_are_known_for_path_building(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    shutil.copy(DEMO / "chain.pem", tmp_path / "more")
    settings = policies(tmp_path, certificates="certificates: [more]\n")
    (tmp_path / "plain").mkdir()
    plain = policies(tmp_path / "plain")
    with_more = imported(settings).domains.snapshot("site").trust
    assert with_more.snapshot_id != imported(plain).domains.snapshot("site").trust.snapshot_id


@pytest.mark.parametrize("name", ["", "Site", "absent", "../site"])
def test_a_domain_that_is_none(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownDomain):
        wiring.gateway(policies(tmp_path)).domains.snapshot(name)


def test_an_anchor_file_that_cannot_be_read(tmp_path: Path) -> None:
    settings = policies(tmp_path)
    with pytest.raises(PolicyFileError, match=r"bad\.der:1: .*INPUT_UNRECOGNIZED"):
        imported(settings, b"hello", "bad.der")
    (problem,) = wiring.policy_report(settings).problems
    assert problem.file == "bad.der"


def test_a_private_key_among_the_anchors_is_named_and_not_shown(tmp_path: Path) -> None:
    body = b64encode(b"\x30\x03\x02\x01\x00").decode()
    key = f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n".encode()
    with pytest.raises(PolicyFileError, match="PRIVATE_KEY_IN_INPUT") as caught:
        imported(policies(tmp_path), key, "key.pem")
    assert body not in str(caught.value)


def test_an_anchor_folder_without_leave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.pem").write_bytes(ANCHOR)

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(PolicyFileError, match="Permission denied"):
        certificate_files(tmp_path)


def test_too_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapter, "_MAX_FILES", 1)
    for name in ("a.pem", "b.pem", "c.txt"):
        (tmp_path / name).write_bytes(ANCHOR)
    with pytest.raises(PolicyFileError, match="more than 1 certificate files"):
        certificate_files(tmp_path)


@pytest.mark.parametrize("where", ["anchor", "further certificate"])
def test_a_certificate_that_is_malformed_inside(tmp_path: Path, where: str) -> None:
    content = NOT_A_CERTIFICATE
    pin = sha256(content).hexdigest()
    if where == "anchor":
        settings, line = policies(tmp_path, pin=pin), 4
        gateway = imported(settings, content)
    else:
        (tmp_path / "more.der").write_bytes(content)
        settings, line = policies(tmp_path, certificates="certificates:\n  - more.der\n"), 6
        gateway = wiring.gateway(settings)
    with pytest.raises(PolicyFileError) as caught:
        gateway.domains.snapshot("site")
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("site.yaml", line)
    assert pin in problem.message_en
    (check,) = [c for c in gateway.diagnosis() if c.name == "domain:site"]
    assert not check.passed
    assert wiring.policy_report(settings).problems == (problem,)


def test_the_mistakes_of_all_files_come_together(tmp_path: Path) -> None:
    settings = policies(tmp_path)
    for name in ("one.yaml", "two.yml"):
        (settings.policies / "domains" / name).write_text("x: 1\n", "utf-8")
    (settings.policies / "domains" / "README.md").write_text("not a domain", "utf-8")
    report = wiring.policy_report(settings)
    assert report.domains == 0
    assert {p.file for p in report.problems} == {"one.yaml", "two.yml"}


def test_a_folder_that_is_no_policies_folder(tmp_path: Path) -> None:
    settings = Settings(policies=tmp_path, anchors=tmp_path)
    with pytest.raises(PolicyFileError, match=r"algorithms\.yaml:1: cannot be read in "):
        wiring.gateway(settings)
    shutil.copy(ROOT / "policies" / "algorithms.yaml", tmp_path)
    with pytest.raises(PolicyFileError, match=r"schema/algorithms\.schema\.json"):
        wiring.gateway(settings)
    (tmp_path / "schema").mkdir()
    shutil.copy(ROOT / "policies" / "schema" / "algorithms.schema.json", tmp_path / "schema")
    with pytest.raises(PolicyFileError, match=r"schema/domain\.schema\.json"):
        wiring.gateway(settings)


def test_diagnosis_counts_anchors(tmp_path: Path) -> None:
    settings = policies(tmp_path)
    checks = {c.name: c for c in wiring.gateway(settings).diagnosis()}
    assert dict(checks["domain:site"].facts)["not_imported"] == 1
    checks = {c.name: c for c in imported(settings).diagnosis()}
    assert dict(checks["domain:site"].facts)["trust_anchors"] == 1
    assert all(c.detail_en and c.detail_zh for c in checks.values())


def test_a_default_domain_that_is_not_there_is_told(tmp_path: Path) -> None:
    settings = policies(tmp_path)
    lost = Settings(policies=tmp_path, anchors=tmp_path, default_domain="elsewhere")
    assert wiring.policy_report(settings).absent_default == ""
    assert wiring.policy_report(lost).absent_default == "elsewhere"


def test_pins_by_fingerprint(tmp_path: Path) -> None:
    policies(tmp_path, name="two")
    assert wiring.pins(policies(tmp_path)) == {PIN: ("site", "two")}
