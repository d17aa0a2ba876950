"""Reasons about trust-list entries: which of an entry's conditions does not hold."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

_SCHEME = "docs/recognition.md (粤府〔2012〕82号)"


def _row(
    code: str,
    rank: int,
    actor: Actor,
    en: tuple[str, str],
    zh: tuple[str, str],
    *params: str,
    sub_indication: SubIndication = SubIndication.CHAIN_CONSTRAINTS_FAILURE,
) -> Reason:
    """A row; ``en`` and ``zh`` are (message, remedy)."""
    return Reason(
        code=code,
        sub_indication=sub_indication,
        rank=rank,
        clause=_SCHEME,
        actor=actor,
        message_en=en[0],
        message_zh=zh[0],
        remedy_en=en[1],
        remedy_zh=zh[1],
        params=params,
    )


TRUST_LIST_WITHOUT_ENTRY = _row(
    "TRUST_LIST_WITHOUT_ENTRY",
    850,
    Actor.OPERATOR,
    (
        "The trust lists that {domain} relies on have no entry in force.",
        "The operator publishes and approves an entry, with the certificates of its CAs pinned.",
    ),
    (
        "{domain} 所依据的信任列表中没有有效的条目。",
        "请由运营方发布并批准条目，并以指纹固定其认证机构证书。",
    ),
    "domain",
)

TRUST_LIST_STALE = _row(
    "TRUST_LIST_STALE",
    871,
    Actor.OPERATOR,
    (
        "The trust list {list} should have been renewed at {next_update}.",
        "The operator imports the current list.",
    ),
    ("信任列表 {list} 应于 {next_update} 前更新，现已过期。", "请由运营方导入最新的列表。"),
    "list",
    "next_update",
    sub_indication=SubIndication.TRY_LATER,
)

TRUST_LIST_NOT_YET_RECOGNISED = _row(
    "TRUST_LIST_NOT_YET_RECOGNISED",
    870,
    Actor.HOLDER,
    (
        "The entry {entry} recognises certificates only from {recognised_from} on.",
        "Rely on such a certificate only for acts from that time on.",
    ),
    (
        "信任列表条目 {entry} 自 {recognised_from} 起才具有互认地位。",
        "该时间之前的行为不能依据该证书的互认地位。",
    ),
    "entry",
    "recognised_from",
)

TRUST_LIST_NO_LONGER_RECOGNISED = _row(
    "TRUST_LIST_NO_LONGER_RECOGNISED",
    869,
    Actor.HOLDER,
    (
        "The entry {entry} recognised certificates until {recognised_until}.",
        "Use a certificate that is recognised now; acts from before are judged at their own time.",
    ),
    (
        "信任列表条目 {entry} 的互认地位已于 {recognised_until} 终止。",
        "请改用目前具有互认地位的证书；此前的行为请按当时的时间判定。",
    ),
    "entry",
    "recognised_until",
)

TRUST_LIST_ENTRY_SUSPENDED = _row(
    "TRUST_LIST_ENTRY_SUSPENDED",
    868,
    Actor.OPERATOR,
    (
        "The entry {entry} is suspended.",
        "Wait until the regulator resumes it, or use a certificate of another entry.",
    ),
    ("信任列表条目 {entry} 已暂停。", "请等待监管部门恢复，或改用其他条目的证书。"),
    "entry",
)

TRUST_LIST_ENTRY_TERMINATED = _row(
    "TRUST_LIST_ENTRY_TERMINATED",
    867,
    Actor.OPERATOR,
    ("The entry {entry} was withdrawn.", "Use a certificate of another entry."),
    ("信任列表条目 {entry} 已撤销。", "请改用其他条目的证书。"),
    "entry",
)

TRUST_LIST_ROOT_OTHER = _row(
    "TRUST_LIST_ROOT_OTHER",
    866,
    Actor.HOLDER,
    (
        "The path ends at a trust anchor that is not a root certificate of the entry {entry}.",
        "Use a certificate issued under the root that the entry names.",
    ),
    (
        "证书路径终止于的信任锚不是条目 {entry} 所列的根证书。",
        "请改用在条目所列根证书下签发的证书。",
    ),
    "entry",
)

TRUST_LIST_ROOT_FORMER = _row(
    "TRUST_LIST_ROOT_FORMER",
    865,
    Actor.HOLDER,
    (
        "The path ends at a former root of the entry {entry}, not in force at the validation time.",
        "Use a certificate issued under the present root; older acts are judged at their own time.",
    ),
    (
        "证书路径终止于条目 {entry} 的前任根证书，该根证书在判定时间不再有效。",
        "请改用在现行根证书下签发的证书；早先的行为请按当时的时间判定。",
    ),
    "entry",
)

TRUST_LIST_ISSUER_OTHER = _row(
    "TRUST_LIST_ISSUER_OTHER",
    864,
    Actor.HOLDER,
    (
        "The certificate was not issued by an issuing CA of the entry {entry}.",
        "Use a certificate issued by the CA that the entry names.",
    ),
    ("该证书不是由条目 {entry} 所列的签发机构证书签发。", "请改用由条目所列签发机构签发的证书。"),
    "entry",
)

TRUST_LIST_ISSUER_FORMER = _row(
    "TRUST_LIST_ISSUER_FORMER",
    863,
    Actor.HOLDER,
    (
        "The issuer is a former CA of the entry {entry}, not in force at the validation time.",
        "Use a certificate issued by the present issuing CA; older acts are judged at their own time.",
    ),
    (
        "该证书由条目 {entry} 的前任签发机构证书签发，该签发机构在判定时间不再有效。",
        "请改用由现行签发机构签发的证书；早先的行为请按当时的时间判定。",
    ),
    "entry",
)

TRUST_LIST_FORMER_UNDATED = _row(
    "TRUST_LIST_FORMER_UNDATED",
    862,
    Actor.OPERATOR,
    (
        "The path goes through former authorities of the entry {entry} whose dates are not published.",
        "The operator obtains the dates, or declares in the entry that such authorities count.",
    ),
    (
        "证书路径经过条目 {entry} 的前任机构，而其起止日期未公布。",
        "请由运营方取得日期，或在条目中明确声明此类前任机构有效。",
    ),
    "entry",
)

TRUST_LIST_TYPE_OTHER = _row(
    "TRUST_LIST_TYPE_OTHER",
    861,
    Actor.HOLDER,
    (
        "The subject does not name the certificate type {type_name} of the entry {entry}.",
        "Use a certificate of the recognised type.",
    ),
    (
        "证书主体中没有条目 {entry} 所列的证书类别名称“{type_name}”。",
        "请改用具有互认地位的证书类别。",
    ),
    "entry",
    "type_name",
)

TRUST_LIST_POLICY_OTHER = _row(
    "TRUST_LIST_POLICY_OTHER",
    860,
    Actor.HOLDER,
    (
        "No policy of the certificate ({policies}) is one of the entry {entry} ({expected}).",
        "Use a certificate issued under the mutual-recognition certificate policy.",
    ),
    (
        "证书的策略（{policies}）均不在条目 {entry} 所列的策略范围（{expected}）之内。",
        "请改用按互认证书策略签发的证书。",
    ),
    "entry",
    "expected",
    "policies",
)

TRUST_LIST_POLICY_NOT_ON_PATH = _row(
    "TRUST_LIST_POLICY_NOT_ON_PATH",
    854,
    Actor.CA,
    (
        "The CAs on the path do not allow the certificate policy that the entry {entry} asks for.",
        "The issuing CA has its own certificate issued with this policy or with anyPolicy.",
    ),
    (
        "路径上的 CA 证书未授权条目 {entry} 所要求的证书策略。",
        "请由签发机构换发包含该策略（或 anyPolicy）的 CA 证书。",
    ),
    "entry",
)
