"""permitted_subtrees and excluded_subtrees, RFC 5280 §4.2.1.10 and §6.1.3 (b), (c), §6.1.4 (g).

Permitted subtrees accumulate as groups, one of each constraining certificate: a name must lie
in some subtree of every group, which is the intersection the standard speaks of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ca_bridge.core.budget import Budget, Resource
from ca_bridge.core.path.name_forms import NAME_FORMS, MalformedName, directory_name, host_name
from ca_bridge.core.reasons import name_constraints as reasons
from ca_bridge.core.reasons.model import Reason
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.extensions import NameConstraints
from ca_bridge.core.x509.names import GeneralName, GeneralNameType

_EMAIL_ADDRESS = "1.2.840.113549.1.9.1"
_COMMON_NAME = "2.5.4.3"
_SMTP_UTF8_MAILBOX = "1.3.6.1.5.5.7.8.9"
_MAX_SHOWN_CHARS = 128


@dataclass(frozen=True, slots=True)
class FormSubtrees:
    """The subtrees on one form of name, in canonical values."""

    permitted: tuple[tuple[object, ...], ...] = ()
    excluded: tuple[object, ...] = ()

    @property
    def size(self) -> int:
        """Number of subtrees a name of this form is compared with."""
        return sum(map(len, self.permitted)) + len(self.excluded)


@dataclass(frozen=True, slots=True)
class NameProblem:
    """A name that constraints do not let pass, and why."""

    reason: Reason
    form: str
    name: str


NameSubtrees = dict[GeneralNameType, FormSubtrees]


def add_constraints(subtrees: NameSubtrees | None, constraints: NameConstraints) -> NameSubtrees:
    """Subtrees narrowed by one certificate's nameConstraints (§6.1.4 (g)); raises MalformedName.

    A form that is not processed (NAME_FORMS) is kept as constrained, without values.
    """
    narrowed = dict(subtrees or {})
    for kind, values in _by_form(constraints.permitted).items():
        before = narrowed.get(kind, FormSubtrees())
        narrowed[kind] = FormSubtrees((*before.permitted, values), before.excluded)
    for kind, values in _by_form(constraints.excluded).items():
        before = narrowed.get(kind, FormSubtrees())
        narrowed[kind] = FormSubtrees(before.permitted, (*before.excluded, *values))
    return narrowed


def _by_form(names: tuple[GeneralName, ...]) -> dict[GeneralNameType, tuple[object, ...]]:
    found: dict[GeneralNameType, list[object]] = {}
    for name in names:
        form = NAME_FORMS.get(name.kind)
        values = found.setdefault(name.kind, [])
        if form is not None:
            values.append(form.read_constraint(name))
    return {kind: tuple(values) for kind, values in found.items()}


def check_names(
    certificate: Certificate, subtrees: NameSubtrees, budget: Budget, *, common_name_is_host: bool
) -> Iterator[NameProblem]:
    """Names of the certificate outside the permitted or inside the excluded subtrees (§6.1.3 (b), (c)).

    ``common_name_is_host``: common names that look like host names are held to the dNSName
    subtrees too, as some relying parties read them.
    """
    for name in _names(certificate, common_name_is_host=common_name_is_host):
        constrained = subtrees.get(name.kind)
        if constrained is not None:
            budget.spend(Resource.NAME_COMPARISONS, constrained.size + 1)
            reason = _problem(name, constrained)
        elif name.type_id == _SMTP_UTF8_MAILBOX and GeneralNameType.RFC822_NAME in subtrees:
            reason = reasons.NAME_FORM_NOT_PROCESSED
        else:
            continue
        if reason is not None:
            yield NameProblem(reason, name.kind.value, _shown(name))


def _problem(name: GeneralName, subtrees: FormSubtrees) -> Reason | None:
    form = NAME_FORMS.get(name.kind)
    if form is None:
        return reasons.NAME_FORM_NOT_PROCESSED
    try:
        value = form.read(name)
    except MalformedName:
        return reasons.CONSTRAINED_NAME_MALFORMED
    if any(form.excludes(value, base) for base in subtrees.excluded):
        return reasons.NAME_EXCLUDED
    if all(any(form.permits(value, base) for base in group) for group in subtrees.permitted):
        return None
    return reasons.NAME_NOT_PERMITTED


def _names(certificate: Certificate, *, common_name_is_host: bool) -> Iterator[GeneralName]:
    """Subject, subject alternative names, and what stands in for them in older certificates."""
    subject, alternatives = certificate.subject, certificate.extensions.subject_alt_name
    if subject.rdns:
        yield directory_name(subject)
    yield from alternatives
    kinds = {name.kind for name in alternatives}
    attributes = [a for rdn in subject.rdns for a in rdn]
    if GeneralNameType.RFC822_NAME not in kinds:
        for attribute in attributes:
            if attribute.oid == _EMAIL_ADDRESS:
                yield GeneralName(GeneralNameType.RFC822_NAME, text=attribute.text)
    if common_name_is_host and GeneralNameType.DNS_NAME not in kinds:
        for attribute in attributes:
            if attribute.oid == _COMMON_NAME and _looks_like_host(attribute.text):
                yield GeneralName(GeneralNameType.DNS_NAME, text=attribute.text)


def _looks_like_host(text: str) -> bool:
    try:
        return "." in host_name(text.removeprefix("*."))
    except MalformedName:
        return False


def _shown(name: GeneralName) -> str:
    """The name for the finding: readable, bounded."""
    if name.name is not None:
        attributes = (a.text for rdn in name.name.rdns for a in rdn)
        return ", ".join(attributes)[:_MAX_SHOWN_CHARS]
    return (name.text or name.octets[:_MAX_SHOWN_CHARS].hex())[:_MAX_SHOWN_CHARS]
