"""Why the bridge CA refuses: a closed catalogue, in both languages, with who must act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ca_bridge.services.errors import GatewayError
from ca_bridge.services.printable import printable


class MustAct(StrEnum):
    """Who can make a refusal go away.

    MEMBER: the CA that asks. PARTIES: those who agree on and approve the policy. OPERATOR: who runs the
    bridge CA.
    """

    MEMBER = "member"
    PARTIES = "parties"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class BridgeRefusal:
    """One row of the catalogue; texts may use ``{name}`` fields, given when it is raised."""

    code: str
    must_act: MustAct
    message_en: str
    message_zh: str
    remedy_en: str
    remedy_zh: str


class BridgeRefused(GatewayError):
    """The bridge CA has signed nothing that left it, and changed nothing but its log."""

    def __init__(self, refusal: BridgeRefusal, **params: str | int) -> None:
        """``params`` are those the refusal's texts use."""
        super().__init__(refusal.code)
        self.refusal = refusal
        self.params = {name: printable(str(value)) for name, value in sorted(params.items())}

    def texts(self) -> Mapping[str, str]:
        """message_en, message_zh, remedy_en and remedy_zh, filled in."""
        names = ("message_en", "message_zh", "remedy_en", "remedy_zh")
        return {name: getattr(self.refusal, name).format_map(self.params) for name in names}


_MEMBER, _PARTIES, _OPERATOR = MustAct.MEMBER, MustAct.PARTIES, MustAct.OPERATOR

AGREEMENT_UNKNOWN = BridgeRefusal(
    "AGREEMENT_UNKNOWN",
    _OPERATOR,
    "the policy in force has no agreement {agreement}",
    "现行策略中没有协议 {agreement}",
    "name an agreement of the release in force, or have one approved first",
    "请指定现行版本中的协议，或先批准该协议",
)
AGREEMENT_NOT_APPROVED = BridgeRefusal(
    "AGREEMENT_NOT_APPROVED",
    _PARTIES,
    "no release is in force, and what only lies in the policies folder was approved by nobody: {agreement}",
    "尚无生效的发布版本；仅存于策略目录中的协议未经任何人批准：{agreement}",
    "have the agreement approved and put in force by a release (docs/releases.md)",
    "请通过发布版本批准该协议并使其生效（docs/releases.md）",
)
AGREEMENT_NOT_IN_FORCE = BridgeRefusal(
    "AGREEMENT_NOT_IN_FORCE",
    _PARTIES,
    "agreement {agreement} is not in force at this time (status {status}; {since} to {until})",
    "协议 {agreement} 此刻未生效（状态 {status}；{since} 至 {until}）",
    "have the agreement made active for this time by a release",
    "请通过发布版本使该协议在此时有效",
)
AGREEMENT_NOT_OURS = BridgeRefusal(
    "AGREEMENT_NOT_OURS",
    _OPERATOR,
    "by agreement {agreement} the bridge's domain {domain} does not rely on another",
    "按协议 {agreement}，桥接域 {domain} 不是依赖方",
    "name an agreement whose issuer domain is that of the bridge, or a mutual one",
    "请指定以桥接域为签发方的协议，或双向协议",
)
AGREEMENT_MAPS_NOTHING = BridgeRefusal(
    "AGREEMENT_MAPS_NOTHING",
    _PARTIES,
    "agreement {agreement} has no mapping from the bridge's policies to those of {domain}",
    "协议 {agreement} 未将桥接策略映射到 {domain} 的策略",
    "agree on mappings, and have them approved in a release",
    "请商定策略映射并通过发布版本批准",
)
MEMBER_UNREADABLE = BridgeRefusal(
    "MEMBER_UNREADABLE",
    _MEMBER,
    "what the member sent is neither one certificate nor one certification request: {cause}",
    "成员所提交的既不是单张证书，也不是单个证书申请：{cause}",
    "send one CA certificate, or one PKCS#10 request, as PEM or DER",
    "请以 PEM 或 DER 提交一张 CA 证书或一个 PKCS#10 申请",
)
POSSESSION_NOT_PROVEN = BridgeRefusal(
    "POSSESSION_NOT_PROVEN",
    _MEMBER,
    "the signature of the request does not verify under the key in it: {cause}",
    "申请的签名无法用其中的公钥验证：{cause}",
    "make the request again with the private key of the CA",
    "请用该 CA 的私钥重新生成申请",
)
MEMBER_NOT_PRINCIPAL_CA = BridgeRefusal(
    "MEMBER_NOT_PRINCIPAL_CA",
    _PARTIES,
    "neither the key {key} nor the certificate is that of a principal CA of domain {domain}",
    "密钥 {key} 及所提交的证书均不属于域 {domain} 的主体 CA",
    "check what was sent; a new key of a CA has to be approved in a release first",
    "请核对提交内容；CA 的新密钥须先通过发布版本批准",
)
MEMBER_IS_A_BRIDGE_KEY = BridgeRefusal(
    "MEMBER_IS_A_BRIDGE_KEY",
    _MEMBER,
    "the member's name or key is that of the bridge CA itself",
    "成员的名称或密钥与桥接 CA 自身相同",
    "send the certificate or request of the member CA, not of the bridge",
    "请提交成员 CA 的证书或申请，而非桥接 CA 的",
)
MEMBER_NOT_A_CA = BridgeRefusal(
    "MEMBER_NOT_A_CA",
    _MEMBER,
    "the certificate is not that of a CA which may sign certificates",
    "该证书不是可签发证书的 CA 证书",
    "send the certificate of the CA itself (basicConstraints cA, keyUsage keyCertSign)",
    "请提交 CA 自身的证书（basicConstraints cA、keyUsage keyCertSign）",
)
MEMBER_BLOCKED = BridgeRefusal(
    "MEMBER_BLOCKED",
    _PARTIES,
    "the member's key or certificate is on the blocklist",
    "成员的密钥或证书在封禁列表中",
    "nothing is issued while the block is in force",
    "封禁期间不予签发",
)
LICENCE_NOT_IN_FORCE = BridgeRefusal(
    "LICENCE_NOT_IN_FORCE",
    _MEMBER,
    "the licence {licence} of {authority} does not cover this time",
    "{authority} 的许可证 {licence} 此刻无效",
    "have the renewed licence recorded in a release",
    "请将续期后的许可证通过发布版本登记",
)
KEY_ALGORITHM_NOT_AGREED = BridgeRefusal(
    "KEY_ALGORITHM_NOT_AGREED",
    _PARTIES,
    "agreement {agreement} does not cover keys of the kind {algorithm}",
    "协议 {agreement} 不包括 {algorithm} 类密钥",
    "send a key of a kind that was agreed on, or agree on this kind",
    "请使用协议所列类型的密钥，或就此类型达成协议",
)
KEY_NOT_ACCEPTABLE = BridgeRefusal(
    "KEY_NOT_ACCEPTABLE",
    _MEMBER,
    "the algorithm table does not accept the member's key: {cause}",
    "算法表不接受成员的密钥：{cause}",
    "use a stronger key",
    "请使用更强的密钥",
)
NAME_OF_ANOTHER_MEMBER = BridgeRefusal(
    "NAME_OF_ANOTHER_MEMBER",
    _MEMBER,
    "the name is that of another CA, of domain {domain}: pinned by the policy, or certified before",
    "该名称属于域 {domain} 的另一 CA：策略已登记，或此前已签发",
    "ask under the member's own name",
    "请使用成员自身的名称",
)
NAME_NOT_AGREED = BridgeRefusal(
    "NAME_NOT_AGREED",
    _MEMBER,
    "the name is neither among those that agreement {agreement} permits nor pinned for the member: {name}",
    "该名称既不在协议 {agreement} 允许的名称之内，也未为该成员登记：{name}",
    "ask under a name that was agreed on, or have the CA's certificate pinned by fingerprint in a release",
    "请使用协议允许的名称，或通过发布版本按指纹登记该 CA 的证书",
)
MEMBER_CONSTRAINTS_NOT_CARRIED = BridgeRefusal(
    "MEMBER_CONSTRAINTS_NOT_CARRIED",
    _PARTIES,
    "the member's own certificate constrains names of the form {form}; that cannot be carried over beside "
    "what was agreed on",
    "成员自身证书对 {form} 类名称的约束与协议约定无法合并",
    "agree on names within those that the member's own certificate permits",
    "请约定处于成员自身证书允许范围内的名称",
)
NO_VALIDITY_LEFT = BridgeRefusal(
    "NO_VALIDITY_LEFT",
    _PARTIES,
    "no validity would be left: {what} ends at {until}",
    "无剩余有效期：{what} 于 {until} 结束",
    "renew what ends first",
    "请先续期最早到期者",
)
ISSUER_UNUSABLE = BridgeRefusal(
    "ISSUER_UNUSABLE",
    _OPERATOR,
    "the bridge's own certificate cannot issue now: {cause}",
    "桥接 CA 自身的证书目前不能签发：{cause}",
    "correct the bridge's configuration, or renew its certificate",
    "请更正桥接 CA 的配置，或更新其证书",
)
ISSUER_NOT_PRINCIPAL_CA = BridgeRefusal(
    "ISSUER_NOT_PRINCIPAL_CA",
    _OPERATOR,
    "the bridge's key {key} is not that of a principal CA of domain {domain}",
    "桥接 CA 的密钥 {key} 不属于域 {domain} 的主体 CA",
    "pin the key in the domain's document, by a release",
    "请通过发布版本在该域文件中登记此密钥",
)
KEY_NOT_OF_CERTIFICATE = BridgeRefusal(
    "KEY_NOT_OF_CERTIFICATE",
    _OPERATOR,
    "the signing key {key} is not the key of the bridge's certificate, or its algorithm {algorithm} cannot "
    "sign certificates here",
    "签名密钥 {key} 与桥接 CA 证书不符，或其算法 {algorithm} 不能用于签发",
    "name the right key in the bridge's configuration",
    "请在桥接 CA 配置中指定正确的密钥",
)
LINT_FAILED = BridgeRefusal(
    "LINT_FAILED",
    _OPERATOR,
    "linting found {count} errors before signing, the first: {first}",
    "签名前检查发现 {count} 个错误，首个：{first}",
    "mend what the finding names: the agreement, or the member's certificate or request",
    "请按所指更正协议，或成员的证书、申请",
)
WOULD_CONFLICT = BridgeRefusal(
    "WOULD_CONFLICT",
    _PARTIES,
    "the certificate would create a conflict of recognition: {first} ({count} in all)",
    "签发将造成互认冲突：{first}（共 {count} 项）",
    "resolve the conflict in the agreements; `ca-bridge conflicts` shows it with a counter-example",
    "请在协议中解决冲突；`ca-bridge conflicts` 可显示冲突及反例",
)
ENGINE_REFUSES = BridgeRefusal(
    "ENGINE_REFUSES",
    _PARTIES,
    "a path through the certificate would not be accepted here for policy {policy}: {cause}",
    "经该证书的路径在此不会被接受（策略 {policy}）：{cause}",
    "mend what the reason names (docs/reasons.md)",
    "请按原因代码更正（见 docs/reasons.md）",
)
SIGNATURE_NOT_VERIFIED = BridgeRefusal(
    "SIGNATURE_NOT_VERIFIED",
    _OPERATOR,
    "what was signed does not verify, or the algorithm table does not accept it: {cause}",
    "签名结果无法验证，或算法表不接受：{cause}",
    "look at the token and at the algorithm table; the serial number stays reserved",
    "请检查密码设备与算法表；该序列号保持占用",
)
SERIAL_NUMBERS_TAKEN = BridgeRefusal(
    "SERIAL_NUMBERS_TAKEN",
    _OPERATOR,
    "random serial numbers were taken {count} times in a row",
    "随机序列号连续 {count} 次已被占用",
    "look at the source of random numbers",
    "请检查随机数来源",
)
ISSUER_UNKNOWN = BridgeRefusal(
    "ISSUER_UNKNOWN",
    _OPERATOR,
    "no issuer {label} is configured; there are: {labels}",
    "未配置签发者 {label}；现有：{labels}",
    "name one of them",
    "请指定其中之一",
)
LABEL_OF_ANOTHER_KEY = BridgeRefusal(
    "LABEL_OF_ANOTHER_KEY",
    _OPERATOR,
    "the label {label} was used before with another key",
    "标签 {label} 此前用于另一密钥",
    "give the new key a label of its own: CRL numbers and serial numbers go by the label",
    "请为新密钥另设标签：CRL 编号与序列号均按标签管理",
)
CERTIFICATE_UNKNOWN = BridgeRefusal(
    "CERTIFICATE_UNKNOWN",
    _OPERATOR,
    "issuer {label} has given no certificate the serial number {serial}",
    "签发者 {label} 没有序列号为 {serial} 的证书",
    "`ca-bridge bridge list` shows the serial numbers",
    "`ca-bridge bridge list` 可列出序列号",
)
ALREADY_REVOKED = BridgeRefusal(
    "ALREADY_REVOKED",
    _OPERATOR,
    "certificate {serial} is revoked already ({reason}), and that does not end",
    "证书 {serial} 已撤销（{reason}），且不可恢复",
    "nothing is to be done; a hold alone can be taken back or made permanent",
    "无需操作；只有暂停可以解除或转为撤销",
)
NOT_ON_HOLD = BridgeRefusal(
    "NOT_ON_HOLD",
    _OPERATOR,
    "certificate {serial} is not on hold, so there is nothing to take back",
    "证书 {serial} 未处于暂停状态，无可解除",
    "look at its status first",
    "请先查看其状态",
)
NO_COMPLETE_CRL = BridgeRefusal(
    "NO_COMPLETE_CRL",
    _OPERATOR,
    "issuer {label} has issued no complete CRL yet that a delta could start from",
    "签发者 {label} 尚无可供增量 CRL 依据的完整 CRL",
    "issue a complete CRL first",
    "请先签发完整 CRL",
)
CLOCK_BEHIND = BridgeRefusal(
    "CLOCK_BEHIND",
    _OPERATOR,
    "the clock says {now}, but the last CRL of issuer {label} says it was issued at {last}",
    "时钟为 {now}，但签发者 {label} 上一 CRL 的签发时间为 {last}",
    "correct the clock; if that CRL was issued by a wrong one, see docs/bridge-ca.md, A clock that was wrong",
    "请校正时钟；若该 CRL 由错误时钟签发，见 docs/bridge-ca.md“A clock that was wrong”",
)
PUBLISHED_CRL_NOT_OLDER = BridgeRefusal(
    "PUBLISHED_CRL_NOT_OLDER",
    _OPERATOR,
    "{name} is published with number {published}, and the register has another CRL of number {number}: "
    "nothing was written",
    "已发布的 {name} 编号为 {published}，而登记库中是编号为 {number} 的另一 CRL：未写入任何文件",
    "the register is perhaps an old copy: see docs/bridge-ca.md, A register restored from a backup",
    "登记库可能是旧备份：见 docs/bridge-ca.md“A register restored from a backup”",
)
REFUSALS: tuple[BridgeRefusal, ...] = tuple(
    value for value in tuple(globals().values()) if isinstance(value, BridgeRefusal)
)
"""The whole catalogue."""
