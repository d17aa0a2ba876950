"""Plans of an author's steps: draft, amend, lint, simulate, submit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ca_bridge.services.manage_recognition.commands import (
    AmendRelease,
    DraftRelease,
    LintRelease,
    SimulateRelease,
    SubmitRelease,
)
from ca_bridge.services.manage_recognition.guards import (
    check_base,
    check_content,
    check_effective_time,
    check_version,
)
from ca_bridge.services.manage_recognition.model import Action, Release, ReleaseState
from ca_bridge.services.manage_recognition.state_machine import next_state
from ca_bridge.services.manage_recognition.steps import Planned, Situation
from ca_bridge.services.policy_documents import PolicyDocuments, canonical_json
from ca_bridge.services.printable import printable
from ca_bridge.services.release_errors import (
    DOCUMENTS_UNUSABLE,
    LINT_FAILED,
    NOTHING_CHANGED,
    TEXT_INVALID,
    ReleaseRefused,
)
from ca_bridge.services.release_ports import Lint, Simulate

_MAX_DOCUMENTS, _MAX_CONTENT_CHARS = 20_000, 32 << 20
_LONGEST_NAME, _LONGEST_NOTE = 255, 500
_NO_DOCUMENTS = PolicyDocuments(()).sha256
_LINE_ENDS = str.maketrans(dict.fromkeys("\t\n\r", " "))


@dataclass(frozen=True, slots=True)
class Checks:
    """What judges the content of a draft; without ``simulate`` no simulation is asked for."""

    lint: Lint
    simulate: Simulate | None


def read_documents(documents: Mapping[str, Any]) -> PolicyDocuments:
    """The documents in their canonical form, within the bounds; DOCUMENTS_UNUSABLE."""
    if len(documents) > _MAX_DOCUMENTS:
        raise ReleaseRefused(DOCUMENTS_UNUSABLE, cause=f"> {_MAX_DOCUMENTS}")
    if any(not isinstance(name, str) or not _is_name(name) for name in documents):
        raise ReleaseRefused(DOCUMENTS_UNUSABLE, cause="name")
    try:
        made = PolicyDocuments.from_data(documents)
        made.sha256.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ReleaseRefused(DOCUMENTS_UNUSABLE, cause=type(error).__name__) from error
    if sum(len(text) for _, text in made.documents) > _MAX_CONTENT_CHARS:
        raise ReleaseRefused(DOCUMENTS_UNUSABLE, cause=f"> {_MAX_CONTENT_CHARS}")
    return made


def _is_name(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_NAME and name == printable(name)


def check_note(note: str) -> None:
    """A note is a few lines of text that can be stored and shown: no other controls, no lone surrogates."""
    lines = note.translate(_LINE_ENDS)
    if len(note) > _LONGEST_NOTE or lines != printable(lines):
        raise ReleaseRefused(TEXT_INVALID, longest=_LONGEST_NOTE)


def draft(situation: Situation, command: DraftRelease) -> Planned:
    """A new draft, numbered after the last."""
    documents = read_documents(command.documents)
    check_note(command.note)
    check_base(command.base, situation.ledger.head)
    release = Release(
        number=situation.ledger.newest_number + 1,
        version=1,
        state=ReleaseState.DRAFT,
        content_sha256=documents.sha256,
        base=command.base,
        authors=(situation.actor.name,),
        created=situation.now,
        note=command.note,
    )
    return Planned(release, documents)


def amend(situation: Situation, command: AmendRelease) -> Planned:
    """The draft with other content: what was found out of the old one falls away."""
    release = situation.asked_release(command.number)
    check_version(release.version, command.version)
    state = next_state(release, Action.AMEND)
    check_note(command.note)
    check_base(command.base, situation.ledger.head)
    documents = read_documents(command.documents)
    amended = replace(
        release,
        version=release.version + 1,
        state=state,
        content_sha256=documents.sha256,
        base=command.base,
        authors=with_author(release, situation),
        note=command.note or release.note,
        linted_sha256="",
        simulated_sha256="",
        simulation="",
    )
    return Planned(amended, documents)


def with_author(release: Release, situation: Situation) -> tuple[str, ...]:
    """The authors, and who acts now."""
    name = situation.actor.name
    return release.authors if name in release.authors else (*release.authors, name)


def lint(situation: Situation, command: LintRelease, checks: Checks) -> Planned:
    """The draft as linted; LINT_FAILED with every problem."""
    release = situation.asked_release(command.number)
    check_version(release.version, command.version)
    state = next_state(release, Action.LINT)
    check_lint(situation.content(release), checks)
    linted = replace(release, version=release.version + 1, state=state, linted_sha256=release.content_sha256)
    return Planned(linted)


def check_lint(documents: PolicyDocuments, checks: Checks) -> None:
    """The documents have no problem."""
    problems = checks.lint(documents.data())
    if problems:
        first = problems[0]
        raise ReleaseRefused(
            LINT_FAILED,
            problems=problems,
            count=len(problems),
            first=f"{first.file}: {first.message_en} / {first.message_zh}",
        )


def simulate(situation: Situation, command: SimulateRelease, checks: Checks) -> Planned:
    """The draft with what its simulation found."""
    release = situation.asked_release(command.number)
    check_version(release.version, command.version)
    state = next_state(release, Action.SIMULATE)
    found = simulated(release, situation.content(release), situation, checks)
    return Planned(replace(found, version=release.version + 1, state=state))


def simulated(release: Release, documents: PolicyDocuments, situation: Situation, checks: Checks) -> Release:
    """``release`` with the summary of what ``documents`` would change; as it is without a simulator."""
    if checks.simulate is None:
        return release
    base = situation.content(situation.release_of(release.base))
    summary = canonical_json(dict(checks.simulate(base, documents)))
    return replace(release, simulated_sha256=documents.sha256, simulation=summary)


def submit(situation: Situation, command: SubmitRelease, checks: Checks) -> Planned:
    """The release as others are asked to approve it; from now on its content stays."""
    release = situation.asked_release(command.number)
    check_version(release.version, command.version)
    unfinished = frozenset({ReleaseState.LINTED} if checks.simulate else ())
    state = next_state(release, Action.SUBMIT, without=unfinished)
    check_content(release.content_sha256, command.content_sha256)
    head = situation.ledger.head
    check_base(release.base, head)
    if release.content_sha256 == (head.content_sha256 if head else _NO_DOCUMENTS):
        raise ReleaseRefused(NOTHING_CHANGED)
    check_effective_time(command.effective_from, situation.now, head)
    check_lint(situation.content(release), checks)
    submitted = replace(
        release,
        version=release.version + 1,
        state=state,
        authors=with_author(release, situation),
        effective_from=command.effective_from,
    )
    return Planned(submitted)
