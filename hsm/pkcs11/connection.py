"""A token as it is reached now: slot, login, sessions, and the handles of keys found before."""

from __future__ import annotations

import threading
from contextlib import ExitStack

from hsm.errors import KeyNotFound, TokenUnavailable, Unsupported, UriError
from hsm.pin import read_pin
from hsm.pkcs11.constants import CKA_PRIVATE
from hsm.pkcs11.key_objects import KeyObject, find_one, shown
from hsm.pkcs11.library import Library
from hsm.pkcs11.pool import Pool
from hsm.pkcs11.return_values import Returned, error_of
from hsm.pkcs11.session import Session
from hsm.pkcs11.slots import Slot, choose
from hsm.pkcs11.sm2_profiles import Sm2Profile
from hsm.token import KeyRef
from hsm.uri import KeyUri

_MAX_CACHED = 1024


class Connection:
    """Logged in, of one generation of its module. Handles that it keeps are forgotten after any error."""

    def __init__(self, library: Library, generation: int, slot: Slot, login: Session, *, held: bool) -> None:
        self.library = library
        self.generation = generation
        self.slot = slot
        self.pool = Pool(library, slot)
        self._login = login
        self._held = held
        self._lock = threading.Lock()
        self._keys: dict[KeyRef, KeyObject] = {}
        self._known: set[KeyRef] = set()

    def find(self, session: Session, ref: KeyRef, profile: Sm2Profile | None) -> KeyObject:
        """The key, kept from before or searched for.

        A key, or all keys, gone without our doing is a token lost, and TokenUnavailable: a token whose store
        was taken away still answers searches.
        """
        with self._lock:
            kept = self._keys.get(ref)
        if kept is not None:
            return kept
        try:
            found = find_one(session, ref, profile)
        except (KeyNotFound, Unsupported):
            # Unsupported: half of a pair is there, as while files are being put back.
            if ref in self._known or (self._held and not holds_keys(session)):
                raise TokenUnavailable(f"the token has lost its signing key {shown(ref)}") from None
            raise
        with self._lock:
            if len(self._keys) >= _MAX_CACHED:
                self._keys.clear()
            self._keys[ref] = found
            self._known.add(ref)
        return found

    def forget(self) -> None:
        """All handles kept; they are searched for anew."""
        with self._lock:
            self._keys.clear()

    def disown(self, session: Session) -> None:
        """After keys were made or destroyed here: nothing kept is known to be there."""
        with self._lock:
            self._keys.clear()
            self._known.clear()
        self._held = holds_keys(session)

    def close(self) -> None:
        """Closes all sessions, and with the last one of this process the login ends."""
        self.pool.close()
        self._login.close()


def connect(library: Library, generation: int, uri: KeyUri) -> Connection:
    """A token logged in to, in one try of the PIN.

    TokenMissing, UriError, PinRefused, TokenUnavailable; no session is left open then. The module is in
    use by the caller, so that its generation stays.
    """
    try:
        slot = choose(library, uri)
        with ExitStack() as undoing:
            login = Session(library, slot.number)
            undoing.callback(login.close)
            _log_in(login, slot, uri)
            made = Connection(library, generation, slot, login, held=holds_keys(login))
            undoing.pop_all()
            return made
    except Returned as returned:
        raise error_of(returned) from None


def holds_keys(session: Session) -> bool:
    """Whether the token shows anything that only a login shows: private keys, sealed ones."""
    return bool(session.find({CKA_PRIVATE: True}))


def _log_in(session: Session, slot: Slot, uri: KeyUri) -> None:
    if not uri.pin_source:
        if slot.login_required:
            raise UriError("the token wants a PIN; name its file in pin-source")
        return
    pin = read_pin(uri.pin_source)
    try:
        session.login(pin.reveal())
    finally:
        pin.wipe()
