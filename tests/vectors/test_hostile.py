"""The hostile set: nothing passes that should not, nothing escapes, nothing takes long; controls pass."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from ca_bridge import wiring
from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.batch import LineJudge
from tests.pki_writers import der, small
from tests.vectors import hostile_cases, hostile_encodings

CPU_SECONDS = 2.0
LEADING = {
    "longer-length": {"DER_LENGTH_NOT_MINIMAL"},
    "indefinite-length": {"DER_LENGTH_INDEFINITE"},
    "high-tag": {"DER_TAG_LONG_FORM", "NOT_A_CERTIFICATE", "EXTENSION_MALFORMED"},
    "one-more": {"DER_TRAILING_BYTES", "DER_TAG_UNEXPECTED", "ALGORITHM_MISMATCH", "EXTENSION_MALFORMED"},
}
"""What may lead for each way of writing otherwise; a cut shows as whatever is then missing."""


@cache
def _judge() -> LineJudge:
    return LineJudge(wiring.gateway().validate)


def asked(name: str, line: dict[str, Any]) -> dict[str, Any]:
    """The out line; fails on a defect of ours and on more than two seconds of CPU."""
    text = json.dumps({"id": name, **line}).encode()
    started = time.process_time()
    judged = _judge().judge(text)
    spent = time.process_time() - started
    assert not judged.defect, (name, judged.defect)
    assert spent < CPU_SECONDS, (name, spent)
    answer: dict[str, Any] = json.loads(judged.out)
    return answer


def leading(answer: dict[str, Any]) -> str | None:
    """The leading reason code; None only when it passed."""
    code = answer["reasons"][0]["code"] if answer["reasons"] else None
    assert (answer["indication"] == "TOTAL_PASSED") == (code is None)
    return code


@pytest.mark.parametrize("family", hostile_cases.FAMILIES, ids=lambda family: family.__name__)
def test_each_case_ends_as_it_must(family: Callable[[], Iterator[hostile_cases.Case]]) -> None:
    wrong = {}
    for name, line, code in family():
        got = leading(asked(name, line))
        if got != code:
            wrong[name] = f"expected {code}, got {got}"
    assert not wrong


def test_the_set_is_as_large_as_promised() -> None:
    cases = [(name, code) for family in hostile_cases.FAMILIES for name, _, code in family()]
    assert len(dict(cases)) == len(cases), "a name is used twice"
    assert sum(code is not None for _, code in cases) >= 150
    assert sum(code is None for _, code in cases) >= 20


@pytest.mark.parametrize("source", ["deviations", "bent_extensions"])
def test_signed_deviations_from_der_are_refused(source: str) -> None:
    count = 0
    for name, certificate in getattr(hostile_encodings, source)():
        answer = asked(name, hostile_encodings.line(certificate))
        code, count = leading(answer), count + 1
        assert answer["sub_indication"] == "FORMAT_FAILURE", (name, code)
        allowed = next((codes for kind, codes in LEADING.items() if kind in name), {code})
        assert code in allowed, (name, code)
    assert count > 100


def test_outer_deviations_from_der_are_refused() -> None:
    for name, certificate, _ in hostile_encodings.whole_objects(small.leaf()):
        answer = asked(name, hostile_encodings.line(certificate))
        assert answer["sub_indication"] == "FORMAT_FAILURE", (name, answer["reasons"])


def test_the_same_deviations_in_a_ca_never_make_a_path() -> None:
    for name, certificate, _ in hostile_encodings.whole_objects(small.authority()):
        answer = asked(name, small.ask(chain=[certificate]))
        assert leading(answer) == "NO_ISSUER_FOUND", name


def test_cut_anywhere_it_is_refused() -> None:
    certificate = small.leaf()
    for size in range(0, len(certificate), 3):
        answer = asked(f"cut-{size}", hostile_encodings.line(certificate[:size]))
        assert answer["sub_indication"] == "FORMAT_FAILURE", size


_PEM = b"-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
_SIGNED_DATA = der.oid("1.2.840.113549.1.7.2")
GARBAGE = {
    "nothing": b"",
    "blank": b" \n\t",
    "text": b"this is no certificate",
    "zeros": bytes(1000),
    "ones": b"\xff" * 1000,
    "nested": b"\x30\x80" * 5000,
    "deep": b"".join(b"\x30" + der.length(2 * n) for n in range(60, 0, -1)),
    "length-of-4-gigabytes": b"\x30\x84\xff\xff\xff\xff",
    "length-of-lengths": b"\x30\xfe" + b"\xff" * 126,
    "pem-without-body": _PEM % b"",
    "pem-not-base64": _PEM % b"!!!!",
    "pem-half": b"-----BEGIN CERTIFICATE-----\nMIIB",
    "pem-crossed": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END X509 CRL-----\n",
    "pem-of-garbage": _PEM % b"AAAA",
    "pem-private-key": b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
    "pkcs7-empty": der.seq(_SIGNED_DATA),
    "pkcs7-of-garbage": der.seq(_SIGNED_DATA, der.explicit(0, der.octets(b"x"))),
    "pkcs7-data": der.seq(der.oid("1.2.840.113549.1.7.1"), der.explicit(0, der.octets(b"x"))),
    "pkcs7-indefinite": der.indefinite(0x30, _SIGNED_DATA),
    "utf-16": "-----BEGIN CERTIFICATE-----".encode("utf-16"),
}


def opened(data: bytes) -> list[Certificate]:
    """The certificates of a file."""
    return [parse_certificate(item.der) for item in decode_bundle(data)]


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_refused_by_every_door(name: str) -> None:
    """As a file, as the certificate of a line, and sent along with a good chain."""
    started = time.process_time()
    with pytest.raises(Malformed):
        opened(GARBAGE[name])
    assert time.process_time() - started < CPU_SECONDS
    answer = asked(name, small.ask(target=GARBAGE[name]))
    assert answer["sub_indication"] == "FORMAT_FAILURE"
    beside = small.ask(chain=[small.authority(), GARBAGE[name]])
    assert leading(asked(name, beside)) is None, "garbage beside a good chain changes nothing"
