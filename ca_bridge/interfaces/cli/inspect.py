"""`ca-bridge inspect FILE`: what is in a file. Nothing is judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.text import Text
from rich.tree import Tree

from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.pool import Pool
from ca_bridge.interfaces.cli.files import read_bytes
from ca_bridge.interfaces.cli.language import Speech, language_option
from ca_bridge.interfaces.cli.terminal import show, unreadable
from ca_bridge.interfaces.cli.words import LABELS
from ca_bridge.services.inspect_material import inspect_material
from ca_bridge.services.printable import printable

_KINDS = {
    "certificate": ("证书", "certificate"),
    "crl": ("CRL", "CRL"),
    "ocsp": ("OCSP 响应", "OCSP response"),
}

_FLAGS = (("否", "no"), ("是", "yes"))


@click.command(
    short_help="Show what is in FILE / 查看文件内容",
    help="Show what is in FILE: certificates, CRLs, OCSP responses, bundles (PEM, DER, PKCS#7). Nothing is "
    "judged. / 查看文件内容（不作判定）。",
)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="As JSON. / 以 JSON 输出。")
@language_option
def inspect(file: Path, speech: Speech, *, as_json: bool) -> None:
    """Print every object of the file."""
    try:
        items = inspect_material(read_bytes(file), Pool())
    except Malformed as error:
        raise unreadable(printable(str(file)), error.reason, error.params) from error
    if as_json:
        click.echo(json.dumps(items, ensure_ascii=False, indent=2))
    else:
        show(lambda out: out.print(*(_tree(item, speech) for item in items), sep="\n"))
    if any("unreadable" in item for item in items):
        raise click.exceptions.Exit(1)


def _tree(item: dict[str, Any], speech: Speech) -> Tree:
    tree = Tree(Text(speech.say(*_KINDS[item["kind"]]), style="bold"))
    for key, value in item.items():
        if key == "unreadable":
            _add_unreadable(tree, value, speech)
        elif key == "extensions":
            _add_extensions(tree, value)
        elif key != "kind":
            _add(tree, key, value, speech)
    return tree


def _add(tree: Tree, key: str, value: object, speech: Speech, number: str = "") -> None:
    """Whatever holds something, one branch a level; what is absent is left out."""
    own = key.replace("_", " ")
    label = speech.say(LABELS.get(key, own), own) + number
    if isinstance(value, dict):
        branch = tree.add(Text(label))
        for name, inner in value.items():
            if not (name == "masked" and value.get("value")):
                _add(branch, name, inner, speech)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _add(tree, key, inner, speech, f" {index + 1}" if len(value) > 1 else "")
    elif value not in (None, ""):
        text = speech.say(*_FLAGS[value]) if isinstance(value, bool) else str(value)
        tree.add(Text.assemble((f"{label}: ", "dim"), text))


def _add_extensions(tree: Tree, extensions: list[dict[str, Any]]) -> None:
    for extension in extensions:
        label = Text(extension["name"] or extension["oid"])
        label.append(f"  {extension['oid']}" if extension["name"] else "", style="dim")
        if extension["critical"]:
            label.append("  critical", style="yellow")
        branch = tree.add(label)
        for value in extension["values"]:
            branch.add(Text(value))


def _add_unreadable(tree: Tree, why: dict[str, str], speech: Speech) -> None:
    branch = tree.add(Text(f"✘ {why['code']}  {why['clause']}", style="red"))
    for language in speech.languages:
        suffix = "_zh" if language.value == "zh" else ""
        branch.add(Text(why[f"message{suffix}"]))
        branch.add(Text(f"→ {why[f'remedy{suffix}']}"))
