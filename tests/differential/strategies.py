"""PKIs to judge: one to five CAs linked and decorated, with at most three things gone wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tests.differential.pki import KEY_POOL, POLICIES, Cert, Crl, GivenName, Pki, Question

HOSTS = ("a.example", "www.a.example", "b.example", "x.b.example", "*.a.example")
DOMAINS = ("a.example", "b.example", "www.a.example", "example")
MAILBOXES = ("u@a.example", "u@x.a.example", "v@b.example", "u@b.example")
MAIL_TREES = ("a.example", ".a.example", "b.example", "u@b.example")
ADDRESSES = ("c0000201", "c0000281", "c6336401", "20010db8" + "00" * 11 + "01")
NETWORKS = (
    "c0000200ffffff00",
    "c0000200ffffff80",
    "c6336400ffffff00",
    "20010db8" + "00" * 12 + "ffffffff" + "00" * 12,
)
COUNTRIES = ("CN", "HK")
DN_TREES = ("C=CN", "C=HK", "C=CN, O=Org 1", "C=CN, O=Org 2")
LEAF_USAGES = (
    None,
    ("digital_signature",),
    ("digital_signature", "key_encipherment"),
    ("key_encipherment",),
    ("key_agreement",),
)
USAGE_SETS = (
    None,
    ("server_auth",),
    ("client_auth",),
    ("server_auth", "client_auth"),
    ("email_protection",),
    ("any",),
    ("any", "server_auth"),
)
THEMES = ("mesh", "names", "policies", "revocation", "usages")

_small = st.integers(0, 3)


def _some(values: tuple[Any, ...], most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=most).map(tuple)


def _rarely(chance: int) -> st.SearchStrategy[bool]:
    """True once in ``chance`` draws, about."""
    return st.integers(0, chance - 1).map(lambda number: number == chance - 1)


TREES = st.one_of(
    st.builds(GivenName, st.just("dns"), st.sampled_from(DOMAINS)),
    st.builds(GivenName, st.just("email"), st.sampled_from(MAIL_TREES)),
    st.builds(GivenName, st.just("ip"), st.sampled_from(NETWORKS)),
    st.builds(GivenName, st.just("dn"), st.sampled_from(DN_TREES)),
)
NAMES = st.one_of(
    st.builds(GivenName, st.just("dns"), st.sampled_from(HOSTS)),
    st.builds(GivenName, st.just("email"), st.sampled_from(MAILBOXES)),
    st.builds(GivenName, st.just("ip"), st.sampled_from(ADDRESSES)),
    st.builds(GivenName, st.just("dn"), st.sampled_from(("C=CN, O=Org 1, CN=alt", "C=HK, O=Org 1"))),
)
POLICY_LISTS = st.one_of(
    st.lists(st.sampled_from(POLICIES), unique=True, min_size=1, max_size=3).map(tuple),
    st.just(("2.5.29.32.0",)),
    st.just(POLICIES),
    st.just(("2.5.29.32.0", POLICIES[0])),
)
MAPPINGS = st.lists(
    st.tuples(st.sampled_from(POLICIES), st.sampled_from(POLICIES)), unique=True, min_size=1, max_size=3
).map(tuple)


@st.composite
def pkis(draw: st.DrawFn, theme: str) -> Pki:
    """One PKI; ``theme`` says which extensions are plentiful."""
    authorities = _draw_authorities(draw)
    anchors, links = _draw_links(draw, theme, authorities)
    target = _draw_target(draw, theme, authorities, 100)
    certificates = [decorated(draw, theme, cert) for cert in links]
    for _ in range(draw(st.sampled_from((0, 0, 1, 1, 2, 3)))):
        certificates, target = _spoil(draw, certificates, target)
    anchors = [decorated_anchor(draw, theme, anchor) for anchor in anchors]
    if theme == "mesh" and certificates and draw(_rarely(6)):
        anchors.append(certificates.pop(draw(st.integers(0, len(certificates) - 1))))
    question = _draw_question(draw, theme)
    crls = ()
    if question.revocation != "none":
        crls = _draw_crls(draw, authorities, (*certificates, target))
    return Pki(
        target=target,
        pool=tuple(draw(st.permutations(certificates))),
        anchors=tuple(anchors),
        crls=crls,
        question=question,
    )


def _draw_authorities(draw: st.DrawFn) -> list[tuple[str, int, int]]:
    """Name, key and second key (the first again when there is no rollover) of each CA."""
    count = draw(st.integers(1, 5))
    order = draw(st.permutations(range(len(KEY_POOL) - 1)))
    out = []
    for number in range(count):
        country, unit = draw(st.sampled_from(COUNTRIES)), draw(st.integers(1, 2))
        second = order[count + number] if draw(_rarely(5)) else order[number]
        out.append((f"C={country}, O=Org {unit}, CN=CA {number}", order[number], second))
    return out


def _link(number: int, issuer: tuple[str, int, int], subject: tuple[str, int, int]) -> Cert:
    return Cert(
        number=number,
        issuer_key=issuer[1],
        issuer_dn=issuer[0],
        subject_key=subject[1],
        dn=subject[0],
    )


def _draw_links(
    draw: st.DrawFn, theme: str, authorities: list[tuple[str, int, int]]
) -> tuple[list[Cert], list[Cert]]:
    """Self-signed anchors, and the certificates between CAs: a tree, cross links, rollovers."""
    anchors = [_link(0, authorities[0], authorities[0])]
    if len(authorities) > 2 and draw(_rarely(4)):
        other = authorities[draw(st.integers(1, len(authorities) - 1))]
        anchors.append(_link(1, other, other))
    links = []
    for number, authority in enumerate(authorities[1:], 1):
        above = number - 1 if draw(st.booleans()) else draw(st.integers(0, number - 1))
        links.append(_link(10 + number, authorities[above], authority))
    for number in range(draw(st.integers(0, 4 if theme == "mesh" else 1))):
        issuer, subject = (draw(st.sampled_from(authorities)) for _ in range(2))
        if issuer != subject:
            links.append(_link(20 + number, issuer, subject))
    for number, (name, key, second) in enumerate(authorities):
        if second != key:
            links.append(_link(40 + number, (name, key, key), (name, second, second)))
            if draw(st.booleans()):
                links.append(_link(50 + number, (name, second, second), (name, key, key)))
    return anchors, links


def _draw_target(draw: st.DrawFn, theme: str, authorities: list[tuple[str, int, int]], number: int) -> Cert:
    name, key, second = authorities[-1] if draw(st.booleans()) else draw(st.sampled_from(authorities))
    country, unit = draw(st.sampled_from(COUNTRIES)), draw(st.integers(1, 2))
    target = Cert(
        number=number,
        issuer_key=draw(st.sampled_from((key, second))),
        issuer_dn=name,
        subject_key=len(KEY_POOL) - 1,
        dn=f"C={country}, O=Org {unit}, CN=user",
        basic=draw(st.sampled_from(("absent", "absent", "ca"))) if theme == "mesh" else "absent",
        usage=("digital_signature",),
    )
    if target.basic == "ca":
        target = replace(target, usage=("key_cert_sign", "digital_signature"))
    elif theme == "usages":
        target = replace(
            target, usage=draw(st.sampled_from(LEAF_USAGES)), purposes=draw(st.sampled_from(USAGE_SETS))
        )
    if theme == "names":
        target = replace(target, names=tuple(draw(st.lists(NAMES, unique=True, max_size=3))))
    if theme == "policies" or draw(_rarely(5)):
        target = replace(target, policies=draw(st.none() | POLICY_LISTS))
    return target


def decorated(draw: st.DrawFn, theme: str, cert: Cert) -> Cert:
    """A CA certificate with extensions that constrain what comes below it."""
    if draw(_rarely(3 if theme == "mesh" else 10)):
        cert = replace(cert, path_length=draw(_small))
    if theme == "names" and draw(_rarely(2)):
        trees = [tuple(draw(st.lists(TREES, unique=True, max_size=2))) for _ in range(2)]
        cert = replace(cert, permitted=trees[0], excluded=trees[1])
    if theme == "policies":
        cert = _with_policies(draw, cert)
    if theme == "usages" and draw(_rarely(4)):
        cert = replace(cert, purposes=draw(st.sampled_from(USAGE_SETS)))
    if draw(_rarely(8)):
        cert = replace(cert, key_identifiers=False)
    return cert


def _with_policies(draw: st.DrawFn, cert: Cert) -> Cert:
    if not draw(_rarely(6)):
        cert = replace(cert, policies=draw(POLICY_LISTS))
        if draw(_rarely(3)):
            cert = replace(cert, mappings=draw(MAPPINGS))
    if draw(_rarely(5)):
        cert = replace(cert, require_explicit=draw(_small))
    if draw(_rarely(6)):
        cert = replace(cert, inhibit_mapping=draw(_small))
    if draw(_rarely(6)):
        cert = replace(cert, inhibit_any=draw(_small))
    return cert


def decorated_anchor(draw: st.DrawFn, theme: str, anchor: Cert) -> Cert:
    """Anchors are plain most of the time."""
    if not draw(_rarely(5)):
        return anchor
    anchor = decorated(draw, theme, replace(anchor, key_identifiers=True))
    if draw(_rarely(4)):
        anchor = replace(anchor, period="expired")
    return anchor


def _spoil(draw: st.DrawFn, certificates: list[Cert], target: Cert) -> tuple[list[Cert], Cert]:
    """One thing gone wrong in one certificate."""
    change = draw(
        st.sampled_from(
            (
                {"period": "expired"},
                {"period": "future"},
                {"period": "ends_now"},
                {"signature": "wrong_key"},
                {"signature": "broken"},
                {"unknown_critical": True},
                {"basic": "false"},
                {"basic": "absent"},
                {"usage": ("digital_signature", "crl_sign")},
                {"usage": ("key_cert_sign",)},
                {"usage": None},
                {"version_1": True},
                {"path_length": 0},
            )
        )
    )
    place = draw(st.integers(0, len(certificates)))
    if place == len(certificates):
        if not {"basic", "usage", "path_length"} & change.keys():
            target = replace(target, **change)
        return certificates, target
    certificates = list(certificates)
    spoiled = replace(certificates[place], **change)
    if spoiled.basic != "ca":
        spoiled = replace(spoiled, path_length=None)
    certificates[place] = spoiled
    return certificates, target


def _draw_question(draw: st.DrawFn, theme: str) -> Question:
    purposes = ("any",)
    if theme == "usages":
        purposes = ("any", "server_auth", "client_auth", "email_protection")
    revocation = "none"
    if theme == "revocation":
        revocation = draw(st.sampled_from(("require_target", "require_all")))
    question = Question(purpose=draw(st.sampled_from(purposes)), revocation=revocation)
    if theme == "policies":
        question = replace(
            question,
            policies=draw(_some(POLICIES)) if draw(_rarely(3)) else (),
            explicit_policy=draw(st.booleans()),
            inhibit_mapping=draw(_rarely(6)),
            inhibit_any=draw(_rarely(6)),
        )
    return question


def _draw_crls(
    draw: st.DrawFn, authorities: list[tuple[str, int, int]], certificates: tuple[Cert, ...]
) -> tuple[Crl, ...]:
    """A CRL per CA key most of the time, some of them stale, forged or with somebody on them."""
    out = []
    signers = {(name, key) for name, first, second in authorities for key in (first, second)}
    for number, (name, key) in enumerate(sorted(signers)):
        if draw(_rarely(8)):
            continue
        serials = [cert.serial for cert in certificates if cert.issuer_dn == name]
        listed = tuple(sorted(draw(_some(tuple(serials), 1)))) if serials and draw(_rarely(4)) else ()
        hold = draw(_rarely(4))
        out.append(
            Crl(
                number=number,
                issuer_dn=name,
                key=key,
                revoked=() if hold else listed,
                on_hold=listed if hold else (),
                period=draw(st.sampled_from(("current",) * 14 + ("stale", "future"))),
                signature=draw(st.sampled_from(("right",) * 14 + ("wrong_key", "broken"))),
            )
        )
    return tuple(out)
