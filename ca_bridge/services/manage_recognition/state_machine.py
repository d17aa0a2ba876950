"""Which step leads from which stored state to which: the whole machine as one table."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ca_bridge.services.manage_recognition.model import Action, Release, ReleaseState
from ca_bridge.services.release_errors import STATE_FORBIDS, ReleaseRefused

_STATE, _OPEN = ReleaseState, (ReleaseState.DRAFT, ReleaseState.LINTED, ReleaseState.SIMULATED)

# An approval may leave a release SUBMITTED, when more are needed: the use case says which of the two.
TRANSITIONS: Mapping[tuple[ReleaseState, Action], ReleaseState] = MappingProxyType(
    {(state, Action.AMEND): _STATE.DRAFT for state in _OPEN}
    | {(state, Action.LINT): _STATE.LINTED for state in _OPEN}
    | {(state, Action.SIMULATE): _STATE.SIMULATED for state in (_STATE.LINTED, _STATE.SIMULATED)}
    | {(state, Action.WITHDRAW): _STATE.WITHDRAWN for state in (*_OPEN, _STATE.SUBMITTED, _STATE.APPROVED)}
    | {
        (_STATE.LINTED, Action.SUBMIT): _STATE.SUBMITTED,
        (_STATE.SIMULATED, Action.SUBMIT): _STATE.SUBMITTED,
        (_STATE.SUBMITTED, Action.APPROVE): _STATE.APPROVED,
        (_STATE.SUBMITTED, Action.REJECT): _STATE.REJECTED,
    }
)


def next_state(
    release: Release, action: Action, *, without: frozenset[ReleaseState] = frozenset()
) -> ReleaseState:
    """The state after ``action``; STATE_FORBIDS when there is none, or the state is one of ``without``."""
    after = TRANSITIONS.get((release.state, action))
    if after is None or release.state in without:
        raise state_forbids(action, release.state)
    return after


def state_forbids(action: Action, state: ReleaseState) -> ReleaseRefused:
    """The refusal that names what is possible instead."""
    possible = sorted({other.value for (source, other) in TRANSITIONS if source is state})
    return ReleaseRefused(
        STATE_FORBIDS, action=action.value, state=state.value, possible=", ".join(possible) or "-"
    )
