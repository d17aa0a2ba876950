"""The whole of it from keys in a token: SoftHSM's own, SM2 by the module that adds it, and SM2 sealed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from ca_bridge.adapters.hsm_keys import HsmKeys
from ca_bridge.core.request import KeyUsageBit, RevocationRule
from ca_bridge.core.x509.extensions import BasicConstraints
from ca_bridge.core.x509_writing import extensions as write
from ca_bridge.core.x509_writing.algorithm_identifiers import algorithm_identifier
from ca_bridge.core.x509_writing.certificate import TbsCertificate, signed_object
from ca_bridge.services.key_management.model import KeyState, KeyUse, RegisteredKey
from ca_bridge.services.signing import SigningKey
from hsm.open_token import open_token
from hsm.token import KeyKind, KeySpec
from tests.bridge_ca import house as h
from tests.bridge_ca.conftest import OpenHouse
from tests.bridge_ca.openssl import command_says, libcrypto_says, wheel_says
from tests.hsm.softhsm import SoftToken
from tests.pki_writers import keys as key_writers
from tests.pki_writers import x509
from tests.recognition.scheme import authority

LABEL, IDENTIFIER = "bridge-ca", b"\x01\x02"
KINDS = {
    "rsa": (KeyKind.RSA_3072, "rsa-pkcs1-sha256", {}, "token"),
    "p-256": (KeyKind.P256, "ecdsa-sha256", {}, "token"),
    "sm2": (KeyKind.SM2, "sm2-sm3", {"sm2_profile": "shim"}, "token"),
    "sm2-sealed": (KeyKind.SM2, "sm2-sm3", {"custody": "sealed"}, "token-wrapped-process-use"),
}


@pytest.fixture(params=KINDS)
def token_key(request: pytest.FixtureRequest, soft_token: SoftToken) -> Iterator[tuple[str, SigningKey]]:
    """(kind, a key made in a new token and opened as the gateway opens it)."""
    kind, algorithm, vendor, custody = KINDS[request.param]
    module = {"module": request.getfixturevalue("shim")} if request.param == "sm2" else {}
    uri = soft_token.uri(label=LABEL, key_id=IDENTIFIER, **module, **vendor)
    token = open_token(uri, production=True)
    spec = KeySpec(label=LABEL, key_id=IDENTIFIER, kind=kind, sealed="custody" in vendor)
    made = token.generate(spec)
    token.close()
    registered = RegisteredKey(
        key_id=f"bridge_ca-{sha256(made.spki).hexdigest()[:16]}",
        use=KeyUse.BRIDGE_CA,
        kind=kind.value,
        algorithm=algorithm,
        uri=uri.text,
        spki=made.spki,
        custody=custody,
        state=KeyState.CURRENT,
        created=h.NOW,
        since=h.NOW,
    )
    opened = HsmKeys(production=True)
    yield request.param, opened.key(registered)
    opened.close()


def self_signed(key: SigningKey) -> bytes:
    algorithm = algorithm_identifier(key.algorithm)
    name = x509.name("C=CN, O=House Bridge, CN=House Bridge In A Token")
    identifier = key_writers.key_identifier(key.spki)
    tbs = TbsCertificate(
        serial_number=1,
        algorithm=algorithm,
        issuer=name,
        not_before=h.NOW,
        not_after=h.NOW + timedelta(days=3650),
        subject=name,
        spki=key.spki,
        extensions=(
            write.basic_constraints(BasicConstraints(ca=True, path_length=None)),
            write.key_usage((KeyUsageBit.KEY_CERT_SIGN, KeyUsageBit.CRL_SIGN)),
            write.subject_key_identifier(identifier),
        ),
    ).der
    return signed_object(tbs, algorithm, key.sign(tbs))


def test_two_members_and_a_delta(
    open_house: OpenHouse, token_key: tuple[str, SigningKey], tmp_path: Path
) -> None:
    kind, key = token_key
    assert key.custody == KINDS[kind][3]
    root = self_signed(key)
    bridge, gd, hk = h.DOMAINS
    policy = replace(h.POLICY, domains=(replace(bridge, authorities=(authority("token", root),)), gd, hk))
    issuer = h.issuer("sm2", key=key, certificate=root, label="bridge-token")
    house = open_house(issuer, policy=policy)
    to_gd, to_hk = house.issue(), house.issue("bridge-hk", h.HK_ROOT)
    paths = {
        "gd": (h.gd_subscriber(), to_gd.certificate or b""),
        "hk": (h.hk_subscriber(), h.HK_CA, to_hk.certificate or b""),
    }
    rule: dict[str, Any] = {"root": root, "policy": policy}
    for path in paths.values():
        assert h.codes(h.ask(*path, **rule)) == []
        assert libcrypto_says(*path, root=root, policies=[h.BRIDGE_HIGH]) == "OK"
        refused = libcrypto_says(*path, root=root, policies=[h.BRIDGE_MEDIUM])
        assert refused == "no explicit policy"
        assert wheel_says(*path, root=root) == "OK"
    if not kind.startswith("sm2"):
        assert command_says(tmp_path, *paths["hk"], root=root, policies=[h.BRIDGE_HIGH]) == "OK"

    complete, empty = house.crl()
    own = {"gd": (h.GD.crl(),), "hk": (h.HK.crl(), h.HK_OPERATING.crl())}
    house.time += timedelta(hours=1)
    house.revoke(to_gd.reservation.serial)
    (delta,) = house.crl(complete=False)
    for name, newest, code, said in (
        ("gd", empty, [], "OK"),
        ("hk", empty, [], "OK"),
        ("gd", delta, ["CA_REVOKED"], "certificate revoked"),
        ("hk", delta, [], "OK"),
    ):
        crls = (*own[name], complete.der, newest.der)
        verdict = h.ask(*paths[name], **rule, crls=crls, at=house.time, revocation=RevocationRule.REQUIRE_ALL)
        assert h.codes(verdict) == code
        assert wheel_says(*paths[name], root=root, crls=crls, at=house.time) == said
    uses = [fields for kind_of, fields in house.log.rows if kind_of == "key_use"]
    assert {fields["custody"] for fields in uses} == {KINDS[kind][3]}
    assert [fields["status"] for fields in uses] == ["intended", "done"] * 5
