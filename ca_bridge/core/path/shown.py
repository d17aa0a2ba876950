"""Names as people read them in messages; never compared, never parsed again."""

from __future__ import annotations

from ca_bridge.core.x509.names import Attribute, Name

MAX_SHOWN = 256
"""Characters of a name in a message: names are outside data, messages are for people."""

_SHORT = {
    "2.5.4.3": "CN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "E",
}


def shown_name(name: Name) -> str:
    """``name`` as "CN=..., O=...", most specific first, at most MAX_SHOWN characters.

    Characters that do not print are shown as U+FFFD, so that no name can forge a message.
    """
    parts = ("+".join(map(_shown_attribute, rdn)) for rdn in reversed(name.rdns))
    text = ", ".join(parts)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def _shown_attribute(attribute: Attribute) -> str:
    text = "".join(c if c.isprintable() else "\ufffd" for c in attribute.text[:MAX_SHOWN])
    return f"{_SHORT.get(attribute.oid, attribute.oid)}={text}"
