"""One identity number: what it is by its content, whether its check character is right, what may be shown."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from enum import StrEnum

from ca_bridge.core.x509.identity_numbers import (
    is_resident_shaped,
    is_uscc_shaped,
    organization_code_check,
    resident_check,
    uscc_check,
)
from ca_bridge.core.x509.identity_registry import (
    ORGANIZATION_KINDS,
    PERSONAL_KINDS,
    IdentityDecoding,
    IdentityKind,
    IdentityRule,
)
from ca_bridge.core.x509.identity_text import PeeledText, peel_texts

_ENTITY_ID = re.compile(r"[0-9]+@[0-9A-Za-z]{4}([A-Z]{2})([01])(.+)", re.ASCII)
_TYPES = {"SF": IdentityKind.RESIDENT_ID, "JJ": IdentityKind.ORGANIZATION_CODE}
_PREFIXED = re.compile(
    r"SF(?P<SF>[0-9]{15}|[0-9]{17}[0-9Xx])|JJ(?P<JJ>[0-9A-Z]{8}-?[0-9X]|[0-9A-Z]{18})", re.ASCII
)
_IDENTIFY_CODE_TAGS = {0: IdentityKind.RESIDENT_ID, 1: IdentityKind.OFFICER_CARD, 2: IdentityKind.PASSPORT}
_CATEGORY = re.compile(r"(?!.*[0-9]{6})[0-9A-Za-z ._-]{1,32}", re.ASCII)
_DIGIT_RUN = re.compile(r"(?=([0-9]{17}[0-9Xx]|[0-9]{15}))", re.ASCII)
_BLANKS = re.compile(r"[\s-]+")
_CODED = frozenset({IdentityKind.ORGANIZATION_CODE, IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE})
_MAX_STARS = 16
_SHORTEST_SHOWN_ENDS = 5
_TYPED_FRAGMENT_LENGTH = 19


class CheckResult(StrEnum):
    """What the number's own check character says."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"


class IdentityProblem(StrEnum):
    """Why a field could not be read as its definition says; it never refuses the certificate."""

    UNREADABLE = "unreadable"
    UNDECODABLE = "undecodable"
    PERSONAL_NUMBER_IN_OTHER_FIELD = "personal_number_in_other_field"


_NOT_READ = frozenset({IdentityProblem.UNREADABLE, IdentityProblem.UNDECODABLE})
# The social security number of a resident is the resident number; an unknown tag may hold one too.
_OFTEN_THE_RESIDENT_NUMBER = frozenset({IdentityKind.SOCIAL_INSURANCE, IdentityKind.PERSONAL_NUMBER})


@dataclass(frozen=True, slots=True)
class IdentityValue:
    """``clear`` is None for personal numbers and for identifiers that may hold one."""

    kind: IdentityKind
    clear: str | None
    masked: str
    check: CheckResult
    problem: IdentityProblem | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One number as it was read, in clear: for deriving keys within one call, never kept, shown or logged.

    ``declared`` is what the field says it holds, None when only the content tells; ``kind`` is what it is
    by its content. ``entity_type`` are the two letters of an entity id.
    """

    kind: IdentityKind
    declared: IdentityKind | None
    text: str = field(repr=False)
    check: CheckResult = CheckResult.NOT_APPLICABLE
    problem: IdentityProblem | None = None
    entity_type: str = ""

    @property
    def number(self) -> str:
        """The text as numbers are written: in capitals."""
        return self.text.upper()

    @property
    def readable(self) -> bool:
        """Whether the text is the number, and not what could not be decoded."""
        return self.problem not in _NOT_READ

    @property
    def stated(self) -> bool:
        """Whether the field says that it holds such a number; else only its content looks like one."""
        both_organizations = self.declared in ORGANIZATION_KINDS and self.kind in ORGANIZATION_KINDS
        return self.declared is self.kind or both_organizations

    def shown(self) -> IdentityValue:
        """What may be kept and shown."""
        number = self.number
        category = self.kind is IdentityKind.CERTIFICATE_CATEGORY and _CATEGORY.fullmatch(number) is not None
        clear = self.readable and (self.kind in ORGANIZATION_KINDS or category)
        return IdentityValue(self.kind, number if clear else None, mask(number), self.check, self.problem)


def read_numbers(value: bytes, rule: IdentityRule) -> tuple[Reading, ...]:
    """The numbers in an extension's value, in clear; one that says UNREADABLE when there are none."""
    texts = peel_texts(value)
    if not texts:
        return (Reading(rule.kind, rule.kind, "", problem=IdentityProblem.UNREADABLE),)
    return tuple(_read_text(peeled, rule) for peeled in texts)


def subject_value(fragment: str) -> IdentityValue | None:
    """What may be shown of the number in a part of a subject attribute; None = there is none."""
    reading = subject_number(fragment)
    return None if reading is None else reading.shown()


def subject_number(fragment: str, declared: IdentityKind | None = None) -> Reading | None:
    """The number in a part of a subject attribute, alone or after one type letter; None = neither."""
    for text in (fragment, fragment[1:]) if len(fragment) == _TYPED_FRAGMENT_LENGTH else (fragment,):
        if is_resident_shaped(text) and not _is_organization(text):
            return judge(text, IdentityKind.RESIDENT_ID, declared)
        if is_uscc_shaped(text) and (uscc_check(text) or not text[:17].isdigit()):
            return judge(text, IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE, declared)
    return None


def number_of(text: str, declared: IdentityKind, entity_type: str = "") -> Reading:
    """The number ``text`` in a field declared to hold one: its content outweighs the field."""
    plain = _BLANKS.sub("", text)
    text = plain if _is_number(plain.upper()) and not organization_code_check(text.upper()) else text
    kind, problem = _kind_by_content(text.upper(), declared)
    return judge(text, kind, declared, problem, entity_type)


def _is_number(text: str) -> bool:
    """Whether this, written without blanks and hyphens, is a number with right check characters."""
    return uscc_check(text) or organization_code_check(text) or resident_check(text)


def judge(
    text: str,
    kind: IdentityKind,
    declared: IdentityKind | None,
    problem: IdentityProblem | None = None,
    entity_type: str = "",
) -> Reading:
    """The number with its check characters looked at."""
    return Reading(kind, declared, text, _check(text.upper(), kind), problem, entity_type)


def _read_text(peeled: PeeledText, rule: IdentityRule) -> Reading:
    """One text as the rule decodes it."""
    kind, text, entity_type = rule.kind, peeled.text, ""
    if rule.decoding is IdentityDecoding.IDENTIFY_CODE and peeled.context_tag is not None:
        kind = _IDENTIFY_CODE_TAGS.get(peeled.context_tag, IdentityKind.PERSONAL_NUMBER)
    entity = _ENTITY_ID.fullmatch(text) if rule.decoding is IdentityDecoding.ENTITY_ID else None
    if entity is not None:
        entity_type = entity[1]
        kind = _TYPES.get(entity_type, kind)
        decoded = _decode_base64(entity[3]) if entity[2] == "1" else entity[3]
        if decoded is None:
            return Reading(kind, kind, text, problem=IdentityProblem.UNDECODABLE)
        text = decoded
    prefixed = _PREFIXED.fullmatch(text)
    if prefixed is not None and prefixed.lastgroup is not None:
        kind, text = _TYPES[prefixed.lastgroup], prefixed[prefixed.lastgroup]
    return number_of(text, kind, entity_type)


def _decode_base64(text: str) -> str | None:
    """UTF-16LE when it has zero octets, else UTF-8, as NETCA encodes names and numbers (STANDARDS §3.4)."""
    try:
        octets = base64.b64decode(text, validate=True)
        return octets.decode("utf-16-le" if b"\x00" in octets else "utf-8").strip(" \x00") or None
    except ValueError:  # not base64, not even ASCII, or not text
        return None


def _is_organization(text: str) -> bool:
    """Whether a right unified code is not a right resident number too: then the careful reading wins."""
    return uscc_check(text) and not resident_check(text)


def holds_resident_number(text: str) -> bool:
    """Whether a resident number stands anywhere in the text."""
    return any(is_resident_shaped(run[1].upper()) for run in _DIGIT_RUN.finditer(text))


def _kind_by_content(text: str, kind: IdentityKind) -> tuple[IdentityKind, IdentityProblem | None]:
    """Tell what the number is: its content outweighs the field it stands in, since CAs reuse fields."""
    if kind in _OFTEN_THE_RESIDENT_NUMBER and resident_check(text):
        return IdentityKind.RESIDENT_ID, None
    if kind in PERSONAL_KINDS:
        return kind, None
    if _is_organization(text):
        return IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE, None
    if holds_resident_number(text):
        if kind is IdentityKind.CA_UNIQUE_ID:
            return IdentityKind.RESIDENT_ID, None
        return IdentityKind.RESIDENT_ID, IdentityProblem.PERSONAL_NUMBER_IN_OTHER_FIELD
    if kind in _CODED and organization_code_check(text):
        return IdentityKind.ORGANIZATION_CODE, None
    if kind is IdentityKind.ORGANIZATION_CODE and is_uscc_shaped(text):
        return IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE, None
    return kind, None


def _check(text: str, kind: IdentityKind) -> CheckResult:
    if kind is IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE:
        right = uscc_check(text)
    elif kind is IdentityKind.ORGANIZATION_CODE:
        right = organization_code_check(text)
    elif kind is IdentityKind.RESIDENT_ID:
        if is_resident_shaped(text) and len(text) == 15:  # noqa: PLR2004 - the old form has no check character
            return CheckResult.NOT_APPLICABLE
        right = resident_check(text)
    else:
        return CheckResult.NOT_APPLICABLE
    return CheckResult.PASSED if right else CheckResult.FAILED


def mask(text: str) -> str:
    """First and last character with stars between, all stars when shorter than 5; at most 16 stars."""
    if len(text) < _SHORTEST_SHOWN_ENDS:
        return "*" * len(text)
    return text[0] + "*" * min(len(text) - 2, _MAX_STARS) + text[-1]
