"""Whatever certificate we read without a note, cryptography reads too, and reads the same.

The corpora are cryptography's own vectors (PKITS among them), the certificates of real CAs, and
mutations of these by a byte. Where the two readers disagree on purpose is written down below.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cryptography_vectors
import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from tests.properties.certificate_oracle import read_alike
from tests.shared_data import shared_data

_VECTORS = Path(cryptography_vectors.__file__).parent / "x509"

# Read by us, refused by cryptography: file -> why that is right here.
_ONLY_OURS = {
    "ecdsa_null_alg.pem": "parameters are judged by the algorithm table, not by the reader",
    "dsa_null_alg_params.pem": "parameters are judged by the algorithm table, not by the reader",
    "ValidDSAParameterInheritanceTest5EE.crt": "DSA parameters inherited (RFC 3279 §2.3.2)",
    "DSAParametersInheritedCACert.crt": "DSA parameters inherited (RFC 3279 §2.3.2)",
}


def _pem_or_der(path: Path) -> Iterator[bytes]:
    data = path.read_bytes()
    if path.suffix in {".der", ".crt", ".cer"}:
        yield data
        return
    try:
        yield from (item.der for item in decode_bundle(data) if item.kind == "certificate")
    except Malformed:
        return


def _vectors() -> list[tuple[str, bytes]]:
    files = sorted(p for p in _VECTORS.rglob("*") if p.suffix in {".der", ".crt", ".cer", ".pem"})
    return [(path.name, der) for path in files for der in _pem_or_der(path)]


def _compare(name: str, der: bytes) -> bool:
    """Whether we read it; fails when cryptography does not, or reads it otherwise."""
    if name in _ONLY_OURS:
        return parse_certificate(der).der == der
    return read_alike(der)


def test_vectors_of_cryptography() -> None:
    vectors = _vectors()
    read = sum(_compare(name, der) for name, der in vectors)
    assert len(vectors) > 550
    assert read > 500


def test_known_disagreements_still_disagree() -> None:
    found = {name: der for name, der in _vectors() if name in _ONLY_OURS}
    assert found.keys() == _ONLY_OURS.keys()
    for der in found.values():
        parse_certificate(der)
        with pytest.raises(ValueError, match="pars"):
            x509.load_der_x509_certificate(der)


def test_real_certificates() -> None:
    files = sorted(shared_data("real").rglob("*.pem"))
    assert files
    for path in files:
        for der in _pem_or_der(path):
            assert _compare(path.name, der), path.name


_SEEDS = [
    next(_pem_or_der(_VECTORS / file))
    for file in (
        "cryptography.io.pem",
        "wildcard_san.pem",
        "PKITS_data/certs/nameConstraintsDN1CACert.crt",
        "PKITS_data/certs/P12Mapping1to3CACert.crt",
        "PKITS_data/certs/ValidonlySomeReasonsTest19EE.crt",
    )
]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(_SEEDS), st.data())
def test_mutations(seed: bytes, data: st.DataObject) -> None:
    mutated = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 2))):
        mutated[data.draw(st.integers(0, len(seed) - 1))] = data.draw(st.integers(0, 255))
    _compare("", bytes(mutated))
