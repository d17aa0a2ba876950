"""CK_MECHANISM with its parameter, kept alive together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hsm.pkcs11.constants import CKG_MGF1_SHA256, CKM_AES_GCM, CKM_RSA_PKCS_PSS, CKM_SHA256
from hsm.pkcs11.library import FFI

_SHA256_BYTES = 32
GCM_IV_BYTES = 12
GCM_TAG_BYTES = 16


@dataclass(frozen=True, slots=True)
class Mechanism:
    """``struct`` points to the CK_MECHANISM; ``kept`` is what it points to in turn."""

    struct: Any
    kept: tuple[Any, ...] = field(default=())


def plain(number: int, parameter: bytes = b"") -> Mechanism:
    """A mechanism with no parameter, or with one that is octets."""
    struct: Any = FFI.new("CK_MECHANISM *")
    struct.mechanism = number
    if not parameter:
        return Mechanism(struct)
    kept: Any = FFI.new("CK_BYTE[]", parameter)
    struct.pParameter, struct.ulParameterLen = kept, len(parameter)
    return Mechanism(struct, (kept,))


def pointer_and_length(number: int, octets: bytes) -> Mechanism:
    """A mechanism whose parameter is a structure of CK_BYTE_PTR and CK_ULONG."""
    kept: Any = FFI.new("CK_BYTE[]", octets or b"\0")
    parameter: Any = FFI.new("CK_OCTETS *")
    parameter.pOctets, parameter.ulLength = kept, len(octets)
    return _with(number, "CK_OCTETS", parameter, kept)


def pss_sha256() -> Mechanism:
    """RSASSA-PSS with SHA-256 everywhere and a salt as long as the digest."""
    parameter: Any = FFI.new("CK_RSA_PKCS_PSS_PARAMS *")
    parameter.hashAlg, parameter.mgf, parameter.sLen = CKM_SHA256, CKG_MGF1_SHA256, _SHA256_BYTES
    return _with(CKM_RSA_PKCS_PSS, "CK_RSA_PKCS_PSS_PARAMS", parameter)


def gcm(nonce: bytes, associated: bytes) -> Mechanism:
    """AES-GCM with a nonce of 12 bytes and a tag of 16."""
    parameter: Any = FFI.new("CK_GCM_PARAMS *")
    iv: Any = FFI.new("CK_BYTE[]", nonce)
    aad: Any = FFI.new("CK_BYTE[]", associated)
    parameter.pIv, parameter.ulIvLen, parameter.ulIvBits = iv, len(nonce), len(nonce) * 8
    parameter.pAAD, parameter.ulAADLen, parameter.ulTagBits = aad, len(associated), GCM_TAG_BYTES * 8
    return _with(CKM_AES_GCM, "CK_GCM_PARAMS", parameter, iv, aad)


def _with(number: int, kind: str, parameter: Any, *kept: Any) -> Mechanism:
    struct: Any = FFI.new("CK_MECHANISM *")
    struct.mechanism, struct.pParameter, struct.ulParameterLen = number, parameter, FFI.sizeof(kind)
    return Mechanism(struct, (parameter, *kept))
