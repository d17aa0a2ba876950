"""Schemas of what is sent."""

from __future__ import annotations

from ca_bridge.core.request import KeyUsageBit, Purpose, RevocationRule
from ca_bridge.interfaces.rest.reading import MAX_COUNTS, MAX_ID, MAX_ITEMS
from ca_bridge.interfaces.rest.schema_parts import (
    Schema,
    array,
    both,
    choice,
    flag,
    nullable,
    oids,
    record,
    ref,
    text,
    whole,
)
from ca_bridge.services.field_values import STANDARD_KEY_USAGE

MATERIAL = "der-or-pem"
ANY_MATERIAL = "der-pem-or-pkcs7"
DOMAIN = "trust-domain"
_LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_IN = ("base64 of DER, or PEM", "DER 的 Base64，或 PEM")


def identity_id() -> Schema:
    """The id of a question, sent back with its answer."""
    return {
        "type": ["string", "integer", "null"],
        "minLength": 1,
        "maxLength": 1024,
        "minimum": -MAX_ID,
        "maximum": MAX_ID,
        "description": both(
            "The caller's own name for the question, sent back as it came.",
            "调用方自定的编号，原样返回。",
        ),
    }


def question() -> Schema:
    """One question."""
    properties = _material() | _circumstances() | _policy_inputs()
    return record(
        "May the caller rely on this certificate? Everything but certificate may be left out or null.",
        "能否信赖这张证书？除 certificate 外均可省略或为 null。",
        properties,
        optional=frozenset(properties) - {"certificate"},
    )


def _material() -> Schema:
    return {
        "id": identity_id(),
        "site": nullable(
            text(
                "The caller's label for where it asks from; decides nothing, and holds nothing personal.",
                "调用方的站点标签，不影响判定，不得含个人信息。",
                pattern="^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$",
            )
        ),
        "receipt": nullable(
            flag(
                "Whether a signed receipt of the verdict is wanted; no when left out.",
                "是否需要判定的签名回执，缺省为否。",
            )
        ),
        "certificate": text(
            f"The target certificate: {_IN[0]} with exactly one certificate.",
            f"待验证的证书：{_IN[1]}（恰好一张）。",
            format=MATERIAL,
        ),
        "intermediates": _list(
            "intermediates", "CA certificates to build a path with", "用于构建路径的 CA 证书"
        ),
        "crls": _list("crls", "Certificate revocation lists", "证书吊销列表"),
        "ocsp_responses": _list("ocsp_responses", "OCSP responses", "OCSP 响应"),
    }


def _list(name: str, en: str, zh: str) -> Schema:
    item = text(f"{_IN[0].capitalize()}.", f"{_IN[1]}。", format=MATERIAL)
    return nullable(array(item, f"{en}; {_IN[0]}.", f"{zh}；{_IN[1]}。", maxItems=MAX_COUNTS[name]))


def _circumstances() -> Schema:
    bit = choice((*KeyUsageBit, *STANDARD_KEY_USAGE), "A keyUsage bit, RFC 5280 §4.2.1.3.", "密钥用法位。")
    return {
        "validation_time": nullable(
            text(
                "The time to judge at, RFC 3339; now when left out.",
                "判定时间（RFC 3339），缺省为当前时间。",
                format="date-time",
            )
        ),
        "purpose": nullable(
            choice(Purpose, "What it is to be relied on for; any when left out.", "用途，缺省为 any。")
        ),
        "dns_name": nullable(
            text(
                "Host name the target must be for, in ASCII (xn-- for other scripts).",
                "目标证书必须匹配的主机名（ASCII；其他文字用 xn--）。",
                maxLength=253,
                pattern=rf"^{_LABEL}(\.{_LABEL})*$",
            )
        ),
        "key_usage": nullable(
            array(bit, "Bits the target must have.", "目标证书必须具有的密钥用法。", maxItems=64)
        ),
        "revocation": nullable(
            choice(
                RevocationRule,
                "How much revocation evidence is asked for; if_available when left out.",
                "对吊销证据的要求，缺省为 if_available。",
            )
        ),
        "assurance_level": nullable(
            text(
                "The lowest level of the domain's scale that is enough; any or none when left out.",
                "所需的最低保证级别（属于信任域的级别体系），缺省不作要求。",
                pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$",
                maxLength=63,
            )
        ),
        "identity_required": nullable(
            flag(
                "The target must name its holder by a number that every CA gives, without contradiction.",
                "目标证书必须载明可互认的持有人身份号码，且不自相矛盾。",
            )
        ),
        "algorithm_profile": nullable(
            choice(("default",), "Algorithm profile; the domain's decides.", "算法配置，由信任域决定。")
        ),
        "domain": nullable(
            text(
                "Trust domain to judge under, one of GET /v1/domains; the default one when left out.",
                "所依据的信任域（见 GET /v1/domains），缺省为默认信任域。",
                format=DOMAIN,
                minLength=1,
                maxLength=64,
            )
        ),
    }


def _policy_inputs() -> Schema:
    return {
        "user_initial_policy_set": nullable(
            oids(
                "Policies acceptable to the caller, RFC 5280 §6.1.1 (c); any when left out.",
                "调用方接受的证书策略，缺省为任意。",
                maxItems=1000,
            )
        ),
        "initial_explicit_policy": nullable(
            flag("An acceptable policy must hold, RFC 5280 §6.1.1 (f).", "必须存在可接受的策略。")
        ),
        "initial_policy_mapping_inhibit": nullable(
            flag("Policy mapping is not followed, RFC 5280 §6.1.1 (e).", "不采用策略映射。")
        ),
        "initial_any_policy_inhibit": nullable(
            flag("anyPolicy is not taken, RFC 5280 §6.1.1 (g).", "不采用 anyPolicy。")
        ),
        "max_path_length": nullable(
            whole(
                "Most CA certificates, self-issued ones aside, between target and anchor.",
                "目标与信任锚之间 CA 证书的最大数量（自颁发证书不计）。",
                minimum=0,
                maximum=1_000_000,
            )
        ),
    }


def question_batch() -> Schema:
    """Several questions."""
    items = array(ref("Question"), "The questions.", "各个问题。", minItems=1, maxItems=MAX_ITEMS)
    return record("Several questions, each judged apart.", "多个问题，逐项判定。", {"items": items})


def material() -> Schema:
    """What is sent to inspect."""
    field = text(
        "base64 of DER or PKCS#7, or PEM.",
        "DER 或 PKCS#7 的 Base64，或 PEM。",
        format=ANY_MATERIAL,
        minLength=1,
    )
    return record("What to look into.", "待查看的内容。", {"material": field})
