"""Checks a receipt by public keys alone: python verify_receipt.py RECEIPT --key KEYS.json [--key KEY.pem].

Needs `cryptography`, for SM2 OpenSSL 3. Exit 0: it holds; 1: not, or not by these keys; 2: asked otherwise.
"""

import argparse
import ctypes.util
import json
import re
import sys
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from itertools import product
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

BYTES, DEPTH, SIGNATURES, BODY, LINES, RAW = 256 << 10, 16, 16, 16 << 10, range(3, 36), 64
ALGORITHMS = {  # name in a JWS; how long the key is, which ends its SubjectPublicKeyInfo; and what is before
    "ecdsa-sha256": ("ES256", 65, bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")),
    "ed25519": ("EdDSA", 32, bytes.fromhex("302a300506032b6570032100")),
    "sm2-sm3": ("SM2-SM3", 65, bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")),
}
SIGNED_DATA, DATA = (bytes.fromhex(f"060a2a811ccf55060104020{last}") for last in (2, 1))  # GB/T 35275
SM3, SM2 = bytes.fromhex("300a06082a811ccf55018311"), bytes.fromhex("300b06092a811ccf5501822d01")
STATES = ("next", "current", "retired", "destroyed")
VERSION, SEQUENCE, SET, OCTETS, CONTEXT = b"\x02\x01\x01", 0x30, 0x31, 0x04, 0xA0
WRONG = (ValueError, TypeError, AttributeError, LookupError, RecursionError, InvalidSignature)


def _need(held: object, otherwise: str) -> None:
    if not held:
        raise ValueError(otherwise)


def _canonical(value: object, room: int = DEPTH) -> str:  # RFC 8785, of what may stand in a receipt
    if isinstance(value, dict | list):
        _need(room, "nested too deep")
        if isinstance(value, list):
            return f"[{','.join(_canonical(one, room - 1) for one in value)}]"
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return f"{{{','.join(f'{_canonical(name)}:{_canonical(value[name], room - 1)}' for name in names)}}}"
    _need(isinstance(value, str | bool | None) or (type(value) is int and abs(value) < 1 << 53), "a number")
    return json.dumps(value, ensure_ascii=False)


def _octets(text: str, *, url: bool = False) -> bytes:  # of base64, or unpadded base64url, in its one form
    decode, encode = (urlsafe_b64decode, urlsafe_b64encode) if url else (b64decode, b64encode)
    octets = decode(text + "=" * (-len(text) % 4 if url else 0))
    _need(encode(octets).decode().rstrip("=" if url else "") == text, "base64 in another form than its own")
    return octets


def _root(leaf: bytes, index: int, size: int, proof: list[str]) -> bytes:  # RFC 9162 2.1.3.2
    fn, sn, root = index, size - 1, sha256(b"\x00" + leaf).digest()
    for one in proof:
        _need(sn and re.fullmatch("[0-9a-f]{64}", one), "an inclusion proof that is none")
        left = fn & 1 or fn == sn
        root = sha256(b"\x01" + (bytes.fromhex(one) + root if left else root + bytes.fromhex(one))).digest()
        while left and fn and not fn & 1:
            fn, sn = fn >> 1, sn >> 1
        fn, sn = fn >> 1, sn >> 1
    _need(sn == 0, "an inclusion proof that is too short")
    return root


def _verify(key: dict, message: bytes, signature: bytes) -> None:  # ECDSA and SM2 in DER
    (name, size, before), spki = ALGORITHMS[key["algorithm"]], key["spki"]
    _need(spki[:-size] == before, "a key that is not of the kind it is said to be")
    if name == "EdDSA":
        return ed25519.Ed25519PublicKey.from_public_bytes(spki[-size:]).verify(signature, message)
    _need(utils.encode_dss_signature(*utils.decode_dss_signature(signature)) == signature, "not DER")
    if name == "ES256":
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), spki[-size:])
        return public.verify(signature, message, ec.ECDSA(hashes.SHA256()))
    lib, pointer = ctypes.CDLL(ctypes.util.find_library("crypto") or "libcrypto.so.3"), ctypes.c_void_p
    lib.d2i_PUBKEY.restype = lib.EVP_MD_CTX_new.restype = pointer
    public = pointer(lib.d2i_PUBKEY(None, ctypes.byref(ctypes.c_char_p(spki)), ctypes.c_long(len(spki))))
    state, context, n = pointer(lib.EVP_MD_CTX_new()), pointer(), ctypes.c_size_t
    init = state, ctypes.byref(context), b"SM3", None, None, public, None
    held = public and lib.EVP_DigestVerifyInit_ex(*init) == 1
    held = held and lib.EVP_PKEY_CTX_set1_id(context, b"1234567812345678", 16) == 1
    held = held and lib.EVP_DigestVerify(state, signature, n(len(signature)), message, n(len(message))) == 1
    freed = lib.EVP_MD_CTX_free(state), lib.EVP_PKEY_free(public)
    return _need(held and freed, "a signature of SM2 that does not hold")


def _der(tag: int, *parts: bytes) -> bytes:
    size = len(content := b"".join(parts)).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, *([len(content)] if len(content) < 1 << 7 else [1 << 7 | len(size), *size])]) + content


def _elements(data: bytes) -> list[tuple[bytes, bytes]]:  # (whole, content); never believed, only compared
    if not data:
        return []
    start = 2 + (data[1] & 127) * (data[1] >> 7)
    end = start + (int.from_bytes(data[2:start], "big") if data[1] >> 7 else data[1])
    return [(data[:end], data[start:end]), *_elements(data[end:])]


def _signed_data(data: bytes, spki: bytes, body: bytes, certificate_sha256: str | None) -> bytes:
    parts = _elements(_elements(_elements(_elements(data)[0][1])[1][1])[0][1])
    certificate, signature = parts[3][1], _elements(_elements(parts[4][1])[0][1])[4][1]
    tbs = _elements(_elements(_elements(certificate)[0][1])[0][1])
    serial, _, issuer, _, _, key = (whole for whole, _ in tbs[tbs[0][0][0] >> 7 :][:6])
    name, content = _der(SEQUENCE, issuer, serial), _der(SEQUENCE, DATA, _der(CONTEXT, _der(OCTETS, body)))
    signer = _der(SET, _der(SEQUENCE, VERSION, name, SM3, SM2, _der(OCTETS, signature)))
    whole = _der(SEQUENCE, VERSION, _der(SET, SM3), content, _der(CONTEXT, certificate), signer)
    _need(_der(SEQUENCE, SIGNED_DATA, _der(CONTEXT, whole)) == data, "a SignedData of something else")
    _need(key == spki and sha256(certificate).hexdigest() == certificate_sha256, "another certificate")
    return signature


def verify_receipt(raw: bytes, keys: dict[str, dict], pinned: str = "") -> dict:
    """Return what a receipt states; one of WRONG is raised when it does not hold."""
    receipt = json.loads(raw[: BYTES + 1].decode())
    _need(len(raw) <= BYTES and _canonical(receipt).encode() == raw, "not in the form of RFC 8785")
    version, log, signatures, statement = receipt.values()
    note, proof, index, origin, size = log.values()
    _need(" ".join(receipt) == "ca_bridge_receipt log signatures statement", "not a receipt")
    _need(" ".join(log) == "checkpoint inclusion_proof index origin tree_size", "not a receipt")
    parts = version, statement["ca_bridge_log"], index, size, proof, signatures
    _need([*map(type, parts)] == [int] * 4 + [list] * 2 and parts[:2] == (1, 1), "not of this version")
    body, _, line = note.rpartition("\n\n")
    lines, body = body.split("\n"), f"{body}\n".encode()
    plain = min(note.replace("\n", " ")) >= " " and all(lines) and len(lines) in LINES and len(body) <= BODY
    name, value = re.fullmatch("\u2014 ([^\\s+]+) (\\S+)\n", line).groups()
    named = [name, *lines[:2]] == [origin, origin, str(size)] and pinned in ("", origin)
    _need(plain and named and 0 <= index < size and statement["kind"] == "decision", "not of this log")
    _need(_root(_canonical(statement).encode(), index, size, proof) == _octets(lines[2]), "not included")
    said = {" ".join(words): last for *words, last in (line.split(" ") for line in lines[:2:-1])}
    value, checks = _octets(value), []
    for key, spki in ((key, key["spki"]) for key in keys.values() if key["use"] == "log"):
        types = {"ed25519": b"\x01" + spki[12:], "sm2-sm3": b"\xffsm2-sm3 GB/T 32918.2 DER" + spki}
        typed = f"{origin}\n".encode() + types.get(key["algorithm"], b"")
        if sha256(spki if key["algorithm"] == "ecdsa-sha256" else typed).digest()[:4] == value[:4]:
            checks.append((key, body, value[4:]))
    _need(checks and 0 < len(signatures) <= SIGNATURES, "the log's key is not known, or there is no other")
    _need(len({(one["form"], one["key_id"]) for one in signatures}) == len(signatures), "a signature twice")
    for one in signatures:
        key, form, value = keys[one["key_id"]], one["form"], one["value"]
        name = ALGORITHMS[key["algorithm"]][0] if key["use"] == "receipt" else None
        _need([*one] == ["algorithm", "form", "key_id", "value"] and one["algorithm"] == name, "a wrong key")
        if form == "gbt35275" and name == "SM2-SM3":
            named = said.get(f"certificate {key['key_id']}")
            checks.append((key, body, _signed_data(_octets(value), key["spki"], body, named)))
            continue
        header = {"alg": name, "kid": key["key_id"], "typ": "ca-bridge-checkpoint+jws"}
        *parts, last = (_octets(part, url=True) for part in value.split("."))
        _need(form == "jws" and parts == [_canonical(header).encode(), body] and len(last) == RAW, "a JWS")
        pair = (int.from_bytes(half, "big") for half in (last[: RAW // 2], last[RAW // 2 :]))
        last = last if name == "EdDSA" else utils.encode_dss_signature(*pair)
        checks.append((key, value.rpartition(".")[0].encode(), last))
    for key, message, signature in checks:
        _verify(key, message, signature)
        custody = said.get(f"custody {key['key_id']}")
        _need(custody and key["custody"] in ("", custody), "a key that is not kept as it is said to be")
    return statement


def _keys(files: list[bytes]) -> tuple[dict[str, dict], str]:  # by name, and the origin of their log
    keys, origins = {}, {""}
    for raw in files:
        blocks = re.findall(b"-----BEGIN PUBLIC KEY-----([^-]*)-----END PUBLIC KEY-----", raw)
        data = {"keys": [], "origin": ""} if blocks else json.loads(raw)
        for block, (kind, (_, size, before)), use in product(blocks, ALGORITHMS.items(), ("receipt", "log")):
            if b64decode(block)[:-size] == before:
                data["keys"].append({"use": use, "algorithm": kind, "spki": block, "custody": ""})
        for key in data["keys"]:
            key["spki"] = b64decode(key["spki"])
            name = f"{key['use']}-{sha256(key['spki']).hexdigest()[:16]}"
            both = {(known := keys.setdefault(name, key))["custody"], key["custody"]}
            _need(
                key.setdefault("key_id", name) == name and (blocks or key["state"] in STATES), "no such key"
            )
            _need(known["algorithm"] == key["algorithm"] and both <= {"", max(both)}, "one key in two ways")
            known["custody"] = max(both)
        origins.add(data["origin"])
    return keys, *(origins - {""} or {""})


def _main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("receipt", type=Path)
    parser.add_argument("--key", type=Path, action="append", required=True)
    asked = parser.parse_args()
    try:
        raw, (keys, pinned) = asked.receipt.read_bytes(), _keys([path.read_bytes() for path in asked.key])
    except (OSError, *WRONG) as error:
        parser.error(str(error))
    try:
        sys.stdout.write(f"{json.dumps(verify_receipt(raw, keys, pinned), indent=1)}\nHOLDS\n")
    except (OSError, *WRONG) as error:
        sys.exit(f"DOES NOT HOLD: {error!r}")


if __name__ == "__main__":
    _main()
