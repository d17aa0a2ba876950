"""Schemas of certificates, CRLs and OCSP responses as they are shown."""

from __future__ import annotations

from ca_bridge.core.x509.identity import HolderKind
from ca_bridge.core.x509.identity_key import KeyStrength
from ca_bridge.core.x509.identity_registry import IdentityKind
from ca_bridge.core.x509.identity_value import CheckResult, IdentityProblem
from ca_bridge.interfaces.rest.schema_parts import (
    Schema,
    array,
    choice,
    flag,
    nullable,
    record,
    ref,
    sha256,
    text,
    utc,
    whole,
)


def note_members() -> Schema:
    """Members of a note."""
    return {
        "code": text("Code of the deviation.", "偏差代码。"),
        "detail": text("Where it was.", "所在位置。"),
    }


def note() -> Schema:
    """A deviation that was read."""
    return record("A harmless deviation that was read.", "已读取的无害偏差。", note_members())


def _summary() -> Schema:
    return {
        "fingerprint": sha256("SHA-256 of the bytes received.", "收到内容的 SHA-256。"),
        "subject": text("Subject name.", "主体。"),
        "issuer": text("Issuer name.", "颁发者。"),
        "serial_number": text("Serial number, hex.", "序列号（十六进制）。"),
        "not_before": utc("First instant of its validity.", "有效期起始。"),
        "not_after": utc("Last instant of its validity.", "有效期截止。"),
        "key": text("Kind and size of the key.", "密钥类型与长度。"),
        "signature_algorithm": text("Name or OID of the signature algorithm.", "签名算法名称或 OID。"),
        "self_issued": flag("Issuer and subject are the same name.", "颁发者与主体同名。"),
        "notes": array(ref("Note"), "Harmless deviations that were read.", "已读取的无害偏差。"),
    }


def certificate_summary() -> Schema:
    """One certificate of a path."""
    return record("What one looks at first in a certificate.", "证书概要。", _summary())


def bare_fingerprint() -> Schema:
    """A certificate known by its fingerprint only."""
    return record(
        "A certificate that could not be read.",
        "无法读取的证书。",
        {"fingerprint": sha256("SHA-256 of the bytes received.", "收到内容的 SHA-256。")},
    )


def identity() -> Schema:
    """Unified identity fields."""
    field = record(
        "One identity number; personal ones are masked and have no value.",
        "一个身份编号；个人编号仅显示遮蔽值。",
        {
            "kind": choice(IdentityKind, "What the number is.", "编号种类。"),
            "value": nullable(text("The number; null when it is a person's.", "编号，个人编号为 null。")),
            "masked": text("Its two ends.", "遮蔽后的编号。"),
            "check": choice(CheckResult, "Outcome of the check characters.", "校验位结果。"),
            "source": text("Extension OID, or subject: and the attribute.", "来源扩展 OID 或主体属性。"),
            "owner": text("Who defines the field.", "字段的定义者。"),
            "problem": nullable(choice(IdentityProblem, "Why it could not be read well.", "读取中的问题。")),
        },
    )
    key = record(
        "One key of the holder.",
        "持有者的一个身份键。",
        {
            "key": text("What accounts can be bound to.", "可绑定账户的身份键。"),
            "strength": choice(KeyStrength, "How far it reaches.", "适用范围。"),
            "source": text("Where its number stood.", "号码所在位置。"),
        },
    )
    unique = record(
        "An identifier within one CA's numbering.",
        "某一 CA 编号体系内的标识。",
        {
            "source": text("Extension OID.", "扩展 OID。"),
            "owner": text("Who defines it.", "定义者。"),
            "masked": text("Its two ends.", "遮蔽后的标识。"),
        },
    )
    return record(
        "Whom the certificate is about (GB/T 20518).",
        "证书持有者身份（GB/T 20518）。",
        {
            "kind": choice(HolderKind, "Kind of holder.", "持有者类别。"),
            "unified_social_credit_code": nullable(
                text("GB 32100, check characters right.", "统一社会信用代码，校验位正确。")
            ),
            "organization_code": nullable(
                text("GB 11714, check character right.", "组织机构代码，校验位正确。")
            ),
            "fields": array(field, "Every identity field found.", "找到的全部身份字段。"),
            "name": nullable(text("The holder's name.", "持有者名称。")),
            "keys": array(key, "Identity keys, strongest first.", "身份键，由强到弱。"),
            "ca_unique_ids": array(unique, "Identifiers within one CA, masked.", "CA 内标识，已遮蔽。"),
            "findings": array(ref("ReasonCode"), "Contradictions.", "身份信息中的矛盾。"),
        },
    )


def _head(kind: str) -> Schema:
    return {
        "kind": {"type": "string", "const": kind, "description": "Kind of object. / 对象种类。"},
        "fingerprint": sha256("SHA-256 of its bytes.", "内容的 SHA-256。"),
        "bytes": whole("Its size.", "字节数。", minimum=0),
    }


def _extensions() -> Schema:
    extension = record(
        "One extension.",
        "一个扩展。",
        {
            "oid": text("Its OID.", "OID。"),
            "name": text("Its name; empty when unknown.", "名称，未知时为空。"),
            "critical": flag("Whether it is critical.", "是否关键扩展。"),
            "values": array(text("One value.", "一个值。"), "What it says.", "扩展内容。"),
        },
    )
    return array(extension, "Extensions in their order.", "扩展，按出现顺序。")


def inspected_certificate() -> Schema:
    """A certificate looked into."""
    more = {
        "version": whole("3 for v3.", "版本，3 即 v3。"),
        "identity": ref("Identity"),
        "extensions": _extensions(),
    }
    return record("A certificate.", "证书。", _head("certificate") | _summary() | more)


def inspected_crl() -> Schema:
    """A CRL looked into."""
    return record(
        "A certificate revocation list.",
        "证书吊销列表。",
        _head("crl")
        | {
            "version": whole("2 for v2.", "版本，2 即 v2。"),
            "issuer": text("Issuer name.", "颁发者。"),
            "this_update": utc("Issued at.", "本次更新。"),
            "next_update": nullable(utc("The next is due at.", "下次更新。")),
            "signature_algorithm": text("Name or OID of the signature algorithm.", "签名算法名称或 OID。"),
            "revoked_count": whole("Entries.", "条目数。", minimum=0),
            "extensions": _extensions(),
            "notes": array(ref("Note"), "Harmless deviations that were read.", "已读取的无害偏差。"),
        },
    )


def inspected_ocsp() -> Schema:
    """An OCSP response looked into."""
    return record(
        "An OCSP response.",
        "OCSP 响应。",
        _head("ocsp")
        | {
            "response_status": text("OCSPResponseStatus, RFC 6960 §4.2.1.", "响应状态。"),
            "responder_name": nullable(text("Name of the responder.", "响应者名称。")),
            "responder_key_hash": nullable(text("Key hash of the responder, hex.", "响应者密钥散列。")),
            "produced_at": nullable(utc("Signed at.", "签署时间。")),
            "signature_algorithm": nullable(text("Name or OID.", "签名算法名称或 OID。")),
            "nonce": nullable(text("Nonce, hex.", "随机数（十六进制）。")),
            "responses": array(
                _single(), "Its answers, 100 at most.", "各项答复，至多 100 项。", maxItems=100
            ),
            "response_count": whole("How many there are in all.", "答复总数。", minimum=0),
            "certificates": array(
                sha256("SHA-256 of a certificate.", "证书的 SHA-256。"), "Certificates in it.", "所附证书。"
            ),
        },
    )


def _single() -> Schema:
    return record(
        "The answer for one certificate, RFC 6960 §4.2.1.",
        "对一张证书的答复。",
        {
            "serial_number": text("Serial number asked for, hex.", "序列号（十六进制）。"),
            "hash_algorithm": text("OID of the CertID's hash.", "CertID 散列算法 OID。"),
            "issuer_name_hash": text("Hex.", "颁发者名称散列（十六进制）。"),
            "issuer_key_hash": text("Hex.", "颁发者密钥散列（十六进制）。"),
            "status": choice(("good", "revoked", "unknown"), "RFC 6960 §2.2.", "吊销状态。"),
            "this_update": utc("Known at.", "本次更新。"),
            "next_update": nullable(utc("The next is due at.", "下次更新。")),
            "revocation_time": nullable(utc("Revoked since.", "吊销时间。")),
            "revocation_reason": nullable(text("CRLReason.", "吊销原因。")),
        },
    )


def unreadable() -> Schema:
    """An object that could not be read."""
    why = record(
        "Why it could not be read.",
        "无法读取的原因。",
        {
            "code": ref("ReasonCode"),
            "clause": text("The clause it breaks.", "依据的条款。"),
            "message": text("In English.", "说明（英文）。"),
            "message_zh": text("In Chinese.", "说明（中文）。"),
            "remedy": text("What to do, in English.", "处理办法（英文）。"),
            "remedy_zh": text("What to do, in Chinese.", "处理办法（中文）。"),
        },
    )
    head = _head("")
    head["kind"] = choice(("certificate", "crl", "ocsp"), "Kind of object.", "对象种类。")
    return record("An object that could not be read.", "无法读取的对象。", head | {"unreadable": why})


def inspection() -> Schema:
    """What inspect answers."""
    names = ("InspectedCertificate", "InspectedCrl", "InspectedOcsp", "Unreadable")
    item = {"anyOf": [ref(name) for name in names]}
    return record("What was found.", "查看结果。", {"items": array(item, "In order.", "按顺序。")})
