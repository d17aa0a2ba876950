"""A TrustList as plain data, the form of policies/trust-lists/, and read back from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_network
from typing import Any

from cryptography import x509

from ca_bridge.core.recognition.agreement import ANYTHING, Conditions
from ca_bridge.core.recognition.trust_list import (
    AuthorityPin,
    FormerAuthorities,
    TrustList,
    TrustListEntry,
)
from ca_bridge.core.x509.names import GeneralName, GeneralNameType
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.policy_documents import canonical_json
from ca_bridge.services.recognition_reading import UnreadableDocument, meaning_problems, read_policy
from ca_bridge.services.trust_list_exchange.errors import malformed
from ca_bridge.services.trust_list_exchange.shape import TRUST_LIST, check_shape


def document_name(identifier: str) -> str:
    """Name of the policy document that holds the list."""
    return f"trust-lists/{identifier}.yaml"


def read_trust_list(data: Any) -> TrustList:
    """The list in ``data``, from outside; TrustListRefused (MALFORMED) when anything in it is wrong."""
    check_shape(data, TRUST_LIST, "trust_list")
    documents = {document_name(data["trust_list"]): data}
    try:
        for problem in meaning_problems(documents):
            raise malformed(problem.place, problem.message_en)
        return read_policy(documents).trust_lists[0]
    except (UnreadableDocument, ValueError) as error:
        raise malformed(document_name(data["trust_list"]), str(error)) from error


def content_sha256(trust_list: TrustList) -> str:
    """SHA-256 of the list's canonical JSON, lower-case hex."""
    return sha256(canonical_json(trust_list_data(trust_list)).encode()).hexdigest()


def trust_list_data(trust_list: TrustList) -> dict[str, Any]:
    """Plain data of the list; a value that is the default stands nowhere."""
    return _present(
        trust_list=trust_list.identifier,
        title={"zh": trust_list.title_zh, "en": trust_list.title_en},
        territory=trust_list.territory,
        scheme_operator=trust_list.scheme_operator,
        sequence_number=trust_list.sequence_number,
        issued=time_text(trust_list.issued),
        next_update=_time(trust_list.next_update),
        entries=[entry_data(entry) for entry in trust_list.entries] or None,
    )


def entry_data(entry: TrustListEntry) -> dict[str, Any]:
    """Plain data of one entry."""
    return _present(
        entry=entry.identifier,
        title={"zh": entry.title_zh, "en": entry.title_en},
        regulator=entry.regulator,
        authority=entry.authority,
        status=entry.status.value,
        recognised_from=time_text(entry.recognised_from),
        recognised_until=_time(entry.recognised_until),
        roots=_pins(entry.roots),
        issuers=_pins(entry.issuers),
        type_name=entry.type_name,
        policy_arcs=list(entry.policy_arcs) or None,
        policies=list(entry.policies) or None,
        level=entry.level or None,
        history=[_former(row) for row in entry.history] or None,
        conditions=_conditions(entry.conditions) or None,
        sources=list(entry.sources) or None,
        confidence=entry.confidence or None,
    )


def _present(**values: Any) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _time(time: datetime | None) -> str | None:
    return None if time is None else time_text(time)


def _pins(pins: Iterable[AuthorityPin]) -> list[dict[str, Any]]:
    return [_present(sha256=pin.sha256, name=pin.name or None) for pin in pins]


def _former(row: FormerAuthorities) -> dict[str, Any]:
    return _present(
        roots=_pins(row.roots),
        issuers=_pins(row.issuers),
        since=_time(row.since),
        until=_time(row.until),
        undated=None if row.undated is None else row.undated.value,
    )


def _conditions(limits: Conditions) -> dict[str, Any]:
    """What differs from no condition at all; an empty set is written, being the strictest there is."""
    sets = ("purposes", "subject_kinds", "key_algorithms")
    written: dict[str, Any] = {
        key: sorted(getattr(limits, key)) for key in sets if getattr(limits, key) != getattr(ANYTHING, key)
    }
    return written | _present(
        permitted_names=[_name(name) for name in limits.permitted_names] or None,
        excluded_names=[_name(name) for name in limits.excluded_names] or None,
        revocation=None if limits.revocation is ANYTHING.revocation else limits.revocation.value,
        max_status_age_s=None
        if limits.max_status_age is None
        else limits.max_status_age // timedelta(seconds=1),
    )


def _name(name: GeneralName) -> dict[str, str]:
    if name.name is not None:
        value = x509.Name(
            x509.RelativeDistinguishedName(
                x509.NameAttribute(x509.ObjectIdentifier(a.oid), a.text) for a in rdn
            )
            for rdn in name.name.rdns
        ).rfc4514_string()
    elif name.kind is GeneralNameType.IP_ADDRESS:
        value = _network(name.octets)
    else:
        value = name.text
    return {"type": name.kind.value, "value": value}


def _network(octets: bytes) -> str:
    size = len(octets) // 2
    bits = int.from_bytes(octets[size:], "big").bit_count()
    return str(ip_network((octets[:size], bits)))
