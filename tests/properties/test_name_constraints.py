"""No spelling of an excluded name passes, and what is permitted lies wholly inside."""

from __future__ import annotations

import string

from hypothesis import given
from hypothesis import strategies as st

from ca_bridge.core.budget import Budget
from ca_bridge.core.path.name_constraints import NameSubtrees, add_constraints, check_names
from ca_bridge.core.path.name_forms import MalformedName
from ca_bridge.core.x509.extensions import NameConstraints
from ca_bridge.core.x509.names import GeneralName, GeneralNameType
from tests.fakes.certificates import dns, email, ip, leaf, uri

label = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=4)
host = st.lists(label, min_size=2, max_size=4).map(".".join).filter(lambda h: not h[-1].isdigit())
local = st.text(string.ascii_letters + "!#*+-_", min_size=1, max_size=6)
text = st.text(max_size=20) | st.text(string.printable, max_size=20)


@st.composite
def respelled(draw: st.DrawFn, name: str) -> str:
    """The same host in another spelling: case, final dot."""
    changed = "".join(c.upper() if draw(st.booleans()) else c for c in name)
    return changed + draw(st.sampled_from(["", "."]))


def constrained(name: GeneralName, *, excluded: bool) -> NameSubtrees:
    one = (name,)
    return add_constraints(None, NameConstraints(() if excluded else one, one if excluded else ()))


def passes(subtrees: NameSubtrees, name: GeneralName) -> bool:
    certificate = leaf(subject_alt_name=(name,))
    return not list(check_names(certificate, subtrees, Budget(), common_name_is_host=True))


@given(data=st.data(), base=host, prefix=st.sampled_from(["", "www.", "*.", "a.b."]))
def test_excluded_hosts(data: st.DataObject, base: str, prefix: str) -> None:
    excluded = constrained(dns(data.draw(respelled(base))), excluded=True)
    assert not passes(excluded, dns(prefix + data.draw(respelled(base))))


@given(data=st.data(), base=host)
def test_a_wildcard_over_an_excluded_host(data: st.DataObject, base: str) -> None:
    wildcard = "*." + data.draw(respelled(base.partition(".")[2]))
    assert not passes(constrained(dns(base), excluded=True), dns(wildcard))


@given(data=st.data(), base=host, name=local, quote=st.booleans())
def test_excluded_mailboxes(data: st.DataObject, base: str, name: str, *, quote: bool) -> None:
    spelled = (
        '"' + "".join("\\" + c if data.draw(st.booleans()) else c for c in name) + '"' if quote else name
    )
    address = email(f"{spelled}@{data.draw(respelled(base))}")
    for constraint in (f"{name}@{base}", base, "." + base.partition(".")[2], ""):
        assert not passes(constrained(email(constraint), excluded=True), address)


@given(
    data=st.data(),
    base=host,
    user=st.sampled_from(["", "a@", "a:b@", "other.org@", "@"]),
    port=st.sampled_from(["", ":", ":80"]),
    rest=st.sampled_from(["", "/", "/@other.org", "?q", "#f"]),
)
def test_excluded_uris(data: st.DataObject, base: str, user: str, port: str, rest: str) -> None:
    spelled = uri(
        f"{data.draw(st.sampled_from(['http', 'HTTPS', 'ldap']))}://{user}{data.draw(respelled(base))}{port}{rest}"
    )
    assert not passes(constrained(uri(base), excluded=True), spelled)


@given(address=st.binary(min_size=4, max_size=4), bits=st.integers(0, 32))
def test_excluded_addresses_in_both_spellings(address: bytes, bits: int) -> None:
    mask = ((1 << 32) - (1 << (32 - bits))).to_bytes(4)
    excluded = constrained(ip(address + mask), excluded=True)
    assert not passes(excluded, ip(address))
    assert not passes(excluded, ip(bytes(10) + b"\xff\xff" + address))


kinds = st.sampled_from([GeneralNameType.DNS_NAME, GeneralNameType.RFC822_NAME, GeneralNameType.URI])


@given(kind=kinds, base=host, name=text)
def test_permitted_names_are_what_they_seem(kind: GeneralNameType, base: str, name: str) -> None:
    """Whatever text passes a permitted subtree holds the base in plain ASCII, case aside."""
    permitted = constrained(GeneralName(kind, text=base), excluded=False)
    if passes(permitted, GeneralName(kind, text=name)):
        assert base in name.lower()
        assert name.isascii()
        assert name.isprintable()


@given(kind=kinds, base=text, name=text | host)
def test_nothing_is_permitted_and_excluded_at_once(kind: GeneralNameType, base: str, name: str) -> None:
    try:
        excluded = constrained(GeneralName(kind, text=base), excluded=True)
    except MalformedName:
        return
    permitted = constrained(GeneralName(kind, text=base), excluded=False)
    assert not (
        passes(permitted, GeneralName(kind, text=name)) and passes(excluded, GeneralName(kind, text=name))
    )


few = st.lists(st.sampled_from("ab"), min_size=1, max_size=3).map(".".join)


@given(first=few, second=few, name=few)
def test_more_constraints_never_permit_more(first: str, second: str, name: str) -> None:
    one = constrained(dns(first), excluded=False)
    both = add_constraints(one, NameConstraints((dns(second),), ()))
    assert passes(one, dns(name)) or not passes(both, dns(name))
