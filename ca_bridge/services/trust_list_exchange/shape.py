"""The shape of a trust list's plain data: which keys stand where and what kind of value each holds."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from ca_bridge.services.trust_list_exchange.errors import malformed

MAX_TEXT = 4096
MAX_ROWS = 10_000


class Kind(StrEnum):
    """Kinds of values; TEXTS are a list of texts, ROWS a list of records."""

    TEXT = "text"
    NUMBER = "number"
    TEXTS = "texts"
    RECORD = "record"
    ROWS = "rows"


@dataclass(frozen=True, slots=True)
class Field:
    """One key: kind of its value, whether it must stand, the record within, the pattern of its texts."""

    kind: Kind = Kind.TEXT
    required: bool = False
    record: Mapping[str, Field] | None = None
    pattern: re.Pattern[str] | None = None


Shape = Mapping[str, Field]
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]{0,38})){1,63}", re.ASCII)
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_TEXT = Field(required=True)
_OIDS = Field(Kind.TEXTS, pattern=_OID)
_TITLE: Shape = MappingProxyType({"zh": _TEXT, "en": _TEXT})
_PIN: Shape = MappingProxyType({"sha256": Field(required=True, pattern=_SHA256), "name": Field()})
_PINS = Field(Kind.ROWS, required=True, record=_PIN)
_NAME: Shape = MappingProxyType({"type": _TEXT, "value": _TEXT})
_CONDITIONS: Shape = MappingProxyType(
    {
        "purposes": Field(Kind.TEXTS),
        "subject_kinds": Field(Kind.TEXTS),
        "key_algorithms": Field(Kind.TEXTS),
        "permitted_names": Field(Kind.ROWS, record=_NAME),
        "excluded_names": Field(Kind.ROWS, record=_NAME),
        "revocation": Field(),
        "max_status_age_s": Field(Kind.NUMBER),
    }
)
_FORMER: Shape = MappingProxyType(
    {"roots": _PINS, "issuers": _PINS, "since": Field(), "until": Field(), "undated": Field()}
)
ENTRY: Shape = MappingProxyType(
    {
        "entry": Field(required=True, pattern=_IDENTIFIER),
        "title": Field(Kind.RECORD, required=True, record=_TITLE),
        "regulator": _TEXT,
        "authority": _TEXT,
        "status": _TEXT,
        "recognised_from": _TEXT,
        "recognised_until": Field(),
        "roots": _PINS,
        "issuers": _PINS,
        "type_name": _TEXT,
        "policy_arcs": _OIDS,
        "policies": _OIDS,
        "level": Field(),
        "history": Field(Kind.ROWS, record=_FORMER),
        "conditions": Field(Kind.RECORD, record=_CONDITIONS),
        "sources": Field(Kind.TEXTS),
        "confidence": Field(),
    }
)
TRUST_LIST: Shape = MappingProxyType(
    {
        "trust_list": Field(required=True, pattern=_IDENTIFIER),
        "title": Field(Kind.RECORD, required=True, record=_TITLE),
        "territory": _TEXT,
        "scheme_operator": _TEXT,
        "sequence_number": Field(Kind.NUMBER, required=True),
        "issued": _TEXT,
        "next_update": Field(),
        "entries": Field(Kind.ROWS, record=ENTRY),
    }
)


def check_shape(data: Any, shape: Shape, place: str) -> None:
    """Nothing when ``data`` is a record of ``shape``; TrustListRefused (MALFORMED) names the first fault."""
    if not isinstance(data, dict):
        raise malformed(place, "not a record")
    for key in data:
        if key not in shape:
            raise malformed(f"{place}.{key}", "unknown key")
    for key, field in shape.items():
        if key in data:
            _check_value(data[key], field, f"{place}.{key}")
        elif field.required:
            raise malformed(f"{place}.{key}", "missing")


def _check_value(value: Any, field: Field, place: str) -> None:
    if field.kind in (Kind.TEXTS, Kind.ROWS):
        if not isinstance(value, list) or len(value) > MAX_ROWS:
            raise malformed(place, f"not a list of at most {MAX_ROWS}")
        for index, item in enumerate(value):
            _check_item(item, field, f"{place}.{index}")
        return
    _check_item(value, field, place)


def _check_item(value: Any, field: Field, place: str) -> None:
    if field.record is not None:
        check_shape(value, field.record, place)
    elif field.kind is Kind.NUMBER:
        if type(value) is not int or not 0 <= value < 1 << 63:
            raise malformed(place, "not a whole number")
    elif not isinstance(value, str) or len(value) > MAX_TEXT:
        raise malformed(place, f"not a text of at most {MAX_TEXT} characters")
    elif field.pattern is not None and not field.pattern.fullmatch(value):
        raise malformed(place, "not of the right form")
