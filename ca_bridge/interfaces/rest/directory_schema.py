"""Schemas of what the gateway knows about itself: reasons, problems, domains, readiness."""

from __future__ import annotations

from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.core.reasons.model import Actor, Indication, SubIndication
from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.interfaces.rest.problems import KINDS
from ca_bridge.interfaces.rest.schema_parts import (
    Schema,
    array,
    both,
    choice,
    flag,
    languages,
    nullable,
    oids,
    record,
    ref,
    sha256,
    text,
    whole,
)


def reason_code() -> Schema:
    """All codes."""
    return choice(
        sorted(CATALOGUE), "Stable for ever; GET /v1/reasons explains them.", "永久不变，见 GET /v1/reasons。"
    )


def reason_row() -> Schema:
    """One row of the catalogue."""
    return record(
        "One row of the catalogue.",
        "原因目录的一行。",
        {
            "code": ref("ReasonCode"),
            "indication": choice(Indication, "What it leads to, EN 319 102-1.", "导致的结论。"),
            "sub_indication": choice(SubIndication, "EN 319 102-1.", "子结论。"),
            "clause": text("The clause that asks for it.", "依据的条款。"),
            "actor": choice(Actor, "Who must act.", "由谁处理。"),
            "params": array(
                text("A name.", "参数名。"), "What the texts are filled with.", "文字中填入的参数。"
            ),
            "message": languages("What was found.", "发现了什么。"),
            "remedy": languages("The step that mends it.", "处理办法。"),
        },
    )


def reasons() -> Schema:
    """The catalogue."""
    return record(
        "The catalogue.", "原因目录。", {"reasons": array(ref("ReasonRow"), "By code.", "按代码排序。")}
    )


def problem() -> Schema:
    """A problem document."""
    return record(
        "Problem document, RFC 9457.",
        "问题文档（RFC 9457）。",
        {
            "type": choice(
                (f"/problems/{kind.name}" for kind in KINDS),
                "Kind of problem; GET it to read about it.",
                "问题类型。",
            ),
            "title": text("What went wrong, in English.", "问题（英文）。"),
            "title_zh": text("What went wrong, in Chinese.", "问题（中文）。"),
            "status": whole("HTTP status.", "HTTP 状态码。"),
            "detail": text("What exactly, and what to do, in English.", "详情与办法（英文）。"),
            "detail_zh": text("What exactly, and what to do, in Chinese.", "详情与办法（中文）。"),
            "code": ref("ReasonCode"),
            "instance": text("This very request: urn:request: and X-Request-Id.", "本次请求的标识。"),
        },
        optional=frozenset({"detail", "detail_zh", "code"}),
    )


def problem_row() -> Schema:
    """One kind of problem."""
    return record(
        "One kind of problem.",
        "一种问题类型。",
        {
            "type": text("Its URI.", "URI。"),
            "status": whole("HTTP status.", "HTTP 状态码。"),
            "title": text("English.", "英文标题。"),
            "title_zh": text("Chinese.", "中文标题。"),
        },
    )


def domains() -> Schema:
    """All trust domains."""
    return record(
        "All domains.", "全部信任域。", {"domains": array(ref("Domain"), "By name.", "按名称排序。")}
    )


def domain() -> Schema:
    """One trust domain."""
    anchor = record(
        "One trust anchor.",
        "一个信任锚。",
        {
            "sha256": sha256("SHA-256 of its certificate.", "证书的 SHA-256。"),
            "name": text("Its subject.", "主体。"),
        },
    )
    return record(
        "One trust domain; a caller may tighten it, never loosen it.",
        "一个信任域；调用方只能收紧，不能放宽。",
        {
            "name": text("Name to ask by.", "提问时使用的名称。"),
            "default": flag("Used when a question names none.", "未指定信任域时采用。"),
            "title": languages("For people.", "显示名称。"),
            "snapshot_id": sha256("SHA-256 of everything trusted.", "信任快照的 SHA-256。"),
            "purposes": array(
                choice(Purpose, "A purpose.", "用途。"), "What it vouches for.", "支持的用途。"
            ),
            "revocation": choice(RevocationRule, "Least revocation rule.", "最低吊销要求。"),
            "algorithm_profile": text("Profile of the algorithm table.", "算法配置。"),
            "user_initial_policy_set": oids("Acceptable policies; 2.5.29.32.0 = any.", "可接受的策略。"),
            "initial_explicit_policy": flag("RFC 5280 §6.1.1 (f).", "必须存在可接受的策略。"),
            "initial_policy_mapping_inhibit": flag("RFC 5280 §6.1.1 (e).", "不采用策略映射。"),
            "initial_any_policy_inhibit": flag("RFC 5280 §6.1.1 (g).", "不采用 anyPolicy。"),
            "max_path_length": nullable(whole("null = no limit.", "null 为不限。", minimum=0)),
            "trust_anchors": array(anchor, "Imported anchors.", "已导入的信任锚。"),
        },
    )


def live() -> Schema:
    """Alive."""
    status = {"type": "string", "const": "live", "description": both("Always.", "恒为 live。")}
    return record("Alive.", "存活。", {"status": status})


def readiness() -> Schema:
    """Readiness and what it rests on."""
    facts = {
        "type": "object",
        "additionalProperties": {"type": ["string", "integer"]},
        "description": both(
            "For programs: engine, version and self_test of sm2; anchors and snapshot_id of a domain; "
            "use, algorithm and custody of a key.",
            "供程序读取：sm2 含 engine、version、self_test；信任域含锚数量与快照编号；"
            "密钥含用途、算法与私钥位置。",
        ),
    }
    check = record(
        "One check of the gateway upon itself.",
        "一项自检。",
        {
            "name": text("Stable name: sm2, domain:… and others.", "固定名称。"),
            "passed": flag("Outcome.", "结果。"),
            "detail": languages("What was seen.", "详情。"),
            "facts": facts,
        },
    )
    return record(
        "Readiness.",
        "就绪状态。",
        {
            "status": choice(
                ("ready", "degraded", "not ready"),
                "Ready when every check passed; degraded when verdicts are given, but no receipts.",
                "全部通过即就绪；degraded 表示可判定但暂不能签发回执。",
            ),
            "checks": array(check, "All checks.", "全部自检。"),
        },
    )
