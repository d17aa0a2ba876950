"""The gateway's keys on their tokens: opened when first used, healed by themselves, custody as it is now."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from stat import S_ISDIR
from threading import Lock

from ca_bridge.services.key_management.model import KeyState, KeyTranscript, RegisteredKey
from ca_bridge.services.key_management.ports import KeyHealth
from ca_bridge.services.key_management.vouching import doubt_of
from ca_bridge.services.manage_recognition.store_errors import StoreDamaged, StoreUnavailable
from ca_bridge.services.signing import SignerUnavailable
from hsm.errors import RefusedInProduction, TokenError, TokenUnavailable, Unsupported
from hsm.lasting import LastingToken
from hsm.open_token import open_token
from hsm.pin_latch import PinLatch, pin_stamp
from hsm.signing_key import BoundKey
from hsm.token import Custody, KeyInfo, KeyRef, SignatureAlgorithm, Token
from hsm.uri import KeyUri, parse_key_uri
from hsm.verifying import verify

SOFTKEY = "softkey"
_MAKING = "x-custody"
_OF_SEALING_KEY = "sealing_key_"
_KEPT_INSIDE = (
    ("sensitive", "true"),
    ("extractable", "false"),
    ("never_extractable", "true"),
    ("local", "true"),
)
Standing = Callable[[str], KeyState | None]
"""The state of the key of this name as the register has it now; None = there is none."""
TranscriptOf = Callable[[str], KeyTranscript | None]
"""What happened in the ceremony of the plan of this SHA-256; StoreUnavailable, StoreDamaged."""


class HsmSigningKey:
    """SigningKey (services/signing.py) over a token. Safe from many threads."""

    def __init__(
        self,
        registered: RegisteredKey,
        token: Callable[[], Token],
        ref: KeyRef,
        standing: Standing | None,
    ) -> None:
        """``token`` gives the token as it is open now: another one once a refused PIN was mended."""
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
        token = self._token()
        info = token.info(self._ref)
        custody = info.custody
        if custody is not Custody(self._registered.custody):
            raise SignerUnavailable(
                f"{self.key_id}: registered with custody {self._registered.custody}, "
                f"and the driver says {custody.value}"
            )
        if leaves_token(info):
            raise SignerUnavailable(
                f"{self.key_id}: registered with custody {custody.value}, and the module says that the key "
                "is extractable, or not sensitive"
            )
        algorithm = SignatureAlgorithm(self.algorithm)
        bound = BoundKey(token, self._ref, algorithm, self.spki, custody, self.key_id)
        self._bound = bound
        return bound


class _OpenToken:
    """A token that lasts, and what its PIN's file was when it was last opened, or began to be."""

    def __init__(self, keys: HsmKeys, uri: KeyUri, *, production: bool) -> None:
        self._pin_source = uri.pin_source
        self._stamp = pin_stamp(uri.pin_source)

        def opened() -> Token:
            self._stamp = pin_stamp(uri.pin_source)
            return open_token(uri, production=production)

        self.token = LastingToken(
            opened, attempt=lambda: keys.attempt(uri), opening=lambda: keys.opening(uri)
        )

    @property
    def is_over(self) -> bool:
        """Whether its PIN was refused, and somebody has seen to the file since."""
        return self.token.refused and pin_stamp(self._pin_source) != self._stamp


class HsmKeys:
    """Opens registered keys, one lasting token for each URI. May be made before a fork; opens after it."""

    def __init__(
        self,
        *,
        production: bool,
        standing: Standing | None = None,
        run_folder: Path | None = None,
        transcript: TranscriptOf | None = None,
    ) -> None:
        """``standing`` is asked before every signature, so that a key retired elsewhere stops at once.

        ``transcript`` is asked before a key's token is opened: a key that its ceremony's transcript does not
        vouch for does not sign. Keys of development have none.

        In ``run_folder``, which all processes of the machine share, a refused PIN is noted, and none of them
        tries it again; without it each does, once.
        """
        self._production = production
        self._run_folder = run_folder
        self._standing = standing
        self._transcript = transcript
        self._lock = Lock()
        self._tokens: dict[KeyUri, _OpenToken] = {}
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
        for opened in tokens.values():
            opened.token.close()

    def opening(self, uri: KeyUri) -> AbstractContextManager[None]:
        """Around the opening of the token of ``uri``, which may present its PIN; PinRefused."""
        latch = self._latch(uri)
        return nullcontext() if latch is None else latch.opening()

    def attempt(self, uri: KeyUri) -> AbstractContextManager[None]:
        """Around the first signature of a key of ``uri``, for which some tokens take the PIN; PinRefused."""
        latch = self._latch(uri)
        return nullcontext() if latch is None else latch.attempt()

    def _latch(self, uri: KeyUri) -> PinLatch | None:
        if self._run_folder is None or not uri.pin_source:
            return None
        return PinLatch(shared_folder(self._run_folder), uri)

    def _key(self, registered: RegisteredKey) -> HsmSigningKey:
        with _naming(registered.key_id):
            uri = parse_key_uri(registered.uri)
            if uri.scheme == SOFTKEY and self._production:
                raise RefusedInProduction("keys in software are for development")
        if registered.ceremony or uri.scheme != SOFTKEY:
            self._check_vouched(registered)
        return HsmSigningKey(registered, lambda: self._token(uri), uri.ref, self._standing)

    def _check_vouched(self, registered: RegisteredKey) -> None:
        if self._transcript is None:
            return
        try:
            doubt = doubt_of(registered, self._transcript(registered.ceremony), _verified)
        except (StoreUnavailable, StoreDamaged) as error:
            raise SignerUnavailable(f"{registered.key_id}: {error}") from error
        if doubt:
            raise SignerUnavailable(f"{registered.key_id}: {doubt}")

    def _token(self, uri: KeyUri) -> LastingToken:
        """The token that ``uri`` names: one for all keys that are reached in the same way."""
        named = _token_uri(uri)
        with self._lock:
            if self._process != os.getpid():  # a child: what the parent opened is of no use here
                self._tokens, self._process = {}, os.getpid()
            found = self._tokens.get(named)
            if found is not None and found.is_over:
                found.token.close()
                found = None
            if found is None:
                found = self._tokens[named] = _OpenToken(self, named, production=self._production)
            return found.token


def _token_uri(uri: KeyUri) -> KeyUri:
    """The token alone. How new SM2 keys are to be kept says nothing of how those that are there sign."""
    vendor = tuple(row for row in uri.vendor if row[0] != _MAKING)
    return replace(uri.without_key(), vendor=vendor)


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


def _verified(key: RegisteredKey, message: bytes, signature: bytes) -> bool:
    try:
        return verify(key.spki, SignatureAlgorithm(key.algorithm), message, signature)
    except Unsupported:
        return False


def is_kept_inside(info: KeyInfo) -> bool:
    """Whether the module says of a key, or of what seals it, that it was made inside and never left."""
    about = "" if info.custody is Custody.TOKEN else _OF_SEALING_KEY
    said = dict(info.claims)
    return all(said.get(f"{about}{name}") == value for name, value in _KEPT_INSIDE)


def leaves_token(info: KeyInfo) -> bool:
    """Whether the module says of a key in the token that it can be taken out; some say nothing."""
    said = dict(info.claims)
    return info.custody is Custody.TOKEN and (
        said.get("extractable") == "true" or said.get("sensitive") == "false"
    )


@contextmanager
def _naming(key_id: str) -> Iterator[None]:
    """Errors of tokens as the services know them, with the key's name."""
    try:
        yield
    except TokenError as error:
        raise SignerUnavailable(f"{key_id}: {_told(error)}") from error


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if isinstance(error, TokenError) else str(error)
