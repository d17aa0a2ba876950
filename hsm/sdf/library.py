"""The functions of GM/T 0018 that signing needs, through ctypes; calls release the GIL.

Structures are those of the standard with ECCref_MAX_BITS 512: numbers stand right-aligned in 64 octets.
Each has room behind it, for libraries whose own structures are longer.
"""

from __future__ import annotations

import ctypes
from ctypes import POINTER, c_char_p, c_int, c_ubyte, c_uint, c_void_p
from typing import Any, ClassVar

from hsm import sm2
from hsm.errors import KeyNotFound, TokenUnavailable, Unsupported
from hsm.sdf.codes import INARGERR, OK, error_of

_WIDTH = 64
_PAD = _WIDTH - sm2.FIELD_BYTES
_ROOM = 1024
_SM2_BITS = 256


class _DeviceInfo(ctypes.Structure):
    _fields_: ClassVar = [
        ("issuer", c_ubyte * 40),
        ("name", c_ubyte * 16),
        ("serial", c_ubyte * 16),
        ("version", c_uint),
        ("standard", c_uint),
        ("asymmetric", c_uint * 2),
        ("symmetric", c_uint),
        ("hash", c_uint),
        ("buffer", c_uint),
        ("room", c_ubyte * _ROOM),
    ]


class _PublicKey(ctypes.Structure):
    _fields_: ClassVar = [
        ("bits", c_uint),
        ("x", c_ubyte * _WIDTH),
        ("y", c_ubyte * _WIDTH),
        ("room", c_ubyte * _ROOM),
    ]


class _Signature(ctypes.Structure):
    _fields_: ClassVar = [("r", c_ubyte * _WIDTH), ("s", c_ubyte * _WIDTH), ("room", c_ubyte * _ROOM)]


_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "SDF_OpenDevice": (POINTER(c_void_p),),
    "SDF_CloseDevice": (c_void_p,),
    "SDF_OpenSession": (c_void_p, POINTER(c_void_p)),
    "SDF_CloseSession": (c_void_p,),
    "SDF_GetDeviceInfo": (c_void_p, POINTER(_DeviceInfo)),
    "SDF_GetPrivateKeyAccessRight": (c_void_p, c_uint, c_char_p, c_uint),
    "SDF_ReleasePrivateKeyAccessRight": (c_void_p, c_uint),
    "SDF_ExportSignPublicKey_ECC": (c_void_p, c_uint, POINTER(_PublicKey)),
    "SDF_InternalSign_ECC": (c_void_p, c_uint, c_char_p, c_uint, POINTER(_Signature)),
}


class SdfLibrary:
    """A loaded library. TokenUnavailable when it cannot be loaded, Unsupported when it is no SDF library."""

    def __init__(self, path: str) -> None:
        try:
            self._lib = ctypes.CDLL(path)
        except OSError:
            raise TokenUnavailable(f"the SDF library {path!r} cannot be loaded") from None
        self.path = path
        for name, arguments in _SIGNATURES.items():
            function = getattr(self._lib, name, None)
            if function is None:
                raise Unsupported(f"{path!r} is no SDF library of GM/T 0018: it has no {name}")
            function.argtypes, function.restype = arguments, c_int

    def open_session(self) -> Session:
        """A session of its own device handle; TokenUnavailable."""
        device, session = c_void_p(), c_void_p()
        self.call("SDF_OpenDevice", ctypes.byref(device))
        code = self.code("SDF_OpenSession", device, ctypes.byref(session))
        if code != OK:
            self.code("SDF_CloseDevice", device)
            raise error_of("SDF_OpenSession", code)
        return Session(self, device, session)

    def code(self, name: str, *arguments: Any) -> int:
        """What the function answers."""
        answer: int = getattr(self._lib, name)(*arguments)
        return answer

    def call(self, name: str, *arguments: Any) -> None:
        """The function called; the error that its code means."""
        code = self.code(name, *arguments)
        if code != OK:
            raise error_of(name, code)


class Session:
    """An open session. Not for two threads at once."""

    def __init__(self, library: SdfLibrary, device: c_void_p, session: c_void_p) -> None:
        self._library = library
        self._device = device
        self._session = session

    def device_info(self) -> tuple[str, str, str, int]:
        """Maker, name, serial number and version, as the device says."""
        info = _DeviceInfo()
        self._library.call("SDF_GetDeviceInfo", self._session, ctypes.byref(info))
        return _text(info.issuer), _text(info.name), _text(info.serial), int(info.version)

    def take_right(self, index: int, pin: bytes) -> int:
        """The code of one try to get the right to use a private key."""
        return self._library.code("SDF_GetPrivateKeyAccessRight", self._session, index, pin, len(pin))

    def release_right(self, index: int) -> None:
        """The right given back; a device that does not take it loses it with the session."""
        self._library.code("SDF_ReleasePrivateKeyAccessRight", self._session, index)

    def public_key(self, index: int) -> bytes:
        """The signing key's point, 04 || X || Y. TokenUnavailable when it is none, Unsupported off SM2."""
        key = _PublicKey()
        code = self._library.code("SDF_ExportSignPublicKey_ECC", self._session, index, ctypes.byref(key))
        if code == INARGERR:  # how some devices answer for an index beyond their last
            raise KeyNotFound(f"the device takes {index} for no index of a key")
        if code != OK:
            raise error_of("SDF_ExportSignPublicKey_ECC", code)
        if key.bits != _SM2_BITS:
            raise Unsupported(f"the key at index {index} is no SM2 key: it has {key.bits} bits")
        x, y = _number(key.x), _number(key.y)
        point = b"\x04" + x + y if x is not None and y is not None else b""
        if not sm2.is_on_curve(point):
            raise TokenUnavailable(f"the device gave a public key for index {index} that is not on the curve")
        return point

    def sign(self, index: int, digest: bytes) -> bytes | None:
        """DER of the signature over e; None when the device returned no pair of numbers in range."""
        signature = _Signature()
        self._library.call(
            "SDF_InternalSign_ECC", self._session, index, digest, len(digest), ctypes.byref(signature)
        )
        r, s = _number(signature.r), _number(signature.s)
        if r is None or s is None:
            return None
        try:
            return sm2.encode_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
        except ValueError:
            return None

    def close(self) -> None:
        """Session and device let go of, whatever they answer."""
        self._library.code("SDF_CloseSession", self._session)
        self._library.code("SDF_CloseDevice", self._device)


def _number(field: Any) -> bytes | None:
    """The right-aligned 32 octets; None when something stands to the left of them."""
    octets = bytes(field)
    return None if any(octets[:_PAD]) else octets[_PAD:]


def _text(field: Any) -> str:
    """Printable text up to the first NUL; these fields are padded with NULs or spaces."""
    text = bytes(field).split(b"\0", 1)[0].decode("utf-8", "replace").strip()
    return "".join(character if character.isprintable() else "?" for character in text)
