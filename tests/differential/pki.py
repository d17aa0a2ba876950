"""A small PKI as a value: who certifies whom and how, the CRLs, and the question asked of it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256

from tests.pki_writers import der, keys, x509
from tests.pki_writers import extensions as ext

NOW = datetime(2026, 1, 15, 8, 0, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
POLICIES = tuple(f"2.999.9.{number}" for number in range(1, 5))
UNKNOWN_EXTENSION = "2.999.9.100"
KEY_POOL = (
    *(keys.Ecdsa(f"differential {number}") for number in range(8)),
    *(keys.EdDsa(f"differential {number}") for number in range(4)),
    keys.Rsa("rsa-gda-root"),
    keys.Rsa("rsa-gda-ca"),
    keys.Rsa("rsa-leaf-1"),
)
PURPOSE_OIDS = {
    "server_auth": ext.SERVER_AUTH,
    "client_auth": ext.CLIENT_AUTH,
    "email_protection": ext.EMAIL_PROTECTION,
    "any": "2.5.29.37.0",
}


class _Plain:
    """Shows what differs from the default, nothing else."""

    def __repr__(self) -> str:
        shown = ((f, getattr(self, f.name)) for f in fields(self))  # type: ignore[arg-type]
        return f"{type(self).__name__}({', '.join(f'{f.name}={v!r}' for f, v in shown if v != f.default)})"


@dataclass(frozen=True)
class GivenName:
    """One alternative name or subtree: ``kind`` is dns, email, ip (address or network in hex) or dn."""

    kind: str
    value: str

    def encode(self) -> bytes:
        """The GeneralName."""
        if self.kind == "dns":
            return ext.dns(self.value)
        if self.kind == "email":
            return ext.rfc822(self.value)
        if self.kind == "ip":
            return ext.ip(bytes.fromhex(self.value))
        return ext.directory(x509.name(self.value))


@dataclass(frozen=True, kw_only=True, repr=False)
class Cert(_Plain):
    """One certificate; keys are places in KEY_POOL, names are written as x509.name takes them.

    ``basic``: "ca", "false" or "absent". ``period``: "valid", "expired", "future" or "ends_now".
    ``usage`` None = no keyUsage. ``signature``: "right", "wrong_key" or "broken".
    """

    number: int
    issuer_key: int
    subject_key: int
    dn: str
    issuer_dn: str
    basic: str = "ca"
    path_length: int | None = None
    period: str = "valid"
    usage: tuple[str, ...] | None = ("key_cert_sign", "crl_sign")
    purposes: tuple[str, ...] | None = None
    names: tuple[GivenName, ...] = ()
    permitted: tuple[GivenName, ...] = ()
    excluded: tuple[GivenName, ...] = ()
    policies: tuple[str, ...] | None = None
    mappings: tuple[tuple[str, str], ...] = ()
    require_explicit: int | None = None
    inhibit_mapping: int | None = None
    inhibit_any: int | None = None
    unknown_critical: bool = False
    version_1: bool = False
    signature: str = "right"
    key_identifiers: bool = True

    @property
    def self_issued(self) -> bool:
        return self.dn == self.issuer_dn

    @property
    def serial(self) -> int:
        return 1000 + self.number

    @cached_property
    def der(self) -> bytes:
        """The certificate."""
        begin, end = {
            "valid": (NOW - 2 * YEAR, NOW + 2 * YEAR),
            "expired": (NOW - 2 * YEAR, NOW - YEAR),
            "future": (NOW + YEAR, NOW + 2 * YEAR),
            "ends_now": (NOW - YEAR, NOW),
        }[self.period]
        signer = KEY_POOL[self.issuer_key if self.signature != "wrong_key" else self.issuer_key - 1]
        shape = x509.Shape(
            version=b"" if self.version_1 else None,
            no_extensions=self.version_1,
            inner_algorithm=signer.algorithm,
            signature=_broken if self.signature == "broken" else _same,
        )
        return x509.certificate(
            issuer=x509.name(self.issuer_dn),
            signer=signer,
            subject=x509.name(self.dn),
            key=KEY_POOL[self.subject_key],
            serial_number=self.serial,
            extensions=tuple(self._extensions()),
            period=(begin, end),
            shape=shape,
        )

    @cached_property
    def fingerprint(self) -> str:
        return sha256(self.der).hexdigest()

    def _extensions(self) -> list[bytes]:
        out = []
        if self.basic != "absent":
            out.append(ext.basic_constraints(ca=self.basic == "ca", path_length=self.path_length))
        if self.usage is not None:
            out.append(ext.key_usage(*self.usage))
        if self.purposes is not None:
            out.append(ext.extended_key_usage(*(PURPOSE_OIDS[purpose] for purpose in self.purposes)))
        if self.names:
            out.append(ext.subject_alt_name(*(name.encode() for name in self.names)))
        if self.permitted or self.excluded:
            subtrees = [[name.encode() for name in names] for names in (self.permitted, self.excluded)]
            out.append(ext.name_constraints(permitted=subtrees[0], excluded=subtrees[1]))
        if self.policies is not None:
            out.append(ext.certificate_policies(*self.policies))
        if self.mappings:
            out.append(ext.policy_mappings(*self.mappings))
        if self.require_explicit is not None or self.inhibit_mapping is not None:
            out.append(
                ext.policy_constraints(
                    require_explicit=self.require_explicit, inhibit_mapping=self.inhibit_mapping
                )
            )
        if self.inhibit_any is not None:
            out.append(ext.inhibit_any_policy(self.inhibit_any))
        if self.unknown_critical:
            out.append(ext.extension(UNKNOWN_EXTENSION, der.null(), critical=True))
        if self.key_identifiers:
            out.append(ext.subject_key_identifier(KEY_POOL[self.subject_key].spki))
            out.append(ext.authority_key_identifier(KEY_POOL[self.issuer_key].spki))
        return out


def _same(content: bytes) -> bytes:
    return content


def _broken(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@dataclass(frozen=True, kw_only=True, repr=False)
class Crl(_Plain):
    """One complete CRL. ``period``: "current", "stale" or "future"; ``signature`` as of Cert."""

    number: int
    issuer_dn: str
    key: int
    revoked: tuple[int, ...] = ()
    on_hold: tuple[int, ...] = ()
    period: str = "current"
    signature: str = "right"

    @cached_property
    def der(self) -> bytes:
        day = timedelta(days=1)
        begin, end = {
            "current": (NOW - day, NOW + day),
            "stale": (NOW - 3 * day, NOW - 2 * day),
            "future": (NOW + day, NOW + 2 * day),
        }[self.period]
        signer = KEY_POOL[self.key if self.signature != "wrong_key" else self.key - 1]
        entries = [x509.Revoked(serial, NOW - 5 * day, 1) for serial in self.revoked]
        entries += [x509.Revoked(serial, NOW - 5 * day, 6) for serial in self.on_hold]
        return x509.crl(
            issuer=x509.name(self.issuer_dn),
            signer=signer,
            revoked=tuple(entries),
            extensions=(
                ext.authority_key_identifier(KEY_POOL[self.key].spki),
                ext.crl_number(10 + self.number),
            ),
            this_update=begin,
            next_update=end,
            shape=x509.Shape(signature=_broken if self.signature == "broken" else _same),
        )


@dataclass(frozen=True, kw_only=True, repr=False)
class Question(_Plain):
    """What is asked; names as in the batch contract."""

    purpose: str = "any"
    revocation: str = "none"
    policies: tuple[str, ...] = ()
    explicit_policy: bool = False
    inhibit_mapping: bool = False
    inhibit_any: bool = False


@dataclass(frozen=True, kw_only=True)
class Pki:
    """Target, pool, anchors and CRLs with the question. Anchors are certificates too."""

    target: Cert
    pool: tuple[Cert, ...]
    anchors: tuple[Cert, ...]
    crls: tuple[Crl, ...]
    question: Question

    @cached_property
    def by_fingerprint(self) -> dict[str, Cert]:
        return {cert.fingerprint: cert for cert in (self.target, *self.pool, *self.anchors)}

    def only(self, path: tuple[Cert, ...], anchor: Cert) -> Pki:
        """The same question with nothing to choose from: ``path`` is target first, anchor left out."""
        return replace(self, target=path[0], pool=path[1:], anchors=(anchor,))

    def only_with_signers(self, path: tuple[Cert, ...], anchor: Cert) -> Pki:
        """As ``only``, certificates of keys that sign CRLs left in."""
        signers = {(crl.issuer_dn, crl.key) for crl in self.crls}
        more = [c for c in self.pool if (c.dn, c.subject_key) in signers and c not in path]
        return replace(self, target=path[0], pool=(*path[1:], *more), anchors=(anchor,))
