"""Changes for paths that end before an anchor: certificates to send along, roots to pin, lists to rely on."""

from __future__ import annotations

from ca_bridge.core.verdict import TrustModel
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.names import GeneralNameType
from ca_bridge.services.describe import name_text
from ca_bridge.services.minimal_fix import other_changes
from ca_bridge.services.minimal_fix import policy_changes as changes
from ca_bridge.services.minimal_fix.edits import Row, appending, find_document, rows_at
from ca_bridge.services.minimal_fix.library import Way
from ca_bridge.services.minimal_fix.making import (
    Changes,
    certificate_name,
    evidence_change,
    pin_of,
    policy_change,
)
from ca_bridge.services.minimal_fix.model import Wanted
from ca_bridge.services.minimal_fix.obstacles import Case
from ca_bridge.services.minimal_fix.steps import SupplyStep
from ca_bridge.services.printable import printable
from ca_bridge.services.recognition_reading import DocumentKind
from ca_bridge.services.recognition_reading.kinds import of_kind

_DAMAGED = "CA_SIGNATURE_INVALID"
_CA_ISSUERS = "1.3.6.1.5.5.7.48.2"
_MAX_ROOTS = 2


def path_ends(case: Case) -> Changes:
    """Send along what leads on from the path's end, pin the root above it, or rely on a list that does."""
    top = _top(case)
    if top is None:
        return
    for way in _ways(case, top):
        new = tuple(c for c in way if c.der not in case.world.question.evidence.certificates)
        yield evidence_change(
            case,
            other_changes.CERTIFICATES_SUPPLIED,
            SupplyStep(tuple(c.der for c in new)),
            *new,
            names="; ".join(f"{certificate_name(c)} (SHA-256 {c.fingerprint})" for c in new),
        )
    for root in case.library.roots_above(top)[:_MAX_ROOTS]:
        yield from _pinning(case, root)


def damaged_authority(case: Case) -> Changes:
    """Another copy of the damaged CA certificate, or another way round it."""
    yield from path_ends(case)


def _ways(case: Case, top: Certificate) -> tuple[Way, ...]:
    """Ways to an anchor from the path's end, else from further down; else one from its end to any root."""
    for certificate in (top, *reversed(case.obstacle.certificates)):
        ways = case.library.ways(certificate, case.anchors)
        if ways:
            return ways
    return case.library.ways_to_roots(top)


def wanted(case: Case) -> Wanted | None:
    """What the path's end calls for: its issuer's certificate, or a decision about the root it ends at."""
    top = _top(case)
    if top is None:
        return None
    if top.self_issued:
        return Wanted(issuer=certificate_name(top), sha256=top.fingerprint)
    authority = top.extensions.authority_key_identifier
    key_identifier = None if authority is None else authority.key_identifier
    locations = (a.location for a in top.extensions.authority_info_access if a.method == _CA_ISSUERS)
    return Wanted(
        issuer=name_text(top.issuer),
        key_identifier="" if key_identifier is None else key_identifier.hex(),
        sources=tuple(printable(n.text) for n in locations if n.kind is GeneralNameType.URI),
    )


def _top(case: Case) -> Certificate | None:
    """The certificate above which nothing is known, or whose CA certificate is damaged."""
    path, position = case.obstacle.certificates, case.finding.position
    if not path or case.obstacle.anchor is not None:
        return None
    if position is not None and 0 < position < len(path) and case.finding.reason.code == _DAMAGED:
        return path[position - 1]
    return path[-1]


def _in_entries(case: Case, root: Certificate) -> Changes:
    """The root in an entry the domain relies on: by that alone its certificates find a path."""
    for listed in case.rules.entries:
        document = find_document(case.data, DocumentKind.TRUST_LIST, listed.trust_list.identifier)
        if document is not None and root.fingerprint not in {pin.sha256 for pin in listed.entry.roots}:
            entry = Row("entry", listed.entry.identifier)
            yield policy_change(
                case,
                changes.ENTRY_ROOT_PINNED,
                appending(document, "entries", entry, "roots", value=pin_of(root)),
                entry=listed.reference,
                name=certificate_name(root),
                sha256=root.fingerprint,
            )


def _pinning(case: Case, root: Certificate) -> Changes:
    name = case.judged.domain.name
    document = find_document(case.data, DocumentKind.DOMAIN, name)
    if document is None:
        return
    relied = set(case.data[document].get("trust_lists", ()))
    if case.obstacle.model is TrustModel.TRUST_LIST:
        yield from _in_entries(case, root)
    for _, data in of_kind(case.data, DocumentKind.TRUST_LIST):
        roots = {pin["sha256"] for entry in rows_at(data, "entries") for pin in entry["roots"]}
        if root.fingerprint in roots and data["trust_list"] not in relied:
            edit = appending(document, "trust_lists", value=data["trust_list"])
            yield policy_change(
                case, changes.TRUST_LIST_RELIED_ON, edit, domain=name, list=data["trust_list"]
            )
    if root.fingerprint not in {anchor["sha256"] for anchor in case.data[document]["anchors"]}:
        yield policy_change(
            case,
            changes.ANCHOR_ADDED,
            appending(document, "anchors", value=pin_of(root)),
            domain=name,
            name=certificate_name(root),
            sha256=root.fingerprint,
        )
