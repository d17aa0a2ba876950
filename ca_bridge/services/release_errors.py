"""Why a step in the life of a release is refused: a closed catalogue, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ca_bridge.services.errors import GatewayError
from ca_bridge.services.printable import printable


class RefusalKind(StrEnum):
    """What sort of "no" it is, as doors tell them apart.

    UNAUTHENTICATED: who asks is not proven. FORBIDDEN: proven, and not allowed. NOT_FOUND: no such
    release. CONFLICT: what was seen is no longer so; look again. INVALID: the content or the request is
    to be mended. INDETERMINATE: it could not be found out now.
    """

    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    INVALID = "invalid"
    INDETERMINATE = "indeterminate"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row of the catalogue; texts may use ``{name}`` fields, given when it is raised."""

    code: str
    kind: RefusalKind
    message_en: str
    message_zh: str
    remedy_en: str
    remedy_zh: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyProblem:
    """One mistake in the documents: where, and what, in both languages; ``line`` 0 = not known."""

    file: str
    message_en: str
    message_zh: str
    line: int = 0


class ReleaseRefused(GatewayError):
    """A step was refused; nothing but the audit trail has changed."""

    def __init__(
        self, refusal: Refusal, *, problems: tuple[PolicyProblem, ...] = (), **params: str | int
    ) -> None:
        """``params`` are those the refusal's texts use; ``problems`` come with LINT_FAILED."""
        super().__init__(refusal.code)
        self.refusal = refusal
        self.problems = problems
        self.params = {name: printable(str(value)) for name, value in sorted(params.items())}

    def texts(self) -> Mapping[str, str]:
        """message_en, message_zh, remedy_en and remedy_zh, filled in."""
        names = ("message_en", "message_zh", "remedy_en", "remedy_zh")
        return {name: getattr(self.refusal, name).format_map(self.params) for name in names}


_KIND = RefusalKind

AUTHENTICATION_FAILED = Refusal(
    "AUTHENTICATION_FAILED",
    _KIND.UNAUTHENTICATED,
    "the account is unknown, or its secret or certificate is not the one given",
    "账号不存在，或所给的密钥、证书与账号不符",
    "check the account's name and its secret or certificate",
    "请核对账号名及其密钥或证书",
)
TOO_MANY_ATTEMPTS = Refusal(
    "TOO_MANY_ATTEMPTS",
    _KIND.UNAUTHENTICATED,
    "{count} attempts to act as {account} failed within {seconds} seconds",
    "{seconds} 秒内以账号 {account} 操作已失败 {count} 次",
    "wait a minute; the audit trail tells who tried",
    "请稍候一分钟；审计记录中可查看尝试情况",
)
ACCOUNT_DISABLED = Refusal(
    "ACCOUNT_DISABLED",
    _KIND.FORBIDDEN,
    "account {account} is disabled",
    "账号 {account} 已停用",
    "let another person act, or propose to enable the account again",
    "请由他人操作，或申请重新启用该账号",
)
ROLE_MISSING = Refusal(
    "ROLE_MISSING",
    _KIND.FORBIDDEN,
    "account {account} has no role that allows {action}; allowed: {roles}",
    "账号 {account} 没有可执行 {action} 的角色；允许的角色：{roles}",
    "let somebody with one of these roles do it",
    "请由具有上述角色之一的人员操作",
)
NOT_AN_APPROVER = Refusal(
    "NOT_AN_APPROVER",
    _KIND.FORBIDDEN,
    "account {account} is not an approver",
    "账号 {account} 不是审批人",
    "let an approver decide",
    "请由审批人决定",
)
SELF_APPROVAL = Refusal(
    "SELF_APPROVAL",
    _KIND.FORBIDDEN,
    "account {account} wrote or submitted this change and cannot approve it",
    "账号 {account} 编写或提交了此变更，不能自行批准",
    "let a different approver decide",
    "请由其他审批人决定",
)
ALREADY_APPROVED_BY_YOU = Refusal(
    "ALREADY_APPROVED_BY_YOU",
    _KIND.CONFLICT,
    "account {account} has approved it already; one person counts once",
    "账号 {account} 已批准过；同一人只计一次",
    "wait for another approver",
    "请等待其他审批人",
)
SIGNATURE_INVALID = Refusal(
    "SIGNATURE_INVALID",
    _KIND.UNAUTHENTICATED,
    "the certificate's key did not sign this statement: {cause}",
    "该证书的密钥没有对此声明签名：{cause}",
    "sign the statement of exactly this step anew",
    "请对本步骤的声明重新签名",
)
SIGNATURE_MALFORMED = Refusal(
    "SIGNATURE_MALFORMED",
    _KIND.INVALID,
    "the signature, its algorithm, certificate or nonce cannot be read: {cause}",
    "签名、算法、证书或随机数无法读取：{cause}",
    "send DER, and a nonce of 16 to 128 letters, digits, - or _",
    "请提供 DER 编码，以及 16 至 128 位由字母、数字、- 或 _ 组成的随机数",
)
SIGNATURE_REPLAYED = Refusal(
    "SIGNATURE_REPLAYED",
    _KIND.CONFLICT,
    "this signed statement has been used before",
    "此签名声明已被使用过",
    "sign the statement anew, with a new nonce",
    "请使用新的随机数重新签名",
)
SIGNER_REFUSED = Refusal(
    "SIGNER_REFUSED",
    _KIND.FORBIDDEN,
    "the signer's certificate is not to be relied on: {reason}",
    "签名人的证书不可信赖：{reason}",
    "sign with a certificate that passes under the domain of signers",
    "请使用在签名人信任域下可通过验证的证书签名",
)
SIGNER_INDETERMINATE = Refusal(
    "SIGNER_INDETERMINATE",
    _KIND.INDETERMINATE,
    "whether the signer's certificate can be relied on could not be found out: {reason}",
    "无法确定签名人的证书是否可信赖：{reason}",
    "send the missing evidence with the signature, or try later",
    "请随签名提供所缺的证据，或稍后再试",
)
NOT_YOURS = Refusal(
    "NOT_YOURS",
    _KIND.FORBIDDEN,
    "account {account} is neither an author of it nor an approver",
    "账号 {account} 既不是其作者，也不是审批人",
    "let one of its authors or an approver do it",
    "请由其作者之一或审批人操作",
)
STALE_VERSION = Refusal(
    "STALE_VERSION",
    _KIND.CONFLICT,
    "version {seen} was seen, it is now {version}",
    "所见版本为 {seen}，当前版本为 {version}",
    "look at it again, then decide",
    "请重新查看后再作决定",
)
CONTENT_CHANGED = Refusal(
    "CONTENT_CHANGED",
    _KIND.CONFLICT,
    "the content is not the one that was seen; its SHA-256 is {sha256}",
    "内容与所见不同；当前内容的 SHA-256 为 {sha256}",
    "look at the content again, then decide",
    "请重新查看内容后再作决定",
)
STATE_FORBIDS = Refusal(
    "STATE_FORBIDS",
    _KIND.CONFLICT,
    "{action} is not possible in state {state}; possible: {possible}",
    "状态 {state} 下不能执行 {action}；可执行：{possible}",
    "take the steps in their order: draft, lint, simulate, submit, approve",
    "请按顺序操作：起草、检查、模拟、提交、批准",
)
LINT_FAILED = Refusal(
    "LINT_FAILED",
    _KIND.INVALID,
    "the documents have {count} mistake(s); the first: {first}",
    "文件中有 {count} 处错误；第一处：{first}",
    "mend them, amend the draft, and lint again",
    "请改正后更新草案并重新检查",
)
DOCUMENTS_UNUSABLE = Refusal(
    "DOCUMENTS_UNUSABLE",
    _KIND.INVALID,
    "these documents cannot make a release: {cause}",
    "这些文件不能构成发布版本：{cause}",
    "send plain documents by name, within the bounds",
    "请在限制之内按名称提供普通数据文件",
)
LOCK_OUT = Refusal(
    "LOCK_OUT",
    _KIND.INVALID,
    "nobody could approve the next change: {needed} approver(s) beside an author are needed, {able} would be "
    "able",
    "此后将无人能批准下一次变更：除作者外需要 {needed} 名审批人，届时仅有 {able} 名可行使",
    "keep enough approvers, and the trust their certificates need",
    "请保留足够的审批人，以及其证书所需的信任",
)
ROLLBACK_AGREEMENT_EXPIRED = Refusal(
    "ROLLBACK_AGREEMENT_EXPIRED",
    _KIND.INVALID,
    "release {release} holds agreement {agreement}, which expired at {until}",
    "发布版本 {release} 含有已于 {until} 到期的协议 {agreement}",
    "draft a change without the agreement, or with its renewal",
    "请另行起草不含该协议或含其续期的变更",
)
ROLLBACK_AGREEMENT_LAPSED = Refusal(
    "ROLLBACK_AGREEMENT_LAPSED",
    _KIND.INVALID,
    "release {release} holds agreement {agreement} as active, which is {status} by now",
    "发布版本 {release} 中协议 {agreement} 为有效，而该协议现已为 {status}",
    "draft a change that keeps the agreement as it stands now",
    "请另行起草保留该协议现状的变更",
)
ROLLBACK_NEVER_APPROVED = Refusal(
    "ROLLBACK_NEVER_APPROVED",
    _KIND.INVALID,
    "release {release} was never in effect",
    "发布版本 {release} 从未生效",
    "name a release that was in effect",
    "请指定曾经生效的发布版本",
)
EFFECTIVE_TIME_PAST = Refusal(
    "EFFECTIVE_TIME_PAST",
    _KIND.INVALID,
    "the effective time {effective_from} is not in the future",
    "生效时间 {effective_from} 不在将来",
    "set a later time, or none for as soon as it is approved",
    "请设定更晚的时间，或不设定（批准后立即生效）",
)
EFFECTIVE_TIME_ORDER = Refusal(
    "EFFECTIVE_TIME_ORDER",
    _KIND.INVALID,
    "the effective time {effective_from} is not after that of release {base}, {base_from}",
    "生效时间 {effective_from} 不晚于发布版本 {base} 的生效时间 {base_from}",
    "set a later time, or withdraw the release that is still waiting",
    "请设定更晚的时间，或撤回尚未生效的发布版本",
)
BASE_SUPERSEDED = Refusal(
    "BASE_SUPERSEDED",
    _KIND.CONFLICT,
    "the change was made from {base}, the newest approved one is {head}",
    "此变更基于 {base}，而最新批准的是 {head}",
    "take the change over onto the newest one",
    "请将变更移到最新版本之上",
)
LATER_RELEASE_DEPENDS = Refusal(
    "LATER_RELEASE_DEPENDS",
    _KIND.CONFLICT,
    "release {head} was approved on top of it",
    "发布版本 {head} 已在其基础上获批",
    "withdraw the later one first",
    "请先撤回较晚的版本",
)
NOTHING_CHANGED = Refusal(
    "NOTHING_CHANGED",
    _KIND.INVALID,
    "the content is that of the newest approved one",
    "内容与最新批准的版本相同",
    "nothing needs to be done",
    "无需操作",
)
UNKNOWN_RELEASE = Refusal(
    "UNKNOWN_RELEASE",
    _KIND.NOT_FOUND,
    "there is no release {release}",
    "没有发布版本 {release}",
    "list the releases for their numbers",
    "请列出发布版本以查看编号",
)
UNKNOWN_PROPOSAL = Refusal(
    "UNKNOWN_PROPOSAL",
    _KIND.NOT_FOUND,
    "there is no open proposal {proposal} of accounts",
    "没有待决的账号变更申请 {proposal}",
    "list the proposals for their numbers",
    "请列出申请以查看编号",
)
ACCOUNTS_EXIST = Refusal(
    "ACCOUNTS_EXIST",
    _KIND.FORBIDDEN,
    "accounts have been established already",
    "账号已经建立",
    "propose a change of accounts, for others to approve",
    "请提出账号变更申请，由他人批准",
)
ACCOUNTS_INVALID = Refusal(
    "ACCOUNTS_INVALID",
    _KIND.INVALID,
    "these accounts or rules cannot be used: {cause}",
    "这些账号或规则不可用：{cause}",
    "mend what is named, and propose again",
    "请改正所指之处后重新提出",
)
TEXT_INVALID = Refusal(
    "TEXT_INVALID",
    _KIND.INVALID,
    "the note is longer than {longest} characters or holds characters that cannot be kept",
    "备注超过 {longest} 个字符，或含有无法保存的字符",
    "shorten it, and use plain text",
    "请缩短并仅使用普通文本",
)
BUSY = Refusal(
    "BUSY",
    _KIND.INDETERMINATE,
    "others were changing releases at the same time",
    "其他人正在同时变更发布版本",
    "try again",
    "请重试",
)

REFUSALS: tuple[Refusal, ...] = tuple(value for value in globals().values() if isinstance(value, Refusal))
