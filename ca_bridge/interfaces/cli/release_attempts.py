"""A bound on guessing secrets at the command line: every process looks at the failures in the trail."""

from __future__ import annotations

from datetime import timedelta

from ca_bridge.services.manage_recognition.commands import Proof, SecretProof
from ca_bridge.services.printable import printable
from ca_bridge.services.release_desk import ReleaseDesk
from ca_bridge.services.release_errors import AUTHENTICATION_FAILED, TOO_MANY_ATTEMPTS, ReleaseRefused

# More than two workers of REST let anybody cause: who guesses there holds nobody up at the terminal.
MOST_FAILURES = 60
WINDOW = timedelta(minutes=1)
_LOOKED_AT, _LONGEST_NAME = 500, 64


def check_attempts(desk: ReleaseDesk, proof: Proof) -> None:
    """TOO_MANY_ATTEMPTS when this account's secret was wrong too often of late, at whatever door.

    Names that are no account's are bounded too, so that the bound doesn't tell which names exist. Whoever
    signs is not held up: a signature cannot be guessed.
    """
    if not isinstance(proof, SecretProof):
        return
    name, since = printable(proof.account, _LONGEST_NAME), desk.releases.clock.now() - WINDOW
    failed = (
        row.attempt.time > since
        and row.attempt.account == name
        and row.attempt.outcome == AUTHENTICATION_FAILED.code
        for row in desk.releases.records.newest(_LOOKED_AT)
    )
    count = sum(failed)
    if count >= MOST_FAILURES:
        raise ReleaseRefused(
            TOO_MANY_ATTEMPTS, account=name, count=count, seconds=int(WINDOW.total_seconds())
        )
