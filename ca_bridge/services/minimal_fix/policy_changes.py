"""The catalogue of changes to the policy in force; each goes through a release."""

from __future__ import annotations

from ca_bridge.services.minimal_fix.model import Caution, ChangeType, FixKind, Party


def _policy(
    code: str,
    cost: int,
    zh: str,
    en: str,
    *parties: Party,
    cautions: tuple[Caution, ...] = (),
    assumed: bool = False,
    partial: bool = False,
) -> ChangeType:
    """A row; ``parties`` agree or publish first, then the release is written and approved."""
    return ChangeType(
        code=code,
        kind=FixKind.POLICY,
        cost=cost,
        zh=zh,
        en=en,
        parties=(*parties, Party.AUTHOR, Party.APPROVER),
        cautions=cautions,
        assumed=assumed,
        partial=partial,
    )


_WIDENS = (Caution.WIDENS_TRUST,)

AGREEMENT_EXTENDED = _policy(
    "AGREEMENT_EXTENDED",
    100,
    "续签互认协议 {agreement}，使其有效期至少延续到 {until}。",
    "Renew the agreement {agreement}, so that it holds at least until {until}.",
    Party.OPERATOR,
    Party.OTHER_DOMAIN,
    cautions=_WIDENS,
)
AGREEMENT_BEGUN_EARLIER = _policy(
    "AGREEMENT_BEGUN_EARLIER",
    140,
    "将互认协议 {agreement} 的生效时间提前到 {since}。",
    "Let the agreement {agreement} begin at {since} already.",
    Party.OPERATOR,
    Party.OTHER_DOMAIN,
    cautions=(Caution.BACKDATES,),
)
AGREEMENT_RESUMED = _policy(
    "AGREEMENT_RESUMED",
    130,
    "恢复已暂停的互认协议 {agreement}。",
    "Resume the suspended agreement {agreement}.",
    Party.OPERATOR,
    Party.OTHER_DOMAIN,
    cautions=(Caution.RESUMES,),
)
AGREEMENT_ACTIVATED = _policy(
    "AGREEMENT_ACTIVATED",
    150,
    "核实并启用互认协议草案 {agreement}。",
    "Verify the draft agreement {agreement} and make it active.",
    Party.OPERATOR,
    Party.OTHER_DOMAIN,
    cautions=_WIDENS,
    partial=True,
)
AGREEMENT_CONCLUDED = _policy(
    "AGREEMENT_CONCLUDED",
    200,
    "订立新的互认协议 {agreement}：{issuer_domain} 承认 {subject_domain}，"
    "映射 {policy} ← {subject_policy}，级别 {level}。",
    "Conclude a new agreement {agreement}: {issuer_domain} recognises {subject_domain}, with the mapping "
    "{policy} <- {subject_policy} at the level {level}.",
    Party.OPERATOR,
    Party.OTHER_DOMAIN,
    cautions=_WIDENS,
    partial=True,
)
AGREEMENT_CONCLUDED_ANEW = _policy(
    "AGREEMENT_CONCLUDED_ANEW",
    210,
    "以新协议 {agreement} 重新订立已解除的互认协议 {former}。",
    "Conclude the terminated agreement {former} anew, as {agreement}.",
    Party.OPERATOR,
    Party.OTHER_DOMAIN,
    cautions=_WIDENS,
)
MAPPING_ADDED = _policy(
    "MAPPING_ADDED",
    120,
    "在互认协议 {agreement} 中批准映射：{issuer_domain} 的策略 {policy} ← "
    "{subject_domain} 的策略 {subject_policy}，级别 {level}。",
    "Approve a mapping in the agreement {agreement}: policy {policy} of {issuer_domain} <- policy "
    "{subject_policy} of {subject_domain}, at the level {level}.",
    Party.OPERATOR,
    Party.OTHER_DOMAIN,
    cautions=_WIDENS,
    partial=True,
)
MAPPING_RAISED = _policy(
    "MAPPING_RAISED",
    125,
    "将互认协议 {agreement} 中映射 {policy} ← {subject_policy} 的级别由 {old} 提高到 {level}。",
    "Raise the mapping {policy} <- {subject_policy} of the agreement {agreement} from {old} to {level}.",
    Party.OPERATOR,
    Party.OTHER_DOMAIN,
    cautions=_WIDENS,
    partial=True,
)
POLICY_GRADED = _policy(
    "POLICY_GRADED",
    160,
    "由 {domain} 将其证书策略 {policy} 定为 {level} 级（原为 {old}）。",
    "Have {domain} grade its certificate policy {policy} at {level} (so far: {old}).",
    Party.OPERATOR,
    cautions=_WIDENS,
    partial=True,
)
PURPOSE_AGREED = _policy(
    "PURPOSE_AGREED",
    110,
    "在 {basis} 认可的用途中加入 {purpose}。",
    "Add {purpose} to the purposes that {basis} recognises.",
    Party.OPERATOR,
    Party.OTHER_DOMAIN,
    cautions=_WIDENS,
)
SUBJECT_KIND_AGREED = _policy(
    "SUBJECT_KIND_AGREED",
    115,
    "在 {basis} 认可的持有人类别中加入 {kind}。",
    "Add {kind} to the kinds of holders that {basis} recognises.",
    Party.OPERATOR,
    Party.OTHER_DOMAIN,
    cautions=_WIDENS,
)
KEY_ALGORITHM_AGREED = _policy(
    "KEY_ALGORITHM_AGREED",
    115,
    "在 {basis} 认可的密钥种类中加入 {algorithm}；算法强度仍由算法策略判定。",
    "Add {algorithm} to the kinds of keys that {basis} recognises; the algorithm profile still judges "
    "their strength.",
    Party.OPERATOR,
    Party.OTHER_DOMAIN,
    cautions=_WIDENS,
)
NAME_AGREED = _policy(
    "NAME_AGREED",
    115,
    "在 {basis} 认可的名称中加入 {name}（{form}）。",
    "Add {name} ({form}) to the names that {basis} recognises.",
    Party.OPERATOR,
    Party.OTHER_DOMAIN,
    cautions=_WIDENS,
)
DOMAIN_PURPOSE_ADDED = _policy(
    "DOMAIN_PURPOSE_ADDED",
    155,
    "由 {domain} 为用途 {purpose} 提供担保。",
    "Let {domain} vouch for the purpose {purpose}.",
    Party.OPERATOR,
    cautions=_WIDENS,
)
DOMAIN_POLICY_ACCEPTED = _policy(
    "DOMAIN_POLICY_ACCEPTED",
    155,
    "在 {domain} 接受的证书策略中加入 {policy}。",
    "Add {policy} to the certificate policies that {domain} accepts.",
    Party.OPERATOR,
    cautions=_WIDENS,
)
ANCHOR_ADDED = _policy(
    "ANCHOR_ADDED",
    300,
    "将 {name}（SHA-256 {sha256}）登记为 {domain} 的信任锚。",
    "Pin {name} (SHA-256 {sha256}) as a trust anchor of {domain}.",
    Party.OPERATOR,
    cautions=_WIDENS,
)
TRUST_LIST_RELIED_ON = _policy(
    "TRUST_LIST_RELIED_ON",
    220,
    "由 {domain} 依据信任列表 {list}。",
    "Let {domain} rely on the trust list {list}.",
    Party.OPERATOR,
    cautions=_WIDENS,
)
LIST_RENEWED = _policy(
    "LIST_RENEWED",
    90,
    "导入信任列表 {list} 的最新一期（序号 {sequence_number} 或更高，至少有效至 {until}）。",
    "Import the current issue of the trust list {list} (sequence number {sequence_number} or higher, "
    "valid at least until {until}).",
    Party.REGULATOR,
    Party.OPERATOR,
    cautions=(Caution.ASSUMED_FACT,),
    assumed=True,
)
ENTRY_ACTIVATED = _policy(
    "ENTRY_ACTIVATED",
    170,
    "与公布的页面核对草案条目 {entry}，固定其机构证书并启用。",
    "Compare the draft entry {entry} with what is published, pin its authorities and make it active.",
    Party.REGULATOR,
    cautions=_WIDENS,
    partial=True,
)
ENTRY_EXTENDED = _policy(
    "ENTRY_EXTENDED",
    100,
    "将条目 {entry} 的互认期限至少延长到 {until}。",
    "Extend the recognition of the entry {entry} at least until {until}.",
    Party.REGULATOR,
    cautions=_WIDENS,
)
ENTRY_BEGUN_EARLIER = _policy(
    "ENTRY_BEGUN_EARLIER",
    140,
    "将条目 {entry} 的互认起始时间提前到 {since}。",
    "Let the recognition of the entry {entry} begin at {since} already.",
    Party.REGULATOR,
    cautions=(Caution.BACKDATES,),
)
ENTRY_RESUMED = _policy(
    "ENTRY_RESUMED",
    130,
    "恢复条目 {entry}（现状态：{status}）。",
    "Make the entry {entry} active again (it is {status}).",
    Party.REGULATOR,
    cautions=(Caution.RESUMES,),
)
ENTRY_ROOT_PINNED = _policy(
    "ENTRY_ROOT_PINNED",
    180,
    "在条目 {entry} 的根证书中加入 {name}（SHA-256 {sha256}）。",
    "Add {name} (SHA-256 {sha256}) to the roots of the entry {entry}.",
    Party.REGULATOR,
    cautions=_WIDENS,
)
ENTRY_ISSUER_PINNED = _policy(
    "ENTRY_ISSUER_PINNED",
    175,
    "在条目 {entry} 的签发机构证书中加入 {name}（SHA-256 {sha256}）。",
    "Add {name} (SHA-256 {sha256}) to the issuing CAs of the entry {entry}.",
    Party.REGULATOR,
    cautions=_WIDENS,
)
ENTRY_FORMER_PINNED = _policy(
    "ENTRY_FORMER_PINNED",
    190,
    "将条目 {entry} 的前任机构 {name}（SHA-256 {sha256}）重新列为现任。",
    "Make the former authority {name} (SHA-256 {sha256}) one of the entry {entry} again.",
    Party.REGULATOR,
    cautions=(Caution.FORMER_AUTHORITY,),
)
ENTRY_HISTORY_ACCEPTED = _policy(
    "ENTRY_HISTORY_ACCEPTED",
    165,
    "查明条目 {entry} 前任机构的起止日期，或声明其在整个互认期内有效。",
    "Find out from when to when the former authorities of the entry {entry} counted, or declare that they "
    "count over its whole recognition.",
    Party.OPERATOR,
    cautions=(Caution.FORMER_AUTHORITY,),
)
ENTRY_ADDED = _policy(
    "ENTRY_ADDED",
    230,
    "公布证书类别“{type_name}”的新条目 {entry}，其余条件与 {like} 相同。",
    "Publish an entry {entry} for the certificate type {type_name}, otherwise like {like}.",
    Party.REGULATOR,
    cautions=_WIDENS,
    partial=True,
)
ENTRY_POLICY_ADDED = _policy(
    "ENTRY_POLICY_ADDED",
    120,
    "在条目 {entry} 的证书策略中加入 {policy}（仅此一个标识，不扩大任何弧）。",
    "Add exactly the certificate policy {policy} to the entry {entry}; no arc is widened.",
    Party.REGULATOR,
    cautions=_WIDENS,
)
ENTRY_LEVEL_RAISED = _policy(
    "ENTRY_LEVEL_RAISED",
    125,
    "将条目 {entry} 的级别由 {old} 提高到 {level}。",
    "Raise the entry {entry} from {old} to {level}.",
    Party.REGULATOR,
    cautions=_WIDENS,
)
LICENCE_RENEWED = _policy(
    "LICENCE_RENEWED",
    95,
    "由 {authority} 续展许可证 {licence}，并登记其至少有效至 {until}。",
    "Have {authority} renew its licence {licence}, and record that it holds at least until {until}.",
    Party.CA,
    Party.REGULATOR,
    cautions=(Caution.ASSUMED_FACT,),
    assumed=True,
)
BLOCK_LIFTED = _policy(
    "BLOCK_LIFTED",
    240,
    "解除封禁 {block}（{publication}）。",
    "Lift the block {block} ({publication}).",
    Party.OPERATOR,
    cautions=(Caution.LIFTS_BLOCK,),
)
