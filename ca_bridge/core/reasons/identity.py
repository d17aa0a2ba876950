"""Reasons about whom a certificate is about: numbers that contradict each other or themselves, or none."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

IDENTITY_PERSONS_DIFFER = Reason(
    code="IDENTITY_PERSONS_DIFFER",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=707,
    clause="GB/T 20518-2018; GB 11643-1999",
    actor=Actor.CA,
    message_en="The certificate holds resident identity numbers of different persons, in {sources}.",
    message_zh="证书中含有不同人员的居民身份号码，位于 {sources}。",
    remedy_en="Ask the CA that issued the certificate for one that names a single person.",
    remedy_zh="请要求签发该证书的 CA 签发只标识一人的证书。",
    params=("sources",),
)

IDENTITY_ORGANIZATIONS_DIFFER = Reason(
    code="IDENTITY_ORGANIZATIONS_DIFFER",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=706,
    clause="GB/T 20518-2018; GB 32100-2015",
    actor=Actor.CA,
    message_en="The certificate holds codes of different organisations: {codes}, in {sources}.",
    message_zh="证书中含有不同机构的代码：{codes}，位于 {sources}。",
    remedy_en="Ask the CA that issued the certificate for one that names a single organisation.",
    remedy_zh="请要求签发该证书的 CA 签发只标识一个机构的证书。",
    params=("codes", "sources"),
)

ORGANIZATION_CODES_DISAGREE = Reason(
    code="ORGANIZATION_CODES_DISAGREE",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=705,
    clause="GB/T 20518-2018; GB 32100-2015; GB 11714-1997",
    actor=Actor.CA,
    message_en=(
        "The certificate's unified social credit code and organisation code disagree: {codes}, in {sources}."
    ),
    message_zh="证书中的统一社会信用代码与组织机构代码不一致：{codes}，位于 {sources}。",
    remedy_en=(
        "Ask the CA to issue the certificate again: characters 9 to 17 of the unified code are the "
        "organisation code."
    ),
    remedy_zh="请要求签发该证书的 CA 重新签发：统一社会信用代码的第 9 至 17 位即为组织机构代码。",
    params=("codes", "sources"),
)

RESIDENT_NUMBER_CHECK_WRONG = Reason(
    code="RESIDENT_NUMBER_CHECK_WRONG",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=704,
    clause="GB/T 20518-2018; GB 11643-1999",
    actor=Actor.CA,
    message_en="The resident identity number in {source} is wrong in its check character or form.",
    message_zh="{source} 中的居民身份号码有误：校验码或格式不正确。",
    remedy_en="Ask the CA that issued the certificate to issue it again with the right number.",
    remedy_zh="请要求签发该证书的 CA 以正确的号码重新签发。",
    params=("source",),
)

UNIFIED_CODE_CHECK_WRONG = Reason(
    code="UNIFIED_CODE_CHECK_WRONG",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=703,
    clause="GB/T 20518-2018; GB 32100-2015; GB 11714-1997",
    actor=Actor.CA,
    message_en="The unified social credit code in {source} is wrong in a check character or its form.",
    message_zh="{source} 中的统一社会信用代码有误：校验码或格式不正确。",
    remedy_en="Ask the CA that issued the certificate to issue it again with the right code.",
    remedy_zh="请要求签发该证书的 CA 以正确的代码重新签发。",
    params=("source",),
)

ORGANIZATION_CODE_CHECK_WRONG = Reason(
    code="ORGANIZATION_CODE_CHECK_WRONG",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=702,
    clause="GB/T 20518-2018; GB 11714-1997",
    actor=Actor.CA,
    message_en="The organisation code in {source} is wrong in its check character or form.",
    message_zh="{source} 中的组织机构代码有误：校验码或格式不正确。",
    remedy_en="Ask the CA that issued the certificate to issue it again with the right code.",
    remedy_zh="请要求签发该证书的 CA 以正确的代码重新签发。",
    params=("source",),
)

IDENTITY_UNREADABLE = Reason(
    code="IDENTITY_UNREADABLE",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=701,
    clause="GB/T 20518-2018",
    actor=Actor.CA,
    message_en="The identity number in {source} cannot be read.",
    message_zh="无法读取 {source} 中的身份标识。",
    remedy_en="Ask the CA to encode this extension as its own definition says, or use another certificate.",
    remedy_zh="请要求签发该证书的 CA 按其定义编码该扩展项，或改用其他证书。",
    params=("source",),
)

IDENTITY_NOT_STATED = Reason(
    code="IDENTITY_NOT_STATED",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=700,
    clause="GB/T 20518-2018",
    actor=Actor.HOLDER,
    message_en="The certificate holds no number that identifies its holder beyond the CA that issued it.",
    message_zh="证书中没有可在签发机构之外标识持有者身份的号码。",
    remedy_en="Use a certificate that states an organisation's code or a person's identity number.",
    remedy_zh="请改用载有机构代码或个人身份号码的证书。",
)
