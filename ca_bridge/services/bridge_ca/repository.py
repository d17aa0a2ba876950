"""The repository of the bridge CA: files under stable names, made from the register when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from ca_bridge.core.x509_writing.certificate import certs_only
from ca_bridge.services.bridge_ca import names
from ca_bridge.services.bridge_ca.issuer import BridgeIssuer, Issuers
from ca_bridge.services.bridge_ca.model import IssuedCertificate
from ca_bridge.services.bridge_ca.ports import BridgeStore

Published = tuple[bytes, str]
"""A file's bytes and its content type (RFC 2585 §4, RFC 5652)."""

CERTIFICATE_TYPE, CRL_TYPE, CMS_TYPE = (
    "application/pkix-cert",
    "application/pkix-crl",
    "application/pkcs7-mime",
)


class Repository:
    """What is published; needs no key."""

    def __init__(self, *, issuers: Issuers, store: BridgeStore, now: Callable[[], datetime]) -> None:
        self._issuers = issuers
        self._store = store
        self._now = now

    def published(self, name: str) -> Published | None:
        """The file of this name; None when there is none such, whatever ``name`` is."""
        if not names.FILE_NAME.fullmatch(name):
            return None
        for issuer in self._issuers.issuers.values():
            make = self._makers(issuer).get(name)
            if make is not None:
                return make()
            if names.is_of_member(issuer.label, name):
                return self._of_member(issuer, name)
        return None

    def names(self) -> tuple[str, ...]:
        """Names of all files there are now: certificates first, each delta CRL after its complete one."""
        found: list[str] = []
        for issuer in self._issuers.issuers.values():
            members = sorted({self._member_name(issuer, i) for i in self._current(issuer)})
            found += members
            makers = self._makers(issuer)
            found += [name for name in makers if makers[name]() is not None]
        return tuple(found)

    def is_of_member(self, name: str) -> bool:
        """Whether ``name`` is one that a member of these issuers may have, with or without a certificate."""
        return any(names.is_of_member(label, name) for label in self._issuers.issuers)

    def _makers(self, issuer: BridgeIssuer) -> dict[str, Callable[[], Published | None]]:
        label = issuer.label
        return {
            names.own_certificate(label): lambda: (issuer.certificate, CERTIFICATE_TYPE),
            names.issued_to(label): lambda: _cms((issuer.certificate, *issuer.issued_to)),
            names.issued_by(label): lambda: _cms(_ders(self._current(issuer))),
            names.complete_crl(label): lambda: self._crl(label, delta=False),
            names.delta_crl(label): lambda: self._crl(label, delta=True),
        }

    def _crl(self, label: str, *, delta: bool) -> Published | None:
        crl = self._store.newest_crl(label, delta=delta)
        return None if crl is None else (crl.der, CRL_TYPE)

    def _of_member(self, issuer: BridgeIssuer, name: str) -> Published | None:
        theirs = [i for i in self._current(issuer) if self._member_name(issuer, i) == name]
        return _cms(_ders(theirs)) if theirs else None

    def _member_name(self, issuer: BridgeIssuer, issued: IssuedCertificate) -> str:
        return names.issued_to_member(issuer.label, issued.reservation.key_sha256)

    def _current(self, issuer: BridgeIssuer) -> list[IssuedCertificate]:
        """Those that are signed, not revoked and not over."""
        now = self._now()
        return [
            issued
            for issued in self._store.certificates(issuer.label)
            if issued.certificate is not None
            and not issued.is_revoked
            and now <= issued.reservation.not_after
        ]


def _ders(issued: list[IssuedCertificate]) -> Iterator[bytes]:
    return (one.certificate for one in issued if one.certificate is not None)


def _cms(certificates: tuple[bytes, ...] | Iterator[bytes]) -> Published:
    return certs_only(dict.fromkeys(certificates)), CMS_TYPE
