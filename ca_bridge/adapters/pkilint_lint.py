"""Linting after RFC 5280 with pkilint, before anything is signed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pkilint import loader, pkix
from pkilint.pkix import certificate, crl, extension, name
from pkilint.validation import ValidationFindingSeverity

from ca_bridge.services.bridge_ca.ports import LintFinding

_REFUSING = frozenset({ValidationFindingSeverity.ERROR, ValidationFindingSeverity.FATAL})
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class FalseFinding:
    """A finding that is known to be wrong: its code, a part of its text, and why it is let pass."""

    code: str
    text: str
    reason: str


KNOWN_FALSE = (
    FalseFinding(
        "itu.invalid_asn1_syntax",
        "OID contains out-of-range arc",
        "pkilint's decoder takes an OID whose first two arcs need two octets (2.48 and above, the example "
        "arc 2.999 among them) for malformed; X.690 8.19.4 allows it, and our strict reader has read it",
    ),
)
"""Findings that refuse nothing. None is about SM2: pkilint reads its keys and signatures as opaque ones."""


class PkilintLint:
    """Lint (services/bridge_ca/ports.py) over pkilint's RFC 5280 validators."""

    def certificate(self, der: bytes) -> tuple[LintFinding, ...]:
        """Errors of a certificate, whatever its signature."""
        return tuple(_findings(self._of_certificates, _certificate, der))

    def crl(self, der: bytes) -> tuple[LintFinding, ...]:
        """Errors of a CRL, whatever its signature."""
        return tuple(_findings(self._of_crls, _crl, der))

    @cached_property
    def _of_certificates(self) -> Any:
        return certificate.create_pkix_certificate_validator_container(
            certificate.create_decoding_validators(
                name.ATTRIBUTE_TYPE_MAPPINGS, extension.EXTENSION_MAPPINGS
            ),
            [
                certificate.create_issuer_validator_container([]),
                certificate.create_validity_validator_container(),
                certificate.create_subject_validator_container([]),
                certificate.create_extensions_validator_container([]),
                certificate.create_spki_validator_container([]),
            ],
        )

    @cached_property
    def _of_crls(self) -> Any:
        return crl.create_pkix_crl_validator_container(
            [
                pkix.create_attribute_decoder(name.ATTRIBUTE_TYPE_MAPPINGS),
                pkix.create_extension_decoder(extension.EXTENSION_MAPPINGS),
            ],
            [
                crl.create_issuer_validator_container([]),
                crl.create_validity_validator_container([]),
                crl.create_extensions_validator_container([]),
            ],
        )


def _certificate(der: bytes) -> Any:
    return loader.RFC5280CertificateDocumentLoader().load_der_document(der)


def _crl(der: bytes) -> Any:
    return loader.RFC5280CertificateListDocumentLoader().load_der_document(der)


def _findings(validators: Any, load: Callable[[bytes], Any], der: bytes) -> Iterator[LintFinding]:
    try:
        document = load(der)
    except ValueError as error:
        yield LintFinding(code="lint.unreadable", where="", detail=str(error)[:_LONGEST])
        return
    for result in validators.validate(document.root):
        for described in result.finding_descriptions:
            finding, detail = described.finding, described.message or ""
            if finding.severity in _REFUSING and not _is_known_false(finding.code, detail):
                yield LintFinding(code=finding.code, where=str(result.node.path), detail=detail[:_LONGEST])


def _is_known_false(code: str, detail: str) -> bool:
    return any(code == false.code and false.text in detail for false in KNOWN_FALSE)
