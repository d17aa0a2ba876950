"""Names: distinguished names compared as RFC 5280 §7.1 says, and GeneralName (§4.2.1.6)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Attribute:
    """One AttributeTypeAndValue: dotted type, universal tag of the value, text, value DER."""

    oid: str
    tag: int
    text: str
    value_der: bytes


@dataclass(frozen=True, slots=True, eq=False)
class Name:
    """A distinguished name.

    ``normalized`` is the comparison form of RFC 5280 §7.1 (one bytes value per RDN, so a
    prefix of the tuple is a subtree): equality and hash go by it alone.
    """

    der: bytes
    rdns: tuple[tuple[Attribute, ...], ...]
    normalized: tuple[bytes, ...]

    def __eq__(self, other: object) -> bool:
        """Equal as RFC 5280 §7.1 compares names."""
        return isinstance(other, Name) and self.normalized == other.normalized

    def __hash__(self) -> int:
        """Consistent with equality."""
        return hash(self.normalized)


class GeneralNameType(StrEnum):
    """CHOICE arms of GeneralName, in tag order 0..8."""

    OTHER_NAME = "other_name"
    RFC822_NAME = "rfc822_name"
    DNS_NAME = "dns_name"
    X400_ADDRESS = "x400_address"
    DIRECTORY_NAME = "directory_name"
    EDI_PARTY_NAME = "edi_party_name"
    URI = "uri"
    IP_ADDRESS = "ip_address"
    REGISTERED_ID = "registered_id"


@dataclass(frozen=True, slots=True)
class GeneralName:
    """One GeneralName.

    ``text`` holds rfc822Name, dNSName, URI (as received, IA5) or the dotted registeredID;
    ``octets`` holds iPAddress, or the content of otherName, x400Address, ediPartyName;
    ``type_id`` the dotted type of an otherName; ``name`` a directoryName.
    """

    kind: GeneralNameType
    text: str = ""
    octets: bytes = b""
    type_id: str = ""
    name: Name | None = None
