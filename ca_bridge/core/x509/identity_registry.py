"""Where certificates carry identity numbers: GB/T 20518 extensions and those of single CAs, as data.

The table is data: another with further rows can be given to ``unified_identity``. ``confidence``:
A seen in official pages or real certificates, B in implementations, C inferred or one secondary source.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
    """One row: extension OID, what it means, whose it is, how it is decoded, how sure this is."""

    oid: str
    kind: IdentityKind
    owner: str
    confidence: str
    decoding: IdentityDecoding = IdentityDecoding.PLAIN


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
