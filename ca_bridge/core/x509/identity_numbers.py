"""Check digits of the numbers that identify organisations and persons on the mainland."""

from __future__ import annotations

import re
from datetime import date

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUE = {character: value for value, character in enumerate(_USCC_ALPHABET)}
_USCC_WEIGHTS = tuple(pow(3, i, 31) for i in range(17))
_USCC_SHAPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", re.ASCII)

_ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANIZATION_SHAPE = re.compile(r"[0-9A-Z]{8}-?[0-9X]", re.ASCII)

_NOBODY = "00000000"

_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECK = "10X98765432"
_RESIDENT_SHAPE = re.compile(r"[1-9][0-9]{5}([0-9]{4})([0-9]{2})([0-9]{2})[0-9]{3}[0-9X]", re.ASCII)
_RESIDENT_OLD_SHAPE = re.compile(r"[1-9][0-9]{5}([0-9]{2})([0-9]{2})([0-9]{2})[0-9]{3}", re.ASCII)
_FIRST_BIRTH_YEAR = 1850
_LAST_BIRTH_YEAR = 2099


def is_uscc_shaped(text: str) -> bool:
    """Whether this has the characters of a unified social credit code, 18 of them (GB 32100)."""
    return _USCC_SHAPE.fullmatch(text) is not None


def uscc_check(text: str) -> bool:
    """Whether this is a unified social credit code with its two check characters right.

    Its own (GB 32100), and that of the organisation code in characters 9 to 17 (GB 11714).
    """
    if not is_uscc_shaped(text):
        return False
    total = sum(_USCC_VALUE[c] * w for c, w in zip(text, _USCC_WEIGHTS, strict=False))
    return _USCC_VALUE[text[17]] == -total % 31 and organization_code_check(text[8:17])


def organization_code_check(text: str) -> bool:
    """Whether this is an organisation code: 8 characters, perhaps a hyphen, a right check one (GB 11714).

    Eight zeros have a right check character and are nobody's: they fill fields that were left empty.
    """
    if _ORGANIZATION_SHAPE.fullmatch(text) is None or text.startswith(_NOBODY):
        return False
    total = sum(int(c, 36) * w for c, w in zip(text, _ORGANIZATION_WEIGHTS, strict=False))
    return text[-1] == "0123456789X0"[11 - total % 11]


def is_resident_shaped(text: str) -> bool:
    """Whether this is shaped as a resident number, 18 or the old 15 characters, with a real birth date."""
    found = _RESIDENT_SHAPE.fullmatch(text)
    if found is not None:
        return _is_birth_date(int(found[1]), int(found[2]), int(found[3]))
    found = _RESIDENT_OLD_SHAPE.fullmatch(text)
    return found is not None and _is_birth_date(1900 + int(found[1]), int(found[2]), int(found[3]))


def resident_check(text: str) -> bool:
    """Whether this is a resident number of 18 characters with a right check character and a real birth date.

    GB 11643, ISO 7064 MOD 11-2. The old form of 15 digits has no check character.
    """
    if len(text) != 18 or not is_resident_shaped(text):  # noqa: PLR2004 - GB 11643
        return False
    return text[17] == _resident_check_character(text)


def lift_resident_number(text: str) -> str:
    """The form of 18 characters of a resident number; the old form of 15 was of the 1900s (GB 11643).

    The check of a number that has one is not looked at.
    """
    if len(text) != 15:  # noqa: PLR2004 - the old form
        return text
    body = f"{text[:6]}19{text[6:]}"
    return body + _resident_check_character(body)


def _resident_check_character(text: str) -> str:
    total = sum(int(c) * w for c, w in zip(text, _RESIDENT_WEIGHTS, strict=False))
    return _RESIDENT_CHECK[total % 11]


def _is_birth_date(year: int, month: int, day: int) -> bool:
    try:
        return _FIRST_BIRTH_YEAR <= date(year, month, day).year <= _LAST_BIRTH_YEAR
    except ValueError:
        return False
