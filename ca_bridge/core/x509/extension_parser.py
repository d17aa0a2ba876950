"""Certificate extensions from DER, each of a known type by its own reader (RFC 5280 §4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ca_bridge.core.reasons import format as reasons
from ca_bridge.core.reasons import format_der
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import extension_oids as oids
from ca_bridge.core.x509 import key_extensions, name_extensions, policy_extensions
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extension_list import decode_extension_list
from ca_bridge.core.x509.extensions import CertificateExtensions, Extension

_Reader = Callable[[bytes, int, int, list[Note]], Any]

# OID -> (field of CertificateExtensions, reader of extnValue's content).
_READERS: dict[str, tuple[str, _Reader]] = {
    oids.BASIC_CONSTRAINTS: ("basic_constraints", key_extensions.decode_basic_constraints),
    oids.KEY_USAGE: ("key_usage", key_extensions.decode_key_usage),
    oids.EXTENDED_KEY_USAGE: ("extended_key_usage", key_extensions.decode_extended_key_usage),
    oids.SUBJECT_KEY_IDENTIFIER: ("subject_key_identifier", key_extensions.decode_subject_key_identifier),
    oids.AUTHORITY_KEY_IDENTIFIER: (
        "authority_key_identifier",
        key_extensions.decode_authority_key_identifier,
    ),
    oids.SUBJECT_ALT_NAME: ("subject_alt_name", name_extensions.decode_alternative_names),
    oids.ISSUER_ALT_NAME: ("issuer_alt_name", name_extensions.decode_alternative_names),
    oids.NAME_CONSTRAINTS: ("name_constraints", name_extensions.decode_name_constraints),
    oids.CRL_DISTRIBUTION_POINTS: (
        "crl_distribution_points",
        name_extensions.decode_crl_distribution_points,
    ),
    oids.FRESHEST_CRL: ("freshest_crl", name_extensions.decode_freshest_crl),
    oids.AUTHORITY_INFO_ACCESS: ("authority_info_access", name_extensions.decode_access_descriptions),
    oids.SUBJECT_INFO_ACCESS: ("subject_info_access", name_extensions.decode_subject_info_access),
    oids.SUBJECT_DIRECTORY_ATTRIBUTES: (
        "subject_directory_attributes",
        name_extensions.decode_subject_directory_attributes,
    ),
    oids.CERTIFICATE_POLICIES: ("certificate_policies", policy_extensions.decode_certificate_policies),
    oids.POLICY_MAPPINGS: ("policy_mappings", policy_extensions.decode_policy_mappings),
    oids.POLICY_CONSTRAINTS: ("policy_constraints", policy_extensions.decode_policy_constraints),
    oids.INHIBIT_ANY_POLICY: ("inhibit_any_policy", policy_extensions.decode_inhibit_any_policy),
    oids.OCSP_NOCHECK: ("ocsp_nocheck", name_extensions.decode_flag),
    oids.NO_REV_AVAIL: ("no_rev_avail", name_extensions.decode_flag),
}

READ_OIDS = frozenset(_READERS)
"""Extensions whose content is read; a critical one of another type is unknown (RFC 5280 §4.2)."""

# Faults of structure say more with the extension's name; faults of encoding name their byte.
_STRUCTURAL = frozenset(
    {
        format_der.DER_TAG_UNEXPECTED.code,
        format_der.DER_TRUNCATED.code,
        format_der.DER_TRAILING_BYTES.code,
    }
)

NO_EXTENSIONS = CertificateExtensions()


def decode_certificate_extensions(buf: bytes, pos: int, end: int, notes: list[Note]) -> CertificateExtensions:
    """Every extension of the Extensions SEQUENCE that fills the range.

    A malformed extension of a known type is an error, critical or not; others are kept raw.
    """
    raw: list[Extension] = []
    fields: dict[str, Any] = {}
    critical: list[str] = []
    for oid, is_critical, start, stop in decode_extension_list(buf, pos, end, notes):
        raw.append(Extension(oid, is_critical, buf[start:stop]))
        if is_critical:
            critical.append(oid)
        reader = _READERS.get(oid)
        if reader is not None:
            fields[reader[0]] = _read(reader[1], oid, buf, start, stop, notes)
    return CertificateExtensions(
        raw=tuple(raw),
        critical=frozenset(critical),
        unknown_critical=tuple(oid for oid in critical if oid not in READ_OIDS),
        **fields,
    )


def _read(reader: _Reader, oid: str, buf: bytes, start: int, stop: int, notes: list[Note]) -> Any:
    """What ``reader`` reads; a fault of structure is told as one of extension ``oid``."""
    try:
        return reader(buf, start, stop, notes)
    except Malformed as error:
        if error.reason.code not in _STRUCTURAL:
            raise
        raise Malformed(
            reasons.EXTENSION_MALFORMED, oid=oid, cause=error.reason.code, **dict(error.params)
        ) from None
