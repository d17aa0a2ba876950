"""Identity numbers and the holder's name where subject names carry them by a CA's convention."""

from __future__ import annotations

import re
import unicodedata

from ca_bridge.core.x509.identity_registry import IdentityKind
from ca_bridge.core.x509.identity_value import Reading, holds_resident_number, number_of, subject_number
from ca_bridge.core.x509.names import Name

_COMMON_NAME, _SERIAL_NUMBER, _ORGANIZATION = "2.5.4.3", "2.5.4.5", "2.5.4.10"
_ORGANIZATIONAL_UNIT, _ORGANIZATION_IDENTIFIER = "2.5.4.11", "2.5.4.97"
_WHOLE_VALUE = frozenset({_SERIAL_NUMBER, _ORGANIZATIONAL_UNIT, _ORGANIZATION_IDENTIFIER})
# EN 319 412-1 §5.1.4: type, country, hyphen, the register's number.
_REGISTERED = re.compile(r"(?:NTR|VAT)CN-([0-9A-Z-]{9,20})", re.ASCII)
_FRAGMENT = re.compile(r"[0-9A-Za-z]+", re.ASCII)
_TYPED_UNIFIED_CODE = re.compile(r"Z[0-9A-Z]{18}", re.ASCII)
_MAX_FRAGMENTS = 64
_MAX_ATTRIBUTE_CHARACTERS = 1024
_FEWEST_PARTS = 4


def subject_numbers(subject: Name) -> tuple[tuple[str, Reading], ...]:
    """(attribute type, number) of each number in the subject, once per attribute type.

    SZCA puts a unified code in OU, MCSCA one or a resident number in serialNumber, CFCA
    "051@name@Z<code>@n" in CN; organizationIdentifier is EN 319 412-1's. Anywhere else nothing says which
    number it is but its own check character. The first 64 runs of letters and digits are looked at.
    """
    found: dict[tuple[str, str], Reading] = {}
    left = _MAX_FRAGMENTS
    for attribute, text in _texts(subject):
        registered = _REGISTERED.fullmatch(text) if attribute == _ORGANIZATION_IDENTIFIER else None
        if registered is not None:
            number = number_of(registered[1], IdentityKind.ORGANIZATION_CODE)
            found.setdefault((attribute, number.number), number)
            continue
        runs = _FRAGMENT.findall(text)[:left]
        left -= len(runs)
        for run in runs:
            fragment = subject_number(run, _declared(attribute, text, run))
            if fragment is not None:
                found.setdefault((attribute, fragment.number), fragment)
    return tuple((attribute, number) for (attribute, _), number in found.items())


def holder_name(subject: Name) -> str | None:
    """The holder's name: the second part of a CN of parts joined by "@" (CFCA, MCSCA), else CN, else O.

    None when there is none, or when it holds a resident number.
    """
    texts = dict(_names(subject))
    name = texts.get(_COMMON_NAME, texts.get(_ORGANIZATION))
    return None if not name or holds_resident_number(name) else name


def _texts(subject: Name) -> list[tuple[str, str]]:
    texts = ((a.oid, a.text[:_MAX_ATTRIBUTE_CHARACTERS]) for rdn in subject.rdns for a in rdn)
    return [(oid, unicodedata.normalize("NFKC", text).upper().strip()) for oid, text in texts]


def _names(subject: Name) -> list[tuple[str, str]]:
    """(attribute type, name) of every attribute, in order."""
    names = []
    for rdn in subject.rdns:
        for attribute in rdn:
            text = attribute.text[:_MAX_ATTRIBUTE_CHARACTERS]
            parts = text.split("@")
            names.append((attribute.oid, parts[1] if len(parts) >= _FEWEST_PARTS else text))
    return names


def _declared(attribute: str, text: str, run: str) -> IdentityKind | None:
    """What the place says the run is: a unified code where a convention puts one, else nothing."""
    typed = attribute == _COMMON_NAME and "@" in text and _TYPED_UNIFIED_CODE.fullmatch(run) is not None
    if typed or (attribute in _WHOLE_VALUE and run == text):
        return IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE
    return None
