"""Scalar fields of a question, each read strictly: the right type and a usable value, or refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache, partial
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any, TypeVar

from ca_bridge.core.reasons import service as reasons
from ca_bridge.core.request import KeyUsageBit, Purpose, RevocationRule
from ca_bridge.services.errors import UnusableQuestion

_Choice = TypeVar("_Choice", bound=StrEnum)
_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d):(\d\d)(?:\.(\d{1,9}))?(Z|z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII
)
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_DNS_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_IPV6 = re.compile(r"[0-9A-Fa-f:.]{2,45}", re.ASCII)
STANDARD_KEY_USAGE: Mapping[str, str] = MappingProxyType(
    {
        "digitalSignature": "digital_signature",
        "nonRepudiation": "content_commitment",
        "contentCommitment": "content_commitment",
        "keyEncipherment": "key_encipherment",
        "dataEncipherment": "data_encipherment",
        "keyAgreement": "key_agreement",
        "keyCertSign": "key_cert_sign",
        "cRLSign": "crl_sign",
        "encipherOnly": "encipher_only",
        "decipherOnly": "decipher_only",
    }
)
_OID = re.compile(r"(?:[01]\.(?:[1-3]?[0-9])|2\.(?:0|[1-9]\d*))(?:\.(?:0|[1-9]\d*))*", re.ASCII)
_LEVEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
_DOMAIN = re.compile(r"[\x20-\x7e]{1,64}", re.ASCII)
_SITE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}", re.ASCII)
_MAX_POLICIES = 1_000
_MAX_OID_CHARS = 128
_MAX_DNS_CHARS = 253
_MAX_LENGTH = 1_000_000
PROFILES = ("default", "legacy")


def wrong_type(field: str, expected: str) -> UnusableQuestion:
    """The error for a value of another JSON type."""
    return UnusableQuestion(reasons.FIELD_WRONG_TYPE, field=field, expected=expected)


def unusable(field: str, expected: str) -> UnusableQuestion:
    """The error for a value of the right type that means nothing here."""
    return UnusableQuestion(reasons.FIELD_VALUE_UNUSABLE, field=field, expected=expected)


def read_text(field: str, value: Any) -> str:
    """A JSON string."""
    if type(value) is not str:
        raise wrong_type(field, "string")
    return value


def read_list(field: str, value: Any, max_count: int) -> list[str]:
    """A JSON array of strings, at most ``max_count``."""
    if type(value) is not list:
        raise wrong_type(field, "[string]")
    if len(value) > max_count:
        raise UnusableQuestion(reasons.FIELD_TOO_MANY, field=field, max_count=str(max_count))
    for item in value:
        if type(item) is not str:
            raise wrong_type(field, "[string]")
    return value


def read_flag(field: str, value: Any) -> bool:
    """A JSON boolean."""
    if type(value) is not bool:
        raise wrong_type(field, "true, false")
    return value


def read_length(field: str, value: Any) -> int:
    """A whole number from 0 to a million."""
    if type(value) is not int:
        raise wrong_type(field, "integer")
    if not 0 <= value <= _MAX_LENGTH:
        raise unusable(field, f"0..{_MAX_LENGTH}")
    return value


def _choice(kind: type[_Choice], field: str, value: Any) -> _Choice:
    try:
        return kind(read_text(field, value))
    except ValueError as error:
        raise unusable(field, ", ".join(kind)) from error


def read_time(field: str, value: Any) -> datetime:
    """An RFC 3339 time, in UTC."""
    time = _parse_time(read_text(field, value))
    if time is None:
        raise unusable(field, "RFC 3339 (2026-01-31T12:00:00Z)")
    return time


@lru_cache(maxsize=256)
def _parse_time(text: str) -> datetime | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    day, minute, second, fraction, offset = match.groups()
    if second == "60":  # a leap second (RFC 3339 §5.7) is the last instant of its minute
        second, fraction = "59", "999999"
    micros = (fraction or "0")[:6].ljust(6, "0")
    try:
        time = datetime.fromisoformat(f"{day}T{minute}:{second}.{micros}{offset.upper()}")
        return time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_dns_name(field: str, value: Any) -> str:
    """A host name in ASCII (A-labels), the root's dot taken off, or an IP address (no zone)."""
    name = read_text(field, value).removesuffix(".")
    if _IPV6.fullmatch(name) and _is_address(name):
        return name
    if len(name) > _MAX_DNS_CHARS or not _DNS_NAME.fullmatch(name):
        raise unusable(field, "DNS, ASCII (xn--)")
    return name


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def read_key_usage(field: str, value: Any) -> frozenset[KeyUsageBit]:
    """Names of keyUsage bits, in this contract's spelling or that of RFC 5280 §4.2.1.3."""
    names = read_list(field, value, 64)
    return frozenset(_choice(KeyUsageBit, field, STANDARD_KEY_USAGE.get(name, name)) for name in names)


def read_policies(field: str, value: Any) -> frozenset[str]:
    """Dotted policy OIDs; an empty list accepts no policy at all (RFC 5280 §6.1.1 (c))."""
    oids = read_list(field, value, _MAX_POLICIES)
    for oid in oids:
        if len(oid) > _MAX_OID_CHARS or not _OID.fullmatch(oid):
            raise unusable(field, "OID (2.5.29.32.0)")
    return frozenset(oids)


def read_profile(field: str, value: Any) -> str:
    """Name of an algorithm profile callers may ask for."""
    name = read_text(field, value)
    if name not in PROFILES:
        raise unusable(field, ", ".join(PROFILES))
    return name


def read_level(field: str, value: Any) -> str:
    """What may be the name of an assurance level; whether the domain's scale has it, the verdict says."""
    name = read_text(field, value)
    if not _LEVEL.fullmatch(name):
        raise unusable(field, "A-Z a-z 0-9 . _ -, 1..63")
    return name


def read_domain(field: str, value: Any) -> str:
    """What may be the name of a trust domain."""
    name = read_text(field, value)
    if not _DOMAIN.fullmatch(name):
        raise unusable(field, "ASCII, 1..64")
    return name


def read_site(field: str, value: Any) -> str:
    """The caller's label for where it asks from: no place for anything about a person."""
    site = read_text(field, value)
    if not _SITE.fullmatch(site):
        raise unusable(field, "A-Z a-z 0-9 . _ : / -, 1..64")
    return site


PARAMETER_READERS: tuple[tuple[str, Callable[[str, Any], Any]], ...] = (
    ("validation_time", read_time),
    ("purpose", partial(_choice, Purpose)),
    ("dns_name", read_dns_name),
    ("key_usage", read_key_usage),
    ("revocation", partial(_choice, RevocationRule)),
    ("user_initial_policy_set", read_policies),
    ("initial_explicit_policy", read_flag),
    ("initial_policy_mapping_inhibit", read_flag),
    ("initial_any_policy_inhibit", read_flag),
    ("max_path_length", read_length),
    ("algorithm_profile", read_profile),
    ("assurance_level", read_level),
    ("identity_required", read_flag),
)
"""Fields of Parameters, named alike, in the order they are read."""
