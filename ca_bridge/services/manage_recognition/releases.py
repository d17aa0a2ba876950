"""The use case: a release from its first draft until it is approved, or taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ca_bridge.services.manage_recognition import deciding, drafting
from ca_bridge.services.manage_recognition.authority import Authority
from ca_bridge.services.manage_recognition.commands import (
    AmendRelease,
    ApproveRelease,
    DraftRelease,
    LintRelease,
    RejectRelease,
    ReleaseCommand,
    RollBack,
    SimulateRelease,
    SubmitRelease,
    WithdrawRelease,
)
from ca_bridge.services.manage_recognition.drafting import Checks, read_documents
from ca_bridge.services.manage_recognition.model import Action, Release
from ca_bridge.services.manage_recognition.records import ReleaseRecords
from ca_bridge.services.manage_recognition.steps import Asked, StepTaker, nothing, statement_of
from ca_bridge.services.ports import Clock
from ca_bridge.services.release_errors import ReleaseRefused
from ca_bridge.services.release_ports import Lint, ReleaseStore, Signers, Simulate

_ACTIONS: Mapping[type, Action] = {
    DraftRelease: Action.DRAFT,
    AmendRelease: Action.AMEND,
    LintRelease: Action.LINT,
    SimulateRelease: Action.SIMULATE,
    SubmitRelease: Action.SUBMIT,
    ApproveRelease: Action.APPROVE,
    RejectRelease: Action.REJECT,
    WithdrawRelease: Action.WITHDRAW,
    RollBack: Action.ROLL_BACK,
}


class ManageReleases:
    """Every step. One that is refused raises ReleaseRefused, is in the trail, and changed nothing else."""

    def __init__(
        self,
        *,
        store: ReleaseStore,
        clock: Clock,
        lint: Lint,
        simulate: Simulate | None = None,
        signers: Signers | None = None,
        before_commit: Callable[[], None] = nothing,
    ) -> None:
        """Without ``simulate`` none is asked for; without ``signers`` only secrets prove an account."""
        self.records = ReleaseRecords(store)
        self.clock = clock
        self._store = store
        self._checks = Checks(lint, simulate)
        self._signers = signers
        self._steps = StepTaker(store, clock, Authority(store, signers), before_commit)

    def draft(self, command: DraftRelease) -> Release:
        """The new draft."""
        return self._steps.take(asked_of(command), lambda s: drafting.draft(s, command))

    def amend(self, command: AmendRelease) -> Release:
        """The draft with its new content."""
        return self._steps.take(asked_of(command), lambda s: drafting.amend(s, command))

    def lint(self, command: LintRelease) -> Release:
        """The draft, linted."""
        return self._steps.take(asked_of(command), lambda s: drafting.lint(s, command, self._checks))

    def simulate(self, command: SimulateRelease) -> Release:
        """The draft with the summary of its simulation."""
        return self._steps.take(asked_of(command), lambda s: drafting.simulate(s, command, self._checks))

    def submit(self, command: SubmitRelease) -> Release:
        """The release, submitted."""
        return self._steps.take(asked_of(command), lambda s: drafting.submit(s, command, self._checks))

    def approve(self, command: ApproveRelease) -> Release:
        """The release with this approval; its state says whether it was the last that was needed."""
        return self._steps.take(asked_of(command), lambda s: deciding.approve(s, command, self._signers))

    def reject(self, command: RejectRelease) -> Release:
        """The release, rejected."""
        return self._steps.take(asked_of(command), lambda s: deciding.reject(s, command))

    def withdraw(self, command: WithdrawRelease) -> Release:
        """The release, withdrawn."""
        return self._steps.take(asked_of(command), lambda s: deciding.withdraw(s, command))

    def roll_back(self, command: RollBack) -> Release:
        """The new release that goes back, submitted."""
        return self._steps.take(asked_of(command), lambda s: deciding.roll_back(s, command, self._checks))

    def statement(self, command: ReleaseCommand, nonce: str) -> bytes:
        """What the account of ``command`` signs to take this step under ``nonce``, as things stand."""
        asked = asked_of(command)
        release = self._store.release(asked.number) if asked.number else None
        return statement_of(asked, release).signed_by(asked.account, nonce)


def asked_of(command: ReleaseCommand) -> Asked:
    """What a command asks, in the form all steps share."""
    number = command.to if isinstance(command, RollBack) else getattr(command, "number", 0)
    return Asked(
        proof=command.proof,
        action=_ACTIONS[type(command)],
        number=number,
        version=getattr(command, "version", 0),
        content_sha256=_content_sha256(command),
        base=getattr(command, "base", 0),
        effective_from=getattr(command, "effective_from", None),
        note=getattr(command, "note", ""),
    )


def _content_sha256(command: ReleaseCommand) -> str:
    """Hash of the content the command brings or has seen; "" when it can't be read, or speaks of none."""
    if not isinstance(command, DraftRelease | AmendRelease):
        return getattr(command, "content_sha256", "")
    try:
        return read_documents(command.documents).sha256
    except ReleaseRefused:
        return ""
