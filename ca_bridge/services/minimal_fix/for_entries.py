"""Changes for reasons about trust-list entries: their time, standing, authorities, type and policies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ca_bridge.core.recognition.agreement import RecognitionStatus
from ca_bridge.core.recognition.policy_oid import is_below
from ca_bridge.core.recognition.trust_list import FormerAuthorities, TrustListEntry, UndatedHistory
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.minimal_fix import policy_changes as changes
from ca_bridge.services.minimal_fix.edits import (
    Edit,
    Row,
    appending,
    find_document,
    rows_at,
    setting,
    value_at,
)
from ca_bridge.services.minimal_fix.for_validity import earlier
from ca_bridge.services.minimal_fix.making import (
    Changes,
    before,
    certificate_name,
    later,
    next_midnight,
    pin_of,
    policy_change,
)
from ca_bridge.services.minimal_fix.model import ChangeType
from ca_bridge.services.minimal_fix.obstacles import Case
from ca_bridge.services.minimal_fix.policy_pairs import asserted_policies
from ca_bridge.services.printable import printable
from ca_bridge.services.recognition_reading import DocumentKind
from ca_bridge.services.recognition_reading.kinds import of_kind
from ca_bridge.services.recognition_reading.scalars import time_of

_TYPE_ATTRIBUTES = ("2.5.4.10", "2.5.4.11")
_MAX_STEM = 56
_MAX_TYPE_NAME = 200
_ACTIVE = RecognitionStatus.ACTIVE.value


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an entry stands: its list's document and its row; ``reference`` as verdicts name it."""

    document: str
    row: Row
    reference: str

    def setting(self, *path: str | int, value: Any) -> Edit:
        return setting(self.document, "entries", self.row, *path, value=value)

    def appending(self, *path: str | int, value: Any) -> Edit:
        return appending(self.document, "entries", self.row, *path, value=value)

    def data(self, case: Case) -> Any:
        return value_at(case.data[self.document], ("entries", self.row))


def without_entry(case: Case) -> Changes:
    """Make a draft entry of a list the domain relies on active, its authorities pinned as on this path."""
    relied = _relied_lists(case)
    for document, data in of_kind(case.data, DocumentKind.TRUST_LIST):
        for entry in data.get("entries", ()) if data["trust_list"] in relied else ():
            if entry["status"] == RecognitionStatus.DRAFT.value:
                place = _Place(
                    document, Row("entry", entry["entry"]), f"{data['trust_list']}/{entry['entry']}"
                )
                edits = (place.setting("status", value=_ACTIVE), *_gaps(place, entry, case))
                yield policy_change(case, changes.ENTRY_ACTIVATED, *edits, entry=place.reference)


def stale(case: Case) -> Changes:
    """Import the current issue, which is assumed to say the same of the entry."""
    document = find_document(case.data, DocumentKind.TRUST_LIST, case.param("list"))
    if document is None:
        return
    number = int(case.data[document]["sequence_number"]) + 1
    until = time_text(next_midnight(case.at))
    edits = (
        setting(document, "sequence_number", value=number),
        setting(document, "next_update", value=until),
    )
    yield policy_change(
        case,
        changes.LIST_RENEWED,
        *edits,
        list=case.param("list"),
        sequence_number=str(number),
        until=until,
    )


def not_yet_recognised(case: Case) -> Changes:
    """Wait until it is recognised, or let the recognition begin earlier."""
    yield from later(case, time_of(case.param("recognised_from")))
    for place in _places(case):
        since = time_text(case.at)
        edit = place.setting("recognised_from", value=since)
        yield policy_change(case, changes.ENTRY_BEGUN_EARLIER, edit, entry=place.reference, since=since)


def no_longer_recognised(case: Case) -> Changes:
    """Extend the recognition; or judge an act from its time at that time."""
    yield from earlier(case, before(time_of(case.param("recognised_until"))))
    for place in _places(case):
        until = time_text(next_midnight(case.at))
        edit = place.setting("recognised_until", value=until)
        yield policy_change(case, changes.ENTRY_EXTENDED, edit, entry=place.reference, until=until)


def not_active(case: Case) -> Changes:
    """Make the suspended or terminated entry active again."""
    for place in _places(case):
        status = str(place.data(case)["status"])
        edit = place.setting("status", value=_ACTIVE)
        yield policy_change(case, changes.ENTRY_RESUMED, edit, entry=place.reference, status=status)


def root_other(case: Case) -> Changes:
    """Pin the root of this path in the entry."""
    yield from _pinned(case, "roots", _root(case), changes.ENTRY_ROOT_PINNED)


def issuer_other(case: Case) -> Changes:
    """Pin the CA that issued the certificate in the entry."""
    yield from _pinned(case, "issuers", _issuer(case), changes.ENTRY_ISSUER_PINNED)


def root_former(case: Case) -> Changes:
    """Judge an act from the root's time at that time, or make it one of the entry again."""
    yield from _in_its_time(case)
    yield from _pinned(case, "roots", _root(case), changes.ENTRY_FORMER_PINNED)


def issuer_former(case: Case) -> Changes:
    """Judge an act from the issuing CA's time at that time, or make it one of the entry again."""
    yield from _in_its_time(case)
    yield from _pinned(case, "issuers", _issuer(case), changes.ENTRY_FORMER_PINNED)


def former_undated(case: Case) -> Changes:
    """Declare that the former authorities of this path count."""
    for place in _places(case):
        for index, row in _rows_of_path(case):
            dated = row.since is not None and row.until is not None
            if not dated and row.undated is not UndatedHistory.ACCEPT:
                edit = place.setting("history", index, "undated", value=UndatedHistory.ACCEPT.value)
                yield policy_change(case, changes.ENTRY_HISTORY_ACCEPTED, edit, entry=place.reference)


def type_other(case: Case) -> Changes:
    """Publish an entry for the type that the CA wrote into the subject."""
    target = case.target
    if target is None:
        return
    for place in _places(case):
        type_name = next(_type_names(target), None)
        if type_name is None:
            continue
        identifier = _free_entry(case, place)
        like = {k: v for k, v in place.data(case).items() if k not in {"history", "sources", "confidence"}}
        entry = like | {"entry": identifier, "type_name": type_name}
        yield policy_change(
            case,
            changes.ENTRY_ADDED,
            appending(place.document, "entries", value=entry),
            entry=identifier,
            type_name=type_name,
            like=place.reference,
        )


def policy_other(case: Case) -> Changes:
    """Name the certificate's own policy in the entry, exactly."""
    for place in _places(case):
        arcs = place.data(case).get("policy_arcs", ())
        for policy in asserted_policies(case.target):
            if not any(is_below(arc, policy) for arc in arcs):
                edit = place.appending("policies", value=policy)
                yield policy_change(
                    case, changes.ENTRY_POLICY_ADDED, edit, entry=place.reference, policy=policy
                )


def _places(case: Case) -> Iterator[_Place]:
    """Where the entry that the finding names stands: one place, or none."""
    trust_list, _, entry = case.param("entry").partition("/")
    document = find_document(case.data, DocumentKind.TRUST_LIST, trust_list)
    if document is not None:
        place = _Place(document, Row("entry", entry), case.param("entry"))
        if place.data(case) is not None:
            yield place


def _relied_lists(case: Case) -> frozenset[str]:
    document = find_document(case.data, DocumentKind.DOMAIN, case.judged.domain.name)
    return frozenset() if document is None else frozenset(case.data[document].get("trust_lists", ()))


def _gaps(place: _Place, entry: Any, case: Case) -> Iterator[Edit]:
    """What a draft may lack and an active entry may not, as far as the path can say it."""
    for key, certificate in (("roots", _root(case)), ("issuers", _issuer(case))):
        if not entry[key] and certificate is not None:
            yield place.appending(key, value=pin_of(certificate))
    if time_of(entry["recognised_from"]) > case.at:
        yield place.setting("recognised_from", value=time_text(case.at))


def _pinned(case: Case, key: str, certificate: Certificate | None, type_: ChangeType) -> Changes:
    if certificate is None:
        return
    for place in _places(case):
        edit = place.appending(key, value=pin_of(certificate))
        yield policy_change(
            case,
            type_,
            edit,
            entry=place.reference,
            name=certificate_name(certificate),
            sha256=certificate.fingerprint,
        )


def _root(case: Case) -> Certificate | None:
    return case.obstacle.anchor


def _issuer(case: Case) -> Certificate | None:
    """Who issued the target: a CA certificate of the path, or the anchor."""
    return case.certificate(1)


def _in_its_time(case: Case) -> Changes:
    for _, row in _rows_of_path(case):
        if row.until is not None:
            yield from earlier(case, before(row.until))


def _rows_of_path(case: Case) -> Iterator[tuple[int, FormerAuthorities]]:
    """Rows of the entry's history that name the root and the issuing CA of this path."""
    root, issuer, entry = _root(case), _issuer(case), _entry(case)
    if root is None or issuer is None or entry is None:
        return
    for index, row in enumerate(entry.history):
        named = {pin.sha256 for pin in row.roots}, {pin.sha256 for pin in row.issuers}
        if root.fingerprint in named[0] and issuer.fingerprint in named[1]:
            yield index, row


def _entry(case: Case) -> TrustListEntry | None:
    found = (e.entry for e in case.rules.entries if e.reference == case.param("entry"))
    return next(found, None)


def _type_names(target: Certificate) -> Iterator[str]:
    """What stands where CAs write the certificate's type, organizationName first.

    Nothing that is not safe to show: a person could not compare it with what is published.
    """
    attributes = [a for rdn in target.subject.rdns for a in rdn]
    for oid in _TYPE_ATTRIBUTES:
        texts = (a.text for a in attributes if a.oid == oid)
        yield from (text for text in texts if text and text == printable(text, _MAX_TYPE_NAME))


def _free_entry(case: Case, place: _Place) -> str:
    taken = {row["entry"] for row in rows_at(case.data[place.document], "entries")}
    numbered = (f"{place.row.value[:_MAX_STEM]}-{number}" for number in range(2, len(taken) + 3))
    return next(name for name in numbered if name not in taken)
