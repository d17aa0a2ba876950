"""The log, its keys and the bridge CA's files in the OpenAPI document."""

from __future__ import annotations

from ca_bridge.interfaces.rest.schema_parts import Schema, both, ref

TAG: Schema = {"name": "log", "description": both("Keys, heads and proofs", "公钥、检查点与证明")}
_READ = (400, 404, 405, 414, 500, 503)


def log_paths() -> Schema:
    """All of them."""
    return {
        "/v1/keys": {
            "get": _get("getKeys", "Public keys of receipts and log", "回执与日志的公钥", _json("PublicKeys"))
        },
        "/v1/log/checkpoint": {
            "get": _get("getCheckpoint", "Latest signed head of the log", "最新的签名检查点", _CHECKPOINT)
        },
        "/v1/log/consistency": {
            "get": _get(
                "getConsistency",
                "That a later log holds an earlier one",
                "一致性证明",
                _json("ConsistencyProof"),
                ("first", "second"),
            )
        },
        "/v1/log/inclusion": {
            "get": _get(
                "getInclusion",
                "That an entry stands in the log",
                "包含证明",
                _json("InclusionProof"),
                ("index", "tree_size"),
            )
        },
        "/pki/{name}": {"get": _pki()},
    }


_CHECKPOINT: Schema = {"text/plain": {"schema": {"type": "string", "description": "C2SP tlog-checkpoint."}}}


def _json(name: str) -> Schema:
    return {"application/json": {"schema": ref(name)}}


def _get(name: str, en: str, zh: str, content: Schema, numbers: tuple[str, ...] = ()) -> Schema:
    problem = {"application/problem+json": {"schema": ref("Problem")}}
    responses = {"200": _answer(both(en, zh), content)}
    responses |= {str(s): _answer(both("Problem document", "问题文档"), problem) for s in _READ}
    return {
        "operationId": name,
        "tags": ["log"],
        "summary": both(en, zh),
        "parameters": [{"$ref": "#/components/parameters/RequestId"}, *map(_number, numbers)],
        "responses": responses,
    }


def _answer(description: str, content: Schema) -> Schema:
    headers = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    return {"description": description, "headers": headers, "content": content}


def _number(name: str) -> Schema:
    return {
        "name": name,
        "in": "query",
        "required": True,
        "description": both("A whole number.", "整数。"),
        "schema": {"type": "integer", "minimum": 0, "maximum": (1 << 53) - 1},
        "example": 0 if name in {"first", "index"} else 1,
    }


def _pki() -> Schema:
    binary = {"schema": {"type": "string", "format": "binary"}}
    kinds = ("application/pkix-cert", "application/pkix-crl", "application/pkcs7-mime")
    operation = _get("getPki", "A file of the bridge CA", "桥 CA 发布的文件", dict.fromkeys(kinds, binary))
    operation["parameters"].append(
        {
            "name": "name",
            "in": "path",
            "required": True,
            "description": both("Its name.", "文件名。"),
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
            "example": "bridge.crl",
        }
    )
    return operation
