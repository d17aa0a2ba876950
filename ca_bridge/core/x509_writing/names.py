"""GeneralName as DER (RFC 5280 §4.2.1.6); names that came encoded are copied byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ca_bridge.core.x509 import der as reading
from ca_bridge.core.x509.names import GeneralName, GeneralNameType
from ca_bridge.core.x509_writing import der

_DIRECTORY_NAME, _URI, _IP_ADDRESS = 4, 6, 7
_COMMON_NAME = "2.5.4.3"
_TEXTS: Mapping[GeneralNameType, int] = MappingProxyType(
    {GeneralNameType.RFC822_NAME: 1, GeneralNameType.DNS_NAME: 2, GeneralNameType.URI: _URI}
)


def general_name(name: GeneralName) -> bytes:
    """``name``, of one of the five kinds that name constraints have (rfc822, DNS, directory, URI, IP)."""
    if name.name is not None:
        return der.constructed(_DIRECTORY_NAME, name.name.der)
    if name.kind is GeneralNameType.IP_ADDRESS:
        return der.primitive(_IP_ADDRESS, name.octets)
    return der.primitive(_TEXTS[name.kind], name.text.encode("ascii"))


def uri(text: str) -> bytes:
    """UniformResourceIdentifier of an ASCII text."""
    return der.primitive(_URI, text.encode("ascii"))


def below(name: bytes, common_name: str) -> bytes:
    """The Name ``name`` (DER) with one more RDN at its end: a commonName, UTF8String."""
    _, start, end = reading.read_tlv(name, 0, len(name))
    attribute = der.sequence(der.object_identifier(_COMMON_NAME), der.utf8_string(common_name))
    return der.sequence(name[start:end], der.set_of(attribute))
