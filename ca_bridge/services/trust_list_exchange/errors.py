"""Why a trust list is not imported or published: a closed catalogue, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from ca_bridge.services.errors import GatewayError
from ca_bridge.services.printable import printable


class ExchangeCode(StrEnum):
    """Stable names of the refusals."""

    CRITICAL_EXTENSION_UNKNOWN = "CRITICAL_EXTENSION_UNKNOWN"
    DOCTYPE = "DOCTYPE"
    ISSUED_IN_FUTURE = "ISSUED_IN_FUTURE"
    MALFORMED = "MALFORMED"
    NO_RECOGNITION_CONDITIONS = "NO_RECOGNITION_CONDITIONS"
    NOT_EXPRESSIBLE = "NOT_EXPRESSIBLE"
    OTHER_LIST = "OTHER_LIST"
    REPLAYED = "REPLAYED"
    SEQUENCE_REUSED = "SEQUENCE_REUSED"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    SIGNER_NOT_PINNED = "SIGNER_NOT_PINNED"
    STALE = "STALE"
    TOO_LARGE = "TOO_LARGE"


_TEXTS: Mapping[ExchangeCode, tuple[str, str]] = MappingProxyType(
    {
        ExchangeCode.CRITICAL_EXTENSION_UNKNOWN: (
            "{element} 含有无法识别的关键扩展",
            "{element} carries a critical extension that is not understood",
        ),
        ExchangeCode.DOCTYPE: (
            "文件含有 DOCTYPE 或实体声明，信任列表不允许",
            "the file has a DOCTYPE or entities, which a trust list may not have",
        ),
        ExchangeCode.ISSUED_IN_FUTURE: (
            "签发时间 {issued} 晚于当前时间 {now}",
            "issued at {issued}, which is after now, {now}",
        ),
        ExchangeCode.MALFORMED: (
            "{element} 缺失或无法读取：{why}",
            "{element} is missing or cannot be read: {why}",
        ),
        ExchangeCode.NO_RECOGNITION_CONDITIONS: (
            "列表不含互认条件（五项条件），可以查看，不能导入：{element}",
            "the list holds no recognition conditions: it can be shown and not imported: {element}",
        ),
        ExchangeCode.NOT_EXPRESSIBLE: (
            "条目 {entry} 的 {element} 无法用此格式表达，导出会放宽条件",
            "{element} of entry {entry} cannot be said in this format: exporting would loosen it",
        ),
        ExchangeCode.OTHER_LIST: (
            "不是同一份列表：{element} 应为 {expected}，实为 {found}",
            "this is another list: {element} should be {expected} and is {found}",
        ),
        ExchangeCode.REPLAYED: (
            "序号 {found} 小于已有的 {stored}：旧列表重放",
            "sequence number {found} is below the stored {stored}: an old list is replayed",
        ),
        ExchangeCode.SEQUENCE_REUSED: (
            "序号 {found} 与已有列表相同而内容不同",
            "sequence number {found} is that of the stored list, and the content differs",
        ),
        ExchangeCode.SIGNATURE_INVALID: ("签名无效：{why}", "the signature is not valid: {why}"),
        ExchangeCode.SIGNER_NOT_PINNED: (
            "签名者证书不在指定的签名者之列",
            "the signer's certificate is none of the pinned ones",
        ),
        ExchangeCode.STALE: (
            "列表已于 {next_update} 过期，请取得新列表",
            "the list was to be updated by {next_update}: get a newer one",
        ),
        ExchangeCode.TOO_LARGE: ("超出上限 {limit}", "larger than the limit, {limit}"),
    }
)
_LONGEST = 1024


class TrustListRefused(GatewayError):
    """A trust list that is not taken; ``code`` says why, ``params`` what in particular."""

    def __init__(self, code: ExchangeCode, **params: str) -> None:
        self.code = code
        self.params = dict(params)
        super().__init__(f"{code}: {self.message_en} / {self.message_zh}")

    @property
    def message_zh(self) -> str:
        """The refusal in Chinese, safe to show."""
        return printable(_TEXTS[self.code][0].format_map(self.params), _LONGEST)

    @property
    def message_en(self) -> str:
        """The refusal in English, safe to show."""
        return printable(_TEXTS[self.code][1].format_map(self.params), _LONGEST)


def malformed(element: str, why: str) -> TrustListRefused:
    """MALFORMED at ``element``."""
    return TrustListRefused(ExchangeCode.MALFORMED, element=element, why=why)


def signature_invalid(why: str) -> TrustListRefused:
    """SIGNATURE_INVALID, because of ``why``."""
    return TrustListRefused(ExchangeCode.SIGNATURE_INVALID, why=why)
