"""Who a certificate is about: GB/T 20518 identity extensions, CA-private ones, and subject conventions.

Personal numbers never leave here in clear: a field of a personal kind, or of an identifier that may
hold one, carries the masked form only. Nothing here refuses a certificate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.identity_registry import (
    ORGANIZATION_KINDS,
    PERSONAL_KINDS,
    REGISTRY,
    IdentityKind,
    IdentityRule,
)
from ca_bridge.core.x509.identity_value import CheckResult, IdentityProblem, IdentityValue, read_value
from ca_bridge.core.x509.identity_value import subject_value as _subject_value
from ca_bridge.core.x509.names import Name

_SUBJECT_CONFIDENCE = "B"
_ORGANIZATIONAL_UNIT = "2.5.4.11"
_FRAGMENT = re.compile(r"[0-9A-Za-z]+", re.ASCII)
_MAX_FRAGMENTS = 64
_MAX_ATTRIBUTE_CHARACTERS = 1024
_HOLDER_UNIT = re.compile(r"(Organizational|Individual)-[0-9]+", re.ASCII)


class HolderKind(StrEnum):
    """Whom the certificate seems to be about."""

    ORG = "org"
    PERSON = "person"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityField:
    """One identity number. ``value`` is None unless it is safe to show; ``masked`` shows its two ends only.

    ``source`` is the dotted extension OID, or "subject:" and the dotted attribute type; ``owner`` the
    standard or CA that defines it; ``confidence`` as in the registry; ``problem`` None = read well.
    """

    kind: IdentityKind
    value: str | None
    masked: str
    check: CheckResult
    source: str
    owner: str
    confidence: str
    problem: IdentityProblem | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFields:
    """All identity fields of a certificate: extensions in their order, then the subject's."""

    kind: HolderKind
    fields: tuple[IdentityField, ...]

    @property
    def unified_social_credit_code(self) -> str | None:
        """The first such code whose check characters are right (GB 32100, GB 11714)."""
        return self._first(IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE)

    @property
    def organization_code(self) -> str | None:
        """The organisation code: characters 9 to 17 of the unified code, else a right GB 11714 code."""
        unified = self.unified_social_credit_code
        return unified[8:17] if unified else self._first(IdentityKind.ORGANIZATION_CODE)

    def _first(self, kind: IdentityKind) -> str | None:
        passed = (f.value for f in self.fields if f.kind is kind and f.check is CheckResult.PASSED)
        return next(passed, None)


def unified_identity(
    certificate: Certificate, registry: tuple[IdentityRule, ...] = REGISTRY
) -> IdentityFields:
    """Identity fields as data; a later row of ``registry`` with the same OID replaces an earlier one.

    The kind is a guess: ORG when there is an organisation's number that did not fail its check; else
    PERSON when there is a personal number; else what CFCA's unit "Organizational-n" or "Individual-n"
    says; else UNKNOWN.
    """
    rules = {rule.oid: rule for rule in registry}
    fields = tuple(
        _field(value, rule.oid, rule.owner, rule.confidence)
        for extension in certificate.extensions.raw
        if (rule := rules.get(extension.oid)) is not None
        for value in read_value(extension.value, rule)
    ) + _subject_fields(certificate.subject)
    return IdentityFields(kind=_holder_kind(fields, certificate.subject), fields=fields)


def _field(value: IdentityValue, source: str, owner: str, confidence: str) -> IdentityField:
    return IdentityField(
        kind=value.kind,
        value=value.clear,
        masked=value.masked,
        check=value.check,
        source=source,
        owner=owner,
        confidence=confidence,
        problem=value.problem,
    )


def _subject_fields(subject: Name) -> tuple[IdentityField, ...]:
    """Find codes inside subject attributes: unified codes and resident numbers only.

    Nothing there says which number it is but its own check character. SZCA puts one in OU, MCSCA in
    serialNumber, CFCA within CN.
    """
    found: dict[tuple[str, str], IdentityField] = {}
    for fragment, attribute in _fragments(subject):
        value = _subject_value(fragment)
        if value is not None:
            field = _field(value, f"subject:{attribute}", "subject", _SUBJECT_CONFIDENCE)
            found.setdefault((attribute, fragment), field)
    return tuple(found.values())


def _fragments(subject: Name) -> list[tuple[str, str]]:
    """(run of letters and digits, attribute type), the first 64 of the subject."""
    runs = [
        (run.upper(), attribute.oid)
        for rdn in subject.rdns
        for attribute in rdn
        for run in _FRAGMENT.findall(attribute.text[:_MAX_ATTRIBUTE_CHARACTERS])
    ]
    return runs[:_MAX_FRAGMENTS]


def _holder_kind(fields: tuple[IdentityField, ...], subject: Name) -> HolderKind:
    if any(f.kind in ORGANIZATION_KINDS and f.check is not CheckResult.FAILED and f.value for f in fields):
        return HolderKind.ORG
    if any(f.kind in PERSONAL_KINDS and f.problem is not IdentityProblem.UNREADABLE for f in fields):
        return HolderKind.PERSON
    units = (a.text for rdn in subject.rdns for a in rdn if a.oid == _ORGANIZATIONAL_UNIT)
    named = next((m[1] for unit in units if (m := _HOLDER_UNIT.fullmatch(unit))), None)
    if named is None:
        return HolderKind.UNKNOWN
    return HolderKind.ORG if named == "Organizational" else HolderKind.PERSON
