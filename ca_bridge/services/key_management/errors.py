"""Why an act on keys is refused: a closed catalogue, in both languages, and who has to act."""

from __future__ import annotations

from ca_bridge.services.key_management.refusal import (
    APPROVER,
    AUTHOR,
    HOLDER,
    OPERATOR,
    TOKEN_KEEPER,
    KeyRefusal,
)
from ca_bridge.services.release_errors import RefusalKind

_KIND = RefusalKind

PLAN_UNUSABLE = KeyRefusal(
    "KEY_PLAN_UNUSABLE",
    _KIND.INVALID,
    "the plan cannot be used: {cause}",
    "计划无法使用：{cause}",
    "mend the plan; whoever approved it approves the mended one anew",
    "请改正计划；已批准者须对改正后的计划重新批准",
    AUTHOR,
)
PLAN_OTHER_ACTION = KeyRefusal(
    "KEY_PLAN_OTHER_ACTION",
    _KIND.INVALID,
    "the plan is for {planned}, and {asked} was asked for",
    "该计划用于 {planned}，而所要求的是 {asked}",
    "use the command of the plan's action",
    "请使用与计划动作相符的命令",
    HOLDER,
)
PLAN_OUT_OF_TIME = KeyRefusal(
    "KEY_PLAN_OUT_OF_TIME",
    _KIND.INVALID,
    "the plan holds from {not_before} to {not_after}, and it is {now}",
    "计划有效期为 {not_before} 至 {not_after}，现在是 {now}",
    "wait for its time, or write a plan for a time to come and have it approved",
    "请等到计划时间，或另写将来时间的计划并重新批准",
    AUTHOR,
)
PLAN_EXECUTED = KeyRefusal(
    "KEY_PLAN_EXECUTED",
    _KIND.CONFLICT,
    "this plan was executed before, at {started}: {state}; a plan and its approvals serve once",
    "该计划已于 {started} 执行过：{state}；计划及其批准只能使用一次",
    "write a new plan and have it approved; `ca-bridge keys doctor` tells what became of this one",
    "请编写新计划并重新批准；`ca-bridge keys doctor` 可查看该计划的结果",
    AUTHOR,
)
PLAN_FLOOR = KeyRefusal(
    "KEY_PLAN_BELOW_FLOOR",
    _KIND.FORBIDDEN,
    "the plan asks for {approvals} approval(s); this installation asks for {floor} at least",
    "计划要求 {approvals} 人批准；本系统至少要求 {floor} 人",
    "ask for more approvals in the plan",
    "请在计划中提高所需批准人数",
    AUTHOR,
)
OTHER_INSTALLATION = KeyRefusal(
    "KEY_OTHER_INSTALLATION",
    _KIND.FORBIDDEN,
    "it is for installation {named}, and this one is {installation}",
    "其所属系统为 {named}，本系统为 {installation}",
    "hold it where it belongs, or write a plan for this installation",
    "请在其所属系统执行，或为本系统另写计划",
    HOLDER,
)
TOO_FEW_APPROVALS = KeyRefusal(
    "KEY_TOO_FEW_APPROVALS",
    _KIND.FORBIDDEN,
    "{given} approval(s) were given, {needed} are needed",
    "已提供 {given} 份批准，需要 {needed} 份",
    "have more of the plan's approvers sign: {approvers}",
    "请计划中的其他批准人签名：{approvers}",
    HOLDER,
)
APPROVAL_MALFORMED = KeyRefusal(
    "KEY_APPROVAL_MALFORMED",
    _KIND.INVALID,
    "an approval cannot be read: {cause}",
    "批准文件无法读取：{cause}",
    "make it with `ca-bridge keys approval` from the statement as it was written",
    "请用 `ca-bridge keys approval` 由原声明文件生成",
    HOLDER,
)
PLAN_CHANGED = KeyRefusal(
    "KEY_PLAN_CHANGED",
    _KIND.CONFLICT,
    "{account} approved plan {approved}, and this plan is {plan}",
    "{account} 批准的计划为 {approved}，而本计划为 {plan}",
    "look at what changed; have the plan as it is now approved by all",
    "请查看变更之处；现有计划须由全部批准人重新批准",
    HOLDER,
)
APPROVAL_OTHER_ACTION = KeyRefusal(
    "KEY_APPROVAL_OTHER_ACTION",
    _KIND.FORBIDDEN,
    "{account} approved {approved}, which this plan is not for",
    "{account} 批准的是 {approved}，与本计划的动作不符",
    "sign the statement of this plan",
    "请对本计划的声明签名",
    APPROVER,
)
APPROVAL_REPLAYED = KeyRefusal(
    "KEY_APPROVAL_REPLAYED",
    _KIND.CONFLICT,
    "the signed statement of {account} was acted on before",
    "{account} 的签名声明已被使用过",
    "sign a statement anew, with a new nonce",
    "请使用新的随机数重新签名",
    APPROVER,
)
SAME_PERSON = KeyRefusal(
    "KEY_SAME_PERSON_TWICE",
    _KIND.FORBIDDEN,
    "{account} approved twice; one person counts once",
    "{account} 批准了两次；同一人只计一次",
    "give one approval of each person",
    "每人只能提供一份批准",
    HOLDER,
)
APPROVER_NOT_NAMED = KeyRefusal(
    "KEY_APPROVER_NOT_NAMED",
    _KIND.FORBIDDEN,
    "{account} is not among the approvers that the plan names",
    "{account} 不在计划所列的批准人之中",
    "have one of those sign: {approvers}",
    "请由计划所列批准人签名：{approvers}",
    HOLDER,
)
ACCOUNT_UNKNOWN = KeyRefusal(
    "KEY_ACCOUNT_UNKNOWN",
    _KIND.UNAUTHENTICATED,
    "there is no account {account}, or its secret or certificate is not the one given",
    "账号 {account} 不存在，或所给的密钥、证书与账号不符",
    "check the name, and the certificate or secret bound to it: `ca-bridge accounts list`",
    "请核对账号名及其绑定的证书或密钥：`ca-bridge accounts list`",
    APPROVER,
)
NO_CERTIFICATE = KeyRefusal(
    "KEY_APPROVER_WITHOUT_CERTIFICATE",
    _KIND.FORBIDDEN,
    "account {account} has a secret and no certificate: nothing it says could be checked again later",
    "账号 {account} 仅有密钥（口令），没有证书，其批准日后无法核验",
    "name approvers in the plan that sign with certificates",
    "请在计划中指定以证书签名的批准人",
    AUTHOR,
)
ACCOUNT_DISABLED = KeyRefusal(
    "KEY_ACCOUNT_DISABLED",
    _KIND.FORBIDDEN,
    "account {account} is disabled",
    "账号 {account} 已停用",
    "let another person act, or propose to enable the account again",
    "请由他人操作，或申请重新启用该账号",
    HOLDER,
)
ROLE_MISSING = KeyRefusal(
    "KEY_ROLE_MISSING",
    _KIND.FORBIDDEN,
    "account {account} does not have the role {role}, which {action} needs",
    "账号 {account} 没有 {action} 所需的角色 {role}",
    "let somebody with this role do it",
    "请由具有该角色的人员操作",
    HOLDER,
)
SIGNATURE_WRONG = KeyRefusal(
    "KEY_SIGNATURE_WRONG",
    _KIND.UNAUTHENTICATED,
    "the certificate of {account} did not sign this statement: {cause}",
    "{account} 的证书未对此声明签名：{cause}",
    "sign exactly the bytes of the statement file",
    "请对声明文件的原始字节签名",
    APPROVER,
)
SIGNER_REFUSED = KeyRefusal(
    "KEY_SIGNER_REFUSED",
    _KIND.FORBIDDEN,
    "the certificate of {account} is not to be relied on: {cause}",
    "{account} 的证书不可信赖：{cause}",
    "sign with a certificate that passes under the domain of signers",
    "请使用在签名人信任域下可通过验证的证书签名",
    APPROVER,
)
SIGNER_INDETERMINATE = KeyRefusal(
    "KEY_SIGNER_INDETERMINATE",
    _KIND.INDETERMINATE,
    "whether the certificate of {account} can be relied on could not be found out: {cause}",
    "无法确定 {account} 的证书是否可信赖：{cause}",
    "put the missing evidence into the approval (--evidence), or try later",
    "请在批准文件中补充证据（--evidence），或稍后再试",
    APPROVER,
)
URI_UNUSABLE = KeyRefusal(
    "KEY_URI_UNUSABLE",
    _KIND.INVALID,
    "the key's URI cannot be used: {cause}",
    "密钥 URI 无法使用：{cause}",
    "name token, label and identifier as docs/hsm.md shows",
    "请按 docs/hsm.md 指明令牌、标签与标识",
    AUTHOR,
)
SOFTKEY_IN_PRODUCTION = KeyRefusal(
    "KEY_SOFTKEY_IN_PRODUCTION",
    _KIND.FORBIDDEN,
    "keys in software are for development, and this installation is in production",
    "软件密钥仅供开发，本系统为生产环境",
    "plan the key on a token",
    "请将密钥规划在密码设备上",
    AUTHOR,
)
PLACE_TAKEN = KeyRefusal(
    "KEY_PLACE_TAKEN",
    _KIND.CONFLICT,
    "the label or identifier {name} is taken (ceremony {ceremony}); neither is ever used twice",
    "标签或标识 {name} 已被使用（仪式 {ceremony}）；标签与标识不得重复使用",
    "give the key a label and an identifier that no key ever had",
    "请使用从未用过的标签与标识",
    AUTHOR,
)
CURRENT_EXISTS = KeyRefusal(
    "KEY_CURRENT_EXISTS",
    _KIND.CONFLICT,
    "{key} is current for {use} with {algorithm}",
    "{use} 在算法 {algorithm} 下已有当前密钥 {key}",
    "plan the key as next, and rotate to it",
    "请将密钥规划为 next，再轮换",
    AUTHOR,
)
NEXT_EXISTS = KeyRefusal(
    "KEY_NEXT_EXISTS",
    _KIND.CONFLICT,
    "{key} is next for {use} with {algorithm} already",
    "{use} 在算法 {algorithm} 下已有后备密钥 {key}",
    "rotate to it, or retire it, first",
    "请先轮换到该密钥，或将其退役",
    OPERATOR,
)
NO_NEXT = KeyRefusal(
    "KEY_NO_NEXT",
    _KIND.CONFLICT,
    "no key is next for {use}",
    "{use} 没有后备密钥",
    "hold a ceremony for one: `ca-bridge keys ceremony`",
    "请先举行密钥仪式：`ca-bridge keys ceremony`",
    OPERATOR,
)
NEXT_AMBIGUOUS = KeyRefusal(
    "KEY_NEXT_AMBIGUOUS",
    _KIND.INVALID,
    "keys of several algorithms are next for {use}: {algorithms}",
    "{use} 有多种算法的后备密钥：{algorithms}",
    "say which with --key-algorithm",
    "请以 --key-algorithm 指明",
    OPERATOR,
)
NOT_RETIRABLE = KeyRefusal(
    "KEY_NOT_RETIRABLE",
    _KIND.CONFLICT,
    "{key} is {state}",
    "{key} 的状态为 {state}",
    "nothing needs to be done: it does not sign",
    "无需操作：该密钥已不再签名",
    OPERATOR,
)
NOT_DESTRUCTIBLE = KeyRefusal(
    "KEY_NOT_DESTRUCTIBLE",
    _KIND.CONFLICT,
    "{key} is {state}; only what is retired or was never used is destroyed",
    "{key} 的状态为 {state}；只能销毁已退役或从未使用的密钥",
    "rotate to another key or retire this one first",
    "请先轮换到其他密钥或将其退役",
    OPERATOR,
)
UNKNOWN_KEY = KeyRefusal(
    "KEY_UNKNOWN",
    _KIND.NOT_FOUND,
    "there is no key {key}",
    "没有密钥 {key}",
    "list the keys for their names: `ca-bridge keys list`",
    "请列出密钥以查看名称：`ca-bridge keys list`",
    HOLDER,
)
UNKNOWN_CEREMONY = KeyRefusal(
    "KEY_CEREMONY_UNKNOWN",
    _KIND.NOT_FOUND,
    "no ceremony of plan {plan} is open",
    "没有计划 {plan} 的未完成仪式",
    "`ca-bridge keys doctor` lists those that are",
    "`ca-bridge keys doctor` 列出未完成的仪式",
    OPERATOR,
)
KEY_DIFFERS = KeyRefusal(
    "KEY_DIFFERS",
    _KIND.CONFLICT,
    "the token has another key under the name of {key}",
    "密码设备上名为 {key} 的密钥并非登记的密钥",
    "find out who changed the token; nothing was touched",
    "请查明何人改动了密码设备；未作任何操作",
    TOKEN_KEEPER,
)
TOKEN_UNUSABLE = KeyRefusal(
    "KEY_TOKEN_UNUSABLE",
    _KIND.INDETERMINATE,
    "the token cannot be used: {cause}",
    "密码设备无法使用：{cause}",
    "look after the token; a PIN is tried once, so correct it before the next try",
    "请检查密码设备；PIN 只尝试一次，再试前请先更正",
    TOKEN_KEEPER,
)
TOKEN_CANNOT = KeyRefusal(
    "KEY_TOKEN_CANNOT",
    _KIND.INVALID,
    "the token cannot do this: {cause}",
    "密码设备不支持：{cause}",
    "plan another kind of key, or another token",
    "请规划其他种类的密钥，或使用其他密码设备",
    AUTHOR,
)
CERTIFICATE_DIFFERS = KeyRefusal(
    "KEY_CERTIFICATE_DIFFERS",
    _KIND.INVALID,
    "the certificate is not one of {key}: {cause}",
    "该证书不属于密钥 {key}：{cause}",
    "give the certificate that the CA issued for this key's request",
    "请提供 CA 依据该密钥的请求所签发的证书",
    OPERATOR,
)
CEREMONY_OPEN = KeyRefusal(
    "KEY_CEREMONY_OPEN",
    _KIND.CONFLICT,
    "the ceremony of plan {plan}, for a key of this very use, has begun and not ended",
    "同一用途的密钥仪式（计划 {plan}）已开始而未结束",
    "wait for its end; if it broke off, `ca-bridge keys abandon` closes it",
    "请等待其结束；如已中断，用 `ca-bridge keys abandon` 关闭",
    OPERATOR,
)
CEREMONY_FAILED = KeyRefusal(
    "KEY_CEREMONY_FAILED",
    _KIND.INDETERMINATE,
    "the ceremony failed after it had begun: {cause}; nothing is registered",
    "仪式开始后失败：{cause}；未作任何登记",
    "the plan is used up; look at `ca-bridge keys doctor`, delete what the token may hold, plan anew",
    "该计划已作废；请查看 `ca-bridge keys doctor`，清除密码设备上的残留后另写计划",
    TOKEN_KEEPER,
)
BUSY = KeyRefusal(
    "KEY_REGISTER_BUSY",
    _KIND.INDETERMINATE,
    "others changed the register again and again",
    "登记不断被他人更改",
    "look at what they did, then try again",
    "请先查看他人的操作，再重试",
    OPERATOR,
)
