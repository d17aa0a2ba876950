"""Reasons of name constraints, RFC 5280 §4.2.1.10 and §6.1.3 (b), (c)."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

NAME_NOT_PERMITTED = Reason(
    code="NAME_NOT_PERMITTED",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=654,
    clause="RFC 5280 §6.1.3 (b)",
    actor=Actor.CA,
    message_en='The name "{name}" ({form}) lies outside the names that a CA above is permitted to certify.',
    message_zh="名称“{name}”（{form}）超出了上级 CA 允许签发的名称范围。",
    remedy_en="Use a certificate from a CA that may certify this name, or one with a permitted name.",
    remedy_zh="请改用有权签发该名称的 CA 所发的证书，或使用名称在允许范围内的证书。",
    params=("form", "name"),
)

NAME_EXCLUDED = Reason(
    code="NAME_EXCLUDED",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=655,
    clause="RFC 5280 §6.1.3 (c)",
    actor=Actor.CA,
    message_en='The name "{name}" ({form}) is among the names that a CA above is forbidden to certify.',
    message_zh="名称“{name}”（{form}）属于上级 CA 禁止签发的名称。",
    remedy_en="Use a certificate from a CA that may certify this name.",
    remedy_zh="请改用有权签发该名称的 CA 所发的证书。",
    params=("form", "name"),
)

NAME_FORM_NOT_PROCESSED = Reason(
    code="NAME_FORM_NOT_PROCESSED",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=652,
    clause="RFC 5280 §4.2.1.10",
    actor=Actor.CA,
    message_en='A CA above constrains names of the form {form}, which cannot be judged for "{name}".',
    message_zh="上级 CA 限制了 {form} 形式的名称，无法据此判断“{name}”。",
    remedy_en="Ask the CA for a certificate without a name of this form.",
    remedy_zh="请要求 CA 签发不含该形式名称的证书。",
    params=("form", "name"),
)

CONSTRAINED_NAME_MALFORMED = Reason(
    code="CONSTRAINED_NAME_MALFORMED",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=653,
    clause="RFC 5280 §4.2.1.6, §4.2.1.10",
    actor=Actor.CA,
    message_en='The name "{name}" is not a well-formed {form}, so a CA\'s name constraints cannot allow it.',
    message_zh="名称“{name}”不是格式正确的 {form}，无法通过上级 CA 的名称限制。",
    remedy_en="Ask the CA to issue the certificate again with the name written correctly.",
    remedy_zh="请要求 CA 以正确的名称重新签发证书。",
    params=("form", "name"),
)

NAME_CONSTRAINTS_MALFORMED = Reason(
    code="NAME_CONSTRAINTS_MALFORMED",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=651,
    clause="RFC 5280 §4.2.1.10",
    actor=Actor.CA,
    message_en='The name constraints of a CA on the path hold a value that cannot be read ("{value}").',
    message_zh="路径上某 CA 的名称限制含有无法识别的值（“{value}”）。",
    remedy_en="Ask the CA above to issue this CA certificate again with well-formed name constraints.",
    remedy_zh="请上级 CA 以正确的名称限制重新签发该 CA 证书。",
    params=("value",),
)
