"""Why a public key is not one to rely on, whoever holds it."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

_NEW_KEY_EN = "Make a new key pair with up-to-date software and ask the CA for a new certificate for it."
_NEW_KEY_ZH = "请用较新的软件重新生成密钥对，并向 CA 申请新证书。"
_REVOKE_EN = (
    "Have the certificate revoked at once, make a new key pair with other software or hardware, and "
    "ask the CA for a new certificate."
)
_REVOKE_ZH = "请立即申请吊销该证书，换用其他软件或硬件重新生成密钥对，并向 CA 申请新证书。"
_ENCODE_EN = (
    "Ask the CA to issue the certificate again with the public key encoded as the standard prescribes."
)
_ENCODE_ZH = "请联系 CA 按标准规定的公钥编码重新签发该证书。"

KEY_ALGORITHM_UNSUPPORTED = Reason(
    code="KEY_ALGORITHM_UNSUPPORTED",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=840,
    clause="RFC 5280 §4.1.2.7",
    actor=Actor.HOLDER,
    message_en="The public key algorithm {oid} is not one that can be judged here.",
    message_zh="公钥算法 {oid} 不在可判定的算法之列。",
    remedy_en="Ask the CA for a certificate with an RSA, EC, Ed25519, Ed448 or SM2 key.",
    remedy_zh="请向 CA 申请使用 RSA、EC、Ed25519、Ed448 或 SM2 密钥的证书。",
    params=("oid",),
)

KEY_PARAMETERS_INVALID = Reason(
    code="KEY_PARAMETERS_INVALID",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=841,
    clause="RFC 3279 §2.3; RFC 5480 §2.1.1; RFC 8410 §3",
    actor=Actor.CA,
    message_en="The algorithm parameters of the {key} public key are not what the standard prescribes.",
    message_zh="{key} 公钥的算法参数不符合标准规定。",
    remedy_en=_ENCODE_EN,
    remedy_zh=_ENCODE_ZH,
    params=("key",),
)

KEY_ENCODING_INVALID = Reason(
    code="KEY_ENCODING_INVALID",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=842,
    clause="RFC 8017 §A.1.1; RFC 5480 §2.2; RFC 8410 §4",
    actor=Actor.CA,
    message_en="The {key} public key is not encoded as the standard prescribes, or has values out of range.",
    message_zh="{key} 公钥的编码不符合标准规定，或取值超出范围。",
    remedy_en=_ENCODE_EN,
    remedy_zh=_ENCODE_ZH,
    params=("key",),
)

KEY_NOT_ACCEPTABLE = Reason(
    code="KEY_NOT_ACCEPTABLE",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=822,
    clause="SP 800-131A Rev. 2 §3",
    actor=Actor.HOLDER,
    message_en="The {key} key is not acceptable under the algorithm profile {profile}.",
    message_zh="{key} 密钥在算法策略 {profile} 下不可接受。",
    remedy_en=(
        "Make a new key pair of a kind and size that the profile accepts (for example RSA 3072, P-256 or "
        "SM2) and ask the CA for a new certificate."
    ),
    remedy_zh="请生成策略允许的种类和长度的密钥对（例如 RSA 3072、P-256 或 SM2），并向 CA 申请新证书。",
    params=("key", "profile"),
)

KEY_NO_LONGER_ACCEPTABLE = Reason(
    code="KEY_NO_LONGER_ACCEPTABLE",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=821,
    clause="EN 319 102-1 §5.2.8",
    actor=Actor.HOLDER,
    message_en="The {key} key was acceptable until {until} only ({source}).",
    message_zh="{key} 密钥仅在 {until} 之前（含当日）可接受（依据：{source}）。",
    remedy_en=(
        "Make a longer key pair (for example RSA 3072, P-256 or SM2) and ask the CA for a new certificate."
    ),
    remedy_zh="请生成更强的密钥对（例如 RSA 3072、P-256 或 SM2），并向 CA 申请新证书。",
    params=("key", "source", "until"),
)

RSA_MODULUS_TOO_SMALL = Reason(
    code="RSA_MODULUS_TOO_SMALL",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=823,
    clause="SP 800-131A Rev. 2 §3",
    actor=Actor.HOLDER,
    message_en="The RSA modulus has {bits} bits; at least {minimum} are needed.",
    message_zh="RSA 模数只有 {bits} 位，至少需要 {minimum} 位。",
    remedy_en="Make an RSA key pair of 3072 bits or more and ask the CA for a new certificate.",
    remedy_zh="请生成 3072 位或更长的 RSA 密钥对，并向 CA 申请新证书。",
    params=("bits", "minimum"),
)

RSA_MODULUS_TOO_LARGE = Reason(
    code="RSA_MODULUS_TOO_LARGE",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=824,
    clause="CVE-2023-29409",
    actor=Actor.HOLDER,
    message_en=(
        "The RSA modulus has {bits} bits; more than {maximum} are not verified, because it would cost "
        "too much."
    ),
    message_zh="RSA 模数有 {bits} 位；超过 {maximum} 位的密钥因验证开销过大而不予验证。",
    remedy_en="Make an RSA key pair of 3072 or 4096 bits and ask the CA for a new certificate.",
    remedy_zh="请生成 3072 或 4096 位的 RSA 密钥对，并向 CA 申请新证书。",
    params=("bits", "maximum"),
)

RSA_EXPONENT_TOO_SMALL = Reason(
    code="RSA_EXPONENT_TOO_SMALL",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=843,
    clause="RFC 8017 §3.1",
    actor=Actor.HOLDER,
    message_en="The RSA public exponent is {exponent}; anybody can forge signatures under it.",
    message_zh="RSA 公钥指数为 {exponent}，任何人都能伪造其签名。",
    remedy_en=_NEW_KEY_EN,
    remedy_zh=_NEW_KEY_ZH,
    params=("exponent",),
)

RSA_EXPONENT_EVEN = Reason(
    code="RSA_EXPONENT_EVEN",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=844,
    clause="RFC 8017 §3.1",
    actor=Actor.HOLDER,
    message_en="The RSA public exponent {exponent} is even, so it belongs to no key pair.",
    message_zh="RSA 公钥指数 {exponent} 为偶数，不可能属于任何密钥对。",
    remedy_en=_NEW_KEY_EN,
    remedy_zh=_NEW_KEY_ZH,
    params=("exponent",),
)

RSA_EXPONENT_TOO_LARGE = Reason(
    code="RSA_EXPONENT_TOO_LARGE",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=825,
    clause="CVE-2006-2940",
    actor=Actor.HOLDER,
    message_en=(
        "The RSA public exponent has {bits} bits; more than 33 are not verified, because it would cost "
        "too much."
    ),
    message_zh="RSA 公钥指数有 {bits} 位；超过 33 位的因验证开销过大而不予验证。",
    remedy_en="Make a new RSA key pair with the public exponent 65537 and ask the CA for a new certificate.",
    remedy_zh="请以公钥指数 65537 重新生成 RSA 密钥对，并向 CA 申请新证书。",
    params=("bits",),
)

RSA_MODULUS_EVEN = Reason(
    code="RSA_MODULUS_EVEN",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=845,
    clause="SP 800-89 §5.3.3",
    actor=Actor.HOLDER,
    message_en="The RSA modulus is even, so its private key is public knowledge.",
    message_zh="RSA 模数为偶数，其私钥等于公开。",
    remedy_en=_REVOKE_EN,
    remedy_zh=_REVOKE_ZH,
)

RSA_MODULUS_SMALL_FACTOR = Reason(
    code="RSA_MODULUS_SMALL_FACTOR",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=846,
    clause="SP 800-89 §5.3.3",
    actor=Actor.HOLDER,
    message_en=(
        "The RSA modulus is divisible by {factor}, so it is not a sound key and may be broken by anybody."
    ),
    message_zh="RSA 模数能被 {factor} 整除，密钥不健全，可能被任何人破解。",
    remedy_en=_REVOKE_EN,
    remedy_zh=_REVOKE_ZH,
    params=("factor",),
)

RSA_MODULUS_PERFECT_POWER = Reason(
    code="RSA_MODULUS_PERFECT_POWER",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=847,
    clause="SP 800-89 §5.3.3",
    actor=Actor.HOLDER,
    message_en="The RSA modulus is a power of one number, so anybody can compute its private key.",
    message_zh="RSA 模数是某个数的幂，任何人都能算出其私钥。",
    remedy_en=_REVOKE_EN,
    remedy_zh=_REVOKE_ZH,
)

RSA_MODULUS_ROCA = Reason(
    code="RSA_MODULUS_ROCA",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=848,
    clause="CVE-2017-15361",
    actor=Actor.HOLDER,
    message_en=(
        "The RSA key bears the fingerprint of the flawed Infineon library (ROCA): its private key can be "
        "computed."
    ),
    message_zh="RSA 密钥带有英飞凌缺陷密码库（ROCA）的特征，其私钥可被计算得出。",
    remedy_en=_REVOKE_EN,
    remedy_zh=_REVOKE_ZH,
)

RSA_PRIMES_TOO_CLOSE = Reason(
    code="RSA_PRIMES_TOO_CLOSE",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=849,
    clause="CVE-2022-26320",
    actor=Actor.HOLDER,
    message_en="The two primes of the RSA modulus lie so close together that anybody can find them.",
    message_zh="RSA 模数的两个素因子过于接近，任何人都能将其分解。",
    remedy_en=_REVOKE_EN,
    remedy_zh=_REVOKE_ZH,
)

EC_PARAMETERS_EXPLICIT = Reason(
    code="EC_PARAMETERS_EXPLICIT",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=839,
    clause="RFC 5480 §2.1.1; CVE-2020-0601",
    actor=Actor.CA,
    message_en=(
        "The EC public key spells its curve out instead of naming it; such keys can be made to fit "
        "another's signatures."
    ),
    message_zh="EC 公钥使用显式曲线参数而非命名曲线；此类密钥可被伪造以匹配他人的签名。",
    remedy_en="Ask the CA to issue the certificate again with a named curve (P-256, P-384, P-521 or SM2).",
    remedy_zh="请联系 CA 使用命名曲线（P-256、P-384、P-521 或 SM2）重新签发该证书。",
)

EC_CURVE_UNSUPPORTED = Reason(
    code="EC_CURVE_UNSUPPORTED",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=838,
    clause="RFC 5480 §2.1.1.1",
    actor=Actor.HOLDER,
    message_en="The elliptic curve {curve} is not one that can be judged here.",
    message_zh="椭圆曲线 {curve} 不在可判定的曲线之列。",
    remedy_en="Make a key pair on P-256, P-384, P-521 or SM2 and ask the CA for a new certificate.",
    remedy_zh="请在 P-256、P-384、P-521 或 SM2 曲线上生成密钥对，并向 CA 申请新证书。",
    params=("curve",),
)

EC_POINT_COMPRESSED = Reason(
    code="EC_POINT_COMPRESSED",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=837,
    clause="RFC 5480 §2.2",
    actor=Actor.CA,
    message_en=(
        "The EC public key is a compressed point, which is not read here; every verifier must read "
        "uncompressed points only."
    ),
    message_zh="EC 公钥采用压缩点编码，此处不予读取；标准只要求验证方支持未压缩点。",
    remedy_en="Ask the CA to issue the certificate again with the public key as an uncompressed point.",
    remedy_zh="请联系 CA 以未压缩点形式的公钥重新签发该证书。",
)

EC_POINT_NOT_ON_CURVE = Reason(
    code="EC_POINT_NOT_ON_CURVE",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=836,
    clause="SP 800-56A Rev. 3 §5.6.2.3.3; SEC 1 §3.2.2.1",
    actor=Actor.HOLDER,
    message_en="The public key is not a point of the curve {curve}.",
    message_zh="公钥不是曲线 {curve} 上的点。",
    remedy_en=_NEW_KEY_EN,
    remedy_zh=_NEW_KEY_ZH,
    params=("curve",),
)

EDWARDS_POINT_SMALL_ORDER = Reason(
    code="EDWARDS_POINT_SMALL_ORDER",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=835,
    clause="RFC 8032 §5.1.7, §8.9",
    actor=Actor.HOLDER,
    message_en=(
        "The {curve} public key is a point of small order; anybody can make signatures that verify under it."
    ),
    message_zh="{curve} 公钥是小阶点，任何人都能做出可用它验证通过的签名。",
    remedy_en=_REVOKE_EN,
    remedy_zh=_REVOKE_ZH,
    params=("curve",),
)

EDWARDS_POINT_INVALID = Reason(
    code="EDWARDS_POINT_INVALID",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=834,
    clause="RFC 8032 §5.1.3, §5.2.3",
    actor=Actor.HOLDER,
    message_en="The {curve} public key does not decode to a point of the curve.",
    message_zh="{curve} 公钥不能解码为曲线上的点。",
    remedy_en=_NEW_KEY_EN,
    remedy_zh=_NEW_KEY_ZH,
    params=("curve",),
)

DSA_PARAMETERS_MISSING = Reason(
    code="DSA_PARAMETERS_MISSING",
    sub_indication=SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    rank=833,
    clause="RFC 3279 §2.3.2",
    actor=Actor.CA,
    message_en="The DSA public key has no parameters and none are inherited from its issuer.",
    message_zh="DSA 公钥没有参数，也不能从其颁发者继承参数。",
    remedy_en=(
        "Send the whole path, so that the parameters can be taken from the issuer, or ask the CA to "
        "issue the certificate with its parameters."
    ),
    remedy_zh="请提交完整的证书路径以便从颁发者继承参数，或联系 CA 签发带有参数的证书。",
)
