"""The PKCS #11 driver's Token."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TypeVar

from hsm.errors import BadSignature, PinRefused, TokenError, TokenUnavailable, UriError
from hsm.pkcs11 import libraries, slots
from hsm.pkcs11.connection import Connection, connect
from hsm.pkcs11.generation import generate, remove
from hsm.pkcs11.key_objects import KeyObject, find_all, find_one
from hsm.pkcs11.library import Library
from hsm.pkcs11.return_values import STALE, Returned, error_of
from hsm.pkcs11.sealed import sign_sealed
from hsm.pkcs11.session import Session
from hsm.pkcs11.signing import sign_in_token
from hsm.pkcs11.sm2_profile_files import sm2_profile
from hsm.pkcs11.turns import AGAIN_S, OPENING_S, turn
from hsm.probing import PROBE_TEXT, probe
from hsm.token import (
    SM2_DEFAULT_ID,
    Health,
    KeyInfo,
    KeyKind,
    KeyRef,
    KeySpec,
    SignatureAlgorithm,
    TokenDescription,
)
from hsm.uri import KeyUri
from hsm.verifying import check_algorithm, default_algorithm, verify

T = TypeVar("T")

_VENDOR_ATTRIBUTES = frozenset({"x-sm2-profile", "x-custody"})


def open_pkcs11(uri: KeyUri) -> Pkcs11Token:
    """The token that ``uri`` names, logged in with the PIN of its file in exactly one try.

    To be called after any fork. UriError for a URI that this driver cannot follow, PinRefused,
    TokenUnavailable.
    """
    _check_uri(uri)
    return Pkcs11Token(uri)


class Pkcs11Token:
    """A Token (hsm/token.py). When another user of the module had it initialised anew, it logs in again."""

    def __init__(self, uri: KeyUri) -> None:
        self._uri = uri
        self._profile = sm2_profile(uri.vendor_value("x-sm2-profile"))
        self._seals_sm2 = uri.vendor_value("x-custody") == "sealed"
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._making = threading.Lock()
        self._closed = False
        self._refused = ""
        with turn(uri.pin_source, OPENING_S), ExitStack() as undoing:
            self._library = libraries.acquire(uri.module_path)
            undoing.callback(libraries.release, self._library)
            self._connection: Connection | None = _first_connection(self._library, uri)
            undoing.pop_all()

    def describe(self) -> TokenDescription:
        """See Token. SM2 is in the token if a profile is given and the token lists its mechanism."""
        with self._at_work() as connection:
            slot, profile = connection.slot, self._profile
            listed = slots.mechanisms(self._library, slot)
            return TokenDescription(
                driver="pkcs11",
                label=slot.label,
                manufacturer=slot.manufacturer,
                model=slot.model,
                serial=slot.serial,
                library=slots.library_text(self._library),
                in_token_sm2=profile is not None and profile.sign_mechanism in listed,
            )

    def keys(self) -> tuple[KeyInfo, ...]:
        """See Token; SM2 keys in the token only when a profile says how they sign."""
        with self._at_work() as connection, connection.pool.lent() as session:
            found = [key.info for key in find_all(session, self._profile)]
        return tuple(sorted(found, key=lambda info: (info.label, info.key_id)))

    def generate(self, spec: KeySpec) -> KeyInfo:
        """See Token. The new key has signed once, and the signature was verified, before this returns."""
        if self._seals_sm2 and spec.kind is KeyKind.SM2 and not spec.sealed:
            spec = KeySpec(label=spec.label, key_id=spec.key_id, kind=spec.kind, sealed=True)
        with self._at_work() as connection, self._writable(connection) as session:
            made = generate(session, spec, self._profile)
            try:
                self._sign_with(session, made, default_algorithm(spec.kind), PROBE_TEXT, SM2_DEFAULT_ID)
            except (TokenError, Returned):
                remove(session, made.all_handles)
                raise
            connection.disown(session)
            return made.info

    def info(self, ref: KeyRef) -> KeyInfo:
        """See Token; an SM2 key in the token too that no profile says how to sign with."""
        return self._with_key(ref, lambda _, key: key.info)

    def public_key(self, ref: KeyRef) -> bytes:
        """See Token."""
        return self.info(ref).spki

    def sign(
        self,
        ref: KeyRef,
        algorithm: SignatureAlgorithm,
        message: bytes,
        *,
        signer_id: bytes = SM2_DEFAULT_ID,
    ) -> bytes:
        """See Token."""

        def signed(session: Session, key: KeyObject) -> bytes:
            return self._sign_with(session, key, algorithm, message, signer_id)

        return self._with_key(ref, signed)

    def health(self, ref: KeyRef) -> Health:
        """See Token."""

        def sign(text: bytes) -> bytes:
            return self.sign(ref, default_algorithm(self.info(ref).kind), text)

        return probe(sign)

    def attest(self, ref: KeyRef, nonce: bytes) -> bytes | None:  # noqa: ARG002 - the protocol has a nonce
        """None: PKCS #11 has no attestation. KeyNotFound and the like for a key that is not there."""
        self.info(ref)
        return None

    def destroy(self, ref: KeyRef) -> None:
        """See Token. A sealed key's sealing key goes first: no copy of the sealed scalar opens again."""
        with self._at_work() as connection, self._writable(connection) as session:
            remove(session, find_one(session, ref, self._profile).all_handles)
            connection.disown(session)

    def close(self) -> None:
        """See Token. In a forked child nothing is called: the sessions are the parent's."""
        if os.getpid() != self._pid:
            return
        with self._lock:
            if self._closed:
                return
            self._closed = True
            connection, self._connection = self._connection, None
        with suppress(TokenUnavailable), self._library.in_use() as generation:
            if connection is not None and connection.generation == generation:
                connection.close()
        libraries.release(self._library)

    def _with_key(self, ref: KeyRef, work: Callable[[Session, KeyObject], T]) -> T:
        """What ``work`` makes of the key; once more when an object has vanished, for another may be there."""
        with self._at_work() as connection:
            try:
                with connection.pool.lent() as session:
                    return work(session, connection.find(session, ref, self._profile))
            except Returned as returned:
                if returned.value not in STALE:
                    raise
            connection.forget()
            with connection.pool.lent() as session:
                return work(session, connection.find(session, ref, self._profile))

    def _sign_with(
        self,
        session: Session,
        key: KeyObject,
        algorithm: SignatureAlgorithm,
        message: bytes,
        signer_id: bytes,
    ) -> bytes:
        """The signature, verified."""
        check_algorithm(key.info.kind, algorithm)
        if key.sealed is not None:
            signature = sign_sealed(session, key.sealed, message, signer_id)
        else:
            signature = sign_in_token(session, key, algorithm, message, signer_id, self._profile)
        if not verify(key.info.spki, algorithm, message, signature, signer_id=signer_id):
            raise BadSignature(f"the token's signature with {key.info.label!r} does not verify")
        return signature

    @contextmanager
    def _writable(self, connection: Connection) -> Iterator[Session]:
        """A session for making and destroying, one at a time, closed after."""
        with self._making, turn(self._uri.pin_source, OPENING_S):
            session = Session(self._library, connection.slot.number, writable=True)
            try:
                yield session
            finally:
                session.close()

    @contextmanager
    def _at_work(self) -> Iterator[Connection]:
        """The token for one call; turns what modules return into this package's errors."""
        if os.getpid() != self._pid:
            raise TokenUnavailable("the token was opened before a fork; open it in this process")
        if self._refused:
            raise PinRefused(self._refused)
        with self._library.in_use() as generation:
            connection = self._connected(generation)
            try:
                yield connection
            except Returned as returned:
                raise self._noted(connection, error_of(returned)) from returned
            except TokenError as error:
                self._noted(connection, error)
                raise

    def _noted(self, connection: Connection, error: TokenError) -> TokenError:
        """Forgets handles; a failure that a new initialisation may mend makes the next opening do one."""
        connection.forget()
        if isinstance(error, TokenUnavailable | BadSignature):
            self._library.suspect()
        return error

    def _connected(self, generation: int) -> Connection:
        """The connection, made again when the module has been initialised anew since."""
        with self._lock:
            if self._closed:
                raise TokenUnavailable("the token was closed")
            if self._connection is None or self._connection.generation != generation:
                self._connection = None
                try:
                    with turn(self._uri.pin_source, AGAIN_S):
                        self._connection = connect(self._library, generation, self._uri)
                except PinRefused as refused:
                    self._refused = str(refused)
                    raise
            return self._connection


def _first_connection(library: Library, uri: KeyUri) -> Connection:
    """A connection; a token that is not seen is looked for once more with the module initialised anew."""
    try:
        with library.in_use() as generation:
            return connect(library, generation, uri)
    except slots.TokenMissing:
        library.start(anew=True)
    with library.in_use() as generation:
        return connect(library, generation, uri)


def _check_uri(uri: KeyUri) -> None:
    if uri.scheme != "pkcs11":
        raise UriError("this driver takes pkcs11: URIs")
    if not uri.module_path:
        raise UriError("module-path is missing")
    if unknown := {name for name, _ in uri.vendor} - _VENDOR_ATTRIBUTES:
        raise UriError(f"unknown vendor attributes: {', '.join(sorted(unknown))}")
    if uri.vendor_value("x-custody") not in ("", "token", "sealed"):
        raise UriError("x-custody is token or sealed")
