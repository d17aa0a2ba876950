"""What `ca-bridge audit verify` says of a log as a whole, and by whose keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ca_bridge.interfaces.cli.audit_view import fault_fields
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.release_view import Words
from ca_bridge.services.audit.verification import Verification

KEYS_NAMED: Words = ("由 --key 指定", "those of --key")
KEYS_KNOWN_HERE: Words = (
    "数据库自己所记的公钥：不能防范可写入数据库者，须用 --key 指定另存他处的公钥",
    "those that the database itself names: against whoever can write to it, name keys kept elsewhere (--key)",
)


def verification_fields(found: Verification, *, kept_elsewhere: bool) -> dict[str, Any]:
    """As programs read it."""
    zh, en = KEYS_NAMED if kept_elsewhere else KEYS_KNOWN_HERE
    return {
        "holds": found.holds,
        "size": found.size,
        "root": None if found.root is None else found.root.hex(),
        "proven_size": found.proven,
        "uncovered": found.uncovered,
        "checkpoints": found.checkpoints,
        "keys": {"from": "option" if kept_elsewhere else "database", "message_zh": zh, "message_en": en},
        "open_intents": {"count": found.intents, "first": found.first_intent},
        "faults": [fault_fields(fault) for fault in found.faults],
    }


def result_words(speech: Speech, found: Verification, *, kept_elsewhere: bool) -> str:
    """The result in one line."""
    if not found.holds:
        if found.undecided:
            return speech.say(
                "未发现问题，但无已知密钥可证明", "nothing wrong found, and no known key vouches for it"
            )
        return speech.say("日志不是所签名的日志", "the log is not what was signed")
    zh, en = "日志完整，与签名一致", "the log is whole and as signed"
    if not kept_elsewhere:
        zh, en = f"{zh}（按数据库所记的公钥）", f"{en}, by the keys that the database names"
    if found.uncovered:
        zh = f"{zh}；最后 {found.uncovered} 条尚无签名涵盖"
        en = f"{en}; no signature covers the last {found.uncovered} entries"
    return speech.say(zh, en)


def remarks(speech: Speech, found: Verification) -> Iterator[str]:
    """What is no fault, and is to be known."""
    if found.intents:
        yield speech.say(
            f"已预告而无检查点涵盖、亦未记为失败的签名：{found.intents} 次，始于第 {found.first_intent} 条。"
            "服务正在签名或曾异常终止；若非如此，则检查点已被删除",
            f"signatures announced that no checkpoint covers and no entry says have failed: {found.intents},"
            f" from entry {found.first_intent} on. The service is signing, or was killed; if neither, then"
            " checkpoints were deleted",
        )
