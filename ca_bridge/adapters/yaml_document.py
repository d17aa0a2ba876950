"""Policy files as strict YAML: plain data, no aliases, no doubled keys, every value with its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.policy_report import PolicyProblem
from ca_bridge.services.printable import printable

MAX_BYTES = 1 << 20
_MAX_DEPTH = 32
_LONGEST = 4096
_MERGE = "tag:yaml.org,2002:merge"


class PolicyFileError(ConfigurationError):
    """A policy file that cannot be used; ``problems`` says why, never empty."""

    def __init__(self, *problems: PolicyProblem) -> None:
        told = (f"{p.file}:{p.line}: {p.message_en} / {p.message_zh}" for p in problems)
        super().__init__(printable("; ".join(told), _LONGEST))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """``data`` of one file and the line of each value, by its path of keys and indexes."""

    file: str
    data: Any
    lines: dict[tuple[str | int, ...], int]

    def line_of(self, path: tuple[str | int, ...]) -> int:
        """Line (from 1) of the value at ``path``, or of the nearest value around it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: tuple[str | int, ...], en: str, zh: str) -> PolicyProblem:
        """A problem at ``path`` in this file."""
        return PolicyProblem(file=self.file, line=self.line_of(path), message_en=en, message_zh=zh)


class _StrictLoader(yaml.SafeLoader):
    """SafeLoader whose timestamps stay text: times are read by our own rule."""


_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(path: Path, *, shown_as: str = "") -> YamlDocument:
    """The document in ``path``; PolicyFileError when it is missing, too large or not strict YAML."""
    name = shown_as or path.name
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        why = f"{path.parent}: {error.strerror}"
        raise PolicyFileError(_at(name, 1, f"cannot be read in {why}", f"无法读取，位于 {why}")) from error
    if len(raw) > MAX_BYTES:
        raise PolicyFileError(_at(name, 1, f"is larger than {MAX_BYTES} bytes", "文件过大"))
    return parse_yaml(raw, name)


def parse_yaml(raw: bytes, name: str) -> YamlDocument:
    """The document in ``raw``; PolicyFileError when it is not strict YAML."""
    lines: dict[tuple[str | int, ...], int] = {}
    try:
        text = raw.decode("utf-8")
        _refuse_aliases(text, name)
        loader = _StrictLoader(text)
        try:
            node = loader.get_single_node()
            if node is not None:
                _walk(node, (), lines, name)
            data = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise PolicyFileError(
            _at(name, line, f"is not YAML: {error.problem}", f"不是合法的 YAML：{error.problem}")
        ) from error
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise PolicyFileError(_at(name, 1, "is not YAML in UTF-8", "不是 UTF-8 编码的 YAML")) from error
    return YamlDocument(name, data, lines)


def _refuse_aliases(text: str, name: str) -> None:
    """Aliases repeat content without bound and hide what is agreed; no policy needs them."""
    depth = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        if isinstance(token, yaml.AliasToken | yaml.AnchorToken | yaml.TagToken):
            line = token.start_mark.line + 1
            raise PolicyFileError(
                _at(name, line, "uses a YAML alias, anchor or tag", "使用了 YAML 别名、锚点或标签")
            )
        if isinstance(
            token,
            yaml.BlockMappingStartToken
            | yaml.BlockSequenceStartToken
            | yaml.FlowMappingStartToken
            | yaml.FlowSequenceStartToken,
        ):
            depth += 1
        elif isinstance(token, yaml.BlockEndToken | yaml.FlowMappingEndToken | yaml.FlowSequenceEndToken):
            depth -= 1
        if depth > _MAX_DEPTH:
            raise PolicyFileError(_at(name, token.start_mark.line + 1, "is nested too deep", "嵌套过深"))


def _walk(
    node: yaml.Node, path: tuple[str | int, ...], lines: dict[tuple[str | int, ...], int], name: str
) -> None:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.tag == _MERGE:
                raise PolicyFileError(
                    _at(name, key.start_mark.line + 1, "uses a YAML merge key", "使用了 YAML 合并键")
                )
            inner = (*path, str(key.value))
            if inner in lines:
                line = key.start_mark.line + 1
                raise PolicyFileError(
                    _at(name, line, f"has the key {key.value!r} twice", f"键 {key.value!r} 重复")
                )
            _walk(value, inner, lines, name)
            lines[inner] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*path, index), lines, name)


def _at(name: str, line: int, en: str, zh: str) -> PolicyProblem:
    return PolicyProblem(file=name, line=line, message_en=en, message_zh=zh)
