"""May the member bear the name that it asks under?

One name of two CAs lets CRLs and paths of one pass for the other's. What the policy pins by fingerprint has a
name that was approved. Any other material claims one, self-signed certificates included: whoever has a key
can sign any name with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ca_bridge.core.budget import Budget
from ca_bridge.core.path.name_constraints import add_constraints, check_names
from ca_bridge.core.recognition.domain import PrincipalCa
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.extensions import NameConstraints
from ca_bridge.core.x509.name_parser import decode_name
from ca_bridge.core.x509.names import GeneralNameType, Name
from ca_bridge.services.bridge_ca.model import IssuedCertificate
from ca_bridge.services.describe import name_text
from ca_bridge.services.issue_cross_certificate.agreed import Agreed, PolicyInForce
from ca_bridge.services.issue_cross_certificate.errors import (
    NAME_NOT_AGREED,
    NAME_OF_ANOTHER_MEMBER,
    BridgeRefused,
)
from ca_bridge.services.issue_cross_certificate.member import Member
from ca_bridge.services.issue_cross_certificate.terms import agreed_names
from ca_bridge.services.printable import printable

_LONGEST = 200


def check_free_name(
    member: Member, agreed: Agreed, known: PolicyInForce, registered: Iterable[IssuedCertificate]
) -> None:
    """NAME_OF_ANOTHER_MEMBER when a pinned certificate, or one issued before, gives the name to another CA.

    Between the CAs of one domain a fingerprint in the policy decides; a claim never does.
    """
    pinned = is_pinned(member, agreed.member_ca)
    of_key = known.authorities_by_key()
    others = [*_pinned_names(known), *_registered_names(registered, of_key)]
    for name, domain, identifier in others:
        if name != member.subject:
            continue
        same_ca = identifier in ("", agreed.member_ca.identifier)
        if domain != agreed.member_domain or not (same_ca or pinned):
            raise BridgeRefused(NAME_OF_ANOTHER_MEMBER, domain=domain)


def check_claimed_name(
    member: Member,
    agreed: Agreed,
    known: PolicyInForce,
    draft: Certificate,
    budget: Budget,
) -> None:
    """NAME_NOT_AGREED unless the name is pinned, or is within the directory names that were agreed on.

    ``draft``: the certificate as it would be. What the member's own certificate says of names is its word.
    """
    if is_pinned(member, agreed.member_ca):
        return
    names = agreed_names(agreed)
    if not _confines_directory_names(names) and not _has_pinned_name(member, agreed.member_ca, known):
        raise _not_agreed(agreed, name_text(member.subject))
    subtrees = {} if names is None else add_constraints(None, names)
    for problem in check_names(draft, subtrees, budget, common_name_is_host=False):
        raise _not_agreed(agreed, problem.name)


def is_pinned(member: Member, authority: PrincipalCa) -> bool:
    """Whether ``authority`` pins the very certificate that the member sent."""
    return not set(member.certificate_hashes).isdisjoint(authority.certificates)


def _not_agreed(agreed: Agreed, name: str) -> BridgeRefused:
    return BridgeRefused(
        NAME_NOT_AGREED, agreement=agreed.agreement.identifier, name=printable(name, _LONGEST)
    )


def _confines_directory_names(names: NameConstraints | None) -> bool:
    """An empty directory name has every name below it, so it confines none."""
    bases = [
        base.name
        for base in (() if names is None else names.permitted)
        if base.kind is GeneralNameType.DIRECTORY_NAME
    ]
    return bool(bases) and all(base is not None and base.rdns for base in bases)


def _has_pinned_name(member: Member, authority: PrincipalCa, known: PolicyInForce) -> bool:
    return any(known.known_names.get(digest) == member.subject for digest in authority.certificates)


def _pinned_names(known: PolicyInForce) -> Iterator[tuple[Name, str, str]]:
    """Name, domain and CA of each known certificate that is pinned, itself or by its key."""
    of_key = known.authorities_by_key()
    for domain in known.policy.domains:
        for authority in domain.authorities:
            for digest, name in known.known_names.items():
                owner = of_key.get((domain.name, known.known_keys.get(digest, "")))
                if digest in authority.certificates or owner == authority.identifier:
                    yield name, domain.name, authority.identifier


def _registered_names(
    registered: Iterable[IssuedCertificate], of_key: dict[tuple[str, str], str]
) -> Iterator[tuple[Name, str, str]]:
    """Of certificates issued before; the CA is "" when the policy pins its key no more."""
    for issued in registered:
        held = issued.reservation
        name, _ = decode_name(held.subject, 0, len(held.subject), [])
        yield name, held.subject_domain, of_key.get((held.subject_domain, held.key_sha256), "")
