"""A certification authority of the test PKI: a name, a key, and how it issues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import extensions as ext
import x509
from keys import Key


@dataclass(frozen=True)
class Issued:
    """A certificate with what the tests need to know of it."""

    label: str
    certificate: bytes
    key: Key
    subject: bytes
    serial_number: int


@dataclass(frozen=True)
class Ca:
    """A CA: its name as DER and its key. ``label`` seeds the serials it gives."""

    label: str
    name: bytes
    key: Key

    def ca_extensions(self, *more: bytes, path_length: int | None = None) -> tuple[bytes, ...]:
        """What the certificate of this CA carries whoever signs it, authority key left out."""
        return (
            ext.basic_constraints(path_length=path_length),
            ext.key_usage("key_cert_sign", "crl_sign"),
            ext.subject_key_identifier(self.key.spki),
            *more,
        )

    def root(self, *more: bytes, period: tuple[datetime, datetime] = (x509.CA_FROM, x509.CA_UNTIL)) -> bytes:
        """Its self-signed certificate."""
        return self.issue(
            f"{self.label} root", self.name, self.key, self.ca_extensions(*more), period=period, aki=False
        ).certificate

    def certify(
        self,
        subject: Ca,
        *more: bytes,
        path_length: int | None = None,
        period: tuple[datetime, datetime] = (x509.CA_FROM, x509.CA_UNTIL),
        tag: str = "",
        shape: x509.Shape = x509.PLAIN,
    ) -> bytes:
        """A CA certificate or cross-certificate for ``subject``."""
        extensions = subject.ca_extensions(*more, path_length=path_length)
        label = f"{subject.label} by {self.label} {tag}".strip()
        return self.issue(
            label, subject.name, subject.key, extensions, period=period, shape=shape
        ).certificate

    def issue(
        self,
        label: str,
        subject: bytes,
        key: Key,
        extensions: tuple[bytes, ...],
        *,
        period: tuple[datetime, datetime] = (x509.LEAF_FROM, x509.LEAF_UNTIL),
        aki: bool = True,
        shape: x509.Shape = x509.PLAIN,
    ) -> Issued:
        """Any certificate, with exactly these extensions and authorityKeyIdentifier."""
        number = x509.serial(label)
        certificate = x509.certificate(
            issuer=self.name,
            signer=self.key,
            subject=subject,
            key=key,
            serial_number=number,
            extensions=(*extensions, *((ext.authority_key_identifier(self.key.spki),) if aki else ())),
            period=period,
            shape=shape,
        )
        return Issued(label, certificate, key, subject, number)

    def crl(self, *revoked: x509.Revoked, **fields: object) -> bytes:
        """A CRL of this CA; ``fields`` as of x509.crl."""
        return x509.crl(issuer=self.name, signer=self.key, revoked=revoked, **fields)  # type: ignore[arg-type]

    def cert_id(self, serial_number: int, algorithm: str = "sha1") -> bytes:
        return x509.cert_id(self.name, self.key.spki, serial_number, algorithm)
