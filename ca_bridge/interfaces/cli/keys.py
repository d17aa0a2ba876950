"""`ca-bridge keys`: the gateway's own keys, from the ceremony that makes them to their destruction."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from ca_bridge.interfaces.cli.keys_ceremony import KeyDeskOf, ceremony_commands
from ca_bridge.interfaces.cli.keys_files import write_new, write_results
from ca_bridge.interfaces.cli.keys_steps import step_commands
from ca_bridge.interfaces.cli.keys_view import draw_lines, key_refusals, say_key, say_keys
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.release_view import Output, Words, output_options
from ca_bridge.services.key_management.desk import BrokenCeremony
from ca_bridge.services.key_management.model import CeremonyState, KeyAction
from ca_bridge.services.key_management.ports import KeyHealth
from ca_bridge.services.key_management.public_keys import public_keys_document
from ca_bridge.services.key_management.transcript import transcript_fields
from ca_bridge.services.manage_recognition.times import rfc3339

_UNWELL = 1
_path = click.Path(path_type=Path)


def keys_commands(desk_of: KeyDeskOf) -> click.Group:
    """The `keys` group; ``desk_of`` opens the desk when a command needs it."""

    @click.group(
        short_help="The gateway's own keys / 本系统的密钥",
        help="The gateway's own keys: made and destroyed by plans that several people approve. Exit codes: 0 "
        "done, 1 refused (doctor: something is wrong), 2 usage, 3 cannot be known now. / 本系统的密钥；"
        "生成与销毁须经多人批准。退出码：0 完成，1 被拒绝（doctor：存在问题），2 用法错误，3 目前无法确定。",
    )
    def keys() -> None: ...

    for made in (_list_command, _show_command, _export_command, _doctor_command):
        keys.add_command(made(desk_of))
    for command in (*ceremony_commands(desk_of), *step_commands(desk_of)):
        keys.add_command(command)
    return keys


def _command(name: str, texts: tuple[str, str], callback: Callable[..., Any]) -> click.Command:
    en, zh = texts
    short, long = f"{en} / {zh}", f"{en}. / {zh}。"
    made: click.Command = click.command(name=name, short_help=short, help=long)(callback)
    return made


def _list_command(desk_of: KeyDeskOf) -> click.Command:
    def list_(*, as_json: bool, speech: Speech) -> None:
        out = Output(as_json, speech)
        with key_refusals(out):
            found = desk_of().register.state().keys
        say_keys(out, found)
        if not found:
            _hint_first(out)

    return _command("list", ("All keys there ever were", "列出全部密钥"), output_options(list_))


def _show_command(desk_of: KeyDeskOf) -> click.Command:
    def show(*, as_json: bool, speech: Speech, key: str, folder: Path | None) -> None:
        out = Output(as_json, speech)
        with key_refusals(out):
            desk = desk_of()
            found = desk.steps.known(key)
            transcript = desk.register.transcript(found.ceremony)
        files = [] if folder is None else write_results(folder, found, transcript)
        more: dict[str, Any] = {"files": list(map(str, files))}
        if as_json and transcript is not None:
            more["transcript"] = transcript_fields(transcript)
        say_key(out, found, more)

    folder = click.option(
        "--out", "folder", type=_path, help="Write transcript, certificate and request there. / 输出目录。"
    )
    key = click.argument("key", metavar="KEY")
    return _command("show", ("One key and its papers", "查看密钥及其文件"), key(folder(output_options(show))))


def _export_command(desk_of: KeyDeskOf) -> click.Command:
    def export(*, as_json: bool, speech: Speech, file: Path | None) -> None:
        out = Output(as_json, speech)
        with key_refusals(out):
            desk = desk_of()
            document = public_keys_document(desk.register.state().keys, desk.origin)
        text = json.dumps(document, ensure_ascii=False, indent=2)
        if file is None:
            click.echo(text)
            return
        write_new(file, f"{text}\n".encode())
        out.say({"file": str(file), "keys": len(document["keys"])}, draw_lines([("file", str(file))]))

    file = click.option("--out", "file", type=_path, help="New file; default: standard output. / 新文件。")
    return _command(
        "export",
        ("The public keys, for whoever verifies receipts and the log", "导出公钥，用于验证回执与日志"),
        file(output_options(export)),
    )


def _doctor_command(desk_of: KeyDeskOf) -> click.Command:
    def doctor(*, as_json: bool, speech: Speech) -> None:
        out = Output(as_json, speech)
        with key_refusals(out):
            desk = desk_of()
            healths, broken = desk.healths(), desk.broken()
        healthy = all(one.usable for one in healths) and not broken
        fields = {
            "healthy": healthy,
            "keys": [_health_fields(one) for one in healths],
            "open_ceremonies": [_broken_fields(one) for one in broken],
        }
        rows = [
            *(("✔" if h.usable else "✘", h.key_id, h.custody, h.detail) for h in healths),
            *(("✘", one.ceremony.plan_sha256, _told(one, out), "") for one in broken),
        ]
        out.say(fields, draw_lines(rows))
        if not healths:
            _hint_first(out)
        if any(one.ceremony.state is CeremonyState.FAILED for one in broken):
            out.hint(
                "请用设备自带工具删除未登记的密钥",
                "delete keys that are nobody's with the token's own tool",
            )
        if any(one.ceremony.state is CeremonyState.INTENDED for one in broken):
            out.hint(
                "关闭中断的仪式：ca-bridge keys abandon",
                "to close one that broke off: ca-bridge keys abandon",
            )
        sys.exit(0 if healthy else _UNWELL)

    return _command(
        "doctor",
        (
            "Whether every key can sign now, and ceremonies that broke off",
            "检查各密钥能否签名，以及中断的仪式",
        ),
        output_options(doctor),
    )


def _hint_first(out: Output) -> None:
    out.hint(
        "没有可用密钥：ca-bridge keys ceremony --help", "no key signs here: ca-bridge keys ceremony --help"
    )


def _health_fields(health: KeyHealth) -> dict[str, Any]:
    return {
        "key_id": health.key_id,
        "usable": health.usable,
        "custody": health.custody,
        "detail": health.detail,
        "elapsed_us": health.elapsed_us,
    }


def _broken_fields(broken: BrokenCeremony) -> dict[str, Any]:
    ceremony = broken.ceremony
    return {
        "plan_sha256": ceremony.plan_sha256,
        "action": ceremony.action.value,
        "state": ceremony.state.value,
        "started": rfc3339(ceremony.started),
        "uri": ceremony.place.uri,
        "key_id": ceremony.key_id,
        "on_token": broken.on_token,
    }


_MADE: Mapping[bool | None, Words] = MappingProxyType(
    {
        True: ("密码设备上有未登记的密钥，不得使用", "the token has a key of its name, which is nobody's"),
        False: ("密码设备上没有其密钥", "the token has no key of its name"),
        None: ("密码设备目前无法查看", "the token cannot be looked at now"),
    }
)
_DESTROYED: Mapping[bool | None, Words] = MappingProxyType(
    {
        True: ("密钥仍在密码设备上", "the key is on the token still"),
        False: ("密钥已不在密码设备上", "the key is gone from the token"),
        None: _MADE[None],
    }
)


def _told(broken: BrokenCeremony, out: Output) -> str:
    ceremony = broken.ceremony
    started = rfc3339(ceremony.started)
    words = _MADE if ceremony.action is KeyAction.CEREMONY else _DESTROYED
    zh, en = words[broken.on_token]
    if ceremony.state is CeremonyState.FAILED:
        return out.speech.say(f"{started} 开始而失败：{zh}", f"began {started} and failed: {en}")
    return out.speech.say(f"{started} 开始而未结束：{zh}", f"began {started} and has not ended: {en}")
