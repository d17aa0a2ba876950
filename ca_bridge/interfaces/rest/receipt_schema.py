"""Schemas of receipts, of the log they stand in, and of the keys that sign them."""

from __future__ import annotations

from ca_bridge.interfaces.rest.schema_parts import Schema, array, choice, record, ref, sha256, text, whole


def components() -> Schema:
    """All of them by name."""
    return {
        "Receipt": receipt(),
        "StatementSignature": _signature(),
        "PublicKeys": _public_keys(),
        "PublicKey": _public_key(),
        "ConsistencyProof": _consistency(),
        "InclusionProof": _inclusion(),
    }


def receipt() -> Schema:
    """A receipt; docs/receipts.md says how it is verified."""
    log = record(
        "Where the statement stands in the log.",
        "陈述在日志中的位置。",
        {
            "origin": text("Name of the log.", "日志名称。"),
            "index": whole("Index of the entry, from 0.", "条目序号，从 0 起。", minimum=0),
            "tree_size": whole("Entries under the checkpoint.", "检查点覆盖的条目数。", minimum=1),
            "inclusion_proof": _hashes("RFC 9162 2.1.3: hashes from the leaf upwards.", "包含证明。"),
            "checkpoint": text("A signed note, C2SP tlog-checkpoint.", "签名检查点。"),
        },
    )
    statement: Schema = {"type": "object", "description": "The entry of the log. / 日志条目。"}
    return record(
        "A verdict that can be proved later, offline. Its file is exactly the RFC 8785 form.",
        "可离线验证的判定回执，文件须为 RFC 8785 规范形式。",
        {
            "ca_bridge_receipt": whole("Of this format: 1.", "格式版本：1。", minimum=1, maximum=1),
            "statement": statement,
            "log": log,
            "signatures": array(
                ref("StatementSignature"), "Over the checkpoint.", "对检查点的签名。", minItems=1
            ),
        },
    )


def _signature() -> Schema:
    return record(
        "One signature over the checkpoint's text.",
        "对检查点文本的签名。",
        {
            "form": choice(("jws", "gbt35275"), "How it is wrapped.", "封装形式。"),
            "key_id": text("Name of the key.", "密钥名称。"),
            "algorithm": choice(("ES256", "EdDSA", "SM2-SM3"), "Algorithm.", "签名算法。"),
            "value": text(
                "Compact JWS, or base64 of DER SignedData.", "紧凑 JWS，或 DER SignedData 的 Base64。"
            ),
        },
    )


def _public_keys() -> Schema:
    return record(
        "The keys that receipts and checkpoints are verified with; retired ones too.",
        "用于验证回执与检查点的公钥，含已退役者。",
        {
            "origin": text("Name of the log.", "日志名称。"),
            "keys": array(ref("PublicKey"), "The keys.", "公钥。"),
        },
    )


def _public_key() -> Schema:
    return record(
        "One key.",
        "一个密钥。",
        {
            "key_id": text("Its name, for ever.", "永久名称。"),
            "use": text("What it signs.", "用途。"),
            "algorithm": text("Its one algorithm.", "唯一的签名算法。"),
            "spki": text("SubjectPublicKeyInfo, base64 of DER.", "SubjectPublicKeyInfo（DER 的 Base64）。"),
            "custody": text(
                "Where the private key is while it signs: token, token-wrapped-process-use, process.",
                "签名时私钥所在：密码设备内、设备加密保存而在进程中使用、进程内。",
            ),
            "state": choice(("next", "current", "retired", "destroyed"), "Its state.", "状态。"),
        },
    )


def _consistency() -> Schema:
    return record(
        "That a later log holds an earlier one unchanged, RFC 9162 2.1.4.",
        "后一状态完整包含前一状态的证明。",
        {
            "first": whole("Size of the earlier.", "前一大小。", minimum=0),
            "second": whole("Size of the later.", "后一大小。", minimum=0),
            "proof": _hashes("The proof.", "证明。"),
        },
    )


def _inclusion() -> Schema:
    return record(
        "That an entry stands in the log, RFC 9162 2.1.3.",
        "条目包含于日志的证明。",
        {
            "index": whole("Index of the entry.", "条目序号。", minimum=0),
            "tree_size": whole("Size of the log.", "日志大小。", minimum=1),
            "leaf_hash": sha256("Hash of the entry.", "条目哈希。"),
            "proof": _hashes("The proof.", "证明。"),
        },
    )


def _hashes(en: str, zh: str) -> Schema:
    return array(sha256("A hash.", "哈希。"), en, zh, maxItems=128)
