"""Reasons about supplied material that could not be read; never the cause of an acceptance."""

from __future__ import annotations

from ca_bridge.core.reasons.model import Actor, Reason, SubIndication

SUPPLIED_CERTIFICATE_UNREADABLE = Reason(
    code="SUPPLIED_CERTIFICATE_UNREADABLE",
    sub_indication=SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    rank=320,
    clause="RFC 5280 §4.1",
    actor=Actor.CALLER,
    message_en="A certificate sent along could not be read ({cause}) and was left out of path building.",
    message_zh="随附的一张证书无法读取（{cause}），未参与证书路径构建。",
    remedy_en="Send this CA certificate again exactly as its CA publishes it, in DER or PEM.",
    remedy_zh="请按该 CA 发布的原样（DER 或 PEM）重新提交这张 CA 证书。",
    params=("cause",),
)

SUPPLIED_CRL_UNREADABLE = Reason(
    code="SUPPLIED_CRL_UNREADABLE",
    sub_indication=SubIndication.TRY_LATER,
    rank=520,
    clause="RFC 5280 §5.1",
    actor=Actor.CALLER,
    message_en="A CRL sent along could not be read ({cause}) and says nothing about any certificate.",
    message_zh="随附的一份 CRL 无法读取（{cause}），不能说明任何证书的状态。",
    remedy_en="Fetch the CRL again from its distribution point and send it unchanged.",
    remedy_zh="请从 CRL 分发点重新下载该 CRL，并原样提交。",
    params=("cause",),
)

SUPPLIED_OCSP_RESPONSE_UNREADABLE = Reason(
    code="SUPPLIED_OCSP_RESPONSE_UNREADABLE",
    sub_indication=SubIndication.TRY_LATER,
    rank=520,
    clause="RFC 6960 §4.2.1",
    actor=Actor.CALLER,
    message_en="An OCSP response sent along could not be read ({cause}) and says nothing of any certificate.",
    message_zh="随附的一份 OCSP 响应无法读取（{cause}），不能说明任何证书的状态。",
    remedy_en="Ask the OCSP responder again and send its response unchanged.",
    remedy_zh="请重新查询 OCSP 服务，并原样提交其响应。",
    params=("cause",),
)
