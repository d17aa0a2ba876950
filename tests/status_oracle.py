"""What another reader sees in the CRLs and OCSP responses that are read here without a note."""

from __future__ import annotations

import re
from pathlib import Path

import cryptography_vectors
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from ca_bridge.core.verdict import RevocationStatus
from ca_bridge.core.x509.crl import CertificateList, RevokedEntry
from ca_bridge.core.x509.name_extensions import decode_access_descriptions, decode_alternative_names
from ca_bridge.core.x509.names import GeneralName, GeneralNameType, Name
from ca_bridge.core.x509.ocsp import OcspResponse
from tests import status_der as d

_VECTORS = Path(cryptography_vectors.__file__).parent / "x509"

REASONS = {
    x509.ReasonFlags.unspecified: "unspecified",
    x509.ReasonFlags.key_compromise: "key_compromise",
    x509.ReasonFlags.ca_compromise: "ca_compromise",
    x509.ReasonFlags.affiliation_changed: "affiliation_changed",
    x509.ReasonFlags.superseded: "superseded",
    x509.ReasonFlags.cessation_of_operation: "cessation_of_operation",
    x509.ReasonFlags.certificate_hold: "certificate_hold",
    x509.ReasonFlags.remove_from_crl: "remove_from_crl",
    x509.ReasonFlags.privilege_withdrawn: "privilege_withdrawn",
    x509.ReasonFlags.aa_compromise: "aa_compromise",
}


def pkits_crls() -> list[bytes]:
    return [path.read_bytes() for path in sorted(_VECTORS.glob("PKITS_data/crls/*.crl"))]


def custom_crls() -> list[bytes]:
    return [
        x509.load_pem_x509_crl(path.read_bytes()).public_bytes(Encoding.DER)
        for path in sorted(_VECTORS.glob("custom/crl_*.pem"))
        if path.name != "crl_bad_version.pem"
    ]


def ocsp_responses() -> list[bytes]:
    return [path.read_bytes() for path in sorted(_VECTORS.glob("ocsp/*resp*.der"))]


_TEXT_TAGS = {12, 18, 19, 20, 22, 26, 28, 30}


def is_text_only(name: Name) -> bool:
    """AttributeValue is ANY (RFC 5280 §4.1.2.4), but the other reader knows texts alone."""
    return all(attribute.tag in _TEXT_TAGS for rdn in name.rdns for attribute in rdn)


def _is_readable(name: GeneralName) -> bool:
    if name.kind in {GeneralNameType.X400_ADDRESS, GeneralNameType.EDI_PARTY_NAME}:
        return False
    return name.name is None or is_text_only(name.name)


def _general_names(crl: CertificateList) -> list[GeneralName]:
    """Every name in extensions of the CRL and of its entries."""
    found: list[GeneralName] = []
    values = crl.extensions
    if values.issuing_distribution_point:
        found += values.issuing_distribution_point.full_name
    if values.authority_key_identifier:
        found += values.authority_key_identifier.issuer
    for point in values.freshest_crl:
        found += point.full_name + point.crl_issuer
    for entry in crl.revoked:
        found += entry.extensions.certificate_issuer
    for extension in values.raw:
        if extension.oid == "2.5.29.18":
            found += decode_alternative_names(extension.value, 0, len(extension.value), [])
        elif extension.oid == "1.3.6.1.5.5.7.1.1":
            listed = decode_access_descriptions(extension.value, 0, len(extension.value), [])
            found += [description.location for description in listed]
    return found


def assert_parameters_only(error: ValueError) -> None:
    """Signature parameters are judged with the algorithm here, when the signature is checked."""
    assert re.search(r"signature_alg|AlgorithmParameters", str(error)), error


def _value(extensions: x509.Extensions, kind: type) -> object:
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def assert_crl_agrees(crl: CertificateList) -> None:
    """Issuer, times, numbers, scope, signature and every entry are the same to cryptography."""
    try:
        other = x509.load_der_x509_crl(crl.der)
    except ValueError as error:
        assert_parameters_only(error)
        return
    if is_text_only(crl.issuer):
        assert other.issuer.public_bytes() == crl.issuer.der
    assert other.last_update_utc == crl.this_update
    assert other.next_update_utc == crl.next_update
    assert other.signature_algorithm_oid.dotted_string == crl.signed.algorithm.oid
    assert other.tbs_certlist_bytes == crl.signed.tbs
    assert crl.signed.signature in {other.signature, b""}
    point = crl.extensions.issuing_distribution_point
    if (point and point.relative_name) or not all(map(_is_readable, _general_names(crl))):
        return
    _assert_crl_extensions_agree(crl, other.extensions)
    entries = list(crl.revoked)
    assert len(other) == len(entries) == len(crl.revoked)
    for theirs, ours in zip(other, entries, strict=True):
        _assert_entry_agrees(theirs, ours)
        assert ours in crl.revoked.find(theirs.serial_number)


def _assert_crl_extensions_agree(crl: CertificateList, extensions: x509.Extensions) -> None:
    assert [e.oid.dotted_string for e in extensions] == [e.oid for e in crl.extensions.raw]
    assert {e.oid.dotted_string for e in extensions if e.critical} == crl.extensions.critical
    number = _value(extensions, x509.CRLNumber)
    assert crl.extensions.crl_number == (number.crl_number if number else None)
    delta = _value(extensions, x509.DeltaCRLIndicator)
    assert crl.extensions.delta_crl_indicator == (delta.crl_number if delta else None)
    point, ours = _value(extensions, x509.IssuingDistributionPoint), crl.extensions.issuing_distribution_point
    assert (point is None) is (ours is None)
    if point is not None and ours is not None:
        assert point.only_contains_user_certs is ours.only_user_certs
        assert point.only_contains_ca_certs is ours.only_ca_certs
        assert point.only_contains_attribute_certs is ours.only_attribute_certs
        assert point.indirect_crl is ours.indirect_crl
        assert len(point.full_name or ()) == len(ours.full_name)
        assert (point.relative_name is None) is (ours.relative_name is None)
        theirs = point.only_some_reasons
        assert (None if theirs is None else {REASONS[r] for r in theirs}) == ours.only_some_reasons
    key = _value(extensions, x509.AuthorityKeyIdentifier)
    if key is not None:
        assert crl.extensions.authority_key_identifier is not None
        assert key.key_identifier == crl.extensions.authority_key_identifier.key_identifier


def _assert_entry_agrees(theirs: x509.RevokedCertificate, ours: RevokedEntry) -> None:
    assert theirs.serial_number == ours.serial_number
    assert theirs.revocation_date_utc == ours.revocation_date
    reason = _value(theirs.extensions, x509.CRLReason)
    assert ours.extensions.reason == (REASONS[reason.reason] if reason else "unspecified")
    date = _value(theirs.extensions, x509.InvalidityDate)
    expected = date.invalidity_date_utc.isoformat().replace("+00:00", "Z") if date else None
    assert ours.extensions.invalidity_date == expected
    issuer = _value(theirs.extensions, x509.CertificateIssuer)
    assert len(ours.extensions.certificate_issuer) == (len(list(issuer)) if issuer else 0)


_STATUSES = {
    ocsp.OCSPCertStatus.GOOD: RevocationStatus.GOOD,
    ocsp.OCSPCertStatus.REVOKED: RevocationStatus.REVOKED,
    ocsp.OCSPCertStatus.UNKNOWN: RevocationStatus.UNKNOWN,
}


def _without_certificates(response: OcspResponse) -> bytes:
    """The same response without certs: the other reader parses them at once, this one where they are used."""
    if response.signed is None:
        return response.der
    algorithm = d.seq(d.oid(response.signed.algorithm.oid), response.signed.algorithm.parameters or b"")
    signature = d.tlv(0x03, b"\x00", response.signed.signature)
    return d.response(d.seq(response.signed.tbs, algorithm, signature))


def assert_ocsp_agrees(response: OcspResponse) -> None:
    """Responder, times, nonce, certificates and every single response are the same to cryptography."""
    try:
        other = ocsp.load_der_ocsp_response(_without_certificates(response))
    except ValueError as error:
        assert_parameters_only(error)
        return
    assert other.response_status.name.lower() == response.response_status
    if response.signed is None:
        return
    assert other.responder_key_hash == response.responder_key_hash
    if response.responder_name and is_text_only(response.responder_name):
        assert other.responder_name.public_bytes() == response.responder_name.der
    assert other.produced_at_utc == response.produced_at
    assert other.signature_algorithm_oid.dotted_string == response.signed.algorithm.oid
    assert other.tbs_response_bytes == response.signed.tbs
    assert other.signature == response.signed.signature
    nonce = _value(other.extensions, x509.OCSPNonce)
    assert response.nonce == (nonce.nonce if nonce else None)
    for theirs, ours in zip(other.responses, response.responses, strict=True):
        assert theirs.serial_number == ours.cert_id.serial_number
        assert theirs.issuer_name_hash == ours.cert_id.issuer_name_hash
        assert theirs.issuer_key_hash == ours.cert_id.issuer_key_hash
        assert _STATUSES[theirs.certificate_status] is ours.status
        assert theirs.this_update_utc == ours.this_update
        assert theirs.next_update_utc == ours.next_update
        assert theirs.revocation_time_utc == ours.revocation_time
        reason = theirs.revocation_reason
        assert (REASONS[reason] if reason else None) == ours.revocation_reason
