"""How a name of each form is read and whether it lies in a subtree, RFC 5280 §4.2.1.10.

A name is brought to one canonical value before it is compared, so that no second spelling of
it slips past a constraint. What has no canonical value is MalformedName: under a constraint
on its form it is refused, never passed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from ca_bridge.core.x509.names import GeneralName, GeneralNameType, Name

_MAX_NAME_CHARS = 2048
_MAX_HOST_CHARS = 253
_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_DOT_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_QUOTED = re.compile(r'"((?:[ !#-\[\]-~]|\\[ -~])*)"')
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([A-Za-z0-9._~!$&'()*+,;=:%@-]*)(?:[/?#][!#-;=?-\[\]_a-z~]*)?")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_EMPTY = "."
"""The canonical value of an empty host constraint; no host ends with a dot."""
_IPV4, _IPV6 = 4, 16
_MAPPED_PREFIX = bytes(10) + b"\xff\xff"


class MalformedName(ValueError):
    """The name or constraint is not of the syntax its form requires."""


@dataclass(frozen=True, slots=True)
class Network:
    """An iPAddress constraint: network and mask as integers of one address family."""

    size: int
    network: int
    mask: int


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An rfc822Name: local part without quoting, host in lower case; no local part = a host or domain."""

    local: str | None
    host: str


def host_name(text: str) -> str:
    """``text`` as a host name in lower case without the final dot; MalformedName unless it is one."""
    host = text.lower().removesuffix(".")
    if len(host) > _MAX_HOST_CHARS or not text.isascii() or _HOST.fullmatch(host) is None:
        raise MalformedName(text[:64])
    return host


def is_numeric(host: str) -> bool:
    """Whether clients read ``host`` as an IPv4 address, in whatever spelling: its last label is a number."""
    return _NUMERIC_LABEL.fullmatch(host.rpartition(".")[2]) is not None


def read_dns_name(name: GeneralName) -> str:
    """A dNSName, perhaps with a wildcard as its whole first label."""
    if name.text.startswith("*."):
        return "*." + host_name(name.text[2:])
    return host_name(name.text)


def read_dns_constraint(name: GeneralName) -> str:
    """A dNSName constraint; "" covers every name."""
    return host_name(name.text) if name.text else ""


def _host_within(host: str, base: str) -> bool:
    return not base or host == base or host.endswith("." + base)


def dns_permitted(name: str, base: str) -> bool:
    """Whether every host that ``name`` stands for lies under ``base``."""
    return _host_within(name.removeprefix("*."), base)


def dns_excluded(name: str, base: str) -> bool:
    """Whether any host that ``name`` stands for lies under ``base`` (CVE-2025-61727)."""
    if name.startswith("*.") and base.partition(".")[2] == name[2:]:
        return True
    return dns_permitted(name, base)


def read_mailbox(name: GeneralName) -> Mailbox:
    """An rfc822Name: the local part keeps its case, quoting of it does not count."""
    local, at, host = name.text.rpartition("@")
    if not at or len(name.text) > _MAX_NAME_CHARS:
        raise MalformedName(name.text[:64])
    if _DOT_ATOM.fullmatch(local) is None:
        quoted = _QUOTED.fullmatch(local)
        if quoted is None:
            raise MalformedName(name.text[:64])
        local = re.sub(r"\\(.)", r"\1", quoted[1])
    return Mailbox(local, host_name(host))


def read_mailbox_constraint(name: GeneralName) -> Mailbox:
    """A mailbox, a host, or with a leading dot a domain; "" excludes every mailbox, permits none."""
    if "@" in name.text:
        return read_mailbox(name)
    return Mailbox(None, _host_or_domain(name.text))


def _host_or_domain(text: str) -> str:
    if not text:
        return _EMPTY
    return "." + host_name(text[1:]) if text.startswith(".") else host_name(text)


def host_permitted(host: str, base: str) -> bool:
    """Whether the host is ``base``, or has labels before it where ``base`` begins with a dot."""
    return host.endswith(base) if base.startswith(".") else host == base


def host_excluded(host: str, base: str) -> bool:
    """As host_permitted, and whatever the host when the constraint is empty."""
    return base == _EMPTY or host_permitted(host, base)


def mailbox_permitted(name: Mailbox, base: Mailbox) -> bool:
    """Whether ``name`` is the mailbox, or at the host or in the domain."""
    return name == base if base.local is not None else host_permitted(name.host, base.host)


def mailbox_excluded(name: Mailbox, base: Mailbox) -> bool:
    """As mailbox_permitted, and whatever the mailbox when the constraint is empty."""
    return base.host == _EMPTY or mailbox_permitted(name, base)


def read_uri_host(name: GeneralName) -> str:
    """The host of a URI; MalformedName without an authority that is a host name.

    RFC 5280 §4.2.1.10 refuses such a URI where URIs are constrained; an address in any
    spelling is not a host name.
    """
    matched = _URI.fullmatch(name.text) if len(name.text) <= _MAX_NAME_CHARS else None
    if matched is None:
        raise MalformedName(name.text[:64])
    host, colon, port = matched[1].rpartition("@")[2].partition(":")
    if colon and port and not (port.isascii() and port.isdigit()):
        raise MalformedName(name.text[:64])
    host = host_name(host)
    if is_numeric(host):
        raise MalformedName(name.text[:64])
    return host


def read_uri_constraint(name: GeneralName) -> str:
    """A host, or with a leading dot a domain; "" excludes every host, permits none."""
    return _host_or_domain(name.text)


def read_ip_address(name: GeneralName) -> bytes:
    """An address of 4 or 16 octets."""
    if len(name.octets) not in (_IPV4, _IPV6):
        raise MalformedName(name.octets[:32].hex())
    return name.octets


def read_network(name: GeneralName) -> Network:
    """A network of 8 or 32 octets with a contiguous mask (RFC 4632 §3.1)."""
    octets, size = name.octets, len(name.octets) // 2
    if len(octets) not in (2 * _IPV4, 2 * _IPV6):
        raise MalformedName(octets[:32].hex())
    mask = int.from_bytes(octets[size:])
    holes = mask ^ ((1 << (8 * size)) - 1)
    if holes & (holes + 1):
        raise MalformedName(octets[:32].hex())
    return Network(size, int.from_bytes(octets[:size]) & mask, mask)


def address_permitted(address: bytes, base: Network) -> bool:
    """Whether the address lies in the network, as the family it is written in."""
    return len(address) == base.size and int.from_bytes(address) & base.mask == base.network


def address_excluded(address: bytes, base: Network) -> bool:
    """Whether the address lies in the network in either spelling of an IPv4 address (RFC 4291 §2.5.5.2)."""
    if address_permitted(address, base):
        return True
    if len(address) == _IPV6:
        return address.startswith(_MAPPED_PREFIX) and address_permitted(address[12:], base)
    mapped_only = base.size == _IPV6 and base.network >> 32 == 0xFFFF  # noqa: PLR2004 - ::ffff:0:0/96
    return mapped_only and address_permitted(_MAPPED_PREFIX + address, base)


def read_directory_name(name: GeneralName) -> tuple[bytes, ...]:
    """The comparison form of a directoryName (RFC 5280 §7.1)."""
    if name.name is None:
        raise MalformedName("directoryName")
    return name.name.normalized


def directory_covered(name: tuple[bytes, ...], base: tuple[bytes, ...]) -> bool:
    """Whether ``base`` is the first part of ``name``."""
    return name[: len(base)] == base


def directory_name(name: Name) -> GeneralName:
    """A distinguished name as a GeneralName."""
    return GeneralName(GeneralNameType.DIRECTORY_NAME, name=name)


@dataclass(frozen=True, slots=True)
class NameForm:
    """How one form is read and compared: ``permits(name, base)``, ``excludes(name, base)``."""

    read: Callable[[GeneralName], object]
    read_constraint: Callable[[GeneralName], object]
    permits: Callable[..., bool]
    excludes: Callable[..., bool]


NAME_FORMS = MappingProxyType(
    {
        GeneralNameType.DNS_NAME: NameForm(read_dns_name, read_dns_constraint, dns_permitted, dns_excluded),
        GeneralNameType.RFC822_NAME: NameForm(
            read_mailbox, read_mailbox_constraint, mailbox_permitted, mailbox_excluded
        ),
        GeneralNameType.URI: NameForm(read_uri_host, read_uri_constraint, host_permitted, host_excluded),
        GeneralNameType.IP_ADDRESS: NameForm(
            read_ip_address, read_network, address_permitted, address_excluded
        ),
        GeneralNameType.DIRECTORY_NAME: NameForm(
            read_directory_name, read_directory_name, directory_covered, directory_covered
        ),
    }
)
"""Forms whose constraints are processed; a constraint on any other refuses names of that form."""
