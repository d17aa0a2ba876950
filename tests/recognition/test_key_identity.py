from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ca_bridge.core.recognition.key_identity import key_hash
from ca_bridge.core.x509.certificate import AlgorithmIdentifier, SubjectPublicKeyInfo
from tests.recognition.scheme import LEAVES, C, parsed

PSS = AlgorithmIdentifier("1.2.840.113549.1.1.10", None)


@pytest.mark.parametrize("bits", [512, 1024, 2048, 4096])
def test_an_rsa_key_has_one_hash_under_either_algorithm(bits: int) -> None:
    public = rsa.generate_private_key(65537, max(bits, 1024)).public_key()
    plain = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    inner = public.public_bytes(Encoding.DER, PublicFormat.PKCS1)
    under_pss = SubjectPublicKeyInfo(b"any other bytes", PSS, inner)
    certificate = replace(parsed(C["hk-root"]), spki=under_pss)
    assert key_hash(certificate) == sha256(plain).hexdigest()


def test_a_short_key_too() -> None:
    """Lengths below 128 octets are in the short form (X.690 §8.1.3.4)."""
    certificate = replace(parsed(C["hk-root"]), spki=SubjectPublicKeyInfo(b"", PSS, b"\x30\x00"))
    expected = "3014300d06092a864886f70d01010105000303003000"
    assert key_hash(certificate) == sha256(bytes.fromhex(expected)).hexdigest()


@pytest.mark.parametrize("label", ["gd-a-sm2-company-sign", "gd-a-rsa-company-sign"])
def test_other_keys_have_the_hash_of_what_was_certified(label: str) -> None:
    certificate = parsed(LEAVES[label])
    assert key_hash(certificate) == sha256(certificate.spki.der).hexdigest()
