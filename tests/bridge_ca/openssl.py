"""OpenSSL as a second opinion, three ways, since each can do what another can't.

command_says: the `openssl verify` command: policies and CRLs, for RSA and ECDSA. It sets the SM2 user ID on
the target alone, so SM2 paths fail in it.
libcrypto_says: the same library, called: policies, with the SM2 user ID set on each certificate.
wheel_says: the newer library that cryptography brings, by pyOpenSSL, which takes SM2 CRLs and no
policies.
"""

from __future__ import annotations

import ctypes
import re
import subprocess
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import crypto

from ca_bridge.core.x509.certificate_parser import parse_certificate
from tests.bridge_ca.house import NOW

_SM2_WITH_SM3 = "1.2.156.10197.1.501"
_SM2_USER_ID = b"1234567812345678"
_STRICT, _POLICY_CHECK, _EXPLICIT_POLICY = 0x20, 0x80, 0x100
_EXTENDED_CRL_SUPPORT, _USE_DELTAS = 0x1000, 0x2000
_FLAGS = crypto.X509StoreFlags
_CRL_FLAGS = _FLAGS.CRL_CHECK | _FLAGS.CRL_CHECK_ALL | _EXTENDED_CRL_SUPPORT | _USE_DELTAS


def command_says(
    folder: Path,
    target: bytes,
    *chain: bytes,
    root: bytes,
    policies: Iterable[str] = (),
    crls: Iterable[bytes] = (),
    at: datetime = NOW,
) -> str:
    """What `openssl verify` says with policy checks on: "OK", or the first error's text."""
    lists = tuple(crls)
    files = {
        name: _pem(folder / f"{name}.pem", ders)
        for name, ders in {"root": (root,), "chain": chain, "target": (target,)}.items()
    }
    command = ["openssl", "verify", "-policy_check", "-explicit_policy", "-attime", str(int(at.timestamp()))]
    command += [part for policy in policies for part in ("-policy", policy)]
    if lists:
        file = folder / "crls.pem"
        file.write_bytes(b"".join(x509.load_der_x509_crl(der).public_bytes(Encoding.PEM) for der in lists))
        command += ["-crl_check", "-extended_crl", "-use_deltas", "-crl_check_all", "-CRLfile", str(file)]
    command += ["-CAfile", files["root"], "-untrusted", files["chain"], files["target"]]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    if run.returncode == 0:
        return run.stdout.strip().rpartition(": ")[2]
    found = re.search(r"error \d+ at \d+ depth lookup: ?(.*)", run.stderr)
    return found[1] if found else run.stderr


def _pem(file: Path, ders: Iterable[bytes]) -> str:
    certificates = map(x509.load_der_x509_certificate, ders)
    file.write_bytes(b"".join(c.public_bytes(Encoding.PEM) for c in certificates))
    return str(file)


def libcrypto_says(
    target: bytes, *chain: bytes, root: bytes, policies: Iterable[str], at: datetime = NOW
) -> str:
    """What X509_verify_cert of the system says under explicit policies: "OK", or the error's text."""
    lib = _libcrypto()
    read = [_read(lib, der) for der in (target, root, *chain)]
    store, context, param = lib.X509_STORE_new(), lib.X509_STORE_CTX_new(), lib.X509_VERIFY_PARAM_new()
    untrusted = lib.OPENSSL_sk_new_null()
    try:
        for policy in policies:
            lib.X509_VERIFY_PARAM_add0_policy(param, lib.OBJ_txt2obj(policy.encode(), 1))
        lib.X509_VERIFY_PARAM_set_flags(param, _POLICY_CHECK | _EXPLICIT_POLICY | _STRICT)
        lib.X509_VERIFY_PARAM_set_time(param, int(at.timestamp()))
        lib.X509_STORE_add_cert(store, read[1])
        for certificate in read[2:]:
            lib.OPENSSL_sk_push(untrusted, certificate)
        lib.X509_STORE_CTX_init(context, store, read[0], untrusted)
        lib.X509_VERIFY_PARAM_inherit(lib.X509_STORE_CTX_get0_param(context), param)
        good = lib.X509_verify_cert(context) == 1
        error = lib.X509_STORE_CTX_get_error(context)
        return "OK" if good else str(lib.X509_verify_cert_error_string(error).decode())
    finally:
        lib.X509_STORE_CTX_free(context)
        lib.X509_STORE_free(store)
        lib.X509_VERIFY_PARAM_free(param)
        lib.OPENSSL_sk_free(untrusted)
        for certificate in read:
            lib.X509_free(certificate)


def _read(lib: Any, der: bytes) -> int:
    """A certificate, with the default SM2 user ID if its signature needs one; others verify without alone."""
    start = ctypes.c_char_p(der)
    certificate = lib.d2i_X509(None, ctypes.byref(start), len(der))
    assert certificate
    if parse_certificate(der).signed.algorithm.oid != _SM2_WITH_SM3:
        return int(certificate)
    octets = lib.ASN1_OCTET_STRING_new()
    lib.ASN1_OCTET_STRING_set(octets, _SM2_USER_ID, len(_SM2_USER_ID))
    lib.X509_set0_distinguishing_id(certificate, octets)
    return int(certificate)


@cache
def _libcrypto() -> Any:
    lib = ctypes.CDLL("libcrypto.so.3")
    pointer = ctypes.c_void_p
    for name, result, *arguments in (
        ("d2i_X509", pointer, pointer, pointer, ctypes.c_long),
        ("X509_free", None, pointer),
        ("ASN1_OCTET_STRING_new", pointer),
        ("ASN1_OCTET_STRING_set", ctypes.c_int, pointer, ctypes.c_char_p, ctypes.c_int),
        ("X509_set0_distinguishing_id", None, pointer, pointer),
        ("X509_STORE_new", pointer),
        ("X509_STORE_free", None, pointer),
        ("X509_STORE_add_cert", ctypes.c_int, pointer, pointer),
        ("X509_STORE_CTX_new", pointer),
        ("X509_STORE_CTX_free", None, pointer),
        ("X509_STORE_CTX_init", ctypes.c_int, pointer, pointer, pointer, pointer),
        ("X509_STORE_CTX_get0_param", pointer, pointer),
        ("X509_STORE_CTX_get_error", ctypes.c_int, pointer),
        ("X509_verify_cert", ctypes.c_int, pointer),
        ("X509_verify_cert_error_string", ctypes.c_char_p, ctypes.c_long),
        ("X509_VERIFY_PARAM_new", pointer),
        ("X509_VERIFY_PARAM_free", None, pointer),
        ("X509_VERIFY_PARAM_set_flags", ctypes.c_int, pointer, ctypes.c_ulong),
        ("X509_VERIFY_PARAM_set_time", None, pointer, ctypes.c_long),
        ("X509_VERIFY_PARAM_add0_policy", ctypes.c_int, pointer, pointer),
        ("X509_VERIFY_PARAM_inherit", ctypes.c_int, pointer, pointer),
        ("OBJ_txt2obj", pointer, ctypes.c_char_p, ctypes.c_int),
        ("OPENSSL_sk_new_null", pointer),
        ("OPENSSL_sk_push", ctypes.c_int, pointer, pointer),
        ("OPENSSL_sk_free", None, pointer),
    ):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib


def wheel_says(
    target: bytes, *chain: bytes, root: bytes, crls: Iterable[bytes] = (), at: datetime = NOW
) -> str:
    """What the newer library's X509Store says, of all CRLs given (deltas too): "OK", or the error's text."""
    store = crypto.X509Store()
    store.add_cert(_certificate(root))
    store.set_time(at.replace(tzinfo=None))
    flags = _FLAGS.X509_STRICT
    for der in crls:
        store.add_crl(x509.load_der_x509_crl(der))
        flags |= _CRL_FLAGS
    store.set_flags(flags)
    context = crypto.X509StoreContext(store, _certificate(target), [_certificate(der) for der in chain])
    try:
        context.verify_certificate()
    except crypto.X509StoreContextError as error:
        return str(error)
    return "OK"


def _certificate(der: bytes) -> crypto.X509:
    return crypto.X509.from_cryptography(x509.load_der_x509_certificate(der))
