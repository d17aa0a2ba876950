"""Words the command line says in both languages: (zh, en)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ca_bridge.core.reasons.model import Actor, Indication
from ca_bridge.core.verdict import RevocationStatus, TrustModel

Words = tuple[str, str]

ACTORS: Mapping[Actor, Words] = MappingProxyType(
    {
        Actor.CALLER: ("提交方（您）", "whoever sent this (you)"),
        Actor.HOLDER: ("证书持有人", "the holder of the certificate"),
        Actor.CA: ("签发该证书或证据的 CA", "the CA that issued it"),
        Actor.OPERATOR: ("本网关的运营方", "the operator of this gateway"),
    }
)
INDICATIONS: Mapping[Indication, tuple[str, str, Words]] = MappingProxyType(
    {
        Indication.TOTAL_PASSED: ("✔", "bold green", ("可以信赖", "Can be relied on")),
        Indication.TOTAL_FAILED: ("✘", "bold red", ("不可信赖", "Not to be relied on")),
        Indication.INDETERMINATE: (
            "?",
            "bold yellow",
            ("无法确认：请勿信赖", "Could not be confirmed: do not rely on it"),
        ),
    }
)
STATUSES: Mapping[RevocationStatus, Words] = MappingProxyType(
    {
        RevocationStatus.GOOD: ("未吊销", "not revoked"),
        RevocationStatus.REVOKED: ("已吊销", "revoked"),
        RevocationStatus.UNKNOWN: ("吊销状态未知", "revocation unknown"),
        RevocationStatus.NOT_CHECKED: ("未查吊销", "revocation not checked"),
    }
)
TRUST_MODELS: Mapping[TrustModel, Words] = MappingProxyType(
    {
        TrustModel.CROSS_CERTIFICATION: ("交叉认证", "cross-certification"),
        TrustModel.TRUST_LIST: ("信任列表", "trust list"),
    }
)
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "fingerprint": "指纹 SHA-256",
        "bytes": "字节数",
        "subject": "主体",
        "issuer": "颁发者",
        "serial_number": "序列号",
        "not_before": "生效时间",
        "not_after": "失效时间",
        "key": "公钥",
        "signature_algorithm": "签名算法",
        "self_issued": "自颁发",
        "version": "版本",
        "identity": "身份标识",
        "kind": "类型",
        "unified_social_credit_code": "统一社会信用代码",
        "organization_code": "组织机构代码",
        "fields": "字段",
        "name": "名称",
        "keys": "身份键",
        "strength": "适用范围",
        "ca_unique_ids": "CA 内标识",
        "findings": "矛盾",
        "value": "值",
        "masked": "掩码",
        "check": "校验",
        "source": "来源",
        "owner": "定义方",
        "problem": "问题",
        "notes": "备注",
        "code": "代码",
        "detail": "细节",
        "this_update": "本次更新",
        "next_update": "下次更新",
        "revoked_count": "吊销条目数",
        "response_status": "响应状态",
        "responder_name": "响应者名称",
        "responder_key_hash": "响应者公钥散列",
        "produced_at": "生成时间",
        "nonce": "随机数",
        "responses": "单项响应",
        "response_count": "单项响应数",
        "certificates": "所附证书",
        "hash_algorithm": "散列算法",
        "issuer_name_hash": "颁发者名称散列",
        "issuer_key_hash": "颁发者公钥散列",
        "status": "状态",
        "revocation_time": "吊销时间",
        "revocation_reason": "吊销原因",
    }
)
"""Chinese names of the fields `inspect` shows; in English they are the fields' own."""
