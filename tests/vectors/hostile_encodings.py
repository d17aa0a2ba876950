"""Every element of a certificate written in every way that BER allows and DER does not, signed as written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.pki_writers import der, deviant, small, x509
from tests.pki_writers import extensions as ext

CONSTRUCTED = 0x20


def _longer_length(value: bytes) -> bytes:
    return der.long_form(value[0], deviant.content(value))


def _indefinite_length(value: bytes) -> bytes:
    return der.indefinite(value[0], deviant.content(value))


def _high_tag(value: bytes) -> bytes:
    """The same tag number in the form for numbers above 30."""
    return bytes([value[0] | 0x1F, value[0] & 0x1F]) + value[1:]


def _one_more(value: bytes) -> bytes:
    """A NULL that nobody asked for at the end of a constructed value."""
    return der.tlv(value[0], deviant.content(value) + der.null())


def _cut(value: bytes) -> bytes:
    """The length kept, the last octet gone; what follows is swallowed."""
    return value[:-1]


KINDS: dict[str, Callable[[bytes], bytes]] = {
    "longer-length": _longer_length,
    "indefinite-length": _indefinite_length,
    "high-tag": _high_tag,
    "one-more": _one_more,
    "cut": _cut,
}
CONSTRUCTED_ONLY = {"indefinite-length", "one-more"}


def _places(value: bytes, at: tuple[int, ...] = ()) -> Iterator[tuple[int, ...]]:
    """Every element as the way down to it, itself first."""
    yield at
    if value[0] & CONSTRUCTED:
        for number, part in enumerate(deviant.parts(value)):
            yield from _places(part, (*at, number))


def _at(value: bytes, place: tuple[int, ...]) -> bytes:
    for number in place:
        value = deviant.parts(value)[number]
    return value


def _changed(value: bytes, place: tuple[int, ...], change: Callable[[bytes], bytes]) -> bytes:
    if not place:
        return change(value)
    parts = deviant.parts(value)
    parts[place[0]] = _changed(parts[place[0]], place[1:], change)
    return der.tlv(value[0], b"".join(parts))


def _leaf(tbs: Callable[[bytes], bytes] = bytes) -> bytes:
    made = small.leaf_made(ext.subject_alt_name(ext.dns("www.test-pki.example")))
    return small.leaf(small.Made(**(vars(made) | {"shape": x509.Shape(tbs=tbs)})))


def deviations() -> Iterator[tuple[str, bytes]]:
    """Name and certificate: the TBSCertificate deviates in one place and is signed as it is."""
    kept: list[bytes] = []
    _leaf(lambda tbs: kept.append(tbs) or tbs)  # type: ignore[func-returns-value]
    for place in _places(kept[0]):
        element = _at(kept[0], place)
        for kind, change in KINDS.items():
            if kind in CONSTRUCTED_ONLY and not element[0] & CONSTRUCTED:
                continue
            if kind == "cut" and not deviant.content(element):
                continue
            name = ".".join(map(str, place)) or "top"
            yield f"{kind}-{name}", _leaf(lambda tbs, p=place, c=change: _changed(tbs, p, c))


def bent_extensions() -> Iterator[tuple[str, bytes]]:
    """As ``deviations``, inside the values of the extensions that paths are judged by."""
    values = {
        "basic": ext.basic_constraints(path_length=1),
        "names": ext.name_constraints(permitted=[ext.dns("a.example")], excluded=[ext.ip(bytes(8))]),
        "policies": ext.certificate_policies("2.999.1", "2.999.2"),
        "mappings": ext.policy_mappings(("2.999.1", "2.999.2")),
        "limits": ext.policy_constraints(require_explicit=1, inhibit_mapping=1),
        "purposes": ext.extended_key_usage(ext.SERVER_AUTH, ext.CLIENT_AUTH),
        "points": ext.crl_at("http://crl.test-pki.example/1.crl"),
    }
    for label, extension in values.items():
        *head, wrapped = deviant.parts(extension)
        value = deviant.content(wrapped)
        for place in _places(value):
            element = _at(value, place)
            for kind, change in KINDS.items():
                if kind in CONSTRUCTED_ONLY and not element[0] & CONSTRUCTED:
                    continue
                if kind == "cut" and not deviant.content(element):
                    continue
                bent = der.seq(*head, der.octets(_changed(value, place, change)))
                name = ".".join(map(str, place)) or "top"
                yield f"{label}-{kind}-{name}", small.leaf(small.leaf_made(bent, policy=b""))


def whole_objects(certificate: bytes) -> Iterator[tuple[str, bytes, str]]:
    """The outermost SEQUENCE, the signature algorithm and the signature, each written otherwise."""
    tbs, algorithm, signature = deviant.parts(certificate)
    for kind, change in KINDS.items():
        yield f"whole-{kind}", change(certificate), kind
        yield f"algorithm-{kind}", der.seq(tbs, change(algorithm), signature), kind
        if kind not in CONSTRUCTED_ONLY:
            yield f"signature-{kind}", der.seq(tbs, algorithm, change(signature)), kind


def line(certificate: bytes) -> dict[str, Any]:
    """The question about it under the small PKI."""
    return small.ask(target=certificate)
