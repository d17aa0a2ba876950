"""`ca-bridge policy lint` and what it stands on: every problem at its line, in both languages."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from ca_bridge.adapters.domain_files import absent_certificates
from ca_bridge.adapters.policy_folder import lint_folder, read_policy_folder
from ca_bridge.adapters.recognition_files import check_documents
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.interfaces.cli.policy import lint_command
from ca_bridge.services.recognition_reading import Place
from tests.recognition.big_release import big_documents

POLICIES = Path(__file__).resolve().parents[2] / "policies"
SCHEMAS = POLICIES / "schema"
ONE, TWO, THREE = "a" * 64, "b" * 64, "c" * 64
FILES = {
    "domains/a.yaml": f"""domain: a
title: {{zh: 甲, en: A}}
anchors:
  - {{sha256: {ONE}, name: CN=A}}
jurisdiction: HK
assurance:
  scale: s
  levels: [low, high]
  policies:
    - {{policy: 2.999.1.1, level: low}}
authorities:
  - identifier: ca-a
    title: {{zh: 甲, en: A}}
    certificates: [{ONE}]
    licence: {{number: L1, not_before: "2020-01-01T00:00:00Z"}}
trust_lists: [list]
""",
    "domains/b.yaml": f"""domain: b
title: {{zh: 乙, en: B}}
anchors:
  - {{sha256: {TWO}, name: CN=B}}
jurisdiction: CN-44
assurance: {{scale: s, levels: [plain]}}
""",
    "domains/c.yaml": f"""domain: c
title: {{zh: 丙, en: C}}
anchors:
  - {{sha256: {THREE}, name: CN=C}}
""",
    "agreements/ab.yaml": """agreement: ab
title: {zh: 甲乙, en: A and B}
kind: mutual
issuer_domain: a
subject_domain: b
status: active
effective_from: "2024-01-01T00:00:00Z"
mappings:
  - {issuer_domain_policy: 2.999.1.1, subject_domain_policy: 2.999.2.1, level: high}
reverse_mappings:
  - {issuer_domain_policy: 2.999.2.1, subject_domain_policy: 2.999.1.1, level: plain}
conditions:
  permitted_names:
    - {type: directory_name, value: "O=Example,C=HK"}
""",
    "trust-lists/list.yaml": f"""trust_list: list
title: {{zh: 列表, en: List}}
territory: HK
scheme_operator: Office
sequence_number: 1
issued: "2024-01-01T00:00:00Z"
entries:
  - entry: e
    title: {{zh: 条目, en: Entry}}
    regulator: Office
    authority: CA
    status: active
    recognised_from: "2024-01-01T00:00:00+08:00"
    roots: [{{sha256: {ONE}}}]
    issuers: [{{sha256: {TWO}}}]
    type_name: Personal
    policy_arcs: [2.999.810.2]
    level: high
    history:
      - roots: [{{sha256: {THREE}}}]
        issuers: [{{sha256: {TWO}}}]
        undated: refuse
""",
    "blocklist.yaml": f"""blocks:
  - block: one
    kind: key
    value: {ONE}
    reason: {{zh: 泄露, en: leaked}}
    publication: Notice 1
    effective_from: "2024-01-01T00:00:00Z"
""",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SCHEMAS, tmp_path / "schema")
    shutil.copy(POLICIES / "algorithms.yaml", tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def told(folder: Path) -> list[tuple[str, int, str, str]]:
    return [(p.file, p.line, p.message_en, p.message_zh) for p in lint_folder(folder).problems]


def _rows_twice(text: str) -> str:
    """The last list of the document, and its rows again."""
    head, key, rows = text.rpartition("entries:\n" if "entries:" in text else "blocks:\n")
    return head + key + rows + rows


def test_the_folder_that_is_spoiled_below_is_right(folder: Path) -> None:
    assert lint_folder(folder).domains == 3
    assert told(folder) == []


A, B, AB = "domains/a.yaml", "domains/b.yaml", "agreements/ab.yaml"
LIST, BLOCKS = "trust-lists/list.yaml", "blocklist.yaml"
PERSONAL = "    type_name: Personal\n"
MAPPING = "  - {issuer_domain_policy: 2.999.1.1, subject_domain_policy: 2.999.2.1, level: high}\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "en", "zh"),
    [
        (A, "levels: [low, high]", "levels: [high]", 10, "'low' is no level of the scale 's'", "等级体系"),
        (
            A,
            "  policies:\n",
            "  policies:\n    - {policy: 2.5.29.32.0, level: low}\n",
            10,
            "anyPolicy",
            "定级",
        ),
        (
            A,
            "authorities:",
            "    - {policy: 2.999.1.1, level: high}\nauthorities:",
            11,
            "policy 2.999.1.1 is graded 'low' and 'high'",
            "两级",
        ),
        (
            A,
            "authorities:",
            "    - {policy: 2.999.1.1, level: low}\nauthorities:",
            11,
            "the same row",
            "重复",
        ),
        (A, f"    certificates: [{ONE}]\n", "", 12, "has neither here", "两者皆无"),
        (
            A,
            "trust_lists:",
            f"  - {{identifier: ca-a, title: {{zh: 又, en: X}}, keys: [{TWO}]}}\ntrust_lists:",
            16,
            "authority 'ca-a' stands twice",
            "认证机构 'ca-a' 重复",
        ),
        (
            A,
            "trust_lists:",
            f"  - {{identifier: x, title: {{zh: 又, en: X}}, certificates: [{ONE}]}}\ntrust_lists:",
            16,
            "is pinned by authority 'ca-a' of domain 'a' already",
            "已固定",
        ),
        (
            A,
            'Z"}',
            'Z", not_after: "2020-01-01T00:00:00Z"}',
            15,
            "not_after is not after not_before",
            "不晚于",
        ),
        (
            A,
            "2020-01-01T00:00:00Z",
            "2020-01-01T00:00:00",
            15,
            "is not an RFC 3339 time with its zone",
            "时区",
        ),
        (A, "trust_lists: [list]", "trust_lists: [other]", 16, "there is no trust list 'other'", "信任列表"),
        (A, "jurisdiction: HK\n", "", 1, "'jurisdiction' is a dependency of 'assurance'", "相关的键"),
        (
            A,
            "trust_lists:",
            "algorithm_profile: legacy\ntrust_lists:",
            16,
            "'legacy' is not a profile",
            "配置",
        ),
        (A, "trust_lists:", "certificates: [more]\ntrust_lists:", 16, "'more' is not there", "不存在"),
        (A, "jurisdiction: HK", "jurisdictio: HK", 5, "unknown key 'jurisdictio'", "未知的键 'jurisdictio'"),
        (A, "domain: a\n", "domain: d\n", 1, "the file of domain 'd' must be named d.yaml", "文件名"),
        (AB, "agreement: ab", "agreement: ba", 1, "agreement 'ba' must be named ba.yaml", "协议 'ba'"),
        (AB, "subject_domain: b", "subject_domain: d", 5, "there is no domain 'd'", "没有名为 'd' 的域"),
        (AB, "subject_domain: b", "subject_domain: c", 5, "domain 'c' has no assurance", "没有保证等级"),
        (AB, "subject_domain: b", "subject_domain: a", 5, "a domain cannot recognise itself", "不能承认自身"),
        (AB, "level: high", "level: plain", 9, "no level of the relying domain (low, high)", "依赖方域"),
        (AB, "level: plain", "level: high", 11, "no level of the relying domain (plain)", "依赖方域"),
        (AB, "kind: mutual", "kind: unilateral", 10, "only a mutual agreement maps the other way", "反向"),
        (AB, MAPPING, MAPPING * 2, 10, "the same mapping twice", "映射重复"),
        (AB, "_policy: 2.999.1.1, s", "_policy: 2.5.29.32.0, s", 9, "anyPolicy cannot be mapped", "不可映射"),
        (AB, "_policy: 2.999.2.1, l", "_policy: 2.5.29.32.0, l", 9, "anyPolicy cannot be mapped", "不可映射"),
        (AB, "_policy: 2.999.2.1, l", "_policy: 2.999.02, l", 9, "'2.999.02' does not match", "格式不对"),
        (
            AB,
            "mappings:",
            'effective_until: "2023-01-01T00:00:00Z"\nmappings:',
            8,
            "effective_until is not after effective_from",
            "不晚于",
        ),
        (AB, "O=Example,C=HK", "C=HK,O=Example", 14, "RFC 4514 writes the country last", "国家应写在最后"),
        (AB, "O=Example,C=HK", "Example", 14, "is not a distinguished name in RFC 4514", "可辨别名称"),
        (
            AB,
            'directory_name, value: "O=Example,C=HK"',
            "ip_address, value: 192.0.2.1/24",
            14,
            "without host bits",
            "网段",
        ),
        (AB, "directory_name", "dns_name", 14, "is no subtree of type dns_name", "名称子树"),
        (
            AB,
            "conditions:\n",
            "conditions:\n  revocation: none\n  max_status_age_s: 60\n",
            14,
            "revocation: none does not ask for",
            "时效",
        ),
        (LIST, "trust_list: list", "trust_list: other", 1, "trust list 'other' must be named", "信任列表"),
        (
            LIST,
            "entries:",
            'next_update: "2024-01-01T00:00:00Z"\nentries:',
            7,
            "next_update is not",
            "不晚于",
        ),
        (LIST, f"roots: [{{sha256: {ONE}}}]", "roots: []", 14, "can be without roots", "缺少 roots"),
        (
            LIST,
            f"    issuers: [{{sha256: {TWO}}}]\n    t",
            "    issuers: []\n    t",
            15,
            "issuers",
            "缺少 issuers",
        ),
        (LIST, "Personal", '""', 16, "can be without a type name", "证书类型名"),
        (
            LIST,
            "    policy_arcs: [2.999.810.2]\n",
            "",
            8,
            "names neither a policy arc nor a policy",
            "策略弧",
        ),
        (LIST, "[2.999.810.2]", "[2.5.29.32]", 17, "anyPolicy lies below the arc 2.5.29.32", "位于弧"),
        (
            LIST,
            "[2.999.810.2]",
            "[2.999.9, 2.999.9.8]",
            17,
            "arc 2.999.9.8 lies below the arc 2.999.9",
            "弧 2.999.9.8",
        ),
        (LIST, PERSONAL, PERSONAL + "    policies: [2.999.810.2.1]\n", 17, "it pins no version", "固定版本"),
        (LIST, PERSONAL, PERSONAL + "    policies: [2.5.29.32.0]\n", 17, "anyPolicy names no", "不指明"),
        (LIST, "level: high", "level: plain", 18, "'plain' is no level of domain 'a'", "等级"),
        (LIST, "        undated: refuse\n", "", 20, "declare undated: refuse or undated: accept", "须声明"),
        (
            LIST,
            "undated: refuse",
            'since: "2020-01-01T00:00:00Z"\n        until: "2021-01-01T00:00:00Z"\n        undated: accept',
            24,
            "both dates are known",
            "无须声明",
        ),
        (
            LIST,
            f"        issuers: [{{sha256: {TWO}}}]\n        undated: refuse",
            "        issuers: []\n        undated: accept",
            20,
            "only a row that is refused can be without",
            "仅声明拒绝",
        ),
        (BLOCKS, f"value: {ONE}", "value: leaked", 4, "is a SHA-256 in lower-case hexadecimal", "SHA-256"),
        (BLOCKS, "2024-01-01T00:00:00Z", "2024-02-30T00:00:00Z", 7, "is not an RFC 3339 time", "时区"),
        (BLOCKS, "blocks:\n", "blocks: &x\n", 1, "uses a YAML alias, anchor or tag", "别名"),
        (BLOCKS, "Notice 1", '"\\ud800"', 6, "holds a value that cannot be kept", "无法保存"),
        (BLOCKS, "", "", 8, "block 'one' stands twice", "条目 'one' 重复"),
        (LIST, "", "", 23, "entry 'e' stands twice", "条目 'e' 重复"),
        (AB, "O=Example,C=HK", "O=Example,C=H*", 14, "is not a distinguished name in", "可辨别名称"),
        (BLOCKS, "Notice 1", ".nan", 6, "holds a value that cannot be kept", "无法保存"),
        (BLOCKS, "Notice 1", "0x" + "f" * 5000, 6, "holds a value that cannot be kept", "无法保存"),
    ],
)
def test_every_problem_at_its_line(
    folder: Path, file: str, old: str, new: str, line: int, en: str, zh: str
) -> None:
    text = FILES[file]
    assert old in text
    spoiled = text.replace(old, new, 1) if old else _rows_twice(text)
    (folder / file).write_text(spoiled, "utf-8")
    found = told(folder)
    assert any((f, at) == (file, line) and en in m and zh in z for f, at, m, z in found), found
    with pytest.raises(PolicyFileError):
        read_policy_folder(folder)


def test_what_refers_to_a_broken_file_is_let_be(folder: Path) -> None:
    for name in (A, LIST):
        (folder / name).write_text("- &x\n", "utf-8")
    assert [(f, line) for f, line, _, _ in told(folder)] == [(A, 1), (LIST, 1)]


def test_files_where_no_document_can_lie(folder: Path) -> None:
    (folder / "agreement.yaml").write_text("a: 1\n", "utf-8")
    shutil.copy(folder / B, folder / "domains" / "b.yml")
    assert [(f, line, en) for f, line, en, _ in told(folder)] == [
        ("agreement.yaml", 1, "is not the name of a policy document"),
        ("domains/b.yml", 1, "the file of domain 'b' must be named b.yaml"),
    ]


def test_a_folder_without_the_algorithm_table(folder: Path) -> None:
    (folder / "algorithms.yaml").unlink()
    ((file, line, en, _),) = told(folder)
    assert (file, line) == ("algorithms.yaml", 1)
    assert "cannot be read" in en


def test_documents_that_are_no_files() -> None:
    documents = {name: yaml.safe_load(text) for name, text in FILES.items()}
    assert check_documents(documents, SCHEMAS) == ()
    documents[AB]["subject_domain"] = "d"
    documents[AB]["extra"] = 1
    documents["domains/a/b.yaml"] = {}
    deep: Any = 1
    for _ in range(900):
        deep = [deep]
    documents[BLOCKS] = {"blocks": deep}
    documents["algorithms.yaml"] = yaml.safe_load((POLICIES / "algorithms.yaml").read_text("utf-8"))
    profile = documents["algorithms.yaml"]["profiles"]["default"]
    profile["keys"].append(profile["keys"][0])
    last = len(profile["keys"]) - 1
    found = [(p.place, p.message_en) for p in check_documents(documents, SCHEMAS)]
    assert found == [
        ("agreements/ab.yaml: extra", "unknown key 'extra'"),
        (f"algorithms.yaml: profiles.default.keys.{last}", "says again what a row above says"),
        (BLOCKS, "is nested too deep"),
        ("domains/a/b.yaml", "is not the name of a policy document"),
    ]


def test_too_many_documents() -> None:
    (problem,) = check_documents(dict.fromkeys(map(str, range(10_001))), SCHEMAS)
    assert problem.message_en == "more than 10000 documents"


def test_what_is_shipped_is_right_and_keeps_its_hash() -> None:
    documents, policy = read_policy_folder(POLICIES)
    assert documents.sha256 == read_policy_folder(POLICIES)[0].sha256
    assert {t.identifier for t in policy.trust_lists} == {"guangdong", "hong-kong", "macau"}
    assert not any(e.status == "active" for t in policy.trust_lists for e in t.entries)
    assert all(a.status == "draft" for a in policy.agreements)


def test_the_example_in_the_documents_is_right(folder: Path) -> None:
    page = (POLICIES / "README.md").read_text("utf-8")
    (folder / "trust-lists" / "my-list.yaml").write_text(page.split("```yaml\n")[1].split("```")[0], "utf-8")
    assert told(folder) == []


def test_a_large_release_in_time() -> None:
    documents = big_documents(cas=500, agreements=2000, mappings=5000)
    start = time.perf_counter()
    assert check_documents(documents, SCHEMAS) == ()
    assert time.perf_counter() - start < 10


def test_the_command(folder: Path) -> None:
    command = lint_command(lambda chosen: lint_folder(chosen or folder))
    assert CliRunner().invoke(command, []).exit_code == 0
    assert "3 domain(s)" in CliRunner().invoke(command, [str(folder)]).output
    (folder / AB).write_text(FILES[AB].replace("kind: mutual", "kind: both"), "utf-8")
    result = CliRunner().invoke(command, [str(folder)])
    assert result.exit_code == 1
    assert "agreements/ab.yaml:3: kind: 'both' is not one of" in result.output
    assert "不在可选值之列" in result.output
    assert CliRunner().invoke(command, [str(folder / "nowhere")]).exit_code == 2


def test_a_name_longer_than_the_file_system_takes(folder: Path) -> None:
    (problem,) = absent_certificates(Place("domains/x.yaml"), {"certificates": ["a" * 300]}, folder)
    assert (problem.path, "is not there" in problem.message_en) == (("certificates", 0), True)


def test_unique_items_of_a_long_mixed_list() -> None:
    """Compared in one pass; the pairs of such a list would take minutes."""
    mixed: list[object] = [item for i in range(20_000) for item in (f"a{i}", i)]
    twice = {"blocklist.yaml": {"blocks": []}, "agreements/x.yaml": {"conditions": {"purposes": mixed}}}
    problems = check_documents(twice, SCHEMAS)
    assert 0 < len(problems) <= 1_000
