"""What contradicts itself in the identity numbers of one certificate. Parameters hold no personal data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from ca_bridge.core.reasons import identity as reasons
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.identity_claims import Claims, claims
from ca_bridge.core.x509.identity_registry import (
    ORGANIZATION_KINDS,
    PERSONAL_KINDS,
    IdentityKind,
    IdentityRule,
)
from ca_bridge.core.x509.identity_statement import IdentityStatement, identity_statements
from ca_bridge.core.x509.identity_value import CheckResult

_MAX_SHOWN = 8
_IDENTIFYING = ORGANIZATION_KINDS | PERSONAL_KINDS | {IdentityKind.CA_UNIQUE_ID}
_CHECK_WRONG: Mapping[IdentityKind, Reason] = MappingProxyType(
    {
        IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE: reasons.UNIFIED_CODE_CHECK_WRONG,
        IdentityKind.ORGANIZATION_CODE: reasons.ORGANIZATION_CODE_CHECK_WRONG,
        IdentityKind.RESIDENT_ID: reasons.RESIDENT_NUMBER_CHECK_WRONG,
    }
)


def identity_findings(
    certificate: Certificate,
    registry: tuple[IdentityRule, ...],
    *,
    issuer_key_sha256: str | None = None,
    required: bool = False,
) -> tuple[Finding, ...]:
    """Conflicts in the target's identity numbers, the gravest first; position 0.

    With ``required`` also that it states nobody whom another CA would know by the same number.
    """
    statements = identity_statements(certificate, registry, issuer_key_sha256)
    claimed = claims(statements)
    found = conflicts(statements, claimed)
    if required and not found and not claimed.names_holder:
        return (Finding(reason=reasons.IDENTITY_NOT_STATED, position=0),)
    return found


def conflicts(statements: tuple[IdentityStatement, ...], claimed: Claims) -> tuple[Finding, ...]:
    """Every contradiction once, the highest rank first."""
    found = dict.fromkeys((*_between(claimed), *_within(statements)))
    return tuple(sorted(found, key=lambda finding: -finding.reason.rank))


def organizations_conflict(claimed: Claims) -> bool:
    """Whether the codes name more than one organisation, or one by two unified codes."""
    return len(claimed.organizations) > 1 or len(claimed.unified_codes) > 1


def _between(claimed: Claims) -> Iterator[Finding]:
    if len(claimed.residents) > 1:
        yield _finding(reasons.IDENTITY_PERSONS_DIFFER, sources=claimed.residents.values())
    if organizations_conflict(claimed):
        lifted = {code[8:17] for code in claimed.unified_codes}
        differ = len(lifted) > 1 or len(claimed.organization_codes) > 1
        codes = claimed.unified_codes | claimed.organization_codes
        reason = reasons.IDENTITY_ORGANIZATIONS_DIFFER if differ else reasons.ORGANIZATION_CODES_DISAGREE
        yield _finding(reason, codes=codes, sources=codes.values())


def _within(statements: tuple[IdentityStatement, ...]) -> Iterator[Finding]:
    for statement in statements:
        number = statement.reading
        if not number.readable and number.kind in _IDENTIFYING:
            yield _finding(reasons.IDENTITY_UNREADABLE, source=(statement.source,))
        elif number.check is CheckResult.FAILED and number.stated:
            yield _finding(_CHECK_WRONG[number.kind], source=(statement.source,))


def _finding(reason: Reason, **lists: Iterable[str]) -> Finding:
    """Lists as one text each, every value once, eight at most."""
    params = tuple(
        (name, ", ".join(list(dict.fromkeys(values))[:_MAX_SHOWN])) for name, values in lists.items()
    )
    return Finding(reason=reason, position=0, params=params)
