"""Words for parties, cautions and bars, in both languages: (zh, en)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ca_bridge.services.minimal_fix.model import Bar, Caution, Party

Words = tuple[str, str]

PARTIES: Mapping[Party, Words] = MappingProxyType(
    {
        Party.CALLER: ("提交方（依赖方站点）", "whoever asks (the relying site)"),
        Party.HOLDER: ("证书持有人", "the holder of the certificate"),
        Party.CA: ("相关 CA", "the CA concerned"),
        Party.OPERATOR: ("本网关的运营方", "the operator of this gateway"),
        Party.OTHER_DOMAIN: ("对方信任域的主管机构", "the authority of the other domain"),
        Party.REGULATOR: ("监管部门或列表发布方", "the regulator or publisher of the list"),
        Party.AUTHOR: ("版本起草人", "an author of the release"),
        Party.APPROVER: ("另一位版本审批人", "an approver, another person"),
    }
)
CAUTIONS: Mapping[Caution, Words] = MappingProxyType(
    {
        Caution.WIDENS_TRUST: (
            "这会扩大信任范围：符合同样条件的其他证书也将被接受。",
            "This widens trust: other certificates under the same terms will be accepted too.",
        ),
        Caution.RESUMES: (
            "须先查明中止的原因并确认已消除；恢复后其下所有证书均可被接受。",
            "First find out why it was stopped, and that the cause is gone; all under it counts again.",
        ),
        Caution.LIFTS_BLOCK: (
            "仅当封禁有误或其原因已消除时方可解除，不得因业务需要而解除。",
            "Only if the block was a mistake or its cause is gone, never because the certificate is needed.",
        ),
        Caution.BACKDATES: (
            "这是追溯生效：仅当各方确认当时即已约定，且会扩大信任范围。",
            "This backdates: only if the parties agree that it held then, and it widens trust.",
        ),
        Caution.FORMER_AUTHORITY: (
            "该机构曾被移出：须确认其当前确有互认地位；这会扩大信任范围。",
            "This authority was taken out before: be sure that it counts today; this widens trust.",
        ),
        Caution.PROOF_OF_TIME: (
            "仅当时间戳等可靠证据证明行为发生在该时间或之前。",
            "Only where a time-stamp or proof as good shows that the act was done by then.",
        ),
        Caution.ASKS_LESS: (
            "这降低或改变了要求：由依赖方站点按业务风险决定。",
            "This asks for less, or for something else: the relying site decides by what is at risk.",
        ),
        Caution.ASSUMED_STATUS: (
            "假设最新的 CRL 或 OCSP 响应显示未吊销；如显示已吊销，则不可信赖。",
            "Assumes that the current CRL or OCSP response says good; if it says revoked, that is final.",
        ),
        Caution.ASSUMED_RENEWAL: (
            "假设更新后的证书除有效期外内容不变，且原证书未被吊销。",
            "Assumes that the renewed certificate says the same but for its end, and was not revoked.",
        ),
        Caution.ASSUMED_FACT: (
            "假设续展或新一期列表的内容如此；须以实际公布的为准。",
            "Assumes that the renewal or the new issue says so; what is published decides.",
        ),
    }
)
BARS: Mapping[Bar, Words] = MappingProxyType(
    {
        Bar.REVOKED: (
            "已被吊销：不得以任何变更使其通过；须由 CA 签发新证书。",
            "Revoked: no change may let it pass; the CA must issue a new certificate.",
        ),
        Bar.ON_HOLD: (
            "已被暂停：须由 CA 解除暂停，此前不得使其通过。",
            "On hold: the CA must lift the hold; until then no change may let it pass.",
        ),
        Bar.FORGED: (
            "签名验证不通过：证书被改动，或并非由所称的颁发者签发。",
            "The signature does not verify: it was altered, or the named issuer never signed it.",
        ),
        Bar.WEAK: (
            "算法或密钥不安全：不得放宽算法策略；须换用安全的密钥或算法重新签发。",
            "The algorithm or key is unsafe: the profile is not to be loosened; it must be issued anew.",
        ),
        Bar.MALFORMED: (
            "无法按标准读取：须由 CA 重新签发，或重新提交完整的文件。",
            "It cannot be read as the standard says: the CA must issue it again, or the file be sent whole.",
        ),
        Bar.KEY_BLOCKED: (
            "密钥被封禁，应视为已泄露：持有人须换用新密钥。",
            "The key is blocked and taken for compromised: the holder must change to a new key.",
        ),
        Bar.FLAWED: (
            "证书自身或其 CA 的限制使其不成立：只有 CA 能重新签发。",
            "The certificate itself, or what its CAs allow, does not hold: only a CA can issue it otherwise.",
        ),
        Bar.UNFIT: (
            "该证书不适用于此：请改用为此签发的另一张证书。",
            "This certificate is not made for this: use another one that is.",
        ),
        Bar.QUESTION: (
            "问题本身无法这样判定：请更正后再提交。",
            "The question cannot be judged as it is: correct it and ask again.",
        ),
        Bar.WORK_LIMIT: (
            "超出单次判定的工作量：请只提交与该证书路径有关的材料。",
            "More work than one decision is allowed: send only what belongs to this certificate's path.",
        ),
    }
)
