"""Who a certificate is about: GB/T 20518 identity extensions, CA-private ones, and subject conventions.

Personal numbers never leave here in clear: a field of a personal kind, or of an identifier that may
hold one, carries the masked form only. Nothing here refuses a certificate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.identity_claims import claims
from ca_bridge.core.x509.identity_registry import (
    ORGANIZATION_KINDS,
    PERSONAL_KINDS,
    REGISTRY,
    IdentityKind,
    IdentityRule,
)
from ca_bridge.core.x509.identity_statement import IdentityStatement, identity_statements
from ca_bridge.core.x509.identity_value import CheckResult, IdentityProblem
from ca_bridge.core.x509.names import Name

_ORGANIZATIONAL_UNIT = "2.5.4.11"
_HOLDER_UNIT = re.compile(r"(Organizational|Individual)-[0-9]+", re.ASCII)


class HolderKind(StrEnum):
    """Whom the certificate seems to be about; ORG_PERSON is a person acting for an organisation."""

    ORG = "org"
    PERSON = "person"
    ORG_PERSON = "org_person"
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
    certificate: Certificate,
    registry: tuple[IdentityRule, ...] = REGISTRY,
    *,
    issuer_key_sha256: str | None = None,
) -> IdentityFields:
    """Identity fields as data; a later row of ``registry`` with the same OID replaces an earlier one.

    The kind is a guess: ORG when there is an organisation's number that did not fail its check, ORG_PERSON
    when a person is identified beside it; else PERSON when there is a personal number; else what CFCA's
    unit "Organizational-n" or "Individual-n" says; else UNKNOWN.
    """
    statements = identity_statements(certificate, registry, issuer_key_sha256)
    return IdentityFields(
        kind=holder_kind(statements, certificate.subject), fields=tuple(map(_field, statements))
    )


def _field(statement: IdentityStatement) -> IdentityField:
    value = statement.reading.shown()
    return IdentityField(
        kind=value.kind,
        value=value.clear,
        masked=value.masked,
        check=value.check,
        source=statement.source,
        owner=statement.owner,
        confidence=statement.confidence,
        problem=value.problem,
    )


def holder_kind(statements: tuple[IdentityStatement, ...], subject: Name) -> HolderKind:
    """Whom these numbers, or else the subject's unit, seem to be about."""
    numbers = [statement.reading for statement in statements]
    if any(
        n.kind in ORGANIZATION_KINDS and n.check is not CheckResult.FAILED and n.readable for n in numbers
    ):
        claimed = claims(statements)
        return HolderKind.ORG_PERSON if claimed.residents or claimed.documents else HolderKind.ORG
    if any(n.kind in PERSONAL_KINDS and n.problem is not IdentityProblem.UNREADABLE for n in numbers):
        return HolderKind.PERSON
    units = (a.text for rdn in subject.rdns for a in rdn if a.oid == _ORGANIZATIONAL_UNIT)
    named = next((m[1] for unit in units if (m := _HOLDER_UNIT.fullmatch(unit))), None)
    if named is None:
        return HolderKind.UNKNOWN
    return HolderKind.ORG if named == "Organizational" else HolderKind.PERSON
