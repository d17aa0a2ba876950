"""How a module signs with SM2: no standard says it, so a profile does.

A profile is chosen by ``x-sm2-profile=`` in the URI: a name below, or ``file:/path`` of a JSON file with
the same members. Without one there is no SM2 in the token. Every signature is verified before it is
given out, so a wrong profile signs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hsm.errors import UriError
from hsm.pkcs11.constants import CKK_EC, CKM_EC_KEY_PAIR_GEN, CKM_EDDSA

SM2_CURVE = bytes.fromhex("06082a811ccf5501822d")
"""CKA_EC_PARAMS of SM2 as an OBJECT IDENTIFIER: 1.2.156.10197.1.301."""

_FIRST_ECDSA = 0x1041
_MAX_NUMBER = 0xFFFFFFFF
_MAX_PARAMS_BYTES = 512


class Sm2Input(StrEnum):
    """What C_Sign is given.

    DIGEST: e = SM3(Z || message), 32 octets. MESSAGE: all of it, and the module uses the default user ID.
    MESSAGE_WITH_ID: all of it, and the ID in the mechanism's parameter.
    """

    DIGEST = "digest"
    MESSAGE = "message"
    MESSAGE_WITH_ID = "message-with-id"


class Sm2Output(StrEnum):
    """What C_Sign gives. RAW: r || s, 32 octets each. DER: SEQUENCE {r, s}."""

    RAW = "raw"
    DER = "der"


class IdParameter(StrEnum):
    """How the ID stands in the parameter.

    OCTETS: they are the parameter. POINTER_LENGTH: a structure of CK_BYTE_PTR and CK_ULONG.
    """

    OCTETS = "octets"
    POINTER_LENGTH = "pointer-length"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sm2Profile:
    """One module's ways. ``tried`` says what the profile was tried with; "" is nothing.

    ``generate_mechanism`` None: keys are made with the vendor's tools. UriError for a mechanism that is
    ECDSA's: on an SM2 key it gives a signature, but not SM2's.
    """

    name: str
    sign_mechanism: int
    input: Sm2Input
    output: Sm2Output
    id_parameter: IdParameter = IdParameter.OCTETS
    generate_mechanism: int | None = CKM_EC_KEY_PAIR_GEN
    key_type: int = CKK_EC
    ec_params: bytes = SM2_CURVE
    tried: str = ""

    def __post_init__(self) -> None:
        numbers = (self.sign_mechanism, self.generate_mechanism or 0, self.key_type)
        if not all(0 <= number <= _MAX_NUMBER for number in numbers):
            raise UriError("an SM2 profile's numbers have at most 32 bits")
        if _FIRST_ECDSA <= self.sign_mechanism <= CKM_EDDSA:
            raise UriError("an SM2 profile cannot sign with a mechanism of ECDSA or EdDSA")
        if not 0 < len(self.ec_params) <= _MAX_PARAMS_BYTES:
            raise UriError(f"an SM2 profile's ec_params are 1 to {_MAX_PARAMS_BYTES} bytes")


_SHIM = "the test suite's module only"
_SHIM_GENERATE = 0x80000F01


def _shim(name: str, mechanism: int, given: Sm2Input, output: Sm2Output, form: IdParameter) -> Sm2Profile:
    """A profile of the test suite's module, which does all there is to do."""
    return Sm2Profile(
        name=name,
        sign_mechanism=mechanism,
        input=given,
        output=output,
        id_parameter=form,
        generate_mechanism=_SHIM_GENERATE,
        tried=_SHIM,
    )


def _number_seen(mechanism: int) -> Sm2Profile:
    """A number that modules are said to use. What else stands here is a guess until someone has tried it."""
    return Sm2Profile(
        name=f"unverified-{mechanism:08x}",
        sign_mechanism=mechanism,
        input=Sm2Input.DIGEST,
        output=Sm2Output.RAW,
    )


_NUMBERS_SEEN = (0x80000002, 0x80000004, 0x80008100, 0x00010004, 0x8005000C, 0xFFFFF003)

PROFILES = {
    profile.name: profile
    for profile in (
        _shim("shim", 0x80000F02, Sm2Input.DIGEST, Sm2Output.RAW, IdParameter.OCTETS),
        _shim("shim-message", 0x80000F03, Sm2Input.MESSAGE, Sm2Output.DER, IdParameter.OCTETS),
        _shim(
            "shim-message-with-id", 0x80000F03, Sm2Input.MESSAGE_WITH_ID, Sm2Output.DER, IdParameter.OCTETS
        ),
        _shim(
            "shim-pointer-to-id",
            0x80000F04,
            Sm2Input.MESSAGE_WITH_ID,
            Sm2Output.RAW,
            IdParameter.POINTER_LENGTH,
        ),
        *(_number_seen(number) for number in _NUMBERS_SEEN),
    )
}
