"""SignedData of GB/T 35275: read by OpenSSL, verified by its raw signature there, and strict here."""

from __future__ import annotations

import json
import re
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ca_bridge.core.receipt.signed_data_form import issuer_and_serial, signed_data
from ca_bridge.core.x509.errors import Malformed
from tests.pki_writers import der, small
from tests.receipts.house import House, changed, faults, house, soft_key, with_signature


def parts_of(raw: bytes) -> tuple[bytes, bytes]:
    """(checkpoint body, SignedData) of a receipt of one SM2 key."""
    data = json.loads(raw)
    body = data["log"]["checkpoint"].rpartition("\n\n")[0].encode() + b"\n"
    (value,) = (one["value"] for one in data["signatures"] if one["form"] == "gbt35275")
    return body, b64decode(value)


def openssl(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, timeout=30, check=False)


def test_openssl_sees_the_shape() -> None:
    one = house("sm2")
    body, made = parts_of(one.receipts(2)[1])
    shown = openssl("asn1parse", "-inform", "DER", given=made)
    assert shown.returncode == 0, shown.stderr
    said = re.findall(r"d=(\d+).*?(cons|prim): ?([\w ]+?) *(?::(.*))?$", shown.stdout.decode(), re.MULTILINE)
    named = [(int(depth), what.strip(), value) for depth, _, what, value in said]
    objects = [value for _, what, value in named if what == "OBJECT"]
    assert objects[:3] == ["1.2.156.10197.6.1.4.2.2", "sm3", "1.2.156.10197.6.1.4.2.1"]
    assert objects[-2:] == ["sm3", "1.2.156.10197.1.301.1"]
    assert made.count(body) == 1
    assert next(value for _, what, value in named if what == "INTEGER") == "01"


def test_openssl_reads_it_as_pkcs7_once_its_names_are_those_of_pkcs7() -> None:
    """The shape is that of PKCS#7 v1.5: with that standard's two names OpenSSL prints its certificate."""
    one = house("sm2")
    body, made = parts_of(one.receipts(2)[1])
    certificate = one.receipt_keys[0].certificate
    assert certificate is not None
    data = der.seq(
        b"\x02\x01\x01",
        der.set_of(der.seq(der.oid("1.2.156.10197.1.401"))),
        der.seq(der.oid("1.2.840.113549.1.7.1"), der.explicit(0, der.octets(body))),
        der.explicit(0, certificate),
        made[made.index(certificate) + len(certificate) :],
    )
    renamed = der.seq(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, data))
    shown = openssl("pkcs7", "-inform", "DER", "-print_certs", "-noout", given=renamed)
    assert shown.returncode == 0, shown.stderr
    assert b"CN = Receipts" in shown.stdout


def test_openssl_verifies_the_signature(tmp_path: Path) -> None:
    one = house("sm2")
    body, made = parts_of(one.receipts(2)[1])
    signature = made[made.rindex(b"\x04", 0, len(made) - 68) :][2:]
    (tmp_path / "key.pem").write_text(one.receipt_keys[0].pem)
    (tmp_path / "signature").write_bytes(signature)
    (tmp_path / "body").write_bytes(body)
    command = (
        *("pkeyutl", "-verify", "-pubin", "-inkey", str(tmp_path / "key.pem"), "-rawin", "-digest", "sm3"),
        *("-in", str(tmp_path / "body"), "-sigfile", str(tmp_path / "signature")),
        *("-pkeyopt", "distid:1234567812345678"),
    )
    assert b"Verified Successfully" in openssl(*command).stdout
    (tmp_path / "body").write_bytes(body + b"x")
    assert b"Signature Verification Failure" in openssl(*command).stdout


def forged(raw: bytes, made: bytes) -> bytes:
    """The receipt with another SignedData, alone."""

    def change(data: dict) -> None:
        (old,) = (one for one in data["signatures"] if one["form"] == "gbt35275")
        data["signatures"] = [old | {"value": b64encode(made).decode()}]

    return changed(raw, change)


def test_alone_it_is_enough() -> None:
    one = house("sm2")
    raw = one.receipts(2)[1]
    assert faults(one, forged(raw, parts_of(raw)[1])) == []


def test_content_certificate_and_signer_are_bound() -> None:
    one = house("sm2")
    key = one.receipt_keys[0]
    raw = one.receipts(2)[1]
    body, _ = parts_of(raw)
    assert key.certificate is not None
    other = small.leaf()
    for made, expected in (
        (signed_data(b"other\n", key.certificate, key.sign(b"other\n")), "SIGNED_DATA_CONTENT"),
        (signed_data(body, other, key.sign(body)), "SIGNED_DATA_CERTIFICATE"),
        (signed_data(body, key.certificate, key.sign(b"other\n")), "SIGNATURE_INVALID"),
        (signed_data(body, key.certificate, b""), "SIGNATURE_INVALID"),
        (signed_data(body, key.certificate, soft_key("receipt", "sm2", "x").sign(body)), "SIGNATURE_INVALID"),
    ):
        assert faults(one, forged(raw, made)) == [expected]


def test_a_certificate_of_another_key() -> None:
    """Named by the signed checkpoint, and still not of the known key: nothing inside is trusted."""
    one = house("sm2")
    key = one.receipt_keys[0]
    thief = soft_key("receipt", "sm2", "thief", certified=True)
    seal = one.seal
    object.__setattr__(seal, "receipt_keys", (replace(key, certificate=thief.certificate),))
    careless = House(log_key=one.log_key, receipt_keys=one.receipt_keys)
    object.__setattr__(careless, "receipt_keys", seal.receipt_keys)
    with pytest.raises(Exception, match="is of another key"):
        _ = careless.seal
    head = seal(1, b"\x00" * 32)
    raw = one.receipts(2)[1]
    mixed = changed(
        raw,
        lambda d: (
            d["log"].update(checkpoint=head.note, tree_size=1, index=0, inclusion_proof=[]),
            d.update(signatures=[vars_of(one) for one in head.signatures if one.form == "gbt35275"]),
        ),
    )
    assert faults(one, mixed) == ["NOT_INCLUDED", "SIGNED_DATA_CERTIFICATE"]


def vars_of(signature: object) -> dict[str, str]:
    return {name: getattr(signature, name) for name in ("form", "key_id", "algorithm", "value")}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda made: b"",
        lambda made: made + b"\x00",
        lambda made: made[:-1],
        lambda made: b"\x30\x80" + made[4:] + b"\x00\x00",
        lambda made: b"\x30\x00",
        lambda made: made.replace(b"\x02\x01\x01", b"\x02\x01\x03", 1),
        lambda made: made[::-1],
        lambda made: made.replace(
            bytes.fromhex("060a2a811ccf550601040202"), bytes.fromhex("060a2a811ccf550601040203")
        ),
        lambda made: made.replace(
            bytes.fromhex("060a2a811ccf550601040201"), bytes.fromhex("060a2a811ccf550601040203")
        ),
    ],
)
def test_der_that_is_not_the_one_form(spoil: Callable[[bytes], bytes]) -> None:
    one = house("sm2")
    raw = one.receipts(2)[1]
    made = parts_of(raw)[1]
    assert faults(one, forged(raw, spoil(made))) == ["SIGNED_DATA_MALFORMED"]


def test_other_algorithm_names() -> None:
    """SM2 with SM3 is deployed under several names; a receipt has one, so that none of its octets is idle."""
    one = house("sm2")
    raw = one.receipts(2)[1]
    made = parts_of(raw)[1]
    ours = bytes.fromhex("300b06092a811ccf5501822d01")
    for other in (bytes.fromhex("300b06092a811ccf5501822d02"), bytes.fromhex("300b06072a8648ce3d02010500")):
        assert len(other) == len(ours)
        assert faults(one, forged(raw, made.replace(ours, other))) == ["SIGNED_DATA_ALGORITHM"]
    sm3 = bytes.fromhex("06082a811ccf55018311")
    at = made.rindex(sm3)
    hashed = made[:at] + sm3[:-1] + b"\x12" + made[at + len(sm3) :]
    assert faults(one, forged(raw, hashed)) == ["SIGNED_DATA_ALGORITHM"]
    first = made.replace(sm3, sm3[:-1] + b"\x12", 1)
    assert faults(one, forged(raw, first)) == ["SIGNED_DATA_MALFORMED"]


def test_base64_has_one_form() -> None:
    one = house("sm2")
    raw = one.receipts(2)[1]
    value = b64encode(parts_of(raw)[1]).decode()
    for other in (value + "\n", value.rstrip("=") + "===", value[:-4], "é", "====", " " + value):
        assert faults(one, with_signature(raw, 1, value=other)) == ["SIGNED_DATA_MALFORMED"]


def test_without_certificate_there_is_none() -> None:
    one = House(log_key=soft_key("log", "sm2"), receipt_keys=(soft_key("receipt", "sm2"),))
    forms = [signature["form"] for signature in json.loads(one.receipts(1)[0])["signatures"]]
    assert forms == ["jws"]


def test_a_certificate_of_the_first_version() -> None:
    v1 = der.seq(
        der.seq(der.integer(5), *[der.seq(der.integer(n)) for n in range(5)]), der.seq(), der.bits(b"x")
    )
    assert issuer_and_serial(v1) == (
        der.seq(der.seq(der.integer(1)), der.integer(5)),
        der.seq(der.integer(4)),
    )
    for bad in (b"", b"\x30\x00", der.seq(der.seq(der.integer(5)))):
        with pytest.raises(Malformed):
            issuer_and_serial(bad)
