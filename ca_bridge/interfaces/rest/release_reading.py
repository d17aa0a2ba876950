"""Requests to commands of releases: bounded before parsing, strict in every member."""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from flask import Request

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.reasons import service as reasons
from ca_bridge.core.reasons.format import PRIVATE_KEY_IN_INPUT
from ca_bridge.core.x509.private_key import looks_like_private_key
from ca_bridge.interfaces.rest.problems import BAD_REQUEST, UNUSABLE_QUESTION, Problem
from ca_bridge.interfaces.rest.reading import MAX_COUNTS, RestLimits, limit_fields, read_body
from ca_bridge.interfaces.rest.release_problems import PRECONDITION_REQUIRED
from ca_bridge.services.binary_field import BinaryFields
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.field_values import read_list, read_text, read_time, unusable, wrong_type
from ca_bridge.services.json_line import refuse_repetition
from ca_bridge.services.manage_recognition.commands import Proof, SecretProof, SignatureProof
from ca_bridge.services.printable import printable
from ca_bridge.services.release_errors import AUTHENTICATION_FAILED, ReleaseRefused

MAX_DRAFT_BYTES = 16 << 20
HIGHEST = (1 << 31) - 1
_BASIC = re.compile(r"[Bb][Aa][Ss][Ii][Cc] +([A-Za-z0-9+/=]{1,8192})", re.ASCII)
_VERSION_TAG = re.compile(r'"([0-9]{1,10})"', re.ASCII)
_RELEASE_TAG = re.compile(r'"([0-9]{1,10}):([0-9a-f]{64})"', re.ASCII)
_BINARY = partial(BinaryFields, remembered=0)
_EVIDENCE = ("intermediates", "crls", "ocsp_responses")
_PROOF = ("account", "nonce", "certificate", "algorithm", "signature", "evidence")


@dataclass(frozen=True, slots=True)
class Members:
    """The members of a body. Each is read by its type; UnusableQuestion or Problem names the one at fault."""

    fields: Mapping[str, Any]

    def allow(self, names: Collection[str]) -> None:
        """Refuse any other member: what is misspelt would go unheeded."""
        unknown = self.fields.keys() - set(names)
        if unknown:
            raise UnusableQuestion(reasons.FIELD_UNKNOWN, field=printable(min(unknown), 64))

    def needed(self, name: str) -> Any:
        """The value, which must be there."""
        value = self.fields.get(name)
        if value is None:
            raise Problem(
                UNUSABLE_QUESTION,
                f"The member {name} is missing.",
                f"缺少字段 {name}。",
                reasons.FIELD_MISSING.code,
            )
        return value

    def text(self, name: str) -> str:
        """A text that must be there."""
        return read_text(name, self.needed(name))

    def note(self, name: str = "note") -> str:
        """A text, "" when absent."""
        value = self.fields.get(name)
        return "" if value is None else read_text(name, value)

    def number(self, name: str) -> int:
        """A whole number from 0 that must be there."""
        value = self.needed(name)
        if type(value) is not int:
            raise wrong_type(name, "integer")
        if not 0 <= value <= HIGHEST:
            raise unusable(name, f"0..{HIGHEST}")
        return value

    def time(self, name: str) -> datetime | None:
        """An RFC 3339 time; None when absent."""
        value = self.fields.get(name)
        return None if value is None else read_time(name, value)

    def object(self, name: str) -> dict[str, Any]:
        """A JSON object that must be there."""
        value = self.needed(name)
        if not isinstance(value, dict):
            raise wrong_type(name, "object")
        return value


def read_members(request: Request, limits: RestLimits, max_bytes: int) -> Members:
    """The body, of at most ``max_bytes``, no member of any of its objects standing twice."""
    fields = read_body(request, max_bytes, limits.body_timeout_s)
    _refuse_all_repetition(fields)
    return Members(fields)


def read_optional_members(request: Request, limits: RestLimits) -> Members:
    """As read_members, for a request that need not have a body."""
    if request.content_length in (None, 0) and "Content-Type" not in request.headers:
        return Members({})
    return read_members(request, limits, limits.request_max_bytes)


def _refuse_all_repetition(fields: dict[str, Any]) -> None:
    waiting: list[Any] = [fields]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            refuse_repetition(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def read_proof(request: Request, members: Members) -> Proof:
    """Who asks: the body's ``proof`` (a signature), else HTTP Basic; AUTHENTICATION_FAILED with neither."""
    if members.fields.get("proof") is None:
        return read_basic(request)
    if "Authorization" in request.headers:
        raise Problem(
            BAD_REQUEST,
            "Send the member proof or the header Authorization, not both.",
            "字段 proof 与请求头 Authorization 只能提供一个。",
        )
    return _read_signature(Members(members.object("proof")))


def read_basic(request: Request) -> SecretProof:
    """Account and secret of HTTP Basic (RFC 7617, UTF-8); AUTHENTICATION_FAILED."""
    match = _BASIC.fullmatch(request.headers.get("Authorization", ""))
    try:
        text = a2b_base64(match[1], strict_mode=True).decode("utf-8") if match else ""
    except ValueError:
        text = ""
    account, colon, secret = text.partition(":")
    if not colon:
        raise ReleaseRefused(AUTHENTICATION_FAILED)
    return SecretProof(account, secret)


def _read_signature(proof: Members) -> SignatureProof:
    proof.allow(_PROOF)
    certificates = _BINARY().decode("certificate", proof.text("certificate"))
    if len(certificates) != 1 or looks_like_private_key(certificates[0]):
        raise unusable("proof.certificate", "DER, PEM")
    return SignatureProof(
        account=proof.text("account"),
        nonce=proof.text("nonce"),
        certificate=certificates[0],
        algorithm=_octets("proof.algorithm", proof.text("algorithm")),
        signature=_octets("proof.signature", proof.text("signature")),
        evidence=_read_evidence(Members(proof.object("evidence")))
        if proof.fields.get("evidence") is not None
        else Evidence(),
    )


def _octets(name: str, text: str) -> bytes:
    try:
        return a2b_base64(text, strict_mode=True)
    except ValueError as error:
        raise UnusableQuestion(reasons.FIELD_NOT_BASE64, field=name) from error


def _read_evidence(evidence: Members) -> Evidence:
    evidence.allow(_EVIDENCE)
    limit_fields(dict(evidence.fields))
    binary = _BINARY()
    certificates, crls, responses = (_ders(binary, evidence, name) for name in _EVIDENCE)
    return Evidence(certificates=certificates, crls=crls, ocsp_responses=responses)


def _ders(binary: BinaryFields, evidence: Members, name: str) -> tuple[bytes, ...]:
    value = evidence.fields.get(name)
    texts = [] if value is None else read_list(name, value, MAX_COUNTS[name])
    ders = tuple(der for text in texts for der in binary.decode(name, text))
    if len(ders) > MAX_COUNTS[name]:
        raise UnusableQuestion(reasons.FIELD_TOO_MANY, field=name, max_count=str(MAX_COUNTS[name]))
    if any(map(looks_like_private_key, ders)):
        raise UnusableQuestion(PRIVATE_KEY_IN_INPUT)
    return ders


def seen_version(request: Request) -> int:
    """The version that If-Match says was seen; Problem without one."""
    return int(_match(request, _VERSION_TAG, '"4"')[1])


def seen_release(request: Request) -> tuple[int, str]:
    """Number and content SHA-256 of the release that If-Match says was seen; Problem without one."""
    match = _match(request, _RELEASE_TAG, '"12:…"')
    return int(match[1]), match[2]


def _match(request: Request, form: re.Pattern[str], example: str) -> re.Match[str]:
    """The one strong entity tag of If-Match (RFC 9110 §13.1.1); ``*`` says nothing of what was seen."""
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        raise Problem(
            PRECONDITION_REQUIRED,
            f"Send the header If-Match with the ETag of what was seen, as {example}.",
            f"请添加请求头 If-Match，内容为所见资源的 ETag，如 {example}。",
        )
    match = form.fullmatch(given)
    if match is None:
        raise Problem(
            BAD_REQUEST,
            f"If-Match takes one ETag as this gateway gave it, as {example}.",
            f"If-Match 须为本网关给出的单个 ETag，如 {example}。",
        )
    return match


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of a GET, each known, and given once."""

    values: Mapping[str, str]

    def number(self, name: str, default: int, lowest: int, highest: int) -> int:
        """A whole number within its bounds."""
        text = self.values.get(name)
        if text is None:
            return default
        value = int(text) if _DIGITS.fullmatch(text) else -1
        if not lowest <= value <= highest:
            raise unusable(name, f"{lowest}..{highest}")
        return value

    def time(self, name: str, default: datetime) -> datetime:
        """An RFC 3339 time."""
        text = self.values.get(name)
        return default if text is None else read_time(name, text)


_DIGITS = re.compile("[0-9]{1,10}", re.ASCII)


def read_query(request: Request, names: Collection[str]) -> Query:
    """The parameters; UnusableQuestion for one that is not among ``names`` or stands twice."""
    for name in request.args:
        if name not in names:
            raise UnusableQuestion(reasons.FIELD_UNKNOWN, field=printable(name, 64))
        if len(request.args.getlist(name)) > 1:
            raise UnusableQuestion(reasons.FIELD_REPEATED, field=name)
    return Query(MappingProxyType(request.args.to_dict()))
