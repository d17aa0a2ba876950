"""SM2 signing and verification on the system's libcrypto (OpenSSL 3 or newer), through cffi.

The library is found at first use and not at import. Digests are made here: its own handling of the user
ID refuses 8191 bytes in OpenSSL 3.0. Calls release the GIL; keys may be used from many threads.

Wiped: the buffers that scalars pass through here, and libcrypto's own copies when it frees a key. What
cannot be: ``bytes`` and ``int`` objects that a caller makes of a scalar, and pages the kernel swaps out.
"""

from __future__ import annotations

from ctypes.util import find_library
from functools import lru_cache
from typing import Any

from cffi import FFI

from hsm import sm2
from hsm.errors import TokenUnavailable, Unsupported
from hsm.token import SM2_DEFAULT_ID

_FFI = FFI()
_FFI.cdef("""
typedef struct evp_pkey_st EVP_PKEY;
typedef struct evp_pkey_ctx_st EVP_PKEY_CTX;
unsigned long OpenSSL_version_num(void);
EVP_PKEY *d2i_PUBKEY(EVP_PKEY **key, const unsigned char **in, long length);
int i2d_PUBKEY(const EVP_PKEY *key, unsigned char **out);
EVP_PKEY *d2i_AutoPrivateKey(EVP_PKEY **key, const unsigned char **in, long length);
void EVP_PKEY_free(EVP_PKEY *key);
int EVP_PKEY_is_a(const EVP_PKEY *key, const char *name);
EVP_PKEY_CTX *EVP_PKEY_CTX_new(EVP_PKEY *key, void *engine);
void EVP_PKEY_CTX_free(EVP_PKEY_CTX *ctx);
int EVP_PKEY_sign_init(EVP_PKEY_CTX *ctx);
int EVP_PKEY_sign(EVP_PKEY_CTX *ctx, unsigned char *signature, size_t *signature_length,
                  const unsigned char *digest, size_t digest_length);
int EVP_PKEY_verify_init(EVP_PKEY_CTX *ctx);
int EVP_PKEY_verify(EVP_PKEY_CTX *ctx, const unsigned char *signature, size_t signature_length,
                    const unsigned char *digest, size_t digest_length);
int RAND_priv_bytes(unsigned char *out, int length);
void OPENSSL_cleanse(void *out, size_t length);
void ERR_clear_error(void);
""")

_NAMES = ("libcrypto.so.3", "libcrypto.so.4", "libcrypto.3.dylib", "libcrypto.so")
_MIN_VERSION = 0x30000000
_CACHED_KEYS = 256
_DONE = 1
_SIGNATURE_ROOM = 128
_LARGEST_SCALAR = (sm2.N - 2).to_bytes(sm2.FIELD_BYTES, "big")
# PrivateKeyInfo (RFC 5208) with an ECPrivateKey (RFC 5915) that leaves the public key to be computed:
# up to the scalar, which ends it.
_PRIVATE_PREFIX = bytes.fromhex("3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420")


class Sm2PrivateKey:
    """A key pair in this process's memory, held by libcrypto, which clears it when the last reference goes.

    ``scalar`` is 32 octets in [1, n-2], Unsupported otherwise; a ``bytearray`` lets the caller wipe it after.
    ``point`` is the public key, 04 || X || Y.
    """

    __slots__ = ("_key", "point")

    def __init__(self, scalar: bytes | bytearray) -> None:
        self._key = _load_private(scalar)
        self.point = _point_of(self._key)

    @property
    def spki(self) -> bytes:
        """SubjectPublicKeyInfo, DER."""
        return sm2.SPKI_PREFIX + self.point

    def sign(self, message: bytes, signer_id: bytes = SM2_DEFAULT_ID) -> bytes:
        """DER signature over ``message``, not verified here; TokenUnavailable when libcrypto fails."""
        return self.sign_digest(sm2.message_digest(self.point, message, signer_id))

    def sign_digest(self, digest: bytes) -> bytes:
        """DER signature over e, 32 octets that ``hsm.sm2.message_digest`` made."""
        lib = _lib()
        room = _FFI.new("unsigned char[]", _SIGNATURE_ROOM)
        length = _FFI.new("size_t *", _SIGNATURE_ROOM)
        context = _context(lib, self._key)
        try:
            done = lib.EVP_PKEY_sign_init(context) == _DONE and (
                lib.EVP_PKEY_sign(context, room, length, digest, len(digest)) == _DONE
            )
        finally:
            lib.EVP_PKEY_CTX_free(context)
        if not done:
            lib.ERR_clear_error()
            raise TokenUnavailable("libcrypto made no SM2 signature")
        return bytes(_FFI.buffer(room, length[0]))

    def __reduce__(self) -> Any:
        raise TypeError("a private key is not pickled or copied")


def generate_scalar() -> bytearray:
    """A fresh private key, uniform in [1, n-2], out of libcrypto's generator; the caller wipes it."""
    lib = _lib()
    scalar = bytearray(sm2.FIELD_BYTES)
    # Each draw is refused with a chance below 2**-32, so the loop ends.
    while not _is_scalar(scalar):
        if lib.RAND_priv_bytes(_FFI.from_buffer("unsigned char[]", scalar), len(scalar)) != _DONE:
            lib.ERR_clear_error()
            raise TokenUnavailable("libcrypto has no random numbers")
    return scalar


def verify(point: bytes, message: bytes, signature: bytes, signer_id: bytes = SM2_DEFAULT_ID) -> bool:
    """Whether ``signature`` is the strict DER of a valid signature over ``message``.

    False too for a point off the curve. Unsupported for an ID of more than 8191 bytes.
    """
    return verify_digest(point, sm2.message_digest(point, message, signer_id), signature)


def verify_digest(point: bytes, digest: bytes, signature: bytes) -> bool:
    """As ``verify``, over e. Whatever goes wrong inside libcrypto is False, with its error queue cleared."""
    if not sm2.is_on_curve(point) or sm2.decode_signature(signature) is None:
        return False
    lib = _lib()
    context = _context(lib, _load_public(point))
    try:
        answer: bool = lib.EVP_PKEY_verify_init(context) == _DONE and (
            lib.EVP_PKEY_verify(context, signature, len(signature), digest, len(digest)) == _DONE
        )
    finally:
        lib.EVP_PKEY_CTX_free(context)
    if not answer:
        lib.ERR_clear_error()
    return answer


def wipe(secret: bytearray) -> None:
    """Overwrites ``secret`` with zeros, in place."""
    _lib().OPENSSL_cleanse(_FFI.from_buffer("unsigned char[]", secret), len(secret))


def _is_scalar(scalar: bytes | bytearray) -> bool:
    """Whether it is in [1, n-2]; compared as octets, since an int could not be wiped."""
    return len(scalar) == sm2.FIELD_BYTES and scalar <= _LARGEST_SCALAR and any(scalar)


def _load_private(scalar: bytes | bytearray) -> Any:
    """EVP_PKEY of a scalar, freed with its last reference."""
    if not _is_scalar(scalar):
        raise Unsupported("an SM2 private key is 32 octets in [1, n-2]")
    lib = _lib()
    encoded = bytearray(_PRIVATE_PREFIX + bytes(sm2.FIELD_BYTES))
    encoded[-sm2.FIELD_BYTES :] = scalar
    try:
        position = _FFI.new("const unsigned char **", _FFI.from_buffer("unsigned char[]", encoded))
        return _owned(lib, lib.d2i_AutoPrivateKey(_FFI.NULL, position, len(encoded)))
    finally:
        wipe(encoded)


@lru_cache(maxsize=_CACHED_KEYS)
def _load_public(point: bytes) -> Any:
    """EVP_PKEY of a point on the curve; kept, since loading costs as much as a third of a verification."""
    lib = _lib()
    encoded = _FFI.new("unsigned char[]", sm2.SPKI_PREFIX + point)
    position = _FFI.new("const unsigned char **", encoded)
    return _owned(lib, lib.d2i_PUBKEY(_FFI.NULL, position, len(sm2.SPKI_PREFIX) + len(point)))


def _owned(lib: Any, key: Any) -> Any:
    """The key, to be freed with its last reference; Unsupported when it is none, or not an SM2 key."""
    if key == _FFI.NULL:
        lib.ERR_clear_error()
        raise Unsupported("this libcrypto does not load SM2 keys")
    owned = _FFI.gc(key, lib.EVP_PKEY_free)
    if lib.EVP_PKEY_is_a(owned, b"SM2") != _DONE:
        raise Unsupported("this libcrypto takes an SM2 key for another kind")
    return owned


def _point_of(key: Any) -> bytes:
    lib = _lib()
    room = _FFI.new("unsigned char[]", _SIGNATURE_ROOM)
    position = _FFI.new("unsigned char **", room)
    length = len(sm2.SPKI_PREFIX) + sm2.POINT_BYTES
    if lib.i2d_PUBKEY(key, _FFI.NULL) != length or lib.i2d_PUBKEY(key, position) != length:
        lib.ERR_clear_error()
        raise Unsupported("this libcrypto encodes SM2 keys otherwise than RFC 5480")
    return bytes(_FFI.buffer(room, length))[-sm2.POINT_BYTES :]


def _context(lib: Any, key: Any) -> Any:
    context = lib.EVP_PKEY_CTX_new(key, _FFI.NULL)
    if context == _FFI.NULL:
        lib.ERR_clear_error()
        raise TokenUnavailable("libcrypto has no memory left")
    return context


@lru_cache(maxsize=1)
def _lib() -> Any:
    """The first libcrypto found that is OpenSSL 3 or newer; Unsupported when there is none."""
    seen: list[str] = []
    for name in (*_NAMES, find_library("crypto")):
        if name is None:
            continue
        try:
            lib: Any = _FFI.dlopen(name)
            if lib.OpenSSL_version_num() >= _MIN_VERSION:
                return lib
            seen.append(f"{name} is older than OpenSSL 3.0")
        except (OSError, AttributeError) as error:
            seen.append(str(error).splitlines()[0])
    raise Unsupported("no usable libcrypto: " + "; ".join(seen))
