"""Where certificates carry identity numbers: GB/T 20518 extensions and those of single CAs, as data.

``REGISTRY`` is what policies/identity-registry.yaml ships, held equal to it by a test; that file gives the
sources, and operators add rows. ``confidence``: A seen in official pages or real certificates, B in
implementations, C inferred or one secondary source.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class IdentityKind(StrEnum):
    """What an identity field says about the holder."""

    UNIFIED_SOCIAL_CREDIT_CODE = "unified_social_credit_code"
    ORGANIZATION_CODE = "organization_code"
    BUSINESS_REGISTRATION = "business_registration"
    TAXATION_NUMBER = "taxation_number"
    RESIDENT_ID = "resident_id"
    OFFICER_CARD = "officer_card"
    PASSPORT = "passport"
    SOCIAL_INSURANCE = "social_insurance"
    PERSONAL_NUMBER = "personal_number"
    CA_UNIQUE_ID = "ca_unique_id"
    CERTIFICATE_CATEGORY = "certificate_category"
    SERVICE_NUMBER = "service_number"


ORGANIZATION_KINDS = frozenset(
    {
        IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE,
        IdentityKind.ORGANIZATION_CODE,
        IdentityKind.BUSINESS_REGISTRATION,
        IdentityKind.TAXATION_NUMBER,
    }
)
PERSONAL_KINDS = frozenset(
    {
        IdentityKind.RESIDENT_ID,
        IdentityKind.OFFICER_CARD,
        IdentityKind.PASSPORT,
        IdentityKind.SOCIAL_INSURANCE,
        IdentityKind.PERSONAL_NUMBER,
    }
)


class IdentityDecoding(StrEnum):
    """How the text of a field is made.

    PLAIN: as it is. IDENTIFY_CODE: [0] resident card, [1] officer card, [2] passport. ENTITY_ID:
    ``{n}@{CA code 4}{type 2}{flag 1}{value}``, where flag 1 means that the value is base64.
    """

    PLAIN = "plain"
    IDENTIFY_CODE = "identify_code"
    ENTITY_ID = "entity_id"


@dataclass(frozen=True, slots=True)
class IdentityRule:
    """One row: extension OID, what it means, whose it is, how it is decoded, how sure this is.

    CAs give some OIDs different meanings: a row with ``issuers`` (organisation names of issuers) or
    ``issuer_keys`` (SHA-256 of CA SubjectPublicKeyInfo, lower-case hex) is meant for these CAs only.
    """

    oid: str
    kind: IdentityKind
    owner: str
    confidence: str
    decoding: IdentityDecoding = IdentityDecoding.PLAIN
    issuers: tuple[str, ...] = ()
    issuer_keys: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, frozenset[str], frozenset[str]]:
        """What a row speaks of: of two rows with the same place the later holds."""
        return self.oid, frozenset(map(str.casefold, self.issuers)), frozenset(self.issuer_keys)

    def closeness(self, organizations: frozenset[str], key_sha256: str | None) -> int | None:
        """How closely the row fits an issuer: 2 by its key, 1 by its name, 0 as any; None = it doesn't.

        ``organizations`` are the issuer's organisation names, case folded.
        """
        if key_sha256 in self.issuer_keys:
            return 2
        if any(name.casefold() in organizations for name in self.issuers):
            return 1
        return None if self.issuers or self.issuer_keys else 0


def rules_for(
    registry: Iterable[IdentityRule],
    oids: frozenset[str],
    organizations: frozenset[str],
    key_sha256: str | None,
) -> dict[str, IdentityRule]:
    """The row that holds for each of ``oids`` under this issuer: the closest, of equals the last."""
    chosen: dict[str, tuple[int, IdentityRule]] = {}
    for rule in registry:
        closeness = rule.closeness(organizations, key_sha256) if rule.oid in oids else None
        if closeness is not None and closeness >= chosen.get(rule.oid, (0, rule))[0]:
            chosen[rule.oid] = (closeness, rule)
    return {oid: rule for oid, (_, rule) in chosen.items()}


def registry_from_data(data: Mapping[str, Any]) -> tuple[IdentityRule, ...]:
    """Rows of a registry document that its JSON Schema accepts."""
    return tuple(
        IdentityRule(
            oid=row["oid"],
            kind=IdentityKind(row["kind"]),
            owner=row["owner"],
            confidence=row["confidence"],
            decoding=IdentityDecoding(row.get("decoding", IdentityDecoding.PLAIN)),
            issuers=tuple(row.get("issuers", ())),
            issuer_keys=tuple(row.get("issuer_keys", ())),
        )
        for row in data["rows"]
    )


def merge_registries(*registries: Iterable[IdentityRule]) -> tuple[IdentityRule, ...]:
    """All rows, a later one in the place of an earlier one that speaks of the same OID and CAs."""
    return tuple({rule.place: rule for registry in registries for rule in registry}.values())


_K = IdentityKind
_ENTITY = IdentityDecoding.ENTITY_ID

REGISTRY: tuple[IdentityRule, ...] = (
    IdentityRule("1.2.156.10260.4.1.1", _K.RESIDENT_ID, "GB/T 20518", "A", IdentityDecoding.IDENTIFY_CODE),
    IdentityRule("1.2.156.10260.4.1.1.1", _K.RESIDENT_ID, "GM/T 0015-2023", "B"),
    IdentityRule("1.2.156.10260.4.1.1.2", _K.PASSPORT, "GM/T 0015-2023", "B"),
    IdentityRule("1.2.156.10260.4.1.2", _K.SOCIAL_INSURANCE, "GB/T 20518", "B"),
    IdentityRule("1.2.156.10260.4.1.3", _K.BUSINESS_REGISTRATION, "GB/T 20518", "B"),
    IdentityRule("1.2.156.10260.4.1.4", _K.ORGANIZATION_CODE, "GB/T 20518", "B"),
    IdentityRule("1.2.156.10260.4.1.5", _K.TAXATION_NUMBER, "GB/T 20518", "B"),
    IdentityRule("1.2.156.10260.4.4", _K.UNIFIED_SOCIAL_CREDIT_CODE, "GM/T 0015-2023", "C"),
    IdentityRule("1.2.156.10260.4.4.4", _K.UNIFIED_SOCIAL_CREDIT_CODE, "GM/T 0015-2023", "C"),
    IdentityRule("1.2.86.11.7.1", _K.RESIDENT_ID, "", "A", IdentityDecoding.IDENTIFY_CODE),
    IdentityRule("1.2.86.11.7.2", _K.SOCIAL_INSURANCE, "", "B"),
    IdentityRule("1.2.86.11.7.3", _K.ORGANIZATION_CODE, "", "C"),
    IdentityRule("1.2.86.11.7.4", _K.BUSINESS_REGISTRATION, "", "C"),
    IdentityRule("1.2.86.11.7.5", _K.TAXATION_NUMBER, "", "C"),
    IdentityRule("1.2.86.11.7.7550243.1", _K.UNIFIED_SOCIAL_CREDIT_CODE, "GDCA, SZCA", "B"),
    IdentityRule("1.2.86.21.1.3", _K.CA_UNIQUE_ID, "GDCA, GZCA", "B"),
    IdentityRule("1.2.86.21.1.1", _K.CA_UNIQUE_ID, "GDCA, JSCA", "B", _ENTITY),
    IdentityRule("1.3.6.1.4.1.18760.1.12.11", _K.CA_UNIQUE_ID, "NETCA", "B", _ENTITY),
    IdentityRule("1.3.6.1.4.1.18760.11.12.11.1", _K.CA_UNIQUE_ID, "NETCA", "B", _ENTITY),
    IdentityRule("1.3.6.1.4.1.18760.1.12.12.2", _K.CERTIFICATE_CATEGORY, "NETCA", "B"),
    IdentityRule("1.3.6.1.4.1.18760.1.12.14", _K.CA_UNIQUE_ID, "NETCA", "B"),
    IdentityRule("1.3.6.1.4.1.18760.1.14", _K.SERVICE_NUMBER, "NETCA", "B"),
    IdentityRule("2.16.156.112548", _K.CA_UNIQUE_ID, "Shenzhen", "B", _ENTITY),
    IdentityRule("1.2.86.11.7.755024301", _K.UNIFIED_SOCIAL_CREDIT_CODE, "SZCA", "B"),
    IdentityRule("1.2.86.11.7.7550205", _K.CA_UNIQUE_ID, "SZCA", "B"),
    IdentityRule("1.2.86.11.7.7550222", _K.RESIDENT_ID, "SZCA", "B"),
    IdentityRule("1.2.86.11.7.7550224", _K.CERTIFICATE_CATEGORY, "SZCA", "B"),
    IdentityRule("1.2.86.11.7.7550201", _K.CERTIFICATE_CATEGORY, "SZCA", "B"),
    IdentityRule("1.2.86.11.7.7550307", _K.SERVICE_NUMBER, "SZCA", "B"),
    IdentityRule("1.2.156.112562.2.1.1.1", _K.CA_UNIQUE_ID, "BJCA", "B"),
    IdentityRule("1.2.156.112562.2.1.1.24", _K.CA_UNIQUE_ID, "BJCA", "B", _ENTITY),
    IdentityRule("1.2.156.112562.2.1.2.2", _K.CA_UNIQUE_ID, "BJCA", "B"),
    IdentityRule("2.16.840.1.113732.2", _K.CA_UNIQUE_ID, "BJCA", "B"),
    IdentityRule("1.2.156.1.8888.148", _K.ORGANIZATION_CODE, "SHECA", "B"),
    IdentityRule("1.2.156.112573.14", _K.SERVICE_NUMBER, "ZJCA", "B"),
    IdentityRule("1.2.156.112576", _K.CA_UNIQUE_ID, "health", "B", _ENTITY),
)
