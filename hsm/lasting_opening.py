"""How a lasting token is opened and let go of."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress

from hsm.errors import TokenError
from hsm.lasting_keys import KeysInUse
from hsm.token import Token

OpenToken = Callable[[], Token]
Attempt = Callable[[], AbstractContextManager[None]]


def opened(open_token: OpenToken, attempt: Attempt) -> Token:
    """The token opened; the errors of opening it."""
    with attempt():
        return open_token()


def opened_and_sound(open_token: OpenToken, attempt: Attempt, keys: KeysInUse) -> Token:
    """The token opened again, and tried before it is anybody's; the errors of opening and of signing."""
    with attempt():
        token = open_token()
        with ExitStack() as unless_sound:
            unless_sound.callback(let_go, token)
            keys.check(token)
            unless_sound.pop_all()
        return token


def let_go(token: Token) -> None:
    """The token closed; that this fails too changes nothing."""
    with suppress(TokenError):
        token.close()
