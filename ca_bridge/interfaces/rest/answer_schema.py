"""Schemas of verdicts."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Indication, SubIndication
from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.core.verdict import RevocationStatus, TrustModel
from ca_bridge.interfaces.rest.certificate_schema import note_members
from ca_bridge.interfaces.rest.question_schema import identity_id
from ca_bridge.interfaces.rest.schema_parts import (
    POSITION,
    Schema,
    array,
    both,
    choice,
    flag,
    nullable,
    oids,
    record,
    ref,
    sha256,
    text,
    utc,
    whole,
)


def reason() -> Schema:
    """One finding of an answer."""
    return record(
        "Why not: one finding; the first leads.",
        "原因：一项不成立的检查，首项为主因。",
        {
            "code": ref("ReasonCode"),
            "position": POSITION,
            "message": text("What was found, in English.", "发现了什么（英文）。"),
            "message_zh": text("What was found, in Chinese.", "发现了什么（中文）。"),
            "remedy": text("The step that mends it, in English.", "处理办法（英文）。"),
            "remedy_zh": text("The step that mends it, in Chinese.", "处理办法（中文）。"),
            "actor": choice(Actor, "Who must act.", "由谁处理。"),
            "clause": text("The clause that asks for it.", "依据的条款。"),
            "params": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": both("What the messages were filled with.", "消息中填入的值。"),
            },
        },
    )


def answer() -> Schema:
    """What validate answers."""
    properties = _contract() | _circumstances() | _explanation() | {"receipt": ref("Receipt")}
    return record(
        "The verdict and what carried it.", "结论及其依据。", properties, optional=frozenset({"receipt"})
    )


def unjudged() -> Schema:
    """What a batch answers for a question that cannot be judged as sent."""
    return record(
        "A question of a batch that could not be judged as sent, and why.",
        "批量请求中无法判定的一项及其原因。",
        _contract(),
    )


def answer_batch() -> Schema:
    """What validateBatch answers."""
    either = {"anyOf": [ref("Answer"), ref("Unjudged")]}
    items = array(either, "One for each question, in order.", "逐项对应，顺序不变。", minItems=1)
    return record("Answers in the order of the questions.", "按提问顺序的答复。", {"items": items})


def _contract() -> Schema:
    status = record(
        "Revocation status of one certificate.",
        "一张证书的吊销状态。",
        {
            "position": whole("0 = the target.", "0 为目标证书。", minimum=0),
            "status": choice(RevocationStatus, "RFC 6960 §2.2.", "吊销状态。"),
            "source": text(
                "crl: or ocsp: and its SHA-256, nocheck, no_rev_avail or none.",
                "来源：crl: 或 ocsp: 加 SHA-256，或 nocheck、no_rev_avail、none。",
            ),
        },
    )
    return {
        "id": identity_id(),
        "indication": choice(
            Indication,
            "EN 319 102-1. Only TOTAL_PASSED is a yes.",
            "EN 319 102-1。仅 TOTAL_PASSED 表示可以信赖。",
        ),
        "sub_indication": nullable(
            choice(SubIndication, "EN 319 102-1; null when passed.", "子结论，通过时为 null。")
        ),
        "reasons": array(ref("Reason"), "Why not; empty when passed.", "原因，通过时为空。"),
        "path": array(
            sha256("A certificate's SHA-256.", "证书的 SHA-256。"),
            "The path, target first, without the anchor; of a refusal, the one nearest to holding.",
            "证书路径，目标在先，不含信任锚；未通过时为最接近成立的一条。",
        ),
        "trust_anchor": nullable(
            sha256("SHA-256 of the anchor relied on; null when none was.", "所依据信任锚的 SHA-256。")
        ),
        "user_constrained_policy_set": oids(
            "RFC 5280 §6.1.6; 2.5.29.32.0 = any; empty unless passed.",
            "用户约束的策略集；2.5.29.32.0 为任意；未通过时为空。",
        ),
        "revocation": array(status, "Status of each certificate on the path.", "路径上各证书的吊销状态。"),
        "release": nullable(
            text(
                "Release of the policies judged under, number and SHA-256; null with anchors of one's own.",
                "所依据的策略版本（编号与 SHA-256）；自带信任锚时为 null。",
                pattern="^[0-9]{1,10}:[0-9a-f]{64}$",
            )
        ),
        "recognition": nullable(_recognition()),
        "elapsed_us": whole("Time taken, microseconds.", "耗时（微秒）。", minimum=0),
    }


def _recognition() -> Schema:
    references = array(
        text("An agreement, or a list and its entry.", "协议编号，或“列表/条目”。"),
        "What it rests on; empty within one domain.",
        "所依据的协议或条目；域内路径为空。",
    )
    model = choice(TrustModel, "RFC 5217: by cross-certificates, or by trust lists.", "交叉认证或信任列表。")
    outcome = record(
        "The answer under one trust model.",
        "一种信任模式下的结论。",
        {
            "model": model,
            "indication": choice(Indication, "EN 319 102-1.", "结论。"),
            "speaks": flag("Some path reached an anchor of this model.", "该模式下有路径到达信任锚。"),
            "references": references,
            "reasons": array(ref("ReasonCode"), "Why not.", "原因代码。"),
        },
    )
    return record(
        "Which trust model carried the verdict, and what each said; null with anchors of one's own.",
        "结论由哪种信任模式支持，以及各模式的结论；自带信任锚时为 null。",
        {
            "carried_by": nullable(model),
            "level": nullable(text("Assurance level reached.", "达到的保证级别。")),
            "scale": nullable(text("Scale the level is of.", "级别所属体系。")),
            "purposes": array(choice(Purpose, "A purpose.", "用途。"), "What it holds for.", "适用的用途。"),
            "references": references,
            "disagree": flag("The models that speak differ.", "各模式的结论不一致。"),
            "models": array(outcome, "Each model asked.", "各模式的结论。"),
        },
    )


def _circumstances() -> Schema:
    return {
        "domain": text("Trust domain judged under.", "所依据的信任域。"),
        "snapshot_id": sha256("SHA-256 of everything trusted.", "信任快照的 SHA-256。"),
        "validation_time": utc("Time judged at.", "判定时间。"),
        "purpose": choice(Purpose, "Purpose judged for.", "判定的用途。"),
        "revocation_rule": choice(
            RevocationRule,
            "Rule applied: the stricter of the domain's and the caller's.",
            "实际采用的吊销要求：信任域与调用方中较严者。",
        ),
        "authorities_constrained_policy_set": oids(
            "RFC 5280 §6.1.6; empty unless passed.", "机构约束的策略集；未通过时为空。"
        ),
    }


def _explanation() -> Schema:
    validity = record(
        "Validity of the target.",
        "目标证书有效期。",
        {"not_before": utc("First instant.", "起始。"), "not_after": utc("Last instant.", "截止。")},
    )
    note = record(
        "A deviation from the standard, with its place.",
        "偏离标准之处及其位置。",
        {"position": POSITION, **note_members()},
    )
    return {
        "subject": nullable(
            text("Subject of the target; null when unreadable.", "目标证书主体，无法读取时为 null。")
        ),
        "issuer": nullable(text("Issuer of the target.", "目标证书颁发者。")),
        "validity": nullable(validity),
        "identity": nullable(ref("Identity")),
        "certificates": array(
            {"anyOf": [ref("CertificateSummary"), ref("BareFingerprint")]},
            "The certificates of path, in its order.",
            "path 中的各证书，顺序一致。",
        ),
        "trust_anchor_certificate": nullable(ref("CertificateSummary")),
        "rejected_paths": array(
            _rejected(),
            "Candidates not accepted, nearest first.",
            "未被采纳的候选路径，最接近者在先。",
            maxItems=50,
        ),
        "rejected_path_count": whole("How many there were in all.", "未采纳路径总数。", minimum=0),
        "notes": array(note, "Harmless deviations that were read.", "已读取的无害偏差。"),
    }


def _rejected() -> Schema:
    return record(
        "A candidate path that was not accepted.",
        "未被采纳的候选路径。",
        {
            "path": array(
                sha256("A certificate's SHA-256.", "证书的 SHA-256。"), "Target first.", "目标在先。"
            ),
            "trust_anchor": nullable(sha256("Anchor it led to.", "到达的信任锚。")),
            "reasons": array(ref("Reason"), "Why not.", "原因。"),
        },
    )
