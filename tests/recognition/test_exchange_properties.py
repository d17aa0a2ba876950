"""Any list there is: there and back by each form; any bytes: a value or our own refusal."""

from __future__ import annotations

import contextlib
import string
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from ca_bridge.adapters.trust_list_json import publish_json, read_json
from ca_bridge.core.recognition.agreement import ANYTHING, Conditions, KeyAlgorithm, RecognitionStatus
from ca_bridge.core.recognition.trust_list import (
    AuthorityPin,
    FormerAuthorities,
    TrustList,
    TrustListEntry,
    UndatedHistory,
)
from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.core.x509.identity import HolderKind
from ca_bridge.services.recognition_reading.scalars import subtree_of
from ca_bridge.services.trust_list_csv import read_page, write_page
from ca_bridge.services.trust_list_exchange.errors import ExchangeCode, TrustListRefused
from ca_bridge.services.trust_list_exchange.plain_data import entry_data, read_trust_list, trust_list_data
from tests.recognition.exchange import NOW, published, read, signer, trust_list

# XML 1.0 holds no other control characters than these three, and no surrogates.
_CHARACTERS = st.characters(
    exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"
) | st.sampled_from("\t\n\r<&>]'\"=+")
TEXT = st.text(_CHARACTERS, min_size=1, max_size=30).filter(str.strip)
IDENTIFIERS = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)).map(  # noqa: DTZ001
    lambda time: time.replace(tzinfo=UTC, microsecond=0)
)
PINS = st.lists(
    st.builds(
        AuthorityPin,
        sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
        name=st.just("") | TEXT,
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda one: one.sha256,
).map(tuple)
NAMES = st.lists(
    st.sampled_from(
        [
            subtree_of({"type": kind, "value": value})
            for kind, value in (
                ("directory_name", "CN=a\\,b\\+\\\\,O=甲 公司,C=HK"),
                ("directory_name", "OU=\\ x+O=y,C=CN"),
                ("dns_name", "example.test"),
                ("rfc822_name", "example.test"),
                ("uri", ".example.test"),
                ("ip_address", "192.0.2.0/24"),
                ("ip_address", "2001:db8::/32"),
            )
        ]
    ),
    max_size=3,
).map(tuple)
CONDITIONS = st.builds(
    Conditions,
    purposes=st.frozensets(st.sampled_from(Purpose)),
    subject_kinds=st.frozensets(st.sampled_from(HolderKind)),
    key_algorithms=st.frozensets(st.sampled_from(KeyAlgorithm)),
    permitted_names=NAMES,
    excluded_names=NAMES,
    revocation=st.sampled_from([rule for rule in RevocationRule if rule != "none"]),
    max_status_age=st.none() | st.integers(1, 10**6).map(lambda s: timedelta(seconds=s)),
)


@st.composite
def histories(draw: st.DrawFn) -> FormerAuthorities:
    since, until = draw(st.none() | TIMES), draw(st.none() | TIMES)
    if since and until:
        since, until = min(since, until), max(since, until) + timedelta(seconds=1)
    undated = None if since and until else draw(st.sampled_from(UndatedHistory))
    return FormerAuthorities(roots=draw(PINS), issuers=draw(PINS), since=since, until=until, undated=undated)


@st.composite
def entries(draw: st.DrawFn, conditions: st.SearchStrategy[Conditions]) -> TrustListEntry:
    since = draw(TIMES)
    return TrustListEntry(
        identifier=draw(IDENTIFIERS),
        title_zh=draw(TEXT),
        title_en=draw(TEXT),
        regulator=draw(TEXT),
        authority=draw(TEXT),
        status=draw(st.sampled_from(RecognitionStatus)),
        recognised_from=since,
        recognised_until=draw(st.none() | st.integers(1, 10**8).map(lambda s: since + timedelta(seconds=s))),
        roots=draw(PINS),
        issuers=draw(PINS),
        type_name=draw(TEXT),
        policy_arcs=draw(st.sampled_from([(), ("2.999.810.2",), ("2.999.810.2", "1.2.3")])),
        policies=("2.999.5.1",),
        level=draw(st.just("") | IDENTIFIERS),
        history=tuple(draw(st.lists(histories(), max_size=3))),
        conditions=draw(conditions),
        sources=tuple(draw(st.lists(TEXT, max_size=2))),
        confidence=draw(st.just("") | TEXT),
    )


@st.composite
def lists(draw: st.DrawFn, conditions: st.SearchStrategy[Conditions] = CONDITIONS) -> TrustList:
    issued = draw(TIMES)
    return TrustList(
        identifier=draw(IDENTIFIERS),
        title_zh=draw(TEXT),
        title_en=draw(TEXT),
        territory=draw(st.sampled_from(["HK", "MO", "CN-44"])),
        scheme_operator=draw(TEXT),
        sequence_number=draw(st.integers(1, 2**31 - 1)),
        issued=issued,
        next_update=draw(st.none() | st.integers(1, 10**8).map(lambda s: issued + timedelta(seconds=s))),
        entries=tuple(draw(st.lists(entries(conditions), max_size=3, unique_by=lambda one: one.identifier))),
    )


@given(lists())
def test_data(value: TrustList) -> None:
    assert read_trust_list(trust_list_data(value)) == value


@settings(deadline=None, max_examples=60)
@given(lists())
def test_xml(value: TrustList) -> None:
    # At a time when the signer's certificate is valid: the list's own times are the importer's to judge.
    from ca_bridge.adapters.trust_list_xml_sign import sign_tree
    from ca_bridge.adapters.trust_list_xml_write import list_tree
    from tests.recognition.exchange import PUBLISHER, certificate_of

    by = signer()
    raw = sign_tree(list_tree(value, PUBLISHER, certificate_of), by.key, by.certificate, NOW)
    assert read(raw).trust_list == value


@settings(deadline=None)
@given(lists())
def test_json(value: TrustList) -> None:
    by = signer()
    assert read_json(publish_json(value, by.key, by.certificate), {by.pin}, NOW) == value


@settings(deadline=None)
@given(lists(st.just(ANYTHING)))
def test_csv_says_all_or_refuses(value: TrustList) -> None:
    try:
        raw = write_page(value.entries)
    except TrustListRefused as error:
        code = error.code
        raw = b""
    else:
        code = None
    if not raw:
        assert code is ExchangeCode.NOT_EXPRESSIBLE
        return
    assert (
        read_trust_list(
            trust_list_data(replace(value, entries=())) | {"entries": list(read_page(raw).entries)}
        )
        == value
    )


_PLAIN = st.text(string.ascii_letters + string.digits + " =+-@'\"(),甲", min_size=1, max_size=20).map(
    str.strip
)


@given(lists(st.just(ANYTHING)), _PLAIN.filter(bool))
def test_csv_says_ordinary_text(value: TrustList, text: str) -> None:
    plain = tuple(
        replace(
            one,
            sources=(text,),
            history=(),
            roots=tuple(replace(p, name=text) for p in one.roots),
            issuers=tuple(replace(p, name=text) for p in one.issuers),
            regulator=text,
        )
        for one in value.entries
    )
    assert list(read_page(write_page(plain)).entries) == [entry_data(one) for one in plain]


_SIGNED = published(trust_list())
_JSON = publish_json(trust_list(), signer().key, signer().certificate)


@settings(deadline=None, max_examples=300)
@given(st.integers(0, len(_SIGNED) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_any_bytes_of_xml(position: int, put: bytes, cut: int) -> None:
    raw = _SIGNED[:position] + put + _SIGNED[position + cut :]
    with contextlib.suppress(TrustListRefused):
        assert read(raw).trust_list == trust_list()


@settings(max_examples=300)
@given(st.integers(0, len(_JSON) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_any_bytes_of_json(position: int, put: bytes, cut: int) -> None:
    raw = _JSON[:position] + put + _JSON[position + cut :]
    with contextlib.suppress(TrustListRefused):
        assert read_json(raw, {signer().pin}, NOW) == trust_list()


@given(st.binary(max_size=200))
def test_any_bytes(raw: bytes) -> None:
    for reader in (lambda: read(raw), lambda: read_json(raw, {signer().pin}, NOW), lambda: read_page(raw)):
        with pytest.raises(TrustListRefused):
            reader()


def test_signed_tree_is_what_was_signed() -> None:
    """Whitespace outside the list changes nothing, inside it everything."""
    assert read(b"\n".join(_SIGNED.split(b"\n"))).trust_list == trust_list()
    root = etree.fromstring(_SIGNED)
    root[0].tail = "\n"
    with pytest.raises(TrustListRefused) as caught:
        read(etree.tostring(root))
    assert caught.value.code is ExchangeCode.SIGNATURE_INVALID
