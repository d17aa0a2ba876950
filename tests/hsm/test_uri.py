"""Names of keys: what is read, what is refused, and that nothing else ever happens."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hsm.errors import UriError
from hsm.token import KeyRef
from hsm.uri import KeyUri, parse_key_uri

FULL = (
    "pkcs11:token=gw;serial=0af3;manufacturer=SoftHSM%20project;model=v2;object=receipt-2026;id=%01%02;"
    "type=private?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/ca-bridge/pin"
    "&x-custody=sealed&x-sm2-profile=shim"
)


def test_every_part_of_a_full_uri() -> None:
    uri = parse_key_uri(FULL)
    assert uri == KeyUri(
        scheme="pkcs11",
        token="gw",  # noqa: S106 - no password
        serial="0af3",
        manufacturer="SoftHSM project",
        model="v2",
        label="receipt-2026",
        key_id=b"\x01\x02",
        type="private",
        module_path="/usr/lib/softhsm/libsofthsm2.so",
        pin_source="/etc/ca-bridge/pin",
        vendor=(("x-custody", "sealed"), ("x-sm2-profile", "shim")),
    )
    assert uri.text == FULL
    assert uri.ref == KeyRef(label="receipt-2026", key_id=b"\x01\x02")
    assert uri.vendor_value("x-custody") == "sealed"
    assert uri.vendor_value("x-absent") == ""


def test_the_token_alone() -> None:
    token = parse_key_uri(FULL).without_key()
    assert token.ref == KeyRef()
    assert token.type == ""
    assert token == parse_key_uri(
        "pkcs11:token=gw;serial=0af3;manufacturer=SoftHSM%20project;model=v2"
        "?module-path=/usr/lib/softhsm/libsofthsm2.so&pin-source=file:/etc/ca-bridge/pin"
        "&x-sm2-profile=shim&x-custody=sealed"
    )


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("pkcs11:", "pkcs11:"),
        ("PKCS11:object=a", "pkcs11:object=a"),
        ("sdf:id=%01?module-path=/usr/lib/libsdf.so", "sdf:id=%01?module-path=/usr/lib/libsdf.so"),
        ("sdf:?pin-source=file:///etc/pin", "sdf:?pin-source=file:/etc/pin"),
        ("sdf:?pin-source=file%3A/etc/a%20pin", "sdf:?pin-source=file:/etc/a%20pin"),
        (
            "softkey:object=receipt;id=%01?x-store=/var/lib/keys",
            "softkey:object=receipt;id=%01?x-store=/var/lib/keys",
        ),
        ("softkey:object=%e7%b2%a4", "softkey:object=%E7%B2%A4"),
        ("softkey:id=AZ%00", "softkey:id=%41%5A%00"),
        ("pkcs11:object=a&b=c:[]@!$'()*+,", "pkcs11:object=a&b=c:[]@!$'()*+,"),
        ("pkcs11:object=a%2Fb%3Fc%3Bd%25", "pkcs11:object=a%2Fb%3Fc%3Bd%25"),
        ("pkcs11:id=%01;token=gw?x-b=%26&x-a=", "pkcs11:token=gw;id=%01?x-a=&x-b=%26"),
    ],
)
def test_the_canonical_text(text: str, canonical: str) -> None:
    assert parse_key_uri(text).text == canonical
    assert parse_key_uri(canonical).text == canonical


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "no scheme"),
        ("object=a", "no scheme"),
        ("file:/etc/key", "begins with one of pkcs11:, sdf:, softkey:"),
        ("p\u212acs11:", "no scheme"),
        ("pkcs11:object=a?", "empty query"),
        ("pkcs11:object=a;", "attribute 2 of the path has no '='"),
        ("pkcs11:object", "attribute 1 of the path has no '='"),
        ("pkcs11:object=a;object=a", "attribute 2 of the path was given before"),
        ("pkcs11:?x-a=1&x-a=1", "attribute 2 of the query was given before"),
        ("pkcs11:?pin-source=file:/a&pin-source=file:/b", "attribute 2 of the query was given before"),
        ("pkcs11:?pin-value=1234", "pin-value is refused: a PIN does not belong in a URI"),
        ("pkcs11:pin-value=1234", "pin-value is refused"),
        ("pkcs11:?module-name=softhsm", "name the module by module-path"),
        ("pkcs11:slot-id=1", "slot numbers change"),
        ("pkcs11:library-version=2.6", "library-version is refused"),
        ("pkcs11:objekt=a", "the path has an attribute that is unknown here"),
        ("pkcs11:x-a=1", "the path has an attribute that is unknown here"),
        ("pkcs11:?object=a", "the query has an attribute that is unknown here"),
        ("pkcs11:?x-=a", "a vendor attribute is not named"),
        ("pkcs11:?x-é=a", "a vendor attribute is not named"),
        ("pkcs11:object=", "an attribute of the path is empty"),
        ("pkcs11:id=", "an attribute of the path is empty"),
        ("pkcs11:?module-path=", "module-path is empty"),
        ("pkcs11:?pin-source=", "pin-source is not file:"),
        ("pkcs11:object=a b", "must be percent-encoded"),
        ("pkcs11:object=粤", "must be percent-encoded"),
        ("pkcs11:object=a/b", "must be percent-encoded"),
        ("pkcs11:object=a#b", "must be percent-encoded"),
        ("pkcs11:object=%", "must be percent-encoded"),
        ("pkcs11:object=%1", "must be percent-encoded"),
        ("pkcs11:object=%zz", "must be percent-encoded"),
        ("pkcs11:object=a\n", "must be percent-encoded"),
        ("pkcs11:object=%ff", "object is not UTF-8"),
        ("pkcs11:object=%c0%80", "object is not UTF-8"),
        ("pkcs11:object=%ed%a0%80", "object is not UTF-8"),
        ("pkcs11:object=a%0a", "object has a character that does not print"),
        ("pkcs11:object=a%00", "object has a character that does not print"),
        ("pkcs11:token=a%E2%80%AEb", "token has a character that does not print"),
        ("pkcs11:token=" + "a" * 33, "token is longer than 32 bytes"),
        ("pkcs11:serial=" + "0" * 17, "serial is longer than 16 bytes"),
        ("pkcs11:token=" + "%E7%B2%A4" * 11, "token is longer than 32 bytes"),
        ("pkcs11:id=" + "a" * 256, "id is longer than 255 bytes"),
        ("pkcs11:type=cert", "type is neither private nor public"),
        ("pkcs11:?module-path=libsofthsm2.so", "module-path is not an absolute path"),
        ("pkcs11:?module-path=/usr/lib/../tmp/x.so", "module-path is not an absolute path"),
        ("pkcs11:?module-path=//usr/lib/x.so", "module-path is not an absolute path"),
        ("pkcs11:?module-path=/", "module-path is not an absolute path"),
        ("pkcs11:?module-path=/a%00b", "module-path has a character that does not print"),
        ("pkcs11:?pin-source=/etc/pin", "pin-source is not file:"),
        ("pkcs11:?pin-source=|/bin/pin", "pin-source is not file:"),
        ("pkcs11:?pin-source=%7C/bin/pin", "pin-source is not file:"),
        ("pkcs11:?pin-source=https://host/pin", "pin-source is not file:"),
        ("pkcs11:?pin-source=file://host/etc/pin", "pin-source is not an absolute path"),
        ("pkcs11:?pin-source=file:etc/pin", "pin-source is not file:"),
        ("pkcs11:?pin-source=file:/etc/../pin", "pin-source is not an absolute path"),
        ("pkcs11:?pin-source=file:////etc/pin", "pin-source is not an absolute path"),
        ("pkcs11:?x-a=" + "a" * 2048, "the URI is longer than 2048 characters"),
        ("pkcs11:?x-a=%E2%80%A8", "x-a has a character that does not print"),
        ("pkcs11:?x-a=%FF", "x-a is not UTF-8"),
        ("pkcs11:?secret=%FF", "an attribute is not UTF-8"),
    ],
)
def test_refused(text: str, cause: str) -> None:
    with pytest.raises(UriError) as caught:
        parse_key_uri(text)
    assert cause in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["pkcs11:?pin-value=73519", "pkcs11:?pin=73519", "pkcs11:?73519", "pkcs11:73519=a", "73519", "73519:a"],
)
def test_an_error_never_repeats_what_may_be_a_pin(text: str) -> None:
    with pytest.raises(UriError) as caught:
        parse_key_uri(text)
    assert "73519" not in str(caught.value)


def test_a_canonical_text_that_would_be_too_long_is_refused() -> None:
    # The same octets unencoded are within the limit, but the canonical form encodes every octet of an id.
    text = "pkcs11:id=" + "a" * 255 + "?x-a=" + "a" * 1300
    assert len(text) < 2048
    with pytest.raises(UriError, match="longer than 2048"):
        parse_key_uri(text)


@pytest.mark.parametrize(
    "fields",
    [
        {"vendor": (("x-b", ""), ("x-a", ""))},
        {"vendor": (("x-a", ""), ("x-a", ""))},
        {"vendor": (("a", ""),)},
        {"label": "a\ud800"},
        {"pin_source": "etc/pin"},
        {"scheme": "PKCS11"},
    ],
)
def test_what_no_text_gives_cannot_be_made_either(fields: dict[str, object]) -> None:
    with pytest.raises(UriError):
        KeyUri(**{"scheme": "pkcs11", **fields})


def _texts(most_bytes: int) -> st.SearchStrategy[str]:
    characters = st.characters(codec="utf-8").filter(str.isprintable)
    return st.text(characters, max_size=most_bytes).filter(lambda text: len(text.encode()) <= most_bytes)


_PATHS = st.one_of(
    st.just(""),
    st.lists(
        _texts(12).filter(lambda text: text not in ("", ".", "..") and "/" not in text),
        min_size=1,
        max_size=4,
    ).map(lambda parts: "/" + "/".join(parts)),
)
_VENDOR = st.dictionaries(
    st.from_regex(r"x-[A-Za-z0-9_-]{1,12}", fullmatch=True), _texts(20), max_size=4
).map(lambda found: tuple(sorted(found.items())))
URIS = st.builds(
    KeyUri,
    scheme=st.sampled_from(["pkcs11", "sdf", "softkey"]),
    token=_texts(32),
    serial=_texts(16),
    manufacturer=_texts(32),
    model=_texts(16),
    label=_texts(60),
    key_id=st.binary(max_size=64),
    type=st.sampled_from(["", "private", "public"]),
    module_path=_PATHS,
    pin_source=_PATHS,
    vendor=_VENDOR,
)


@given(URIS)
def test_text_and_back_loses_nothing(uri: KeyUri) -> None:
    assert parse_key_uri(uri.text) == uri
    assert uri.text.isascii()
    assert len(uri.text) <= 2048


_PIECES = st.sampled_from(
    [
        "pkcs11:",
        "sdf:",
        "object=",
        "id=",
        "token=",
        "?",
        "&",
        ";",
        "=",
        "%",
        "%41",
        "%ff",
        "x-a=",
        "type=private",
        "pin-source=file:",
        "module-path=/",
        "/etc",
        "粤",
        "\ud800",
        "\x00",
        " ",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=14).map("".join)))
@example("pkcs11:" + "object=a;" * 300)
def test_any_text_gives_a_uri_or_a_uri_error(text: str) -> None:
    try:
        uri = parse_key_uri(text)
    except UriError:
        return
    assert parse_key_uri(uri.text) == uri
