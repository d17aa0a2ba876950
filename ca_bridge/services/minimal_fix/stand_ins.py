"""What stands in for evidence that nobody has yet, for judging "what if" and for nothing else.

A stand-in is never signed. The engine is given, in the place of its signature, that of the real certificate
it stands for: a renewed certificate counts under a key exactly if the certificate itself verifies under it,
with its algorithm and at the time asked; an OCSP response counts under the key that signed the certificate
it is about. So nothing is accepted that a real issuer's key has not signed, and no rule is relaxed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha1, sha256

from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.certificate import Certificate, SignedBytes, SubjectPublicKeyInfo
from ca_bridge.services.minimal_fix.steps import FreshStatus, Renewal

_SEQUENCE, _BIT_STRING, _OCTETS, _ENUMERATED, _INTEGER = 0x30, 0x03, 0x04, 0x0A, 0x02
_OID, _UTC_TIME, _GENERALIZED_TIME = 0x06, 0x17, 0x18
_BY_KEY, _GOOD, _NEXT_UPDATE, _EXPLICIT_0 = 0xA2, 0x80, 0xA0, 0xA0
_SHA256 = bytes.fromhex("300d06096086480165030402010500")
_BASIC = "1.3.6.1.5.5.7.48.1.1"
_LONG_FORM = 0x80
_UTC_TIME_YEARS = range(1950, 2050)
_HOUR = timedelta(hours=1)
_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(microsecond=0, tzinfo=UTC)


class StandInSignatures(SignatureChecker):
    """A checker that looks at the originals of stand-ins; everything else is the real one's."""

    __slots__ = ("_originals", "_real")

    def __init__(self, real: SignatureChecker, originals: Mapping[bytes, SignedBytes]) -> None:
        """``originals``: what stands for the signature, by the bytes a stand-in's would cover."""
        self.sm2 = real.sm2
        self._real = real
        self._originals = originals

    def verify(
        self,
        signed: SignedBytes,
        key: SubjectPublicKeyInfo,
        *,
        profile: str,
        at: datetime,
        sm2_user_ids: tuple[bytes, ...],
        dsa_parameters: bytes | None = None,
    ) -> Finding | None:
        """As the real checker says of ``signed``, or of what it stands for."""
        return self._real.verify(
            self._originals.get(signed.tbs, signed),
            key,
            profile=profile,
            at=at,
            sm2_user_ids=sm2_user_ids,
            dsa_parameters=dsa_parameters,
        )

    def key_problem(
        self, key: SubjectPublicKeyInfo, *, profile: str, at: datetime, dsa_parameters: bytes | None = None
    ) -> Finding | None:
        """As the real checker says."""
        return self._real.key_problem(key, profile=profile, at=at, dsa_parameters=dsa_parameters)


def good_response(fresh: FreshStatus, at: datetime) -> tuple[bytes, bytes]:
    """An OCSP response (RFC 6960 §4.2.1) of ``at`` that says good, and what its signature would cover."""
    certificate, key = fresh.certificate, fresh.issuer.spki.key
    time = at.replace(microsecond=0)
    identity = _tlv(
        _SEQUENCE,
        _SHA256,
        _tlv(_OCTETS, sha256(certificate.issuer.der).digest()),
        _tlv(_OCTETS, sha256(key).digest()),
        _serial_number(certificate),
    )
    until = _tlv(_NEXT_UPDATE, _generalized(shifted(time, _HOUR)))
    single = _tlv(_SEQUENCE, identity, _tlv(_GOOD), _generalized(time), until)
    by_key = _tlv(_BY_KEY, _tlv(_OCTETS, sha1(key, usedforsecurity=False).digest()))
    covered = _tlv(_SEQUENCE, by_key, _generalized(time), _tlv(_SEQUENCE, single))
    basic = _tlv(_SEQUENCE, covered, *_algorithm_and_signature(certificate))
    payload = _tlv(_SEQUENCE, _object_identifier(_BASIC), _tlv(_OCTETS, basic))
    return _tlv(_SEQUENCE, _tlv(_ENUMERATED, b"\x00"), _tlv(_EXPLICIT_0, payload)), covered


def renewed_certificate(renewal: Renewal, at: datetime) -> tuple[bytes, bytes]:
    """The certificate with an end after ``at``, and the bytes its signature would cover.

    All else is as it was, the serial number too: what is known to be revoked stays so.
    """
    certificate = renewal.certificate
    covered = certificate.signed.tbs
    _, start, stop = der.read_tlv(covered, 0, len(covered))
    fields = list(der.children(covered, start, stop))
    index = 4 if fields[0][1] == _EXPLICIT_0 else 3
    begin, _, _, end = fields[index]
    until = shifted(at.replace(microsecond=0), _HOUR)
    validity = _tlv(_SEQUENCE, _time(certificate.not_before), _time(until))
    changed = _tlv(_SEQUENCE, covered[start:begin] + validity + covered[end:stop])
    return _tlv(_SEQUENCE, changed, *_algorithm_and_signature(certificate)), changed


def shifted(time: datetime, by: timedelta) -> datetime:
    """``time`` moved by ``by``, or the first or last instant that can be said."""
    try:
        return time + by
    except OverflowError:
        return _LAST if by > timedelta(0) else _FIRST


def _serial_number(certificate: Certificate) -> bytes:
    covered = certificate.signed.tbs
    _, start, stop = der.read_tlv(covered, 0, len(covered))
    begin, _, _, end = next(f for f in der.children(covered, start, stop) if f[1] == _INTEGER)
    return covered[begin:end]


def _algorithm_and_signature(certificate: Certificate) -> tuple[bytes, bytes]:
    """DER of signatureAlgorithm and signatureValue of the certificate, as they stand in it."""
    whole = certificate.der
    _, start, stop = der.read_tlv(whole, 0, len(whole))
    _, algorithm, signature = der.children(whole, start, stop)
    return whole[algorithm[0] : algorithm[3]], whole[signature[0] : signature[3]]


def _time(time: datetime) -> bytes:
    """UTCTime for the years it can say, GeneralizedTime for others (RFC 5280 §4.1.2.5)."""
    if time.year in _UTC_TIME_YEARS:
        return _tlv(_UTC_TIME, f"{time:%y%m%d%H%M%S}Z".encode())
    return _generalized(time)


def _generalized(time: datetime) -> bytes:
    return _tlv(_GENERALIZED_TIME, f"{time.year:04}{time:%m%d%H%M%S}Z".encode())


def _object_identifier(dotted: str) -> bytes:
    """DER of an OID whose arcs are all below 128."""
    first, second, *rest = map(int, dotted.split("."))
    return _tlv(_OID, bytes((40 * first + second, *rest)))


def _tlv(tag: int, *contents: bytes) -> bytes:
    """DER of one value (X.690 §8.1)."""
    content = b"".join(contents)
    length = len(content)
    if length < _LONG_FORM:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((tag, _LONG_FORM | len(octets))) + octets + content
