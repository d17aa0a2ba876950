"""Invented holders and their identity extensions in the styles of GB/T 20518 and of three CAs.

Every number is made for tests: the codes carry TE5T in the place of an organisation's own
characters, the person's number a birth in 1900 in a division that does not exist; only the
check digits are right.
"""

from __future__ import annotations

import base64

import der
from extensions import extension

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_PERSON_WEIGHTS = tuple(pow(2, 17 - i, 11) for i in range(17))


def _value(character: str) -> int:
    return int(character) if character.isdigit() else ord(character) - ord("A") + 10


def unified_social_credit_code(serial: int) -> str:
    """A code of 18 characters with both check characters right (GB 32100, GB 11714)."""
    body = f"TE5T{serial:04d}"
    total = sum(_value(c) * w for c, w in zip(body, _ORGANIZATION_WEIGHTS, strict=True))
    code = "91440000" + body + "0123456789X0"[11 - total % 11]
    check = sum(_USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code))
    return code + _USCC_ALPHABET[-check % 31]


def person_number(serial: int) -> str:
    """A number of 18 characters with the check character right (GB 11643)."""
    body = f"99000019000101{serial:03d}"
    total = sum(int(c) * w for c, w in zip(body, _PERSON_WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


COMPANY_1, COMPANY_2, COMPANY_3 = (unified_social_credit_code(n) for n in (1, 2, 3))
PERSON_A, PERSON_B, PERSON_C = (person_number(n) for n in (1, 2, 3))


def standard_organization(code: str) -> bytes:
    """OrganizationCode, which in practice carries the unified social credit code."""
    return extension("1.2.156.10260.4.1.4", der.printable(code))


def standard_person(number: str) -> bytes:
    """IdentifyCode, residentIdentityCardNumber as [0] EXPLICIT PrintableString."""
    return extension("1.2.156.10260.4.1.1", der.explicit(0, der.printable(number)))


def gdca_organization(code: str) -> tuple[bytes, ...]:
    return (
        extension("1.2.86.11.7.7550243.1", der.printable(code)),
        extension("1.2.86.21.1.3", der.utf8(f"TEST-TRUSTID-{code[8:16]}")),
    )


def gdca_person(number: str) -> tuple[bytes, ...]:
    legacy = der.tlv(der.SET, der.explicit(0, der.printable(number)))
    return extension("1.2.86.11.7.1", legacy), extension("1.2.86.21.1.3", der.utf8("TEST-TRUSTID-P001"))


def netca_organization(code: str) -> tuple[bytes, ...]:
    encoded = base64.b64encode(code.encode()).decode()
    return (
        extension("1.3.6.1.4.1.18760.1.12.11", der.utf8(f"00011@0006PO1{encoded}")),
        extension("1.3.6.1.4.1.18760.1.12.12.2", der.printable("002")),
    )


def netca_person(number: str) -> tuple[bytes, ...]:
    return (
        extension("1.3.6.1.4.1.18760.1.12.11", der.utf8(f"00011@0006SF0{number}")),
        extension("1.3.6.1.4.1.18760.1.12.12.2", der.printable("001")),
    )


def szca_organization(code: str) -> tuple[bytes, ...]:
    return (
        extension("1.2.86.11.7.755024301", der.utf8(code)),
        extension("1.2.86.11.7.7550201", der.utf8("Organizational")),
        extension("2.16.156.112548", der.utf8(f"TEST-SZ-{code[8:16]}")),
    )


def szca_person(number: str) -> tuple[bytes, ...]:
    return (extension("1.2.86.11.7.7550222", der.utf8(number)),)
