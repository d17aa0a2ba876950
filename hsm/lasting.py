"""A token that lasts: a module that hangs, fails or lies costs a caller a time limit, never a restart."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TypeVar

from hsm.errors import KeyNotFound, TokenUnavailable
from hsm.lasting_keeper import Keeper, Limits
from hsm.lasting_keys import KeysInUse, sign_text
from hsm.lasting_opening import opened, opened_and_sound
from hsm.probing import probe
from hsm.token import (
    SM2_DEFAULT_ID,
    Health,
    KeyInfo,
    KeyRef,
    KeySpec,
    SignatureAlgorithm,
    Token,
    TokenDescription,
)

T = TypeVar("T")


class LastingToken:
    """A Token made of what ``open_token`` returns, opened at the first call and again after every fault.

    Every call returns or raises within ``timeout_s`` (``generate``: ``generate_s``). After TokenUnavailable
    or BadSignature nobody gets through until every call has come back and the token was closed, opened again
    (at most once in ``retry_after_s``, by a thread of its own) and has signed with a key used before. So a
    call that never comes back keeps the token from this process for good. No call is made twice. PinRefused
    is final for this object: no PIN is tried after it. A forked child opens the token for itself, at its
    first call there. ``attempt`` gives what is entered around all that may present the PIN
    (``PinLatch.attempt`` of hsm/pin_latch.py: one try for all processes), ``opening`` what is entered around
    the token's opening, if that is another matter (``PinLatch.opening``).
    """

    def __init__(
        self,
        open_token: Callable[[], Token],
        *,
        timeout_s: float = 2.0,
        retry_after_s: float = 1.0,
        generate_s: float = 60.0,
        threads: int = 4,
        attempt: Callable[[], AbstractContextManager[None]] = nullcontext,
        opening: Callable[[], AbstractContextManager[None]] | None = None,
    ) -> None:
        self._open_token = open_token
        self._attempt = attempt
        self._opening = opening or attempt
        self._limits = Limits(
            timeout_s=timeout_s, generate_s=generate_s, retry_after_s=retry_after_s, threads=threads
        )
        self._closed = False
        self._by_process: dict[int, tuple[Keeper, KeysInUse]] = {}

    @property
    def fault(self) -> str:
        """Why the token cannot be used now, without asking it; empty when it can, or was not opened yet."""
        return self._here()[0].fault

    @property
    def refused(self) -> bool:
        """Whether the PIN was refused: this object is of no use any more."""
        return self._here()[0].refused

    def describe(self) -> TokenDescription:
        """See Token."""
        return self._call(lambda token: token.describe())

    def keys(self) -> tuple[KeyInfo, ...]:
        """See Token."""
        return self._call(lambda token: token.keys())

    def generate(self, spec: KeySpec) -> KeyInfo:
        """See Token. After TokenUnavailable the key may or may not be there: ``keys`` tells."""
        return self._call(lambda token: token.generate(spec), slow=True)

    def info(self, ref: KeyRef) -> KeyInfo:
        """See Token."""
        return self._call_for(ref, lambda token: token.info(ref))

    def public_key(self, ref: KeyRef) -> bytes:
        """See Token."""
        return self._call_for(ref, lambda token: token.public_key(ref))

    def sign(
        self,
        ref: KeyRef,
        algorithm: SignatureAlgorithm,
        message: bytes,
        *,
        signer_id: bytes = SM2_DEFAULT_ID,
    ) -> bytes:
        """See Token."""
        return self._signed(ref, lambda token: token.sign(ref, algorithm, message, signer_id=signer_id))

    def health(self, ref: KeyRef) -> Health:
        """See Token; at once when the token is known to be faulty."""
        return probe(lambda text: self._signed(ref, lambda token: sign_text(token, ref, text)))

    def attest(self, ref: KeyRef, nonce: bytes) -> bytes | None:
        """See Token."""
        return self._call_for(ref, lambda token: token.attest(ref, nonce))

    def destroy(self, ref: KeyRef) -> None:
        """See Token."""
        self._call_for(ref, lambda token: token.destroy(ref))
        self._here()[1].forget(ref)

    def close(self) -> None:
        """See Token; the threads end. A call that has not come back is waited for up to ``timeout_s``."""
        self._closed = True
        self._here()[0].close()

    def _call(self, work: Callable[[Token], T], *, slow: bool = False) -> T:
        return self._here()[0].call(work, slow=slow)

    def _signed(self, ref: KeyRef, work: Callable[[Token], bytes]) -> bytes:
        """The signature. Some tokens take the PIN when a key first signs and not when they are opened."""
        keys, attempt = self._here()[1], self._attempt

        def signed(token: Token) -> bytes:
            with nullcontext() if keys.has_signed(ref) else attempt():
                signature = work(token)
            keys.prove(ref, signed=True)
            return signature

        return self._call_for(ref, signed)

    def _call_for(self, ref: KeyRef, work: Callable[[Token], T]) -> T:
        """The work done. That a key is not found which was there before says that the token is not whole."""
        keeper, keys = self._here()
        keys.ask(ref)

        def watched(token: Token) -> T:
            try:
                value = work(token)
            except KeyNotFound as error:
                if keys.is_proven(ref):
                    raise TokenUnavailable("a key that was on the token is not found any more") from error
                keys.forget(ref)
                raise
            keys.prove(ref)
            return value

        return keeper.call(watched)

    def _here(self) -> tuple[Keeper, KeysInUse]:
        """What belongs to this process; a forked child has none of its parent's handles, threads or locks."""
        pid = os.getpid()
        if pid not in self._by_process:
            keys = KeysInUse()
            open_again = partial(opened_and_sound, self._open_token, self._opening, keys)
            keeper = Keeper(partial(opened, self._open_token, self._opening), open_again, self._limits)
            if self._closed:
                keeper.stop()
            if self._by_process.setdefault(pid, (keeper, keys))[0] is keeper:
                weakref.finalize(self, keeper.stop).atexit = False
        return self._by_process[pid]
