from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from ca_bridge.adapters.domain_files import read_domain
from ca_bridge.adapters.policy_schema import read_schema
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.core.request import ANY_POLICY, Purpose, RevocationRule

POLICIES = Path(__file__).resolve().parents[2] / "policies"
SCHEMA = read_schema(POLICIES / "schema" / "domain.schema.json")
PROFILES = frozenset({"default", "legacy"})
PIN = "9c28d3847414bfff1a5749e7e2381146f82842083e8c592e16a612d04a5ba8cd"
TEXT = f"""domain: site
title: {{zh: 站点, en: Site}}
anchors:
  - sha256: {PIN}
    name: CN=ROOTCA
"""


def written(folder: Path, text: str, name: str = "site.yaml") -> Path:
    path = folder / "domains" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def problems(path: Path) -> list[tuple[int, str]]:
    with pytest.raises(PolicyFileError) as caught:
        read_domain(path, SCHEMA, PROFILES)
    assert all(p.file == path.name and p.message_zh for p in caught.value.problems)
    return [(p.line, p.message_en) for p in caught.value.problems]


def test_the_least_a_domain_can_say(tmp_path: Path) -> None:
    domain = read_domain(written(tmp_path, TEXT), SCHEMA, PROFILES)
    assert (domain.name, domain.title_zh, domain.title_en) == ("site", "站点", "Site")
    (anchor,) = domain.anchors
    assert (anchor.sha256, anchor.enforce_validity, anchor.enforce_constraints) == (PIN, True, True)
    assert domain.purposes == frozenset(Purpose)
    asked = domain.parameters
    assert asked.revocation is RevocationRule.IF_AVAILABLE
    assert asked.user_initial_policy_set == {ANY_POLICY}
    assert (asked.initial_explicit_policy, asked.max_path_length) == (False, None)
    assert (asked.algorithm_profile, asked.sm2_user_ids) == ("default", (b"1234567812345678",))


def test_all_a_domain_can_say(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    text = TEXT + (
        "    enforce_validity: false\n    enforce_constraints: false\n"
        "certificates: [more]\n"
        "purposes: [server_auth, client_auth]\n"
        "initial:\n  user_initial_policy_set: [2.999.1]\n  explicit_policy: true\n"
        "  policy_mapping_inhibit: true\n  any_policy_inhibit: true\n  max_path_length: 2.0\n"
        "algorithm_profile: default\nrevocation: require_all\n"
        "sm2_user_ids: ['1234567812345678', 'hex:', 'hex:00ff', 用户]\n"
    )
    domain = read_domain(written(tmp_path, text), SCHEMA, PROFILES)
    assert not domain.anchors[0].enforce_validity
    assert not domain.anchors[0].enforce_constraints
    assert domain.certificates == ("more",)
    assert domain.purposes == {Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH}
    asked = domain.parameters
    assert asked.user_initial_policy_set == {"2.999.1"}
    assert asked.initial_explicit_policy
    assert asked.initial_policy_mapping_inhibit
    assert asked.initial_any_policy_inhibit
    assert repr(asked.max_path_length) == "2"
    assert asked.revocation is RevocationRule.REQUIRE_ALL
    assert asked.sm2_user_ids == (b"1234567812345678", b"", b"\x00\xff", "用户".encode())


def test_what_a_domain_relies_on(tmp_path: Path) -> None:
    domain = read_domain(written(tmp_path, TEXT), SCHEMA, PROFILES)
    assert (domain.trust_lists, domain.cross_certification) == ((), True)
    text = TEXT + "trust_lists: [hong-kong, macau]\ncross_certification: false\n"
    domain = read_domain(written(tmp_path, text), SCHEMA, PROFILES)
    assert (domain.trust_lists, domain.cross_certification) == (("hong-kong", "macau"), False)


def test_authorities_want_a_scale_and_a_scale_a_jurisdiction(tmp_path: Path) -> None:
    assert problems(written(tmp_path, TEXT + "authorities: []\n")) == [
        (1, "the file: 'assurance' is a dependency of 'authorities'")
    ]
    assert problems(written(tmp_path, TEXT + "assurance: {scale: s, levels: [low]}\n")) == [
        (1, "the file: 'jurisdiction' is a dependency of 'assurance'")
    ]


def test_unknown_keys_are_refused_one_by_one_at_their_lines(tmp_path: Path) -> None:
    text = TEXT + "    enforce_validty: false\nrevokation: none\ninitial:\n  explicit: true\n1: 2\n"
    assert problems(written(tmp_path, text)) == [
        (6, "unknown key 'enforce_validty'"),
        (7, "unknown key 'revokation'"),
        (9, "unknown key 'explicit'"),
        (10, "unknown key 1"),
    ]


@pytest.mark.parametrize(
    ("added", "line", "said"),
    [
        ("revocation: never\n", 6, "revocation: 'never' is not one of"),
        ("revocation: [none]\n", 6, "revocation"),
        ("purposes: []\n", 6, "purposes"),
        ("purposes: [any, any]\n", 6, "purposes"),
        ("initial: {max_path_length: -1}\n", 6, "initial.max_path_length"),
        ("initial: {max_path_length: 21}\n", 6, "initial.max_path_length"),
        ("initial: {explicit_policy: 1}\n", 6, "initial.explicit_policy"),
        ('initial: {user_initial_policy_set: ["1.2\\n"]}\n', 6, "initial.user_initial_policy_set.0"),
        ("initial: {user_initial_policy_set: [3.1]}\n", 6, "initial.user_initial_policy_set.0"),
        ("sm2_user_ids: ['hex:0']\n", 6, "sm2_user_ids.0"),
        ("sm2_user_ids:\n- |\n  1234567812345678\n", 7, "sm2_user_ids.0"),
        ("certificates: [../../etc]\n", 6, "certificates.0"),
        ("certificates: [/etc]\n", 6, "certificates.0"),
        ("certificates:\n  - policies-elsewhere\n", 7, "'policies-elsewhere' is not there"),
        ("algorithm_profile: legacy\n", 6, "'legacy' is not a profile a domain can use (default)"),
        ("algorithm_profile: modern\n", 6, "'modern' is not a profile a domain can use (default)"),
        (f"  - {{sha256: {PIN}, name: again}}\n", 6, "the same anchor twice"),
        (f"  - {{sha256: {PIN.upper()}, name: capitals}}\n", 6, "anchors.1.sha256"),
        (f'  - {{sha256: "{PIN}\\n", name: line end}}\n', 6, "anchors.1.sha256"),
    ],
)
def test_values_that_cannot_be_used(tmp_path: Path, added: str, line: int, said: str) -> None:
    found = problems(written(tmp_path, TEXT + added))
    assert any(at == line and said in message for at, message in found), found


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    assert [line for line, _ in problems(written(tmp_path, "domain: Site\nx: 1\nanchors: []\n"))] == [
        1,
        1,
        2,
        3,
    ]


@pytest.mark.parametrize("text", ["", "[]", "text", "7"])
def test_a_file_that_is_no_mapping(tmp_path: Path, text: str) -> None:
    assert "the file: " in problems(written(tmp_path, text))[0][1]


@pytest.mark.parametrize("name", ["other.yaml", "site.yml", "site.YAML"])
def test_a_domain_has_the_name_of_its_file(tmp_path: Path, name: str) -> None:
    assert problems(written(tmp_path, TEXT, name)) == [
        (1, "the file of domain 'site' must be named site.yaml")
    ]


def test_every_shipped_domain_can_be_read() -> None:
    paths = sorted((POLICIES / "domains").glob("*.yaml"))
    assert len(paths) == 5
    for path in paths:
        domain = read_domain(path, SCHEMA, PROFILES)
        assert domain.parameters.revocation is RevocationRule.REQUIRE_TARGET
        assert domain.title_zh != domain.title_en


def _removed(path: Path) -> None:
    path.unlink()


def _not_json(path: Path) -> None:
    path.write_text("{", "utf-8")


def _not_text(path: Path) -> None:
    path.write_bytes(b"\xff")


def _no_schema(path: Path) -> None:
    path.write_text(json.dumps({"type": "nothing known"}), "utf-8")


def _deep(path: Path) -> None:
    path.write_text("[" * 200_000, "utf-8")


@pytest.mark.parametrize("spoil", [_removed, _not_json, _not_text, _no_schema, _deep])
def test_a_schema_that_is_none(tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    path = tmp_path / "domain.schema.json"
    shutil.copy(POLICIES / "schema" / "domain.schema.json", path)
    spoil(path)
    with pytest.raises(PolicyFileError, match=r"schema/domain\.schema\.json:1: cannot be read"):
        read_schema(path)


def test_the_schema_agrees_with_the_code() -> None:
    properties: dict[str, Any] = SCHEMA["properties"]
    assert set(properties["purposes"]["items"]["enum"]) == {p.value for p in Purpose}
    assert set(properties["revocation"]["enum"]) == {r.value for r in RevocationRule}
    page = (POLICIES / "README.md").read_text("utf-8")
    assert [key for key in properties if f"`{key}`" not in page] == []
    assert yaml.safe_load(TEXT).keys() <= properties.keys()


def test_the_example_in_the_documents_is_a_domain(tmp_path: Path) -> None:
    page = (POLICIES.parent / "docs" / "operating.md").read_text("utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    domain = read_domain(written(tmp_path, example, "my-office.yaml"), SCHEMA, PROFILES)
    assert domain.parameters.revocation is RevocationRule.REQUIRE_ALL
