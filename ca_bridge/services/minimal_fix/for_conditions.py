"""Changes for conditions that an agreement or an entry sets and the path does not satisfy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address
from itertools import takewhile
from types import MappingProxyType

from ca_bridge.core.recognition.agreement import KeyAlgorithm
from ca_bridge.core.x509.names import GeneralNameType, Name
from ca_bridge.services.minimal_fix import policy_changes as changes
from ca_bridge.services.minimal_fix.edits import Edit, PathStep, Row, appending, find_document
from ca_bridge.services.minimal_fix.for_questions import other_purposes
from ca_bridge.services.minimal_fix.making import Changes, policy_change
from ca_bridge.services.minimal_fix.obstacles import Case
from ca_bridge.services.printable import printable
from ca_bridge.services.recognition_reading import DocumentKind

_ABOVE: Mapping[str, str] = MappingProxyType(
    {"2.5.4.6": "C", "2.5.4.8": "ST", "2.5.4.7": "L", "2.5.4.10": "O", "2.5.4.11": "OU"}
)
"""Attributes that say where and of whom a holder is, not who; their names of RFC 4514 §3."""
_TEXT_FORMS = frozenset(
    {GeneralNameType.DNS_NAME.value, GeneralNameType.RFC822_NAME.value, GeneralNameType.URI.value}
)
_SPECIAL = re.compile(r'[\\",;<>+]')


def purpose_not_covered(case: Case) -> Changes:
    """Ask for a purpose it covers, or agree on this one."""
    yield from other_purposes(case, _covered(case))
    edit = _appending(case, "purposes", case.param("purpose"))
    if edit is not None:
        basis, purpose = case.param("basis"), case.param("purpose")
        yield policy_change(case, changes.PURPOSE_AGREED, edit, basis=basis, purpose=purpose)


def subject_kind(case: Case) -> Changes:
    """Agree on this kind of holder too."""
    edit = _appending(case, "subject_kinds", case.param("kind"))
    if edit is not None:
        basis, kind = case.param("basis"), case.param("kind")
        yield policy_change(case, changes.SUBJECT_KIND_AGREED, edit, basis=basis, kind=kind)


def key_algorithm(case: Case) -> Changes:
    """Agree on this kind of key too, where agreements can name it."""
    algorithm = case.param("algorithm")
    edit = _appending(case, "key_algorithms", algorithm)
    if edit is not None and algorithm in frozenset(KeyAlgorithm):
        basis = case.param("basis")
        yield policy_change(case, changes.KEY_ALGORITHM_AGREED, edit, basis=basis, algorithm=algorithm)


def name(case: Case) -> Changes:
    """Agree on this name too, of a directory name on its organisation; a name that was excluded stays so."""
    form, basis = case.param("form"), case.param("basis")
    value = _subtree(case, form)
    if value is None:
        return
    edit = _appending(case, "permitted_names", {"type": form, "value": value})
    if edit is not None and value == printable(value):
        yield policy_change(case, changes.NAME_AGREED, edit, basis=basis, name=value, form=form)


def _subtree(case: Case, form: str) -> str | None:
    """The name as a condition writes it; None for a name that conditions cannot write."""
    value = case.param("name")
    if form == GeneralNameType.IP_ADDRESS.value:
        try:
            address = ip_address(bytes.fromhex(value))
        except ValueError:
            return None
        return f"{address}/{address.max_prefixlen}"
    if form == GeneralNameType.DIRECTORY_NAME.value:
        certificate = case.certificate(case.finding.position or 0)
        return None if certificate is None else _organisation(certificate.subject) or None
    return value if form in _TEXT_FORMS else None


def _organisation(name: Name) -> str:
    """The part of ``name`` above the holder's own, in RFC 4514 text; "" when nothing is above."""
    above = takewhile(lambda rdn: all(a.oid in _ABOVE for a in rdn), name.rdns)
    shown = ["+".join(f"{_ABOVE[a.oid]}={_escaped(a.text)}" for a in rdn) for rdn in above]
    return ",".join(reversed(shown))


def _escaped(text: str) -> str:
    """RFC 4514 §2.4."""
    escaped = _SPECIAL.sub(r"\\\g<0>", text)
    if escaped.startswith(("#", " ")):
        escaped = f"\\{escaped}"
    return f"{escaped[:-1]}\\ " if escaped.endswith(" ") and text != " " else escaped


def _place(case: Case) -> tuple[str, tuple[PathStep, ...]] | None:
    """Document and path of what the finding calls its basis: an agreement, or list/entry."""
    trust_list, slash, entry = case.param("basis").partition("/")
    kind = DocumentKind.TRUST_LIST if slash else DocumentKind.AGREEMENT
    document = find_document(case.data, kind, trust_list)
    if document is None:
        return None
    return document, ("entries", Row("entry", entry)) if slash else ()


def _appending(case: Case, key: str, value: object) -> Edit | None:
    place = _place(case)
    return None if place is None else appending(place[0], *place[1], "conditions", key, value=value)


def _covered(case: Case) -> frozenset[str]:
    """Purposes that the basis recognises."""
    basis = case.param("basis")
    for listed in case.rules.entries:
        if listed.reference == basis:
            return frozenset(p.value for p in listed.entry.conditions.purposes)
    agreements = (a for known in case.rules.agreements.values() for a in known)
    found = next((a for a in agreements if a.identifier == basis), None)
    return frozenset() if found is None else frozenset(p.value for p in found.conditions.purposes)
