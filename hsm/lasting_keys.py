"""Which keys were asked for, and which were there: what tells a lost key from a misnamed one."""

from __future__ import annotations

import threading
from contextlib import suppress

from hsm.errors import KeyAmbiguous, KeyNotFound, TokenUnavailable, Unsupported
from hsm.probing import PROBE_TEXT
from hsm.token import KeyRef, Token
from hsm.verifying import default_algorithm, kind_of_spki

_REMEMBERED = 4


def sign_text(token: Token, ref: KeyRef, text: bytes) -> bytes:
    """The signature over ``text`` with the default algorithm of the key's kind; the errors of Token."""
    return token.sign(ref, default_algorithm(kind_of_spki(token.public_key(ref))), text)


class KeysInUse:
    """The last few keys asked for. Safe from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[KeyRef, None] = {}
        self._proven: set[KeyRef] = set()
        self._signed: set[KeyRef] = set()

    def ask(self, ref: KeyRef) -> None:
        """Somebody wants this key: a probe tries it first."""
        with self._lock:
            self._asked.pop(ref, None)
            self._asked[ref] = None
            if len(self._asked) > _REMEMBERED:
                del self._asked[next(iter(self._asked))]

    def prove(self, ref: KeyRef, *, signed: bool = False) -> None:
        """The key was there; ``signed``: and has signed since the token was opened."""
        with self._lock:
            self._proven.add(ref)
            if signed:
                self._signed.add(ref)

    def is_proven(self, ref: KeyRef) -> bool:
        """Whether the key was there before."""
        with self._lock:
            return ref in self._proven

    def has_signed(self, ref: KeyRef) -> bool:
        """Whether the key has signed since the token was opened, so that its PIN is known to be right."""
        with self._lock:
            return ref in self._signed

    def forget(self, ref: KeyRef) -> None:
        """That the key is not found is no fault: it was destroyed on purpose, or never was."""
        with self._lock:
            self._asked.pop(ref, None)
            self._proven.discard(ref)

    def check(self, token: Token) -> None:
        """Signs with the first of the keys that is there; the errors of Token.

        TokenUnavailable when a key that was there is gone and no other one is there. A key found gone while
        another one is there is no longer expected.
        """
        with self._lock:
            refs = tuple(reversed(self._asked))
            self._signed.clear()
        missing = _missing_before_one_signs(token, refs)
        with self._lock:
            if len(missing) == len(refs) and not self._proven.isdisjoint(refs):
                raise TokenUnavailable("the token answers, but the keys used before are not on it")
            self._proven.difference_update(missing)


def _missing_before_one_signs(token: Token, refs: tuple[KeyRef, ...]) -> tuple[KeyRef, ...]:
    """The keys that are not there, up to the first that signs."""
    for count, ref in enumerate(refs):
        # A token that gives such an answer is in order; that the key signs otherwise is for its user to know.
        with suppress(Unsupported, KeyAmbiguous):
            try:
                sign_text(token, ref, PROBE_TEXT)
            except KeyNotFound:
                continue
        return refs[:count]
    return refs
