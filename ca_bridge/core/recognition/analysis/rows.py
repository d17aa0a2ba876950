"""The table of conflicts: what each means and what to do, in both languages."""

from __future__ import annotations

from ca_bridge.core.recognition.analysis.conflict import ConflictKind, ConflictRow


def _row(
    kind: ConflictKind, cause: str, en: tuple[str, str], zh: tuple[str, str], params: tuple[str, ...]
) -> ConflictRow:
    """A row; ``en`` and ``zh`` are (message, remedy)."""
    return ConflictRow(
        kind=kind,
        cause=cause,
        message_en=en[0],
        remedy_en=en[1],
        message_zh=zh[0],
        remedy_zh=zh[1],
        params=params,
    )


CYCLE_RAISES = _row(
    ConflictKind.MAPPING_CYCLE_RAISES_LEVEL,
    "returns_higher",
    (
        (
            "What {domain} grades {own_level} ({subject_policy}) "
            "returns by mappings as {granted_level} ({issuer_policy})."
        ),
        "Lower the level of a mapping on this cycle, or remove one.",
    ),
    (
        (
            "{domain} 定为 {own_level} 的策略 {subject_policy} "
            "经映射绕回后成为 {granted_level}（{issuer_policy}）。"
        ),
        "请降低该环路上某一映射的级别，或删除其中一个映射。",
    ),
    ("domain", "granted_level", "issuer_policy", "own_level", "subject_policy"),
)
LEVEL_RAISED = _row(
    ConflictKind.LEVEL_RAISED_BY_MAPPING,
    "above_own_grading",
    (
        (
            "{issuer_domain} takes {subject_policy} of {subject_domain} "
            "for {granted_level}; its own grade is {own_level}."
        ),
        "Lower the mapping's level to what the subject domain grades, or have it graded anew.",
    ),
    (
        (
            "{issuer_domain} 将 {subject_domain} 的策略 "
            "{subject_policy} 视为 {granted_level}，对方仅定为 {own_level}。"
        ),
        "请将映射级别降至对方自身的定级，或由对方重新定级。",
    ),
    ("granted_level", "issuer_domain", "own_level", "subject_domain", "subject_policy"),
)
TRANSITIVE = _row(
    ConflictKind.TRANSITIVE_TRUST,
    "through_member",
    (
        (
            "{issuer_domain} reaches {subject_domain} at {level} "
            "through {through}, no bridge; agreed was {agreed}."
        ),
        "Conclude an agreement between the two, or map to policies that lead no further.",
    ),
    (
        "{issuer_domain} 经非桥接域 {through} 以 {level} 级别信任 {subject_domain}；约定级别为 {agreed}。",
        "请由双方直接签订协议，或改用不再向外延伸的策略映射。",
    ),
    ("agreed", "issuer_domain", "level", "subject_domain", "through"),
)
_MAPPING = ("agreement", "issuer_policy", "subject_policy")
_MAP_EN = "The mapping {issuer_policy} -> {subject_policy} of {agreement}"
_MAP_ZH = "协议 {agreement} 的映射 {issuer_policy} -> {subject_policy} "
DEAD_ISSUER_POLICY = _row(
    ConflictKind.DEAD_MAPPING,
    "issuer_policy_not_graded",
    (
        f"{_MAP_EN} cannot be used: {{domain}} has no policy {{issuer_policy}}.",
        "Grade the policy in the issuer domain, or correct the mapping.",
    ),
    (
        f"{_MAP_ZH}无法使用：{{domain}} 没有策略 {{issuer_policy}}。",
        "请在签发方域中为该策略定级，或更正映射。",
    ),
    (*_MAPPING, "domain"),
)
DEAD_SUBJECT_POLICY = _row(
    ConflictKind.DEAD_MAPPING,
    "subject_policy_not_graded",
    (
        f"{_MAP_EN} cannot be used: {{domain}} issues nothing under {{subject_policy}}.",
        "Grade the policy in the subject domain, or correct the mapping.",
    ),
    (
        f"{_MAP_ZH}无法使用：{{domain}} 没有按策略 {{subject_policy}} 签发的证书。",
        "请在主体方域中为该策略定级，或更正映射。",
    ),
    (*_MAPPING, "domain"),
)
DEAD_LEVEL = _row(
    ConflictKind.DEAD_MAPPING,
    "level_not_on_scale",
    (
        f"{_MAP_EN} reaches no level: {{level}} is none of the scale of {{domain}}.",
        "Name a level of the issuer domain's scale.",
    ),
    (
        f"{_MAP_ZH}不产生任何级别：{{level}} 不在 {{domain}} 的级别体系内。",
        "请填写签发方域级别体系中的级别。",
    ),
    (*_MAPPING, "domain", "level"),
)
DEAD_ANY_POLICY = _row(
    ConflictKind.DEAD_MAPPING,
    "any_policy_mapped",
    (
        f"{_MAP_EN} refuses every path: anyPolicy must not be mapped (RFC 5280 §6.1.4 (a)).",
        "Name the policies one by one.",
    ),
    (f"{_MAP_ZH}会使所有路径被拒绝：不得映射 anyPolicy（RFC 5280 §6.1.4 (a)）。", "请逐一列出具体策略。"),
    _MAPPING,
)
DEAD_UNCERTIFIED = _row(
    ConflictKind.DEAD_MAPPING,
    "not_certified",
    (
        f"{_MAP_EN} stands in none of the cross-certificates from {{issuer_domain}} to {{subject_domain}}.",
        "Issue a cross-certificate that carries it, or remove the mapping.",
    ),
    (
        f"{_MAP_ZH}未出现在 {{issuer_domain}} 签发给 {{subject_domain}} 的任何交叉证书中。",
        "请签发包含该映射的交叉证书，或删除该映射。",
    ),
    (*_MAPPING, "issuer_domain", "subject_domain"),
)
DEAD_REVERSE = _row(
    ConflictKind.DEAD_MAPPING,
    "reverse_of_unilateral",
    (
        "The reverse mappings of {agreement} count for nothing: it is unilateral.",
        "Make the agreement mutual, or remove them.",
    ),
    ("协议 {agreement} 为单向协议，其反向映射无效。", "请改为双向协议，或删除反向映射。"),
    ("agreement",),
)
DEAD_TERMINATED = _row(
    ConflictKind.DEAD_MAPPING,
    "agreement_terminated",
    (
        "{agreement} was terminated; none of its mappings can ever be used.",
        "Remove it, or conclude a new one.",
    ),
    ("协议 {agreement} 已解除，其映射不会再被使用。", "请删除该协议，或另行签订新协议。"),
    ("agreement",),
)
DEAD_EXPIRED = _row(
    ConflictKind.DEAD_MAPPING,
    "agreement_expired",
    (
        "{agreement} ended at {effective_until} and no other follows it.",
        "Renew it, or remove it once nothing of its time is judged any more.",
    ),
    (
        "协议 {agreement} 已于 {effective_until} 到期，且没有后续协议。",
        "请续签；若不再需要判定其有效期内的签名，可将其删除。",
    ),
    ("agreement", "effective_until"),
)
INHIBITED = _row(
    ConflictKind.MAPPING_INHIBITED,
    "inhibit_policy_mapping",
    (
        (
            f"{_MAP_EN} is inhibited by {{inhibitor}}: the "
            f"inhibitPolicyMapping of its certificate is {{skip_certs}}."
        ),
        "Ask the issuer of that certificate for a larger inhibitPolicyMapping, or remove the mapping.",
    ),
    (
        f"{_MAP_ZH}在 {{inhibitor}} 签发的证书之下被禁止：inhibitPolicyMapping 为 {{skip_certs}}。",
        "请与该证书的签发方协商放宽 inhibitPolicyMapping，或删除该映射。",
    ),
    (*_MAPPING, "inhibitor", "skip_certs"),
)
PATH_TOO_LONG = _row(
    ConflictKind.MAPPING_INHIBITED,
    "path_length",
    (
        (
            f"{_MAP_EN} lies too far below {{inhibitor}}, whose "
            f"certificate has pathLenConstraint {{path_length}}."
        ),
        "Ask the issuer of that certificate for a larger pathLenConstraint, or remove the mapping.",
    ),
    (
        f"{_MAP_ZH}超出 {{inhibitor}} 所签证书的路径长度限制：pathLenConstraint 为 {{path_length}}。",
        "请与该证书的签发方协商放宽 pathLenConstraint，或删除该映射。",
    ),
    (*_MAPPING, "inhibitor", "path_length"),
)
TWO_LEVELS_IN_DOMAIN = _row(
    ConflictKind.POLICY_AT_TWO_LEVELS,
    "one_domain",
    ("{domain} grades {policy} at {levels}.", "Keep one of the levels; until then the lowest counts."),
    ("{domain} 将同一策略 {policy} 定为 {levels}。", "请仅保留一个级别；在此之前以最低者为准。"),
    ("domain", "levels", "policy"),
)
TWO_LEVELS_ON_SCALE = _row(
    ConflictKind.POLICY_AT_TWO_LEVELS,
    "one_scale",
    (
        "On the scale {scale}, {policy} is {level} for {domain} and {other_level} for {other_domain}.",
        "The two agree on one level, or use policies of their own.",
    ),
    (
        "在级别体系 {scale} 中，{domain} 将 {policy} 定为 {level}，{other_domain} 则定为 {other_level}。",
        "请双方统一级别，或各自使用自己的策略标识。",
    ),
    ("domain", "level", "other_domain", "other_level", "policy", "scale"),
)
TWO_LEVELS_IN_AGREEMENT = _row(
    ConflictKind.POLICY_AT_TWO_LEVELS,
    "one_mapping",
    (
        f"{_MAP_EN} stands there with the levels {{levels}}.",
        "Keep one of them; until then the highest counts.",
    ),
    (f"{_MAP_ZH}同时写有级别 {{levels}}。", "请仅保留一个；在此之前以最高者为准。"),
    (*_MAPPING, "levels"),
)
SCALES = _row(
    ConflictKind.SCALES_DISAGREE,
    "one_name",
    (
        "{domain} and {other_domain} both call their scale {scale}, with different levels.",
        "Give both the same levels in the same order, or name the scales differently.",
    ),
    (
        "{domain} 与 {other_domain} 的级别体系同名 {scale}，但级别不同。",
        "请统一级别及其顺序，或使用不同的体系名称。",
    ),
    ("domain", "other_domain", "scale"),
)
ABOVE_POLICY = _row(
    ConflictKind.MAPPING_LEVEL_ABOVE_POLICY,
    "capped",
    (
        f"{_MAP_EN} names {{level}}; {{domain}} grades {{issuer_policy}} {{own_level}}, which counts.",
        "Lower the mapping's level, or map to a policy of that level.",
    ),
    (
        (
            f"{_MAP_ZH}标注级别 {{level}}，而 {{domain}} 对 "
            f"{{issuer_policy}} 仅定为 {{own_level}}，以后者为准。"
        ),
        "请降低映射级别，或改为对应到该级别的策略。",
    ),
    (*_MAPPING, "domain", "level", "own_level"),
)
OVERLAP = _row(
    ConflictKind.AGREEMENTS_OVERLAP_DISAGREE,
    "one_subject_policy",
    (
        (
            "By {agreement}, {issuer_domain} takes {subject_policy} "
            "for {level}; by {other_agreement}, for {other_level}."
        ),
        "End the one before the other begins, or give both the same level; until then the highest counts.",
    ),
    (
        (
            "{issuer_domain} 按 {agreement} 将 {subject_policy} 视为 "
            "{level}，按同期的 {other_agreement} 视为 {other_level}。"
        ),
        "请使两者期限不重叠，或统一级别；在此之前以较高者为准。",
    ),
    ("agreement", "issuer_domain", "level", "other_agreement", "other_level", "subject_policy"),
)
NOBODY_REACHES = _row(
    ConflictKind.UNREACHABLE_ANCHOR,
    "no_agreement",
    (
        "No other domain reaches the authority {authority}, and its domain relies on none.",
        "Conclude an agreement with its domain, list it, or remove it.",
    ),
    (
        "没有其他域信任认证机构 {authority}，其所在域也不信任任何其他域。",
        "请与其所在域签订协议、将其列入信任列表，或将其删除。",
    ),
    ("authority",),
)
NOT_PINNED = _row(
    ConflictKind.UNREACHABLE_ANCHOR,
    "not_pinned",
    (
        "Nobody can reach the authority {authority}: neither a key nor a certificate of it is pinned.",
        "Pin its key or certificate by SHA-256.",
    ),
    ("认证机构 {authority} 未固定任何密钥或证书，无法被信任。", "请以 SHA-256 固定其密钥或证书。"),
    ("authority",),
)
NO_DOMAIN = _row(
    ConflictKind.UNREACHABLE_ANCHOR,
    "no_domain",
    (
        "The trust anchor {authority} is a principal CA of no domain.",
        "Enter it under its domain, or remove the anchor.",
    ),
    ("信任锚 {authority} 不是任何域的主 CA。", "请将其登记到所属域，或删除该信任锚。"),
    ("authority",),
)
ALL_UNUSABLE = _row(
    ConflictKind.NO_USABLE_AUTHORITY,
    "blocked_or_unlicensed",
    (
        "By {agreement}, {issuer_domain} relies on {subject_domain}, which has no usable authority: {why}.",
        "Suspend the agreement, or record the new licence or lift the block.",
    ),
    (
        "{issuer_domain} 按协议 {agreement} 信任 {subject_domain}，但后者的认证机构均不可用：{why}。",
        "请暂停该协议，或登记新的许可证、解除封禁。",
    ),
    ("agreement", "issuer_domain", "subject_domain", "why"),
)
ONE_SIDED = _row(
    ConflictKind.MUTUAL_ONE_SIDED,
    "one_way",
    (
        "{agreement} is mutual, but {issuer_domain} maps no policy to {subject_domain}.",
        "Add the mappings of this direction, or make the agreement unilateral.",
    ),
    (
        "协议 {agreement} 为双向协议，但 {issuer_domain} 未将任何策略映射到 {subject_domain}。",
        "请补充该方向的映射，或改为单向协议。",
    ),
    ("agreement", "issuer_domain", "subject_domain"),
)
ALLOWS_NOTHING = _row(
    ConflictKind.AGREEMENT_ALLOWS_NOTHING,
    "empty",
    (
        "{agreement} is in force and allows nothing: its {empty} is empty.",
        "Fill in what was agreed, or end the agreement.",
    ),
    ("协议 {agreement} 有效，但其 {empty} 为空，不允许任何信任。", "请填写约定内容，或终止该协议。"),
    ("agreement", "empty"),
)

ROWS = (
    CYCLE_RAISES,
    LEVEL_RAISED,
    TRANSITIVE,
    DEAD_ISSUER_POLICY,
    DEAD_SUBJECT_POLICY,
    DEAD_LEVEL,
    DEAD_ANY_POLICY,
    DEAD_UNCERTIFIED,
    DEAD_REVERSE,
    DEAD_TERMINATED,
    DEAD_EXPIRED,
    INHIBITED,
    PATH_TOO_LONG,
    TWO_LEVELS_IN_DOMAIN,
    TWO_LEVELS_ON_SCALE,
    TWO_LEVELS_IN_AGREEMENT,
    SCALES,
    ABOVE_POLICY,
    OVERLAP,
    NOBODY_REACHES,
    NOT_PINNED,
    NO_DOMAIN,
    ALL_UNUSABLE,
    ONE_SIDED,
    ALLOWS_NOTHING,
)
"""Every row, in the order conflicts are reported."""
