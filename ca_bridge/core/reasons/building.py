"""Why no path to a trust anchor could be built (RFC 4158, RFC 5280 §6.1.3 (a)(1), (a)(4))."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

SIGNATURE_INVALID = Reason(
    code="SIGNATURE_INVALID",
    sub_indication=SubIndication.SIG_CRYPTO_FAILURE,
    rank=820,
    clause="RFC 5280 §6.1.3 (a)(1)",
    actor=Actor.HOLDER,
    message_en="The signature on the certificate does not verify under any known key of its issuer {issuer}.",
    message_zh="证书上的签名用其颁发者 {issuer} 的任何已知公钥都验证不通过。",
    remedy_en=(
        "Get the certificate again from its holder or CA: it was altered, or the named issuer "
        "never signed it."
    ),
    remedy_zh="请向证书持有人或签发该证书的 CA 重新获取证书：该证书已被改动，或并非由所称的颁发者签发。",
    params=("issuer",),
)

CA_SIGNATURE_INVALID = Reason(
    code="CA_SIGNATURE_INVALID",
    sub_indication=SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    rank=810,
    clause="RFC 5280 §6.1.3 (a)(1)",
    actor=Actor.CALLER,
    message_en=(
        "The signature on the CA certificate of {subject} does not verify under any known key of "
        "its issuer {issuer}."
    ),
    message_zh="{subject} 的 CA 证书上的签名用其颁发者 {issuer} 的任何已知公钥都验证不通过。",
    remedy_en=(
        "Get this CA certificate again from the CA's own repository and send it in place of the damaged one."
    ),
    remedy_zh="请从该 CA 的官方发布点重新下载此 CA 证书，替换已损坏的证书后再提交。",
    params=("issuer", "subject"),
)

NO_ISSUER_FOUND = Reason(
    code="NO_ISSUER_FOUND",
    sub_indication=SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    rank=340,
    clause="RFC 5280 §6.1.3 (a)(4)",
    actor=Actor.CALLER,
    message_en="No certificate of the issuer {issuer} is known, so the path stops here.",
    message_zh="没有找到颁发者 {issuer} 的证书，证书路径到此中断。",
    remedy_en="Send the certificate of {issuer} as an intermediate certificate along with the request.",
    remedy_zh="请在请求中把 {issuer} 的证书作为中间证书一并提交。",
    params=("issuer",),
)

ISSUER_KEY_NOT_FOUND = Reason(
    code="ISSUER_KEY_NOT_FOUND",
    sub_indication=SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    rank=345,
    clause="RFC 5280 §4.2.1.1; RFC 4158 §3.5.12",
    actor=Actor.CALLER,
    message_en=(
        "Certificates of the issuer {issuer} are known, but none has the key {key_identifier} "
        "that this certificate was signed with."
    ),
    message_zh="已知颁发者 {issuer} 的证书，但其中没有签发此证书所用的密钥 {key_identifier}。",
    remedy_en=(
        "Send the certificate of {issuer} whose subject key identifier is {key_identifier} (the "
        "CA has probably changed its key)."
    ),
    remedy_zh="请提交 {issuer} 的、主体密钥标识为 {key_identifier} 的证书（该 CA 可能已更换密钥）。",
    params=("issuer", "key_identifier"),
)

UNTRUSTED_ROOT = Reason(
    code="UNTRUSTED_ROOT",
    sub_indication=SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    rank=360,
    clause="RFC 5280 §6.1.1 (d)",
    actor=Actor.OPERATOR,
    message_en="The path ends at the self-signed certificate of {subject}, which is not a trust anchor here.",
    message_zh="证书路径终止于 {subject} 的自签名证书，而它不是此处的信任锚。",
    remedy_en=(
        "Choose the trust domain that this CA belongs to, or have the operator decide on adding "
        "it as a trust anchor."
    ),
    remedy_zh="请选择该 CA 所属的信任域，或请运营方决定是否将其加为信任锚。",
    params=("subject",),
)

NO_PATH_TO_TRUST_ANCHOR = Reason(
    code="NO_PATH_TO_TRUST_ANCHOR",
    sub_indication=SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    rank=310,
    clause="RFC 4158 §2.3; RFC 5280 §6.1",
    actor=Actor.OPERATOR,
    message_en="No path from the certificate to a trust anchor of this trust domain could be built.",
    message_zh="无法从该证书构建到本信任域任何信任锚的证书路径。",
    remedy_en=(
        "Check that the trust domain is the right one and that a trust anchor of it stands above this CA."
    ),
    remedy_zh="请确认所选信任域正确，且该信任域中有位于此 CA 之上的信任锚。",
)

PATH_LOOP = Reason(
    code="PATH_LOOP",
    sub_indication=SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    rank=330,
    clause="RFC 4158 §2.4.2, §5.2",
    actor=Actor.CA,
    message_en=(
        "The known certificates above {subject} only lead back to CAs already on the path, never "
        "to a trust anchor."
    ),
    message_zh="{subject} 之上的已知证书只会绕回路径中已有的 CA，到达不了信任锚。",
    remedy_en="Send the CA certificate that leads from this loop of cross-certificates to a trust anchor.",
    remedy_zh="请提交能从这组循环的交叉证书通向信任锚的 CA 证书。",
    params=("subject",),
)

PATH_TOO_LONG = Reason(
    code="PATH_TOO_LONG",
    sub_indication=SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    rank=350,
    clause="RFC 4158 §3.5.15",
    actor=Actor.OPERATOR,
    message_en="Every path to a trust anchor is longer than the {limit} certificates allowed here.",
    message_zh="到信任锚的每条路径都超过此处允许的 {limit} 张证书。",
    remedy_en="Ask the operator to add a trust anchor nearer to this CA.",
    remedy_zh="请联系运营方增加离该 CA 更近的信任锚。",
    params=("limit",),
)

TARGET_IS_TRUST_ANCHOR = Reason(
    code="TARGET_IS_TRUST_ANCHOR",
    sub_indication=SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    rank=370,
    clause="RFC 5280 §6.1 (c)",
    actor=Actor.CALLER,
    message_en=(
        "The certificate is itself a trust anchor and not self-signed: it is trusted by "
        "decision, and no path leads to it."
    ),
    message_zh="该证书本身就是信任锚且不是自签名证书：它因人为决定而受信，没有通向它的证书路径可验证。",
    remedy_en=(
        "Validate a certificate issued under this trust anchor instead, or name a trust domain "
        "that holds its issuer."
    ),
    remedy_zh="请改为验证由该信任锚签发的证书，或指定包含其颁发者的信任域。",
)

BUDGET_EXHAUSTED = Reason(
    code="BUDGET_EXHAUSTED",
    sub_indication=SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    rank=950,
    clause="RFC 4158 §3.5.15; CVE-2018-16875",
    actor=Actor.CALLER,
    message_en=(
        "The work allowed for one decision ran out ({resource}, limit {limit}) before an answer was found."
    ),
    message_zh="在得出结论前，单次判定允许的工作量已用尽（{resource}，上限 {limit}）。",
    remedy_en=(
        "Send only the certificates, CRLs and OCSP responses that belong to this certificate's own path."
    ),
    remedy_zh="请只提交与该证书自身路径有关的证书、CRL 和 OCSP 响应。",
    params=("limit", "resource"),
)
