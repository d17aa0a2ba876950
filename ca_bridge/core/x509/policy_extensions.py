"""Policy extensions from DER: RFC 5280 §4.2.1.4, §4.2.1.5, §4.2.1.11, §4.2.1.14."""

from __future__ import annotations

from ca_bridge.core.reasons import format as reasons
from ca_bridge.core.verdict import Note
from ca_bridge.core.x509 import der
from ca_bridge.core.x509.der_any import read_any
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.extension_oids import (
    CERTIFICATE_POLICIES,
    INHIBIT_ANY_POLICY,
    POLICY_CONSTRAINTS,
    POLICY_MAPPINGS,
)
from ca_bridge.core.x509.extensions import PolicyConstraints, PolicyInformation, PolicyMapping

MAX_POLICIES = 1024
MAX_QUALIFIERS = 64
# Numbers of certificates in a path: more than any path, less than any machine word.
MAX_COUNT = 2**31 - 1
_COUNT_MAX_BYTES = 4
_REQUIRE_EXPLICIT_POLICY, _INHIBIT_POLICY_MAPPING = 0x80, 0x81


def decode_count(buf: bytes, start: int, end: int, oid: str) -> int:
    """A number of certificates of extension ``oid``: 0..MAX_COUNT."""
    if end - start > _COUNT_MAX_BYTES:
        raise Malformed(reasons.EXTENSION_COUNT_OUT_OF_RANGE, oid=oid)
    count = der.decode_integer(buf, start, end)
    if count < 0:
        raise Malformed(reasons.EXTENSION_COUNT_OUT_OF_RANGE, oid=oid)
    return count


def decode_certificate_policies(
    buf: bytes, pos: int, end: int, _notes: list[Note]
) -> tuple[PolicyInformation, ...]:
    """The certificatePolicies: at least one policy, none of them twice."""
    pos, end = der.expect_whole(buf, pos, end, der.SEQUENCE)
    policies: dict[str, PolicyInformation] = {}
    while pos < end:
        if len(policies) == MAX_POLICIES:
            raise _too_many(CERTIFICATE_POLICIES, MAX_POLICIES)
        content, stop = der.expect(buf, pos, end, der.SEQUENCE)
        information = _policy_information(buf, content, stop)
        if information.policy in policies:
            raise Malformed(reasons.POLICY_DUPLICATE, policy=information.policy)
        policies[information.policy] = information
        pos = stop
    if not policies:
        raise Malformed(reasons.EXTENSION_EMPTY, oid=CERTIFICATE_POLICIES)
    return tuple(policies.values())


def _policy_information(buf: bytes, pos: int, end: int) -> PolicyInformation:
    """One PolicyInformation's content, qualifiers unread but well-formed."""
    start, stop = der.expect(buf, pos, end, der.OID)
    policy = der.decode_oid(buf, start, stop)
    if stop == end:
        return PolicyInformation(policy)
    pos, end = der.expect_whole(buf, stop, end, der.SEQUENCE)
    qualifiers: list[tuple[str, bytes]] = []
    while pos < end:
        if len(qualifiers) == MAX_QUALIFIERS:
            raise _too_many(CERTIFICATE_POLICIES, MAX_QUALIFIERS)
        content, qualifier_end = der.expect(buf, pos, end, der.SEQUENCE)
        start, stop = der.expect(buf, content, qualifier_end, der.OID)
        der.finish(read_any(buf, stop, qualifier_end), qualifier_end)
        qualifiers.append((der.decode_oid(buf, start, stop), buf[stop:qualifier_end]))
        pos = qualifier_end
    if not qualifiers:
        raise Malformed(reasons.EXTENSION_EMPTY, oid=CERTIFICATE_POLICIES)
    return PolicyInformation(policy, tuple(qualifiers))


def decode_policy_mappings(buf: bytes, pos: int, end: int, _notes: list[Note]) -> tuple[PolicyMapping, ...]:
    """The policyMappings: at least one pair. Whether a pair names anyPolicy is validation's to judge."""
    pos, end = der.expect_whole(buf, pos, end, der.SEQUENCE)
    mappings: list[PolicyMapping] = []
    while pos < end:
        if len(mappings) == MAX_POLICIES:
            raise _too_many(POLICY_MAPPINGS, MAX_POLICIES)
        content, pair_end = der.expect(buf, pos, end, der.SEQUENCE)
        start, stop = der.expect(buf, content, pair_end, der.OID)
        issuer_domain_policy = der.decode_oid(buf, start, stop)
        start, stop = der.expect_whole(buf, stop, pair_end, der.OID)
        mappings.append(PolicyMapping(issuer_domain_policy, der.decode_oid(buf, start, stop)))
        pos = pair_end
    if not mappings:
        raise Malformed(reasons.EXTENSION_EMPTY, oid=POLICY_MAPPINGS)
    return tuple(mappings)


def decode_policy_constraints(buf: bytes, pos: int, end: int, _notes: list[Note]) -> PolicyConstraints:
    """The policyConstraints: at least one of its two numbers."""
    pos, end = der.expect_whole(buf, pos, end, der.SEQUENCE)
    if pos == end:
        raise Malformed(reasons.EXTENSION_EMPTY, oid=POLICY_CONSTRAINTS)
    require_explicit_policy = inhibit_policy_mapping = None
    if der.peek(buf, pos, end) == _REQUIRE_EXPLICIT_POLICY:
        start, pos = der.expect(buf, pos, end, _REQUIRE_EXPLICIT_POLICY)
        require_explicit_policy = decode_count(buf, start, pos, POLICY_CONSTRAINTS)
    if pos != end:
        start, pos = der.expect_whole(buf, pos, end, _INHIBIT_POLICY_MAPPING)
        inhibit_policy_mapping = decode_count(buf, start, pos, POLICY_CONSTRAINTS)
    return PolicyConstraints(require_explicit_policy, inhibit_policy_mapping)


def decode_inhibit_any_policy(buf: bytes, pos: int, end: int, _notes: list[Note]) -> int:
    """The inhibitAnyPolicy: the number of certificates it skips."""
    start, stop = der.expect_whole(buf, pos, end, der.INTEGER)
    return decode_count(buf, start, stop, INHIBIT_ANY_POLICY)


def _too_many(oid: str, limit: int) -> Malformed:
    """The error for more values than are read."""
    return Malformed(reasons.EXTENSION_TOO_MANY_VALUES, oid=oid, max_values=str(limit))
