"""SM2 keys sealed under a key in the token: used, never called in-token, and useless when tampered with."""

from __future__ import annotations

from pathlib import Path

import pytest

from hsm.errors import BadSignature, KeyNotFound, TokenUnavailable, Unsupported
from hsm.libcrypto_sm2 import Sm2PrivateKey, generate_scalar
from hsm.pkcs11 import Pkcs11Token, key_objects
from hsm.pkcs11.attributes import Template, Value
from hsm.pkcs11.constants import (
    CKA_APPLICATION,
    CKA_CLASS,
    CKA_KEY_TYPE,
    CKA_LABEL,
    CKA_PRIVATE,
    CKA_TOKEN,
    CKA_VALUE,
    CKK_AES,
    CKO_DATA,
    CKO_SECRET_KEY,
)
from hsm.pkcs11.mechanisms import Mechanism, gcm
from hsm.pkcs11.return_values import Returned
from hsm.pkcs11.sealed_objects import APPLICATION, header_of, sealed_objects
from hsm.pkcs11.session import Session
from hsm.token import Custody, KeyInfo, KeyKind, KeyRef, KeySpec, SignatureAlgorithm
from hsm.verifying import verify
from tests.hsm.conftest import Opener
from tests.hsm.openssl_verifier import openssl_verifies
from tests.hsm.softhsm import SoftToken

SM2_SM3 = SignatureAlgorithm.SM2_SM3
MESSAGE = b"a statement of the gateway"


def spec(number: int) -> KeySpec:
    return KeySpec(label=f"bridge-{number}", key_id=bytes((7, number)), kind=KeyKind.SM2, sealed=True)


@pytest.fixture
def token(opened: Opener, soft_token: SoftToken) -> Pkcs11Token:
    return opened(soft_token.uri())


def listed(token: Pkcs11Token) -> tuple[KeyInfo, ...]:
    return token.keys()


def blob(token: Pkcs11Token, label: str) -> bytes:
    with token._at_work() as connection, connection.pool.lent() as session:
        (handle,) = session.find({CKA_CLASS: CKO_DATA, CKA_LABEL: label})
        return session.get(handle, [CKA_VALUE])[CKA_VALUE]


def replace_blob(token: Pkcs11Token, label: str, value: bytes) -> None:
    """As somebody with the PIN could."""
    with token._at_work() as connection, token._writable(connection) as session:
        (handle,) = session.find({CKA_CLASS: CKO_DATA, CKA_LABEL: label})
        session.destroy(handle)
        template: dict[int, Value] = {CKA_CLASS: CKO_DATA, CKA_TOKEN: True, CKA_PRIVATE: True}
        session.create({**template, CKA_APPLICATION: APPLICATION, CKA_LABEL: label, CKA_VALUE: value})
        connection.forget()


def test_a_sealed_key_signs_and_says_what_it_is(
    token: Pkcs11Token, opened: Opener, soft_token: SoftToken, tmp_path: Path
) -> None:
    made = token.generate(spec(1))
    again = opened(soft_token.uri())
    assert again.keys() == (made,)
    assert (made.kind, made.custody) == (KeyKind.SM2, Custody.TOKEN_WRAPPED_PROCESS_USE)
    assert dict(made.claims)["sealing_key_extractable"] == "false"
    assert dict(made.claims)["sealing_key_never_extractable"] == "true"
    assert not again.describe().in_token_sm2
    for ref in (KeyRef(label="bridge-1"), KeyRef(key_id=b"\7\1"), KeyRef(label="bridge-1", key_id=b"\7\1")):
        signature = again.sign(ref, SM2_SM3, MESSAGE)
        assert openssl_verifies(tmp_path, again.public_key(ref), SM2_SM3, MESSAGE, signature)
    signature = again.sign(KeyRef(key_id=b"\7\1"), SM2_SM3, MESSAGE, signer_id=b"other")
    assert verify(made.spki, SM2_SM3, MESSAGE, signature, signer_id=b"other")
    assert again.health(KeyRef(label="bridge-1")).usable


def test_the_uri_asks_for_it_too(opened: Opener, soft_token: SoftToken) -> None:
    token = opened(soft_token.uri(custody="sealed"))
    made = token.generate(KeySpec(label="a", key_id=b"a", kind=KeyKind.SM2))
    assert made.custody is Custody.TOKEN_WRAPPED_PROCESS_USE
    other = token.generate(KeySpec(label="b", key_id=b"b", kind=KeyKind.P256))
    assert other.custody is Custody.TOKEN


def test_the_scalar_is_nowhere_in_the_open(token: Pkcs11Token, soft_token: SoftToken) -> None:
    token.generate(spec(1))
    with token._at_work() as connection, connection.pool.lent() as session:
        (sealed,) = sealed_objects(session, KeyRef())
        scalar = session.decrypt(gcm(sealed.nonce, sealed.header), sealed.sealing_key, sealed.ciphertext)
        assert CKA_VALUE not in session.get(sealed.sealing_key, [CKA_VALUE, CKA_LABEL])
    assert Sm2PrivateKey(scalar).spki == sealed.spki
    assert bytes(scalar) not in blob(token, "bridge-1")
    files = [path.read_bytes() for path in soft_token.folder.iterdir()]
    assert files
    assert not [octets for octets in files if bytes(scalar) in octets]


def test_a_blob_under_another_name_does_not_open(token: Pkcs11Token) -> None:
    token.generate(spec(1))
    token.generate(spec(2))
    first, second = blob(token, "bridge-1"), blob(token, "bridge-2")
    replace_blob(token, "bridge-1", second)
    with pytest.raises(BadSignature, match="'bridge-1' is not what it is named"):
        token.sign(KeyRef(label="bridge-1"), SM2_SM3, MESSAGE)
    # Renamed to fit: the label and so on are under the tag.
    header = header_of("bridge-1", b"\7\1", first[-60 - 91 : -60])
    replace_blob(token, "bridge-1", header + second[-60:])
    with pytest.raises(BadSignature, match="'bridge-1' does not open: C_Decrypt"):
        token.sign(KeyRef(label="bridge-1"), SM2_SM3, MESSAGE)
    assert token.health(KeyRef(label="bridge-2")).usable
    replace_blob(token, "bridge-1", first)
    assert token.health(KeyRef(label="bridge-1")).usable


def test_any_octet_changed_is_noticed(token: Pkcs11Token) -> None:
    token.generate(spec(1))
    whole = blob(token, "bridge-1")
    for index in range(len(whole)):
        replace_blob(token, "bridge-1", whole[:index] + bytes((whole[index] ^ 1,)) + whole[index + 1 :])
        with pytest.raises((BadSignature, KeyNotFound)):
            token.sign(KeyRef(label="bridge-1", key_id=b"\7\1"), SM2_SM3, MESSAGE)
    for cut in (0, 10, len(whole) - 1):
        replace_blob(token, "bridge-1", whole[:cut])
        with pytest.raises(BadSignature):
            token.sign(KeyRef(label="bridge-1"), SM2_SM3, MESSAGE)


def test_a_damaged_one_does_not_hide_the_others(token: Pkcs11Token) -> None:
    token.generate(spec(1))
    made = token.generate(spec(2))
    replace_blob(token, "bridge-1", b"nothing")
    assert token.keys() == (made,)
    assert token.public_key(KeyRef(key_id=made.key_id)) == made.spki


def test_a_sealed_key_of_another_public_key_signs_nothing(token: Pkcs11Token) -> None:
    """Sealed anew by somebody with the PIN: under the right name, but of another scalar."""
    made = token.generate(spec(1))
    header = header_of(made.label, made.key_id, made.spki)
    with token._at_work() as connection, connection.pool.lent() as session:
        (key,) = session.find({CKA_CLASS: CKO_SECRET_KEY, CKA_KEY_TYPE: CKK_AES})
        ciphertext = session.encrypt(gcm(bytes(12), header), key, generate_scalar())
    replace_blob(token, made.label, header + bytes(12) + ciphertext)
    with pytest.raises(BadSignature, match="is not of its public key"):
        token.sign(KeyRef(label=made.label), SM2_SM3, MESSAGE)


def test_without_its_sealing_key_it_is_lost(token: Pkcs11Token) -> None:
    token.generate(spec(1))
    whole = blob(token, "bridge-1")
    token.destroy(KeyRef(label="bridge-1"))
    assert token.keys() == ()
    with pytest.raises(KeyNotFound):
        token.sign(KeyRef(label="bridge-1"), SM2_SM3, MESSAGE)
    with token._at_work() as connection, token._writable(connection) as session:
        assert session.find({}) == ()
        session.create(
            {
                CKA_CLASS: CKO_DATA,
                CKA_TOKEN: True,
                CKA_PRIVATE: True,
                CKA_APPLICATION: APPLICATION,
                CKA_LABEL: "bridge-1",
                CKA_VALUE: whole,
            }
        )
    with pytest.raises(BadSignature, match="0 keys that could open it"):
        token.sign(KeyRef(label="bridge-1"), SM2_SM3, MESSAGE)


def test_an_sm2_key_in_softhsm_is_never_signed_with_as_if_ecdsa(token: Pkcs11Token) -> None:
    with pytest.raises(Unsupported, match="needs x-sm2-profile"):
        token.generate(KeySpec(label="a", key_id=b"a", kind=KeyKind.SM2))
    token.generate(spec(1))
    with pytest.raises(Unsupported, match="does not sign with ecdsa-sha256"):
        token.sign(KeyRef(label="bridge-1"), SignatureAlgorithm.ECDSA_SHA256, MESSAGE)


@pytest.mark.parametrize("fault", ["decrypt-another-scalar", "decrypt-short"])
def test_a_module_that_opens_it_wrongly_signs_nothing(
    opened: Opener, soft_token: SoftToken, shim: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    token = opened(soft_token.uri(module=shim))
    token.generate(spec(1))
    monkeypatch.setenv("SHIM_FAULT", fault)
    with pytest.raises((BadSignature, Unsupported)):
        token.sign(KeyRef(label="bridge-1"), SM2_SM3, MESSAGE)
    monkeypatch.delenv("SHIM_FAULT")
    assert token.health(KeyRef(label="bridge-1")).usable


def test_a_sealed_key_that_cannot_be_stored_leaves_nothing(
    token: Pkcs11Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(session: Session, template: Template) -> int:
        raise Returned("C_CreateObject", 0x31)

    monkeypatch.setattr(Session, "create", full)
    with pytest.raises(TokenUnavailable, match="C_CreateObject: CKR_DEVICE_MEMORY"):
        token.generate(spec(1))
    with token._at_work() as connection, connection.pool.lent() as session:
        assert session.find({}) == ()


def test_an_opening_that_fails_otherwise_is_told_as_it_is(
    token: Pkcs11Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    token.generate(spec(1))

    def gone(session: Session, mechanism: Mechanism, key: int, data: bytes) -> bytearray:
        raise Returned("C_Decrypt", 0x32)

    monkeypatch.setattr(Session, "decrypt", gone)
    with pytest.raises(TokenUnavailable, match="C_Decrypt: CKR_DEVICE_REMOVED"):
        token.sign(KeyRef(label="bridge-1"), SM2_SM3, MESSAGE)


def test_what_vanishes_while_it_is_looked_at_is_passed_over(
    token: Pkcs11Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process destroys a key between the search and the look at it."""
    token.generate(spec(1))
    token.generate(KeySpec(label="a", key_id=b"a", kind=KeyKind.P256))
    monkeypatch.setattr(
        Session, "get", lambda *_: (_ for _ in ()).throw(Returned("C_GetAttributeValue", 0x82))
    )
    assert token.keys() == ()
    monkeypatch.setattr(
        Session, "get", lambda *_: (_ for _ in ()).throw(Returned("C_GetAttributeValue", 0x30))
    )
    with pytest.raises(TokenUnavailable, match="CKR_DEVICE_ERROR"):
        token.keys()
    monkeypatch.setattr(key_objects, "_private_keys", lambda *_: ())
    with pytest.raises(TokenUnavailable, match="CKR_DEVICE_ERROR"):
        token.keys()
