"""Parsed values kept by their bytes, so that the same bytes are parsed once; bounded both ways."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.crl import CertificateList
from ca_bridge.core.x509.crl_parser import parse_crl
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.ocsp import OcspResponse
from ca_bridge.core.x509.ocsp_parser import parse_ocsp_response

_Value = TypeVar("_Value")


class Interned(Generic[_Value]):
    """Least-recently-used table from bytes to what ``parse`` makes of them, errors included.

    Holds at most ``max_entries`` values whose bytes are at most ``max_bytes`` in sum. Bytes of
    more than ``max_item_bytes`` are parsed anew each time, so that one value can't evict all.
    """

    __slots__ = ("_bytes", "_entries", "_lock", "_max_bytes", "_max_entries", "_max_item_bytes", "_parse")

    def __init__(
        self,
        parse: Callable[[bytes], _Value],
        *,
        max_entries: int,
        max_bytes: int,
        max_item_bytes: int | None = None,
    ) -> None:
        """``parse`` raises nothing but Malformed; one item may take a sixteenth unless said."""
        self._parse = parse
        self._max_item_bytes = max_bytes // 16 if max_item_bytes is None else max_item_bytes
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._entries: OrderedDict[bytes, _Value | Malformed] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def __len__(self) -> int:
        """How many values are held."""
        return len(self._entries)

    def get(self, encoded: bytes) -> _Value:
        """The value of ``encoded``; raises Malformed as ``parse`` would."""
        with self._lock:
            found = self._entries.get(encoded)
            if found is not None:
                self._entries.move_to_end(encoded)
        if found is None:
            found = self._parsed(encoded)
            self._keep(encoded, found)
        if isinstance(found, Malformed):
            # A raised exception gathers its traceback: the kept one is never raised itself.
            raise Malformed(found.reason, **dict(found.params))
        return found

    def _parsed(self, encoded: bytes) -> _Value | Malformed:
        """What ``parse`` returns, or a Malformed like the one it raised."""
        try:
            return self._parse(encoded)
        except Malformed as error:
            return Malformed(error.reason, **dict(error.params))

    def _keep(self, encoded: bytes, value: _Value | Malformed) -> None:
        """Add the value and let go of those used longest ago."""
        if len(encoded) > self._max_item_bytes:
            return
        with self._lock:
            if encoded in self._entries:
                return
            self._entries[encoded] = value
            self._bytes += len(encoded)
            while len(self._entries) > self._max_entries or self._bytes > self._max_bytes:
                evicted, _ = self._entries.popitem(last=False)
                self._bytes -= len(evicted)


class Pool:
    """Certificates, CRLs and OCSP responses by their bytes, for all requests of one process.

    A parsed certificate takes some 30 times its bytes when it is nothing but alternative names,
    about 8 times as a rule: 64 MiB for the default bound of certificates, 240 MiB at worst.
    """

    __slots__ = ("_certificates", "_crls", "_ocsp_responses")

    def __init__(
        self,
        *,
        certificate_max_entries: int = 16_384,
        certificate_max_bytes: int = 8 * 1024 * 1024,
        crl_max_entries: int = 1_024,
        crl_max_bytes: int = 128 * 1024 * 1024,
        ocsp_max_entries: int = 4_096,
        ocsp_max_bytes: int = 4 * 1024 * 1024,
    ) -> None:
        """Bounds are per kind; nothing is kept beyond the process."""
        self._certificates = Interned(
            parse_certificate, max_entries=certificate_max_entries, max_bytes=certificate_max_bytes
        )
        # The largest CRLs are those that most need to be read once: a million entries are 40 MB.
        self._crls = Interned(
            parse_crl,
            max_entries=crl_max_entries,
            max_bytes=crl_max_bytes,
            max_item_bytes=crl_max_bytes // 2,
        )
        self._ocsp_responses = Interned(
            parse_ocsp_response, max_entries=ocsp_max_entries, max_bytes=ocsp_max_bytes
        )

    def certificate(self, encoded: bytes) -> Certificate:
        """The certificate of these bytes; raises Malformed."""
        return self._certificates.get(encoded)

    def crl(self, encoded: bytes) -> CertificateList:
        """The CRL of these bytes; raises Malformed."""
        return self._crls.get(encoded)

    def ocsp(self, encoded: bytes) -> OcspResponse:
        """The OCSP response of these bytes; raises Malformed."""
        return self._ocsp_responses.get(encoded)
