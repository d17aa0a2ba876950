"""What the numbers of one certificate claim together: which organisations, persons, documents; in clear.

Used within one call to derive keys and find conflicts, never kept, shown or logged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ca_bridge.core.x509.identity_numbers import lift_resident_number
from ca_bridge.core.x509.identity_registry import IdentityKind
from ca_bridge.core.x509.identity_statement import IdentityStatement
from ca_bridge.core.x509.identity_value import CheckResult, Reading

_DOCUMENTS = frozenset({IdentityKind.PASSPORT, IdentityKind.OFFICER_CARD})
# Fields left empty hold "0", "无", "000000" and the like: nobody is known by those.
_FEWEST_CHARACTERS, _FEWEST_DIFFERENT = 5, 3
_NOT_WRITTEN = re.compile(r"[\s()（）·-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Each claim with the place it was first found in, in order.

    ``unified_codes`` (GB 32100) and ``organization_codes`` (GB 11714, no hyphen) have right check
    characters; ``residents`` are lifted to 18 characters; ``documents`` are "kind:number";
    ``ca_unique_ids`` "OID:identifier".
    """

    unified_codes: dict[str, str]
    organization_codes: dict[str, str]
    residents: dict[str, str] = field(repr=False)
    documents: dict[str, str] = field(repr=False)
    ca_unique_ids: dict[str, str] = field(repr=False)

    @property
    def organizations(self) -> dict[str, str]:
        """Organisation codes, those inside unified codes first."""
        found: dict[str, str] = {}
        for code, source in self.unified_codes.items():
            found.setdefault(code[8:17], source)
        for code, source in self.organization_codes.items():
            found.setdefault(code, source)
        return found

    @property
    def names_holder(self) -> bool:
        """Whether anything is claimed that means the same to every CA."""
        return bool(self.unified_codes or self.organization_codes or self.residents or self.documents)


def claims(statements: Iterable[IdentityStatement]) -> Claims:
    """The claims of these statements; numbers with a wrong check character claim nothing."""
    found = Claims(unified_codes={}, organization_codes={}, residents={}, documents={}, ca_unique_ids={})
    for statement in statements:
        number = statement.reading
        if number.readable:
            _claim(found, number, statement.source)
    return found


def _claim(found: Claims, reading: Reading, source: str) -> None:
    number, kind, passed = reading.number, reading.kind, reading.check is CheckResult.PASSED
    if kind is IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE and passed:
        found.unified_codes.setdefault(number, source)
    elif kind is IdentityKind.ORGANIZATION_CODE and passed:
        found.organization_codes.setdefault(number.replace("-", ""), source)
    elif is_resident(reading):
        found.residents.setdefault(lift_resident_number(number), source)
    elif kind in _DOCUMENTS and not _is_filler(written := _NOT_WRITTEN.sub("", number)):
        found.documents.setdefault(f"{kind.value}:{written}", source)
    if reading.declared is IdentityKind.CA_UNIQUE_ID and not _is_filler(reading.text):
        identifier = f"{reading.entity_type}@{reading.text}" if reading.entity_type else reading.text
        found.ca_unique_ids.setdefault(f"{source}:{identifier}", source)


def is_resident(reading: Reading) -> bool:
    """Whether this is a resident number to be relied on.

    Its check character is right, or it is of the old form, which has none, where such a number belongs.
    """
    if reading.kind is not IdentityKind.RESIDENT_ID:
        return False
    old_form = reading.check is CheckResult.NOT_APPLICABLE and reading.stated
    return reading.check is CheckResult.PASSED or old_form


def _is_filler(text: str) -> bool:
    return len(text) < _FEWEST_CHARACTERS or len(set(text)) < _FEWEST_DIFFERENT
