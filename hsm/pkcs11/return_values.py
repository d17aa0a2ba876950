"""What a module's return value means to whoever uses the token."""

from __future__ import annotations

from hsm.errors import PinRefused, TokenError, TokenUnavailable, Unsupported

CKR_OK = 0x0
CKR_GENERAL_ERROR = 0x5
CKR_ATTRIBUTE_READ_ONLY = 0x10
CKR_ATTRIBUTE_SENSITIVE = 0x11
CKR_ATTRIBUTE_TYPE_INVALID = 0x12
CKR_ATTRIBUTE_VALUE_INVALID = 0x13
CKR_ENCRYPTED_DATA_INVALID = 0x40
CKR_ENCRYPTED_DATA_LEN_RANGE = 0x41
CKR_AEAD_DECRYPT_FAILED = 0x42
CKR_KEY_HANDLE_INVALID = 0x60
CKR_OBJECT_HANDLE_INVALID = 0x82
CKR_SESSION_COUNT = 0xB1
CKR_TEMPLATE_INCONSISTENT = 0xD1
CKR_USER_ALREADY_LOGGED_IN = 0x100
CKR_BUFFER_TOO_SMALL = 0x150
CKR_CRYPTOKI_ALREADY_INITIALIZED = 0x191

STALE = frozenset({CKR_KEY_HANDLE_INVALID, CKR_OBJECT_HANDLE_INVALID})
"""The object is not there any more."""

TEMPLATE_REFUSED = frozenset(
    {
        CKR_ATTRIBUTE_READ_ONLY,
        CKR_ATTRIBUTE_TYPE_INVALID,
        CKR_ATTRIBUTE_VALUE_INVALID,
        CKR_TEMPLATE_INCONSISTENT,
    }
)
"""The module does not take what was asked of a new object."""

# Name and number of each value of PKCS #11 3.1 that a function called here may give.
_NAMES_BY_VALUE = {
    0x01: "CANCEL",
    0x02: "HOST_MEMORY",
    0x03: "SLOT_ID_INVALID",
    0x05: "GENERAL_ERROR",
    0x06: "FUNCTION_FAILED",
    0x07: "ARGUMENTS_BAD",
    0x09: "NEED_TO_CREATE_THREADS",
    0x0A: "CANT_LOCK",
    0x10: "ATTRIBUTE_READ_ONLY",
    0x11: "ATTRIBUTE_SENSITIVE",
    0x12: "ATTRIBUTE_TYPE_INVALID",
    0x13: "ATTRIBUTE_VALUE_INVALID",
    0x1B: "ACTION_PROHIBITED",
    0x20: "DATA_INVALID",
    0x21: "DATA_LEN_RANGE",
    0x30: "DEVICE_ERROR",
    0x31: "DEVICE_MEMORY",
    0x32: "DEVICE_REMOVED",
    0x40: "ENCRYPTED_DATA_INVALID",
    0x41: "ENCRYPTED_DATA_LEN_RANGE",
    0x42: "AEAD_DECRYPT_FAILED",
    0x50: "FUNCTION_CANCELED",
    0x54: "FUNCTION_NOT_SUPPORTED",
    0x60: "KEY_HANDLE_INVALID",
    0x62: "KEY_SIZE_RANGE",
    0x63: "KEY_TYPE_INCONSISTENT",
    0x68: "KEY_FUNCTION_NOT_PERMITTED",
    0x70: "MECHANISM_INVALID",
    0x71: "MECHANISM_PARAM_INVALID",
    0x82: "OBJECT_HANDLE_INVALID",
    0x90: "OPERATION_ACTIVE",
    0x91: "OPERATION_NOT_INITIALIZED",
    0xA0: "PIN_INCORRECT",
    0xA1: "PIN_INVALID",
    0xA2: "PIN_LEN_RANGE",
    0xA3: "PIN_EXPIRED",
    0xA4: "PIN_LOCKED",
    0xB0: "SESSION_CLOSED",
    0xB1: "SESSION_COUNT",
    0xB3: "SESSION_HANDLE_INVALID",
    0xB4: "SESSION_PARALLEL_NOT_SUPPORTED",
    0xB5: "SESSION_READ_ONLY",
    0xB8: "SESSION_READ_WRITE_SO_EXISTS",
    0xD0: "TEMPLATE_INCOMPLETE",
    0xD1: "TEMPLATE_INCONSISTENT",
    0xE0: "TOKEN_NOT_PRESENT",
    0xE1: "TOKEN_NOT_RECOGNIZED",
    0xE2: "TOKEN_WRITE_PROTECTED",
    0x100: "USER_ALREADY_LOGGED_IN",
    0x101: "USER_NOT_LOGGED_IN",
    0x102: "USER_PIN_NOT_INITIALIZED",
    0x103: "USER_TYPE_INVALID",
    0x104: "USER_ANOTHER_ALREADY_LOGGED_IN",
    0x105: "USER_TOO_MANY_TYPES",
    0x130: "DOMAIN_PARAMS_INVALID",
    0x140: "CURVE_NOT_SUPPORTED",
    0x150: "BUFFER_TOO_SMALL",
    0x190: "CRYPTOKI_NOT_INITIALIZED",
    0x191: "CRYPTOKI_ALREADY_INITIALIZED",
    0x1C1: "FIPS_SELF_TEST_FAILED",
    0x1C2: "LIBRARY_LOAD_FAILED",
    0x1C3: "PIN_TOO_WEAK",
    0x200: "FUNCTION_REJECTED",
}
# A person has to act before another try makes sense.
_PIN = frozenset({0xA0, 0xA1, 0xA2, 0xA3, 0xA4, 0x1C3})
# The module is well and says that it does not do this.
_UNSUPPORTED = frozenset(
    {0x10, 0x12, 0x13, 0x1B, 0x20, 0x21, 0x54, 0x62, 0x63, 0x68, 0x70, 0x71, 0xB5, 0xD0, 0xD1, 0xE2}
    | {0x130, 0x140}
)


class Returned(Exception):
    """A module's function returned something other than CKR_OK; never leaves this package."""

    def __init__(self, function: str, value: int) -> None:
        super().__init__(f"{function}: {name_of(value)}")
        self.function = function
        self.value = value


def name_of(value: int) -> str:
    """The value's name in the standard, or its number."""
    known = _NAMES_BY_VALUE.get(value)
    return f"CKR_{known}" if known else f"CKR 0x{value:08X}"


def error_of(returned: Returned) -> TokenError:
    """The error for callers; whatever is not known otherwise is a token that cannot be used now."""
    text = str(returned)
    if returned.value in _PIN:
        return PinRefused(f"{text}; it is not tried again")
    if returned.value in _UNSUPPORTED:
        return Unsupported(text)
    return TokenUnavailable(text)
