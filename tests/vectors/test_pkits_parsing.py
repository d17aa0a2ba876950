"""Every certificate of NIST PKITS is read, but the two whose signatures are no whole octets."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import cryptography_vectors

from ca_bridge.core.reasons.format_der import DER_BIT_STRING_NOT_OCTETS
from ca_bridge.core.x509 import deviations
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed

_CERTIFICATES = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data" / "certs"


def test_pkits_certificates() -> None:
    refused: dict[str, str] = {}
    notes: Counter[str] = Counter()
    files = sorted(_CERTIFICATES.glob("*.crt"))
    for file in files:
        try:
            notes.update(note.code for note in parse_certificate(file.read_bytes()).notes)
        except Malformed as error:
            refused[file.stem] = error.reason.code
    assert len(files) == 405
    assert refused == {
        "BadSignedCACert": DER_BIT_STRING_NOT_OCTETS.code,
        "InvalidDSASignatureTest6EE": DER_BIT_STRING_NOT_OCTETS.code,
    }
    assert notes == {deviations.GENERALIZED_TIME_BEFORE_2050: 2, deviations.SERIAL_NUMBER_NEGATIVE: 1}
