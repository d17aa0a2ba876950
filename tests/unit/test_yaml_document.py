from __future__ import annotations

from pathlib import Path

import pytest

from ca_bridge.adapters import yaml_document
from ca_bridge.adapters.yaml_document import PolicyFileError, parse_yaml, read_yaml


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb: &x [1]\n", 2, "alias, anchor or tag"),
        ("a: 1\n\nb: *x\n", 3, "alias, anchor or tag"),
        ("a: !!python/object:os.system {}\n", 1, "alias, anchor or tag"),
        ("a: 1\nb: 2\na: 3\n", 3, "key 'a' twice"),
        ("a:\n  b: 1\n  'b': 2\n", 3, "key 'b' twice"),
        ("x:\n  - y: 1\n    y: 2\n", 3, "key 'y' twice"),
        ("a: 1\n<<: {a: 2}\n", 2, "merge key"),
        ("a: [\n", 2, "not YAML"),
        ("a: 1\n--- \nb: 2\n", 2, "not YAML"),
        ("? [a]\n: 1\n", 1, "not YAML"),
        ("a: " + "[" * 40 + "]" * 40, 1, "nested too deep"),
        ("a: " + "9" * 5000, 1, "not YAML in UTF-8"),
        ("a: \x07\n", 1, "not YAML in UTF-8"),
    ],
)
def test_what_is_not_strict_is_refused_with_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(PolicyFileError, match=r"x\.yaml") as caught:
        parse_yaml(text.encode(), "x.yaml")
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("x.yaml", line)
    assert said in problem.message_en
    assert problem.message_zh


def test_bytes_that_are_not_utf8() -> None:
    with pytest.raises(PolicyFileError, match="UTF-8"):
        parse_yaml(b"a: \xff\xfe", "x")


def test_plain_data_with_the_line_of_each_value() -> None:
    document = parse_yaml(b"a: 1\nb:\n  - c: 2024-01-01\n  - [x,\n     y]\n", "x")
    assert document.data == {"a": 1, "b": [{"c": "2024-01-01"}, ["x", "y"]]}
    assert document.line_of(("b", 0, "c")) == 3
    assert document.line_of(("b", 1, 1)) == 5
    assert document.line_of(("b", 0, "absent", "too")) == 3
    assert document.line_of(("absent",)) == 1
    assert document.problem(("b",), "en", "zh").line == 2


def test_an_empty_document_is_null() -> None:
    assert parse_yaml(b"# nothing\n", "x").data is None


def test_files_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_document, "MAX_BYTES", 100)
    with pytest.raises(PolicyFileError, match="cannot be read"):
        read_yaml(tmp_path / "absent.yaml")
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (101))
    with pytest.raises(PolicyFileError, match="larger than"):
        read_yaml(large)
    large.write_bytes(b"a: 1\n" + b"#" * (95))
    assert read_yaml(large).data == {"a": 1}


def test_hostile_names_and_texts_come_out_escaped(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\u202e.yaml"
    path.write_text("k\u202e: 1\nk\u202e: 2\n", "utf-8")
    with pytest.raises(PolicyFileError) as caught:
        read_yaml(path)
    assert str(caught.value).isprintable()
    assert r"\u{1b}" in str(caught.value)
