"""Reasons of revocation status: revoked, and every way in which evidence does not settle the question."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

Texts = tuple[str, str]
"""The same sentence in English and in Chinese."""

_NEXT_CRL = (
    "Fetch the newest CRL from its distribution point; if it is the same, ask the CA to mend it.",
    "请从证书所载的 CRL 分发点下载最新 CRL 后重新验证；若仍相同，请要求 CA 发布正确的 CRL。",
)
_NEXT_OCSP = (
    "Ask the CA's OCSP responder again and validate again with its answer, or supply the CA's CRL.",
    "请重新查询 CA 的 OCSP 服务，用新的响应再次验证，或提供该 CA 的 CRL。",
)


def _revoked(
    code: str, sub_indication: SubIndication, rank: int, message: Texts, remedy: Texts, *, actor: Actor
) -> Reason:
    """A reason that tells a revocation: params ``reason``, ``since`` (ISO 8601, UTC) and ``source``."""
    return Reason(
        code=code,
        sub_indication=sub_indication,
        rank=rank,
        clause="RFC 5280 §6.1.3 (a)(3)",
        actor=actor,
        message_en=message[0],
        message_zh=message[1],
        remedy_en=remedy[0],
        remedy_zh=remedy[1],
        params=("reason", "since", "source"),
    )


def _later(
    code: str, rank: int, clause: str, message: Texts, remedy: Texts = _NEXT_CRL, *, params: str = "source"
) -> Reason:
    """A reason why evidence does not settle the status; ``params`` are separated by blanks."""
    return Reason(
        code=code,
        sub_indication=SubIndication.TRY_LATER,
        rank=rank,
        clause=clause,
        actor=Actor.CA,
        message_en=message[0],
        message_zh=message[1],
        remedy_en=remedy[0],
        remedy_zh=remedy[1],
        params=tuple(params.split()),
    )


TARGET_REVOKED = _revoked(
    "TARGET_REVOKED",
    SubIndication.REVOKED,
    859,
    (
        "The certificate has been revoked since {since} (reason: {reason}; told by {source}).",
        "该证书自 {since} 起已被吊销（原因：{reason}；依据：{source}）。",
    ),
    (
        "Do not rely on it. Its holder must apply to the CA for a new certificate.",
        "请勿信赖该证书；证书持有人须向 CA 申请新证书。",
    ),
    actor=Actor.HOLDER,
)
TARGET_ON_HOLD = _revoked(
    "TARGET_ON_HOLD",
    SubIndication.TRY_LATER,
    858,
    (
        "The certificate has been on hold since {since} ({reason}; told by {source}).",
        "该证书自 {since} 起被暂停使用（{reason}；依据：{source}）。",
    ),
    (
        "Do not rely on it now. Its holder must ask the CA to lift the hold; then validate again.",
        "目前请勿信赖该证书；证书持有人须向 CA 申请解除暂停，之后用最新状态信息重新验证。",
    ),
    actor=Actor.HOLDER,
)
CA_REVOKED = _revoked(
    "CA_REVOKED",
    SubIndication.REVOKED_CA_NO_POE,
    857,
    (
        "A CA certificate on the path has been revoked since {since} (reason: {reason}; told by {source}).",
        "证书路径上的一张 CA 证书自 {since} 起已被吊销（原因：{reason}；依据：{source}）。",
    ),
    (
        "Do not rely on certificates under it; the CA must issue them again under a valid certificate.",
        "请勿信赖该 CA 证书之下的证书；须由 CA 以有效的 CA 证书重新签发。",
    ),
    actor=Actor.CA,
)
CA_ON_HOLD = _revoked(
    "CA_ON_HOLD",
    SubIndication.TRY_LATER,
    856,
    (
        "A CA certificate on the path has been on hold since {since} ({reason}; told by {source}).",
        "证书路径上的一张 CA 证书自 {since} 起被暂停使用（{reason}；依据：{source}）。",
    ),
    (
        "Do not rely on certificates under it now; ask the CA above it to lift the hold.",
        "目前请勿信赖该 CA 证书之下的证书；请向其上级 CA 申请解除暂停。",
    ),
    actor=Actor.CA,
)

REVOCATION_EVIDENCE_MISSING = Reason(
    code="REVOCATION_EVIDENCE_MISSING",
    sub_indication=SubIndication.TRY_LATER,
    rank=500,
    clause="RFC 5280 §6.3",
    actor=Actor.CALLER,
    message_en="The status of this certificate must be known, and no CRL or OCSP response supplied tells it.",
    message_zh="须确认该证书的吊销状态，但所提供的 CRL 和 OCSP 响应均未说明其状态。",
    remedy_en="Supply a current CRL of the certificate's issuer, or a current OCSP response about it.",
    remedy_zh="请提供该证书颁发者的有效 CRL，或关于该证书的有效 OCSP 响应。",
)

CRL_SIGNATURE_INVALID = _later(
    "CRL_SIGNATURE_INVALID",
    530,
    "RFC 5280 §6.3.3 (g)",
    (
        "No acceptable signature of the CRL issuer is on the CRL {source} ({cause}).",
        "CRL {source} 上没有其颁发者的可接受的有效签名（{cause}）。",
    ),
    params="cause source",
)
CRL_ISSUER_PATH_INVALID = _later(
    "CRL_ISSUER_PATH_INVALID",
    529,
    "RFC 5280 §6.3.3 (f)",
    (
        "The CRL ({source}) comes from an issuer without a valid path to the same anchor, or a namesake.",
        "CRL {source} 的颁发者没有通向同一信任锚的有效证书路径，或只是同名的另一机构。",
    ),
    (
        "Supply the CRL issuer's certificate and those above it up to the trust anchor, with their CRLs.",
        "请提供 CRL 颁发者的证书及其直至同一信任锚的上级证书，并附相应 CRL。",
    ),
)
CRL_ISSUER_KEY_USAGE = _later(
    "CRL_ISSUER_KEY_USAGE",
    528,
    "RFC 5280 §6.3.3 (f)",
    (
        "The key that signed the CRL {source} may not sign CRLs: its certificate does not allow cRLSign.",
        "签发 CRL {source} 的密钥无权签发 CRL：其证书不允许 cRLSign 用途。",
    ),
)
CRL_UNKNOWN_CRITICAL_EXTENSION = _later(
    "CRL_UNKNOWN_CRITICAL_EXTENSION",
    527,
    "RFC 5280 §5.2",
    (
        "The CRL {source} or one of its entries has a critical extension that is not processed here.",
        "CRL {source} 或其条目含有本网关不处理的关键扩展项。",
    ),
)
CRL_NUMBER_MISSING = _later(
    "CRL_NUMBER_MISSING",
    526,
    "RFC 5280 §5.2.3",
    (
        "The CRL {source} has no CRL number, which every CRL must have.",
        "CRL {source} 缺少必备的 CRL 编号。",
    ),
)
CRL_NUMBER_CRITICAL = _later(
    "CRL_NUMBER_CRITICAL",
    525,
    "RFC 5280 §5.2.3",
    (
        "The CRL {source} marks its CRL number critical, which is forbidden.",
        "CRL {source} 将 CRL 编号标为关键扩展项，违反规定。",
    ),
)
CRL_WITHOUT_NEXT_UPDATE = _later(
    "CRL_WITHOUT_NEXT_UPDATE",
    524,
    "RFC 5280 §5.1.2.5",
    (
        "The CRL {source} does not say when the next one comes, so nobody can tell until when it holds.",
        "CRL {source} 未给出下次更新时间，无法确定其有效期限。",
    ),
)
CRL_STALE = _later(
    "CRL_STALE",
    523,
    "RFC 5280 §6.3.3 (a)",
    (
        "The CRL {source} was to be replaced by {next_update}, before the time of validation.",
        "CRL {source} 应于 {next_update} 前更新，在验证时间点已过期。",
    ),
    params="next_update source",
)
CRL_NOT_YET_VALID = _later(
    "CRL_NOT_YET_VALID",
    522,
    "RFC 5280 §5.1.2.4",
    (
        "The CRL {source} was issued at {this_update}, after the time of validation.",
        "CRL {source} 签发于 {this_update}，晚于验证时间点。",
    ),
    (
        "Supply the CRL that was current at the time of validation, or validate at a later time.",
        "请提供在验证时间点有效的 CRL，或改用更晚的验证时间。",
    ),
    params="source this_update",
)
CRL_REASONS_NOT_COVERED = _later(
    "CRL_REASONS_NOT_COVERED",
    515,
    "RFC 5280 §6.3.3 (l)",
    (
        "The CRLs do not list the certificate, but leave out these revocation reasons: {reasons}.",
        "所提供的 CRL 未列出该证书，但未涵盖以下吊销原因：{reasons}。",
    ),
    (
        "Supply the CRLs for the other revocation reasons as well.",
        "请同时提供涵盖其余吊销原因的 CRL。",
    ),
    params="reasons",
)
DELTA_CRL_WITHOUT_BASE = _later(
    "DELTA_CRL_WITHOUT_BASE",
    514,
    "RFC 5280 §6.3.3 (c)",
    (
        "The delta CRL {source} is not accompanied by a usable complete CRL that it belongs to.",
        "增量 CRL {source} 没有与之对应且可用的完整 CRL。",
    ),
    (
        "Supply the complete CRL of the same scope, numbered from the delta's base to just before the delta.",
        "请提供范围相同、编号不低于基准编号且小于增量编号的完整 CRL。",
    ),
)
CRL_OUT_OF_SCOPE = _later(
    "CRL_OUT_OF_SCOPE",
    505,
    "RFC 5280 §6.3.3 (b)",
    (
        "The CRL {source} is the right issuer's, but not for this kind of certificate or distribution point.",
        "CRL {source} 的颁发者相符，但其范围不包括该类证书或该分发点。",
    ),
    (
        "Supply the CRL of the distribution point that the certificate names.",
        "请提供该证书所载分发点的 CRL。",
    ),
)

OCSP_SIGNATURE_INVALID = _later(
    "OCSP_SIGNATURE_INVALID",
    560,
    "RFC 6960 §3.2 (2)",
    (
        "The signature on the OCSP response {source} is not an acceptable one of its responder ({cause}).",
        "OCSP 响应 {source} 的签名不是其响应者的可接受的有效签名（{cause}）。",
    ),
    _NEXT_OCSP,
    params="cause source",
)
OCSP_RESPONDER_NOT_AUTHORIZED = _later(
    "OCSP_RESPONDER_NOT_AUTHORIZED",
    559,
    "RFC 6960 §4.2.2.2",
    (
        "The signer of the OCSP response {source} is neither the issuer nor its delegate for OCSP signing.",
        "OCSP 响应 {source} 的签名者既非该证书的颁发者，也非其直接签发的、具有 OCSP 签名用途的响应者。",
    ),
    _NEXT_OCSP,
)
OCSP_RESPONDER_CERTIFICATE_MISSING = _later(
    "OCSP_RESPONDER_CERTIFICATE_MISSING",
    558,
    "RFC 6960 §4.2.2.2",
    (
        "The certificate of the responder that signed the OCSP response {source} was not sent along.",
        "OCSP 响应 {source} 未附带其响应者的证书。",
    ),
    (
        "Supply the responder's certificate, or ask the responder again for a response that carries it.",
        "请提供响应者证书，或重新查询以获得附带响应者证书的响应。",
    ),
)
OCSP_RESPONDER_CERTIFICATE_INVALID = _later(
    "OCSP_RESPONDER_CERTIFICATE_INVALID",
    557,
    "RFC 6960 §4.2.2.2",
    (
        "The certificate of the responder behind the OCSP response {source} is not valid itself ({cause}).",
        "签署 OCSP 响应 {source} 的响应者证书本身无效（{cause}）。",
    ),
    _NEXT_OCSP,
    params="cause source",
)
OCSP_RESPONDER_STATUS = _later(
    "OCSP_RESPONDER_STATUS",
    556,
    "RFC 6960 §4.2.2.2.1",
    (
        "The certificate of the responder behind the OCSP response {source} is revoked or of unknown status.",
        "签署 OCSP 响应 {source} 的响应者证书已被吊销，或其状态无法确认。",
    ),
    (
        "Supply the CA's current CRL that covers the responder's certificate, or another OCSP response.",
        "请提供涵盖该响应者证书的 CA 当前 CRL，或另一份 OCSP 响应。",
    ),
)
OCSP_UNKNOWN_CRITICAL_EXTENSION = _later(
    "OCSP_UNKNOWN_CRITICAL_EXTENSION",
    555,
    "RFC 6960 §4.4",
    (
        "The OCSP response {source} has a critical extension that is not processed here.",
        "OCSP 响应 {source} 含有本网关不处理的关键扩展项。",
    ),
    _NEXT_OCSP,
)
OCSP_STATUS_UNKNOWN = _later(
    "OCSP_STATUS_UNKNOWN",
    554,
    "RFC 6960 §2.2",
    (
        "The OCSP responder does not know the certificate ({source}); unknown is not good.",
        "OCSP 响应者不了解该证书的状态（{source}）；未知不等于有效。",
    ),
    _NEXT_OCSP,
)
OCSP_STALE = _later(
    "OCSP_STALE",
    553,
    "RFC 6960 §4.2.2.1",
    (
        "The OCSP response {source} held until {until}, before the time of validation.",
        "OCSP 响应 {source} 有效至 {until}，在验证时间点已过期。",
    ),
    _NEXT_OCSP,
    params="source until",
)
OCSP_NOT_YET_VALID = _later(
    "OCSP_NOT_YET_VALID",
    552,
    "RFC 6960 §4.2.2.1",
    (
        "The OCSP response {source} tells the status at {this_update}, after the time of validation.",
        "OCSP 响应 {source} 说明的是 {this_update} 的状态，晚于验证时间点。",
    ),
    (
        "Supply a response that was current at the time of validation, or validate at a later time.",
        "请提供在验证时间点有效的响应，或改用更晚的验证时间。",
    ),
    params="source this_update",
)
OCSP_RESPONDER_ERROR = _later(
    "OCSP_RESPONDER_ERROR",
    504,
    "RFC 6960 §2.3",
    (
        "The OCSP responder gave no answer but the error {status}.",
        "OCSP 响应者未给出状态，返回错误 {status}。",
    ),
    _NEXT_OCSP,
    params="status",
)
OCSP_NO_MATCHING_RESPONSE = _later(
    "OCSP_NO_MATCHING_RESPONSE",
    503,
    "RFC 6960 §3.2 (1)",
    (
        "The OCSP response {source} is not about this certificate.",
        "OCSP 响应 {source} 与该证书无关。",
    ),
    (
        "Ask the responder about this certificate: its serial number, its issuer's name and key.",
        "请以该证书的序列号、颁发者名称和颁发者密钥向响应者查询。",
    ),
)
