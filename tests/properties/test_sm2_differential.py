"""SM2 on libcrypto against gmssl and against the OpenSSL inside pyOpenSSL: the same answer, always."""

from __future__ import annotations

import random
from datetime import datetime
from itertools import pairwise

from gmssl.sm2 import CryptSM2
from hypothesis import given, settings
from hypothesis import strategies as st
from OpenSSL import crypto

from ca_bridge.adapters.gmssl_sm2 import GmsslSm2
from ca_bridge.adapters.libcrypto_sm2 import LibcryptoSm2
from ca_bridge.core.algorithms.sm2 import ORDER, sm2_digest
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from tests.algorithm_samples import verify
from tests.shared_data import shared_data

_LIBCRYPTO, _GMSSL = LibcryptoSm2(), GmsslSm2()
_SCALARS = st.integers(1, ORDER - 2)


def _sign(private: int, nonce: int, message: bytes, user_id: bytes) -> tuple[bytes, bytes, int, int] | None:
    """(point, digest, r, s), signed by gmssl; None for the nonces that SM2 says to draw again."""
    point = CryptSM2("", "")._kg(private, CryptSM2("", "").ecc_table["g"])
    signer = CryptSM2(private_key=f"{private:064x}", public_key="")
    digest = sm2_digest(user_id, bytes.fromhex(point), message)
    signature = signer.sign(digest, f"{nonce:064x}")
    if signature is None:
        return None
    return bytes.fromhex(point), digest, int(signature[:64], 16), int(signature[64:], 16)


@settings(max_examples=40, deadline=None)
@given(private=_SCALARS, nonce=_SCALARS, message=st.binary(max_size=200), user_id=st.binary(max_size=40))
def test_signatures_of_one_verify_on_the_other(
    private: int, nonce: int, message: bytes, user_id: bytes
) -> None:
    made = _sign(private, nonce, message, user_id)
    if made is not None:
        assert _GMSSL.verify_digest(*made)
        assert _LIBCRYPTO.verify_digest(*made)


_MADE = _sign(0x1234567 << 200 | 89, 0xABCDEF << 210 | 7, b"message", b"1234567812345678")
_MUTATIONS = st.tuples(st.sampled_from(["point", "digest", "r", "s"]), st.integers(0, 255))


@settings(max_examples=200, deadline=None)
@given(mutations=st.lists(_MUTATIONS, max_size=3))
def test_altered_signatures_fare_alike(mutations: list[tuple[str, int]]) -> None:
    assert _MADE is not None
    names = ("point", "digest", "r", "s")
    values = dict(
        zip(
            names, (int.from_bytes(_MADE[0], "big"), int.from_bytes(_MADE[1], "big"), *_MADE[2:]), strict=True
        )
    )
    for name, bit in mutations:
        values[name] ^= 1 << bit
    if not (0 < values["r"] < ORDER and 0 < values["s"] < ORDER and values["r"] + values["s"] != ORDER):
        return
    altered = (
        values["point"].to_bytes(64, "big"),
        values["digest"].to_bytes(32, "big"),
        values["r"],
        values["s"],
    )
    answer = _LIBCRYPTO.verify_digest(*altered)
    assert _GMSSL.verify_digest(*altered) is answer
    assert answer is (altered == _MADE)


def _real(*names: str) -> list[bytes]:
    pems = (shared_data("real", "sm2", name).read_bytes() for name in names)
    loaded = (crypto.load_certificate(crypto.FILETYPE_PEM, pem) for pem in pems)
    return [crypto.dump_certificate(crypto.FILETYPE_ASN1, certificate) for certificate in loaded]


def _openssl_accepts(target: bytes, chain: list[bytes]) -> bool:
    store = crypto.X509Store()
    store.set_time(datetime(2023, 1, 1))  # noqa: DTZ001 - pyOpenSSL takes UTC without a zone
    store.add_cert(crypto.load_certificate(crypto.FILETYPE_ASN1, chain[-1]))
    untrusted = [crypto.load_certificate(crypto.FILETYPE_ASN1, der) for der in chain[:-1]]
    try:
        leaf = crypto.load_certificate(crypto.FILETYPE_ASN1, target)
        crypto.X509StoreContext(store, leaf, chain=untrusted).verify_certificate()
    except (crypto.Error, crypto.X509StoreContextError):
        return False
    return True


def _ours_accepts(target: bytes, chain: list[bytes]) -> bool:
    try:
        certificates = [parse_certificate(der) for der in (target, *chain)]
    except Malformed:
        return False
    pairs = pairwise(certificates)
    return all(verify(lower.signed, upper.spki) is None for lower, upper in pairs)


def test_real_chain_altered_bit_by_bit_against_openssl() -> None:
    target, *chain = _real(
        "ebssec_boc_cn-0147ac31.pem",
        "C_CN_O_CFCA_SM2_OCA1-e6326c17.pem",
        "CFCA_CS_SM2_CA-1ec27345.pem",
        "ROOTCA-9c28d384.pem",
    )
    assert _ours_accepts(target, chain)
    assert _openssl_accepts(target, chain)
    chosen = random.Random(20230101)  # noqa: S311 - the same alterations each run
    signature_start = len(target) - 64
    for round_ in range(300):
        altered = bytearray(target)
        start = signature_start if round_ % 3 else 4
        altered[chosen.randrange(start, len(target))] ^= 1 << chosen.randrange(8)
        assert not _openssl_accepts(bytes(altered), chain)
        assert not _ours_accepts(bytes(altered), chain)


def test_the_one_known_difference() -> None:
    """Where s*G equals (r + s)*P gmssl adds a point to itself wrongly, and refuses.

    Such a digest is chosen after r and s, so nobody can find a message for it: nothing real is refused.
    """
    private, t = 12345678901234567890, 987654321
    s = t * private % ORDER
    r = (t - s) % ORDER
    gmssl = CryptSM2("", "")
    point = bytes.fromhex(gmssl._kg(private, gmssl.ecc_table["g"]))
    x = int(gmssl._kg(2 * s % ORDER, gmssl.ecc_table["g"])[:64], 16)
    digest = ((r - x) % ORDER).to_bytes(32, "big")
    assert _LIBCRYPTO.verify_digest(point, digest, r, s)
    assert not _GMSSL.verify_digest(point, digest, r, s)


def test_infinity_is_no_signature() -> None:
    """Where s*G is -(r + s)*P the sum is infinity, which has no x."""
    private, t = 5, 987654321
    s = -t * private % ORDER
    r = (t - s) % ORDER
    gmssl = CryptSM2("", "")
    point = bytes.fromhex(gmssl._kg(private, gmssl.ecc_table["g"]))
    for engine in (_LIBCRYPTO, _GMSSL):
        assert not engine.verify_digest(point, (r % ORDER).to_bytes(32, "big"), r, s)
