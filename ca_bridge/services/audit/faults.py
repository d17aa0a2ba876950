"""What can be wrong with a log that was kept: a closed catalogue, in both languages, with who must act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class FaultKind(StrEnum):
    """Kinds of faults. ``first`` and ``last`` of a Fault are indices of entries unless it is said otherwise.

    ENTRIES_SWAPPED: first and last have changed places. KEY_ALTERED: the key under which a repeated call
    finds its entry. SUBTREE_ALTERED: first is a level and last a node's
    index. HEAD_ALTERED, CHECKPOINT_FORGED: first is a size; KEY_UNKNOWN: from one size to another. TAIL_CUT,
    BACKUP_RESTORED: first is the size the log has, last the one it had. LOG_FORKED: first is the size up to
    which it may be the same, last the one at which it is not. NOT_SIGNED: last is the log's size.
    """

    ENTRY_ALTERED = "ENTRY_ALTERED"
    ENTRY_MISSING = "ENTRY_MISSING"
    ENTRY_ADDED = "ENTRY_ADDED"
    ENTRIES_SWAPPED = "ENTRIES_SWAPPED"
    LEAF_HASH_ALTERED = "LEAF_HASH_ALTERED"
    SUBTREE_ALTERED = "SUBTREE_ALTERED"
    HEAD_ALTERED = "HEAD_ALTERED"
    KEY_ALTERED = "KEY_ALTERED"
    TAIL_CUT = "TAIL_CUT"
    BACKUP_RESTORED = "BACKUP_RESTORED"
    LOG_FORKED = "LOG_FORKED"
    CHECKPOINT_FORGED = "CHECKPOINT_FORGED"
    KEY_UNKNOWN = "KEY_UNKNOWN"
    NOT_SIGNED = "NOT_SIGNED"
    LOG_UNREADABLE = "LOG_UNREADABLE"


@dataclass(frozen=True, slots=True)
class FaultText:
    """What a kind means, and who has to do what; texts may use {first}, {last} and {detail}."""

    message_en: str
    message_zh: str
    remedy_en: str
    remedy_zh: str


_DATABASE = (
    (
        "The auditor keeps the database as it is and finds out who could write to it; "
        "the log is restored from exported tiles or a backup that verifies."
    ),
    "审计员应保全数据库现状并查明谁有写入权限；从已导出的分片或可通过校验的备份恢复日志。",
)
_DERIVED = (
    (
        "The entries themselves are as signed: "
        "the operator restores what is derived from them, and the auditor finds out who changed it."
    ),
    "条目本身与签名一致：运维人员从备份恢复派生值，审计员查明改动者。",
)
_KEYS = (
    "The auditor names the log's public keys (--key), those of retired keys as well.",
    "审计员应提供日志公钥（--key），包括已退役的密钥。",
)
_FORK = (
    (
        "The operator stops the service and restores the newest copy; "
        "the auditor reports every receipt given out since, for this log cannot prove them."
    ),
    "运维人员停止服务并恢复最新的副本；审计员上报此后出具的每一份回执，因为本日志无法证明它们。",
)
TEXTS: Mapping[FaultKind, FaultText] = MappingProxyType(
    {
        FaultKind.ENTRY_ALTERED: FaultText(
            "entries {first} to {last}: at least one is not what was logged",
            "第 {first} 至 {last} 条：至少有一条与写入时不符",
            *_DATABASE,
        ),
        FaultKind.ENTRY_MISSING: FaultText(
            "entries {first} to {last} are missing", "第 {first} 至 {last} 条缺失", *_DATABASE
        ),
        FaultKind.ENTRY_ADDED: FaultText(
            "entries {first} to {last} were put in past the log",
            "第 {first} 至 {last} 条绕过日志写入",
            *_DATABASE,
        ),
        FaultKind.ENTRIES_SWAPPED: FaultText(
            "entries {first} and {last} have changed places", "第 {first} 条与第 {last} 条被互换", *_DATABASE
        ),
        FaultKind.LEAF_HASH_ALTERED: FaultText(
            "the stored hashes of entries {first} to {last} are not theirs",
            "第 {first} 至 {last} 条所存散列不是其散列",
            *_DERIVED,
        ),
        FaultKind.SUBTREE_ALTERED: FaultText(
            "the stored hash of subtree {last} at level {first} is missing or not its own",
            "第 {first} 层第 {last} 棵子树所存散列缺失或不符",
            *_DERIVED,
        ),
        FaultKind.HEAD_ALTERED: FaultText(
            "the stored head is not that of the log's {first} entries",
            "所存日志头与日志的 {first} 条条目不符",
            *_DERIVED,
        ),
        FaultKind.KEY_ALTERED: FaultText(
            "the key of entry {first} is not its own: a repeated call would be given another entry, or be"
            " written twice",
            "第 {first} 条的键不是其键：重复的请求会得到另一条目，或被写入两次",
            *_DERIVED,
        ),
        FaultKind.TAIL_CUT: FaultText(
            "the log ends after {first} entries; it had at least {last}",
            "日志止于 {first} 条；此前至少有 {last} 条",
            *_DATABASE,
        ),
        FaultKind.BACKUP_RESTORED: FaultText(
            "the log is whole with {first} entries, but it had {last}: an older copy was put in its place",
            "日志自身完整，共 {first} 条，但此前有 {last} 条：它已被较旧的副本取代",
            *_FORK,
        ),
        FaultKind.LOG_FORKED: FaultText(
            "the log is not the one it was at {last} entries: an older copy, of {first} or more, was put in"
            " its place and gone on with",
            "日志不再是其 {last} 条时的那份日志：它已被较旧的副本（不少于 {first} 条）取代并继续写入",
            *_FORK,
        ),
        FaultKind.CHECKPOINT_FORGED: FaultText(
            "the checkpoint of {first} entries is not one of this log: {detail}",
            "{first} 条的检查点不属于本日志：{detail}",
            "The auditor compares it with the copies kept elsewhere and finds out where it came from.",
            "审计员将其与别处保存的副本比对，并查明来源。",
        ),
        FaultKind.KEY_UNKNOWN: FaultText(
            "the checkpoints of {first} to {last} entries are signed by no known key: {detail}",
            "{first} 至 {last} 条的检查点并非由已知密钥签名：{detail}",
            *_KEYS,
        ),
        FaultKind.NOT_SIGNED: FaultText(
            "no signature proves the log's {last} entries", "没有签名能证明日志的 {last} 条条目", *_KEYS
        ),
        FaultKind.LOG_UNREADABLE: FaultText(
            "the log cannot be read: {detail}", "日志无法读取：{detail}", *_DATABASE
        ),
    }
)
UNDECIDED = frozenset({FaultKind.KEY_UNKNOWN, FaultKind.NOT_SIGNED})
"""Kinds that leave open whether anything is wrong."""


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One fault, as exact as the evidence allows; ``source`` is the file that showed it, "" = the log."""

    kind: FaultKind
    first: int
    last: int
    detail: str = ""
    source: str = ""

    @property
    def message_en(self) -> str:
        """What it is, in English."""
        return self._filled(TEXTS[self.kind].message_en)

    @property
    def message_zh(self) -> str:
        """What it is, in Chinese."""
        return self._filled(TEXTS[self.kind].message_zh)

    def _filled(self, text: str) -> str:
        said = text.format(first=self.first, last=self.last, detail=self.detail)
        return f"{self.source}: {said}" if self.source else said
