"""Format reasons of status evidence: CRLs (RFC 5280 §5) and OCSP responses (RFC 6960 §4.2).

They rank among the reasons for missing evidence: a CRL that can't be read is no evidence.
"""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication


def _crl(code: str, rank: int, clause: str, message: tuple[str, str], *params: str) -> Reason:
    """Return a reason for a CRL that breaks its format; the CA that issued it must mend it."""
    return Reason(
        code=code,
        sub_indication=SubIndication.FORMAT_FAILURE,
        rank=rank,
        clause=clause,
        actor=Actor.CA,
        message_en=message[0],
        message_zh=message[1],
        remedy_en="Fetch the CRL again from the CA's distribution point; if it is the same, "
        "ask the CA to issue one that follows RFC 5280.",
        remedy_zh="请从 CA 的 CRL 发布点重新下载；若内容相同，请要求 CA 重新签发符合 RFC 5280 的 CRL。",
        params=params,
    )


def _ocsp(code: str, rank: int, clause: str, message: tuple[str, str], *params: str) -> Reason:
    """Return a reason for an OCSP response that breaks its format; its responder's operator must mend it."""
    return Reason(
        code=code,
        sub_indication=SubIndication.FORMAT_FAILURE,
        rank=rank,
        clause=clause,
        actor=Actor.CA,
        message_en=message[0],
        message_zh=message[1],
        remedy_en="Ask the OCSP responder again; if the answer is the same, "
        "ask the CA that runs it to answer as RFC 6960 says.",
        remedy_zh="请重新查询 OCSP 服务；若响应相同，请要求运营该服务的 CA 按 RFC 6960 响应。",
        params=params,
    )


CRL_TOO_LARGE = _crl(
    "CRL_TOO_LARGE",
    549,
    "RFC 5280 §5.1",
    (
        "The CRL is larger than the {max_bytes} bytes this gateway reads.",
        "CRL 超过本网关可读取的 {max_bytes} 字节上限。",
    ),
    "max_bytes",
)
CRL_STRUCTURE = _crl(
    "CRL_STRUCTURE",
    548,
    "RFC 5280 §5.1",
    (
        "The CRL's field {part} is missing, misplaced or followed by something that does not belong there.",
        "CRL 的字段 {part} 缺失、位置错误，或其后有不应出现的内容。",
    ),
    "part",
)
CRL_VERSION = _crl(
    "CRL_VERSION",
    547,
    "RFC 5280 §5.1.2.1",
    (
        "The CRL's version field is present but is not v2, the only version that has it.",
        "CRL 含有版本字段，但其值不是唯一允许的 v2。",
    ),
)
CRL_SIGNATURE_ALGORITHM_MISMATCH = _crl(
    "CRL_SIGNATURE_ALGORITHM_MISMATCH",
    547,
    "RFC 5280 §5.1.1.2",
    (
        "The signature algorithm inside the CRL differs from the one outside its signed part.",
        "CRL 签名内容之内与之外的签名算法标识不一致。",
    ),
)
CRL_EXTENSION_IN_V1 = _crl(
    "CRL_EXTENSION_IN_V1",
    546,
    "RFC 5280 §5.1.2.1",
    (
        "The CRL is version 1 but carries extensions, which only version 2 may have.",
        "CRL 为 v1 版本，却含有仅 v2 允许的扩展项。",
    ),
)
CRL_EXTENSION_DUPLICATE = _crl(
    "CRL_EXTENSION_DUPLICATE",
    546,
    "RFC 5280 §4.2",
    (
        "The CRL, or one of its entries, has the extension {oid} twice.",
        "CRL 或其某一条目中扩展项 {oid} 重复出现。",
    ),
    "oid",
)
CRL_EXTENSION_MALFORMED = _crl(
    "CRL_EXTENSION_MALFORMED",
    546,
    "RFC 5280 §5.2",
    (
        "The CRL extension {oid} has a value that does not follow its definition ({cause}).",
        "CRL 扩展项 {oid} 的值不符合其定义（{cause}）。",
    ),
    "oid",
    "cause",
)
CRL_EXTENSIONS_TOO_MANY = _crl(
    "CRL_EXTENSIONS_TOO_MANY",
    546,
    "RFC 5280 §5.2",
    (
        "The CRL, or one of its entries, has more than the {maximum} extensions this gateway reads.",
        "CRL 或其某一条目的扩展项数量超过本网关可读取的 {maximum} 个。",
    ),
    "maximum",
)
CRL_NUMBER_TOO_LONG = _crl(
    "CRL_NUMBER_TOO_LONG",
    546,
    "RFC 5280 §5.2.3",
    (
        "The CRL number or base CRL number is negative or longer than 20 octets.",
        "CRL 编号或基准 CRL 编号为负数，或超过 20 个字节。",
    ),
)
CRL_SCOPE_CONTRADICTION = _crl(
    "CRL_SCOPE_CONTRADICTION",
    546,
    "RFC 5280 §5.2.5",
    (
        "The CRL's issuing distribution point is empty or names more than one kind of certificate.",
        "CRL 的签发分发点扩展项为空，或同时将 CRL 限定为多种证书类型。",
    ),
)
CRL_ENTRY_MALFORMED = _crl(
    "CRL_ENTRY_MALFORMED",
    545,
    "RFC 5280 §5.1.2.6",
    (
        "The CRL's entry at byte {offset} does not have a serial number, a date and optional extensions.",
        "CRL 中位于第 {offset} 字节的条目不符合“序列号、日期、可选扩展项”的结构。",
    ),
    "offset",
)
CRL_ENTRY_SERIAL_TOO_LONG = _crl(
    "CRL_ENTRY_SERIAL_TOO_LONG",
    545,
    "RFC 5280 §4.1.2.2",
    (
        "The CRL's entry at byte {offset} has a serial number longer than {max_octets} octets.",
        "CRL 中位于第 {offset} 字节的条目序列号超过 {max_octets} 个字节。",
    ),
    "offset",
    "max_octets",
)
CRL_ENTRY_REASON = _crl(
    "CRL_ENTRY_REASON",
    545,
    "RFC 5280 §5.3.1",
    (
        "The CRL's entry at byte {offset} gives a revocation reason that is not defined.",
        "CRL 中位于第 {offset} 字节的条目使用了未定义的吊销原因。",
    ),
    "offset",
)
CRL_ENTRY_CERTIFICATE_ISSUER = _crl(
    "CRL_ENTRY_CERTIFICATE_ISSUER",
    545,
    "RFC 5280 §5.3.3",
    (
        "The CRL's entry at byte {offset} does not name one certificate issuer by distinguished name.",
        "CRL 中位于第 {offset} 字节的条目未以唯一的可辨别名指明证书颁发者。",
    ),
    "offset",
)
CRL_ENTRIES_TOO_COMPLEX = _crl(
    "CRL_ENTRIES_TOO_COMPLEX",
    549,
    "RFC 5280 §5.1.2.6",
    (
        "The CRL has more than the {maximum} entries with unusual extensions that this gateway reads.",
        "CRL 中带有非常见扩展项的条目超过本网关可读取的 {maximum} 条。",
    ),
    "maximum",
)
CRL_ENTRIES_REPEATED = _crl(
    "CRL_ENTRIES_REPEATED",
    549,
    "RFC 5280 §5.1.2.6",
    (
        "The CRL lists one serial number more than {maximum} times.",
        "CRL 中同一序列号出现超过 {maximum} 次。",
    ),
    "maximum",
)

OCSP_TOO_LARGE = _ocsp(
    "OCSP_TOO_LARGE",
    544,
    "RFC 6960 §4.2.1",
    (
        "The OCSP response is larger than the {max_bytes} bytes this gateway reads.",
        "OCSP 响应超过本网关可读取的 {max_bytes} 字节上限。",
    ),
    "max_bytes",
)
OCSP_STRUCTURE = _ocsp(
    "OCSP_STRUCTURE",
    543,
    "RFC 6960 §4.2.1",
    (
        "The OCSP response's field {part} is missing, misplaced or followed by what does not belong there.",
        "OCSP 响应的字段 {part} 缺失、位置错误，或其后有不应出现的内容。",
    ),
    "part",
)
OCSP_RESPONSE_STATUS = _ocsp(
    "OCSP_RESPONSE_STATUS",
    542,
    "RFC 6960 §4.2.1",
    (
        "The OCSP response's status is not one that is defined.",
        "OCSP 响应的响应状态不是已定义的取值。",
    ),
)
OCSP_RESPONSE_BYTES_MISSING = _ocsp(
    "OCSP_RESPONSE_BYTES_MISSING",
    542,
    "RFC 6960 §4.2.1",
    (
        "The OCSP response says it is successful but carries no response.",
        "OCSP 响应声明成功，但未携带响应内容。",
    ),
)
OCSP_RESPONSE_BYTES_UNEXPECTED = _ocsp(
    "OCSP_RESPONSE_BYTES_UNEXPECTED",
    542,
    "RFC 6960 §4.2.1",
    (
        "The OCSP response reports an error and yet carries a response.",
        "OCSP 响应声明出错，却又携带了响应内容。",
    ),
)
OCSP_RESPONSE_TYPE = _ocsp(
    "OCSP_RESPONSE_TYPE",
    542,
    "RFC 6960 §4.2.1",
    (
        "The OCSP response is of type {oid}; only the basic type is defined.",
        "OCSP 响应类型为 {oid}，而目前仅定义了 basic 类型。",
    ),
    "oid",
)
OCSP_VERSION = _ocsp(
    "OCSP_VERSION",
    541,
    "RFC 6960 §4.2.1",
    (
        "The OCSP response's version field is present; v1, the only version, leaves it out in DER.",
        "OCSP 响应含有版本字段；唯一的版本 v1 在 DER 编码中应省略该字段。",
    ),
)
OCSP_RESPONDER_ID = _ocsp(
    "OCSP_RESPONDER_ID",
    541,
    "RFC 6960 §4.2.1",
    (
        "The OCSP response names its responder neither by name nor by key hash.",
        "OCSP 响应既未以名称、也未以密钥摘要标识响应者。",
    ),
)
OCSP_CERT_STATUS = _ocsp(
    "OCSP_CERT_STATUS",
    541,
    "RFC 6960 §4.2.1",
    (
        "The OCSP response gives a certificate a status that is neither good, revoked nor unknown.",
        "OCSP 响应给出的证书状态不是 good、revoked 或 unknown。",
    ),
)
OCSP_REVOCATION_REASON = _ocsp(
    "OCSP_REVOCATION_REASON",
    541,
    "RFC 6960 §4.2.1",
    (
        "The OCSP response gives a revocation reason that is not defined.",
        "OCSP 响应使用了未定义的吊销原因。",
    ),
)
OCSP_EXTENSION_DUPLICATE = _ocsp(
    "OCSP_EXTENSION_DUPLICATE",
    541,
    "RFC 6960 §4.4",
    (
        "The OCSP response has the extension {oid} twice in one place.",
        "OCSP 响应在同一处重复出现扩展项 {oid}。",
    ),
    "oid",
)
OCSP_NONCE = _ocsp(
    "OCSP_NONCE",
    541,
    "RFC 9654 §2.1",
    (
        "The OCSP response's nonce is not an octet string of 1 to 128 octets.",
        "OCSP 响应的随机数（nonce）不是 1 至 128 字节的八位字节串。",
    ),
)
OCSP_TOO_MANY = _ocsp(
    "OCSP_TOO_MANY",
    544,
    "RFC 6960 §4.2.1",
    (
        "The OCSP response has more than the {maximum} elements of {part} that this gateway reads.",
        "OCSP 响应中 {part} 的数量超过本网关可读取的 {maximum} 个。",
    ),
    "part",
    "maximum",
)
