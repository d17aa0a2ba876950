"""SM2 verification on the system's libcrypto (OpenSSL 3 or newer), through cffi.

Loading a key costs as much as a third of a verification, so keys are kept. Calls release the GIL.
Digests come ready made: the library's own handling of the user ID, which refuses 8191 bytes in
OpenSSL 3.0, is not used.
"""

from __future__ import annotations

from ctypes.util import find_library
from functools import lru_cache
from typing import Any

from cffi import FFI
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from ca_bridge.adapters.sm2_errors import Sm2EngineError

_FFI = FFI()
_FFI.cdef("""
typedef struct evp_pkey_st EVP_PKEY;
typedef struct evp_pkey_ctx_st EVP_PKEY_CTX;
unsigned long OpenSSL_version_num(void);
const char *OpenSSL_version(int type);
EVP_PKEY *d2i_PUBKEY(EVP_PKEY **key, const unsigned char **in, long length);
void EVP_PKEY_free(EVP_PKEY *key);
EVP_PKEY_CTX *EVP_PKEY_CTX_new(EVP_PKEY *key, void *engine);
void EVP_PKEY_CTX_free(EVP_PKEY_CTX *ctx);
int EVP_PKEY_verify_init(EVP_PKEY_CTX *ctx);
int EVP_PKEY_verify(EVP_PKEY_CTX *ctx, const unsigned char *signature, size_t signature_length,
                    const unsigned char *digest, size_t digest_length);
void ERR_clear_error(void);
unsigned long ERR_peek_error(void);
""")

_NAMES = ("libcrypto.so.3", "libcrypto.so.4", "libcrypto.3.dylib", "libcrypto.so")
_MIN_VERSION = 0x30000000
# SubjectPublicKeyInfo of id-ecPublicKey on 1.2.156.10197.1.301 up to the 04 of the uncompressed point.
_SPKI_PREFIX = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
_CACHED_KEYS = 4096
_VALID = 1


class LibcryptoSm2:
    """An Sm2Verifier on libcrypto; Sm2EngineError when there is none that will do."""

    name = "libcrypto"

    def __init__(self) -> None:
        self._lib = _open()
        text: Any = _FFI.string(self._lib.OpenSSL_version(0))
        self.version: str = text.decode("ascii", "replace")
        self._key = lru_cache(maxsize=_CACHED_KEYS)(self._load)

    def _load(self, point: bytes) -> Any | None:
        """EVP_PKEY of X || Y, freed with its last reference; None when libcrypto takes it for no key."""
        encoded = _FFI.new("unsigned char[]", _SPKI_PREFIX + point)
        position = _FFI.new("const unsigned char **", encoded)
        key = self._lib.d2i_PUBKEY(_FFI.NULL, position, len(_SPKI_PREFIX) + len(point))
        if key == _FFI.NULL:
            self._lib.ERR_clear_error()
            return None
        return _FFI.gc(key, self._lib.EVP_PKEY_free)

    def verify_digest(self, point: bytes, digest: bytes, r: int, s: int) -> bool:
        """See Sm2Verifier. Whatever goes wrong inside libcrypto is False, with its error queue cleared."""
        key = self._key(point)
        if key is None:
            return False
        context = self._lib.EVP_PKEY_CTX_new(key, _FFI.NULL)
        if context == _FFI.NULL:
            self._lib.ERR_clear_error()
            return False
        try:
            if self._lib.EVP_PKEY_verify_init(context) != _VALID:
                return self._refused()
            signature = encode_dss_signature(r, s)
            answer = self._lib.EVP_PKEY_verify(context, signature, len(signature), digest, len(digest))
            return answer == _VALID or self._refused()
        finally:
            self._lib.EVP_PKEY_CTX_free(context)

    def _refused(self) -> bool:
        """False, after clearing what this thread's error queue holds."""
        self._lib.ERR_clear_error()
        return False


def _open() -> Any:
    """The first libcrypto found that is OpenSSL 3 or newer."""
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
    raise Sm2EngineError("no usable libcrypto: " + "; ".join(seen))
