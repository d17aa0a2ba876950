"""Whatever bytes come, a certificate or our own error comes out, and at a bounded cost."""

from __future__ import annotations

import gc
import time
from contextlib import suppress
from pathlib import Path

import cryptography_vectors
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.x509.bundle import decode_binary, decode_bundle
from ca_bridge.core.x509.certificate_parser import MAX_BYTES, parse_certificate
from ca_bridge.core.x509.errors import Malformed
from tests.certificate_der import attribute, certificate, extension, name, oid, rdn, seq, tlv

_CERTS = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data" / "certs"
_SEEDS = [
    (_CERTS / f"{stem}.crt").read_bytes()
    for stem in ("nameConstraintsDN1CACert", "P12Mapping1to3CACert", "ValidcRLIssuerTest28EE")
]


def _total(encoded: bytes) -> None:
    """A value bound to exactly these bytes, or Malformed with exactly its reason's parameters."""
    refused: Malformed | None = None
    try:
        assert parse_certificate(encoded).der == encoded
    except Malformed as error:
        refused = error
    if refused is not None:
        params = dict(refused.params)
        assert params.keys() == set(refused.reason.params)
        assert all(isinstance(value, str) for value in params.values())
        assert "{" not in refused.reason.message_en.format(**params)


@pytest.mark.parametrize("seed", _SEEDS)
def test_every_bit_flipped(seed: bytes) -> None:
    for at in range(len(seed)):
        for bit in range(8):
            _total(seed[:at] + bytes((seed[at] ^ 1 << bit,)) + seed[at + 1 :])


@pytest.mark.parametrize("seed", _SEEDS)
def test_every_truncation_every_deletion_every_doubling(seed: bytes) -> None:
    for at in range(len(seed)):
        _total(seed[:at])
        _total(seed[:at] + seed[at + 1 :])
        _total(seed[:at] + seed[at : at + 1] + seed[at:])


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    _total(data)
    _total(tlv(0x30, data))
    _total(certificate(tlv(0x30, data)))
    _total(certificate(subject=tlv(0x30, data)))
    for call in (lambda: decode_bundle(data), lambda: decode_binary(data.decode("latin-1"))):
        with suppress(Malformed):
            call()


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["2.5.29.17", "2.5.29.30", "2.5.29.31", "2.5.29.32", "2.5.29.35"]), st.binary(max_size=80)
)
def test_any_extension_content(dotted: str, data: bytes) -> None:
    _total(certificate(extension(dotted, data)))
    _total(certificate(extension(dotted, tlv(0x30, data))))
    _total(certificate(extension(dotted, tlv(0x30, tlv(0x30, data)))))


def _fill(unit: bytes, reserve: int = 2000) -> bytes:
    return unit * ((MAX_BYTES - reserve) // len(unit))


_DENSE = {
    "alternative names": certificate(extension("2.5.29.17", seq(_fill(tlv(0x82, b"a"))))),
    "addresses": certificate(extension("2.5.29.17", seq(_fill(tlv(0x87, bytes(4)))))),
    "directory names": certificate(extension("2.5.29.17", seq(_fill(tlv(0xA4, name("a")))))),
    "constraints": certificate(extension("2.5.29.30", seq(tlv(0xA0, _fill(seq(tlv(0x82))))))),
    "purposes": certificate(extension("2.5.29.37", seq(_fill(oid("1.2.3"))))),
    "distribution points": certificate(
        extension("2.5.29.31", seq(_fill(seq(tlv(0xA0, tlv(0xA0, tlv(0x86, b"u")))))))
    ),
    "access": certificate(extension("1.3.6.1.5.5.7.1.1", seq(_fill(seq(oid("1.2.3"), tlv(0x86, b"u")))))),
    "nesting": certificate(inner=seq(oid("1.2.3"), _fill(b"\x30\x80"))),
    "extensions": certificate(_fill(extension("1.2.3", b""))),
    "attributes": certificate(subject=seq(_fill(rdn(attribute("a"))))),
    "one long text": certificate(subject=name("e\u0301\u0323" * 20_000)),
    "many long texts": certificate(
        subject=seq(*(rdn(attribute("e" + "\u0301\u0323" * 500 + str(i))) for i in range(60)))
    ),
    "private keys": seq(_fill(b"\x02\x01\x00")),
    "long identifier": certificate(inner=seq(tlv(0x06, b"\xff" * 120_000 + b"\x01"))),
    "long integer": certificate(serial=tlv(0x02, b"\x01" * 120_000)),
}


def _own_cost_s(content: bytes) -> float:
    """CPU seconds of reading this: without other tests' threads, and without collecting their garbage."""
    gc.collect()
    gc.freeze()
    try:
        start = time.thread_time()
        _total(content)
        return time.thread_time() - start
    finally:
        gc.unfreeze()


@pytest.mark.parametrize("kind", _DENSE)
def test_dense_certificates_cost_little(kind: str) -> None:
    """128 KiB of the most expensive content take well under half a second on any machine."""
    assert len(_DENSE[kind]) <= MAX_BYTES
    elapsed = _own_cost_s(_DENSE[kind])
    print(f"{kind}: {elapsed * 1000:.0f} ms")
    assert elapsed < 1.0


def test_thousands_of_names_are_read() -> None:
    assert len(parse_certificate(_DENSE["alternative names"]).extensions.subject_alt_name) > 40_000
