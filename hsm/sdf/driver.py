"""A GM/T 0018 device as a Token: SM2 keys only, named by their index.

One session, one call at a time. The digest e = SM3(Z || M) is made here, and what the device returns is
verified under its public key before anybody sees it. The standard has no function that makes a key pair
inside the device and keeps it there: that is its management tool's work.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from hsm import libcrypto_sm2, sm2
from hsm.errors import BadSignature, KeyNotFound, PinRefused, TokenUnavailable, Unsupported
from hsm.naming import only_one, shown
from hsm.pin import Pin
from hsm.probing import probe
from hsm.sdf.codes import OK, error_of_access
from hsm.sdf.library import Session
from hsm.token import (
    SM2_DEFAULT_ID,
    Custody,
    Health,
    KeyInfo,
    KeyKind,
    KeyRef,
    KeySpec,
    SignatureAlgorithm,
    TokenDescription,
)

FIRST_INDEX = 1
LAST_LISTED_INDEX = 64
"""``keys`` asks the indices up to this one; a key at a higher index works when it is named."""
_LAST_INDEX = 0xFFFFFFFF


class SdfToken:
    """See Token. ``pin`` is the access code of the private keys; None for devices that ask for none."""

    def __init__(self, session: Session, description: TokenDescription, pin: Pin | None) -> None:
        self._session = session
        self._description = description
        self._pin = pin
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._closed = False
        self._refused = ""
        self._points: dict[int, bytes] = {}
        self._granted: set[int] = set()
        self._signed: set[int] = set()

    def describe(self) -> TokenDescription:
        """See Token; read when the device was opened."""
        with self._use():
            return self._description

    def keys(self) -> tuple[KeyInfo, ...]:
        """See Token: the indices 1 to 64 that answer with an SM2 signing key. They have no labels."""
        with self._use():
            return tuple(self._listed())

    def generate(self, spec: KeySpec) -> NoReturn:
        """Unsupported, always."""
        raise Unsupported(
            f"key {spec.label!r} is not made: GM/T 0018 has no function that makes a key pair and keeps it "
            "in the device; make it by the device's management tool and name it by its index"
        )

    def info(self, ref: KeyRef) -> KeyInfo:
        """See Token; at any index."""
        with self._use():
            return self._info(self._index(ref))

    def public_key(self, ref: KeyRef) -> bytes:
        """See Token."""
        with self._use():
            return sm2.SPKI_PREFIX + self._point(self._index(ref))

    def sign(
        self,
        ref: KeyRef,
        algorithm: SignatureAlgorithm,
        message: bytes,
        *,
        signer_id: bytes = SM2_DEFAULT_ID,
    ) -> bytes:
        """See Token; ``algorithm`` can only be SM2_SM3."""
        if algorithm is not SignatureAlgorithm.SM2_SM3:
            raise Unsupported(f"keys of this device sign sm2-sm3 and not {algorithm}")
        with self._use():
            index = self._index(ref)
            point = self._point(index)
            digest = sm2.message_digest(point, message, signer_id)
            self._take_right(index)
            signature = self._signature(index, digest)
            if signature is None or not libcrypto_sm2.verify_digest(point, digest, signature):
                raise BadSignature(f"the device returned no valid signature of the key at index {index}")
            self._signed.add(index)
            return signature

    def health(self, ref: KeyRef) -> Health:
        """See Token."""
        return probe(lambda text: self.sign(ref, SignatureAlgorithm.SM2_SM3, text))

    def attest(self, ref: KeyRef, nonce: bytes) -> bytes | None:  # noqa: ARG002 - of the protocol
        """None for a key that is there: GM/T 0018 has no attestation."""
        self.public_key(ref)
        return None

    def destroy(self, ref: KeyRef) -> NoReturn:  # noqa: ARG002 - of the protocol
        """Unsupported, always."""
        raise Unsupported("GM/T 0018 destroys no key pair of the device: use its management tool")

    def close(self) -> None:
        """See Token."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            if self._pin is not None:
                self._pin.wipe()
            if self._pid != os.getpid():
                return  # the handles are the parent's
            for index in self._granted:
                self._session.release_right(index)
            self._session.close()

    @contextmanager
    def _use(self) -> Iterator[None]:
        """The session, for one thread of the process that opened it."""
        with self._lock:
            if self._pid != os.getpid():
                raise TokenUnavailable("the device was opened by another process")
            if self._closed:
                raise TokenUnavailable("the device was closed")
            yield

    def _index(self, ref: KeyRef) -> int:
        """The index that the identifier is, big-endian; without one, that of the only key."""
        if ref.label:
            raise KeyNotFound(f"no key of {shown(ref)}: keys of this device are named by their index (id)")
        index = int.from_bytes(ref.key_id or only_one(ref, tuple(self._listed())).key_id, "big")
        if not FIRST_INDEX <= index <= _LAST_INDEX:
            raise KeyNotFound(f"no key of {shown(ref)}: an index is 1 to {_LAST_INDEX}")
        return index

    def _point(self, index: int) -> bytes:
        if index not in self._points:
            self._points[index] = self._session.public_key(index)
        return self._points[index]

    def _listed(self) -> Iterator[KeyInfo]:
        for index in range(FIRST_INDEX, LAST_LISTED_INDEX + 1):
            with suppress(KeyNotFound, Unsupported):
                yield self._info(index)

    def _info(self, index: int) -> KeyInfo:
        return KeyInfo(
            label="",
            key_id=index.to_bytes((index.bit_length() + 7) // 8, "big"),
            kind=KeyKind.SM2,
            custody=Custody.TOKEN,
            spki=sm2.SPKI_PREFIX + self._point(index),
        )

    def _take_right(self, index: int) -> None:
        """One try with the PIN for each key, and none any more after one was refused."""
        if self._refused:
            raise PinRefused(self._refused)
        if self._pin is None or index in self._granted:
            return
        code = self._session.take_right(index, self._pin.reveal())
        if code == OK:
            self._granted.add(index)
            return
        error = error_of_access(code)
        if isinstance(error, PinRefused):
            self._refused = str(error)
        raise error

    def _signature(self, index: int, digest: bytes) -> bytes | None:
        """What the device returns. A right that has signed before was lost, and not refused."""
        try:
            return self._session.sign(index, digest)
        except PinRefused as error:
            if index in self._signed:
                raise TokenUnavailable(f"the device has forgotten the access right: {error}") from None
            self._refused = str(error)
            raise
