"""A three-certificate PKI of P-256 keys to bend one rule of RFC 5280 §6.1 at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import extensions as ext
import pki
import x509
from ca import Ca
from case import line
from keys import Ecdsa, Key

CA_PERIOD = (x509.CA_FROM, x509.CA_UNTIL)
LEAF_PERIOD = (x509.LEAF_FROM, x509.LEAF_UNTIL)
POLICY_1, POLICY_2, POLICY_3 = (f"2.999.7.{number}" for number in (1, 2, 3))


def name(text: str) -> bytes:
    return x509.name(f"C=CN, O=Test Small PKI, CN={text}")


ROOT = Ca("small root", name("Test Small Root"), Ecdsa("small root"))
CA = Ca("small ca", name("Test Small CA"), Ecdsa("small ca"))
CA_2 = Ca("small ca 2", name("Test Small CA 2"), Ecdsa("small ca 2"))
LEAF_KEY = Ecdsa("small leaf")
LEAF_NAME = name("Test Small Leaf")
CA_USAGE = ext.key_usage("key_cert_sign", "crl_sign")
ANY_POLICY = ext.certificate_policies(ext.ANY_POLICY)


def policies(*oids: str) -> bytes:
    return ext.certificate_policies(*oids)


@dataclass(frozen=True, kw_only=True)
class Made:
    """How one certificate of the small PKI differs from the usual one."""

    more: tuple[bytes, ...] = ()
    basic: bytes = ext.basic_constraints()
    usage: bytes = CA_USAGE
    policy: bytes = ANY_POLICY
    period: tuple[datetime, datetime] = CA_PERIOD
    shape: x509.Shape = x509.PLAIN
    subject: bytes = LEAF_NAME
    key: Key = LEAF_KEY

    def authority(self) -> tuple[bytes, ...]:
        return (self.basic, self.usage, self.policy, *self.more)

    def end_entity(self) -> tuple[bytes, ...]:
        return (self.usage, self.policy, *self.more)


USUAL = Made()
USUAL_LEAF = Made(usage=pki.SIGNING, period=LEAF_PERIOD)


def leaf_made(*more: bytes, **fields: Any) -> Made:
    return Made(**{"usage": pki.SIGNING, "period": LEAF_PERIOD, "more": more, **fields})


def root(made: Made = USUAL) -> bytes:
    return ROOT.issue(
        "small root",
        ROOT.name,
        ROOT.key,
        (*made.authority(), ext.subject_key_identifier(ROOT.key.spki)),
        period=made.period,
        aki=False,
        shape=made.shape,
    ).certificate


def authority(made: Made = USUAL, *, subject: Ca = CA, issuer: Ca = ROOT) -> bytes:
    return issuer.issue(
        f"{subject.label} by {issuer.label}",
        subject.name,
        subject.key,
        (*made.authority(), ext.subject_key_identifier(subject.key.spki)),
        period=made.period,
        shape=made.shape,
    ).certificate


def leaf(made: Made = USUAL_LEAF, *, issuer: Ca = CA) -> bytes:
    return issuer.issue(
        "small leaf", made.subject, made.key, made.end_entity(), period=made.period, shape=made.shape
    ).certificate


def ask(
    *,
    leaf_as: Made = USUAL_LEAF,
    ca_as: Made = USUAL,
    root_as: Made = USUAL,
    chain: Iterable[bytes] | None = None,
    target: bytes | None = None,
    **fields: Any,
) -> dict[str, Any]:
    """leaf <- CA <- [root], each as told."""
    return line(
        leaf(leaf_as) if target is None else target,
        chain=[authority(ca_as)] if chain is None else chain,
        anchors=[root(root_as)],
        **fields,
    )
