"""Format reasons of the encoding itself (ITU-T X.690): every structure read here must be DER."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

_REMEDY_EN = (
    "Export the file again from its source and send it unchanged; if it is the same, "
    "ask the CA that issued it to issue it again in DER."
)
_REMEDY_ZH = "请从来源重新导出文件并原样提交；若仍相同，请要求签发它的 CA 按 DER 编码重新签发。"


def _der(code: str, rank: int, clause: str, message_en: str, message_zh: str) -> Reason:
    """A reason at one byte of the input; every one of them names that byte as ``offset``."""
    return Reason(
        code=code,
        sub_indication=SubIndication.FORMAT_FAILURE,
        rank=rank,
        clause=clause,
        actor=Actor.CA,
        message_en=message_en + " (at byte {offset}).",
        message_zh=message_zh + "（位于第 {offset} 字节）。",
        remedy_en=_REMEDY_EN,
        remedy_zh=_REMEDY_ZH,
        params=("offset",),
    )


DER_TRUNCATED = _der(
    "DER_TRUNCATED",
    930,
    "ITU-T X.690 §8.1.3",
    "The data ends, or its enclosing field ends, before an element that was announced is complete",
    "数据或其所在字段在已声明的元素结束之前就已终止",
)
DER_TRAILING_BYTES = _der(
    "DER_TRAILING_BYTES",
    929,
    "ITU-T X.690 §8.1.1",
    "There are bytes after the end of a value where nothing may follow",
    "某个值结束之后还有不应存在的多余字节",
)
DER_LENGTH_INDEFINITE = _der(
    "DER_LENGTH_INDEFINITE",
    928,
    "ITU-T X.690 §10.1",
    "A length is given in the indefinite form of BER, which DER forbids",
    "长度采用了 BER 的不定长形式，DER 不允许",
)
DER_LENGTH_NOT_MINIMAL = _der(
    "DER_LENGTH_NOT_MINIMAL",
    928,
    "ITU-T X.690 §10.1",
    "A length is written with more bytes than it needs, which DER forbids",
    "长度字段使用了多余的字节，DER 不允许",
)
DER_LENGTH_TOO_LARGE = _der(
    "DER_LENGTH_TOO_LARGE",
    928,
    "ITU-T X.690 §8.1.3.5",
    "A length is written with more than four bytes",
    "长度字段超过四个字节",
)
DER_TAG_UNEXPECTED = _der(
    "DER_TAG_UNEXPECTED",
    926,
    "ITU-T X.690 §8.1.2",
    "An element of another kind stands where the structure requires a certain one",
    "结构要求的元素类型与实际出现的类型不符",
)
DER_TAG_LONG_FORM = _der(
    "DER_TAG_LONG_FORM",
    926,
    "ITU-T X.690 §8.1.2.4",
    "A tag is written in the form of several bytes, which no structure read here uses",
    "标签采用了多字节形式，此处的任何结构都不使用该形式",
)
DER_STRING_CONSTRUCTED = _der(
    "DER_STRING_CONSTRUCTED",
    926,
    "ITU-T X.690 §10.2",
    "A primitive value is encoded in pieces, or a structure is encoded as a primitive value",
    "原始类型的值被分段编码，或结构类型被编码为原始类型",
)
DER_DEPTH = _der(
    "DER_DEPTH",
    932,
    "ITU-T X.690 §8.1.2.5",
    "Elements are nested more deeply than this gateway reads",
    "元素嵌套层数超过本网关可读取的上限",
)
DER_INTEGER_EMPTY = _der(
    "DER_INTEGER_EMPTY",
    924,
    "ITU-T X.690 §8.3.1",
    "An integer has no content",
    "整数没有内容",
)
DER_INTEGER_NOT_MINIMAL = _der(
    "DER_INTEGER_NOT_MINIMAL",
    924,
    "ITU-T X.690 §8.3.2",
    "An integer is written with more bytes than it needs",
    "整数使用了多余的字节",
)
DER_INTEGER_TOO_LARGE = _der(
    "DER_INTEGER_TOO_LARGE",
    924,
    "ITU-T X.690 §8.3",
    "An integer is longer than this gateway reads in this place",
    "此处的整数长度超过本网关可读取的上限",
)
DER_BOOLEAN = _der(
    "DER_BOOLEAN",
    924,
    "ITU-T X.690 §11.1",
    "A boolean is neither 00 nor FF",
    "布尔值既不是 00 也不是 FF",
)
DER_NULL = _der(
    "DER_NULL",
    924,
    "ITU-T X.690 §8.8.2",
    "A NULL has content",
    "NULL 带有内容",
)
DER_OID = _der(
    "DER_OID",
    924,
    "ITU-T X.690 §8.19",
    "An object identifier is empty, cut short, or written with more bytes than it needs",
    "对象标识符为空、不完整或使用了多余的字节",
)
DER_OID_TOO_LARGE = _der(
    "DER_OID_TOO_LARGE",
    924,
    "ITU-T X.690 §8.19",
    "An object identifier, or one number of it, is larger than this gateway reads",
    "对象标识符或其中某个数值超过本网关可读取的上限",
)
DER_BIT_STRING = _der(
    "DER_BIT_STRING",
    924,
    "ITU-T X.690 §8.6, §11.2.1",
    "A bit string does not say its unused bits, or these are not zero",
    "位串未正确标明未使用位数，或未使用的位不为零",
)
DER_BIT_STRING_NOT_OCTETS = _der(
    "DER_BIT_STRING_NOT_OCTETS",
    924,
    "RFC 5280 §4.1.1.3, §4.1.2.7",
    "A key or a signature is not made of whole octets",
    "公钥或签名值不是由完整的字节组成",
)
DER_NAMED_BITS_NOT_MINIMAL = _der(
    "DER_NAMED_BITS_NOT_MINIMAL",
    924,
    "ITU-T X.690 §11.2.2",
    "A list of named bits ends in zero bits, which DER removes",
    "命名位列表以零位结尾，DER 要求去除",
)
DER_TIME = _der(
    "DER_TIME",
    924,
    "RFC 5280 §4.1.2.5.1, §4.1.2.5.2",
    "A time is not written as YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ, or is no time of the calendar",
    "时间未采用 YYMMDDHHMMSSZ 或 YYYYMMDDHHMMSSZ 格式，或不是有效的日历时间",
)
DER_SET_ORDER = _der(
    "DER_SET_ORDER",
    924,
    "ITU-T X.690 §11.6",
    "The members of a set are not in the order of DER, or one is there twice",
    "集合成员未按 DER 规定的顺序排列，或出现重复",
)
DER_DEFAULT_ENCODED = _der(
    "DER_DEFAULT_ENCODED",
    924,
    "ITU-T X.690 §11.5",
    "A value equal to its default is written out, which DER forbids",
    "等于默认值的字段被显式编码，DER 不允许",
)
