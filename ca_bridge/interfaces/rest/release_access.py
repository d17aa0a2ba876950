"""Who may look, and how often a proof may fail."""

from __future__ import annotations

from contextlib import AbstractContextManager

from flask import Request

from ca_bridge.interfaces.rest.attempt_limit import AttemptLimit
from ca_bridge.interfaces.rest.release_reading import read_basic
from ca_bridge.services.manage_recognition.commands import Proof
from ca_bridge.services.manage_recognition.model import Account, Role
from ca_bridge.services.release_desk import ReleaseDesk, check_role


class Access:
    """Accounts of one desk, and the bound on failures for all of its routes."""

    def __init__(self, desk: ReleaseDesk, attempts: AttemptLimit) -> None:
        self._desk = desk
        self._attempts = attempts

    def attempt(self, proof: Proof) -> AbstractContextManager[None]:
        """Within it a step may be taken; TooManyAttempts when too many have failed."""
        return self._attempts.attempt(proof.account)

    def look(self, request: Request, action: str, *roles: Role) -> Account:
        """The account of the request's HTTP Basic, which has one of ``roles`` when there are any."""
        proof = read_basic(request)
        with self.attempt(proof):
            account = self._desk.authenticate(proof)
        if roles:
            check_role(account, action, *roles)
        return account
