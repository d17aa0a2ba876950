"""Status evidence, parsed and indexed so that a certificate sees only what may speak of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import SignedBytes
from ca_bridge.core.x509.crl import CertificateList
from ca_bridge.core.x509.names import Name
from ca_bridge.core.x509.ocsp import OcspResponse, SingleResponse

Answer = tuple[OcspResponse, SignedBytes, SingleResponse]
"""One SingleResponse with the successful response it is in."""

Checked = dict[tuple[str, bytes, bytes | None], Finding | None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ParsedEvidence:
    """The CRLs and OCSP responses of one decision; their order never changes an answer.

    ``unreadable``: one finding for each item that could not be parsed; what it might have said
    is not known, so it counts against whatever has no status of its own.
    ``checked``: outcome of each signature check made in this decision, by evidence and key.
    """

    crls: tuple[CertificateList, ...] = ()
    ocsp_responses: tuple[OcspResponse, ...] = ()
    unreadable: tuple[Finding, ...] = ()
    checked: Checked = field(default_factory=dict, init=False, repr=False)
    _by_issuer: dict[Name, list[CertificateList]] = field(default_factory=dict, init=False, repr=False)
    _by_serial: dict[int, list[Answer]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        """Index in the order of fingerprints; equal bytes supplied twice count once."""
        crls = {crl.fingerprint: crl for crl in self.crls}
        for _, crl in sorted(crls.items()):
            self._by_issuer.setdefault(crl.issuer, []).append(crl)
        responses = {response.fingerprint: response for response in self.ocsp_responses}
        for _, response in sorted(responses.items()):
            if response.signed is not None:
                for single in response.responses:
                    answer = (response, response.signed, single)
                    self._by_serial.setdefault(single.cert_id.serial_number, []).append(answer)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was supplied, readable or not."""
        return not (self.crls or self.ocsp_responses or self.unreadable)

    def crls_by(self, names: frozenset[Name]) -> list[CertificateList]:
        """CRLs issued under one of ``names``, in a fixed order."""
        found = [crl for name in names for crl in self._by_issuer.get(name, ())]
        return sorted(found, key=lambda crl: crl.fingerprint)

    def answers_for(self, serial_number: int) -> Sequence[Answer]:
        """Every SingleResponse with this serial number, whatever issuer it is about (CVE-2026-3832)."""
        return self._by_serial.get(serial_number, ())
