"""Reasons of path validation, RFC 5280 §6.1: periods, issuers, policies and extensions."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

TARGET_EXPIRED = Reason(
    code="TARGET_EXPIRED",
    sub_indication=SubIndication.EXPIRED,
    rank=758,
    clause="RFC 5280 §6.1.3 (a)(2)",
    actor=Actor.HOLDER,
    message_en="The certificate expired at {not_after}; it was judged at {validation_time}.",
    message_zh="证书已于 {not_after} 过期（验证时间为 {validation_time}）。",
    remedy_en="Renew the certificate at its CA, or give the time at which it was used if that is proven.",
    remedy_zh="请到签发该证书的 CA 更新证书；如能证明使用时间，请以该时间作为验证时间。",
    params=("not_after", "validation_time"),
)

TARGET_NOT_YET_VALID = Reason(
    code="TARGET_NOT_YET_VALID",
    sub_indication=SubIndication.NOT_YET_VALID,
    rank=757,
    clause="RFC 5280 §6.1.3 (a)(2)",
    actor=Actor.CALLER,
    message_en="The certificate is valid from {not_before} only; it was judged at {validation_time}.",
    message_zh="证书自 {not_before} 起才有效（验证时间为 {validation_time}）。",
    remedy_en="Wait until the certificate is valid, or check the validation time that was given.",
    remedy_zh="请待证书生效后再使用，或核对所给的验证时间。",
    params=("not_before", "validation_time"),
)

CA_EXPIRED = Reason(
    code="CA_EXPIRED",
    sub_indication=SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    rank=752,
    clause="RFC 5280 §6.1.3 (a)(2)",
    actor=Actor.CA,
    message_en="A CA certificate on the path expired at {not_after}; it was judged at {validation_time}.",
    message_zh="路径上的一张 CA 证书已于 {not_after} 过期（验证时间为 {validation_time}）。",
    remedy_en="Send the CA's renewed certificate along, or ask the CA for one.",
    remedy_zh="请随附该 CA 更新后的证书，或向该 CA 索取。",
    params=("not_after", "validation_time"),
)

CA_NOT_YET_VALID = Reason(
    code="CA_NOT_YET_VALID",
    sub_indication=SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    rank=751,
    clause="RFC 5280 §6.1.3 (a)(2)",
    actor=Actor.CALLER,
    message_en="A CA certificate is valid from {not_before} only; it was judged at {validation_time}.",
    message_zh="路径上的一张 CA 证书自 {not_before} 起才有效（验证时间为 {validation_time}）。",
    remedy_en="Send the CA certificate that was valid at this time, or check the validation time.",
    remedy_zh="请随附当时有效的 CA 证书，或核对所给的验证时间。",
    params=("not_before", "validation_time"),
)

ANCHOR_EXPIRED = Reason(
    code="ANCHOR_EXPIRED",
    sub_indication=SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    rank=750,
    clause="RFC 5937 §3.2",
    actor=Actor.OPERATOR,
    message_en="The trust anchor's certificate expired at {not_after}; it was judged at {validation_time}.",
    message_zh="信任锚证书已于 {not_after} 过期（验证时间为 {validation_time}）。",
    remedy_en="Pin the CA's new root certificate in the trust domain.",
    remedy_zh="请在信任域中登记该 CA 的新根证书。",
    params=("not_after", "validation_time"),
)

ANCHOR_NOT_YET_VALID = Reason(
    code="ANCHOR_NOT_YET_VALID",
    sub_indication=SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    rank=749,
    clause="RFC 5937 §3.2",
    actor=Actor.CALLER,
    message_en="The trust anchor is valid from {not_before} only; it was judged at {validation_time}.",
    message_zh="信任锚证书自 {not_before} 起才有效（验证时间为 {validation_time}）。",
    remedy_en="Check the validation time, or have the root certificate of that time pinned.",
    remedy_zh="请核对验证时间，或请运营方在信任域中登记当时有效的根证书。",
    params=("not_before", "validation_time"),
)

ISSUER_NAME_MISMATCH = Reason(
    code="ISSUER_NAME_MISMATCH",
    sub_indication=SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    rank=628,
    clause="RFC 5280 §6.1.3 (a)(4)",
    actor=Actor.CALLER,
    message_en="The issuer name of a certificate is not the subject name of the next one on the path.",
    message_zh="路径上某证书的颁发者名称与上级证书的主体名称不一致。",
    remedy_en="Send the CA certificate whose subject is exactly the issuer named in the certificate.",
    remedy_zh="请随附主体名称与该证书颁发者名称完全一致的 CA 证书。",
)

EXPLICIT_POLICY_LOST = Reason(
    code="EXPLICIT_POLICY_LOST",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=606,
    clause="RFC 5280 §6.1.3 (f)",
    actor=Actor.CA,
    message_en="An explicit certificate policy is required, and from this certificate on no policy is valid.",
    message_zh="要求明确的证书策略，但到这张证书为止已没有任何有效策略。",
    remedy_en="Use a certificate issued under a policy that every CA on the path asserts or maps.",
    remedy_zh="请改用路径上每个 CA 都声明或映射的策略下签发的证书。",
)

POLICY_NOT_ACCEPTED = Reason(
    code="POLICY_NOT_ACCEPTED",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=604,
    clause="RFC 5280 §6.1.5 (g), RFC 9618 §5.5",
    actor=Actor.HOLDER,
    message_en="None of the policies the path is valid under ({policies}) is among those asked for.",
    message_zh="该路径有效的策略（{policies}）均不在所要求的策略之内。",
    remedy_en="Use a certificate issued under a policy asked for, or ask for a policy listed here.",
    remedy_zh="请改用所要求策略下签发的证书，或改为要求此处列出的策略。",
    params=("policies",),
)

POLICY_MAPPING_OF_ANY_POLICY = Reason(
    code="POLICY_MAPPING_OF_ANY_POLICY",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=608,
    clause="RFC 5280 §6.1.4 (a)",
    actor=Actor.CA,
    message_en="A CA certificate maps the special policy anyPolicy, which must never be mapped.",
    message_zh="一张 CA 证书对 anyPolicy 作了策略映射，这是不允许的。",
    remedy_en="Ask the CA to issue a cross-certificate that maps named policies only.",
    remedy_zh="请该 CA 重新签发只映射具体策略的交叉证书。",
)

CA_NOT_VERSION_3 = Reason(
    code="CA_NOT_VERSION_3",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=626,
    clause="RFC 5280 §6.1.4 (k)",
    actor=Actor.CA,
    message_en="An issuing certificate on the path is of version {version} and cannot say that it is a CA.",
    message_zh="路径上的一张颁发者证书为 v{version} 版本，无法表明其为 CA。",
    remedy_en="Send the version 3 certificate of this CA along, or ask the CA for one.",
    remedy_zh="请随附该 CA 的 v3 版本证书，或向该 CA 索取。",
    params=("version",),
)

ISSUER_WITHOUT_BASIC_CONSTRAINTS = Reason(
    code="ISSUER_WITHOUT_BASIC_CONSTRAINTS",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=625,
    clause="RFC 5280 §6.1.4 (k)",
    actor=Actor.CA,
    message_en="An issuing certificate on the path has no basicConstraints, so it is not a CA certificate.",
    message_zh="路径上的一张颁发者证书没有 basicConstraints 扩展项，不是 CA 证书。",
    remedy_en="Use a certificate that a CA issued, and send the CA's own certificate along.",
    remedy_zh="请改用由 CA 签发的证书，并随附该 CA 的证书。",
)

ISSUER_NOT_A_CA = Reason(
    code="ISSUER_NOT_A_CA",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=627,
    clause="RFC 5280 §6.1.4 (k)",
    actor=Actor.CALLER,
    message_en="An issuing certificate on the path says that it is not a CA (cA is false).",
    message_zh="路径上的一张颁发者证书声明自己不是 CA（cA 为 false）。",
    remedy_en="Do not rely on this certificate: its issuer was never allowed to issue. Report it to the CA.",
    remedy_zh="请勿信赖该证书：其颁发者无权签发证书。请向相应 CA 反映。",
)

PATH_LENGTH_EXCEEDED = Reason(
    code="PATH_LENGTH_EXCEEDED",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=622,
    clause="RFC 5280 §6.1.4 (l)",
    actor=Actor.CA,
    message_en="There are more CA certificates below a CA than its path length constraint allows.",
    message_zh="某 CA 之下的 CA 证书数量超过了它的路径长度限制。",
    remedy_en="Use a certificate issued within the limit, or ask the CA above to raise its limit.",
    remedy_zh="请改用在该限制之内签发的证书，或请上级 CA 放宽限制。",
)

REQUESTED_PATH_LENGTH_EXCEEDED = Reason(
    code="REQUESTED_PATH_LENGTH_EXCEEDED",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=621,
    clause="RFC 5280 §6.1.2 (k)",
    actor=Actor.CALLER,
    message_en="The path has more CA certificates than the asked maximum of {max_path_length}.",
    message_zh="路径上的 CA 证书数量超过了所要求的上限 {max_path_length}。",
    remedy_en="Ask with a larger max_path_length, or send a shorter path along.",
    remedy_zh="请增大 max_path_length，或随附更短的证书路径。",
    params=("max_path_length",),
)

CA_MAY_NOT_SIGN_CERTIFICATES = Reason(
    code="CA_MAY_NOT_SIGN_CERTIFICATES",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=624,
    clause="RFC 5280 §6.1.4 (n)",
    actor=Actor.CA,
    message_en="The key usage of a CA on the path does not allow certificate signing (keyCertSign).",
    message_zh="路径上的一张 CA 证书的密钥用法不允许签发证书（缺少 keyCertSign）。",
    remedy_en="Send the CA's certificate for its certificate-signing key along, or ask the CA for one.",
    remedy_zh="请随附该 CA 的证书签发密钥所对应的证书，或向该 CA 索取。",
)

TARGET_UNKNOWN_CRITICAL_EXTENSION = Reason(
    code="TARGET_UNKNOWN_CRITICAL_EXTENSION",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=630,
    clause="RFC 5280 §6.1.5 (f)",
    actor=Actor.CA,
    message_en="The certificate has a critical extension unknown here ({extension}).",
    message_zh="证书含有本网关无法识别的关键扩展项（{extension}）。",
    remedy_en="Ask the CA for a certificate without this extension, or with it marked non-critical.",
    remedy_zh="请要求 CA 重新签发不含该扩展项或将其标为非关键的证书。",
    params=("extension",),
)

CA_UNKNOWN_CRITICAL_EXTENSION = Reason(
    code="CA_UNKNOWN_CRITICAL_EXTENSION",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=629,
    clause="RFC 5280 §6.1.4 (o)",
    actor=Actor.CA,
    message_en="A CA certificate on the path has a critical extension unknown here ({extension}).",
    message_zh="路径上的一张 CA 证书含有本网关无法识别的关键扩展项（{extension}）。",
    remedy_en="Use a certificate from another CA certificate, or ask the CA for one without the extension.",
    remedy_zh="请改用其他 CA 证书下签发的证书，或请该 CA 签发不含该扩展项的 CA 证书。",
    params=("extension",),
)

ANCHOR_UNKNOWN_CRITICAL_EXTENSION = Reason(
    code="ANCHOR_UNKNOWN_CRITICAL_EXTENSION",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=619,
    clause="RFC 5937 §3.2",
    actor=Actor.OPERATOR,
    message_en="The trust anchor's certificate has a critical extension unknown here ({extension}).",
    message_zh="信任锚证书含有本网关无法识别的关键扩展项（{extension}）。",
    remedy_en="Pin a root without this extension, or have the domain not enforce the anchor's constraints.",
    remedy_zh="请在信任域中登记不含该扩展项的根证书，或在信任域中声明不执行该锚的扩展项限制。",
    params=("extension",),
)

ANCHOR_NOT_A_CA = Reason(
    code="ANCHOR_NOT_A_CA",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=618,
    clause="RFC 5937 §3.2, RFC 5280 §4.2.1.9",
    actor=Actor.OPERATOR,
    message_en="The trust anchor's version 3 certificate does not say that it is a CA.",
    message_zh="信任锚的 v3 证书没有表明其为 CA。",
    remedy_en="Pin the CA's own certificate, not that of an end entity.",
    remedy_zh="请在信任域中登记 CA 自身的证书，而不是终端实体证书。",
)

ANCHOR_MAY_NOT_SIGN_CERTIFICATES = Reason(
    code="ANCHOR_MAY_NOT_SIGN_CERTIFICATES",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=617,
    clause="RFC 5937 §3.2, RFC 5280 §4.2.1.3",
    actor=Actor.OPERATOR,
    message_en="The key usage of the trust anchor does not allow certificate signing (keyCertSign).",
    message_zh="信任锚证书的密钥用法不允许签发证书（缺少 keyCertSign）。",
    remedy_en="Pin the CA certificate that carries keyCertSign.",
    remedy_zh="请在信任域中登记带有 keyCertSign 用法的 CA 证书。",
)

CA_PURPOSE_FORBIDDEN = Reason(
    code="CA_PURPOSE_FORBIDDEN",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=623,
    clause="RFC 5280 §4.2.1.12",
    actor=Actor.CA,
    message_en="The extended key usage of a CA certificate on the path leaves out the purpose {purpose}.",
    message_zh="路径上的一张 CA 证书的扩展密钥用法不包含用途 {purpose}。",
    remedy_en="Use a certificate from a CA that issues for this purpose, or ask for that CA's purpose.",
    remedy_zh="请改用为该用途签发证书的 CA 所发的证书，或改为要求该 CA 的用途。",
    params=("purpose",),
)

ANCHOR_PURPOSE_FORBIDDEN = Reason(
    code="ANCHOR_PURPOSE_FORBIDDEN",
    sub_indication=SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    rank=616,
    clause="RFC 5937 §3.2, RFC 5280 §4.2.1.12",
    actor=Actor.OPERATOR,
    message_en="The extended key usage of the trust anchor's certificate leaves out the purpose {purpose}.",
    message_zh="信任锚证书的扩展密钥用法不包含用途 {purpose}。",
    remedy_en="Pin an anchor meant for this purpose, or ask for the purpose this anchor is meant for.",
    remedy_zh="请在信任域中登记适用于该用途的信任锚，或改为要求该锚适用的用途。",
    params=("purpose",),
)
