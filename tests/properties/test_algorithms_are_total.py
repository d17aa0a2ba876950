"""Whatever bytes a key or signature is made of: a finding or None, and nothing else escapes."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import SubjectPublicKeyInfo
from tests.algorithm_samples import (
    AT,
    DSA_OIDS,
    ECDSA_OIDS,
    ED448,
    ED25519,
    RSA_OIDS,
    RSA_PSS,
    SM2_CURVE,
    SM3_WITH_SM2,
    checker,
    ec_key,
    key_of,
    pair,
    raw_key,
    signed,
)
from tests.certificate_der import NULL, integer, seq, tlv

_SM2_POINT = bytes.fromhex(
    "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)


@cache
def _keys() -> tuple[SubjectPublicKeyInfo, ...]:
    made = (
        rsa.generate_private_key(65537, 1024),  # noqa: S505 - legacy
        ec.derive_private_key(5, ec.SECP256R1()),
        ec.derive_private_key(5, ec.SECP521R1()),
        ed25519.Ed25519PrivateKey.from_private_bytes(b"3" * 32),
        ed448.Ed448PrivateKey.from_private_bytes(b"3" * 57),
        dsa.generate_private_key(1024),  # noqa: S505 - legacy
    )
    rsa_key = key_of(made[0].public_key())
    return (
        *(key_of(private.public_key()) for private in made),
        ec_key(SM2_CURVE, _SM2_POINT),
        raw_key(RSA_PSS, b"", rsa_key.key),
    )


_OIDS = [*RSA_OIDS.values(), *ECDSA_OIDS.values(), *DSA_OIDS.values(), ED25519, ED448, RSA_PSS, SM3_WITH_SM2]
_INTEGERS = st.integers(-(1 << 200), 1 << 2100)
_PSS = st.lists(st.sampled_from([0xA0, 0xA1, 0xA2, 0xA3]), max_size=4).flatmap(
    lambda tags: st.tuples(*(st.binary(max_size=20).map(lambda c, t=tag: tlv(t, c)) for tag in tags))
)
_PARAMETERS = st.one_of(
    st.none(),
    st.just(NULL),
    st.binary(min_size=1, max_size=40),
    _PSS.map(lambda fields: seq(*fields)),
    st.integers(-5, 2000).map(lambda salt: seq(tlv(0xA2, integer(salt)))),
)
_SIGNATURES = st.one_of(
    st.binary(max_size=300), st.builds(pair, _INTEGERS, _INTEGERS), st.sampled_from([64, 114, 128]).map(bytes)
)


@settings(max_examples=400, deadline=None)
@given(
    algorithm=st.sampled_from(_OIDS), parameters=_PARAMETERS, signature=_SIGNATURES, index=st.integers(0, 7)
)
def test_signatures(algorithm: str, parameters: bytes | None, signature: bytes, index: int) -> None:
    key = _keys()[index]
    sample = signed(b"message", signature, algorithm, parameters)
    finding = checker().verify(sample, key, profile="legacy", at=AT, sm2_user_ids=(b"",))
    assert isinstance(finding, Finding)
    assert finding.position is None
    assert {name for name, _ in finding.params} == set(finding.reason.params)


@settings(max_examples=400, deadline=None)
@given(data=st.data(), index=st.integers(0, 7))
def test_keys(data: st.DataObject, index: int) -> None:
    key = _keys()[index]
    octets = data.draw(
        st.one_of(
            st.binary(max_size=150),
            st.lists(_INTEGERS, max_size=3).map(lambda values: seq(*map(integer, values))),
            _INTEGERS.map(integer),
            st.integers(0, 8 * len(key.key) - 1).map(lambda bit: _turned(key.key, bit)),
        )
    )
    parameters = data.draw(
        st.one_of(
            st.just(key.algorithm.parameters), _PARAMETERS, st.just(seq(integer(1), integer(1), integer(1)))
        )
    )
    altered = SubjectPublicKeyInfo(
        b"\x30" + (parameters or b"") + octets, type(key.algorithm)(key.algorithm.oid, parameters), octets
    )
    for profile in ("default", "legacy"):
        finding = checker().key_problem(
            altered, profile=profile, at=AT, dsa_parameters=data.draw(_PARAMETERS)
        )
        if finding is not None:
            assert {name for name, _ in finding.params} == set(finding.reason.params)


def _turned(octets: bytes, bit: int) -> bytes:
    altered = bytearray(octets)
    altered[bit // 8] ^= 1 << bit % 8
    return bytes(altered)
