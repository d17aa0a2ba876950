"""Where a path leaves one PKI domain for another (RFC 5217 §3.1.3), by the keys that domains pin."""

from __future__ import annotations

from dataclasses import dataclass

from ca_bridge.core.path.candidate import ValidatedPath
from ca_bridge.core.recognition.key_identity import key_hash
from ca_bridge.core.recognition.rules import UNKNOWN_DOMAIN, RecognitionRules
from ca_bridge.core.x509.certificate import Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """``position``: the certificate whose subject is of another domain than its issuer, or the anchor.

    At the anchor the relying domain trusts a key of another domain directly.
    """

    position: int
    issuer_domain: str
    subject_domain: str


def crossings(path: ValidatedPath, rules: RecognitionRules) -> tuple[Crossing, ...]:
    """The crossings from the anchor down.

    A key nobody pins belongs to the domain that certified it, unless its certificate maps policies: that is
    a step into another domain (RFC 5280 §4.2.1.5), and of an unknown one no agreement can speak.
    """
    found: list[Crossing] = []
    current = rules.name
    for index, certificate in enumerate((path.anchor.certificate, *reversed(path.certificates))):
        domain = _domain_of(certificate, current, rules, is_anchor=index == 0)
        if domain != current:
            position = len(path.certificates) - index
            found.append(Crossing(position=position, issuer_domain=current, subject_domain=domain))
            current = domain
    return tuple(found)


def _domain_of(certificate: Certificate, current: str, rules: RecognitionRules, *, is_anchor: bool) -> str:
    member = rules.members.get(key_hash(certificate))
    if member is not None:
        return member.domain
    maps = certificate.extensions.policy_mappings is not None and not is_anchor
    return UNKNOWN_DOMAIN if maps else current
