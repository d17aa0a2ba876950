"""Publishing lists as an operator sets it up: one file, one key, and the command."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ca_bridge import wiring
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.interfaces.cli.app import command_line
from tests.recognition.scheme_documents import documents, write_folder

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test list signer")])
PUBLISHER = {
    "key": "signer.key",
    "certificate": "signer.pem",
    "folder": "published",
    "period_days": 30,
    "street": "1 Test Road",
    "locality": "Guangzhou",
    "country": "CN",
    "electronic_address": "mailto:lists@example.org",
    "information_uri": "https://example.org/lists",
    "legal_notice": {"zh": "测试", "en": "Test"},
}


class Desk:
    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        write_folder(folder / "policies", documents())
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.pin = self.certify(self.key)
        self.write_key(self.key)
        self.describe()
        monkeypatch.setenv("CA_BRIDGE_POLICIES", str(folder / "policies"))
        monkeypatch.setenv("CA_BRIDGE_PUBLISHER", str(folder / "publisher.yaml"))

    def certify(self, key: ec.EllipticCurvePrivateKey) -> str:
        now = SystemClock().now()
        certificate = (
            x509.CertificateBuilder(NAME, NAME, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=9))
            .sign(key, hashes.SHA256())
        )
        (self.folder / "signer.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        return sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()

    def write_key(self, key: ec.EllipticCurvePrivateKey) -> None:
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        (self.folder / "signer.key").write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))

    def describe(self, **changes: object) -> None:
        text = yaml.safe_dump(PUBLISHER | changes, allow_unicode=True)
        (self.folder / "publisher.yaml").write_text(text, "utf-8")

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(command_line(wiring.composition()), ["trust-list", *words])


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


@pytest.mark.parametrize("form", ["xml", "json"])
def test_a_published_list_is_read_back_by_its_signer(desk: Desk, form: str) -> None:
    out = desk.folder / f"hong-kong.{form}"
    result = desk.run("export", "hong-kong", "--format", form, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert (desk.folder / "published" / "hong-kong.json").exists()
    again = desk.run("diff", str(out), "--signer", desk.pin)
    assert again.exit_code in {0, 1}, again.output
    refused = desk.run("diff", str(out), "--signer", "0" * 64)
    assert refused.exit_code == 1
    assert "SIGNER_NOT_PINNED" in refused.output


WRONG = {
    "key missing": ({"key": "nowhere.key"}, "names no private key in PEM / 未指向 PEM 私钥文件"),
    "certificate missing": ({"certificate": "nowhere.pem"}, "names no certificate in PEM"),
    "unknown key": ({"surprise": 1}, "unknown key 'surprise'"),
    "period": ({"period_days": 0}, "period_days"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_in_the_file_is_told_by_line(desk: Desk, case: str) -> None:
    change, told = WRONG[case]
    desk.describe(**change)
    out = desk.folder / "out.xml"
    result = desk.run("export", "hong-kong", "--format", "xml", "--out", str(out))
    assert told in str(result.exception)
    assert "publisher.yaml:" in str(result.exception)
    assert not out.exists()


def test_a_key_of_another_certificate_is_refused(desk: Desk) -> None:
    desk.write_key(ec.generate_private_key(ec.SECP256R1()))
    result = desk.run("export", "hong-kong", "--format", "xml", "--out", str(desk.folder / "out.xml"))
    assert "is not the key of the certificate / 与证书的公钥不匹配" in str(result.exception)


def test_without_the_setting_nothing_is_published(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CA_BRIDGE_PUBLISHER")
    result = desk.run("export", "hong-kong", "--format", "xml", "--out", str(desk.folder / "out.xml"))
    assert "CA_BRIDGE_PUBLISHER" in str(result.exception)
