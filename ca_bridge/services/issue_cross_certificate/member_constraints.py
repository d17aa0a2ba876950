"""Name constraints of the member's own certificate, which nothing issued beside it may undo."""

from __future__ import annotations

from collections.abc import Iterable

from ca_bridge.core.path.name_forms import NAME_FORMS, MalformedName
from ca_bridge.core.x509.extensions import NameConstraints
from ca_bridge.core.x509.names import GeneralName, GeneralNameType
from ca_bridge.services.issue_cross_certificate.errors import MEMBER_CONSTRAINTS_NOT_CARRIED, BridgeRefused

_Values = dict[object, GeneralName]


def confined(agreed: NameConstraints | None, own: NameConstraints | None) -> NameConstraints | None:
    """Names within both (RFC 5280 §6.1.4 (g)): what was agreed on, and what the member's certificate says.

    MEMBER_CONSTRAINTS_NOT_CARRIED when no subtrees say that: of forms that are not processed, where nothing
    would be left, and where both permit different names of a form that is not directoryName.
    """
    if own is None:
        return agreed
    said = agreed or NameConstraints((), ())
    kinds = dict.fromkeys(name.kind for name in (*said.permitted, *own.permitted))
    permitted = [
        name
        for kind in kinds
        for name in _within_both(kind, _values(kind, said.permitted), _values(kind, own.permitted))
    ]
    excluded = {
        (kind, value): name
        for kind in dict.fromkeys(name.kind for name in (*said.excluded, *own.excluded))
        for value, name in _values(kind, (*said.excluded, *own.excluded)).items()
    }
    return NameConstraints(tuple(permitted), tuple(excluded.values()))


def _within_both(kind: GeneralNameType, agreed: _Values, own: _Values) -> Iterable[GeneralName]:
    if not agreed or not own:
        return (agreed or own).values()
    if agreed.keys() == own.keys():
        return agreed.values()
    covers = NAME_FORMS[kind].permits
    if kind is not GeneralNameType.DIRECTORY_NAME:
        raise _not_carried(kind)
    found = {value: name for value, name in own.items() if any(covers(value, base) for base in agreed)}
    found |= {value: name for value, name in agreed.items() if any(covers(value, base) for base in own)}
    if not found:
        raise _not_carried(kind)
    return found.values()


def _values(kind: GeneralNameType, names: Iterable[GeneralName]) -> _Values:
    """Those of ``kind``, by what is compared of them."""
    form = NAME_FORMS.get(kind)
    if form is None:
        raise _not_carried(kind)
    try:
        return {form.read_constraint(name): name for name in names if name.kind is kind}
    except MalformedName as error:
        raise _not_carried(kind) from error


def _not_carried(kind: GeneralNameType) -> BridgeRefused:
    return BridgeRefused(MEMBER_CONSTRAINTS_NOT_CARRIED, form=kind.value)
