"""The gateway's keys on their tokens: opened when first used, healed by themselves, custody as it is now."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISDIR
from threading import Lock

from ca_bridge.services.key_management.model import KeyState, RegisteredKey
from ca_bridge.services.key_management.ports import KeyHealth
from ca_bridge.services.signing import SignerUnavailable
from hsm.errors import RefusedInProduction, TokenError, TokenUnavailable
from hsm.lasting import LastingToken
from hsm.naming import is_named, only_one
from hsm.open_token import open_token
from hsm.pin_latch import PinLatch
from hsm.signing_key import BoundKey
from hsm.token import Custody, KeyInfo, KeyRef, SignatureAlgorithm, Token
from hsm.uri import KeyUri, parse_key_uri

SOFTKEY = "softkey"
Standing = Callable[[str], KeyState | None]
"""The state of the key of this name as the register has it now; None = there is none."""


class HsmSigningKey:
    """SigningKey (services/signing.py) over a token. Safe from many threads."""

    def __init__(
        self, registered: RegisteredKey, token: Token, ref: KeyRef, standing: Standing | None
    ) -> None:
        self._registered = registered
        self._token = token
        self._ref = ref
        self._standing = standing
        self._bound: BoundKey | None = None

    @property
    def key_id(self) -> str:
        """Its name for ever."""
        return self._registered.key_id

    @property
    def algorithm(self) -> str:
        """The one algorithm it signs with."""
        return self._registered.algorithm

    @property
    def custody(self) -> str:
        """Where the private key is while it signs, as the driver says; SignerUnavailable."""
        with _naming(self.key_id):
            return self._opened().custody.value

    @property
    def spki(self) -> bytes:
        """SubjectPublicKeyInfo, DER."""
        return self._registered.spki

    @property
    def certificate(self) -> bytes | None:
        """A certificate of the key, DER, if it has one."""
        return self._registered.certificate

    def sign(self, message: bytes) -> bytes:
        """The signature, verified; SignerUnavailable, also when the key is retired by now."""
        self._check_standing()
        try:
            with _naming(self.key_id):
                return self._opened().sign(message)
        except SignerUnavailable:
            self._bound = None  # what the driver says is asked anew when the token is back
            raise

    def health(self) -> KeyHealth:
        """One signature made and verified, and where the driver says the key is; never raises."""
        try:
            bound = self._opened()
        except (TokenError, SignerUnavailable) as error:
            return KeyHealth(key_id=self.key_id, usable=False, custody="", detail=_told(error), elapsed_us=0)
        found = bound.health()
        if not found.usable:
            self._bound = None
        return KeyHealth(
            key_id=self.key_id,
            usable=found.usable,
            custody=bound.custody.value,
            detail=found.detail,
            elapsed_us=found.elapsed_us,
        )

    def _check_standing(self) -> None:
        state = self._registered.state if self._standing is None else self._standing(self.key_id)
        if state is not KeyState.CURRENT:
            told = "not registered" if state is None else state.value
            raise SignerUnavailable(f"{self.key_id}: the key is {told} and does not sign")

    def _opened(self) -> BoundKey:
        """The key with the custody that the driver tells; a mismatch with the register is an error."""
        bound = self._bound
        if bound is not None:
            return bound
        custody = info_of(self._token, self._ref).custody
        if custody is not Custody(self._registered.custody):
            raise SignerUnavailable(
                f"{self.key_id}: registered with custody {self._registered.custody}, "
                f"and the driver says {custody.value}"
            )
        algorithm = SignatureAlgorithm(self.algorithm)
        bound = BoundKey(self._token, self._ref, algorithm, self.spki, custody, self.key_id)
        self._bound = bound
        return bound


class HsmKeys:
    """Opens registered keys, one lasting token for each URI. May be made before a fork; opens after it."""

    def __init__(
        self, *, production: bool, standing: Standing | None = None, run_folder: Path | None = None
    ) -> None:
        """``standing`` is asked before every signature, so that a key retired elsewhere stops at once.

        In ``run_folder``, which all processes of the machine share, a refused PIN is noted, and none of them
        tries it again; without it each does, once.
        """
        self._production = production
        self._run_folder = run_folder
        self._standing = standing
        self._lock = Lock()
        self._tokens: dict[str, LastingToken] = {}
        self._process = os.getpid()

    def key(self, registered: RegisteredKey) -> HsmSigningKey:
        """The key, to sign with; SignerUnavailable unless it is current."""
        if registered.state is not KeyState.CURRENT:
            raise SignerUnavailable(
                f"{registered.key_id}: the key is {registered.state.value} and does not sign"
            )
        return self._key(registered)

    def health(self, registered: RegisteredKey) -> KeyHealth:
        """Whether the key, whatever its state, can sign now: one signature is made. Never raises."""
        try:
            return self._key(registered).health()
        except SignerUnavailable as error:
            return KeyHealth(
                key_id=registered.key_id, usable=False, custody="", detail=str(error), elapsed_us=0
            )

    def close(self) -> None:
        """Let go of all tokens; the next use opens them again."""
        with self._lock:
            tokens, self._tokens = self._tokens, {}
        for token in tokens.values():
            token.close()

    @contextmanager
    def opening(self, uri: KeyUri) -> Iterator[None]:
        """Around whatever may present the PIN of ``uri``."""
        if self._run_folder is None or not uri.pin_source:
            yield
            return
        with PinLatch(shared_folder(self._run_folder), uri).attempt():
            yield

    def _key(self, registered: RegisteredKey) -> HsmSigningKey:
        with _naming(registered.key_id):
            uri = parse_key_uri(registered.uri)
            if uri.scheme == SOFTKEY and self._production:
                raise RefusedInProduction("keys in software are for development")
        return HsmSigningKey(registered, self._token(uri.without_key()), uri.ref, self._standing)

    def _token(self, uri: KeyUri) -> LastingToken:
        with self._lock:
            if self._process != os.getpid():  # a child: what the parent opened is of no use here
                self._tokens, self._process = {}, os.getpid()
            if uri.text not in self._tokens:
                self._tokens[uri.text] = LastingToken(
                    lambda: open_token(uri, production=self._production), attempt=lambda: self.opening(uri)
                )
            return self._tokens[uri.text]


def shared_folder(folder: Path) -> Path:
    """The folder, made if it is not there; TokenUnavailable unless it is this user's alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise TokenUnavailable(f"the folder {str(folder)!r} cannot be used: {error.strerror}") from error
    if not S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
        raise TokenUnavailable(f"the folder {str(folder)!r} is not this user's alone")
    return folder


def info_of(token: Token, ref: KeyRef) -> KeyInfo:
    """What the token says of the key of this name; KeyNotFound, KeyAmbiguous."""
    found = token.keys()
    return only_one(ref, [info for info in found if is_named(ref, info.label, info.key_id)])


@contextmanager
def _naming(key_id: str) -> Iterator[None]:
    """Errors of tokens as the services know them, with the key's name."""
    try:
        yield
    except TokenError as error:
        raise SignerUnavailable(f"{key_id}: {_told(error)}") from error


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if isinstance(error, TokenError) else str(error)
