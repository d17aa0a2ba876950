"""Schemas of agreements, trust lists and the blocklist in force, and of changing one of them."""

from __future__ import annotations

from ca_bridge.core.recognition.blocklist import BlockKind
from ca_bridge.interfaces.rest.release_schema import body, note, release_id
from ca_bridge.interfaces.rest.schema_parts import Schema, array, both, nullable, record, ref, utc, whole


def components() -> Schema:
    """All of them by name."""
    return {
        "Agreement": _document("agreement", "agreement", "协议"),
        "TrustList": _document("trust_list", "trust list", "信任列表"),
        "Block": _block(),
        "Agreements": _listing("agreements", "Agreement", "Agreements in force.", "生效的协议。"),
        "TrustLists": _listing("trust_lists", "TrustList", "Trust lists in force.", "生效的信任列表。"),
        "Blocklist": _listing("blocks", "Block", "The blocklist in force.", "生效的黑名单。"),
        "AgreementInForce": _one("agreement", "Agreement", "One agreement.", "一份协议。"),
        "TrustListInForce": _one("trust_list", "TrustList", "One trust list.", "一份信任列表。"),
        "PutBody": _put_body(),
        "DeleteBody": body("Why, where it is said.", "备注。", {"note": note()}, ("note",)),
    }


def _about() -> Schema:
    return {"release_id": release_id(), "at": utc("In force at.", "生效时刻。")}


def _listing(member: str, name: str, en: str, zh: str) -> Schema:
    following = nullable(whole("`offset` of the next page; null = none.", "下一页的 offset。", minimum=1))
    return record(en, zh, _about() | {member: array(ref(name), en, zh), "next_offset": following})


def _one(member: str, name: str, en: str, zh: str) -> Schema:
    return record(en, zh, _about() | {member: ref(name)})


def _document(member: str, en: str, zh: str) -> Schema:
    """Its own schema is a file of the policies; here what every one has."""
    file = f"policies/schema/{member.replace('_', '-')}.schema.json"
    return {
        "type": "object",
        "description": both(f"One {en} as in {file}.", f"一份{zh}，结构见 {file}。"),
        "required": [member],
        "additionalProperties": True,
    }


def _block() -> Schema:
    value = {
        "type": ["string", "null"],
        "description": both(
            "null: whose identity it is only operators and auditors see.",
            "null：仅运维与审计可见持有人身份。",
        ),
    }
    kind = {"description": both(f"One of {', '.join(BlockKind)}.", "种类。")}
    return _document("block", "block", "封禁记录") | {
        "description": both(
            "One block as in policies/schema/blocklist.schema.json.",
            "一条封禁记录，结构见 policies/schema/blocklist.schema.json。",
        ),
        "properties": {"value": value, "kind": kind},
    }


def _put_body() -> Schema:
    document = {
        "type": "object",
        "description": both("The agreement, trust list or block.", "协议、信任列表或封禁记录。"),
        "additionalProperties": True,
    }
    return body("What is put.", "放入的内容。", {"document": document, "note": note()}, ("note",))
