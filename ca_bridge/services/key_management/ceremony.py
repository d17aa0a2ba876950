"""The use case: a key is made, or destroyed, by a plan that several people approved; once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from ca_bridge.services.key_management.acts import (
    DONE,
    FAILED,
    INTENDED,
    administration,
    key_use,
    refusals_logged,
    written,
)
from ca_bridge.services.key_management.approval import KeyApproval
from ca_bridge.services.key_management.approvals import (
    KeyApprovals,
    able_to_approve,
    check_still_able,
    check_unused,
)
from ca_bridge.services.key_management.ceremony_checks import (
    check_possible,
    known_key,
    open_ceremony,
    wish_of,
)
from ca_bridge.services.key_management.ceremony_values import (
    Begun,
    Held,
    KeyTerms,
    approved,
    cause_of,
    members,
    registered,
)
from ca_bridge.services.key_management.errors import CEREMONY_FAILED, TOKEN_UNUSABLE
from ca_bridge.services.key_management.life_cycle import check_newcomer, current_of, destroyed
from ca_bridge.services.key_management.model import (
    NO_PLACE,
    CeremonyState,
    KeyAction,
    KeyCeremony,
    KeyPlan,
    KeyTranscript,
    KeyUse,
    KeyWish,
    LogFact,
    RegisteredKey,
    TranscriptSignature,
)
from ca_bridge.services.key_management.people import KeyPeople
from ca_bridge.services.key_management.plan import check_plan, check_unexecuted
from ca_bridge.services.key_management.ports import (
    KeyBench,
    KeyRegister,
    KeyWorkshop,
    MadeKey,
    RegisterChange,
    RegisterState,
)
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.key_management.statements import KeyStatement
from ca_bridge.services.key_management.transcript import Happened, transcript_text
from ca_bridge.services.ports import Clock
from ca_bridge.services.signing import SignerUnavailable, SigningKey


class KeyCeremonies:
    """Holds ceremonies. Everything is checked before the token is touched, and an intent is durable first."""

    def __init__(
        self,
        *,
        register: KeyRegister,
        people: KeyPeople,
        workshop: KeyWorkshop,
        clock: Clock,
        terms: KeyTerms,
    ) -> None:
        self._register = register
        self._people = people
        self._workshop = workshop
        self._clock = clock
        self._terms = terms

    def statements(
        self, plan: KeyPlan, action: KeyAction, new_nonce: Callable[[], str]
    ) -> tuple[tuple[str, bytes], ...]:
        """(account, bytes to sign) for each approver of a plan that could be held now; KeyRefused."""
        self._check(plan, action, self._clock.now())
        for name in plan.approvers:
            able_to_approve(self._people, name, action)
        statement = KeyStatement(action=action, installation=plan.installation, subject=plan.sha256)
        return tuple((name, statement.signed_by(name, new_nonce())) for name in plan.approvers)

    def make(self, plan: KeyPlan, approvals: Sequence[KeyApproval]) -> Held:
        """The key of ``plan``, made and registered; KeyRefused.

        CEREMONY_FAILED when it went wrong after the intent was written: the plan is used up.
        """
        with refusals_logged(self._register, self._clock.now(), KeyAction.CEREMONY.value, members(plan)):
            self._approve(plan, approvals, KeyAction.CEREMONY)
            wish = wish_of(plan)
            with self._workshop.bench(wish.uri) as bench:
                if not wish.existing:
                    bench.check_free()
                begun = self._begin(plan, approvals)
                return self._ended(begun, lambda: self._born(begun, wish, bench))

    def destroy(self, plan: KeyPlan, approvals: Sequence[KeyApproval]) -> Held:
        """The key of ``plan`` without its private half, which is gone from its token; KeyRefused as above."""
        with refusals_logged(self._register, self._clock.now(), KeyAction.DESTRUCTION.value, members(plan)):
            self._approve(plan, approvals, KeyAction.DESTRUCTION)
            key = known_key(self._register.state(), plan.key_id)
            with self._workshop.bench(key.uri) as bench:
                begun = self._begin(plan, approvals)
                return self._ended(begun, lambda: self._gone(begun, key, bench))

    def _check(self, plan: KeyPlan, action: KeyAction, at: datetime) -> None:
        check_plan(plan, action, self._terms.installation, self._terms.floor, at)
        state = self._register.state()
        check_unexecuted(plan, state)
        check_possible(plan, state, self._workshop, at)

    def _check_still(self, plan: KeyPlan, approvals: Sequence[KeyApproval], state: RegisterState) -> None:
        """What was checked before the token was waited for, as far as it may have changed meanwhile."""
        at = self._clock.now()
        check_plan(plan, plan.action, self._terms.installation, self._terms.floor, at)
        check_unexecuted(plan, state)
        check_possible(plan, state, self._workshop, at)
        check_still_able(self._people, plan, approvals)
        check_unused(approvals, self._register.nonce_used)

    def _approve(self, plan: KeyPlan, approvals: Sequence[KeyApproval], action: KeyAction) -> None:
        at = self._clock.now()
        self._check(plan, action, at)
        KeyApprovals(self._people, self._register.nonce_used).check(plan, approvals, at)

    def _begin(self, plan: KeyPlan, approvals: Sequence[KeyApproval]) -> Begun:
        """The intent, durable before anything is done; whoever comes second is refused here."""
        begun = Begun(plan=plan, approvals=approvals, started=self._clock.now(), log_key=self._log_key())
        ceremony = KeyCeremony(
            plan_sha256=plan.sha256,
            action=plan.action,
            plan=plan.text,
            state=CeremonyState.INTENDED,
            place=self._workshop.place(plan.wish.uri) if plan.wish else NO_PLACE,
            started=begun.started,
            key_id=plan.key_id,
        )

        def change(state: RegisterState) -> RegisterChange:
            self._check_still(plan, approvals, state)
            return RegisterChange(
                generation=state.generation,
                ceremony=ceremony,
                nonces=tuple((approval.account, approval.proof.nonce) for approval in approvals),
                facts=(
                    administration(
                        begun.started, plan.action.value, INTENDED, members(plan) | approved(approvals)
                    ),
                ),
            )

        written(self._register, change)
        return begun

    def _log_key(self) -> tuple[RegisteredKey, SigningKey] | None:
        """The first of the log's keys, which can sign now; TOKEN_UNUSABLE.

        Asked before the intent is written: a plan is not to be used up for want of a signature.
        """
        keys = current_of(self._register.state().keys, KeyUse.LOG)
        if not keys:
            return None
        health = self._workshop.health(keys[0])
        if not health.usable:
            raise KeyRefused(TOKEN_UNUSABLE, cause=f"{keys[0].key_id}: {health.detail}")
        return keys[0], self._workshop.key(keys[0])

    def _born(self, begun: Begun, wish: KeyWish, bench: KeyBench) -> Held:
        made = bench.make(wish, begun.started, bytes.fromhex(begun.plan.sha256))
        try:
            return self._born_as(begun, wish, bench, made)
        except (KeyRefused, SignerUnavailable):
            # Nothing else says for certain that the key is not registered.
            if not wish.existing:
                _give_up(bench, made.spki)
            raise

    def _born_as(self, begun: Begun, wish: KeyWish, bench: KeyBench, made: MadeKey) -> Held:
        ended = self._clock.now()
        key = registered(begun.plan, wish, made, ended)
        text = transcript_text(self._happened(begun, key, ended))
        own = TranscriptSignature(
            key_id=key.key_id, algorithm=key.algorithm, signature=bench.sign(made.spki, text.encode())
        )
        return self._complete(begun, key, text, (own,))

    def _gone(self, begun: Begun, key: RegisteredKey, bench: KeyBench) -> Held:
        state = self._register.state()
        open_ceremony(state, begun.plan.sha256)
        destroyed(known_key(state, key.key_id), begun.started)
        found = bench.destroy(key.spki)
        ended = self._clock.now()
        after = destroyed(key, ended)
        text = transcript_text(replace(self._happened(begun, after, ended), found=found))
        return self._complete(begun, after, text, ())

    def _happened(self, begun: Begun, key: RegisteredKey, ended: datetime) -> Happened:
        return Happened(
            plan=begun.plan,
            approvals=begun.approvals,
            key=key,
            started=begun.started,
            ended=ended,
            software=self._terms.software,
            node=self._terms.node,
        )

    def _complete(
        self, begun: Begun, key: RegisteredKey, text: str, own: tuple[TranscriptSignature, ...]
    ) -> Held:
        plan, at = begun.plan, key.since
        facts = [administration(at, plan.action.value, DONE, members(plan) | {"key_id": key.key_id})]
        signatures = own
        if own:
            facts.append(key_use(at, key, plan.action.value, key.custody))
        if begun.log_key is not None:
            row, signer = begun.log_key
            signatures += (
                TranscriptSignature(
                    key_id=row.key_id, algorithm=row.algorithm, signature=signer.sign(text.encode())
                ),
            )
            facts.append(key_use(at, row, plan.action.value, signer.custody))
        transcript = KeyTranscript(plan_sha256=plan.sha256, text=text, signatures=signatures)
        self._register_result(begun, key, transcript, tuple(facts))
        return Held(key=key, transcript=transcript)

    def _register_result(
        self, begun: Begun, key: RegisteredKey, transcript: KeyTranscript, facts: tuple[LogFact, ...]
    ) -> None:
        def change(state: RegisterState) -> RegisterChange:
            ceremony = open_ceremony(state, begun.plan.sha256)
            if begun.plan.wish is not None:  # an operator may have rotated meanwhile
                check_newcomer(state.keys, key.use, key.algorithm, key.state)
            else:
                destroyed(known_key(state, key.key_id), key.since)
            return RegisterChange(
                generation=state.generation,
                ceremony=replace(ceremony, state=CeremonyState.DONE, ended=key.since, key_id=key.key_id),
                keys=(key,),
                transcript=transcript,
                facts=facts,
            )

        written(self._register, change)

    def _ended(self, begun: Begun, act: Callable[[], Held]) -> Held:
        """What ``act`` gives; what goes wrong now is written down as the plan's end."""
        try:
            return act()
        except (KeyRefused, SignerUnavailable) as error:
            cause = str(error) if not isinstance(error, KeyRefused) else cause_of(error)
            self._fail(begun.plan, cause)
            raise KeyRefused(CEREMONY_FAILED, cause=cause) from error

    def _fail(self, plan: KeyPlan, cause: str) -> None:
        at = self._clock.now()

        def change(state: RegisterState) -> RegisterChange:
            ceremony = state.ceremony(plan.sha256)
            failed = None
            if ceremony is not None and ceremony.state is CeremonyState.INTENDED:
                failed = replace(ceremony, state=CeremonyState.FAILED, ended=at, detail=cause)
            return RegisterChange(
                generation=state.generation,
                ceremony=failed,
                facts=(administration(at, plan.action.value, FAILED, members(plan) | {"result": cause}),),
            )

        written(self._register, change)


def _give_up(bench: KeyBench, spki: bytes) -> None:
    """The key just made is gone again; if not, `keys doctor` finds it."""
    with suppress(KeyRefused):
        bench.destroy(spki)
