"""Reasons about the question itself: a line, a field, a trust domain that cannot be used."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

_CONTRACT = "docs/batch.md"


def _question(code: str, rank: int, clause: str, en: tuple[str, str], zh: tuple[str, str]) -> Reason:
    """A row about unusable input; ``en`` and ``zh`` are (message, remedy)."""
    return Reason(
        code=code,
        sub_indication=SubIndication.FORMAT_FAILURE,
        rank=rank,
        clause=clause,
        actor=Actor.CALLER,
        message_en=en[0],
        message_zh=zh[0],
        remedy_en=en[1],
        remedy_zh=zh[1],
        params=tuple(sorted({name for name in _PARAMS if f"{{{name}}}" in en[0] + en[1]})),
    )


_PARAMS = ("cause", "domain", "expected", "field", "index", "max_bytes", "max_count", "max_depth", "profile")

LINE_TOO_LARGE = _question(
    "LINE_TOO_LARGE",
    990,
    "RFC 8259 §9",
    (
        "The line is longer than the {max_bytes} bytes read for one question.",
        "Split the question, or leave out certificates and CRLs that do not belong to this path.",
    ),
    (
        "该行超过单个问题可读取的 {max_bytes} 字节上限。",
        "请拆分问题，或去掉与该证书路径无关的证书和 CRL。",
    ),
)

LINE_NOT_UTF8 = _question(
    "LINE_NOT_UTF8",
    989,
    "RFC 8259 §8.1",
    ("The line is not UTF-8 text.", "Write the file as UTF-8."),
    ("该行不是 UTF-8 文本。", "请以 UTF-8 编码写入文件。"),
)

LINE_TOO_DEEP = _question(
    "LINE_TOO_DEEP",
    988,
    "RFC 8259 §9",
    (
        "The JSON is nested more than {max_depth} levels deep.",
        "Send one flat object; only lists of texts stand inside it.",
    ),
    ("JSON 嵌套超过 {max_depth} 层。", "请提交单层对象，其中只应有文本列表。"),
)

LINE_NOT_JSON = _question(
    "LINE_NOT_JSON",
    987,
    "RFC 8259 §2",
    (
        "The line is not one JSON value (an empty line is none; NaN and Infinity are not JSON).",
        "Write each question as one JSON object on one line.",
    ),
    (
        "该行不是一个 JSON 值（空行不算；NaN 和 Infinity 不属于 JSON）。",
        "请将每个问题写成一行、一个 JSON 对象。",
    ),
)

LINE_NOT_AN_OBJECT = _question(
    "LINE_NOT_AN_OBJECT",
    986,
    _CONTRACT,
    ("The line is JSON, but not an object.", "Write the question as a JSON object with named fields."),
    ("该行是 JSON，但不是对象。", "请将问题写成带字段名的 JSON 对象。"),
)

FIELD_REPEATED = _question(
    "FIELD_REPEATED",
    985,
    "RFC 8259 §4",
    ("The field {field} stands in the object twice.", "Give every field once."),
    ("字段 {field} 在对象中出现了两次。", "每个字段只写一次。"),
)

FIELD_UNKNOWN = _question(
    "FIELD_UNKNOWN",
    984,
    _CONTRACT,
    (
        "The field {field} is not known.",
        "Correct the field's name or leave it out; a misspelt limit would go unheeded.",
    ),
    ("字段 {field} 未知。", "请更正字段名或删除该字段；写错名称的限制条件将不起作用。"),
)

FIELD_NOT_TAKEN = _question(
    "FIELD_NOT_TAKEN",
    983,
    _CONTRACT,
    (
        "The field {field} is not taken from callers.",
        "Leave it out and name a trust domain; its anchors decide.",
    ),
    ("不接受调用方提供的字段 {field}。", "请去掉该字段并指定信任域，由信任域的信任锚决定。"),
)

FIELD_MISSING = _question(
    "FIELD_MISSING",
    982,
    _CONTRACT,
    ("The field {field} is missing.", "Send it; id and certificate are needed in every question."),
    ("缺少字段 {field}。", "请补上该字段；每个问题都需要 id 和 certificate。"),
)

FIELD_WRONG_TYPE = _question(
    "FIELD_WRONG_TYPE",
    981,
    _CONTRACT,
    (
        "The field {field} has the wrong type; expected: {expected}.",
        "Send this type, or leave the field out.",
    ),
    ("字段 {field} 的类型不对，应为：{expected}。", "请按该类型提交，或省略该字段以使用默认值。"),
)

FIELD_VALUE_UNUSABLE = _question(
    "FIELD_VALUE_UNUSABLE",
    980,
    _CONTRACT,
    (
        "The value of the field {field} cannot be used; expected: {expected}.",
        "Send such a value, or leave the field out.",
    ),
    ("字段 {field} 的值无法使用，应为：{expected}。", "请提交符合要求的值，或省略该字段。"),
)

FIELD_TOO_MANY = _question(
    "FIELD_TOO_MANY",
    979,
    _CONTRACT,
    (
        "The list {field} has more than {max_count} items.",
        "Send only what belongs to this certificate's path.",
    ),
    ("列表 {field} 超过 {max_count} 项。", "请只提交与该证书路径有关的内容。"),
)

FIELD_NOT_BASE64 = _question(
    "FIELD_NOT_BASE64",
    978,
    "RFC 4648 §4",
    (
        "The field {field} holds text that is neither base64 nor PEM.",
        "Send the DER bytes in base64, or the PEM text as it is.",
    ),
    ("字段 {field} 的内容既不是 base64 也不是 PEM。", "请提交 DER 的 base64 编码，或原样的 PEM 文本。"),
)

FIELD_PEM_UNUSABLE = _question(
    "FIELD_PEM_UNUSABLE",
    977,
    "RFC 7468 §3",
    (
        "The PEM text in the field {field} cannot be used ({cause}).",
        "Send PEM blocks of the kind that belongs in this field, and for certificate exactly one.",
    ),
    (
        "字段 {field} 中的 PEM 文本无法使用（{cause}）。",
        "请提交该字段所要求类型的 PEM 块；certificate 字段只能有一个。",
    ),
)

TRUST_ANCHOR_UNREADABLE = _question(
    "TRUST_ANCHOR_UNREADABLE",
    976,
    "RFC 5280 §6.1.1 (d)",
    (
        "The trust anchor number {index} of the question cannot be read as a certificate ({cause}).",
        "Send the anchor's certificate unchanged, in DER or PEM.",
    ),
    ("问题中的第 {index} 个信任锚无法作为证书读取（{cause}）。", "请原样提交该信任锚的证书（DER 或 PEM）。"),
)

DOMAIN_UNKNOWN = _question(
    "DOMAIN_UNKNOWN",
    975,
    "RFC 5217 §3",
    (
        "There is no trust domain named {domain}.",
        "Name one of the configured trust domains, or leave the field out for the default.",
    ),
    ("没有名为 {domain} 的信任域。", "请填写已配置的信任域名称，或省略该字段以使用默认信任域。"),
)

PROFILE_NEEDS_TRUST_ANCHORS = _question(
    "PROFILE_NEEDS_TRUST_ANCHORS",
    974,
    _CONTRACT,
    (
        "The algorithm profile {profile} is only for questions that bring their own trust anchors.",
        "Leave algorithm_profile out, or judge old material offline with trust_anchors.",
    ),
    (
        "算法配置 {profile} 只能用于自带信任锚的问题。",
        "请省略 algorithm_profile，或离线使用 trust_anchors 判定旧材料。",
    ),
)

PURPOSE_NOT_IN_DOMAIN = Reason(
    code="PURPOSE_NOT_IN_DOMAIN",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=973,
    clause="RFC 5217 §3",
    actor=Actor.CALLER,
    message_en="The trust domain {domain} does not vouch for the purpose {purpose}.",
    message_zh="信任域 {domain} 不为用途 {purpose} 提供担保。",
    remedy_en="Ask for a purpose the trust domain lists, or name another trust domain.",
    remedy_zh="请改用该信任域列出的用途，或指定其他信任域。",
    params=("domain", "purpose"),
)

ENGINE_STOPPED = Reason(
    code="ENGINE_STOPPED",
    sub_indication=SubIndication.TRY_LATER,
    rank=999,
    clause="EN 319 102-1 §5.1.3",
    actor=Actor.OPERATOR,
    message_en="No answer could be made: the engine stopped while it judged this question.",
    message_zh="未能得出结论：引擎在判定该问题时中止。",
    remedy_en="Report the question to the operator of this gateway; until then do not rely on it.",
    remedy_zh="请将该问题报告给网关运营方；在此之前不要信任该证书。",
)

BATCH_TIME_SPENT = Reason(
    code="BATCH_TIME_SPENT",
    sub_indication=SubIndication.TRY_LATER,
    rank=998,
    clause="EN 319 102-1 §5.1.3",
    actor=Actor.CALLER,
    message_en="The questions before this one used up the time that one batch may take; it was not judged.",
    message_zh="前面的问题已用完单个批次的处理时间，该问题未作判定。",
    remedy_en="Send this question again, in a smaller batch.",
    remedy_zh="请以较小的批次重新提交该问题。",
)

CATALOGUE = (
    LINE_TOO_LARGE,
    LINE_NOT_UTF8,
    LINE_TOO_DEEP,
    LINE_NOT_JSON,
    LINE_NOT_AN_OBJECT,
    FIELD_REPEATED,
    FIELD_UNKNOWN,
    FIELD_NOT_TAKEN,
    FIELD_MISSING,
    FIELD_WRONG_TYPE,
    FIELD_VALUE_UNUSABLE,
    FIELD_TOO_MANY,
    FIELD_NOT_BASE64,
    FIELD_PEM_UNUSABLE,
    TRUST_ANCHOR_UNREADABLE,
    DOMAIN_UNKNOWN,
    PROFILE_NEEDS_TRUST_ANCHORS,
    PURPOSE_NOT_IN_DOMAIN,
    ENGINE_STOPPED,
    BATCH_TIME_SPENT,
)
