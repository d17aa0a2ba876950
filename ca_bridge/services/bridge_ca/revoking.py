"""Revoking a certificate of the bridge CA, holding it, and lifting a hold."""

from __future__ import annotations

import re
from datetime import datetime

from ca_bridge.services.bridge_ca.issuer import BridgeIssuer
from ca_bridge.services.bridge_ca.model import SERIAL_OCTETS, RevocationEvent, RevocationReason
from ca_bridge.services.bridge_ca.ports import ADMINISTRATION, BridgeStore, Log
from ca_bridge.services.errors import GatewayError
from ca_bridge.services.issue_cross_certificate.errors import CERTIFICATE_UNKNOWN, BridgeRefused

_METHOD = "revoke_cross_certificate"
_SERIAL = re.compile(rf"[0-9a-f]{{{2 * SERIAL_OCTETS}}}", re.ASCII)


class RevokeCrossCertificate:
    """Writes what happened into the register; CRLs tell it once they are issued."""

    def __init__(self, *, store: BridgeStore, log: Log) -> None:
        self._store = store
        self._log = log

    def __call__(
        self, serial: str, reason: RevocationReason, issuer: BridgeIssuer, now: datetime, *, account: str
    ) -> RevocationEvent:
        """The event. ``serial``: hexadecimal, colons and letter case as they come; ``account`` asks for it.

        Raises CERTIFICATE_UNKNOWN, ALREADY_REVOKED, NOT_ON_HOLD.
        """
        number = serial.replace(":", "").strip().lower()
        if not _SERIAL.fullmatch(number):
            raise BridgeRefused(CERTIFICATE_UNKNOWN, label=issuer.label, serial=serial)
        fields = {
            "method": _METHOD,
            "account": account,
            "issuer": issuer.label,
            "serial_number": number,
            "reason": reason.value,
        }
        self._log(ADMINISTRATION, {**fields, "status": "intended"})
        try:
            event = self._store.revoke(issuer.label, number, reason, now)
        except GatewayError as error:
            result = error.refusal.code if isinstance(error, BridgeRefused) else type(error).__name__
            self._log(ADMINISTRATION, {**fields, "status": "failed", "result": result})
            raise
        self._log(ADMINISTRATION, {**fields, "status": "done"})
        return event
