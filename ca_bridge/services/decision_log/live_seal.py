"""Seals with the keys that are current when it is asked: a rotation needs no restart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from ca_bridge.services.audit.sealed import Seal, SealedHead
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.key_management.model import KeyState, KeyUse, RegisteredKey
from ca_bridge.services.ports import Clock
from ca_bridge.services.receipts.seal import ReceiptSeal
from ca_bridge.services.signing import SignerUnavailable, SigningKey

# Before each signature the keys are looked at anew; to say whether there are any, this will do.
_FRESH_S = 1.0
_SIGNING = (KeyUse.LOG, KeyUse.RECEIPT)


@dataclass(frozen=True, slots=True)
class KeySet:
    """All registered keys, and a number that changes whenever they do."""

    generation: int
    keys: tuple[RegisteredKey, ...]

    def current(self, use: KeyUse) -> tuple[RegisteredKey, ...]:
        """Those that sign now."""
        return tuple(key for key in self.keys if key.use is use and key.state is KeyState.CURRENT)

    @property
    def offers_receipts(self) -> bool:
        """Whether a log key and a receipt key are current."""
        return bool(self.current(KeyUse.LOG)) and bool(self.current(KeyUse.RECEIPT))


class LiveSeal:
    """A Seal. Safe from many threads."""

    def __init__(
        self,
        *,
        generation: Callable[[], int],
        keys: Callable[[], KeySet],
        opened: Callable[[RegisteredKey], SigningKey],
        origin: str,
        node: str,
        clock: Clock,
    ) -> None:
        """``generation`` is asked at every seal and must be cheap; ``keys`` only when it has changed."""
        self._generation = generation
        self._keys = keys
        self._opened = opened
        self._origin = origin
        self._node = node
        self._clock = clock
        self._lock = Lock()
        self._known: KeySet | None = None
        self._looked_s = 0.0
        self._seal: Seal | None = None

    def __call__(self, size: int, root: bytes) -> SealedHead:
        """The head, signed; SignerUnavailable, also when no key is current."""
        return self._made()(size, root)

    @property
    def offered(self) -> bool:
        """Whether there are keys to sign receipts with; StoreUnavailable, StoreDamaged."""
        with self._lock:
            return self._looked(_FRESH_S).offers_receipts

    def key_ids(self) -> tuple[str, ...]:
        """The keys that sign a head."""
        with self._lock:
            known = self._looked(_FRESH_S)
            return tuple(key.key_id for use in _SIGNING for key in known.current(use))

    def _made(self) -> Seal:
        with self._lock:
            known = self._looked()
            if not known.offers_receipts:
                raise SignerUnavailable("no current key of the log and of receipts")
            if self._seal is None:
                self._seal = self._make(known)
            return self._seal

    def _looked(self, fresh_s: float = 0.0) -> KeySet:
        """The keys as they were ``fresh_s`` seconds ago or later; a change of them makes the seal anew."""
        known, now = self._known, monotonic()
        if known is not None and now - self._looked_s < fresh_s:
            return known
        if known is None or known.generation != self._generation():
            known = self._known = self._read()
            self._seal = None
        self._looked_s = now
        return known

    def _read(self) -> KeySet:
        try:
            return self._keys()
        except ConfigurationError as error:  # of keys of development whose folder is gone
            raise SignerUnavailable(str(error)) from error

    def _make(self, known: KeySet) -> Seal:
        try:
            return ReceiptSeal(
                origin=self._origin,
                node=self._node,
                log_key=self._opened(known.current(KeyUse.LOG)[0]),
                receipt_keys=tuple(self._opened(key) for key in known.current(KeyUse.RECEIPT)),
                clock=self._clock,
            )
        except ConfigurationError as error:  # of keys that were registered and are of no use for this
            raise SignerUnavailable(str(error)) from error
