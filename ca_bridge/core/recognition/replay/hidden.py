"""Whether a name that was not recorded would have been compared with anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ca_bridge.core.path.candidate import ValidatedPath
from ca_bridge.core.path.context import Context
from ca_bridge.core.recognition.agreement import Conditions
from ca_bridge.core.recognition.crossings import crossings
from ca_bridge.core.recognition.replay.target import HOSTS
from ca_bridge.core.recognition.replay.vocabulary import Forms, Known, forms_constrained
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.request import Purpose
from ca_bridge.core.verdict import RejectedPath, TrustModel
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.identity import HolderKind
from ca_bridge.core.x509.names import GeneralNameType


def conditions_asked(path: ValidatedPath, rules: RecognitionRules) -> Iterator[Conditions]:
    """Conditions that recognising ``path`` may look at."""
    if rules.model is TrustModel.TRUST_LIST:
        for listed in rules.entries:
            yield listed.entry.conditions
        return
    for crossing in crossings(path, rules):
        for agreement in rules.agreements.get((crossing.issuer_domain, crossing.subject_domain), ()):
            yield agreement.conditions


def forms_of(conditions: Conditions) -> Forms:
    """Forms of names that the conditions constrain."""
    return frozenset(name.kind for name in (*conditions.permitted_names, *conditions.excluded_names))


def limits_kinds(conditions: Conditions) -> bool:
    """Whether the conditions ask for a kind of holder."""
    return len(conditions.subject_kinds) < len(HolderKind)


def host_is_hidden(hidden: Forms, target: Certificate, context: Context) -> bool:
    """Whether the host name asked for would be looked for among names that are not recorded."""
    recorded = {name.kind for name in target.extensions.subject_alt_name}
    return context.parameters.dns_name is not None and bool(hidden & recorded & HOSTS)


def constrained_forms(seen: Iterable[RejectedPath], context: Context, known: Known) -> Forms:
    """Forms that the CA certificates on the paths seen constrain, the anchors' own among them."""
    supplied = {c.fingerprint: forms_constrained(c) for c in context.supplied}
    named = {f for path in seen for f in (*path.certificates[1:], path.trust_anchor or "")}
    return frozenset(form for f in named for form in known.constrained.get(f, supplied.get(f, frozenset())))


def relevant(hidden: Forms, target: Certificate, purpose: Purpose) -> Forms:
    """``hidden`` without hosts that only a common name might spell, unless a server is judged."""
    stated = {name.kind for name in target.extensions.subject_alt_name}
    if purpose is Purpose.SERVER_AUTH or GeneralNameType.DNS_NAME in stated:
        return hidden
    return hidden - {GeneralNameType.DNS_NAME}
