"""Whether a certificate is for a host, RFC 9525: subject alternative names alone speak."""

from __future__ import annotations

import re
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
        matches = _address_matches(names, asked) if _is_address(asked) else _host_matches(names, asked)
    except MalformedName:
        shown = (("host", asked[:_MAX_SHOWN_CHARS]),)
        return Finding(reason=reasons.HOST_NAME_UNREADABLE, position=0, params=shown)
    if matches:
        return None
    params = (("host", asked[:_MAX_SHOWN_CHARS]), ("names", _shown(names)))
    return Finding(reason=reasons.HOST_NAME_MISMATCH, position=0, params=params)


def _is_address(asked: str) -> bool:
    try:
        ip_address(asked)
    except ValueError:
        return False
    return "%" not in asked


def _address_matches(names: tuple[GeneralName, ...], asked: str) -> bool:
    octets = ip_address(asked).packed
    return any(n.kind is GeneralNameType.IP_ADDRESS and n.octets == octets for n in names)


def _host_matches(names: tuple[GeneralName, ...], asked: str) -> bool:
    host = host_name(asked)
    if "_" in host or is_numeric(host):
        raise MalformedName(asked[:_MAX_SHOWN_CHARS])
    wanted = {host}
    parent = host.partition(".")[2]
    if parent.count(".") >= _MIN_WILDCARD_LABELS - 1:
        wanted.add("*." + parent)
    return any(n.kind is GeneralNameType.DNS_NAME and n.text.lower() in wanted for n in names)


def _shown(names: tuple[GeneralName, ...]) -> str:
    """The first names a reader could compare with, or a dash."""
    texts = [n.text for n in names if n.kind is GeneralNameType.DNS_NAME]
    texts += [n.octets.hex(":") for n in names if n.kind is GeneralNameType.IP_ADDRESS]
    printable = (re.sub(r"[^!-~]", "?", text[:_MAX_SHOWN_CHARS]) for text in texts[:_MAX_SHOWN_NAMES])
    return ", ".join(printable) or "-"
