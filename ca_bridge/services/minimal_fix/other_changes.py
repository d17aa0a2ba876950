"""The catalogue of changes to evidence and to the question."""

from __future__ import annotations

from ca_bridge.services.minimal_fix.model import Caution, ChangeType, FixKind, Party


def _row(
    code: str,
    cost: int,
    zh: str,
    en: str,
    *parties: Party,
    cautions: tuple[Caution, ...] = (),
) -> ChangeType:
    """A row of evidence (cost below 30) or of the question."""
    kind = FixKind.EVIDENCE if cost < _QUESTION else FixKind.REQUEST
    assumed = bool({Caution.ASSUMED_STATUS, Caution.ASSUMED_RENEWAL} & set(cautions))
    return ChangeType(
        code=code,
        kind=kind,
        cost=cost,
        zh=zh,
        en=en,
        parties=parties,
        cautions=cautions,
        assumed=assumed,
        partial=kind is FixKind.EVIDENCE,
    )


_QUESTION = 30
_ASKS_LESS = (Caution.ASKS_LESS,)

CERTIFICATES_SUPPLIED = _row(
    "CERTIFICATES_SUPPLIED",
    10,
    "随附 CA 证书：{names}。",
    "Send along the CA certificates of {names}.",
    Party.CALLER,
)
STATUS_FETCHED = _row(
    "STATUS_FETCHED",
    20,
    "取得 {name}（序列号 {serial_number}）的最新 CRL 或 OCSP 响应并随附：{source}。",
    "Fetch a current CRL or OCSP response about {name} (serial number {serial_number}) and send it along: "
    "{source}.",
    Party.CALLER,
    Party.CA,
    cautions=(Caution.ASSUMED_STATUS,),
)
CERTIFICATE_RENEWED = _row(
    "CERTIFICATE_RENEWED",
    25,
    "由持有人向 {issuer} 更新证书（现证书 {not_after} 到期）。",
    "Have the holder renew the certificate at {issuer} (the present one ended at {not_after}).",
    Party.HOLDER,
    Party.CA,
    cautions=(Caution.ASSUMED_RENEWAL,),
)
CA_CERTIFICATE_RENEWED = _row(
    "CA_CERTIFICATE_RENEWED",
    26,
    "取得 {name} 更新后的 CA 证书并随附（现证书 {not_after} 到期）。",
    "Get the renewed CA certificate of {name} and send it along (the present one ended at {not_after}).",
    Party.CA,
    Party.CALLER,
    cautions=(Caution.ASSUMED_RENEWAL,),
)
PURPOSE_CHANGED = _row(
    "PURPOSE_CHANGED",
    40,
    "如业务允许，改按用途 {purpose} 判定（原为 {old}）。",
    "If that is what it is for, ask for the purpose {purpose} in the place of {old}.",
    Party.CALLER,
    cautions=_ASKS_LESS,
)
LEVEL_LOWERED = _row(
    "LEVEL_LOWERED",
    50,
    "如业务允许，将所要求的保证级别由 {old} 降为 {level}。",
    "If the business allows it, ask for the level {level} in the place of {old}.",
    Party.CALLER,
    cautions=_ASKS_LESS,
)
TIME_LATER = _row(
    "TIME_LATER",
    35,
    "等到 {time} 以后再提交。",
    "Ask again from {time} on.",
    Party.CALLER,
)
TIME_EARLIER = _row(
    "TIME_EARLIER",
    45,
    "如能证明该行为不晚于 {time}，按该时间判定。",
    "If the act is proven to be from {time} or before, judge it at that time.",
    Party.CALLER,
    cautions=(Caution.PROOF_OF_TIME,),
)
IDENTITY_NOT_ASKED = _row(
    "IDENTITY_NOT_ASKED",
    55,
    "如业务不需要统一身份，不要求证书载明可互认的持有人号码。",
    "If the business needs no unified identity, do not ask that the certificate states the holder's number.",
    Party.CALLER,
    cautions=_ASKS_LESS,
)
KEY_USAGE_REDUCED = _row(
    "KEY_USAGE_REDUCED",
    50,
    "如业务允许，不再要求密钥用法 {missing}。",
    "If the business allows it, do not ask for the key usage {missing}.",
    Party.CALLER,
    cautions=_ASKS_LESS,
)
POLICIES_WIDENED = _row(
    "POLICIES_WIDENED",
    50,
    "如业务允许，在所接受的证书策略中加入 {policy}。",
    "If the business allows it, accept the certificate policy {policy} too.",
    Party.CALLER,
    cautions=_ASKS_LESS,
)
EXPLICIT_POLICY_NOT_ASKED = _row(
    "EXPLICIT_POLICY_NOT_ASKED",
    60,
    "如业务允许，不要求明确的证书策略。",
    "If the business allows it, do not ask for an explicit certificate policy.",
    Party.CALLER,
    cautions=_ASKS_LESS,
)
PATH_LENGTH_RAISED = _row(
    "PATH_LENGTH_RAISED",
    50,
    "将所要求的最大路径长度由 {old} 增为 {length}。",
    "Ask for a path length of {length} in the place of {old}.",
    Party.CALLER,
    cautions=_ASKS_LESS,
)
