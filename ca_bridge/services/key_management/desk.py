"""What the doors of keys open onto: the use cases over one register and the tokens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ca_bridge.services.key_management.ceremony import KeyCeremonies
from ca_bridge.services.key_management.ceremony_values import KeyTerms
from ca_bridge.services.key_management.errors import PLACE_TAKEN
from ca_bridge.services.key_management.model import (
    CeremonyState,
    KeyCeremony,
    KeyPlan,
    KeyState,
)
from ca_bridge.services.key_management.people import AccountsNow, KeyPeople
from ca_bridge.services.key_management.plan import plan_of
from ca_bridge.services.key_management.ports import KeyHealth, KeyRegister, KeyWorkshop, RegisterState
from ca_bridge.services.key_management.steps import KeySteps
from ca_bridge.services.ports import Clock
from ca_bridge.services.release_ports import Signers

_LIVE = (KeyState.CURRENT, KeyState.NEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenCeremony:
    """One that began and is not known to have ended, for it runs now or broke off; or that left a key behind.

    ``on_token``: whether the token has a key of its name, which nobody may use; None = not known.
    """

    ceremony: KeyCeremony
    on_token: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyDesk:
    """Use cases of keys. ``origin`` is the log's name in the public keys document."""

    ceremonies: KeyCeremonies
    steps: KeySteps
    register: KeyRegister
    workshop: KeyWorkshop
    read_plan: Callable[[Path], KeyPlan]
    origin: str

    def healths(self) -> tuple[KeyHealth, ...]:
        """Every key that signs or is to, and whether it can now."""
        keys = self.register.state().keys
        return tuple(self.workshop.health(key) for key in keys if key.state in _LIVE)

    def broken(self) -> tuple[BrokenCeremony, ...]:
        """Ceremonies not known to have ended, and those that failed and left a key on the token."""
        state = self.register.state()
        return (
            *self._looked_at(state, [c for c in state.ceremonies if c.state is CeremonyState.INTENDED]),
            *(one for one in self._looked_at(state, _failed(state)) if one.on_token),
        )

    def _looked_at(
        self, state: RegisterState, ceremonies: Iterable[KeyCeremony]
    ) -> tuple[BrokenCeremony, ...]:
        return tuple(
            BrokenCeremony(ceremony=found, on_token=self.workshop.present(_uri(found, state.key)))
            for found in ceremonies
        )


def _failed(state: RegisterState) -> list[KeyCeremony]:
    """Those that may have made a key: what another or a device's own tool has made is not theirs."""
    return [
        ceremony
        for ceremony in state.ceremonies
        if ceremony.state is CeremonyState.FAILED
        and ceremony.detail != PLACE_TAKEN.code
        and _makes(plan_of(json.loads(ceremony.plan)))
    ]


def _makes(plan: KeyPlan) -> bool:
    return plan.wish is not None and not plan.wish.existing


def _uri(ceremony: KeyCeremony, key: Callable[[str], object]) -> str:
    return ceremony.place.uri or getattr(key(ceremony.key_id), "uri", "")


def key_desk(
    *,
    register: KeyRegister,
    workshop: KeyWorkshop,
    accounts: AccountsNow,
    signers: Signers | None,
    clock: Clock,
    terms: KeyTerms,
    read_plan: Callable[[Path], KeyPlan],
    origin: str,
) -> KeyDesk:
    """The desk over these parts."""
    people = KeyPeople(accounts, signers)
    return KeyDesk(
        ceremonies=KeyCeremonies(
            register=register, people=people, workshop=workshop, clock=clock, terms=terms
        ),
        steps=KeySteps(register=register, people=people, workshop=workshop, clock=clock, terms=terms),
        register=register,
        workshop=workshop,
        read_plan=read_plan,
        origin=origin,
    )
