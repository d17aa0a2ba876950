"""SM2 in a token, by the module that adds it to SoftHSM, and the profiles that say how."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hsm.errors import TokenError, Unsupported, UriError
from hsm.pkcs11.constants import CKM_EC_KEY_PAIR_GEN, CKM_ECDSA
from hsm.pkcs11.sm2_profile_files import sm2_profile
from hsm.pkcs11.sm2_profiles import PROFILES, SM2_CURVE, IdParameter, Sm2Input, Sm2Output, Sm2Profile
from hsm.token import Custody, KeyKind, KeyRef, KeySpec, SignatureAlgorithm
from hsm.verifying import verify
from tests.hsm.conftest import Opener
from tests.hsm.openssl_verifier import openssl_verifies
from tests.hsm.softhsm import SoftToken

SM2_SM3 = SignatureAlgorithm.SM2_SM3
MESSAGE = b"a statement of the gateway"
SPEC = KeySpec(label="receipt", key_id=b"\x01\x02", kind=KeyKind.SM2)
REF = KeyRef(label="receipt")
SHIMS = ["shim", "shim-message", "shim-message-with-id", "shim-pointer-to-id"]
SHIM_FILE = {
    "sign_mechanism": "0x80000F02",
    "generate_mechanism": 0x80000F01,
    "input": "digest",
    "output": "raw",
}


@pytest.mark.parametrize("profile", SHIMS)
def test_sm2_in_the_token_by_each_profile_verifies_by_openssl(
    opened: Opener, shim: Path, soft_token: SoftToken, tmp_path: Path, profile: str
) -> None:
    uri = soft_token.uri(module=shim, sm2_profile=profile)
    made = opened(uri).generate(SPEC)
    token = opened(uri)
    assert token.describe().in_token_sm2
    assert (made.kind, made.custody) == (KeyKind.SM2, Custody.TOKEN)
    assert token.keys() == (made,)
    signature = token.sign(REF, SM2_SM3, MESSAGE)
    assert openssl_verifies(tmp_path, made.spki, SM2_SM3, MESSAGE, signature)
    assert not openssl_verifies(tmp_path, made.spki, SM2_SM3, MESSAGE + b".", signature)
    assert token.health(REF).usable


@pytest.mark.parametrize("profile", ["shim", "shim-message-with-id", "shim-pointer-to-id"])
def test_a_user_id_of_its_own(
    opened: Opener, shim: Path, soft_token: SoftToken, tmp_path: Path, profile: str
) -> None:
    token = opened(soft_token.uri(module=shim, sm2_profile=profile))
    spki = token.generate(SPEC).spki
    signature = token.sign(REF, SM2_SM3, MESSAGE, signer_id=b"gateway@example")
    assert openssl_verifies(tmp_path, spki, SM2_SM3, MESSAGE, signature, b"gateway@example")
    assert not verify(spki, SM2_SM3, MESSAGE, signature)


def test_an_id_that_a_profile_cannot_pass_is_refused(
    opened: Opener, shim: Path, soft_token: SoftToken
) -> None:
    opened(soft_token.uri(module=shim, sm2_profile="shim")).generate(SPEC)
    whole = opened(soft_token.uri(module=shim, sm2_profile="shim-message"))
    with pytest.raises(Unsupported, match="no way to pass a user ID"):
        whole.sign(REF, SM2_SM3, MESSAGE, signer_id=b"other")
    with_id = opened(soft_token.uri(module=shim, sm2_profile="shim-message-with-id"))
    with pytest.raises(Unsupported, match="no way to pass an empty user ID"):
        with_id.sign(REF, SM2_SM3, MESSAGE, signer_id=b"")
    empty = opened(soft_token.uri(module=shim, sm2_profile="shim"))
    signature = empty.sign(REF, SM2_SM3, MESSAGE, signer_id=b"")
    assert verify(empty.public_key(REF), SM2_SM3, MESSAGE, signature, signer_id=b"")


@pytest.mark.parametrize(
    "wrong",
    [
        {"sign_mechanism": "0x80000F03"},  # gives DER, over the digest as if it were the message
        {"input": "message"},  # the mechanism wants 32 octets
        {"output": "der"},
    ],
)
def test_a_wrong_profile_signs_nothing(
    opened: Opener, shim: Path, soft_token: SoftToken, tmp_path: Path, wrong: dict[str, str]
) -> None:
    opened(soft_token.uri(module=shim, sm2_profile="shim")).generate(SPEC)
    file = tmp_path / "profile.json"
    file.write_text(json.dumps(SHIM_FILE | wrong))
    token = opened(soft_token.uri(module=shim, sm2_profile=f"file:{file}"))
    assert not token.health(REF).usable
    with pytest.raises(TokenError):
        token.sign(REF, SM2_SM3, MESSAGE)


def test_without_a_profile_there_is_no_sm2_in_the_token(
    opened: Opener, shim: Path, soft_token: SoftToken
) -> None:
    opened(soft_token.uri(module=shim, sm2_profile="shim")).generate(SPEC)
    token = opened(soft_token.uri(module=shim))
    assert not token.describe().in_token_sm2
    assert token.keys() == ()
    with pytest.raises(Unsupported, match="needs x-sm2-profile"):
        token.sign(REF, SM2_SM3, MESSAGE)


def test_softhsm_alone_has_no_sm2_whatever_the_profile_says(opened: Opener, soft_token: SoftToken) -> None:
    token = opened(soft_token.uri(sm2_profile="unverified-80000002"))
    assert not token.describe().in_token_sm2
    # SoftHSM makes the pair, and cannot sign with it: the pair is destroyed again.
    with pytest.raises(Unsupported, match="C_SignInit: CKR_MECHANISM_INVALID"):
        token.generate(SPEC)
    with token._at_work() as connection, connection.pool.lent() as session:
        assert session.find({}) == ()


def test_a_profile_may_leave_key_making_to_the_vendor(
    opened: Opener, shim: Path, soft_token: SoftToken, tmp_path: Path
) -> None:
    file = tmp_path / "profile.json"
    file.write_text(json.dumps(SHIM_FILE | {"generate_mechanism": None, "name": "ours", "tried": "shim"}))
    token = opened(soft_token.uri(module=shim, sm2_profile=f"file:{file}"))
    with pytest.raises(Unsupported, match="the SM2 profile ours makes no keys"):
        token.generate(SPEC)


def test_named_profiles_say_what_they_were_tried_with() -> None:
    assert {name for name, profile in PROFILES.items() if profile.tried} == set(SHIMS)
    assert all(name.startswith("unverified-") for name in PROFILES if name not in SHIMS)
    assert [p.sign_mechanism for p in PROFILES.values() if not p.tried] == [
        0x80000002,
        0x80000004,
        0x80008100,
        0x00010004,
        0x8005000C,
        0xFFFFF003,
    ]
    assert sm2_profile("") is None
    assert sm2_profile("shim") is PROFILES["shim"]


def test_a_profile_out_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "profile.json"
    file.write_text(
        json.dumps(
            {
                "sign_mechanism": "0x80000002",
                "input": "message-with-id",
                "output": "der",
                "id_parameter": "pointer-length",
                "key_type": "0x80000001",
                "ec_params": "0102",
            }
        )
    )
    assert sm2_profile(f"file:{file}") == Sm2Profile(
        name=str(file),
        sign_mechanism=0x80000002,
        input=Sm2Input.MESSAGE_WITH_ID,
        output=Sm2Output.DER,
        id_parameter=IdParameter.POINTER_LENGTH,
        generate_mechanism=CKM_EC_KEY_PAIR_GEN,
        key_type=0x80000001,
        ec_params=b"\1\2",
    )
    file.write_text(json.dumps(SHIM_FILE | {"name": "mine"}))
    assert sm2_profile(f"file:{file}") == Sm2Profile(
        name="mine",
        sign_mechanism=0x80000F02,
        input=Sm2Input.DIGEST,
        output=Sm2Output.RAW,
        generate_mechanism=0x80000F01,
        ec_params=SM2_CURVE,
    )


@pytest.mark.parametrize(
    "members",
    [
        {"input": "digest", "output": "raw"},
        SHIM_FILE | {"more": 1},
        SHIM_FILE | {"input": "hash"},
        SHIM_FILE | {"output": 1},
        SHIM_FILE | {"sign_mechanism": True},
        SHIM_FILE | {"sign_mechanism": 1.5},
        SHIM_FILE | {"sign_mechanism": "many"},
        SHIM_FILE | {"sign_mechanism": -1},
        SHIM_FILE | {"sign_mechanism": 1 << 32},
        SHIM_FILE | {"sign_mechanism": CKM_ECDSA},
        SHIM_FILE | {"ec_params": "xy"},
        SHIM_FILE | {"ec_params": 7},
        SHIM_FILE | {"ec_params": ""},
        SHIM_FILE | {"name": 7},
        SHIM_FILE | {"key_type": None},
        [],
    ],
)
def test_a_wrong_profile_file_is_refused(tmp_path: Path, members: Any) -> None:
    file = tmp_path / "profile.json"
    file.write_text(json.dumps(members))
    with pytest.raises(UriError):
        sm2_profile(f"file:{file}")


@pytest.mark.parametrize(
    "octets",
    [b"", b"{", b"\xff", b'{"input": "digest", "input": "message"}', b"[" * 10_000, b" " * 20_000],
)
def test_a_profile_file_that_is_none_is_refused(tmp_path: Path, octets: bytes) -> None:
    file = tmp_path / "profile.json"
    file.write_bytes(octets)
    with pytest.raises(UriError):
        sm2_profile(f"file:{file}")


@pytest.mark.parametrize("value", ["shims", "file:", "file:profile.json", "file:/nowhere/profile.json"])
def test_a_profile_that_is_not_there_is_refused(value: str) -> None:
    with pytest.raises(UriError):
        sm2_profile(value)
