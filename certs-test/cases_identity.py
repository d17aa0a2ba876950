"""Whom the target is about, where the question demands to know: ``identity_required``."""

from __future__ import annotations

import der
import identity
import pki
from case import Group, line, passed, refused
from extensions import extension
from keys import Sm2
from pki import CERTIFICATES as C

GROUP = Group("identity")
add = GROUP.add

_REFUSED = "CHAIN_CONSTRAINTS_FAILURE"
_CODE, _OTHER = identity.COMPANY_1, identity.COMPANY_2
_NUMBER, _OTHER_NUMBER = identity.PERSON_A, identity.PERSON_B
_LEGACY, _SZCA_CODE, _SZCA_PERSON = "1.2.86.11.7.3", "1.2.86.11.7.755024301", "1.2.86.11.7.7550222"


def _wrong(number: str) -> str:
    return number[:-1] + ("1" if number[-1] != "1" else "2")


def _question(label: str, *stated: bytes) -> dict[str, object]:
    issued = pki.leaf(
        pki.GD_SM2["a"],
        f"identity {label}",
        "C=CN, CN=测试用户",
        Sm2(f"identity {label}"),
        pki.GD_HIGH,
        *stated,
    )
    return line(
        issued.certificate, chain=[C["gd-a-sm2"]], anchors=[C["national-root"]], identity_required=True
    )


def _case(label: str, title: str, why: str, reason: str | None, *stated: bytes) -> None:
    expect = passed(pki.GD_HIGH) if reason is None else refused(_REFUSED, reason, 0)
    add(label, title, f"holder <- GD A SM2 <- [TEST ROOTCA SM2]: {why}", _question(label, *stated), expect)


def _text(oid: str, text: str) -> bytes:
    return extension(oid, der.utf8(text))


_case(
    "unified-and-legacy",
    "A unified code and the legacy code inside it",
    "characters 9 to 17 of the unified code are the organisation code (GB 32100-2015): one organisation.",
    None,
    identity.standard_organization(_CODE),
    _text(_LEGACY, f"{_CODE[8:16]}-{_CODE[16]}"),
)
_case(
    "person-for-organization",
    "A person acting for an organisation",
    "one organisation and one person, each with right check characters, contradict nobody.",
    None,
    identity.standard_organization(_CODE),
    identity.standard_person(_NUMBER),
)
_case(
    "organizations-differ",
    "Unified codes of two organisations",
    "two GB 32100 codes with different organisation codes: whom it binds cannot be told.",
    "IDENTITY_ORGANIZATIONS_DIFFER",
    identity.standard_organization(_CODE),
    _text(_SZCA_CODE, _OTHER),
)
_case(
    "codes-disagree",
    "A unified code beside the legacy code of another organisation",
    "characters 9 to 17 of the unified code are not the organisation code beside it (GB 11714).",
    "ORGANIZATION_CODES_DISAGREE",
    identity.standard_organization(_CODE),
    _text(_LEGACY, _OTHER[8:17]),
)
_case(
    "persons-differ",
    "Resident numbers of two persons",
    "two GB 11643 numbers: whom it binds cannot be told.",
    "IDENTITY_PERSONS_DIFFER",
    identity.standard_person(_NUMBER),
    _text(_SZCA_PERSON, _OTHER_NUMBER),
)
_case(
    "unified-code-check",
    "A unified code with a wrong check character",
    "GB 32100-2015, weights 3^i modulo 31: the last character differs.",
    "UNIFIED_CODE_CHECK_WRONG",
    identity.standard_organization(_wrong(_CODE)),
)
_case(
    "organization-code-check",
    "An organisation code with a wrong check character",
    "GB 11714-1997, modulo 11: the last character differs.",
    "ORGANIZATION_CODE_CHECK_WRONG",
    identity.standard_organization(_wrong(_CODE[8:17])),
)
_case(
    "resident-number-check",
    "A resident number with a wrong check character",
    "GB 11643-1999, ISO 7064 MOD 11-2: the last character differs.",
    "RESIDENT_NUMBER_CHECK_WRONG",
    identity.standard_person(_wrong(_NUMBER)),
)
_case(
    "unreadable",
    "An identity extension that holds NULL",
    "IdentifyCode is a choice of strings (GB/T 20518-2018); NULL is none.",
    "IDENTITY_UNREADABLE",
    extension("1.2.156.10260.4.1.1", der.null()),
)
_case(
    "not-stated",
    "Nothing says who the holder is",
    "a common name identifies nobody beyond the CA that wrote it.",
    "IDENTITY_NOT_STATED",
)
