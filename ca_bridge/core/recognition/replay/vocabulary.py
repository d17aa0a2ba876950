"""Public texts and names that subjects are compared with, by their keyed digests.

A record holds digests where the subject's names stood. Those of public texts are turned back, so that the
standard functions compare as ever; the others stay unequal to everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.recognition.agreement import Conditions
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.names import GeneralName, GeneralNameType

TEXT_ATTRIBUTES = frozenset({"2.5.4.10", "2.5.4.11"})
"""organizationName and organizationalUnitName: the texts that trust lists name certificate types by."""

Digest = Callable[[str], str]
Forms = frozenset[GeneralNameType]
NormalizedName = tuple[bytes, ...]


def text_digest(text: str, digest: Digest) -> str:
    """How the text of an attribute is recorded."""
    return digest(f"text:{text}")


def rdn_digest(normalized: bytes, digest: Digest) -> str:
    """How an RDN's comparison form is recorded."""
    return digest(f"rdn:{normalized.hex()}")


def name_digest(normalized: NormalizedName, digest: Digest) -> str:
    """How a whole name's comparison form is recorded."""
    return digest(f"name:{','.join(part.hex() for part in normalized)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The CA certificates that a trust knows, as records speak of them.

    ``named``: fingerprints by the digest of the subject's name. ``mentioned``: digests of all subjects and
    issuers. ``constrained``: forms of names that each constrains, by fingerprint.
    """

    named: Mapping[str, tuple[str, ...]]
    mentioned: frozenset[str]
    constrained: Mapping[str, Forms]


@dataclass(slots=True)
class Vocabulary:
    """Texts, RDNs and names by digest; grows with what it is told to know."""

    digest: Digest
    texts: dict[str, str] = field(default_factory=dict)
    rdns: dict[str, bytes] = field(default_factory=dict)
    _learnt: set[bytes] = field(default_factory=set)
    _known: dict[TrustSnapshot, Known] = field(default_factory=dict)

    def learn_rules(self, rules: RecognitionRules) -> None:
        """Know the type names and directory names of everything the domain goes by."""
        for listed in rules.entries:
            self.texts[text_digest(listed.entry.type_name, self.digest)] = listed.entry.type_name
        for conditions in _conditions(rules):
            self._learn_names((*conditions.permitted_names, *conditions.excluded_names))

    def learn_certificates(self, certificates: Iterable[Certificate]) -> None:
        """Know the names of CAs, which a target may share, and the directory names they constrain."""
        for certificate in certificates:
            self._learn(certificate.subject.normalized)
            constraints = certificate.extensions.name_constraints
            if constraints is not None:
                self._learn_names((*constraints.permitted, *constraints.excluded))

    def known(self, trust: TrustSnapshot) -> Known:
        """What ``trust`` knows; worked out once."""
        found = self._known.get(trust)
        if found is None:
            found = self._known[trust] = _known(trust, self.digest)
        return found

    def _learn_names(self, names: Iterable[GeneralName]) -> None:
        for name in names:
            self._learn(name.name.normalized if name.name is not None else ())

    def _learn(self, normalized: NormalizedName) -> None:
        for rdn in normalized:
            if rdn not in self._learnt:
                self._learnt.add(rdn)
                self.rdns[rdn_digest(rdn, self.digest)] = rdn


def forms_constrained(certificate: Certificate) -> Forms:
    """Forms of names that a CA certificate constrains."""
    limits = certificate.extensions.name_constraints
    return frozenset(n.kind for n in (*limits.permitted, *limits.excluded)) if limits else frozenset()


def _known(trust: TrustSnapshot, digest: Digest) -> Known:
    names: dict[NormalizedName, str] = {}

    def named(normalized: NormalizedName) -> str:
        if normalized not in names:
            names[normalized] = name_digest(normalized, digest)
        return names[normalized]

    certificates = trust.graph.certificates
    by_name: dict[str, list[str]] = {}
    for certificate in certificates:
        by_name.setdefault(named(certificate.subject.normalized), []).append(certificate.fingerprint)
        named(certificate.issuer.normalized)
    anchors = tuple(anchor.certificate for anchor in trust.anchors)
    return Known(
        named={name: tuple(sorted(found)) for name, found in by_name.items()},
        mentioned=frozenset((*names.values(), *(named(a.subject.normalized) for a in anchors))),
        constrained={c.fingerprint: forms_constrained(c) for c in (*certificates, *anchors)},
    )


def _conditions(rules: RecognitionRules) -> Iterator[Conditions]:
    for listed in rules.entries:
        yield listed.entry.conditions
    for agreements in rules.agreements.values():
        for agreement in agreements:
            yield agreement.conditions
