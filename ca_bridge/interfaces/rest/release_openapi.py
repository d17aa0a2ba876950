"""Paths of releases in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from ca_bridge.interfaces.rest.release_schema import IDENTIFIER, RELEASE_ID
from ca_bridge.interfaces.rest.schema_parts import Schema, both, ref

SECURITY_SCHEMES: Schema = {
    "account": {
        "type": "http",
        "scheme": "basic",
        "description": both(
            "A local account and its secret. Failed attempts are bounded.", "本地账号及其密钥；失败次数受限。"
        ),
    }
}
TAGS = (
    {"name": "releases", "description": both("Life of a change", "变更的生命周期")},
    {"name": "recognition", "description": both("What is in force", "生效的内容")},
)
_OPEN: Schema = {}
_ACCOUNT: Schema = {"account": []}
_READ, _STEP = (400, 401, 403, 404, 405, 414, 429, 500, 503), (408, 409, 413, 415, 422)
_TEXTS = {
    "amend": ("Put other documents in a draft", "更新草案", "DraftBody"),
    "lint": ("Check the documents", "检查文件", "StepBody"),
    "simulate": ("Find out what it would change", "模拟变更影响", "StepBody"),
    "submit": ("Ask for approval", "提请批准", "SubmitBody"),
    "approve": ("Say yes to what was seen", "批准所见内容", "ApproveBody"),
    "reject": ("Say no, and why", "拒绝", "RejectBody"),
    "withdraw": ("Take back what is not in force yet", "撤回尚未生效的变更", "WithdrawBody"),
}


_CONTENT = {"content_sha256": "0" * 64}
_NOTE = {"note": "Add the agreement with Macau / 增加与澳门的协议"}
_START = {"effective_from": "2027-01-01T00:00:00Z"}
_EXAMPLES: Schema = {
    "DraftBody": {"documents": {}, "base": 0, **_NOTE},
    "StepBody": {},
    "SubmitBody": _CONTENT | _START,
    "ApproveBody": _CONTENT,
    "RejectBody": _CONTENT | _NOTE,
    "WithdrawBody": _CONTENT,
    "RollBackBody": {"to": 1, **_START},
    "PutBody": {"document": {}, **_NOTE},
    "DeleteBody": _NOTE,
}


def release_paths() -> Schema:
    """All paths of releases, agreements, trust lists, the blocklist and the trail."""
    steps = {f"/v1/releases/{{number}}:{name}": {"post": _step(name)} for name in _TEXTS}
    return _release_looks() | _new_releases() | steps | _recognition()


def _release_looks() -> Schema:
    one = [_number_parameter()]
    return {
        "/v1/releases/effective": {
            "get": _look("getEffectiveRelease", "EffectiveRelease", "In force", "生效的版本", [_at()])
        },
        "/v1/releases/{number}": {
            "get": _tagged(_look("getRelease", "Release", "One release", "单个发布版本", one))
        },
        "/v1/releases/{number}/documents": {
            "get": _tagged(_look("getReleaseDocuments", "ReleaseDocuments", "Its documents", "其文件", one))
        },
        "/v1/releases/{number}/difference": {
            "get": _look(
                "getReleaseDifference", "ReleaseDifference", "What it changes", "其变化", [*one, _against()]
            )
        },
        "/v1/releases/{number}/reach": {
            "get": _look(
                "getReleaseReach",
                "ReleaseReach",
                "Which CA pairs it connects, parts, raises or lowers",
                "其对可达关系的影响",
                [*one, _reach_against()],
            )
        },
        "/v1/trail": {
            "get": _look(
                "getTrail", "Trail", "The audit trail, for auditors", "审计记录", [_after(), _limit(500)]
            )
        },
    }


def _new_releases() -> Schema:
    return {
        "/v1/releases": {
            "get": _look("listReleases", "Releases", "Releases", "发布版本", [_before(), _limit(500)]),
            "post": _made("draftRelease", "releases", "DraftBody", ("Lay down a draft", "起草")),
        },
        "/v1/releases:rollBack": {
            "post": _made("rollBackRelease", "releases", "RollBackBody", ("Go back to a release", "回退"))
        },
    }


def _recognition() -> Schema:
    paths: Schema = {}
    for path, name, en, zh in (
        ("agreements", "Agreement", "agreement", "协议"),
        ("trust-lists", "TrustList", "trust list", "信任列表"),
        ("blocklist", "Block", "block", "封禁记录"),
    ):
        answer = "Blocklist" if name == "Block" else f"{name}s"
        paging = [_at(), _offset(), _limit(1_000)]
        listed = _look(f"list{answer}", answer, f"Every {en} in force", f"生效的{zh}", paging)
        paths[f"/v1/{path}"] = {"get": _public(_tagged(listed, RELEASE_ID))}
        paths[f"/v1/{path}/{{identifier}}"] = {
            "put": _change(f"put{name}", "PutBody", (f"Draft that puts one {en}", f"起草：放入{zh}")),
            "delete": _change(f"delete{name}", "DeleteBody", (f"Draft without one {en}", f"起草：去除{zh}")),
        }
        if name != "Block":
            one = _look(f"get{name}", f"{name}InForce", f"One {en}", zh, [_identifier(), _at()])
            paths[f"/v1/{path}/{{identifier}}"]["get"] = _public(_tagged(one, RELEASE_ID))
    return paths


def _step(name: str) -> Schema:
    en, zh, body = _TEXTS[name]
    operation = _operation(f"{name}Release", "releases", both(en, zh), [_number_parameter(), _if_match()])
    operation["requestBody"] = _body(body, required=True)
    operation["responses"] |= {"200": _answer(both(en, zh), "Release")} | _problems(*_STEP, 412, 428)
    return _tagged(operation)


def _made(name: str, tag: str, body: str, texts: tuple[str, str]) -> Schema:
    """An operation that makes a release."""
    operation = _operation(name, tag, both(*texts), [])
    operation["requestBody"] = _body(body, required=True)
    created = _answer(both("The new release", "新的发布版本"), "Release")
    created["headers"] |= {
        "Location": {"schema": {"type": "string"}, "description": both("Where it is.", "其路径。")}
    }
    operation["responses"] |= {"201": created} | _problems(*_STEP)
    return _tagged(operation, status="201")


def _change(name: str, body: str, texts: tuple[str, str]) -> Schema:
    operation = _made(name, "recognition", body, texts)
    operation["parameters"] += [_identifier(), _if_match(RELEASE_ID)]
    operation["requestBody"]["required"] = body == "PutBody"
    operation["responses"] |= _problems(412, 428)
    return operation


def _look(name: str, answer: str, en: str, zh: str, parameters: list[Schema]) -> Schema:
    operation = _operation(name, "releases", both(en, zh), parameters)
    operation["responses"]["200"] = _answer(both(en, zh), answer)
    return operation


def _public(operation: Schema) -> Schema:
    """For anybody; who proves an account may see more."""
    return operation | {"tags": ["recognition"], "security": [_OPEN, _ACCOUNT]}


def _operation(name: str, tag: str, summary: str, parameters: list[Schema]) -> Schema:
    return {
        "operationId": name,
        "tags": [tag],
        "summary": summary,
        "security": [_ACCOUNT] if name.startswith(("list", "get")) else [_ACCOUNT, _OPEN],
        "parameters": [{"$ref": "#/components/parameters/RequestId"}, *parameters],
        "responses": _problems(*_READ),
    }


def _body(name: str, *, required: bool) -> Schema:
    return {
        "required": required,
        "content": {"application/json": {"schema": ref(name), "example": _EXAMPLES[name]}},
    }


def _answer(description: str, name: str) -> Schema:
    return {
        "description": description,
        "headers": {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}},
        "content": {"application/json": {"schema": ref(name)}},
    }


def _problems(*statuses: int) -> Schema:
    content = {"application/problem+json": {"schema": ref("ReleaseProblem")}}
    made: Schema = {}
    for status in statuses:
        answer = _answer(both("Problem document", "问题文档"), "ReleaseProblem") | {"content": content}
        if status in _HEADERS:
            name, en, zh = _HEADERS[status]
            answer["headers"] |= {name: {"schema": {"type": "string"}, "description": both(en, zh)}}
        made[str(status)] = answer
    return made


_HEADERS = {
    401: ("WWW-Authenticate", "HTTP Basic, UTF-8.", "HTTP Basic，UTF-8。"),
    429: ("Retry-After", "Seconds.", "秒数。"),
    503: ("Retry-After", "Seconds.", "秒数。"),
}


def _tagged(operation: Schema, pattern: str = "^[0-9]+$", status: str = "200") -> Schema:
    """With the ETag that If-Match of the next step takes."""
    inner = pattern.removeprefix("^").removesuffix("$")
    operation["responses"][status]["headers"]["ETag"] = {
        "schema": {"type": "string", "pattern": f'^"{inner}"$'},
        "description": both("For If-Match of the next step.", "用于下一步的 If-Match。"),
    }
    return operation


def _parameter(name: str, where: str, texts: tuple[str, str], schema: Schema, **more: Any) -> Schema:
    return {
        "name": name,
        "in": where,
        "required": where == "path",
        "description": both(*texts),
        "schema": schema,
        **more,
    }


def _whole(lowest: int, highest: int = (1 << 31) - 1) -> Schema:
    return {"type": "integer", "minimum": lowest, "maximum": highest}


def _number_parameter() -> Schema:
    return _parameter("number", "path", ("Of the release.", "发布版本编号。"), _whole(1), example=1)


def _identifier() -> Schema:
    schema = {"type": "string", "pattern": IDENTIFIER}
    return _parameter("identifier", "path", ("Its name.", "名称。"), schema, example="gd-hk")


def _if_match(pattern: str = "^[0-9]+$") -> Schema:
    inner = pattern.removeprefix("^").removesuffix("$")
    texts = ("ETag of what was seen; without it 428.", "所见资源的 ETag；缺少时返回 428。")
    schema = {"type": "string", "pattern": f'^"{inner}"$'}
    example = '"4"' if pattern == "^[0-9]+$" else f'"1:{"0" * 64}"'
    return _parameter("If-Match", "header", texts, schema, example=example) | {"required": True}


def _before() -> Schema:
    return _parameter("before", "query", ("Numbers below this one.", "小于该编号。"), _whole(1))


def _after() -> Schema:
    return _parameter("after", "query", ("Rows after this one.", "该行之后。"), _whole(0))


def _offset() -> Schema:
    return _parameter("offset", "query", ("Rows left out.", "跳过的行数。"), _whole(0))


def _limit(most: int) -> Schema:
    return _parameter("limit", "query", ("Rows of a page.", "每页行数。"), _whole(1, most))


def _against() -> Schema:
    return _parameter("against", "query", ("Instead of its base; 0 = nothing.", "对比的版本。"), _whole(0))


def _reach_against() -> Schema:
    texts = ("Instead of what is in force; 0 = the policies folder.", "对比的版本；0 为策略目录。")
    return _parameter("against", "query", texts, _whole(0))


def _at() -> Schema:
    schema = {"type": "string", "format": "date-time"}
    return _parameter("at", "query", ("Instant; default now.", "时刻，默认为现在。"), schema)
