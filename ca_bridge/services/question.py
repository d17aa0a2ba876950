"""The fields of the batch contract to a Question (docs/batch.md); the REST door reads the same ones."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.reasons import service as reasons
from ca_bridge.core.request import Parameters
from ca_bridge.services.binary_field import BinaryFields
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.field_values import (
    PARAMETER_READERS,
    read_domain,
    read_flag,
    read_list,
    read_site,
    read_text,
    wrong_type,
)
from ca_bridge.services.json_line import refuse_repetition
from ca_bridge.services.printable import printable
from ca_bridge.services.validate_certificate import Question

MAX_CERTIFICATES = 10_000
MAX_CRLS = 1_000
MAX_OCSP_RESPONSES = 1_000
_LISTS = (
    ("intermediates", MAX_CERTIFICATES),
    ("crls", MAX_CRLS),
    ("ocsp_responses", MAX_OCSP_RESPONSES),
)
_MAX_ANCHORS = 1_000
_MAX_ID_CHARS = 1_024
_ID_TYPE = f"string (1..{_MAX_ID_CHARS}), integer"
_PARAMETERS = tuple([name for name, _ in PARAMETER_READERS])
_PLAIN = frozenset({str, int, bool, type(None)})
FIELDS = frozenset(
    {"id", "certificate", "trust_anchors", "domain", "site", *_PARAMETERS} | {name for name, _ in _LISTS}
)
REQUEST_FIELDS = FIELDS | {"receipt"}
"""What a remote caller may send: a batch line has no receipt, for nobody keeps its decision."""


def identity_of(fields: dict[str, Any]) -> str | int | None:
    """The line's id when it can be echoed: a text of up to 1,024 characters or a whole number."""
    value = fields.get("id")
    return value if type(value) is int or (type(value) is str and 0 < len(value) <= _MAX_ID_CHARS) else None


def receipt_wanted(fields: dict[str, Any]) -> bool:
    """Whether the caller asks for a receipt of the verdict; UnusableQuestion unless a boolean or null."""
    value = fields.get("receipt")
    return value is not None and read_flag("receipt", value)


class QuestionReader:
    """Reads questions from decoded JSON objects, strictly; null means the field is left out."""

    def __init__(self, binary: BinaryFields | None = None) -> None:
        self._binary = binary or BinaryFields()

    def read_line(self, fields: dict[str, Any], now: datetime) -> Question:
        """A batch line: ``id`` is needed, trust anchors are taken. Raises UnusableQuestion."""
        refuse_repetition(fields)
        if fields.get("id") is None:
            raise UnusableQuestion(reasons.FIELD_MISSING, field="id")
        if identity_of(fields) is None:
            raise wrong_type("id", _ID_TYPE)
        return self._read(fields, now, FIELDS)

    def read_request(self, fields: dict[str, Any], now: datetime) -> Question:
        """A remote caller's question: as a line, without trust anchors; ``id`` may be left out."""
        refuse_repetition(fields)
        if "trust_anchors" in fields:
            raise UnusableQuestion(reasons.FIELD_NOT_TAKEN, field="trust_anchors")
        if fields.get("id") is not None and identity_of(fields) is None:
            raise wrong_type("id", _ID_TYPE)
        receipt_wanted(fields)
        return self._read(fields, now, REQUEST_FIELDS)

    def _read(self, fields: dict[str, Any], now: datetime, known: frozenset[str]) -> Question:
        if not fields.keys() <= known:
            unknown = min(fields.keys() - known)
            raise UnusableQuestion(reasons.FIELD_UNKNOWN, field=printable(unknown, 64))
        certificate = self._certificate(fields.get("certificate"))
        intermediates, crls, responses = (self._binary_list(fields, name, most) for name, most in _LISTS)
        anchors = None
        if fields.get("trust_anchors") is not None:
            anchors = self._binary_list(fields, "trust_anchors", _MAX_ANCHORS)
        domain, site = fields.get("domain"), fields.get("site")
        return Question(
            certificate=certificate,
            evidence=Evidence(certificates=intermediates, crls=crls, ocsp_responses=responses),
            parameters=read_parameters(fields, now),
            trust_anchors=anchors,
            domain=None if domain is None else read_domain("domain", domain),
            site="" if site is None else read_site("site", site),
        )

    def _certificate(self, value: Any) -> bytes:
        if value is None:
            raise UnusableQuestion(reasons.FIELD_MISSING, field="certificate")
        ders = self._binary.decode("certificate", read_text("certificate", value))
        if len(ders) != 1:
            raise UnusableQuestion(
                reasons.FIELD_PEM_UNUSABLE, field="certificate", cause=f"{len(ders)} certificates"
            )
        return ders[0]

    def _binary_list(self, fields: dict[str, Any], name: str, max_count: int) -> tuple[bytes, ...]:
        value = fields.get(name)
        if not value and (value is None or type(value) is list):
            return ()
        ders = [der for text in read_list(name, value, max_count) for der in self._binary.decode(name, text)]
        if len(ders) > max_count:
            raise UnusableQuestion(reasons.FIELD_TOO_MANY, field=name, max_count=str(max_count))
        return tuple(ders)


def read_parameters(fields: dict[str, Any], now: datetime) -> Parameters:
    """The parameter fields among ``fields``; ``now`` is the validation time when none is given."""
    values = tuple([fields.get(name) for name in _PARAMETERS])
    if fields.get("validation_time") is None or not _PLAIN.issuperset(map(type, values)):
        return _parameters(values, now)
    return _remembered_parameters(*values)


def _parameters(values: tuple[Any, ...], now: datetime | None = None) -> Parameters:
    given: dict[str, Any] = {"validation_time": now}
    for (name, read), value in zip(PARAMETER_READERS, values, strict=True):
        if value is not None:
            given[name] = read(name, value)
    return Parameters(**given)


@lru_cache(maxsize=256, typed=True)
def _remembered_parameters(*values: Any) -> Parameters:
    """Lines of one batch often ask the same; values that are refused are not remembered."""
    return _parameters(values)
