"""Times and names of policy documents, read strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from ipaddress import ip_network
from types import MappingProxyType
from typing import Any

from cryptography import x509

from ca_bridge.core.path.name_forms import NAME_FORMS, MalformedName
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.name_parser import decode_name
from ca_bridge.core.x509.name_text import prepare
from ca_bridge.core.x509.names import GeneralName, GeneralNameType, Name
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.field_values import read_time

_COUNTRY = "2.5.4.6"
_NETWORK = re.compile(r"[0-9A-Fa-f:.]{2,45}/[0-9]{1,3}", re.ASCII)


class UnusableValue(ValueError):
    """A text that means nothing where it stands; ``en`` and ``zh`` say why."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh


def time_of(text: str) -> datetime:
    """An RFC 3339 time, in UTC; UnusableValue for another text, and for a time without its zone."""
    try:
        return read_time("time", text)
    except UnusableQuestion as error:
        raise UnusableValue(
            f"{text!r} is not an RFC 3339 time with its zone (2026-01-31T00:00:00Z)",
            f"{text!r} 不是带时区的 RFC 3339 时间（2026-01-31T00:00:00Z）",
        ) from error


def subtree_of(row: Mapping[str, Any]) -> GeneralName:
    """The base of a subtree (RFC 5280 §4.2.1.10); UnusableValue unless it can be compared with names."""
    kind, text = GeneralNameType(row["type"]), row["value"]
    base = _READERS[kind](text)
    try:
        NAME_FORMS[kind].read_constraint(base)
    except MalformedName as error:
        raise _unusable(text, kind) from error
    return base


def _unusable(text: str, kind: GeneralNameType) -> UnusableValue:
    return UnusableValue(f"{text!r} is no subtree of type {kind}", f"{text!r} 不是 {kind} 类型的名称子树")


def _network(text: str) -> GeneralName:
    """CIDR as address and mask; host bits that are set would be a mistake and are refused."""
    try:
        network = ip_network(text) if _NETWORK.fullmatch(text) else None
    except ValueError:
        network = None
    if network is None:
        raise UnusableValue(
            f"{text!r} is not a network in CIDR notation without host bits (192.0.2.0/24)",
            f"{text!r} 不是主机位为零的 CIDR 网段（192.0.2.0/24）",
        )
    octets = network.network_address.packed + network.netmask.packed
    return GeneralName(GeneralNameType.IP_ADDRESS, octets=octets)


def _directory(text: str) -> GeneralName:
    """RFC 4514 text as the directory name it stands for."""
    name = _distinguished(text)
    if any(a.oid == _COUNTRY for rdn in name.rdns[1:] for a in rdn):
        # Written the other way round, a subtree would cover nothing, and an excluded one exclude nobody.
        raise UnusableValue(
            f"{text!r}: RFC 4514 writes the country last (O=Example,C=HK)",
            f"{text!r}：按 RFC 4514，国家应写在最后（O=Example,C=HK）",
        )
    return GeneralName(GeneralNameType.DIRECTORY_NAME, name=name)


def _distinguished(text: str) -> Name:
    deviations: list[Note] = []
    try:
        der = x509.Name.from_rfc4514_string(text).public_bytes()
        name, _ = decode_name(der, 0, len(der), deviations)
    except (ValueError, Malformed) as error:
        raise _not_a_name(text) from error
    comparable = all(prepare(a.text) is not None for rdn in name.rdns for a in rdn)
    if deviations or not name.rdns or not comparable:
        raise _not_a_name(text)
    return name


def _not_a_name(text: str) -> UnusableValue:
    return UnusableValue(
        f"{text!r} is not a distinguished name in RFC 4514 text (O=Example,C=HK)",
        f"{text!r} 不是 RFC 4514 格式的可辨别名称（O=Example,C=HK）",
    )


def _text(kind: GeneralNameType) -> Callable[[str], GeneralName]:
    return lambda text: GeneralName(kind, text=text)


_READERS: Mapping[GeneralNameType, Callable[[str], GeneralName]] = MappingProxyType(
    {
        GeneralNameType.DIRECTORY_NAME: _directory,
        GeneralNameType.IP_ADDRESS: _network,
        GeneralNameType.DNS_NAME: _text(GeneralNameType.DNS_NAME),
        GeneralNameType.RFC822_NAME: _text(GeneralNameType.RFC822_NAME),
        GeneralNameType.URI: _text(GeneralNameType.URI),
    }
)
NAME_TYPES = tuple(_READERS)
"""Types of names a condition can use."""
