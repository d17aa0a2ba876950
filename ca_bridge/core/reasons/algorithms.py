"""Why a signature is not one to rely on: it does not verify, or its algorithm is not acceptable."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

_REISSUE_EN = (
    "Ask the CA to issue the certificate again, signed with an algorithm that the profile accepts "
    "(for example RSA or ECDSA with SHA-256, or SM2 with SM3)."
)
_REISSUE_ZH = "请联系 CA 用策略允许的算法（例如 SHA-256 的 RSA 或 ECDSA，或 SM3 的 SM2）重新签发该证书。"

SIGNATURE_DOES_NOT_VERIFY = Reason(
    code="SIGNATURE_DOES_NOT_VERIFY",
    sub_indication=SubIndication.SIG_CRYPTO_FAILURE,
    rank=805,
    clause="RFC 5280 §6.1.3 (a)(1)",
    actor=Actor.CALLER,
    message_en="The {algorithm} signature does not verify under the key it is said to be made with.",
    message_zh="{algorithm} 签名用所称的签名公钥验证不通过。",
    remedy_en=(
        "Get the signed object again from its source: it was altered on the way, or another key signed "
        "it. For SM2, also check that the trust domain lists the user ID the CA signs with."
    ),
    remedy_zh=(
        "请从来源重新获取被签名的对象：它在途中被改动，或由另一密钥签名。若为 SM2，还请核对信任域中配置的"
        "用户标识（user ID）与 CA 签名所用的一致。"
    ),
    params=("algorithm",),
)

SIGNATURE_ENCODING_INVALID = Reason(
    code="SIGNATURE_ENCODING_INVALID",
    sub_indication=SubIndication.SIG_CRYPTO_FAILURE,
    rank=806,
    clause="RFC 3279 §2.2.2, §2.2.3; GM/T 0009 §7.3",
    actor=Actor.CA,
    message_en=(
        "The {algorithm} signature value is not the DER sequence of two integers r and s in their range."
    ),
    message_zh="{algorithm} 签名值不是由取值范围内的两个整数 r 和 s 组成的 DER 序列。",
    remedy_en=(
        "Ask the signer to encode the signature as SEQUENCE of r and s in DER; raw r||s, padding and "
        "redundant zero bytes are not accepted."
    ),
    remedy_zh="请签名方按 DER 的 SEQUENCE（r、s）编码签名值；不接受裸的 r||s 拼接、填充或多余的零字节。",
    params=("algorithm",),
)

SIGNATURE_ALGORITHM_KEY_MISMATCH = Reason(
    code="SIGNATURE_ALGORITHM_KEY_MISMATCH",
    sub_indication=SubIndication.SIG_CRYPTO_FAILURE,
    rank=804,
    clause="RFC 5280 §4.1.1.2",
    actor=Actor.CA,
    message_en=(
        "The signature algorithm {algorithm} cannot be made with the issuer's key, which is a {key} key."
    ),
    message_zh="签名算法 {algorithm} 与颁发者的 {key} 密钥类型不符。",
    remedy_en=(
        "Send the issuer certificate whose key type fits the signature, or ask the CA to issue the "
        "certificate again."
    ),
    remedy_zh="请提交密钥类型与签名相符的颁发者证书，或联系 CA 重新签发该证书。",
    params=("algorithm", "key"),
)

SIGNATURE_ALGORITHM_UNSUPPORTED = Reason(
    code="SIGNATURE_ALGORITHM_UNSUPPORTED",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=830,
    clause="RFC 5280 §4.1.1.2",
    actor=Actor.CA,
    message_en="The signature algorithm {oid} is not one that can be verified here.",
    message_zh="签名算法 {oid} 不在可验证的算法之列。",
    remedy_en=_REISSUE_EN,
    remedy_zh=_REISSUE_ZH,
    params=("oid",),
)

SIGNATURE_PARAMETERS_INVALID = Reason(
    code="SIGNATURE_PARAMETERS_INVALID",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=829,
    clause="RFC 4055 §5; RFC 5758 §3; RFC 8410 §3",
    actor=Actor.CA,
    message_en="The parameters of the signature algorithm {algorithm} are not what its standard prescribes.",
    message_zh="签名算法 {algorithm} 的参数不符合其标准的规定。",
    remedy_en=(
        "Ask the CA to issue the certificate again with the algorithm parameters that the standard "
        "prescribes."
    ),
    remedy_zh="请联系 CA 按标准规定的算法参数重新签发该证书。",
    params=("algorithm",),
)

PSS_PARAMETERS_INVALID = Reason(
    code="PSS_PARAMETERS_INVALID",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=828,
    clause="RFC 4055 §3.1",
    actor=Actor.CA,
    message_en="The RSASSA-PSS parameters cannot be used: {part} is missing, malformed or not acceptable.",
    message_zh="RSASSA-PSS 参数无法使用：{part} 缺失、格式错误或不可接受。",
    remedy_en=(
        "Ask the CA to sign with RSASSA-PSS parameters of one hash for message and MGF1, a salt that "
        "fits the key, and trailer 1."
    ),
    remedy_zh=(
        "请联系 CA 使用规范的 RSASSA-PSS 参数签名：消息与 MGF1 用同一散列算法、盐长与密钥相适应、trailer "
        "为 1。"
    ),
    params=("part",),
)

PSS_KEY_RESTRICTION_VIOLATED = Reason(
    code="PSS_KEY_RESTRICTION_VIOLATED",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=827,
    clause="RFC 4055 §3.3",
    actor=Actor.CA,
    message_en=(
        "The signature does not keep to the RSASSA-PSS parameters that the signer's key is restricted to."
    ),
    message_zh="签名未遵守签名者公钥所限定的 RSASSA-PSS 参数。",
    remedy_en=(
        "Ask the CA to sign with the hash that its own key certificate names and a salt at least as long."
    ),
    remedy_zh="请联系 CA 使用其密钥证书中限定的散列算法和不短于限定值的盐长签名。",
)

SIGNATURE_ALGORITHM_NOT_ACCEPTABLE = Reason(
    code="SIGNATURE_ALGORITHM_NOT_ACCEPTABLE",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=802,
    clause="SP 800-131A Rev. 2 §3, §9",
    actor=Actor.CA,
    message_en="The signature algorithm {algorithm} is not acceptable under the algorithm profile {profile}.",
    message_zh="签名算法 {algorithm} 在算法策略 {profile} 下不可接受。",
    remedy_en=_REISSUE_EN,
    remedy_zh=_REISSUE_ZH,
    params=("algorithm", "profile"),
)

SIGNATURE_ALGORITHM_NO_LONGER_ACCEPTABLE = Reason(
    code="SIGNATURE_ALGORITHM_NO_LONGER_ACCEPTABLE",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=801,
    clause="EN 319 102-1 §5.2.8",
    actor=Actor.CA,
    message_en="The signature algorithm {algorithm} was acceptable until {until} only ({source}).",
    message_zh="签名算法 {algorithm} 仅在 {until} 之前（含当日）可接受（依据：{source}）。",
    remedy_en=_REISSUE_EN,
    remedy_zh=_REISSUE_ZH,
    params=("algorithm", "source", "until"),
)
