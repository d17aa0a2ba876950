"""Reasons about the target certificate's fitness for what is asked of it."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

ENCRYPTION_CERTIFICATE_FOR_SIGNATURE = Reason(
    code="ENCRYPTION_CERTIFICATE_FOR_SIGNATURE",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=718,
    clause="GB/T 20518-2018, RFC 5280 §4.2.1.3",
    actor=Actor.HOLDER,
    message_en="This is an encryption certificate: its key usage allows encryption and no signature.",
    message_zh="这是加密证书：其密钥用法只允许加密，不允许签名。",
    remedy_en="Use the signing certificate of the same pair; its key usage has digitalSignature.",
    remedy_zh="请改用同一对双证书中的签名证书（密钥用法含 digitalSignature）。",
)

KEY_USAGE_FORBIDS_PURPOSE = Reason(
    code="KEY_USAGE_FORBIDS_PURPOSE",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=716,
    clause="RFC 5280 §4.2.1.3, §4.2.1.12",
    actor=Actor.HOLDER,
    message_en="The certificate's key usage ({key_usage}) does not fit the purpose {purpose}.",
    message_zh="证书的密钥用法（{key_usage}）与用途 {purpose} 不符。",
    remedy_en="Use a certificate issued for this purpose.",
    remedy_zh="请改用为该用途签发的证书。",
    params=("key_usage", "purpose"),
)

KEY_USAGE_NOT_ALLOWED = Reason(
    code="KEY_USAGE_NOT_ALLOWED",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=714,
    clause="RFC 5280 §4.2.1.3",
    actor=Actor.HOLDER,
    message_en="The certificate's key usage leaves out what was asked for: {missing}.",
    message_zh="证书的密钥用法不包含所要求的：{missing}。",
    remedy_en="Use a certificate whose key usage has these bits, or ask for the usage it has.",
    remedy_zh="请改用包含这些用法的证书，或改为要求该证书具有的用法。",
    params=("missing",),
)

PURPOSE_NOT_ALLOWED = Reason(
    code="PURPOSE_NOT_ALLOWED",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=715,
    clause="RFC 5280 §4.2.1.12",
    actor=Actor.HOLDER,
    message_en="The certificate's extended key usage leaves out the purpose {purpose}.",
    message_zh="证书的扩展密钥用法不包含用途 {purpose}。",
    remedy_en="Use a certificate issued for this purpose.",
    remedy_zh="请改用为该用途签发的证书。",
    params=("purpose",),
)

PURPOSE_NOT_STATED = Reason(
    code="PURPOSE_NOT_STATED",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=713,
    clause="RFC 3161 §2.3, RFC 6960 §4.2.2.2",
    actor=Actor.CA,
    message_en="The purpose {purpose} must be stated as extended key usage, and the certificate has none.",
    message_zh="用途 {purpose} 必须在扩展密钥用法中声明，而该证书没有此扩展项。",
    remedy_en="Ask the CA for a certificate whose extended key usage states this purpose.",
    remedy_zh="请要求 CA 签发在扩展密钥用法中声明该用途的证书。",
    params=("purpose",),
)

TIME_STAMPING_NOT_EXCLUSIVE = Reason(
    code="TIME_STAMPING_NOT_EXCLUSIVE",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=712,
    clause="RFC 3161 §2.3",
    actor=Actor.CA,
    message_en="A time-stamping certificate must have time stamping as its only, critical, extended usage.",
    message_zh="时间戳证书的扩展密钥用法必须为关键扩展项，且只含时间戳用途。",
    remedy_en="Ask the CA for a certificate for time stamping alone, with the extended key usage critical.",
    remedy_zh="请要求 CA 签发扩展密钥用法为关键且仅含时间戳用途的证书。",
)

HOST_NAME_MISMATCH = Reason(
    code="HOST_NAME_MISMATCH",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=710,
    clause="RFC 9525 §6",
    actor=Actor.HOLDER,
    message_en='The certificate is not for the host "{host}"; it names {names}.',
    message_zh="证书不适用于主机“{host}”，其中的名称为：{names}。",
    remedy_en="Check the host name, or have a certificate issued with it as a subject alternative name.",
    remedy_zh="请核对主机名，或申请主体备用名称中含该主机名的证书。",
    params=("host", "names"),
)

HOST_NAME_UNREADABLE = Reason(
    code="HOST_NAME_UNREADABLE",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=711,
    clause="RFC 9525 §6.2, RFC 5890 §2.3.2.1",
    actor=Actor.CALLER,
    message_en='The name "{host}" is neither an ASCII host name nor an IP address; nothing can match it.',
    message_zh="“{host}”既不是 ASCII 主机名也不是 IP 地址，没有证书能与之匹配。",
    remedy_en="Give the host name in its ASCII form (xn--... for international names), without port or path.",
    remedy_zh="请使用 ASCII 形式的主机名（国际化域名用 xn-- 形式），不含端口和路径。",
    params=("host",),
)
