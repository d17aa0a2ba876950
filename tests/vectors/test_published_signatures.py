"""NIST CAVP and RFC signature vectors, accepted and rejected as published.

The files are those of the package cryptography-vectors. Keys that no profile takes (P-192, RSA below
1,024 bits) are left out; everything else must agree.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import cryptography_vectors
import pytest

from tests.algorithm_samples import (
    DSA,
    DSA_OIDS,
    ECDSA_OIDS,
    ED448,
    ED25519,
    HASH_OIDS,
    P256,
    P384,
    P521,
    RSA_OIDS,
    RSA_PSS,
    ec_key,
    pair,
    raw_key,
    rsa_key,
    signed,
    verify,
)
from tests.certificate_der import NULL, integer, oid, seq, tlv

_FOLDER = Path(cryptography_vectors.__file__).parent / "asymmetric"
_MGF1 = "1.2.840.113549.1.1.8"


def _hash(name: str) -> str:
    return "SHA-" + name.replace("SHA", "").strip("- ")


def _records(file: str) -> Iterator[dict[str, str]]:
    """Each block of "name = value" lines, with the values of the blocks before it that it does not repeat."""
    known: dict[str, str] = {}
    for line in (_FOLDER / file).read_text("utf-8").splitlines():
        if line.startswith("["):
            known["section"] = line.strip("[]")
        elif match := re.match(r"(\w+)\s*=\s*(.*)", line):
            known[match[1]] = match[2].strip()
            if match[1] == "Result":
                yield dict(known)


def _tally(outcomes: Iterator[tuple[str | None, bool]]) -> Counter[bool]:
    counted: Counter[bool] = Counter()
    for index, (reason, valid) in enumerate(outcomes):
        assert (reason is None) == valid, f"vector {index}: {reason}"
        counted[valid] += 1
    return counted


def _rsa(file: str, *, salted: bool) -> Iterator[tuple[str | None, bool]]:
    for record in _records(file):
        name = _hash(record["SHAAlg"])
        key = rsa_key(int(record["n"], 16), int(record["e"], 16))
        algorithm, parameters = RSA_OIDS[name], NULL
        if salted:
            salt = 0 if record["SaltVal"] == "00" else len(record["SaltVal"]) // 2
            algorithm, parameters = RSA_PSS, pss_parameters(name, salt)
        message, signature = bytes.fromhex(record["Msg"]), bytes.fromhex(record["S"])
        sample = signed(message, signature, algorithm, parameters)
        yield verify(sample, key, profile="legacy"), record["Result"].startswith("P")


def pss_parameters(name: str, salt: int) -> bytes:
    digest = seq(oid(HASH_OIDS[name]), NULL)
    return seq(tlv(0xA0, digest), tlv(0xA1, seq(oid(_MGF1), digest)), tlv(0xA2, integer(salt)))


@pytest.mark.parametrize(
    ("file", "salted", "counts"),
    [
        ("RSA/FIPS_186-2/SigVer15_186-3.rsp", False, {True: 75, False: 375}),
        ("RSA/FIPS_186-2/SigVerPSS_186-3.rsp", True, {True: 75, False: 375}),
        ("RSA/SigVer15EMTest.txt", False, {False: 150}),
    ],
)
def test_rsa(file: str, salted: bool, counts: dict[bool, int]) -> None:  # noqa: FBT001 - a column
    assert _tally(_rsa(file, salted=salted)) == counts


def test_ecdsa() -> None:
    curves = {"P-256": (P256, 32), "P-384": (P384, 48), "P-521": (P521, 66)}

    def outcomes() -> Iterator[tuple[str | None, bool]]:
        for record in _records("ECDSA/FIPS_186-3/SigVer.rsp"):
            curve, digest = record["section"].split(",")
            if curve in curves:
                dotted, size = curves[curve]
                x, y = (int(record[name], 16).to_bytes(size, "big") for name in ("Qx", "Qy"))
                signature = pair(int(record["R"], 16), int(record["S"], 16))
                sample = signed(bytes.fromhex(record["Msg"]), signature, ECDSA_OIDS[digest])
                key = ec_key(dotted, b"\x04" + x + y)
                yield verify(sample, key, profile="legacy"), record["Result"].startswith("P")

    assert _tally(outcomes()) == {True: 45, False: 180}


def test_dsa() -> None:
    def outcomes() -> Iterator[tuple[str | None, bool]]:
        for record in _records("DSA/FIPS_186-3/SigVer.rsp"):
            digest = _hash(record["section"].rpartition(",")[2])
            if digest in DSA_OIDS:
                p, q, g, y, r, s = (int(record[name], 16) for name in ("P", "Q", "G", "Y", "R", "S"))
                key = raw_key(DSA, seq(integer(p), integer(q), integer(g)), integer(y))
                sample = signed(bytes.fromhex(record["Msg"]), pair(r, s), DSA_OIDS[digest])
                yield verify(sample, key, profile="legacy"), record["Result"].startswith("P")

    assert _tally(outcomes()) == {True: 84, False: 96}


def test_ed25519() -> None:
    lines = (_FOLDER / "Ed25519/sign.input").read_text("ascii").splitlines()
    assert len(lines) == 1024
    for line in lines[::4]:
        _, public, message, signature = (bytes.fromhex(part) for part in line.split(":")[:4])
        key = raw_key(ED25519, b"", public)
        assert verify(signed(message, signature[:64], ED25519), key) is None
        assert verify(signed(message + b"x", signature[:64], ED25519), key) == "SIGNATURE_DOES_NOT_VERIFY"


def test_ed448() -> None:
    blocks = (_FOLDER / "Ed448/rfc8032.txt").read_text("ascii").split("COUNT = ")[1:]
    records = [dict(re.findall(r"(\w+) =[ ]?([0-9a-f]*)", block)) for block in blocks]
    plain = [record for record in records if "CONTEXT" not in record]
    assert len(plain) == 8
    for record in records:
        message, signature = bytes.fromhex(record["MESSAGE"]), bytes.fromhex(record["SIGNATURE"])
        reason = verify(
            signed(message, signature, ED448), raw_key(ED448, b"", bytes.fromhex(record["PUBLIC"]))
        )
        assert (reason is None) == (record in plain)
