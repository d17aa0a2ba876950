"""Schemas of releases: what steps are asked with, and what is answered."""

from __future__ import annotations

from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.core.recognition.analysis.diff import Change
from ca_bridge.core.recognition.analysis.matrix import Basis
from ca_bridge.interfaces.rest.problems import KINDS
from ca_bridge.interfaces.rest.release_problems import MAX_PROBLEMS, RELEASE_KINDS
from ca_bridge.interfaces.rest.schema_parts import (
    Schema,
    array,
    both,
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
from ca_bridge.services.manage_recognition.changes import Difference
from ca_bridge.services.manage_recognition.model import Action, ChangeKind, ReleaseState, Role
from ca_bridge.services.release_errors import REFUSALS

_BASE64 = r"^[A-Za-z0-9+/]*={0,2}$"
RELEASE_ID = r"^(0|[1-9][0-9]{0,9}):[0-9a-f]{64}$"
IDENTIFIER = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"


def components() -> Schema:
    """All of them by name."""
    return {
        "Release": _release(),
        "Releases": _releases(),
        "EffectiveRelease": _effective(),
        "PolicyDocuments": _documents(),
        "ReleaseDocuments": _release_documents(),
        "ReleaseDifference": _difference(),
        "ReleaseReach": _reach(),
        "Trail": _trail(),
        "StepProof": _proof(),
        "DraftBody": _draft_body(),
        "StepBody": _step_body(),
        "SubmitBody": _submit_body(),
        "ApproveBody": _approve_body(),
        "RejectBody": _reject_body(),
        "WithdrawBody": _withdraw_body(),
        "RollBackBody": _roll_back_body(),
        "ReleaseProblem": _problem(),
    }


def release_id() -> Schema:
    """Number and content hash of a release."""
    return text(
        "Number and content SHA-256 of the release; 0 = the policies folder before the first release.",
        "发布版本编号与内容 SHA-256；0 表示首个发布版本之前的策略目录。",
        pattern=RELEASE_ID,
    )


def _number(en: str, zh: str, lowest: int = 1) -> Schema:
    return whole(en, zh, minimum=lowest, maximum=(1 << 31) - 1)


def _release() -> Schema:
    approval = record(
        "One person's yes to one content.",
        "一人对一份内容的批准。",
        {
            "account": text("Who.", "审批人。"),
            "content_sha256": sha256("Of the content approved.", "所批准内容的 SHA-256。"),
            "time": utc("When.", "时间。"),
        },
    )
    simulation = {
        "type": ["object", "null"],
        "description": both("What its simulation found; null = none yet.", "模拟结果；null 表示尚未模拟。"),
    }
    return record(
        "One numbered content on its way. The ETag is its version.",
        "一个编号的发布版本。ETag 为其版本号。",
        {
            "release": _number("Given when drafted.", "起草时的编号。"),
            "version": whole("Grows by one with every step.", "每一步加一。", minimum=1),
            "state": choice(ReleaseState, "Where it stands now.", "当前状态。"),
            "content_sha256": sha256("Of its documents.", "文件内容的 SHA-256。"),
            "base": _number("The release it changes; 0 = none.", "所基于的发布版本；0 为无。", 0),
            "rolls_back_to": nullable(_number("The release whose content it is again.", "回退到的版本。")),
            "authors": array(text("An account.", "账号。"), "Everyone who wrote it.", "全部作者。"),
            "created": utc("When drafted.", "起草时间。"),
            "note": text("What the author says of it.", "备注。"),
            "effective_from": nullable(
                utc("Comes into force; null = as soon as approved.", "生效时间；null 为批准后立即生效。")
            ),
            "linted": flag("This very content passed linting.", "此内容已通过检查。"),
            "simulation": simulation,
            "approvals": array(approval, "In order.", "按先后排列。"),
        },
    )


def _releases() -> Schema:
    return record(
        "One page of releases.",
        "一页发布版本。",
        {
            "releases": array(ref("Release"), "Newest first.", "从新到旧。"),
            "next_before": nullable(
                _number("`before` of the next page; null = none.", "下一页的 before；null 表示没有。")
            ),
        },
    )


def _effective() -> Schema:
    return record(
        "The release in force at an instant.",
        "某一时刻生效的发布版本。",
        {
            "at": utc("The instant.", "时刻。"),
            "release_id": release_id(),
            "release": nullable(ref("Release")),
            "next": nullable(ref("Release")),
        },
    )


def _documents() -> Schema:
    return {
        "type": "object",
        "description": both(
            "Policy documents as plain data by name, as agreements/gd-hk.yaml; shapes: policies/schema.",
            "按名称列出的策略文件（如 agreements/gd-hk.yaml），结构见 policies/schema。",
        ),
        "additionalProperties": True,
    }


def _release_documents() -> Schema:
    return record(
        "Content of a release.",
        "发布版本的内容。",
        {
            "release": _number("Its number.", "编号。"),
            "content_sha256": sha256("Of the documents.", "内容的 SHA-256。"),
            "documents": ref("PolicyDocuments"),
        },
    )


def _difference() -> Schema:
    document = {"description": both("As plain data; null = none.", "内容；null 表示没有。")}
    change = record(
        "One document that differs.",
        "一份有变化的文件。",
        {
            "name": text("Its name.", "文件名。"),
            "difference": choice(Difference, "What became of it.", "变化。"),
            "before": document,
            "after": document,
        },
    )
    return record(
        "How a release differs from its base or from another.",
        "与基础版本或另一版本的差异。",
        {
            "base": _number("Compared with; 0 = nothing.", "对比的版本；0 为空。", 0),
            "kinds": array(
                choice(ChangeKind, "A kind of change.", "变更种类。"), "All of them.", "全部种类。"
            ),
            "approvers_needed": whole("Beside the authors.", "除作者外所需审批人数。", minimum=1),
            "documents": array(change, "By name.", "按名称排列。"),
        },
    )


def _reach() -> Schema:
    step = {
        "type": "object",
        "description": both("An agreement's mapping or a list's entry.", "协议的映射或列表的条目。"),
        "additionalProperties": {"type": "string"},
    }
    change = record(
        "One relying CA and one subject CA.",
        "一对 CA。",
        {
            "change": choice(Change, "What becomes of it.", "变化。"),
            "relying_ca": text("Domain and CA that relies.", "依赖方的域与 CA。"),
            "subject_ca": text("Domain and CA relied on.", "被依赖的域与 CA。"),
            "basis": choice(Basis, "By which trust model.", "信任模型。"),
            "before": nullable(
                text("Level; null = not reached, - = none stated.", "原等级；null 为不可达。")
            ),
            "after": nullable(text("Level; null = not reached, - = none stated.", "新等级；null 为不可达。")),
            "witness": array(step, "A path that shows it.", "示例路径。"),
        },
    )
    reach = record(
        "From one release to another, when the later comes into force.",
        "从一个版本到另一版本的可达性变化。",
        {
            "before": release_id(),
            "after": release_id(),
            "at": utc("Looked at.", "判定时刻。"),
            "changes": array(change, "By relying CA.", "按依赖方排列。"),
        },
    )
    absent = both("null: one of the two was never linted.", "null：其中一个版本尚未检查。")
    return record("Reach.", "可达性。", {"reach": nullable(reach) | {"description": absent}})


def _trail() -> Schema:
    row = record(
        "One attempted step. sha256 is over all other members, of the row before it one.",
        "一次操作。sha256 覆盖其余全部成员，包括上一行的哈希。",
        {
            "time": utc("When.", "时间。"),
            "account": text("As claimed.", "所称账号。"),
            "role": choice(["", *Role], "Acted under; empty = none was established.", "所用角色。"),
            "action": choice(Action, "What was asked.", "操作。"),
            "subject": choice(("release", "accounts"), "Of what.", "对象。"),
            "release": whole("Number of the release or proposal; 0 = none yet.", "编号；0 为尚无。"),
            "version": whole("Its version afterwards, or as asked.", "版本。"),
            "content_sha256": text("Of the content.", "内容的 SHA-256。"),
            "outcome": choice(["done", *_REFUSAL_CODES], "done, or why not.", "done，或拒绝代码。"),
            "detail": text("JSON with more.", "详情（JSON）。"),
            "nonce": text("Of a signature that held.", "签名的随机数。"),
            "sequence": whole("From 1, dense.", "自 1 起连续。", minimum=1),
            "previous_sha256": sha256("Of the row before.", "上一行的哈希。"),
            "sha256": sha256("Of this row.", "本行的哈希。"),
        },
    )
    return record(
        "Rows of the audit trail.",
        "审计记录。",
        {
            "trail": array(row, "In order.", "按先后排列。"),
            "next_after": nullable(whole("`after` of the next page.", "下一页的 after。")),
        },
    )


_REFUSAL_CODES = sorted(refusal.code for refusal in REFUSALS)


def _proof() -> Schema:
    ders = text("Base64 of DER, or PEM.", "DER 的 Base64，或 PEM。")
    evidence = record(
        "What helps to judge the certificate.",
        "判断该证书所需的证据。",
        {
            "intermediates": array(ders, "Certificates.", "中间证书。", maxItems=256),
            "crls": array(ders, "CRLs.", "CRL。", maxItems=64),
            "ocsp_responses": array(ders, "OCSP responses.", "OCSP 响应。", maxItems=64),
        },
        optional=frozenset({"intermediates", "crls", "ocsp_responses"}),
    )
    return record(
        "A signature over the step's statement (docs/releases.md), in the place of HTTP Basic.",
        "对该步骤声明的签名（见 docs/releases.md），用以代替 HTTP Basic。",
        {
            "account": text("Who signs.", "签名账号。"),
            "nonce": text("Used once.", "一次性随机数。", pattern="^[A-Za-z0-9_-]{16,128}$"),
            "certificate": text(
                "The account's, base64 of DER or PEM.", "账号的证书（DER 的 Base64 或 PEM）。"
            ),
            "algorithm": text(
                "AlgorithmIdentifier, base64 of DER.", "签名算法（DER 的 Base64）。", pattern=_BASE64
            ),
            "signature": text("Base64.", "签名（Base64）。", pattern=_BASE64),
            "evidence": evidence,
        },
        optional=frozenset({"evidence"}),
    )


def body(en: str, zh: str, properties: Schema, optional: tuple[str, ...] = ()) -> Schema:
    """What a step is asked with; every one may have a ``proof``."""
    return record(en, zh, properties | {"proof": nullable(ref("StepProof"))}, frozenset({"proof", *optional}))


def note() -> Schema:
    """What is said of a change."""
    return nullable(text("A few lines.", "备注。", maxLength=500))


def _seen() -> Schema:
    return {"content_sha256": sha256("Of the content that was seen.", "所见内容的 SHA-256。")}


def _start() -> Schema:
    return {"effective_from": nullable(utc("Null = as soon as approved.", "null 为批准后立即生效。"))}


def _draft_body() -> Schema:
    return body(
        "Documents of a draft: all of them, not only those that change.",
        "草案的全部文件（不只是有变化的文件）。",
        {
            "documents": ref("PolicyDocuments"),
            "base": _number("The newest approved release; 0 = none yet.", "最新批准的版本；0 为尚无。", 0),
            "note": note(),
        },
        ("note",),
    )


def _step_body() -> Schema:
    return body("Nothing but a proof, where there is one.", "除签名外无其他内容。", {})


def _submit_body() -> Schema:
    return body("To be approved by others.", "提请他人批准。", _seen() | _start(), ("effective_from",))


def _approve_body() -> Schema:
    return body("Yes, to exactly this content.", "批准此内容。", _seen())


def _reject_body() -> Schema:
    why = text("A few lines.", "备注。", maxLength=500)
    return body("No, and why.", "拒绝及理由。", _seen() | {"note": why})


def _withdraw_body() -> Schema:
    return body("Taken back.", "撤回。", _seen() | {"note": note()}, ("note",))


def _roll_back_body() -> Schema:
    to = {"to": _number("A release that was in force.", "曾经生效的版本。")}
    return body("The way back.", "回退。", to | _start() | {"note": note()}, ("effective_from", "note"))


def _problem() -> Schema:
    mistake = record(
        "One mistake in the documents.",
        "文件中的一处错误。",
        {
            "file": text("Document and key path.", "文件与键路径。"),
            "line": whole("0 = not known.", "0 表示未知。", minimum=0),
            "message_en": text("English.", "英文。"),
            "message_zh": text("Chinese.", "中文。"),
        },
    )
    kinds = (f"/problems/{kind.name}" for kind in (*KINDS, *RELEASE_KINDS))
    params = {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": both("What the texts are filled with.", "文字中填入的参数。"),
    }
    texts = ("detail", "detail_zh", "remedy", "remedy_zh")
    return record(
        "Problem document, RFC 9457, of a step that is refused or a request that cannot be read.",
        "步骤被拒绝或请求无法读取时的问题文档（RFC 9457）。",
        {
            "type": choice(kinds, "Kind of problem.", "问题类型。"),
            "title": text("English.", "问题（英文）。"),
            "title_zh": text("Chinese.", "问题（中文）。"),
            "status": whole("HTTP status.", "HTTP 状态码。"),
            "detail": text("What exactly, in English.", "详情（英文）。"),
            "detail_zh": text("What exactly, in Chinese.", "详情（中文）。"),
            "remedy": text("What to do, in English.", "办法（英文）。"),
            "remedy_zh": text("What to do, in Chinese.", "办法（中文）。"),
            "code": choice(sorted({*_REFUSAL_CODES, *CATALOGUE}), "Stable for ever.", "永久不变的代码。"),
            "params": params,
            "problems": array(mistake, "Of LINT_FAILED.", "LINT_FAILED 的各处错误。", maxItems=MAX_PROBLEMS),
            "instance": text("This very request.", "本次请求的标识。"),
        },
        optional=frozenset({*texts, "code", "params", "problems"}),
    )
