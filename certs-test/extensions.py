"""Extensions as DER: each function gives one whole Extension (RFC 5280 §4.2, §5.2, §5.3)."""

from __future__ import annotations

from collections.abc import Iterable

import der
from keys import key_identifier

KEY_USAGE_BITS = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
REASON_BITS = (
    "unused",
    "key_compromise",
    "ca_compromise",
    "affiliation_changed",
    "superseded",
    "cessation_of_operation",
    "certificate_hold",
    "privilege_withdrawn",
    "aa_compromise",
)
ANY_POLICY = "2.5.29.32.0"
SERVER_AUTH, CLIENT_AUTH = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"
CODE_SIGNING, EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.4"
TIME_STAMPING, OCSP_SIGNING = "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"
_PRIVATE_ARC = "1.3.6.1.5.5.7"


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    return der.seq(der.oid(oid), der.boolean(True) if critical else b"", der.octets(value))


def basic_constraints(*, ca: bool = True, path_length: int | None = None, critical: bool = True) -> bytes:
    value = der.seq(
        der.boolean(True) if ca else b"", b"" if path_length is None else der.integer(path_length)
    )
    return extension("2.5.29.19", value, critical=critical)


def key_usage(*names: str, critical: bool = True) -> bytes:
    value = der.named_bits(*(KEY_USAGE_BITS.index(name) for name in names))
    return extension("2.5.29.15", value, critical=critical)


def extended_key_usage(*oids: str, critical: bool = False) -> bytes:
    return extension("2.5.29.37", der.seq(*map(der.oid, oids)), critical=critical)


def subject_key_identifier(spki: bytes) -> bytes:
    return extension("2.5.29.14", der.octets(key_identifier(spki)))


def authority_key_identifier(spki: bytes) -> bytes:
    return extension("2.5.29.35", der.seq(der.implicit(0, key_identifier(spki))))


def user_notice(text: str) -> bytes:
    """A PolicyQualifierInfo with an explicitText."""
    return der.seq(der.oid(f"{_PRIVATE_ARC}.2.2"), der.seq(der.utf8(text)))


def cps(uri: str) -> bytes:
    return der.seq(der.oid(f"{_PRIVATE_ARC}.2.1"), der.ia5(uri))


def certificate_policies(
    *oids: str, critical: bool = False, qualifiers: dict[str, tuple[bytes, ...]] | None = None
) -> bytes:
    by_policy = qualifiers or {}
    infos = (der.seq(der.oid(oid), der.seq(*by_policy[oid]) if oid in by_policy else b"") for oid in oids)
    return extension("2.5.29.32", der.seq(*infos), critical=critical)


def policy_mappings(*pairs: tuple[str, str], critical: bool = True) -> bytes:
    value = der.seq(*(der.seq(der.oid(issuer), der.oid(subject)) for issuer, subject in pairs))
    return extension("2.5.29.33", value, critical=critical)


def policy_constraints(
    *, require_explicit: int | None = None, inhibit_mapping: int | None = None, critical: bool = True
) -> bytes:
    parts = [
        der.implicit(number, der.integer(value)[2:])
        for number, value in ((0, require_explicit), (1, inhibit_mapping))
        if value is not None
    ]
    return extension("2.5.29.36", der.seq(*parts), critical=critical)


def inhibit_any_policy(skip: int, *, critical: bool = True) -> bytes:
    return extension("2.5.29.54", der.integer(skip), critical=critical)


def rfc822(text: str) -> bytes:
    return der.implicit(1, text.encode())


def dns(text: str) -> bytes:
    return der.implicit(2, text.encode())


def directory(name: bytes) -> bytes:
    return der.explicit(4, name)


def uri(text: str) -> bytes:
    return der.implicit(6, text.encode())


def ip(octets: bytes) -> bytes:
    return der.implicit(7, octets)


def registered_id(dotted: str) -> bytes:
    return der.implicit(8, der.oid_content(dotted))


def other_name(oid: str, value: bytes) -> bytes:
    return der.explicit(0, der.oid(oid), der.explicit(0, value))


def subject_alt_name(*names: bytes, critical: bool = False) -> bytes:
    return extension("2.5.29.17", der.seq(*names), critical=critical)


def issuer_alt_name(*names: bytes) -> bytes:
    return extension("2.5.29.18", der.seq(*names))


def name_constraints(
    *, permitted: Iterable[bytes] = (), excluded: Iterable[bytes] = (), critical: bool = True
) -> bytes:
    parts = [
        der.explicit(number, *(der.seq(base) for base in bases))
        for number, bases in ((0, tuple(permitted)), (1, tuple(excluded)))
        if bases
    ]
    return extension("2.5.29.30", der.seq(*parts), critical=critical)


def _reason_flags(names: Iterable[str]) -> bytes:
    return der.named_bits(*(REASON_BITS.index(name) for name in names))[2:]


def distribution_point(
    *full_name: bytes,
    relative: bytes | None = None,
    reasons: tuple[str, ...] = (),
    crl_issuer: bytes | None = None,
) -> bytes:
    """``relative`` is the content of an RDN; ``crl_issuer`` a Name."""
    parts = []
    if full_name:
        parts.append(der.explicit(0, der.explicit(0, *full_name)))
    if relative is not None:
        parts.append(der.explicit(0, der.explicit(1, relative)))
    if reasons:
        parts.append(der.implicit(1, _reason_flags(reasons)))
    if crl_issuer is not None:
        parts.append(der.explicit(2, directory(crl_issuer)))
    return der.seq(*parts)


def crl_distribution_points(*points: bytes, critical: bool = False) -> bytes:
    return extension("2.5.29.31", der.seq(*points), critical=critical)


def crl_at(*uris: str) -> bytes:
    """cRLDistributionPoints with one point per URI."""
    return crl_distribution_points(*(distribution_point(uri(text)) for text in uris))


def freshest_crl(*points: bytes) -> bytes:
    return extension("2.5.29.46", der.seq(*points))


def authority_info_access(*, ocsp: str = "", issuers: str = "") -> bytes:
    places = (("1", ocsp), ("2", issuers))
    parts = [der.seq(der.oid(f"{_PRIVATE_ARC}.48.{arc}"), uri(text)) for arc, text in places if text]
    return extension(f"{_PRIVATE_ARC}.1.1", der.seq(*parts))


def ocsp_nocheck() -> bytes:
    return extension(f"{_PRIVATE_ARC}.48.1.5", der.null())


def no_rev_avail() -> bytes:
    return extension("2.5.29.56", der.null())


def crl_number(number: int) -> bytes:
    return extension("2.5.29.20", der.integer(number))


def delta_crl_indicator(base: int) -> bytes:
    return extension("2.5.29.27", der.integer(base), critical=True)


def issuing_distribution_point(
    *full_name: bytes,
    only_user: bool = False,
    only_ca: bool = False,
    only_attribute: bool = False,
    reasons: tuple[str, ...] = (),
    indirect: bool = False,
) -> bytes:
    yes = b"\xff"
    parts = [
        der.explicit(0, der.explicit(0, *full_name)) if full_name else b"",
        der.implicit(1, yes) if only_user else b"",
        der.implicit(2, yes) if only_ca else b"",
        der.implicit(3, _reason_flags(reasons)) if reasons else b"",
        der.implicit(4, yes) if indirect else b"",
        der.implicit(5, yes) if only_attribute else b"",
    ]
    return extension("2.5.29.28", der.seq(*parts), critical=True)


def reason_code(value: int) -> bytes:
    return extension("2.5.29.21", der.enumerated(value))


def certificate_issuer(name: bytes, *, critical: bool = True) -> bytes:
    return extension("2.5.29.29", der.seq(directory(name)), critical=critical)
