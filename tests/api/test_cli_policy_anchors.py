"""`ca-bridge policy check` and `ca-bridge anchors`: from the file a CA publishes to a verdict."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ca_bridge import wiring
from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.interfaces.cli.app import command_line
from tests.certificate_der import certificate, name
from tests.shared_data import shared_data

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "certs-test" / "demo"
ANCHOR = DEMO / "anchor-national-root.pem"


def fingerprints(path: Path) -> list[str]:
    return [sha256(i.der).hexdigest() for i in decode_bundle(path.read_bytes()) if i.kind == "certificate"]


(PIN,) = fingerprints(ANCHOR)


class Site:
    """A policies folder of its own; every command runs under it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.anchors = folder / "anchors"
        for part in ("schema", "domains"):
            shutil.copytree(ROOT / "policies" / part, folder / part)
        shutil.copy(ROOT / "policies" / "algorithms.yaml", folder)

    def domain(self, text: str, file: str = "site.yaml") -> None:
        (self.folder / "domains" / file).write_text(text, "utf-8")

    def run(self, *arguments: object, answer: str = "", **settings: str) -> Result:
        environment = {"LANG": "C.UTF-8", "CA_BRIDGE_POLICIES": str(self.folder)} | settings
        program = command_line(wiring.composition())  # a gateway is built once and knows what lay there then
        return CliRunner().invoke(program, [str(a) for a in arguments], input=answer, env=environment)

    def imported(self) -> set[str]:
        return {path.name for path in self.anchors.glob("*")}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path / "policies")
    made.domain(
        "domain: site\ntitle: {zh: 站点, en: Site}\nanchors:\n"
        f'  - sha256: {PIN}\n    name: "Test root"\nrevocation: none\n'
    )
    return made


def test_check_of_what_is_shipped(site: Site) -> None:
    result = site.run("policy", "check")
    assert result.exit_code == 0
    assert f"site: not imported yet / 尚未导入: Test root ({PIN})" in result.output
    assert "6 domain(s) can be used / 6 个信任域可用" in result.output
    assert "no default domain" not in result.output


def test_check_tells_of_an_absent_default_domain(site: Site) -> None:
    result = site.run("policy", "check", CA_BRIDGE_DEFAULT_DOMAIN="elsewhere")
    assert result.exit_code == 0
    assert "no default domain / 缺少默认信任域: elsewhere (CA_BRIDGE_DEFAULT_DOMAIN)" in result.output


def test_check_tells_file_and_line_of_every_mistake(site: Site) -> None:
    site.domain("domain: one\nrevokation: none\n", "one.yaml")
    site.domain("domain: &a two\n", "two.yaml")
    result = site.run("policy", "check")
    assert result.exit_code == 1
    assert "one.yaml:2: unknown key 'revokation' / 未知的键 'revokation'" in result.output
    assert "two.yaml:1: uses a YAML alias, anchor or tag" in result.output
    assert "4 problem(s) / 4 处问题" in result.output


def test_a_broken_policy_stops_every_command_the_same_way(site: Site) -> None:
    site.domain("domain: [\n", "broken.yaml")
    result = site.run("doctor", "--lang", "en")
    assert result.exit_code == 1
    assert "broken.yaml:2: is not YAML" in result.output


def test_hostile_names_in_policies_come_out_escaped(site: Site) -> None:
    site.domain(
        "domain: site\ntitle: {zh: 站点, en: Site}\n"
        f'anchors:\n  - sha256: {PIN}\n    name: "\\e[2J\\u202Eevil"\n'
    )
    site.domain("x: 1\n", "\x1b[31m.yaml")
    broken = site.run("policy", "check")
    (site.folder / "domains" / "\x1b[31m.yaml").unlink()
    for output in (broken.output, site.run("policy", "check").output):
        assert not {"\x1b", "\u202e"} & set(output)
    assert r"\u{1b}[2J\u{202e}evil" in site.run("policy", "check").output


@pytest.mark.parametrize("answer", ["y\n", "Y\n", "yes\n"])
def test_add_asks_and_imports(site: Site, answer: str) -> None:
    result = site.run("anchors", "add", ANCHOR, answer=answer)
    assert result.exit_code == 0
    assert "subject / 主体   CN=TEST ROOTCA SM2" in result.output
    assert f"SHA-256          {PIN}" in result.output
    assert "pinned by / 登记于 site" in result.output
    assert "核对" in result.output
    assert site.imported() == {f"{PIN}.der"}
    assert (site.anchors / f"{PIN}.der").stat().st_mode & 0o444
    assert PIN not in site.run("policy", "check").output


@pytest.mark.parametrize("answer", ["n\n", "\n"])
def test_add_imports_nothing_without_consent(site: Site, answer: str) -> None:
    result = site.run("anchors", "add", ANCHOR, answer=answer)
    assert result.exit_code == 1
    assert "nothing imported / 未导入" in result.output
    assert not site.anchors.exists()


def test_add_without_anybody_to_ask(site: Site) -> None:
    assert site.run("anchors", "add", ANCHOR).exit_code == 1
    assert not site.anchors.exists()


@pytest.mark.parametrize(
    "form", [PIN, PIN.upper(), ":".join(PIN[i : i + 2] for i in range(0, 64, 2)), f" {PIN} "]
)
def test_add_by_fingerprint_does_not_ask(site: Site, form: str) -> None:
    assert site.run("anchors", "add", ANCHOR, "--sha256", form).exit_code == 0
    assert site.imported() == {f"{PIN}.der"}


@pytest.mark.parametrize("form", ["", "00", PIN[:-1] + "g", PIN[:-2]])
def test_add_with_another_fingerprint_imports_nothing(site: Site, form: str) -> None:
    result = site.run("anchors", "add", ANCHOR, "--yes", "--sha256", form)
    assert result.exit_code == 1
    assert "nothing imported" in result.output
    assert "未导入" in result.output
    assert not site.anchors.exists()


def test_add_one_of_a_bundle(site: Site) -> None:
    wanted = fingerprints(DEMO / "chain.pem")[1]
    result = site.run("anchors", "add", DEMO / "chain.pem", "--sha256", wanted)
    assert result.exit_code == 0
    assert site.imported() == {f"{wanted}.der"}


def test_add_asks_for_each_of_a_bundle(site: Site) -> None:
    prints = fingerprints(DEMO / "chain.p7b")
    answers = "n\n" + "y\n" * (len(prints) - 1)
    result = site.run("anchors", "add", DEMO / "chain.p7b", answer=answers)
    assert result.exit_code == 0
    assert site.imported() == {f"{p}.der" for p in prints[1:]}
    assert "pinned by no domain" in result.output
    assert "没有信任域登记它" in result.output


def test_add_twice_is_no_harm(site: Site) -> None:
    for _ in range(2):
        assert site.run("anchors", "add", ANCHOR, "--yes").exit_code == 0
    assert site.imported() == {f"{PIN}.der"}


def test_list(site: Site) -> None:
    assert site.run("anchors", "list").output == "nothing imported yet / 尚未导入任何信任锚\n"
    site.run("anchors", "add", ANCHOR, "--yes")
    site.run("anchors", "add", DEMO / "anchor-hk-root.pem", "--yes")
    (other,) = fingerprints(DEMO / "anchor-hk-root.pem")
    lines = site.run("anchors", "list").output.splitlines()
    assert sorted(lines) == lines
    assert f"{PIN}  site  CN=TEST ROOTCA SM2, " in "\n".join(lines)
    assert f"{other}  -  CN=Test HK Root CA" in "\n".join(lines)
    (site.anchors / "odd.der").write_bytes(b"\x30\x06\x30\x00\x30\x00\x03\x00")
    assert "(DER_" in site.run("anchors", "list").output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "INPUT_EMPTY"),
        (b"hello", "INPUT_UNRECOGNIZED"),
        (b"\x30\x06\x30\x00\x30\x00\x03\x00", "DER_"),
        ((DEMO / "crls.pem").read_bytes(), "no certificate in it"),
        (b"-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n", "PRIVATE_KEY_IN_INPUT"),
        (None, "cannot be read: No such file"),
    ],
)
def test_add_of_what_is_no_certificate(site: Site, tmp_path: Path, content: bytes | None, said: str) -> None:
    path = tmp_path / "x\x1b[31m"
    if content is not None:
        path.write_bytes(content)
    result = site.run("anchors", "add", path, "--yes")
    assert result.exit_code == 2
    assert said in result.output
    assert "\x1b" not in result.output
    assert "MAMCAQA=" not in result.output
    assert not site.anchors.exists()


def test_add_into_a_folder_that_cannot_be_written(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    result = site.run("anchors", "add", ANCHOR, "--yes", CA_BRIDGE_ANCHORS=str(tmp_path / "file" / "anchors"))
    assert result.exit_code == 1
    assert "无法写入" in result.output


def test_hostile_names_in_certificates_come_out_escaped(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "hostile.der"
    path.write_bytes(certificate(subject=name("\x1b[2J\u202eevil\npinned by: site")))
    result = site.run("anchors", "add", path, "--yes")
    assert result.exit_code == 0
    listed = site.run("anchors", "list")
    for output in (result.output, listed.output):
        assert not {"\x1b", "\u202e"} & set(output)
        assert r"\u{1b}[2J\u{202e}evil\u{a}pinned by: site" in output


def test_from_the_published_root_to_a_verdict(site: Site) -> None:
    """The national root is imported; a licensed CA's certificate then holds under the shipped domain."""
    root = shared_data("real", "sm2", "ROOTCA-9c28d384.pem")
    target = shared_data("real", "sm2", "GDCA_TrustAUTH_E1_CA-7da12702.pem")
    crl = shared_data("real", "crl", "C_CN_O_NRCAC_CN_ROOTCA-77bdbb41.crl")
    described = json.loads(site.run("inspect", crl, "--json").output)[0]
    ask = ("validate", target, "--domain", "mainland-sm2", "--at", described["this_update"], "--json")
    before = json.loads(site.run(*ask, "--crl", crl).output)
    assert before["indication"] == "INDETERMINATE"
    added = site.run("anchors", "add", root, "--sha256", fingerprints(root)[0])
    assert added.exit_code == 0
    assert "greater-bay-area, mainland-sm2" in added.output
    good = site.run(*ask, "--crl", crl)
    assert good.exit_code == 0
    verdict = json.loads(good.output)
    assert verdict["indication"] == "TOTAL_PASSED"
    assert verdict["trust_anchor"] == fingerprints(root)[0]
    without = json.loads(site.run(*ask).output)
    assert without["reasons"][0]["code"] == "REVOCATION_EVIDENCE_MISSING"


def test_the_bank_s_certificate_needs_its_own_list_under_the_shipped_domain(site: Site) -> None:
    root = shared_data("real", "sm2", "ROOTCA-9c28d384.pem")
    assert site.run("anchors", "add", root, "--yes").exit_code == 0
    ask: list[object] = ["validate", shared_data("real", "sm2", "ebssec_boc_cn-0147ac31.pem")]
    for ca in ("C_CN_O_CFCA_SM2_OCA1-e6326c17.pem", "CFCA_CS_SM2_CA-1ec27345.pem"):
        ask += ["--chain", shared_data("real", "sm2", ca)]
    ask += ["--domain", "mainland-sm2", "--at", "2023-01-01T00:00:00Z", "--json"]
    refused = json.loads(site.run(*ask).output)
    assert refused["indication"] == "INDETERMINATE"
    assert refused["reasons"][0]["code"] == "REVOCATION_EVIDENCE_MISSING"
    assert len(refused["path"]) == 3
    loosened = json.loads(site.run(*ask, "--revocation", "none").output)
    assert loosened["indication"] == refused["indication"]
