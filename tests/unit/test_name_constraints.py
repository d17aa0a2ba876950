from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from ca_bridge.core.budget import Budget, BudgetExhausted, Limits
from ca_bridge.core.path.name_constraints import NameSubtrees, add_constraints, check_names
from ca_bridge.core.path.name_forms import MalformedName
from ca_bridge.core.x509.extensions import NameConstraints
from ca_bridge.core.x509.names import GeneralName, GeneralNameType
from tests.fakes.certificates import directory, dns, email, ip, leaf, uri

V4 = bytes([192, 0, 2, 7])
V4_NET = bytes([192, 0, 2, 0, 255, 255, 255, 0])
MAPPED = bytes(10) + b"\xff\xff" + V4
V6 = bytes.fromhex("20010db8000000000000000000000001")
V6_NET = bytes.fromhex("20010db8000000000000000000000000ffffffff000000000000000000000000")
MAPPED_NET = bytes(10) + b"\xff\xff" + V4_NET[:4] + b"\xff" * 12 + V4_NET[4:]
ALL_V6 = bytes(32)

NOT_PERMITTED, EXCLUDED = ["NAME_NOT_PERMITTED"], ["NAME_EXCLUDED"]
MALFORMED, UNPROCESSED = ["CONSTRAINED_NAME_MALFORMED"], ["NAME_FORM_NOT_PROCESSED"]


def subtrees(*, permitted: Sequence[GeneralName] = (), excluded: Sequence[GeneralName] = ()) -> NameSubtrees:
    return add_constraints(None, NameConstraints(tuple(permitted), tuple(excluded)))


def problems(
    constrained: NameSubtrees, *names: GeneralName, subject: str = "CN=Leaf", host: bool = False
) -> list[str]:
    certificate = leaf(subject, subject_alt_name=names)
    found = check_names(certificate, constrained, Budget(), common_name_is_host=host)
    return [p.reason.code for p in found]


def within(base: GeneralName, name: GeneralName) -> tuple[list[str], list[str]]:
    """What a name gets under ``base`` permitted, and under ``base`` excluded."""
    return problems(subtrees(permitted=[base]), name), problems(subtrees(excluded=[base]), name)


INSIDE: tuple[list[str], list[str]] = ([], EXCLUDED)
OUTSIDE: tuple[list[str], list[str]] = (NOT_PERMITTED, [])
UNREADABLE = (MALFORMED, MALFORMED)
PARTLY = (NOT_PERMITTED, EXCLUDED)


@pytest.mark.parametrize(
    ("base", "text", "expected"),
    [
        ("example.com", "example.com", INSIDE),
        ("example.com", "www.example.com", INSIDE),
        ("example.com", "a.b.example.com", INSIDE),
        ("EXAMPLE.com", "www.Example.COM", INSIDE),
        ("example.com", "www.example.com.", INSIDE),
        ("example.com", "notexample.com", OUTSIDE),
        ("example.com", "com", OUTSIDE),
        ("www.example.com", "example.com", OUTSIDE),
        ("", "anything.example", INSIDE),
        ("example.com", "*.example.com", INSIDE),
        ("example.com", "*.www.example.com", INSIDE),
        ("bar.example.com", "*.example.com", PARTLY),
        ("a.bar.example.com", "*.example.com", OUTSIDE),
        ("example.com", "*.com", PARTLY),
        ("example.com", "f_oo.example.com", INSIDE),
        ("example.com", "", UNREADABLE),
        ("example.com", ".", UNREADABLE),
        ("example.com", "..example.com", UNREADABLE),
        ("example.com", ".example.com", UNREADABLE),
        ("example.com", "www..example.com", UNREADABLE),
        ("example.com", "*", UNREADABLE),
        ("example.com", "f*.example.com", UNREADABLE),
        ("example.com", "*.*.example.com", UNREADABLE),
        ("example.com", "www.example.com\x00.evil.org", UNREADABLE),
        ("example.com", "www.example.com\n", UNREADABLE),
        ("example.com", "www.exämple.com", UNREADABLE),
        ("example.com", "ｗｗｗ.example.com", UNREADABLE),
        ("example.com", "\u212aelvin.example.com", UNREADABLE),
        ("example.com", "-a.example.com", UNREADABLE),
        ("example.com", "a" * 64 + ".example.com", UNREADABLE),
        ("example.com", "a." * 200 + "example.com", UNREADABLE),
    ],
)
def test_dns_names(base: str, text: str, expected: tuple[list[str], list[str]]) -> None:
    assert within(dns(base), dns(text)) == expected


@pytest.mark.parametrize(
    ("base", "text", "expected"),
    [
        ("a@example.com", "a@example.com", INSIDE),
        ("a@example.com", "a@EXAMPLE.com", INSIDE),
        ("a@example.com", "A@example.com", OUTSIDE),
        ("a@example.com", "b@example.com", OUTSIDE),
        ("a@example.com", '"a"@example.com', INSIDE),
        ("a@example.com", '"\\a"@example.com', INSIDE),
        ('"a b"@example.com', '"a\\ b"@example.com', INSIDE),
        ('"a@b"@example.com', '"a@b"@example.com', INSIDE),
        ("example.com", "a@example.com", INSIDE),
        ("example.com", "a@example.com.", INSIDE),
        ("example.com", "a@sub.example.com", OUTSIDE),
        (".example.com", "a@sub.example.com", INSIDE),
        (".example.com", "a@example.com", OUTSIDE),
        ("", "a@example.com", PARTLY),
        ("*@example.com", "user@example.com", OUTSIDE),
        ("*@example.com", "*@sub.example.com", OUTSIDE),
        ("**@example.com", "*@example.com", OUTSIDE),
        ("user*@example.com", "user*@example.com", INSIDE),
        ("example.com", "example.com", UNREADABLE),
        ("example.com", "@example.com", UNREADABLE),
        ("example.com", "a@b@example.com", UNREADABLE),
        ("example.com", "a@", UNREADABLE),
        ("example.com", "a..b@example.com", UNREADABLE),
        ("example.com", '"a@example.com', UNREADABLE),
        ("example.com", "a@[192.0.2.1]", UNREADABLE),
        ("example.com", "ä@example.com", UNREADABLE),
        ("example.com", "a" * 2100 + "@example.com", UNREADABLE),
    ],
)
def test_mailboxes(base: str, text: str, expected: tuple[list[str], list[str]]) -> None:
    assert within(email(base), email(text)) == expected


@pytest.mark.parametrize(
    ("base", "text", "expected"),
    [
        ("example.com", "http://example.com/", INSIDE),
        ("example.com", "HTTP://EXAMPLE.com", INSIDE),
        ("example.com", "http://example.com.:80/a?b#c", INSIDE),
        ("example.com", "http://user:secret@example.com:8080/", INSIDE),
        ("example.com", "http://example.com:/", INSIDE),
        ("example.com", "http://www.example.com/", OUTSIDE),
        (".example.com", "ldap://www.example.com/cn=x?y", INSIDE),
        (".example.com", "http://example.com/", OUTSIDE),
        ("", "http://example.com/", PARTLY),
        ("example.com", "http://evil.org/@example.com", OUTSIDE),
        ("evil.org", "http://example.com@evil.org/", INSIDE),
        ("example.com", "urn:uuid:1", UNREADABLE),
        ("example.com", "mailto:a@example.com", UNREADABLE),
        ("example.com", "/relative", UNREADABLE),
        ("example.com", "http:///path", UNREADABLE),
        ("example.com", "http://[::1]/", UNREADABLE),
        ("example.com", "http://192.0.2.1/", UNREADABLE),
        ("example.com", "http://0x7f.1/", UNREADABLE),
        ("example.com", "http://example.com:80x/", UNREADABLE),
        ("example.com", "http://a:b:c/", UNREADABLE),
        ("example.com", "http://example%2ecom/", UNREADABLE),
        ("example.com", "http://evil.org\\@example.com/", UNREADABLE),
        ("example.com", "http://example.com /", UNREADABLE),
        ("example.com", "http://example.com/" + "a" * 2100, UNREADABLE),
    ],
)
def test_uris(base: str, text: str, expected: tuple[list[str], list[str]]) -> None:
    assert within(uri(base), uri(text)) == expected


@pytest.mark.parametrize(
    ("base", "octets", "expected"),
    [
        (V4_NET, V4, INSIDE),
        (V4_NET, bytes([192, 0, 3, 7]), OUTSIDE),
        (bytes([192, 0, 2, 99, 255, 255, 255, 0]), V4, INSIDE),
        (bytes(8), V4, INSIDE),
        (V6_NET, V6, INSIDE),
        (V6_NET, bytes(16), OUTSIDE),
        (V6_NET, V4, OUTSIDE),
        (V4_NET, V6, OUTSIDE),
        (ALL_V6, V4, OUTSIDE),
        (ALL_V6, MAPPED, INSIDE),
        (V4_NET, MAPPED, PARTLY),
        (MAPPED_NET, V4, PARTLY),
        (MAPPED_NET, bytes([192, 0, 3, 7]), OUTSIDE),
        (V4_NET, V4_NET, UNREADABLE),
        (V4_NET, b"", UNREADABLE),
    ],
)
def test_addresses(base: bytes, octets: bytes, expected: tuple[list[str], list[str]]) -> None:
    assert within(ip(base), ip(octets)) == expected


@pytest.mark.parametrize(
    ("base", "text", "expected"),
    [
        ("C=CN, O=Test", "C=CN, O=Test", INSIDE),
        ("C=CN, O=Test", "c=cn, o=TEST, CN=x".replace("c=", "C=").replace("o=", "O="), INSIDE),
        ("C=CN, O=Test", "C=CN", OUTSIDE),
        ("C=CN, O=Test", "C=CN, O=Tester", OUTSIDE),
        ("C=CN, O=Test", "O=Test, C=CN", OUTSIDE),
        ("", "C=CN", INSIDE),
    ],
)
def test_directory_names(base: str, text: str, expected: tuple[list[str], list[str]]) -> None:
    base_name, text_name = directory(base), directory(text)
    permitted, excluded = subtrees(permitted=[base_name]), subtrees(excluded=[base_name])
    assert (problems(permitted, subject=text), problems(excluded, subject=text)) == expected
    assert (problems(permitted, text_name, subject=""), problems(excluded, text_name, subject="")) == expected


@pytest.mark.parametrize(
    "constraint",
    [
        dns(".example.com"),
        dns("*.example.com"),
        dns("exa mple.com"),
        email("invalid@invalid@example.com"),
        email("*.example.com"),
        email(".."),
        uri("http://example.com"),
        uri("192.0.2.1:80"),
        ip(V4),
        ip(bytes([10, 0, 0, 0, 255, 0, 255, 0])),
        ip(bytes(12)),
        GeneralName(GeneralNameType.DIRECTORY_NAME),
    ],
)
def test_malformed_constraints(constraint: GeneralName) -> None:
    for side in ({"permitted": [constraint]}, {"excluded": [constraint]}):
        with pytest.raises(MalformedName):
            subtrees(**side)


UNSUPPORTED = [
    GeneralName(GeneralNameType.OTHER_NAME, octets=b"x", type_id="1.2"),
    GeneralName(GeneralNameType.X400_ADDRESS, octets=b"x"),
    GeneralName(GeneralNameType.EDI_PARTY_NAME, octets=b"x"),
    GeneralName(GeneralNameType.REGISTERED_ID, text="1.2.3"),
]


@pytest.mark.parametrize("name", UNSUPPORTED, ids=lambda n: n.kind.value)
def test_forms_not_processed_refuse_names_of_that_form_only(name: GeneralName) -> None:
    for constrained in (subtrees(permitted=[name]), subtrees(excluded=[name])):
        assert problems(constrained, name) == UNPROCESSED
        assert problems(constrained, dns("example.com")) == []


def test_other_forms_are_not_constrained() -> None:
    constrained = subtrees(permitted=[dns("example.com")], excluded=[dns("bad.example.com")])
    assert problems(constrained, email("a@other.org"), ip(V4), *UNSUPPORTED) == []


def test_every_group_of_permitted_subtrees_counts() -> None:
    """x509-limbo restrictive-permits-in-intermediates-*: below, subtrees narrow and never widen."""
    above = subtrees(permitted=[dns("example.com"), dns("example.org")])
    narrowed = add_constraints(above, NameConstraints((dns("sub.example.com"), dns("other.net")), ()))
    assert problems(narrowed, dns("a.sub.example.com")) == []
    assert problems(narrowed, dns("a.example.com")) == NOT_PERMITTED
    assert problems(narrowed, dns("other.net")) == NOT_PERMITTED
    assert problems(above, dns("a.example.com")) == []


def test_excluded_subtrees_add_up_and_win() -> None:
    both = add_constraints(
        subtrees(excluded=[dns("a.com")], permitted=[dns("com")]), NameConstraints((), (dns("b.com"),))
    )
    assert problems(both, dns("x.a.com"), dns("x.b.com"), dns("c.com")) == EXCLUDED * 2


def test_email_address_of_the_subject_counts_without_a_mailbox_name() -> None:
    constrained = subtrees(permitted=[email("example.com")])
    subject = "CN=Leaf, E=a@other.org"
    assert problems(constrained, subject=subject) == NOT_PERMITTED
    assert problems(constrained, dns("example.com"), subject=subject) == NOT_PERMITTED
    assert problems(constrained, email("a@example.com"), subject=subject) == []


@pytest.mark.parametrize(
    ("common_name", "expected"),
    [
        ("www.example.com", EXCLUDED),
        ("*.example.com", EXCLUDED),
        ("Example Ltd", []),
        ("localhost", []),
        ("www.other.org", []),
    ],
)
def test_common_names_that_look_like_hosts(common_name: str, expected: list[str]) -> None:
    constrained = subtrees(excluded=[dns("example.com")])
    assert problems(constrained, subject=f"CN={common_name}", host=True) == expected
    assert problems(constrained, subject=f"CN={common_name}") == []
    assert problems(constrained, dns("other.org"), subject=f"CN={common_name}", host=True) == []


def test_international_mailboxes_are_not_passed_by() -> None:
    """RFC 9598 §5: constraints on rfc822Name hold for SmtpUTF8Mailbox."""
    mailbox = GeneralName(GeneralNameType.OTHER_NAME, octets=b"x", type_id="1.3.6.1.5.5.7.8.9")
    assert problems(subtrees(excluded=[email("example.com")]), mailbox) == UNPROCESSED
    assert problems(subtrees(excluded=[dns("example.com")]), mailbox) == []


def shown(name: GeneralName, constrained: NameSubtrees, **fields: Any) -> list[tuple[str, str]]:
    certificate = leaf(**({"subject_alt_name": (name,)} | fields))
    return [
        (p.form, p.name) for p in check_names(certificate, constrained, Budget(), common_name_is_host=False)
    ]


def test_names_are_shown_bounded() -> None:
    assert shown(dns("a" * 3000), subtrees(excluded=[dns("")])) == [("dns_name", "a" * 128)]
    assert shown(ip(V4), subtrees(excluded=[ip(bytes(8))])) == [("ip_address", "c0000207")]
    assert shown(directory("C=CN, O=Test"), subtrees(excluded=[directory("C=CN")])) == [
        ("directory_name", "CN, Test")
    ]


def test_budget_is_spent_before_names_are_compared() -> None:
    constrained = subtrees(excluded=[dns(f"x{i}.com") for i in range(100)])
    certificate = leaf(subject_alt_name=tuple(dns(f"n{i}.org") for i in range(100)))
    with pytest.raises(BudgetExhausted):
        list(
            check_names(
                certificate, constrained, Budget(Limits(name_comparisons=10_000)), common_name_is_host=False
            )
        )
