"""One session with a token: the module's functions with Python's values, lengths checked both ways."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from hsm.errors import TokenUnavailable
from hsm.pkcs11.attributes import Attributes, Template, Wanted
from hsm.pkcs11.constants import CKF_RW_SESSION, CKF_SERIAL_SESSION, CKU_USER
from hsm.pkcs11.library import FFI, Library
from hsm.pkcs11.mechanisms import Mechanism
from hsm.pkcs11.return_values import (
    CKR_ATTRIBUTE_SENSITIVE,
    CKR_ATTRIBUTE_TYPE_INVALID,
    CKR_USER_ALREADY_LOGGED_IN,
    Returned,
)

MAX_OBJECTS = 4096
_FIND_AT_ONCE = 64
# More than any signature or sealed key here; a module that thinks little of lengths has room to be wrong.
_OUTPUT_BYTES = 4096


class Session:
    """An open session. Not to be used by two threads at once; Returned for what the module refuses."""

    def __init__(self, library: Library, slot: int, *, writable: bool = False) -> None:
        self._library = library
        flags = CKF_SERIAL_SESSION | (CKF_RW_SESSION if writable else 0)
        handle: Any = FFI.new("CK_ULONG *")
        library.call("C_OpenSession", slot, flags, FFI.NULL, FFI.NULL, handle)
        self._handle: int = handle[0]

    def close(self) -> None:
        """Closes it; a module that refuses has lost it already."""
        try:
            self._library.call("C_CloseSession", self._handle)
        except Returned:
            self._library.suspect()

    def login(self, pin: bytes) -> None:
        """Logs this process in as the user, in one try. Being logged in already is as good."""
        octets: Any = FFI.new("CK_BYTE[]", pin)
        try:
            self._library.call("C_Login", self._handle, CKU_USER, octets, len(pin))
        except Returned as returned:
            if returned.value != CKR_USER_ALREADY_LOGGED_IN:
                raise
        finally:
            FFI.memmove(octets, bytes(len(pin)), len(pin))

    def find(self, template: Template) -> tuple[int, ...]:
        """Handles of all objects like ``template``; TokenUnavailable for more than 4096."""
        wanted = Attributes(template)
        self._library.call("C_FindObjectsInit", self._handle, wanted.array, wanted.count)
        try:
            return self._found()
        finally:
            self._library.call("C_FindObjectsFinal", self._handle)

    def _found(self) -> tuple[int, ...]:
        handles: Any = FFI.new("CK_ULONG[]", _FIND_AT_ONCE)
        count: Any = FFI.new("CK_ULONG *")
        found: list[int] = []
        while len(found) <= MAX_OBJECTS:
            self._library.call("C_FindObjects", self._handle, handles, _FIND_AT_ONCE, count)
            if count[0] > _FIND_AT_ONCE:
                raise TokenUnavailable("the module found more objects than it was asked for")
            if not count[0]:
                return tuple(found)
            found += list(handles[0 : count[0]])
        raise TokenUnavailable(f"the module finds no end of objects; {MAX_OBJECTS} are taken")

    def get(self, handle: int, kinds: Iterable[int]) -> dict[int, bytes]:
        """Values of an object's attributes, without those that it does not have or tell."""
        wanted = Wanted(kinds)
        try:
            self._library.call("C_GetAttributeValue", self._handle, handle, wanted.array, wanted.count)
        except Returned as returned:
            if returned.value not in (CKR_ATTRIBUTE_SENSITIVE, CKR_ATTRIBUTE_TYPE_INVALID):
                raise
        return wanted.values()

    def create(self, template: Template) -> int:
        """A new object's handle."""
        wanted = Attributes(template)
        handle: Any = FFI.new("CK_ULONG *")
        self._library.call("C_CreateObject", self._handle, wanted.array, wanted.count, handle)
        return int(handle[0])

    def destroy(self, handle: int) -> None:
        """The object is gone."""
        self._library.call("C_DestroyObject", self._handle, handle)

    def generate_key(self, mechanism: Mechanism, template: Template) -> int:
        """A new secret key's handle."""
        wanted = Attributes(template)
        handle: Any = FFI.new("CK_ULONG *")
        self._library.call(
            "C_GenerateKey", self._handle, mechanism.struct, wanted.array, wanted.count, handle
        )
        return int(handle[0])

    def generate_pair(self, mechanism: Mechanism, public: Template, private: Template) -> tuple[int, int]:
        """Handles of a new key pair: public, private."""
        outside, inside = Attributes(public), Attributes(private)
        handles: Any = FFI.new("CK_ULONG[2]")
        self._library.call(
            "C_GenerateKeyPair",
            self._handle,
            mechanism.struct,
            outside.array,
            outside.count,
            inside.array,
            inside.count,
            handles,
            handles + 1,
        )
        return int(handles[0]), int(handles[1])

    def sign(self, mechanism: Mechanism, key: int, data: bytes) -> bytes:
        """What the module gives as the signature, at most 4096 bytes of it; nothing is verified here."""
        return bytes(self._transform("Sign", mechanism, key, data))

    def encrypt(self, mechanism: Mechanism, key: int, data: bytes | bytearray) -> bytes:
        """The ciphertext, its tag included where the mechanism makes one."""
        return bytes(self._transform("Encrypt", mechanism, key, data))

    def decrypt(self, mechanism: Mechanism, key: int, data: bytes) -> bytearray:
        """The plaintext, for the caller to wipe; the buffer that it came in is overwritten."""
        return self._transform("Decrypt", mechanism, key, data)

    def _transform(self, name: str, mechanism: Mechanism, key: int, data: bytes | bytearray) -> bytearray:
        """C_<name>Init and C_<name>."""
        self._library.call(f"C_{name}Init", self._handle, mechanism.struct, key)
        taken: Any = FFI.from_buffer("CK_BYTE[]", data)
        given: Any = FFI.new("CK_BYTE[]", _OUTPUT_BYTES)
        length: Any = FFI.new("CK_ULONG *", _OUTPUT_BYTES)
        self._library.call(f"C_{name}", self._handle, taken, len(data), given, length)
        if length[0] > _OUTPUT_BYTES:
            raise TokenUnavailable(f"the module says that C_{name} gave more than there was room for")
        octets = bytearray(FFI.buffer(given, length[0]))
        FFI.memmove(given, bytes(length[0]), length[0])
        return octets
