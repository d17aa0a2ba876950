"""Hostile questions of one small P-256 PKI, leaf <- CA <- [root], each with the code that must lead, or None."""

# ruff: noqa: E501, PLR0915 - tables, one row for one case

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from tests.pki_writers import (
    Ca,
    Ecdsa,
    EdDsa,
    Rsa,
    Sm2,
    der,
    deviant,
    ec_public,
    keys,
    rsa_public,
    small,
    x509,
)
from tests.pki_writers import extensions as ext

CA, CA_2, ROOT, Made, ask, leaf_made = (
    small.CA,
    small.CA_2,
    small.ROOT,
    small.Made,
    small.ask,
    small.leaf_made,
)

Case = tuple[str, dict[str, Any], str | None]
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P256_PRIME = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
P256, SM2_CURVE = der.oid("1.2.840.10045.3.1.7"), der.oid(keys.SM2_CURVE)
HOST = ext.dns("www.test-pki.example")
DAY = timedelta(days=1)


def _point(key: Any) -> bytes:
    return keys.key_octets(key.spki)


def _raw_key(algorithm: bytes, public: bytes) -> keys.PublicOnly:
    return keys.PublicOnly(der.seq(algorithm, der.bits(public)), Ecdsa("small ca").algorithm)


def _explicit_curve() -> bytes:
    """P-256 as ECParameters with a generator of the attacker's choice (CVE-2020-0601)."""
    size = 32
    field = der.seq(der.oid("1.2.840.10045.1.1"), der.integer(P256_PRIME))
    curve = der.seq(der.octets((P256_PRIME - 3).to_bytes(size, "big")), der.octets(bytes(size - 1) + b"\x07"))
    return der.seq(
        der.integer(1), field, curve, der.octets(_point(Ecdsa("generator"))), der.integer(P256_ORDER)
    )


def _keys() -> Iterator[tuple[str, keys.PublicOnly, str]]:
    modulus = Rsa("rsa-leaf-1").private.private_numbers().public_numbers.n
    good = _point(Ecdsa("hostile"))
    off = good[:-1] + bytes([good[-1] ^ 1])
    ed25519, ed448 = der.seq(der.oid("1.3.101.112")), der.seq(der.oid("1.3.101.113"))
    yield "rsa-e-1", rsa_public(modulus, 1), "RSA_EXPONENT_TOO_SMALL"
    yield "rsa-e-2", rsa_public(modulus, 2), "RSA_EXPONENT_TOO_SMALL"
    yield "rsa-e-65536", rsa_public(modulus, 65536), "RSA_EXPONENT_EVEN"
    yield "rsa-e-0", rsa_public(modulus, 0), "KEY_ENCODING_INVALID"
    yield "rsa-e-negative", rsa_public(modulus, -3), "KEY_ENCODING_INVALID"
    yield "rsa-e-huge", rsa_public(modulus, modulus - 2), "RSA_EXPONENT_TOO_LARGE"
    yield "rsa-even-modulus", rsa_public(modulus - 1), "RSA_MODULUS_EVEN"
    yield "rsa-512", rsa_public((1 << 511) + 111), "RSA_MODULUS_TOO_SMALL"
    yield "rsa-0", rsa_public(0), "KEY_ENCODING_INVALID"
    yield "rsa-negative", rsa_public(-modulus), "KEY_ENCODING_INVALID"
    yield "rsa-multiple-of-3", rsa_public(3 * (modulus >> 2 | 1)), "RSA_MODULUS_SMALL_FACTOR"
    yield "ec-off-curve", ec_public(P256, off), "EC_POINT_NOT_ON_CURVE"
    yield "ec-infinity", ec_public(P256, b"\x00"), "KEY_ENCODING_INVALID"
    yield "ec-zero-point", ec_public(P256, b"\x04" + bytes(64)), "EC_POINT_NOT_ON_CURVE"
    yield "ec-coordinate-over-p", ec_public(P256, b"\x04" + b"\xff" * 64), "EC_POINT_NOT_ON_CURVE"
    yield "ec-hybrid", ec_public(P256, bytes([6 | good[-1] & 1]) + good[1:]), "KEY_ENCODING_INVALID"
    yield "ec-compressed", ec_public(P256, bytes([2 | good[-1] & 1]) + good[1:33]), "EC_POINT_COMPRESSED"
    yield "ec-short", ec_public(P256, good[:-1]), "KEY_ENCODING_INVALID"
    yield "ec-explicit", ec_public(_explicit_curve(), good), "EC_PARAMETERS_EXPLICIT"
    yield "ec-implicit", ec_public(der.null(), good), "KEY_PARAMETERS_INVALID"
    yield "ec-secp256k1", ec_public(der.oid("1.3.132.0.10"), good), "EC_CURVE_UNSUPPORTED"
    yield "ec-p192", ec_public(der.oid("1.2.840.10045.3.1.1"), good), "EC_CURVE_UNSUPPORTED"
    yield "sm2-off-curve", ec_public(SM2_CURVE, good), "EC_POINT_NOT_ON_CURVE"
    yield "p256-with-sm2-point", ec_public(P256, _point(Sm2("hostile"))), "EC_POINT_NOT_ON_CURVE"
    yield "ed25519-identity", _raw_key(ed25519, b"\x01" + bytes(31)), "EDWARDS_POINT_SMALL_ORDER"
    yield "ed25519-order-2", _raw_key(ed25519, b"\xec" + b"\xff" * 30 + b"\x7f"), "EDWARDS_POINT_SMALL_ORDER"
    yield "ed25519-order-4", _raw_key(ed25519, bytes(32)), "EDWARDS_POINT_SMALL_ORDER"
    yield (
        "ed25519-not-canonical",
        _raw_key(ed25519, b"\xee" + b"\xff" * 30 + b"\x7f"),
        "EDWARDS_POINT_SMALL_ORDER",
    )
    yield "ed25519-short", _raw_key(ed25519, bytes(31)), "KEY_ENCODING_INVALID"
    yield "ed448-identity", _raw_key(ed448, b"\x01" + bytes(56)), "EDWARDS_POINT_SMALL_ORDER"


def key_cases() -> Iterator[Case]:
    """Each bad key in the target, and as the key of the CA that forged the target's signature."""
    for name, key, code in _keys():
        yield f"key-{name}-target", ask(leaf_as=leaf_made(key=key)), code
        ca = replace(CA, label=f"hostile {name}", key=key)
        forged = small.leaf(leaf_made(shape=x509.Shape()))
        yield f"key-{name}-ca", ask(chain=[small.authority(subject=ca)], target=forged), code


def _pair(r: int, s: int) -> bytes:
    return der.seq(der.integer(r), der.integer(s))


def _read(signature: bytes) -> tuple[int, int]:
    r, s = (int.from_bytes(deviant.content(part), "big", signed=True) for part in deviant.parts(signature))
    return r, s


def signature_cases() -> Iterator[Case]:
    """The target's ECDSA signature written or computed as careless verifiers would take it."""
    bad, wrong = "SIGNATURE_ENCODING_INVALID", "SIGNATURE_INVALID"
    changes = {
        "zeros": (lambda _: _pair(0, 0), bad),
        "ones": (lambda _: _pair(1, 1), wrong),
        "r-zero": (lambda v: _pair(0, _read(v)[1]), bad),
        "s-zero": (lambda v: _pair(_read(v)[0], 0), bad),
        "r-order": (lambda v: _pair(P256_ORDER, _read(v)[1]), bad),
        "s-plus-order": (lambda v: _pair(_read(v)[0], _read(v)[1] + P256_ORDER), bad),
        "r-plus-order": (lambda v: _pair(_read(v)[0] + P256_ORDER, _read(v)[1]), bad),
        "sum-is-order": (lambda v: _pair(_read(v)[0], P256_ORDER - _read(v)[0]), wrong),
        "negative": (lambda v: _pair(-_read(v)[0], _read(v)[1]), bad),
        "swapped": (lambda v: _pair(*reversed(_read(v))), wrong),
        "raw": (lambda v: b"".join(n.to_bytes(32, "big") for n in _read(v)), bad),
        "padded-integer": (
            lambda v: der.seq(
                der.tlv(2, b"\x00\x00" + deviant.content(deviant.parts(v)[0])), deviant.parts(v)[1]
            ),
            bad,
        ),
        "long-length": (lambda v: der.long_form(0x30, deviant.content(v)), bad),
        "indefinite": (lambda v: der.indefinite(0x30, deviant.content(v)), bad),
        "trailing-inside": (lambda v: der.seq(*deviant.parts(v), der.null()), bad),
        "trailing-outside": (lambda v: v + b"\x00", bad),
        "three-integers": (lambda v: der.seq(*deviant.parts(v), der.integer(1)), bad),
        "one-integer": (lambda v: der.seq(deviant.parts(v)[0]), bad),
        "truncated": (lambda v: v[:-1], bad),
        "empty": (lambda _: b"", bad),
        "bit-flipped": (lambda v: v[:-1] + bytes([v[-1] ^ 1]), wrong),
        "huge": (lambda _: _pair(1 << 65536, 1), bad),
        "other-message": (lambda _: CA.key.sign(b"another message"), wrong),
    }
    for name, (change, code) in changes.items():
        yield f"signature-{name}", ask(target=small.leaf(leaf_made(shape=x509.Shape(signature=change)))), code
    ecdsa, sm2 = Ecdsa("x").algorithm, Sm2("x").algorithm
    rsa, sha384 = Rsa("rsa-leaf-1").algorithm, Ecdsa("x", digest="sha384").algorithm
    null = der.seq(*deviant.parts(ecdsa), der.null())
    yield (
        "signature-outer-other",
        ask(target=small.leaf(leaf_made(shape=x509.Shape(outer_algorithm=sha384)))),
        "ALGORITHM_MISMATCH",
    )
    yield (
        "signature-inner-other",
        ask(target=small.leaf(leaf_made(shape=x509.Shape(inner_algorithm=rsa)))),
        "ALGORITHM_MISMATCH",
    )
    for name, algorithm, code in (
        ("sm2-under-p256", sm2, "SIGNATURE_ALGORITHM_KEY_MISMATCH"),
        ("rsa-under-p256", rsa, "SIGNATURE_ALGORITHM_KEY_MISMATCH"),
        ("wrong-digest", sha384, wrong),
        ("null-parameters", null, "SIGNATURE_PARAMETERS_INVALID"),
        ("unknown", der.seq(der.oid("2.999.1")), "SIGNATURE_ALGORITHM_UNSUPPORTED"),
        (
            "md5-of-rsa",
            der.seq(der.oid("1.2.840.113549.1.1.4"), der.null()),
            "SIGNATURE_ALGORITHM_KEY_MISMATCH",
        ),
        ("sha1", der.seq(der.oid("1.2.840.10045.4.1")), wrong),
    ):
        shape = x509.Shape(inner_algorithm=algorithm, outer_algorithm=algorithm)
        yield f"signature-{name}", ask(target=small.leaf(leaf_made(shape=shape))), code
    sm2_ca = replace(CA, label="hostile sm2 ca", key=Sm2("hostile sm2 ca"))
    shape = x509.Shape(inner_algorithm=ecdsa, outer_algorithm=ecdsa)
    chain = [small.authority(subject=sm2_ca)]
    target = small.leaf(leaf_made(shape=shape), issuer=sm2_ca)
    yield "signature-ecdsa-under-sm2", ask(chain=chain, target=target), "SIGNATURE_ALGORITHM_KEY_MISMATCH"


def path_cases() -> Iterator[Case]:
    """Issuers that are none, lengths that are over, names that are only borrowed."""
    no_basic = Made(basic=b"")
    yield "path-leaf-as-ca", ask(ca_as=Made(basic=ext.basic_constraints(ca=False))), "ISSUER_NOT_A_CA"
    yield "path-no-basic-constraints", ask(ca_as=no_basic), "ISSUER_WITHOUT_BASIC_CONSTRAINTS"
    version_1 = x509.Shape(version=b"", no_extensions=True)
    yield "path-version-1-ca", ask(ca_as=Made(shape=version_1)), "CA_NOT_VERSION_3"
    yield (
        "path-usage-without-cert-sign",
        ask(ca_as=Made(usage=ext.key_usage("crl_sign", "digital_signature"))),
        "CA_MAY_NOT_SIGN_CERTIFICATES",
    )
    unknown = ext.extension("2.999.1", der.null(), critical=True)
    yield "path-unknown-critical-target", ask(leaf_as=leaf_made(unknown)), "TARGET_UNKNOWN_CRITICAL_EXTENSION"
    yield "path-unknown-critical-ca", ask(ca_as=Made(more=(unknown,))), "CA_UNKNOWN_CRITICAL_EXTENSION"
    yield (
        "path-unknown-critical-root",
        ask(root_as=Made(more=(unknown,))),
        "ANCHOR_UNKNOWN_CRITICAL_EXTENSION",
    )
    deep = [small.authority(), small.authority(subject=CA_2, issuer=CA)]
    tight = small.authority(Made(basic=ext.basic_constraints(path_length=0)))
    target = small.leaf(issuer=CA_2)
    yield "path-length-of-ca", ask(chain=[tight, deep[1]], target=target), "PATH_LENGTH_EXCEEDED"
    yield (
        "path-length-of-root",
        ask(chain=deep, target=target, root_as=Made(basic=ext.basic_constraints(path_length=1))),
        "PATH_LENGTH_EXCEEDED",
    )
    yield (
        "path-length-asked",
        ask(chain=deep, target=target, max_path_length=1),
        "REQUESTED_PATH_LENGTH_EXCEEDED",
    )
    yield "path-length-deep-enough", ask(chain=deep, target=target, max_path_length=2), None
    loop = [small.authority(issuer=CA_2), small.authority(subject=CA_2, issuer=CA)]
    yield "path-loop", ask(chain=loop), "PATH_LOOP"
    twin = replace(CA, label="hostile twin", key=Ecdsa("hostile twin"))
    yield "path-same-name-other-key", ask(target=small.leaf(issuer=twin)), "ISSUER_KEY_NOT_FOUND"
    self_issued = small.authority(subject=CA, issuer=twin)
    yield (
        "path-forged-self-issued",
        ask(chain=[small.authority(), self_issued], target=small.leaf(issuer=twin)),
        "ISSUER_KEY_NOT_FOUND",
    )
    root_twin = replace(ROOT, label="hostile root twin", key=Ecdsa("hostile root twin"))
    ski = ext.subject_key_identifier(ROOT.key.spki)
    extensions = (ext.basic_constraints(), small.CA_USAGE, ski)
    forged_root = root_twin.issue("twin", ROOT.name, root_twin.key, extensions, aki=False).certificate
    chain = [small.authority(issuer=root_twin), forged_root]
    yield "path-anchor-twin", ask(chain=chain), "UNTRUSTED_ROOT"
    yield (
        "path-anchor-twin-key-id",
        ask(chain=[forged_root], target=small.leaf(issuer=root_twin)),
        "UNTRUSTED_ROOT",
    )
    yield "path-anchor-twin-as-target", ask(chain=[], target=forged_root), "UNTRUSTED_ROOT"
    yield "path-anchor-itself", ask(chain=[], target=small.root()), None
    yield "path-nothing-sent", ask(chain=[]), "NO_ISSUER_FOUND"
    elsewhere = Ca("hostile elsewhere", small.name("Elsewhere"), Ecdsa("hostile elsewhere"))
    yield (
        "path-untrusted-root",
        ask(chain=[elsewhere.root()], target=small.leaf(issuer=elsewhere)),
        "UNTRUSTED_ROOT",
    )
    yield "path-no-anchor-at-all", ask(trust_anchors=[]), "NO_ISSUER_FOUND"
    purposes = ext.extended_key_usage(ext.CLIENT_AUTH)
    yield (
        "path-purpose-of-ca",
        ask(ca_as=Made(more=(purposes,)), purpose="server_auth"),
        "CA_PURPOSE_FORBIDDEN",
    )
    yield (
        "path-purpose-of-target",
        ask(leaf_as=leaf_made(purposes), purpose="server_auth"),
        "PURPOSE_NOT_ALLOWED",
    )
    past, future = (x509.NOW - 9 * DAY, x509.NOW - DAY), (x509.NOW + DAY, x509.NOW + 9 * DAY)
    yield "path-expired", ask(leaf_as=leaf_made(period=past)), "TARGET_EXPIRED"
    yield "path-future", ask(leaf_as=leaf_made(period=future)), "TARGET_NOT_YET_VALID"
    yield "path-ca-expired", ask(ca_as=Made(period=past)), "CA_EXPIRED"
    yield "path-root-expired", ask(root_as=Made(period=past)), "ANCHOR_EXPIRED"
    backwards = (x509.NOW + DAY, x509.NOW - DAY)
    yield "path-period-backwards", ask(leaf_as=leaf_made(period=backwards)), "TARGET_EXPIRED"
    many = [Ca(f"hostile {n}", small.name(f"Deep {n}"), Ecdsa(f"hostile {n % 7}")) for n in range(60)]
    chain = [small.authority(subject=many[0])]
    chain += [small.authority(subject=b, issuer=a) for a, b in pairwise(many)]
    yield "path-60-deep", ask(chain=chain, target=small.leaf(issuer=many[-1])), "PATH_TOO_LONG"
    mesh = [Ca(f"mesh {n}", small.name(f"Mesh {n % 3}"), Ecdsa(f"mesh {n}")) for n in range(12)]
    chain = [small.authority(subject=b, issuer=a) for a in mesh for b in mesh if a is not b]
    yield "path-mesh-without-anchor", ask(chain=chain, target=small.leaf(issuer=mesh[0])), "PATH_LOOP"


def name_cases() -> Iterator[Case]:
    """Names that other validators read as other names."""
    excluded, permitted = "NAME_EXCLUDED", "NAME_NOT_PERMITTED"

    def under(constraint: bytes, *names: bytes, **fields: Any) -> dict[str, Any]:
        return ask(ca_as=Made(more=(constraint,)), leaf_as=leaf_made(ext.subject_alt_name(*names)), **fields)

    def out(*trees: bytes) -> bytes:
        return ext.name_constraints(excluded=trees)

    def only(*trees: bytes) -> bytes:
        return ext.name_constraints(permitted=trees)

    site = ext.dns("bad.example")
    rows = (
        ("excluded", out(site), ext.dns("www.bad.example"), excluded),
        ("excluded-itself", out(site), ext.dns("bad.example"), excluded),
        ("excluded-case", out(site), ext.dns("WWW.BAD.Example"), excluded),
        ("excluded-final-dot", out(site), ext.dns("www.bad.example."), excluded),
        ("excluded-wildcard-below", out(site), ext.dns("*.bad.example"), excluded),
        ("excluded-wildcard-above", out(ext.dns("a.bad.example")), ext.dns("*.bad.example"), excluded),
        ("excluded-lookalike", out(site), ext.dns("notbad.example"), None),
        ("permitted-lookalike", only(site), ext.dns("notbad.example"), permitted),
        ("permitted-suffix", only(site), ext.dns("bad.example.org"), permitted),
        ("permitted-itself", only(site), ext.dns("bad.example"), None),
        ("punycode", out(ext.dns("xn--mnchen-3ya.example")), ext.dns("XN--MNCHEN-3YA.example"), excluded),
        ("nul", out(site), ext.dns("ok.example\0.bad.example"), "GENERAL_NAME_CHARACTERS"),
        ("newline", only(site), ext.dns("bad.example\n"), "GENERAL_NAME_CHARACTERS"),
        ("latin", only(site), ext.dns("b\u00e4d.example"), "GENERAL_NAME_CHARACTERS"),
        ("space", only(site), ext.dns("bad.example bad.example"), "CONSTRAINED_NAME_MALFORMED"),
        ("empty-label", only(site), ext.dns("www..bad.example"), "CONSTRAINED_NAME_MALFORMED"),
        ("double-wildcard", only(site), ext.dns("*.*.bad.example"), "CONSTRAINED_NAME_MALFORMED"),
        ("email-host-case", out(ext.rfc822("bad.example")), ext.rfc822("u@BAD.example"), excluded),
        ("email-local-case", out(ext.rfc822("u@bad.example")), ext.rfc822("U@bad.example"), None),
        ("email-quoted", out(ext.rfc822("u@bad.example")), ext.rfc822('"u"@bad.example'), excluded),
        ("email-two-ats", only(ext.rfc822("good.example")), ext.rfc822("u@bad.example@good.example"), "CONSTRAINED_NAME_MALFORMED"),
        ("email-subdomain", only(ext.rfc822("bad.example")), ext.rfc822("u@x.bad.example"), permitted),
        ("email-domain", out(ext.rfc822(".bad.example")), ext.rfc822("u@x.bad.example"), excluded),
        ("ip-in", out(ext.ip(bytes([192, 0, 2, 0, 255, 255, 255, 0]))), ext.ip(bytes([192, 0, 2, 9])), excluded),
        ("ip-out", only(ext.ip(bytes([192, 0, 2, 0, 255, 255, 255, 0]))), ext.ip(bytes([192, 0, 3, 9])), permitted),
        ("ip-mapped", out(ext.ip(bytes([192, 0, 2, 0, 255, 255, 255, 0]))), ext.ip(bytes(10) + b"\xff\xff" + bytes([192, 0, 2, 9])), excluded),
        ("ip-of-6-for-4", only(ext.ip(bytes([192, 0, 2, 0, 255, 255, 255, 0]))), ext.ip(bytes(16)), permitted),
        ("ip-mask-with-holes", only(ext.ip(bytes([192, 0, 2, 0, 255, 0, 255, 0]))), ext.ip(bytes([192, 0, 2, 9])), "NO_ISSUER_FOUND"),
        ("uri", out(ext.uri("bad.example")), ext.uri("https://u@bad.example:443/x"), excluded),
        ("uri-user-trick", out(ext.uri("bad.example")), ext.uri("https://good.example@bad.example/"), excluded),
        ("uri-address", only(ext.uri("good.example")), ext.uri("https://192.0.2.1/"), "CONSTRAINED_NAME_MALFORMED"),
        ("uri-without-host", only(ext.uri("good.example")), ext.uri("urn:x:y"), "CONSTRAINED_NAME_MALFORMED"),
        ("other-name-form", only(ext.other_name("1.3.6.1.4.1.311.20.2.3", der.utf8("x"))), ext.other_name("1.3.6.1.4.1.311.20.2.3", der.utf8("x")), "NAME_FORM_NOT_PROCESSED"),
        ("directory-out", out(ext.directory(x509.name("C=CN, O=Bad"))), ext.directory(x509.name("C=CN, O=bad, CN=x")), excluded),
        ("directory-prefix", only(ext.directory(x509.name("C=CN, O=Go"))), ext.directory(x509.name("C=CN, O=Good")), permitted),
        ("no-such-form", only(site), ext.rfc822("u@elsewhere.example"), None),
    )  # fmt: skip
    for name, constraint, alternative, code in rows:
        yield f"name-{name}", under(constraint, alternative), code
    names = [ext.dns(f"n{n}.good.example") for n in range(50_000)]
    yield "name-50000-benign", ask(leaf_as=leaf_made(ext.subject_alt_name(*names[:1000]))), None
    yield "name-50000-alone", ask(leaf_as=leaf_made(ext.subject_alt_name(*names))), "CERTIFICATE_TOO_LARGE"
    trees = [ext.dns(f"t{n}.good.example") for n in range(2_000)]
    few = names[:3_000]
    yield "name-explosion", under(ext.name_constraints(excluded=trees), *few), "BUDGET_EXHAUSTED"
    yield "name-explosion-permitted", under(ext.name_constraints(permitted=trees), *few), "BUDGET_EXHAUSTED"
    attributes = der.seq(*(x509.rdn("OU", f"u{n}") for n in range(5_000)))
    yield "name-5000-attributes", ask(leaf_as=leaf_made(subject=attributes)), "NAME_TOO_LARGE"
    one_rdn = der.seq(der.set_of(*(der.seq(der.oid("2.5.4.11"), der.utf8(f"u{n}")) for n in range(5_000))))
    yield "name-5000-in-one", ask(leaf_as=leaf_made(subject=one_rdn)), "NAME_TOO_LARGE"
    server = ext.extended_key_usage(ext.SERVER_AUTH)
    for name, alternative, host, code in (
        ("exact", HOST, "www.test-pki.example", None),
        ("wildcard", ext.dns("*.test-pki.example"), "www.test-pki.example", None),
        ("wildcard-two-labels", ext.dns("*.test-pki.example"), "a.b.test-pki.example", "HOST_NAME_MISMATCH"),
        ("wildcard-nothing", ext.dns("*.test-pki.example"), "test-pki.example", "HOST_NAME_MISMATCH"),
        ("wildcard-everything", ext.dns("*"), "example", "HOST_NAME_MISMATCH"),
        ("wildcard-inside", ext.dns("w*w.test-pki.example"), "www.test-pki.example", "HOST_NAME_MISMATCH"),
        ("wildcard-puny", ext.dns("xn--*.test-pki.example"), "xn--a.test-pki.example", "HOST_NAME_MISMATCH"),
        ("suffix", ext.dns("test-pki.example"), "evil-test-pki.example", "HOST_NAME_MISMATCH"),
        ("uri", ext.uri("https://www.test-pki.example"), "www.test-pki.example", "HOST_NAME_MISMATCH"),
    ):  # fmt: skip
        made = leaf_made(server, ext.subject_alt_name(alternative))
        yield f"host-{name}", ask(leaf_as=made, purpose="server_auth", dns_name=host), code


def policy_cases() -> Iterator[Case]:
    """Policies that multiply (CVE-2023-0464), and policies that nobody granted."""
    many = [f"2.999.8.{n}" for n in range(200)]
    pairs = [(one, other) for one in many[:30] for other in many[:30]]
    cas = [Ca(f"policy {n}", small.name(f"Policy {n}"), Ecdsa(f"policy {n}")) for n in range(12)]
    made = Made(policy=small.policies(*many[:30]), more=(ext.policy_mappings(*pairs),))
    chain = [small.authority(made, subject=cas[0])]
    chain += [small.authority(made, subject=b, issuer=a) for a, b in pairwise(cas)]
    target = small.leaf(leaf_made(policy=small.policies(*many[:30])), issuer=cas[-1])
    asked = {"initial_explicit_policy": True, "user_initial_policy_set": ["2.999.8.1000"]}
    yield "policy-explosion", ask(chain=chain, target=target, **asked), "BUDGET_EXHAUSTED"
    wide = Made(policy=small.policies(*many), more=())
    chain = [small.authority(wide, subject=cas[0])]
    chain += [small.authority(wide, subject=b, issuer=a) for a, b in pairwise(cas)]
    target = small.leaf(leaf_made(policy=small.policies(*many)), issuer=cas[-1])
    yield "policy-200-wide", ask(chain=chain, target=target, **asked), "POLICY_NOT_ACCEPTED"
    one, two = small.POLICY_1, small.POLICY_2
    explicit = {"initial_explicit_policy": True}
    only_1, only_2 = small.policies(one), small.policies(two)
    mapped = Made(policy=only_1, more=(ext.policy_mappings((one, two)),))
    yield "policy-granted", ask(ca_as=Made(policy=only_1), leaf_as=leaf_made(policy=only_1), **explicit), None
    yield "policy-mapped", ask(ca_as=mapped, leaf_as=leaf_made(policy=only_2), **explicit), None
    yield (
        "policy-not-granted",
        ask(ca_as=Made(policy=only_1), leaf_as=leaf_made(policy=only_2), **explicit),
        "EXPLICIT_POLICY_LOST",
    )
    yield (
        "policy-of-the-other-domain",
        ask(ca_as=mapped, leaf_as=leaf_made(policy=only_2), user_initial_policy_set=[two], **explicit),
        "POLICY_NOT_ACCEPTED",
    )
    yield (
        "policy-mapping-inhibited",
        ask(ca_as=mapped, leaf_as=leaf_made(policy=only_2), initial_policy_mapping_inhibit=True, **explicit),
        "EXPLICIT_POLICY_LOST",
    )
    yield (
        "policy-any-inhibited",
        ask(leaf_as=leaf_made(policy=only_1), initial_any_policy_inhibit=True, **explicit),
        "EXPLICIT_POLICY_LOST",
    )
    from_any = Made(more=(ext.policy_mappings((ext.ANY_POLICY, two)),))
    yield "policy-mapping-from-any", ask(ca_as=from_any, **explicit), "POLICY_MAPPING_OF_ANY_POLICY"
    to_any = Made(more=(ext.policy_mappings((one, ext.ANY_POLICY)),))
    yield "policy-mapping-to-any", ask(ca_as=to_any), "POLICY_MAPPING_OF_ANY_POLICY"
    twice = ext.certificate_policies(one, one)
    yield "policy-twice", ask(leaf_as=leaf_made(policy=twice), **explicit), "POLICY_DUPLICATE"
    required = ext.policy_constraints(require_explicit=0)
    yield (
        "policy-required-by-ca",
        ask(ca_as=Made(more=(required,)), leaf_as=leaf_made(policy=b"")),
        "EXPLICIT_POLICY_LOST",
    )
    loose = ext.policy_constraints(require_explicit=0, critical=False)
    yield "policy-constraint-not-critical", ask(ca_as=Made(more=(loose,))), "EXTENSION_MUST_BE_CRITICAL"


LEAF = small.leaf()
SERIAL = x509.serial("small leaf")
GONE = (x509.Revoked(SERIAL, x509.NOW - DAY, 1),)
HELD = (x509.Revoked(SERIAL, x509.NOW - DAY, 6),)
LIFTED = (x509.Revoked(SERIAL, x509.NOW - DAY, 8),)


def _numbered(number: int, *more: bytes) -> tuple[bytes, ...]:
    return (ext.authority_key_identifier(CA.key.spki), ext.crl_number(number), *more)


def crl_cases() -> Iterator[Case]:
    """CRLs that say nothing about the certificate, however good they look."""

    def about(*crls: bytes, **fields: Any) -> dict[str, Any]:
        return ask(crls=crls, **({"revocation": "require_target"} | fields))

    delta = _numbered(8, ext.delta_crl_indicator(7))
    twin = replace(CA, label="hostile crl twin", key=Ecdsa("hostile crl twin"))
    ca_chain = [small.authority(), twin.root()]
    point = ext.issuing_distribution_point
    bad_signature = x509.Shape(signature=lambda value: value[:-1] + bytes([value[-1] ^ 1]))
    other = Ca("hostile other", small.name("Other"), CA.key)
    unknown = ext.extension("2.999.1", der.null(), critical=True)
    yield "crl-good", about(CA.crl()), None
    yield "crl-revoked", about(CA.crl(*GONE)), "TARGET_REVOKED"
    yield "crl-on-hold", about(CA.crl(*HELD)), "TARGET_ON_HOLD"
    yield "crl-revoked-and-good", about(CA.crl(), CA.crl(*GONE, extensions=_numbered(6))), "TARGET_REVOKED"
    yield "crl-none", about(), "REVOCATION_EVIDENCE_MISSING"
    yield "crl-other-issuer-same-key", about(other.crl()), "REVOCATION_EVIDENCE_MISSING"
    yield "crl-other-key-same-name", about(twin.crl(), chain=ca_chain), "CRL_ISSUER_PATH_INVALID"
    yield "crl-signature", about(CA.crl(shape=bad_signature)), "CRL_SIGNATURE_INVALID"
    yield "crl-unsigned", about(CA.crl(shape=x509.Shape(signature=lambda _: b""))), "CRL_SIGNATURE_INVALID"
    yield "crl-stale", about(CA.crl(this_update=x509.NOW - 9 * DAY, next_update=x509.NOW - DAY)), "CRL_STALE"
    yield (
        "crl-future",
        about(CA.crl(this_update=x509.NOW + DAY, next_update=x509.NOW + 2 * DAY)),
        "CRL_NOT_YET_VALID",
    )
    yield "crl-endless", about(CA.crl(next_update=None)), "CRL_WITHOUT_NEXT_UPDATE"
    yield (
        "crl-for-authorities",
        about(CA.crl(extensions=_numbered(7, point(only_ca=True)))),
        "CRL_OUT_OF_SCOPE",
    )
    yield "crl-for-users", about(CA.crl(extensions=_numbered(7, point(only_user=True)))), None
    yield (
        "crl-for-attributes",
        about(CA.crl(extensions=_numbered(7, point(only_attribute=True)))),
        "CRL_OUT_OF_SCOPE",
    )
    yield (
        "crl-some-reasons",
        about(CA.crl(extensions=_numbered(7, point(reasons=("key_compromise",))))),
        "CRL_REASONS_NOT_COVERED",
    )
    yield (
        "crl-of-another-point",
        about(CA.crl(extensions=_numbered(7, point(ext.uri("http://elsewhere.example/x"))))),
        "CRL_OUT_OF_SCOPE",
    )
    yield "crl-delta-alone", about(CA.crl(extensions=delta)), "DELTA_CRL_WITHOUT_BASE"
    yield "crl-delta-revokes", about(CA.crl(), CA.crl(*GONE, extensions=delta)), "TARGET_REVOKED"
    yield "crl-delta-good", about(CA.crl(), CA.crl(extensions=delta)), None
    yield "crl-delta-lifts-hold", about(CA.crl(*HELD), CA.crl(*LIFTED, extensions=delta)), None
    yield "crl-delta-does-not-lift", about(CA.crl(*GONE), CA.crl(*LIFTED, extensions=delta)), "TARGET_REVOKED"
    yield (
        "crl-complete-lifts",
        about(CA.crl(*HELD), CA.crl(*LIFTED, extensions=_numbered(9))),
        "TARGET_REVOKED",
    )
    yield (
        "crl-unknown-critical",
        about(CA.crl(extensions=_numbered(7, unknown))),
        "CRL_UNKNOWN_CRITICAL_EXTENSION",
    )
    entry = x509.Revoked(1, x509.NOW - DAY, None, (unknown,))
    yield "crl-entry-unknown-critical", about(CA.crl(entry)), "CRL_UNKNOWN_CRITICAL_EXTENSION"
    yield "crl-without-number", about(CA.crl(extensions=_numbered(7)[:1])), "CRL_NUMBER_MISSING"
    foreign = x509.Revoked(SERIAL, x509.NOW - DAY, 1, (ext.certificate_issuer(small.name("Other")),))
    yield "crl-indirect-without-flag", about(CA.crl(foreign)), "CRL_UNKNOWN_CRITICAL_EXTENSION"
    yield "crl-garbage", about(b"\x30\x03\x02\x01\x00"), "SUPPLIED_CRL_UNREADABLE"
    yield "crl-is-a-certificate", about(LEAF), "SUPPLIED_CRL_UNREADABLE"
    yield "crl-ca-missing", about(CA.crl(), revocation="require_all"), "REVOCATION_EVIDENCE_MISSING"
    yield "crl-all-good", about(CA.crl(), ROOT.crl(), revocation="require_all"), None
    serial = x509.serial(f"{CA.label} by {ROOT.label}")
    gone = x509.Revoked(serial, x509.NOW - DAY, 2)
    yield "crl-ca-revoked", about(CA.crl(), ROOT.crl(gone)), "CA_REVOKED"
    no_sign = Made(usage=ext.key_usage("key_cert_sign"))
    yield "crl-signer-may-not", about(CA.crl(), ca_as=no_sign), "CRL_ISSUER_KEY_USAGE"
    later = x509.Revoked(SERIAL, x509.NOW + DAY, 1)
    yield "crl-revoked-tomorrow", about(CA.crl(later)), "TARGET_REVOKED"
    crowd = [x509.Revoked(n, x509.NOW - DAY) for n in range(1, 20_000)]
    yield "crl-20000-others", about(CA.crl(*crowd)), None


def ocsp_cases() -> Iterator[Case]:
    """Responses that speak of something else, or in somebody else's name."""

    def about(*responses: bytes, **fields: Any) -> dict[str, Any]:
        return ask(ocsp=responses, **({"revocation": "require_target"} | fields))

    ours = CA.cert_id(SERIAL)
    twin = replace(CA, key=Ecdsa("hostile ocsp twin"))
    named = replace(CA, name=small.name("Other"))
    response, single = x509.ocsp_response, x509.single_response

    def responder(issuer: Ca, *extensions: bytes, **fields: Any) -> tuple[Any, bytes]:
        key = Ecdsa("hostile responder")
        issued = issuer.issue("hostile responder", small.name("Responder"), key, extensions, **fields)
        return key, issued.certificate

    def delegated(issuer: Ca, *extensions: bytes, **fields: Any) -> bytes:
        key, certificate = responder(issuer, *extensions, **fields)
        return response(single(ours), signer=key, certificates=(certificate,))

    usage, purpose = ext.key_usage("digital_signature"), ext.extended_key_usage(ext.OCSP_SIGNING)
    nocheck = ext.ocsp_nocheck()
    past = (x509.NOW - 9 * DAY, x509.NOW - DAY)
    revoked = x509.revoked_status(x509.NOW - DAY, 1)
    yield "ocsp-good", about(response(single(ours), signer=CA.key)), None
    yield "ocsp-good-sha256", about(response(single(CA.cert_id(SERIAL, "sha256")), signer=CA.key)), None
    yield "ocsp-good-delegated", about(delegated(CA, usage, purpose, nocheck)), None
    yield "ocsp-revoked", about(response(single(ours, revoked), signer=CA.key)), "TARGET_REVOKED"
    yield "ocsp-unknown", about(response(single(ours, x509.UNKNOWN), signer=CA.key)), "OCSP_STATUS_UNKNOWN"
    yield (
        "ocsp-other-serial",
        about(response(single(CA.cert_id(SERIAL + 1)), signer=CA.key)),
        "OCSP_NO_MATCHING_RESPONSE",
    )
    yield (
        "ocsp-other-key-hash",
        about(response(single(twin.cert_id(SERIAL)), signer=CA.key)),
        "OCSP_NO_MATCHING_RESPONSE",
    )
    yield (
        "ocsp-other-name-hash",
        about(response(single(named.cert_id(SERIAL)), signer=CA.key)),
        "OCSP_NO_MATCHING_RESPONSE",
    )
    yield (
        "ocsp-md5",
        about(response(single(CA.cert_id(SERIAL, "md5")), signer=CA.key)),
        "OCSP_NO_MATCHING_RESPONSE",
    )
    yield (
        "ocsp-by-target",
        about(response(single(ours), signer=small.LEAF_KEY, certificates=(LEAF,))),
        "OCSP_RESPONDER_NOT_AUTHORIZED",
    )
    yield (
        "ocsp-by-stranger",
        about(response(single(ours), signer=twin.key)),
        "OCSP_RESPONDER_CERTIFICATE_MISSING",
    )
    yield (
        "ocsp-by-stranger-in-its-name",
        about(response(single(ours), signer=twin.key, responder=CA.name)),
        "OCSP_SIGNATURE_INVALID",
    )
    yield "ocsp-without-purpose", about(delegated(CA, usage, nocheck)), "OCSP_RESPONDER_NOT_AUTHORIZED"
    yield (
        "ocsp-any-purpose",
        about(delegated(CA, usage, ext.extended_key_usage("2.5.29.37.0"), nocheck)),
        "OCSP_RESPONDER_NOT_AUTHORIZED",
    )
    yield (
        "ocsp-delegate-of-root",
        about(delegated(ROOT, usage, purpose, nocheck)),
        "OCSP_RESPONDER_NOT_AUTHORIZED",
    )
    yield (
        "ocsp-delegate-of-twin",
        about(delegated(twin, usage, purpose, nocheck)),
        "OCSP_RESPONDER_NOT_AUTHORIZED",
    )
    yield (
        "ocsp-delegate-expired",
        about(delegated(CA, usage, purpose, nocheck, period=past)),
        "OCSP_RESPONDER_CERTIFICATE_INVALID",
    )
    old = {"this_update": x509.NOW - 9 * DAY, "next_update": x509.NOW - DAY}
    soon = {"this_update": x509.NOW + DAY, "next_update": x509.NOW + 2 * DAY}
    yield (
        "ocsp-stale",
        about(response(single(ours, **old), signer=CA.key, produced_at=x509.NOW - 9 * DAY)),
        "OCSP_STALE",
    )
    yield (
        "ocsp-future",
        about(response(single(ours, **soon), signer=CA.key, produced_at=x509.NOW + DAY)),
        "OCSP_NOT_YET_VALID",
    )
    flip = x509.Shape(signature=lambda value: value[:-1] + bytes([value[-1] ^ 1]))
    yield "ocsp-signature", about(response(single(ours), signer=CA.key, shape=flip)), "OCSP_SIGNATURE_INVALID"
    unknown = ext.extension("2.999.1", der.null(), critical=True)
    yield (
        "ocsp-unknown-critical",
        about(response(single(ours, extensions=(unknown,)), signer=CA.key)),
        "OCSP_UNKNOWN_CRITICAL_EXTENSION",
    )
    yield "ocsp-error", about(x509.ocsp_error(3)), "OCSP_RESPONDER_ERROR"
    yield "ocsp-empty", about(b""), "SUPPLIED_OCSP_RESPONSE_UNREADABLE"
    yield (
        "ocsp-good-crl-revoked",
        ask(ocsp=[response(single(ours), signer=CA.key)], crls=[CA.crl(*GONE)]),
        "TARGET_REVOKED",
    )
    yield (
        "ocsp-revoked-crl-good",
        ask(ocsp=[response(single(ours, revoked), signer=CA.key)], crls=[CA.crl()]),
        "TARGET_REVOKED",
    )


def control_cases() -> Iterator[Case]:
    """What must pass, so that refusing everything does not."""
    yield "control-plain", ask(), None
    yield "control-policy", ask(initial_explicit_policy=True), None
    yield "control-any-order", ask(chain=[small.authority(subject=CA_2), small.authority()]), None
    yield "control-duplicate", ask(chain=[small.authority()] * 3), None
    yield (
        "control-host",
        ask(leaf_as=leaf_made(ext.subject_alt_name(HOST)), dns_name="WWW.Test-PKI.example."),
        None,
    )
    for key in (Rsa("rsa-leaf-1"), Ecdsa("control", "p384", "sha384"), EdDsa("control"), EdDsa("control", "ed448"), Sm2("control")):  # fmt: skip
        ca = replace(CA, label=f"control {key!r}", key=key)
        yield (
            f"control-{type(key).__name__}-{getattr(key, 'curve', '')}",
            ask(chain=[small.authority(subject=ca)], target=small.leaf(issuer=ca)),
            None,
        )
    yield "control-garbage-beside", ask(chain=[small.authority(), b"garbage"]), None
    yield "control-last-second", ask(leaf_as=leaf_made(period=(x509.NOW - DAY, x509.NOW))), None
    digest = hashlib.sha256(b"control").digest()
    yield "control-private-extension", ask(leaf_as=leaf_made(ext.extension("2.999.1", digest))), None


FAMILIES = (
    key_cases,
    signature_cases,
    path_cases,
    name_cases,
    policy_cases,
    crl_cases,
    ocsp_cases,
    control_cases,
)
