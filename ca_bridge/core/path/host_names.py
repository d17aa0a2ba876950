"""Whether a certificate is for a host, RFC 9525: subject alternative names alone speak."""

from __future__ import annotations

import re
from collections.abc import Container
from functools import lru_cache
from ipaddress import ip_address

from ca_bridge.core.path.name_forms import MalformedName, host_name, is_numeric
from ca_bridge.core.reasons import target as reasons
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.names import GeneralName, GeneralNameType

_MAX_SHOWN_NAMES = 5
_MAX_SHOWN_CHARS = 128
_MIN_WILDCARD_LABELS = 2


def check_host_name(names: tuple[GeneralName, ...], asked: str) -> Finding | None:
    """None when ``names`` (subjectAltName) hold ``asked``: a host name in ASCII or an IP address.

    A wildcard is a whole left-most label, stands for exactly one label and has at least two
    below it. Common names do not count (RFC 9525 §2).
    """
    try:
        address, hosts = _wanted(asked)
    except MalformedName:
        shown = (("host", asked[:_MAX_SHOWN_CHARS]),)
        return Finding(reason=reasons.HOST_NAME_UNREADABLE, position=0, params=shown)
    for name in names:
        if name.kind is GeneralNameType.DNS_NAME:
            if name.text.lower() in hosts:
                return None
        elif name.kind is GeneralNameType.IP_ADDRESS and name.octets == address:
            return None
    params = (("host", asked[:_MAX_SHOWN_CHARS]), ("names", _shown(names)))
    return Finding(reason=reasons.HOST_NAME_MISMATCH, position=0, params=params)


@lru_cache(maxsize=1024)
def _wanted(asked: str) -> tuple[bytes | None, Container[str]]:
    """The iPAddress octets that match, or else None and the dNSNames that do, in lower case.

    Raises MalformedName. Remembered, as services ask about few hosts; nothing that is too long
    for a host name comes to be.
    """
    address = _address(asked)
    return (address, ()) if address is not None else (None, _hosts(asked))


def _address(asked: str) -> bytes | None:
    try:
        address = ip_address(asked)
    except ValueError:
        return None
    return None if "%" in asked else address.packed


def _hosts(asked: str) -> frozenset[str]:
    host = host_name(asked)
    if "_" in host or is_numeric(host):
        raise MalformedName(asked[:_MAX_SHOWN_CHARS])
    parent = host.partition(".")[2]
    if parent.count(".") >= _MIN_WILDCARD_LABELS - 1:
        return frozenset({host, "*." + parent})
    return frozenset({host})


def _shown(names: tuple[GeneralName, ...]) -> str:
    """The first names a reader could compare with, or a dash."""
    texts = [n.text for n in names if n.kind is GeneralNameType.DNS_NAME]
    texts += [n.octets.hex(":") for n in names if n.kind is GeneralNameType.IP_ADDRESS]
    printable = (re.sub(r"[^!-~]", "?", text[:_MAX_SHOWN_CHARS]) for text in texts[:_MAX_SHOWN_NAMES])
    return ", ".join(printable) or "-"
