"""Format reasons of what callers send: PEM, base64, bundles (RFC 7468, RFC 5652)."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

_REMEDY_EN = (
    "Send certificates, CRLs or OCSP responses in DER, base64 or PEM, or a PKCS#7 file of certificates."
)
_REMEDY_ZH = "请提交 DER、Base64 或 PEM 格式的证书、CRL 或 OCSP 响应，或仅含证书的 PKCS#7 文件。"


def _input(code: str, rank: int, clause: str, message: tuple[str, str], *params: str) -> Reason:
    """A reason the caller can mend by sending the same things in another wrapping."""
    return Reason(
        code=code,
        sub_indication=SubIndication.FORMAT_FAILURE,
        rank=rank,
        clause=clause,
        actor=Actor.CALLER,
        message_en=message[0],
        message_zh=message[1],
        remedy_en=_REMEDY_EN,
        remedy_zh=_REMEDY_ZH,
        params=params,
    )


INPUT_EMPTY = _input(
    "INPUT_EMPTY",
    941,
    "RFC 7468 §2",
    ("What was sent is empty or holds nothing to read.", "提交的内容为空，或其中没有可读取的对象。"),
)
INPUT_TOO_LARGE = _input(
    "INPUT_TOO_LARGE",
    944,
    "RFC 7468 §2",
    (
        "What was sent is larger than the {max_bytes} bytes this gateway reads.",
        "提交的内容超过本网关可读取的 {max_bytes} 字节上限。",
    ),
    "max_bytes",
)
INPUT_TOO_MANY_ITEMS = _input(
    "INPUT_TOO_MANY_ITEMS",
    944,
    "RFC 7468 §2",
    (
        "What was sent holds more than {max_items} certificates, CRLs and OCSP responses.",
        "提交的内容中证书、CRL 与 OCSP 响应的总数超过 {max_items} 个。",
    ),
    "max_items",
)
INPUT_UNRECOGNIZED = _input(
    "INPUT_UNRECOGNIZED",
    941,
    "RFC 7468 §2",
    (
        "What was sent is neither a certificate, a CRL, an OCSP response, nor a bundle of these.",
        "提交的内容不是证书、CRL、OCSP 响应，也不是它们的集合文件。",
    ),
)
BASE64_MALFORMED = _input(
    "BASE64_MALFORMED",
    941,
    "RFC 4648 §4",
    (
        "The base64 text has characters or padding that base64 does not have there.",
        "Base64 文本含有不合法的字符或填充。",
    ),
)
PEM_MALFORMED = _input(
    "PEM_MALFORMED",
    941,
    "RFC 7468 §2",
    (
        "A PEM block has no proper BEGIN line or no matching END line.",
        "PEM 块的 BEGIN 行不正确，或缺少对应的 END 行。",
    ),
)
PEM_LABEL_UNKNOWN = _input(
    "PEM_LABEL_UNKNOWN",
    941,
    "RFC 7468 §4",
    (
        'A PEM block is labelled "{label}", which is nothing this gateway reads.',
        "PEM 块的标签为“{label}”，本网关不读取该类对象。",
    ),
    "label",
)
PEM_NOT_ONE_BLOCK = _input(
    "PEM_NOT_ONE_BLOCK",
    941,
    "RFC 7468 §2",
    (
        "A field that takes one object holds {count} PEM blocks.",
        "只接受一个对象的字段中含有 {count} 个 PEM 块。",
    ),
    "count",
)
PKCS7_CONTENT_TYPE = _input(
    "PKCS7_CONTENT_TYPE",
    941,
    "RFC 5652 §3, §5.1",
    (
        "The PKCS#7 file is of type {oid}; only signed data, which carries certificates, is read.",
        "PKCS#7 文件的类型为 {oid}；仅读取可携带证书的签名数据类型。",
    ),
    "oid",
)
PKCS7_MEMBER = _input(
    "PKCS7_MEMBER",
    941,
    "RFC 5652 §10.2.1, §10.2.2",
    (
        "The PKCS#7 file carries something that is neither a certificate nor a CRL.",
        "PKCS#7 文件中含有既非证书也非 CRL 的对象。",
    ),
)
