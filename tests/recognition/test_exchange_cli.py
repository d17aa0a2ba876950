"""`ca-bridge trust-list` over real lists: verified, compared, written, published."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ca_bridge.adapters.trust_list_json import publish_json, read_json
from ca_bridge.adapters.trust_list_publishing import TrustListPress
from ca_bridge.adapters.trust_list_shelf import TrustListShelf
from ca_bridge.adapters.trust_list_xml import read_xml
from ca_bridge.adapters.yaml_document import parse_yaml
from ca_bridge.core.recognition.agreement import ANYTHING
from ca_bridge.interfaces.cli.trust_list import TrustListDesk, trust_list_commands
from ca_bridge.services.recognition_reading import read_policy
from ca_bridge.services.trust_list_csv import write_page
from tests.recognition.exchange import (
    NOW,
    PUBLISHER,
    certificate_of,
    entry,
    published,
    signer,
    trust_list,
)
from tests.recognition.test_exchange_eu import LIST

STORED = trust_list()
NEWER = trust_list(sequence_number=8, entries=(entry(level="medium"),))


def run(folder: Path, *arguments: str, known=STORED) -> Result:
    by = signer()
    press = TrustListPress(
        publisher=PUBLISHER,
        key=by.key,
        certificate=by.certificate,
        certificate_of=certificate_of,
        shelf=TrustListShelf(folder / "published"),
        period=timedelta(days=30),
        now=lambda: NOW,
    )
    desk = TrustListDesk(
        now=lambda: NOW,
        stored=lambda name: known if known and known.identifier == name else None,
        read_xml=read_xml,
        read_json=read_json,
        publish=press.publish,
    )
    return CliRunner().invoke(trust_list_commands(desk), arguments)


def saved(folder: Path, name: str, raw: bytes) -> str:
    (folder / name).write_bytes(raw)
    return str(folder / name)


def newer(folder: Path, form: str) -> str:
    raw = published(NEWER) if form == "xml" else publish_json(NEWER, signer().key, signer().certificate)
    return saved(folder, f"newer.{form}", raw)


@pytest.mark.parametrize("form", ["xml", "json"])
def test_import_shows_the_changes_and_writes_the_document(tmp_path: Path, form: str) -> None:
    out = tmp_path / "hong-kong.yaml"
    pin = ":".join(signer().pin[i : i + 2] for i in range(0, 64, 2)).upper()
    result = run(tmp_path, "import", newer(tmp_path, form), "--signer", pin, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert 'entry hk-personal: level from "high" to "medium"' in result.output
    assert '条目 hk-personal：level 由 "high" 改为 "medium"' in result.output
    data = parse_yaml(out.read_bytes(), "hong-kong.yaml").data
    assert read_policy({"trust-lists/hong-kong.yaml": data}).trust_lists == (NEWER,)


def test_diff_writes_nothing(tmp_path: Path) -> None:
    file = newer(tmp_path, "xml")
    result = run(tmp_path, "diff", file, "--signer", signer().pin)
    assert result.exit_code == 0
    assert "sequence_number from 7 to 8" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["newer.xml"]
    result = run(tmp_path, "diff", file, "--signer", signer().pin, known=NEWER)
    assert "nothing changes" in result.output


def test_refusals_end_with_their_code(tmp_path: Path) -> None:
    file, out = newer(tmp_path, "xml"), tmp_path / "out.yaml"
    result = run(tmp_path, "import", file, "--signer", "0" * 64, "--out", str(out))
    assert (result.exit_code, result.output.partition(":")[0]) == (1, "SIGNER_NOT_PINNED")
    known = replace(NEWER, sequence_number=9)
    result = run(tmp_path, "import", file, "--signer", signer().pin, "--out", str(out), known=known)
    assert (result.exit_code, result.output.partition(":")[0]) == (1, "REPLAYED")
    result = run(tmp_path, "diff", file, "--signer", signer().pin, "--list", "macau")
    assert (result.exit_code, result.output.partition(":")[0]) == (1, "OTHER_LIST")
    eu = saved(tmp_path, "eu.xml", LIST)
    result = run(tmp_path, "import", eu, "--signer", signer().pin, "--out", str(out))
    assert (result.exit_code, result.output.partition(":")[0]) == (1, "NO_RECOGNITION_CONDITIONS")
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--signer", "abc"), "64 hexadecimal digits"),
        ((), "--signer is needed"),
        (("--format", "csv"), "--list"),
        (("--format", "csv", "--list", "macau"), "no trust list macau"),
    ],
)
def test_usage(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    file = saved(tmp_path, "page.json", write_page(()))
    result = run(tmp_path, "diff", file, *arguments)
    assert result.exit_code == 2
    assert told in result.output


def test_unknown_form_and_unwritable_file(tmp_path: Path) -> None:
    result = run(tmp_path, "diff", saved(tmp_path, "list.txt", b""))
    assert (result.exit_code, "--format is needed" in result.output) == (2, True)
    result = run(tmp_path, "export", "hong-kong", "--out", str(tmp_path / "none" / "list.xml"))
    assert (result.exit_code, "无法写入" in result.output) == (2, True)


def test_show_foreign_list(tmp_path: Path) -> None:
    eu = saved(tmp_path, "eu.xml", LIST)
    result = run(tmp_path, "show", eu, "--signer", signer().pin, "--at", "2018-01-01T00:00:00Z")
    lines = result.output.splitlines()
    assert lines[0].startswith("recognised: First: Issuing of certificates by QC CA 1: ")
    assert lines[1].startswith("not_listed: First: Issuing of certificates by Old CA: ")
    assert lines[4].startswith("not_recognised (critical / 关键扩展: Rule): Second: ")
    assert run(tmp_path, "show", eu, "--signer", signer().pin).output.startswith("recognised: First")
    result = run(tmp_path, "show", eu, "--signer", signer().pin, "--at", "then")
    assert result.exit_code == 2


def test_page(tmp_path: Path) -> None:
    bare = replace(entry(level="low"), conditions=ANYTHING)
    pins = bare.issuers[0].sha256
    file = saved(tmp_path, "page.csv", write_page((bare,)).replace(pins.encode(), b""))
    out = tmp_path / "out.yaml"
    result = run(tmp_path, "import", file, "--list", "hong-kong", "--out", str(out))
    assert result.exit_code == 0, result.output
    assert "row / 行 2:" in result.output
    assert 'status from "active" to "draft"' in result.output
    assert parse_yaml(out.read_bytes(), "x").data["entries"][0]["status"] == "draft"


def test_export_in_every_form(tmp_path: Path) -> None:
    pins, bare = {signer().pin}, trust_list(entries=(replace(entry(), conditions=ANYTHING),))
    outs = {form: tmp_path / f"list.{form}" for form in ("xml", "json", "csv")}
    for out in outs.values():
        assert run(tmp_path, "export", "hong-kong", "--out", str(out), known=bare).exit_code == 0
    first = read_xml(outs["xml"].read_bytes(), pins, NOW).trust_list
    assert first == replace(bare, issued=NOW, next_update=NOW + timedelta(days=30))
    assert read_json(outs["json"].read_bytes(), pins, NOW) == first
    assert outs["csv"].read_bytes() == write_page(bare.entries)
    result = run(tmp_path, "export", "hong-kong", "--out", str(outs["csv"]))
    assert (result.exit_code, result.output.partition(":")[0]) == (1, "NOT_EXPRESSIBLE")
    assert run(tmp_path, "export", "hong-kong", "--out", str(outs["json"])).exit_code == 0
    assert read_json(outs["json"].read_bytes(), pins, NOW).sequence_number == 8
    assert run(tmp_path, "export", "macau", "--out", str(outs["json"])).exit_code == 2
