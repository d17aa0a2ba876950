"""Reasons about recognition across PKI domains: blocks, licences, agreements, levels, conditions."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication


def _row(
    code: str,
    rank: int,
    clause: str,
    actor: Actor,
    en: tuple[str, str],
    zh: tuple[str, str],
    params: tuple[str, ...],
    sub_indication: SubIndication = SubIndication.CHAIN_CONSTRAINTS_FAILURE,
) -> Reason:
    """A row; ``en`` and ``zh`` are (message, remedy)."""
    return Reason(
        code=code,
        sub_indication=sub_indication,
        rank=rank,
        clause=clause,
        actor=actor,
        message_en=en[0],
        message_zh=zh[0],
        remedy_en=en[1],
        remedy_zh=zh[1],
        params=params,
    )


_BLOCK = ("block", "publication", "since")
_CONTACT_EN = "Do not rely on it. If the block is wrong, ask the operator, naming the block, to lift it."
_CONTACT_ZH = "请勿信任该证书。如认为封禁有误，请向运营方提供封禁编号并申请解除。"

CERTIFICATE_BLOCKED = _row(
    "CERTIFICATE_BLOCKED",
    899,
    "RFC 5217 §3.1.3, docs/recognition.md",
    Actor.OPERATOR,
    ("This certificate is on the blocklist since {since} ({block}; {publication}).", _CONTACT_EN),
    ("该证书自 {since} 起被列入封禁名单（{block}；{publication}）。", _CONTACT_ZH),
    _BLOCK,
)

KEY_BLOCKED = _row(
    "KEY_BLOCKED",
    898,
    "RFC 5217 §3.1.3, docs/recognition.md",
    Actor.OPERATOR,
    ("The key of this certificate is on the blocklist since {since} ({block}; {publication}).", _CONTACT_EN),
    ("该证书的密钥自 {since} 起被列入封禁名单（{block}；{publication}）。", _CONTACT_ZH),
    _BLOCK,
)

SUBJECT_BLOCKED = _row(
    "SUBJECT_BLOCKED",
    897,
    "RFC 5217 §3.1.3, docs/recognition.md",
    Actor.OPERATOR,
    ("Its holder is on the blocklist since {since} ({block}; {publication}).", _CONTACT_EN),
    ("该证书的持有人自 {since} 起被列入封禁名单（{block}；{publication}）。", _CONTACT_ZH),
    _BLOCK,
)

CA_BLOCKED = _row(
    "CA_BLOCKED",
    896,
    "RFC 5217 §3.1.3, docs/recognition.md",
    Actor.OPERATOR,
    ("This CA is on the blocklist since {since} ({block}; {publication}).", _CONTACT_EN),
    ("该认证机构自 {since} 起被列入封禁名单（{block}；{publication}）。", _CONTACT_ZH),
    _BLOCK,
)

LICENCE_EXPIRED = _row(
    "LICENCE_EXPIRED",
    892,
    "RFC 5217 §3.1.1, docs/recognition.md",
    Actor.CA,
    (
        "The licence {licence} of the authority {authority} ran out at {not_after}.",
        "The authority renews its licence and the operator records it; until then use another authority.",
    ),
    (
        "认证机构 {authority} 的许可证 {licence} 已于 {not_after} 到期。",
        "请由该机构续展许可并由运营方登记；在此之前请改用其他机构的证书。",
    ),
    ("authority", "licence", "not_after"),
)

LICENCE_NOT_YET_VALID = _row(
    "LICENCE_NOT_YET_VALID",
    891,
    "RFC 5217 §3.1.1, docs/recognition.md",
    Actor.CA,
    (
        "The licence {licence} of the authority {authority} begins only at {not_before}.",
        "Ask again from then on; what was signed before it is not covered by this licence.",
    ),
    (
        "认证机构 {authority} 的许可证 {licence} 自 {not_before} 起才生效。",
        "请在生效后再提交；此前的签名不在该许可范围内。",
    ),
    ("authority", "licence", "not_before"),
)

AGREEMENT_MISSING = _row(
    "AGREEMENT_MISSING",
    888,
    "RFC 5217 §3.1.3",
    Actor.OPERATOR,
    (
        "The path leads from the domain {issuer_domain} into {subject_domain}; no agreement allows it.",
        "The operator concludes an agreement between the two, or the holder uses a member's certificate.",
    ),
    (
        "证书路径从 {issuer_domain} 域进入 {subject_domain} 域，但两者之间没有互认协议。",
        "请由运营方签订并批准两域之间的协议，或改用成员机构的证书。",
    ),
    ("issuer_domain", "subject_domain"),
)

AGREEMENT_NOT_YET_EFFECTIVE = _row(
    "AGREEMENT_NOT_YET_EFFECTIVE",
    887,
    "RFC 5217 §3.1.3",
    Actor.OPERATOR,
    (
        "The agreement {agreement} takes effect only at {effective_from}.",
        "Ask again from then on.",
    ),
    ("互认协议 {agreement} 自 {effective_from} 起才生效。", "请在协议生效后再提交。"),
    ("agreement", "effective_from"),
)

AGREEMENT_EXPIRED = _row(
    "AGREEMENT_EXPIRED",
    886,
    "RFC 5217 §3.1.3",
    Actor.OPERATOR,
    (
        "The agreement {agreement} ended at {effective_until}.",
        "The operator renews it; signatures from its time are judged at their own time.",
    ),
    (
        "互认协议 {agreement} 已于 {effective_until} 终止效力。",
        "请由运营方续签；协议有效期内的签名请按当时的时间判定。",
    ),
    ("agreement", "effective_until"),
)

AGREEMENT_SUSPENDED = _row(
    "AGREEMENT_SUSPENDED",
    885,
    "RFC 5217 §3.1.3",
    Actor.OPERATOR,
    (
        "The agreement {agreement} is suspended.",
        "Wait until the operator resumes it, or use a certificate that does not depend on it.",
    ),
    ("互认协议 {agreement} 已暂停。", "请等待运营方恢复该协议，或改用不依赖该协议的证书。"),
    ("agreement",),
)

AGREEMENT_TERMINATED = _row(
    "AGREEMENT_TERMINATED",
    884,
    "RFC 5217 §3.1.3",
    Actor.OPERATOR,
    (
        "The agreement {agreement} was terminated.",
        "Use a certificate that does not depend on it.",
    ),
    ("互认协议 {agreement} 已解除。", "请改用不依赖该协议的证书。"),
    ("agreement",),
)

POLICY_MAPPING_NOT_AGREED = _row(
    "POLICY_MAPPING_NOT_AGREED",
    880,
    "RFC 5280 §4.2.1.5, §6.1.4 (b)",
    Actor.OPERATOR,
    (
        "No mapping approved by {agreements} leads from {issuer_domain} to the policies {policies}.",
        "The operator approves a mapping, or the holder uses a certificate whose policy is mapped.",
    ),
    (
        "证书的策略（{policies}）无法通过协议 {agreements} 批准的映射对应到 {issuer_domain} 的策略。",
        "请由运营方批准其中某一策略的映射，或由持有人改用策略已被映射的证书。",
    ),
    ("agreements", "issuer_domain", "policies"),
)

ASSURANCE_LEVEL_NOT_REACHED = _row(
    "ASSURANCE_LEVEL_NOT_REACHED",
    879,
    "RFC 5217 §3.2.5, docs/recognition.md",
    Actor.HOLDER,
    (
        "The certificate is recognised at the level {reached}; {asked} was asked for.",
        "Use a certificate of a higher class, or ask for a level that is enough for this business.",
    ),
    (
        "证书被认可的保证级别为 {reached}，低于所要求的 {asked}。",
        "请改用更高等级的证书，或按业务需要降低所要求的级别。",
    ),
    ("asked", "reached"),
)

RECOGNITION_PURPOSE_NOT_COVERED = _row(
    "RECOGNITION_PURPOSE_NOT_COVERED",
    878,
    "RFC 5217 §3.1.3, docs/recognition.md",
    Actor.CALLER,
    (
        "{basis} does not recognise certificates for the purpose {purpose}.",
        "Ask for a purpose it names, or use a certificate recognised for this one.",
    ),
    ("{basis} 不认可将证书用于 {purpose}。", "请改用其列明的用途，或改用为该用途认可的证书。"),
    ("basis", "purpose"),
)

RECOGNITION_SUBJECT_KIND = _row(
    "RECOGNITION_SUBJECT_KIND",
    877,
    "RFC 5217 §3.1.3, docs/recognition.md",
    Actor.HOLDER,
    (
        "{basis} does not recognise certificates of this kind of holder ({kind}).",
        "Use a certificate issued to a kind of holder that is recognised.",
    ),
    ("{basis} 不认可此类持有人（{kind}）的证书。", "请改用被认可的持有人类别的证书。"),
    ("basis", "kind"),
)

RECOGNITION_KEY_ALGORITHM = _row(
    "RECOGNITION_KEY_ALGORITHM",
    876,
    "RFC 5217 §3.1.3, docs/recognition.md",
    Actor.HOLDER,
    (
        "{basis} does not recognise keys of the algorithm {algorithm}.",
        "Use a certificate with a key of a recognised algorithm.",
    ),
    ("{basis} 不认可 {algorithm} 算法的密钥。", "请改用采用受认可算法的证书。"),
    ("algorithm", "basis"),
)

RECOGNITION_NAME = _row(
    "RECOGNITION_NAME",
    875,
    "RFC 5280 §4.2.1.10",
    Actor.CA,
    (
        "The {form} {name} is not among the names that {basis} recognises.",
        "Use a certificate whose names lie within what was agreed.",
    ),
    ("{form} 名称 {name} 不在 {basis} 认可的名称范围内。", "请改用名称在约定范围内的证书。"),
    ("basis", "form", "name"),
)

RECOGNITION_STATUS_MISSING = _row(
    "RECOGNITION_STATUS_MISSING",
    874,
    "RFC 5280 §6.3, RFC 6960",
    Actor.CALLER,
    (
        "{basis} asks for proof that this certificate is not revoked, and there is none.",
        "Send a current CRL or OCSP response of its issuer.",
    ),
    ("{basis} 要求证明该证书未被吊销，但没有可用的证明。", "请提交其签发机构当前的 CRL 或 OCSP 响应。"),
    ("basis",),
    SubIndication.TRY_LATER,
)

RECOGNITION_STATUS_TOO_OLD = _row(
    "RECOGNITION_STATUS_TOO_OLD",
    873,
    "RFC 5280 §5.1.2.4, RFC 6960 §2.4",
    Actor.CALLER,
    (
        "The proof of status dates from {issued}; {basis} allows an age of {max_age_s} seconds.",
        "Send a newer CRL or OCSP response.",
    ),
    (
        "证书未被吊销的证明签发于 {issued}，超过 {basis} 允许的 {max_age_s} 秒。",
        "请提交更新的 CRL 或 OCSP 响应。",
    ),
    ("basis", "issued", "max_age_s"),
    SubIndication.TRY_LATER,
)
