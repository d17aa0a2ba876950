"""What can be wrong with a receipt: a closed catalogue, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class ReceiptFault(StrEnum):
    """One way in which a receipt does not hold, or cannot be decided upon."""

    NOT_CANONICAL = "NOT_CANONICAL"
    SHAPE = "SHAPE"
    STATEMENT_SHAPE = "STATEMENT_SHAPE"
    CHECKPOINT_MALFORMED = "CHECKPOINT_MALFORMED"
    ORIGIN_DIFFERS = "ORIGIN_DIFFERS"
    ORIGIN_UNEXPECTED = "ORIGIN_UNEXPECTED"
    SIZE_DIFFERS = "SIZE_DIFFERS"
    NOT_INCLUDED = "NOT_INCLUDED"
    CHECKPOINT_KEY_UNKNOWN = "CHECKPOINT_KEY_UNKNOWN"
    CHECKPOINT_SIGNATURE_INVALID = "CHECKPOINT_SIGNATURE_INVALID"
    SIGNATURE_MISSING = "SIGNATURE_MISSING"
    SIGNATURE_REPEATED = "SIGNATURE_REPEATED"
    KEY_UNKNOWN = "KEY_UNKNOWN"
    KEY_USE = "KEY_USE"
    ALGORITHM = "ALGORITHM"
    CUSTODY = "CUSTODY"
    JWS_MALFORMED = "JWS_MALFORMED"
    JWS_HEADER = "JWS_HEADER"
    JWS_PAYLOAD = "JWS_PAYLOAD"
    SIGNED_DATA_MALFORMED = "SIGNED_DATA_MALFORMED"
    SIGNED_DATA_ALGORITHM = "SIGNED_DATA_ALGORITHM"
    SIGNED_DATA_CONTENT = "SIGNED_DATA_CONTENT"
    SIGNED_DATA_CERTIFICATE = "SIGNED_DATA_CERTIFICATE"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"


UNDECIDED: frozenset[ReceiptFault] = frozenset(
    {ReceiptFault.CHECKPOINT_KEY_UNKNOWN, ReceiptFault.KEY_UNKNOWN}
)
"""Faults of what is known, not of the receipt: with more keys it may hold, and until then it does not."""

_F = ReceiptFault
# (zh, en); ``{detail}`` and ``{key}`` are the finding's.
TEXTS: Mapping[ReceiptFault, tuple[str, str]] = MappingProxyType(
    {
        _F.NOT_CANONICAL: (
            "文件不是规范形式（RFC 8785）的回执：{detail}",
            "The file is not a receipt in canonical form (RFC 8785): {detail}.",
        ),
        _F.SHAPE: (
            "回执的成员不符合格式：{detail}",
            "The receipt's members are not those of the format: {detail}.",
        ),
        _F.STATEMENT_SHAPE: (
            "回执中的陈述不是一项判定的日志记录",
            "The statement is not the log entry of a decision.",
        ),
        _F.CHECKPOINT_MALFORMED: (
            "检查点无法读取：{detail}",
            "The checkpoint cannot be read: {detail}.",
        ),
        _F.ORIGIN_DIFFERS: (
            "检查点属于另一日志 {detail}",
            "The checkpoint is of another log, {detail}.",
        ),
        _F.ORIGIN_UNEXPECTED: (
            "回执出自日志 {detail}，而密钥属于另一日志",
            "The receipt is of log {detail}, and the keys are of another.",
        ),
        _F.SIZE_DIFFERS: (
            "检查点的大小为 {detail}，与回执所称不同",
            "The checkpoint is of size {detail}, not of the one the receipt names.",
        ),
        _F.NOT_INCLUDED: (
            "证明不能表明该陈述位于检查点所覆盖的日志中",
            "The proof does not show the statement in the log that the checkpoint is of.",
        ),
        _F.CHECKPOINT_KEY_UNKNOWN: (
            "检查点由未知密钥 {key} 签名",
            "The checkpoint is signed with a key that is not known: {key}.",
        ),
        _F.CHECKPOINT_SIGNATURE_INVALID: (
            "密钥 {key} 对检查点的签名不成立",
            "The checkpoint's signature is not that of key {key}.",
        ),
        _F.SIGNATURE_MISSING: ("回执没有签名", "The receipt has no signature."),
        _F.SIGNATURE_REPEATED: (
            "密钥 {key} 以同一形式签名两次",
            "Key {key} signs twice in the same form.",
        ),
        _F.KEY_UNKNOWN: ("未知密钥 {key}", "Key {key} is not known."),
        _F.KEY_USE: (
            "密钥 {key} 的用途是 {detail}，不能为回执签名",
            "Key {key} is for {detail} and does not sign receipts.",
        ),
        _F.ALGORITHM: (
            "密钥 {key} 只用于算法 {detail}",
            "Key {key} is of algorithm {detail} and of no other.",
        ),
        _F.CUSTODY: (
            "检查点没有说明密钥 {key} 的保管方式，或与已知的不同",
            "The checkpoint does not say how key {key} is kept, or says other than is known.",
        ),
        _F.JWS_MALFORMED: (
            "密钥 {key} 的 JWS 无法读取：{detail}",
            "The JWS of key {key} cannot be read: {detail}.",
        ),
        _F.JWS_HEADER: (
            "密钥 {key} 的 JWS 头不是规定的内容：{detail}",
            "The header of the JWS of key {key} is not the one there is: {detail}.",
        ),
        _F.JWS_PAYLOAD: (
            "密钥 {key} 签名的不是此检查点",
            "What key {key} signed is not this checkpoint.",
        ),
        _F.SIGNED_DATA_MALFORMED: (
            "密钥 {key} 的 SignedData 无法读取：{detail}",
            "The SignedData of key {key} cannot be read: {detail}.",
        ),
        _F.SIGNED_DATA_ALGORITHM: (
            "密钥 {key} 的 SignedData 所用的算法标识不是规定的标识",
            "The SignedData of key {key} does not name the algorithms that there are.",
        ),
        _F.SIGNED_DATA_CONTENT: (
            "密钥 {key} 的 SignedData 的内容不是此检查点",
            "The content of the SignedData of key {key} is not this checkpoint.",
        ),
        _F.SIGNED_DATA_CERTIFICATE: (
            "密钥 {key} 的 SignedData 中的证书不是检查点所指的证书",
            "The certificate in the SignedData of key {key} is not the one the checkpoint names.",
        ),
        _F.SIGNATURE_INVALID: (
            "密钥 {key} 的签名不成立",
            "The signature is not that of key {key}.",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFinding:
    """One thing that was checked and did not hold.

    ``key`` and ``detail`` may come from the receipt: they are not to be shown to people unescaped.
    """

    fault: ReceiptFault
    key: str = ""
    detail: str = ""

    @property
    def undecided(self) -> bool:
        """Whether another answer is possible once more keys are known."""
        return self.fault in UNDECIDED

    def texts(self) -> tuple[str, str]:
        """What is wrong, in Chinese and in English."""
        zh, en = TEXTS[self.fault]
        return zh.format(key=self.key, detail=self.detail), en.format(key=self.key, detail=self.detail)
