"""What devices answer (GM/T 0018 annex A), and what that means to a caller."""

from __future__ import annotations

from hsm.errors import KeyNotFound, PinRefused, TokenError, TokenUnavailable, Unsupported

OK = 0
BASE = 0x01000000
INARGERR = BASE + 0x1D

_NAMES = (
    "UNKNOWERR",
    "NOTSUPPORT",
    "COMMFAIL",
    "HARDFAIL",
    "OPENDEVICE",
    "OPENSESSION",
    "PARDENY",
    "KEYNOTEXIST",
    "ALGNOTSUPPORT",
    "ALGMODNOTSUPPORT",
    "PKOPERR",
    "SKOPERR",
    "SIGNERR",
    "VERIFYERR",
    "SYMOPERR",
    "STEPERR",
    "FILESIZEERR",
    "FILENOEXIST",
    "FILEOFSERR",
    "KEYTYPEERR",
    "KEYERR",
    "ENCDATAERR",
    "RANDERR",
    "PRKRERR",
    "MACERR",
    "FILEEXISTS",
    "FILEWERR",
    "NOBUFFER",
    "INARGERR",
    "OUTARGERR",
)
_BY_CODE = {BASE + number: f"SDR_{name}" for number, name in enumerate(_NAMES, 1)}
_LOST = frozenset({"SDR_COMMFAIL", "SDR_HARDFAIL", "SDR_OPENDEVICE", "SDR_OPENSESSION"})
_MEANING: dict[str, type[TokenError]] = {
    "SDR_PARDENY": PinRefused,
    "SDR_PRKRERR": PinRefused,
    "SDR_KEYNOTEXIST": KeyNotFound,
    "SDR_KEYTYPEERR": KeyNotFound,
    "SDR_KEYERR": KeyNotFound,
    "SDR_NOTSUPPORT": Unsupported,
    "SDR_ALGNOTSUPPORT": Unsupported,
    "SDR_ALGMODNOTSUPPORT": Unsupported,
}


def code_name(code: int) -> str:
    """The standard's name of a code; its number alone when it is a vendor's own."""
    number = f"0x{code & 0xFFFFFFFF:08x}"
    return f"{_BY_CODE[code]} ({number})" if code in _BY_CODE else number


def error_of(function: str, code: int) -> TokenError:
    """The error to raise; TokenUnavailable for codes that say nothing of key or PIN."""
    meaning = _MEANING.get(_BY_CODE.get(code, ""), TokenUnavailable)
    return meaning(f"{function} answered {code_name(code)}")


def error_of_access(code: int) -> TokenError:
    """The error of a refused access right.

    Vendors have codes of their own for a wrong PIN: whatever is not plainly something else counts as one,
    since trying again could lock the key.
    """
    error = error_of("SDF_GetPrivateKeyAccessRight", code)
    if _BY_CODE.get(code) in _LOST or isinstance(error, KeyNotFound | Unsupported):
        return error
    return PinRefused(str(error))
