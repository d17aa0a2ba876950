"""What the doors of the bridge CA open onto: its use cases over one register."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ca_bridge.core.x509.name_parser import decode_name
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.bridge_ca.crl_issuing import IssueCrls, crls_due
from ca_bridge.services.bridge_ca.issuer import BridgeIssuer, Issuers
from ca_bridge.services.bridge_ca.model import (
    IssuedCertificate,
    RevocationEvent,
    RevocationReason,
    StoredCrl,
)
from ca_bridge.services.bridge_ca.ports import BridgeStore
from ca_bridge.services.bridge_ca.repository import Repository
from ca_bridge.services.bridge_ca.revoking import RevokeCrossCertificate
from ca_bridge.services.describe import name_text
from ca_bridge.services.errors import GatewayError
from ca_bridge.services.issue_cross_certificate.errors import BridgeRefused
from ca_bridge.services.issue_cross_certificate.issue import IssueCrossCertificate
from ca_bridge.services.manage_recognition.commands import SecretProof
from ca_bridge.services.manage_recognition.model import Account, Role
from ca_bridge.services.ports import Clock
from ca_bridge.services.release_desk import check_role

Publish = Callable[[Repository, Path], tuple[str, ...]]
"""Writes all files of the repository into a folder; the names of those that were new or have changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeDesk:
    """Use cases of the bridge CA; labels name issuers, "" the only one.

    ``authenticate`` gives the enabled account of a proof; AUTHENTICATION_FAILED, ACCOUNT_DISABLED.
    """

    issuers: Issuers
    store: BridgeStore
    issuing: IssueCrossCertificate
    revoking: RevokeCrossCertificate
    crls: IssueCrls
    repository: Repository
    publishing: Publish
    clock: Clock
    authenticate: Callable[[SecretProof], Account]

    def issue(self, agreement: str, material: bytes, label: str, proof: SecretProof) -> IssuedCertificate:
        """A cross-certificate for the member in ``material``; an act of an operator's. ROLE_MISSING."""
        account, issuer = self._operator(proof, "issue_cross_certificate"), self.issuers.named(label)
        return self.issuing(agreement, material, issuer, self.clock.now(), account=account)

    def revoke(
        self, serial: str, reason: RevocationReason, label: str, proof: SecretProof
    ) -> RevocationEvent:
        """The event, in the register; an act of an operator's. CRLs are another step. ROLE_MISSING."""
        account, issuer = self._operator(proof, "revoke_cross_certificate"), self.issuers.named(label)
        return self.revoking(serial, reason, issuer, self.clock.now(), account=account)

    def issue_crls(self, label: str, *, delta: bool) -> tuple[StoredCrl, ...]:
        """A complete CRL with its delta, or a delta alone."""
        return self.crls(self.issuers.named(label), self.clock.now(), complete=not delta)

    def issue_due_crls(self, label: str) -> tuple[StoredCrl, ...]:
        """CRLs of the issuer, or of all when ``label`` is "", where any are due; () = none was.

        An issuer that cannot sign keeps no other from it: the first failure is raised after all were tried.
        """
        made: list[StoredCrl] = []
        failures: list[GatewayError] = []
        for issuer in self._chosen(label):
            try:
                made += self._issue_if_due(issuer)
            except GatewayError as error:
                failures.append(error)
        for failure in failures:
            raise failure
        return tuple(made)

    def _issue_if_due(self, issuer: BridgeIssuer) -> tuple[StoredCrl, ...]:
        now = self.clock.now()
        due = crls_due(self.store, issuer, now)
        return self.crls(issuer, now, complete=due.complete) if due.complete or due.delta else ()

    def listed(self, label: str) -> tuple[IssuedCertificate, ...]:
        """Certificates of the issuer, or of all when ``label`` is ""."""
        return tuple(
            issued for issuer in self._chosen(label) for issued in self.store.certificates(issuer.label)
        )

    def publish(self, folder: Path) -> tuple[str, ...]:
        """Names of the files written."""
        return self.publishing(self.repository, folder)

    def _operator(self, proof: SecretProof, action: str) -> str:
        account = self.authenticate(proof)
        check_role(account, action, Role.OPERATOR)
        return account.name

    def _chosen(self, label: str) -> Iterator[BridgeIssuer]:
        chosen = (self.issuers.named(label),) if label else self.issuers.issuers.values()
        return iter(chosen)


def certificate_fields(issued: IssuedCertificate) -> dict[str, Any]:
    """A certificate of the register as plain data."""
    held, event = issued.reservation, issued.revocation
    name, _ = decode_name(held.subject, 0, len(held.subject), [])
    return {
        "issuer": held.issuer,
        "serial_number": held.serial,
        "subject": name_text(name),
        "subject_domain": held.subject_domain,
        "agreement": held.agreement,
        "release": f"{held.release_number}:{held.release_sha256}",
        "key_sha256": held.key_sha256,
        "not_before": time_text(held.not_before),
        "not_after": time_text(held.not_after),
        "created": time_text(held.created),
        "status": _status(issued),
        "revocation": None
        if event is None
        else {"reason": event.reason.value, "time": time_text(event.time), "event": event.sequence},
    }


def _status(issued: IssuedCertificate) -> str:
    """A revoked one is told as such though its signing never ended: CRLs list it all the same."""
    if issued.revocation is not None and issued.is_revoked:
        on_hold = issued.revocation.reason is RevocationReason.CERTIFICATE_HOLD
        return "on_hold" if on_hold else "revoked"
    return "unfinished" if issued.certificate is None else "good"


def crl_fields(crl: StoredCrl) -> dict[str, Any]:
    """A CRL as plain data."""
    return {
        "issuer": crl.issuer,
        "number": crl.number,
        "base": crl.base,
        "this_update": time_text(crl.this_update),
        "next_update": time_text(crl.next_update),
        "octets": len(crl.der),
    }


def event_fields(event: RevocationEvent) -> dict[str, Any]:
    """A revocation as plain data."""
    return {
        "serial_number": event.serial,
        "reason": event.reason.value,
        "time": time_text(event.time),
        "event": event.sequence,
    }


def bridge_refusal_fields(refused: BridgeRefused) -> dict[str, Any]:
    """A refusal as plain data, in both languages."""
    return {
        "code": refused.refusal.code,
        "must_act": refused.refusal.must_act.value,
        "params": dict(refused.params),
        **refused.texts(),
    }
