"""GET /openapi.json, and /docs: the same document as a page that needs nothing from elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as Redirect

from ca_bridge.interfaces.rest.json_response import json_response
from ca_bridge.interfaces.rest.openapi import document
from ca_bridge.interfaces.rest.schema_parts import Schema, both

_HERE = Path(__file__).parent
_BASE = re.compile(r"https?://[A-Za-z0-9.:\[\]-]{1,255}")
_DEFAULT_BASE = "http://127.0.0.1:8080"
_PLACE = "\0"
_FILES = frozenset({"certificate", "material"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation as the page shows it."""

    method: str
    path: str
    summary: str
    description: str
    body: str | None
    answers: tuple[tuple[str, str, str | None], ...]
    commands: tuple[tuple[str, str], ...]

    def commands_at(self, base: str) -> list[tuple[str, str]]:
        """What each does, and the command line as it works against the server at ``base``."""
        return [(title, command.replace(_PLACE, base)) for title, command in self.commands]


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of a schema as the page shows it."""

    name: str
    type: str
    links: tuple[str, ...]
    required: bool
    description: str
    choices: tuple[str, ...]


def documentation_routes() -> Blueprint:
    """The blueprint; everything is made once, from the document."""
    routes = Blueprint("documentation", __name__, template_folder=str(_HERE / "templates"))
    api = document()
    tags = [(tag, list(_operations(api, tag["name"]))) for tag in api["tags"]]
    schemas = {
        name: _members(schema)
        for name, schema in api["components"]["schemas"].items()
        if schema.get("type") == "object"
    }
    about = {name: schema.get("description", "") for name, schema in api["components"]["schemas"].items()}
    style = (_HERE / "static" / "docs.css").read_text("utf-8")

    @routes.get("/openapi.json")
    def openapi() -> Response:
        return json_response(api)

    @routes.get("/docs")
    def docs() -> str:
        asked_at = request.host_url.removesuffix("/")
        base = asked_at if _BASE.fullmatch(asked_at) else _DEFAULT_BASE
        known = {"info": api["info"], "tags": tags, "schemas": schemas, "about": about}
        return render_template("docs.html", base=base, **known)

    @routes.get("/docs.css")
    def css() -> Response:
        return Response(style, content_type="text/css; charset=utf-8")

    @routes.get("/")
    def home() -> Redirect:
        return redirect("/docs")

    return routes


def _operations(api: Schema, tag: str) -> Iterator[Operation]:
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            if tag in operation["tags"]:
                yield _operation(path, method, operation)


def _operation(path: str, method: str, operation: Schema) -> Operation:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return Operation(
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        body=None if body is None else _name(body["schema"]),
        answers=tuple(_answers(operation["responses"])),
        commands=tuple(_commands(method, path, operation, None if body is None else body["example"])),
    )


def _answers(responses: Schema) -> Iterator[tuple[str, str, str | None]]:
    """Status, description and schema; statuses answered alike stand together."""
    alike: dict[tuple[str, str | None], list[str]] = {}
    for status, response in responses.items():
        schema = next(iter(response["content"].values()))["schema"]
        alike.setdefault((response["description"], _name(schema)), []).append(status)
    for (description, name), statuses in alike.items():
        yield ", ".join(statuses), description, name


def _name(schema: Schema) -> str | None:
    return schema["$ref"].rsplit("/", 1)[-1] if "$ref" in schema else None


def _commands(method: str, path: str, operation: Schema, example: Any) -> Iterator[tuple[str, str]]:
    """With the example of the document; and with a file of one's own where a certificate is asked for."""
    for parameter in operation["parameters"]:
        if parameter.get("in") == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
    url = f"curl -s{_further(method, operation)} {_quoted(f'{_PLACE}{path}', operation)}"
    if example is None:
        yield "", url
        return
    post = f"{url} -H 'Content-Type: application/json' -d"
    yield both("With the example", "使用示例"), f"{post} '{json.dumps(example)}'"
    field = next(iter(example), "")
    if field in _FILES:
        own = both("With a file of your own, cert.der", "使用自己的文件 cert.der")
        yield own, f'printf \'{{"{field}":"%s"}}\' "$(base64 < cert.der | tr -d \'\\n\')" |\n  {post} @-'


def _quoted(url: str, operation: Schema) -> str:
    """The address with what its query must have; in quotes where a shell would read it."""
    needed = (p for p in operation["parameters"] if p.get("in") == "query" and p["required"])
    query = "&".join(f"{p['name']}={p['example']}" for p in needed)
    return f"'{url}?{query}'" if query else url


def _further(method: str, operation: Schema) -> str:
    """Options for a method that no body tells of, an account where one is needed, and what was seen."""
    account = operation.get("security", [{}])[0]
    seen = next((p for p in operation["parameters"] if p.get("name") == "If-Match"), None)
    parts = ("" if method in {"get", "post"} else f" -X {method.upper()}", " -u ACCOUNT" if account else "")
    return "".join(parts) + ("" if seen is None else f" -H 'If-Match: {seen['example']}'")


def _members(schema: Schema) -> list[Member]:
    required = set(schema.get("required", ()))
    return [
        _member(name, value, required=name in required)
        for name, value in schema.get("properties", {}).items()
    ]


def _member(name: str, schema: Schema, *, required: bool) -> Member:
    refs = tuple(sorted(set(_refs(schema))))
    kind = schema.get("type", "")
    kinds = kind if isinstance(kind, list) else [kind]
    choices = schema.get("enum", schema.get("items", {}).get("enum", ()))
    return Member(
        name=name,
        type=" | ".join(k for k in kinds if k),
        links=refs,
        required=required,
        description=schema.get("description", ""),
        choices=tuple(str(c) for c in choices if c is not None),
    )


def _refs(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref":
                yield value.rsplit("/", 1)[-1]
            else:
                yield from _refs(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _refs(value)
