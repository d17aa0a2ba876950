"""Reasons of certificates that break what RFC 5280 §4 requires of their issuers."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

EXTENSION_MUST_NOT_BE_CRITICAL = Reason(
    code="EXTENSION_MUST_NOT_BE_CRITICAL",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=632,
    clause="RFC 5280 §4.2.1.1, §4.2.1.2, §4.2.1.8, §4.2.1.15, §4.2.2.1, §4.2.2.2",
    actor=Actor.CA,
    message_en="The extension {extension} is marked critical, which the standard forbids.",
    message_zh="扩展项 {extension} 被标为关键，标准不允许这样做。",
    remedy_en="Ask the CA to issue the certificate again with this extension non-critical.",
    remedy_zh="请要求 CA 将该扩展项标为非关键后重新签发证书。",
    params=("extension",),
)

EXTENSION_MUST_BE_CRITICAL = Reason(
    code="EXTENSION_MUST_BE_CRITICAL",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=631,
    clause="RFC 5280 §4.2.1.10, §4.2.1.11, §4.2.1.14",
    actor=Actor.CA,
    message_en="The extension {extension} is not marked critical, so others may ignore what it forbids.",
    message_zh="扩展项 {extension} 未标为关键，其限制可能被其他系统忽略。",
    remedy_en="Ask the CA to issue the certificate again with this extension critical.",
    remedy_zh="请要求 CA 将该扩展项标为关键后重新签发证书。",
    params=("extension",),
)

CERT_SIGN_WITHOUT_CA = Reason(
    code="CERT_SIGN_WITHOUT_CA",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=634,
    clause="RFC 5280 §4.2.1.9",
    actor=Actor.CA,
    message_en="The certificate claims to sign certificates (keyCertSign) but does not say that it is a CA.",
    message_zh="证书声称可签发证书（keyCertSign），却没有表明其为 CA。",
    remedy_en="Ask the CA to issue the certificate again without keyCertSign.",
    remedy_zh="请要求 CA 去掉 keyCertSign 后重新签发证书。",
)

NAME_CONSTRAINTS_WITHOUT_CA = Reason(
    code="NAME_CONSTRAINTS_WITHOUT_CA",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=633,
    clause="RFC 5280 §4.2.1.10",
    actor=Actor.CA,
    message_en="The certificate has name constraints but does not say that it is a CA.",
    message_zh="证书含有名称限制，却没有表明其为 CA。",
    remedy_en="Ask the CA to issue the certificate again without name constraints.",
    remedy_zh="请要求 CA 去掉名称限制后重新签发证书。",
)

CA_WITHOUT_SUBJECT = Reason(
    code="CA_WITHOUT_SUBJECT",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=635,
    clause="RFC 5280 §4.1.2.6",
    actor=Actor.CA,
    message_en="A CA certificate has no subject name.",
    message_zh="CA 证书没有主体名称。",
    remedy_en="Use a certificate issued by a CA that has a name.",
    remedy_zh="请改用有名称的 CA 所签发的证书。",
)

TARGET_WITHOUT_NAME = Reason(
    code="TARGET_WITHOUT_NAME",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=637,
    clause="RFC 5280 §4.1.2.6",
    actor=Actor.CA,
    message_en="The certificate names nobody: it has neither a subject name nor an alternative name.",
    message_zh="证书既无主体名称也无备用名称，未标明任何人。",
    remedy_en="Ask the CA for a certificate that names its holder.",
    remedy_zh="请要求 CA 签发标明持有者名称的证书。",
)

ALTERNATIVE_NAME_MUST_BE_CRITICAL = Reason(
    code="ALTERNATIVE_NAME_MUST_BE_CRITICAL",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=636,
    clause="RFC 5280 §4.1.2.6, §4.2.1.6",
    actor=Actor.CA,
    message_en="The certificate has no subject name and its alternative names are not marked critical.",
    message_zh="证书没有主体名称，且备用名称未标为关键。",
    remedy_en="Ask the CA to issue the certificate again with the alternative names critical.",
    remedy_zh="请要求 CA 将备用名称标为关键后重新签发证书。",
)
