"""Format reasons of certificates, names and extensions (RFC 5280 §4.1, §4.2)."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

_CA_REMEDY = (
    "Ask the CA that issued the certificate to issue it again in the form of RFC 5280.",
    "请要求签发该证书的 CA 按 RFC 5280 的格式重新签发。",
)


def _row(
    code: str,
    rank: int,
    clause: str,
    message: tuple[str, str],
    *params: str,
    actor: Actor = Actor.CA,
    remedy: tuple[str, str] = _CA_REMEDY,
) -> Reason:
    """One FORMAT_FAILURE row; texts are (English, Chinese)."""
    return Reason(
        code=code,
        sub_indication=SubIndication.FORMAT_FAILURE,
        rank=rank,
        clause=clause,
        actor=actor,
        message_en=message[0],
        message_zh=message[1],
        remedy_en=remedy[0],
        remedy_zh=remedy[1],
        params=params,
    )


NOT_A_CERTIFICATE = _row(
    "NOT_A_CERTIFICATE",
    940,
    "RFC 5280 §4.1",
    ("What was sent is not an X.509 certificate.", "提交的内容不是 X.509 证书。"),
    actor=Actor.CALLER,
    remedy=("Send the certificate itself, in DER, base64 or PEM.", "请提交证书本身（DER、Base64 或 PEM）。"),
)
PRIVATE_KEY_IN_INPUT = _row(
    "PRIVATE_KEY_IN_INPUT",
    945,
    "RFC 5958 §2",
    (
        "A private key was sent. It was not read, but it has left its owner and is no longer secret.",
        "提交的内容中含有私钥。系统未读取它，但它已离开持有者，不再保密。",
    ),
    actor=Actor.HOLDER,
    remedy=(
        "Replace the key: have the certificate revoked, make a new key, and send only certificates.",
        "请更换密钥：吊销对应证书，重新生成密钥，并且只提交证书。",
    ),
)
CERTIFICATE_TOO_LARGE = _row(
    "CERTIFICATE_TOO_LARGE",
    944,
    "RFC 5280 §4.1",
    (
        "The certificate is larger than the {max_bytes} bytes this gateway reads.",
        "证书超过本网关可读取的 {max_bytes} 字节上限。",
    ),
    "max_bytes",
)
CERTIFICATE_TRAILING_BYTES = _row(
    "CERTIFICATE_TRAILING_BYTES",
    939,
    "RFC 5280 §4.1",
    ("There are {count} bytes after the end of the certificate.", "证书结束之后还有 {count} 个多余字节。"),
    "count",
    actor=Actor.CALLER,
    remedy=(
        "Send the certificate alone, one per field, without anything after it.",
        "请单独提交证书，每个字段一张，其后不要附加任何内容。",
    ),
)
ALGORITHM_MISMATCH = _row(
    "ALGORITHM_MISMATCH",
    922,
    "RFC 5280 §4.1.1.2",
    (
        "The signature algorithm inside the certificate differs from the one outside its signed part.",
        "证书签名内容之内与之外的签名算法标识不一致。",
    ),
)
VERSION_UNKNOWN = _row(
    "VERSION_UNKNOWN",
    921,
    "RFC 5280 §4.1.2.1",
    ("The certificate's version is none of v1, v2 and v3.", "证书版本不是 v1、v2 或 v3。"),
)
VERSION_WITHOUT_EXTENSIONS = _row(
    "VERSION_WITHOUT_EXTENSIONS",
    921,
    "RFC 5280 §4.1.2.9",
    (
        "The certificate carries extensions, which only version 3 may, but says another version.",
        "证书带有扩展项（仅 v3 允许），但声明的是其他版本。",
    ),
)
VERSION_WITHOUT_UNIQUE_IDENTIFIERS = _row(
    "VERSION_WITHOUT_UNIQUE_IDENTIFIERS",
    921,
    "RFC 5280 §4.1.2.8",
    (
        "The certificate carries unique identifiers, which version 1 may not.",
        "证书带有唯一标识符字段，v1 版本不允许。",
    ),
)
SERIAL_NUMBER_TOO_LONG = _row(
    "SERIAL_NUMBER_TOO_LONG",
    920,
    "RFC 5280 §4.1.2.2",
    ("The serial number is longer than 20 octets.", "证书序列号超过 20 个字节。"),
)
NAME_RDN_EMPTY = _row(
    "NAME_RDN_EMPTY",
    918,
    "RFC 5280 §4.1.2.4",
    ("A relative distinguished name has no attribute.", "名称中有一级相对可辨别名没有任何属性。"),
)
NAME_TOO_LARGE = _row(
    "NAME_TOO_LARGE",
    943,
    "RFC 5280 §4.1.2.4",
    (
        "A name has more than the {max_attributes} attributes this gateway reads.",
        "名称的属性数量超过本网关可读取的 {max_attributes} 个上限。",
    ),
    "max_attributes",
)
NAME_ISSUER_EMPTY = _row(
    "NAME_ISSUER_EMPTY",
    918,
    "RFC 5280 §4.1.2.4",
    ("The certificate does not name its issuer.", "证书的颁发者名称为空。"),
)
GENERAL_NAME_CHARACTERS = _row(
    "GENERAL_NAME_CHARACTERS",
    916,
    "RFC 5280 §4.2.1.6",
    (
        "A {kind} holds a control character or one outside ASCII.",
        "一个 {kind} 含有控制字符或非 ASCII 字符。",
    ),
    "kind",
)
GENERAL_NAME_EMPTY = _row(
    "GENERAL_NAME_EMPTY",
    916,
    "RFC 5280 §4.2.1.6",
    ("A {kind} is empty or blank.", "一个 {kind} 为空。"),
    "kind",
)
GENERAL_NAME_IP_LENGTH = _row(
    "GENERAL_NAME_IP_LENGTH",
    916,
    "RFC 5280 §4.2.1.6, §4.2.1.10",
    (
        "An IP address has {length} bytes; it must be {expected}.",
        "一个 IP 地址为 {length} 字节，应为 {expected} 字节。",
    ),
    "length",
    "expected",
)
GENERAL_NAMES_EMPTY = _row(
    "GENERAL_NAMES_EMPTY",
    916,
    "RFC 5280 §4.2.1.6",
    ("A list of names that must hold at least one is empty.", "一个至少应含一项的名称列表为空。"),
)
GENERAL_NAMES_TOO_MANY = _row(
    "GENERAL_NAMES_TOO_MANY",
    943,
    "RFC 5280 §4.2.1.6",
    (
        "A list holds more than the {max_names} names this gateway reads there.",
        "一个名称列表超过本网关在该处可读取的 {max_names} 项上限。",
    ),
    "max_names",
)
EXTENSIONS_EMPTY = _row(
    "EXTENSIONS_EMPTY",
    914,
    "RFC 5280 §4.1.2.9",
    ("The certificate has a list of extensions with nothing in it.", "证书带有空的扩展项列表。"),
)
EXTENSIONS_TOO_MANY = _row(
    "EXTENSIONS_TOO_MANY",
    943,
    "RFC 5280 §4.1.2.9",
    (
        "There are more than the {max_extensions} extensions this gateway reads.",
        "扩展项数量超过本网关可读取的 {max_extensions} 个上限。",
    ),
    "max_extensions",
)
EXTENSION_DUPLICATE = _row(
    "EXTENSION_DUPLICATE",
    914,
    "RFC 5280 §4.2",
    ("The extension {oid} is there more than once.", "扩展项 {oid} 出现不止一次。"),
    "oid",
)
EXTENSION_MALFORMED = _row(
    "EXTENSION_MALFORMED",
    913,
    "RFC 5280 §4.2",
    (
        "The extension {oid} does not have the structure of its type ({cause} at byte {offset}).",
        "扩展项 {oid} 不符合其类型的结构（第 {offset} 字节，{cause}）。",
    ),
    "oid",
    "cause",
    "offset",
)
EXTENSION_EMPTY = _row(
    "EXTENSION_EMPTY",
    912,
    "RFC 5280 §4.2.1",
    (
        "The extension {oid} is empty where it must hold at least one value.",
        "扩展项 {oid} 为空，至少应含一个值。",
    ),
    "oid",
)
EXTENSION_TOO_MANY_VALUES = _row(
    "EXTENSION_TOO_MANY_VALUES",
    943,
    "RFC 5280 §4.2.1",
    (
        "The extension {oid} holds more than the {max_values} values this gateway reads.",
        "扩展项 {oid} 的值超过本网关可读取的 {max_values} 个上限。",
    ),
    "oid",
    "max_values",
)
EXTENSION_COUNT_OUT_OF_RANGE = _row(
    "EXTENSION_COUNT_OUT_OF_RANGE",
    912,
    "RFC 5280 §4.2.1.9, §4.2.1.11, §4.2.1.14",
    (
        "A number of certificates in the extension {oid} is negative or absurdly large.",
        "扩展项 {oid} 中的证书数量为负数或大得不合理。",
    ),
    "oid",
)
KEY_USAGE_NO_BIT = _row(
    "KEY_USAGE_NO_BIT",
    912,
    "RFC 5280 §4.2.1.3",
    ("The key usage extension names no usage at all.", "密钥用法扩展项未指明任何用法。"),
)
POLICY_DUPLICATE = _row(
    "POLICY_DUPLICATE",
    912,
    "RFC 5280 §4.2.1.4",
    ("The certificate policy {policy} is listed more than once.", "证书策略 {policy} 被重复列出。"),
    "policy",
)
AUTHORITY_KEY_IDENTIFIER_HALF_REFERENCE = _row(
    "AUTHORITY_KEY_IDENTIFIER_HALF_REFERENCE",
    912,
    "RFC 5280 §4.2.1.1",
    (
        "The authority key identifier gives only one of the issuer's name and serial number.",
        "颁发机构密钥标识扩展项只给出了颁发者名称与序列号二者之一。",
    ),
)
DISTRIBUTION_POINT_EMPTY = _row(
    "DISTRIBUTION_POINT_EMPTY",
    912,
    "RFC 5280 §4.2.1.13",
    (
        "A CRL distribution point says neither where the CRL is nor who issues it.",
        "一个 CRL 分发点既未说明 CRL 的位置，也未说明其颁发者。",
    ),
)
DISTRIBUTION_POINTS_TOO_MANY = _row(
    "DISTRIBUTION_POINTS_TOO_MANY",
    943,
    "RFC 5280 §4.2.1.13",
    (
        "There are more than the {max_points} CRL distribution points this gateway reads.",
        "CRL 分发点数量超过本网关可读取的 {max_points} 个上限。",
    ),
    "max_points",
)
REASON_FLAGS_UNKNOWN = _row(
    "REASON_FLAGS_UNKNOWN",
    912,
    "RFC 5280 §4.2.1.13",
    (
        "A set of revocation reasons is empty or names a reason that does not exist.",
        "吊销原因集合为空，或含有不存在的原因。",
    ),
)
NAME_CONSTRAINT_RANGE = _row(
    "NAME_CONSTRAINT_RANGE",
    912,
    "RFC 5280 §4.2.1.10",
    (
        "A name constraint uses the minimum or maximum field, which RFC 5280 does not allow.",
        "名称限制使用了 minimum 或 maximum 字段，RFC 5280 不允许。",
    ),
)
NAME_CONSTRAINT_IP_MASK = _row(
    "NAME_CONSTRAINT_IP_MASK",
    912,
    "RFC 5280 §4.2.1.10",
    (
        "An IP address constraint has a mask whose one bits are not all in front.",
        "IP 地址名称限制的掩码不连续。",
    ),
)
