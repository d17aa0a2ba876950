"""Keys, plans and refusals at the terminal."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import click
from rich.console import Console

from ca_bridge.interfaces.cli.release_view import (
    INDETERMINATE,
    LONGEST,
    REFUSED,
    Draw,
    Output,
    Words,
    draw_fields,
    draw_table,
    json_text,
    refusals,
)
from ca_bridge.services.key_management.model import KeyPlan, RegisteredKey
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.key_management.transcript import key_fields
from ca_bridge.services.manage_recognition.times import rfc3339
from ca_bridge.services.printable import printable
from ca_bridge.services.release_errors import RefusalKind

_SAID: Mapping[str, Words] = MappingProxyType(
    {
        "key_ceremony": ("生成密钥", "make a key"),
        "key_destruction": ("销毁密钥", "destroy a key"),
        "receipt": ("回执签名", "signs receipts"),
        "log": ("审计日志签名", "signs the audit log"),
        "bridge_ca": ("桥 CA 签名", "signs for the bridge CA"),
        "next": ("后备", "next"),
        "current": ("当前", "current"),
        "retired": ("已退役", "retired"),
        "destroyed": ("已销毁", "destroyed"),
        "none": ("无", "none"),
        "self_signed": ("自签名证书", "a self-signed certificate"),
        "csr": ("证书请求", "a certification request"),
    }
)

_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "key_id": "密钥",
        "use": "用途",
        "kind": "种类",
        "algorithm": "算法",
        "uri": "位置",
        "spki": "公钥",
        "custody": "保管",
        "state": "状态",
        "created": "生成于",
        "since": "此状态自",
        "ceremony": "仪式",
        "certificate": "证书",
        "csr": "证书请求",
        "attestation": "证明",
        "claims": "设备自述",
        "files": "文件",
    }
)


@contextmanager
def key_refusals(out: Output) -> Iterator[None]:
    """A refusal ends the command: exit 1 with its code, texts, remedy and who must act; 3 = not known now."""
    try:
        with refusals(out):
            yield
    except KeyRefused as refused:
        fields = refused.fields()
        if out.as_json:
            click.echo(json_text({"refused": fields}))
        else:
            _complain(out, fields)
        unknown = refused.refusal.kind is RefusalKind.INDETERMINATE
        raise SystemExit(INDETERMINATE if unknown else REFUSED) from refused


def _complain(out: Output, fields: Mapping[str, Any]) -> None:
    say = out.speech.say
    actor = say(fields["who_must_act_zh"], fields["who_must_act_en"])
    for line in (
        f"{fields['code']}: {say(fields['message_zh'], fields['message_en'])}",
        f"→ {say(fields['remedy_zh'], fields['remedy_en'])}",
        f"→ {say('由谁处理', 'who must act')}: {actor}",
    ):
        click.echo(printable(line, 4 * LONGEST), err=True)


def say_plan(out: Output, plan: KeyPlan, fields: dict[str, Any]) -> None:
    """A plan in people's words, its hash, and what each approver signs."""
    say = out.speech.say
    rows: list[tuple[Words, Any]] = [
        (("标题", "title"), say(plan.title_zh, plan.title_en)),
        (("动作", "act"), _word(out, plan.action)),
        (("系统", "installation"), plan.installation),
        *_wish_rows(out, plan),
        (
            ("批准", "approvals"),
            say(
                f"以下 {len(plan.approvers)} 人中 {plan.approvals} 人",
                f"{plan.approvals} of these {len(plan.approvers)}",
            ),
        ),
        (("批准人", "approvers"), ", ".join(plan.approvers)),
        (("有效期", "holds"), f"{rfc3339(plan.not_before)} – {rfc3339(plan.not_after)}"),
        (("计划 SHA-256", "plan's SHA-256"), plan.sha256),
    ]
    table = draw_fields(out.speech, rows)
    statements = draw_lines(_statement_lines(out, fields))

    def draw(console: Console) -> None:
        table(console)
        console.print()
        statements(console)

    out.say(fields, draw)


def _statement_lines(out: Output, fields: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    yield (out.speech.say("各批准人待签名的声明，逐字节：", "What each approver signs, byte for byte:"),)
    for row in fields["statements"]:
        yield (row["account"], row["file"]) if row["file"] else (row["account"],)
        yield (row["statement"],)


def _wish_rows(out: Output, plan: KeyPlan) -> list[tuple[Words, Any]]:
    wish = plan.wish
    if wish is None:
        return [(("密钥", "key"), plan.key_id)]
    sealed = out.speech.say(
        "私钥由令牌内密钥加密保存，签名时解密到本进程内存",
        "kept encrypted under a key of the token, and in this process's memory while it signs",
    )
    existing = out.speech.say(
        "由设备工具生成，按现状登记", "made by the device's own tool, taken up as it is"
    )
    output = wish.output
    details = f"{_word(out, output.form)} {output.subject} {f'({output.days} d)' if output.days else ''}"
    return [
        (("用途", "use"), _word(out, wish.use)),
        (("种类", "kind"), f"{wish.kind} ({wish.algorithm})"),
        (("位置", "place"), wish.uri),
        *([(("保管", "custody"), sealed)] if wish.sealed else []),
        *([(("来源", "origin"), existing)] if wish.existing else []),
        (("登记为", "becomes"), _word(out, wish.state)),
        (("产出", "output"), details.strip()),
    ]


def say_key(out: Output, key: RegisteredKey, more: Mapping[str, Any] | None = None) -> None:
    """One key, with ``more`` beside it."""
    fields = key_fields(key) | dict(more or {})
    rows = [
        ((_FIELDS.get(name, name), name), _shown(value))
        for name, value in fields.items()
        if value is not None
    ]
    out.say(fields, draw_fields(out.speech, rows))


def say_keys(out: Output, keys: Iterable[RegisteredKey]) -> None:
    """All keys, one line each."""
    found = tuple(keys)
    titles = [
        out.speech.say(*words)
        for words in (
            ("密钥", "key"),
            ("状态", "state"),
            ("自", "since"),
            ("算法", "algorithm"),
            ("保管", "custody"),
            ("位置", "place"),
        )
    ]
    rows = [(k.key_id, _word(out, k.state), rfc3339(k.since), k.algorithm, k.custody, k.uri) for k in found]
    out.say({"keys": [key_fields(key) for key in found]}, draw_table(titles, rows))


def draw_lines(rows: Iterable[tuple[Any, ...]]) -> Draw:
    """One line each, to be copied whole."""
    lines = [printable("  ".join(map(_shown, row)).rstrip(), 4 * LONGEST) for row in rows]

    def draw(out: Console) -> None:
        for line in lines:
            out.print(line, soft_wrap=True)

    return draw


def pem(label: str, der: bytes) -> str:
    """``der`` in PEM."""
    text = base64.b64encode(der).decode()
    lines = [text[start : start + 64] for start in range(0, len(text), 64)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))


def _word(out: Output, value: str) -> str:
    return out.speech.say(*_SAID[value])


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={one}" for name, one in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return str(value)
