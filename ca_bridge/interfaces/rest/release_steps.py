"""The steps of a release as a body asks for them: which members each has, and the command they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ca_bridge.interfaces.rest.release_reading import Members
from ca_bridge.services.manage_recognition.commands import (
    AmendRelease,
    ApproveRelease,
    DraftRelease,
    LintRelease,
    Proof,
    RejectRelease,
    RollBack,
    SimulateRelease,
    SubmitRelease,
    WithdrawRelease,
)
from ca_bridge.services.manage_recognition.model import Release
from ca_bridge.services.manage_recognition.releases import ManageReleases

_Take = Callable[[ManageReleases, Any], Release]
_CONTENT = "content_sha256"


@dataclass(frozen=True, slots=True)
class Common:
    """What every step on a release says: who asks, which release, which version was seen."""

    proof: Proof
    number: int
    version: int

    def fields(self) -> dict[str, Any]:
        """As arguments of a command."""
        return {"proof": self.proof, "number": self.number, "version": self.version}


@dataclass(frozen=True, slots=True)
class Step:
    """``members`` are those of the body beside ``proof``; ``large`` when documents are among them."""

    members: frozenset[str]
    command: Callable[[Members, Common], Any]
    take: _Take
    large: bool = False


def _with_content(kind: type[Any], members: Members, common: Common, **more: Any) -> Any:
    return kind(**common.fields(), content_sha256=members.text(_CONTENT), **more)


def _amend(members: Members, common: Common) -> AmendRelease:
    return AmendRelease(**common.fields(), **_draft_fields(members))


def _draft_fields(members: Members) -> dict[str, Any]:
    return {
        "documents": members.object("documents"),
        "base": members.number("base"),
        "note": members.note(),
    }


def _submit(members: Members, common: Common) -> Any:
    return _with_content(SubmitRelease, members, common, effective_from=members.time("effective_from"))


def _reject(members: Members, common: Common) -> Any:
    return _with_content(RejectRelease, members, common, note=members.text("note"))


def _withdraw(members: Members, common: Common) -> Any:
    return _with_content(WithdrawRelease, members, common, note=members.note())


DRAFT_MEMBERS = frozenset({"documents", "base", "note"})
ROLL_BACK_MEMBERS = frozenset({"to", "effective_from", "note"})

STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "amend": Step(DRAFT_MEMBERS, _amend, ManageReleases.amend, large=True),
        "lint": Step(frozenset(), lambda _, c: LintRelease(**c.fields()), ManageReleases.lint),
        "simulate": Step(frozenset(), lambda _, c: SimulateRelease(**c.fields()), ManageReleases.simulate),
        "submit": Step(frozenset({_CONTENT, "effective_from"}), _submit, ManageReleases.submit),
        "approve": Step(
            frozenset({_CONTENT}), lambda m, c: _with_content(ApproveRelease, m, c), ManageReleases.approve
        ),
        "reject": Step(frozenset({_CONTENT, "note"}), _reject, ManageReleases.reject),
        "withdraw": Step(frozenset({_CONTENT, "note"}), _withdraw, ManageReleases.withdraw),
    }
)
"""Steps on a release there is, by the last part of their path."""


def draft_command(members: Members, proof: Proof) -> DraftRelease:
    """A new draft."""
    return DraftRelease(proof=proof, **_draft_fields(members))


def roll_back_command(members: Members, proof: Proof) -> RollBack:
    """The way back."""
    return RollBack(
        proof=proof,
        to=members.number("to"),
        effective_from=members.time("effective_from"),
        note=members.note(),
    )
