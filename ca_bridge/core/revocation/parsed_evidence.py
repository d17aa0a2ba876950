"""Status evidence, parsed and indexed so that a certificate sees only what may speak of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.crl import CertificateList
from ca_bridge.core.x509.names import Name
from ca_bridge.core.x509.ocsp import OcspResponse, SingleResponse

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
    _by_serial: dict[int, list[tuple[OcspResponse, SingleResponse]]] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        """Index; equal bytes supplied twice count once."""
        for crl in {crl.fingerprint: crl for crl in self.crls}.values():
            self._by_issuer.setdefault(crl.issuer, []).append(crl)
        for response in {response.fingerprint: response for response in self.ocsp_responses}.values():
            for single in response.responses:
                self._by_serial.setdefault(single.cert_id.serial_number, []).append((response, single))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was supplied, readable or not."""
        return not (self.crls or self.ocsp_responses or self.unreadable)

    def crls_by(self, names: frozenset[Name]) -> Iterator[CertificateList]:
        """CRLs issued under one of ``names``."""
        for name in names:
            yield from self._by_issuer.get(name, ())

    def responses_for(self, serial_number: int) -> list[tuple[OcspResponse, SingleResponse]]:
        """Every SingleResponse with this serial number, whatever issuer it is about (CVE-2026-3832)."""
        return self._by_serial.get(serial_number, [])
