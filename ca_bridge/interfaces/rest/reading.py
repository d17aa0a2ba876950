"""Request bodies to questions: bounded in bytes, time, type, depth and counts before anything is parsed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from time import monotonic
from typing import Any

from flask import Request

from ca_bridge.core.reasons import service
from ca_bridge.core.reasons.format import PRIVATE_KEY_IN_INPUT
from ca_bridge.core.x509.private_key import looks_like_private_key
from ca_bridge.interfaces.rest.problems import (
    BAD_REQUEST,
    REQUEST_TIMEOUT,
    TOO_LARGE,
    UNSUPPORTED_TYPE,
    UNUSABLE_QUESTION,
    Problem,
)
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.field_values import unusable
from ca_bridge.services.json_line import read_object, refuse_repetition
from ca_bridge.services.validate_certificate import Question

_JSON = re.compile(r'application/json\s*(;\s*charset="?utf-8"?\s*)?', re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_PIECE_BYTES = 1 << 12  # the server waits for a whole piece: small ones let the time be looked at
_DRAINED_BYTES = 32 << 20
_DRAINED_PIECE_BYTES = 1 << 16
MAX_ITEMS = 1_000
MAX_COUNTS = {"intermediates": 256, "crls": 64, "ocsp_responses": 64}
MAX_ID = (1 << 63) - 1
_WHOLE = ("id", "max_path_length")


@dataclass(frozen=True, slots=True, kw_only=True)
class RestLimits:
    """How many bytes a body may have, how long it may take to arrive, and a batch to be judged."""

    request_max_bytes: int = 2 << 20
    batch_max_bytes: int = 16 << 20
    body_timeout_s: float = 10.0
    batch_judging_s: float = 20.0


def read_body(request: Request, max_bytes: int, timeout_s: float) -> dict[str, Any]:
    """The JSON object of the body; Problem when it is of another type, too large, too slow, or not one."""
    try:
        _check_head(request, max_bytes)
        body = _read(request, max_bytes, timeout_s)
    except Problem:
        _drain(request, timeout_s)
        raise
    if not body:
        raise Problem(BAD_REQUEST, "The body is empty; send a JSON object.", "请求体为空，请提交 JSON 对象。")
    try:
        fields = read_object(body, max_bytes)
        refuse_repetition(fields)
    except UnusableQuestion as error:
        raise Problem.of_question(error) from error
    return fields


def _check_head(request: Request, max_bytes: int) -> None:
    if not _JSON.fullmatch(request.headers.get("Content-Type", "").strip()):
        raise Problem(
            UNSUPPORTED_TYPE,
            "Send the header Content-Type: application/json.",
            "请添加请求头 Content-Type: application/json。",
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem(UNSUPPORTED_TYPE, "Send the body without a content encoding.", "请勿压缩请求体。")
    if (request.content_length or 0) > max_bytes:
        raise _too_large(max_bytes)


def _read(request: Request, max_bytes: int, timeout_s: float) -> bytes:
    """The body, piece by piece, so that neither its size nor its slowness is believed beforehand."""
    pieces: list[bytes] = []
    left = max_bytes + 1
    deadline = monotonic() + timeout_s
    while left and (piece := request.stream.read(min(left, _PIECE_BYTES))):
        pieces.append(piece)
        left -= len(piece)
        if monotonic() > deadline:
            raise Problem(
                REQUEST_TIMEOUT,
                f"The body must arrive within {timeout_s:g} seconds.",
                f"请求体须在 {timeout_s:g} 秒内到达。",
            )
    if not left:
        raise _too_large(max_bytes)
    return b"".join(pieces)


def _drain(request: Request, timeout_s: float) -> None:
    """Read on within bounds: a client still sending when the connection closes never sees why.

    RFC 9112 §9.6. A body said to be larger than is worth reading is cut off instead.
    """
    left = _DRAINED_BYTES
    if (request.content_length or 0) > left:
        return
    deadline = monotonic() + timeout_s
    while left > 0 and monotonic() < deadline and (piece := request.stream.read(_DRAINED_PIECE_BYTES)):
        left -= len(piece)


def as_object(item: object) -> dict[str, Any]:
    """``item`` if it is a JSON object; UnusableQuestion otherwise."""
    if not isinstance(item, dict):
        raise UnusableQuestion(service.LINE_NOT_AN_OBJECT)
    return item


def limit_fields(fields: dict[str, Any]) -> None:
    """UnusableQuestion when a list is longer, or an id other, than a remote caller may send.

    Whole numbers written with a fraction of zero become whole numbers: JSON knows no difference.
    """
    for name in _WHOLE:
        number = fields.get(name)
        if type(number) is float and number.is_integer() and abs(number) <= MAX_ID:
            fields[name] = int(number)
    for name, most in MAX_COUNTS.items():
        value = fields.get(name)
        if isinstance(value, list) and len(value) > most:
            raise _too_many(name)
    identity = fields.get("id")
    if isinstance(identity, str) and _SURROGATE.search(identity):
        raise unusable("id", "Unicode (UTF-8)")
    if isinstance(identity, int) and abs(identity) > MAX_ID:
        raise unusable("id", f"-{MAX_ID}..{MAX_ID}")


def limit_question(question: Question) -> None:
    """UnusableQuestion when PEM texts held more than a caller may send, or anything is a private key."""
    evidence = question.evidence
    lists = {
        "intermediates": evidence.certificates,
        "crls": evidence.crls,
        "ocsp_responses": evidence.ocsp_responses,
    }
    for name, ders in lists.items():
        if len(ders) > MAX_COUNTS[name]:
            raise _too_many(name)
    if any(looks_like_private_key(d) for ders in ((question.certificate,), *lists.values()) for d in ders):
        raise UnusableQuestion(PRIVATE_KEY_IN_INPUT)


def named_private_key(error: UnusableQuestion) -> UnusableQuestion:
    """The error, or that a private key was sent when that is what made the PEM text unusable."""
    if ("cause", PRIVATE_KEY_IN_INPUT.code) in error.finding.params:
        return UnusableQuestion(PRIVATE_KEY_IN_INPUT)
    return error


def read_items(fields: dict[str, Any]) -> list[Any]:
    """The questions of a batch; Problem unless ``items`` is a list of 1 to 1,000."""
    items = fields.get("items")
    if fields.keys() != {"items"} or not isinstance(items, list) or not 1 <= len(items) <= MAX_ITEMS:
        raise Problem(
            UNUSABLE_QUESTION,
            f"Send one field, items, with a list of 1 to {MAX_ITEMS} questions.",
            f"请只提交字段 items，内容为 1 至 {MAX_ITEMS} 个问题的列表。",
        )
    return items


def read_material(fields: dict[str, Any]) -> bytes:
    """What to look into; Problem unless ``material`` is all there is and a text in ASCII."""
    material = fields.get("material")
    if fields.keys() != {"material"} or not isinstance(material, str) or not material.isascii():
        raise Problem(
            UNUSABLE_QUESTION,
            "Send one field, material: base64 of DER or PKCS#7, or PEM.",
            "请只提交字段 material：DER 或 PKCS#7 的 Base64，或 PEM 文本。",
        )
    return material.encode("ascii")


def _too_many(name: str) -> UnusableQuestion:
    return UnusableQuestion(service.FIELD_TOO_MANY, field=name, max_count=str(MAX_COUNTS[name]))


def _too_large(max_bytes: int) -> Problem:
    return Problem(TOO_LARGE, f"At most {max_bytes} bytes are read.", f"最多读取 {max_bytes} 字节。")
