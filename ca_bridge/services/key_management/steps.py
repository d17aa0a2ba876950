"""The use case: rotation, retirement and the closing of a broken ceremony, each by one operator."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.key_management.acts import DONE, administration, refusals_logged, written
from ca_bridge.services.key_management.ceremony_checks import check_left_alone, known_key, open_ceremony
from ca_bridge.services.key_management.ceremony_values import KeyTerms
from ca_bridge.services.key_management.errors import (
    APPROVAL_REPLAYED,
    CERTIFICATE_DIFFERS,
    NO_NEXT,
    TOKEN_UNUSABLE,
)
from ca_bridge.services.key_management.life_cycle import next_of, retired, rotated
from ca_bridge.services.key_management.model import (
    CeremonyState,
    KeyAction,
    KeyState,
    KeyUse,
    RegisteredKey,
)
from ca_bridge.services.key_management.people import KeyPeople
from ca_bridge.services.key_management.ports import (
    KeyRegister,
    KeyWorkshop,
    RegisterChange,
    RegisterState,
)
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.key_management.statements import KeyStatement
from ca_bridge.services.manage_recognition.commands import Proof, SignatureProof
from ca_bridge.services.manage_recognition.model import Role
from ca_bridge.services.ports import Clock
from ca_bridge.services.printable import printable

_SHOWN = 80
_Plan = Callable[[RegisterState], RegisterChange]


class KeySteps:
    """Steps of one account that is an operator, proven by its secret or its signature."""

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

    def following(self, use: KeyUse, algorithm: str = "") -> RegisteredKey:
        """The key that rotation would make current; NO_NEXT, NEXT_AMBIGUOUS."""
        return next_of(self._register.state().keys, use, algorithm)

    def known(self, key_id: str) -> RegisteredKey:
        """The key of this name; UNKNOWN_KEY."""
        return known_key(self._register.state(), key_id)

    def statement(self, action: KeyAction, subject: str, certificate: bytes = b"") -> KeyStatement:
        """What to sign for ``action`` on the key, or the plan's hash, ``subject``; ``certificate`` is DER."""
        return KeyStatement(
            action=action,
            installation=self._terms.installation,
            subject=subject,
            certificate_sha256=sha256(certificate).hexdigest() if certificate else "",
        )

    def rotate(self, key_id: str, proof: Proof) -> tuple[RegisteredKey, ...]:
        """What changed: the key that was next and is current now, last; before it the one it took over from.

        TOKEN_UNUSABLE when it cannot sign now: nobody rotates to a key that is not there. CEREMONY_OPEN while
        it is being destroyed.
        """

        def act(at: datetime) -> _Plan:
            following = self.known(key_id)
            health = self._workshop.health(following)
            if not health.usable:
                raise KeyRefused(TOKEN_UNUSABLE, cause=health.detail)

            def plan(state: RegisterState) -> RegisterChange:
                found = known_key(state, key_id)
                check_left_alone(state, key_id)
                if found.state is not KeyState.NEXT:
                    raise KeyRefused(NO_NEXT, use=found.use.value)
                return RegisterChange(
                    generation=state.generation, keys=rotated(state.keys, found, at), facts=()
                )

            return plan

        return self._take(KeyAction.ROTATION, key_id, proof, act).keys

    def retire(self, key_id: str, proof: Proof) -> RegisteredKey:
        """The key, which never signs again; NOT_RETIRABLE, CEREMONY_OPEN while it is being destroyed."""

        def act(at: datetime) -> _Plan:
            def plan(state: RegisterState) -> RegisterChange:
                check_left_alone(state, key_id)
                gone = retired(known_key(state, key_id), at)
                return RegisterChange(generation=state.generation, keys=(gone,), facts=())

            return plan

        return self._take(KeyAction.RETIREMENT, key_id, proof, act).keys[0]

    def certify(self, key_id: str, certificate: bytes, proof: Proof) -> RegisteredKey:
        """The key with ``certificate`` (DER), which a CA issued for its request; CERTIFICATE_DIFFERS."""

        def act(_at: datetime) -> _Plan:
            check_certificate(self.known(key_id), certificate)
            return lambda state: RegisterChange(
                generation=state.generation,
                keys=(replace(known_key(state, key_id), certificate=certificate),),
                facts=(),
            )

        return self._take(KeyAction.CERTIFICATION, key_id, proof, act, certificate).keys[0]

    def abandon(self, plan_sha256: str, proof: Proof) -> None:
        """The ceremony is closed as failed: it broke off, and what it left on the token is nobody's key."""

        def act(at: datetime) -> _Plan:
            return lambda state: RegisterChange(
                generation=state.generation,
                ceremony=replace(
                    open_ceremony(state, plan_sha256),
                    state=CeremonyState.FAILED,
                    ended=at,
                    detail=KeyAction.ABANDONMENT.value,
                ),
                facts=(),
            )

        self._take(KeyAction.ABANDONMENT, plan_sha256, proof, act)

    def _take(
        self,
        action: KeyAction,
        subject: str,
        proof: Proof,
        act: Callable[[datetime], _Plan],
        certificate: bytes = b"",
    ) -> RegisterChange:
        """The step, written: who asks is proven, the nonce of a signature used up, the log told."""
        at = self._clock.now()
        statement = self.statement(action, subject, certificate)
        members = {"subject_of_act": printable(subject, _SHOWN), "account": printable(proof.account, _SHOWN)}
        if statement.certificate_sha256:
            members["certificate_sha256"] = statement.certificate_sha256
        with refusals_logged(self._register, at, action.value, members):
            self._people.prove(proof, statement, Role.OPERATOR, at)
            plan = act(at)
            fact = administration(at, action.value, DONE, members | _signature(proof))

            def change(state: RegisterState) -> RegisterChange:
                nonces = self._fresh(proof)
                return replace(plan(state), nonces=nonces, facts=(fact,))

            return written(self._register, change)

    def _fresh(self, proof: Proof) -> tuple[tuple[str, str], ...]:
        if not isinstance(proof, SignatureProof):
            return ()
        if self._register.nonce_used(proof.account, proof.nonce):
            raise KeyRefused(APPROVAL_REPLAYED, account=proof.account)
        return ((proof.account, proof.nonce),)


def check_certificate(key: RegisteredKey, certificate: bytes) -> None:
    """CERTIFICATE_DIFFERS unless ``certificate`` (DER) is one, and of this key."""
    try:
        spki = parse_certificate(certificate).spki.der
    except Malformed as error:
        raise KeyRefused(CERTIFICATE_DIFFERS, key=key.key_id, cause=error.reason.code) from error
    if spki != key.spki:
        raise KeyRefused(CERTIFICATE_DIFFERS, key=key.key_id, cause="subjectPublicKeyInfo")


def _signature(proof: Proof) -> dict[str, Any]:
    """What the log keeps of a signed step, so that its signature can be checked again."""
    if not isinstance(proof, SignatureProof):
        return {}
    certificate = sha256(proof.certificate).hexdigest()
    signature = base64.b64encode(proof.signature).decode()
    return {"signed": {"certificate_sha256": certificate, "nonce": proof.nonce, "signature": signature}}
