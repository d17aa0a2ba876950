"""What stands in a question's way, path by path and under each trust model, and the case a finding makes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ca_bridge.core.path.trust_anchor import TrustAnchor
from ca_bridge.core.recognition.domain import PkiDomain
from ca_bridge.core.recognition.rules import RecognitionRules
from ca_bridge.core.request import Parameters
from ca_bridge.core.verdict import Finding, TrustModel, Verdict
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.services.minimal_fix.judging import Judge, Judged
from ca_bridge.services.minimal_fix.library import Library
from ca_bridge.services.minimal_fix.steps import World
from ca_bridge.services.ports import DomainSnapshot
from ca_bridge.services.report import Known

_MAX_VIEWS = 12
_MAX_ON_ANCHORS = 8
_MAX_DEAD_ENDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """One candidate path and everything that was said against it under one trust model.

    ``certificates``: target first, as far as they are known. ``anchor`` None: none was reached.
    """

    model: TrustModel
    certificates: tuple[Certificate, ...]
    anchor: Certificate | None
    findings: tuple[Finding, ...]

    @property
    def signature(self) -> tuple[object, ...]:
        """Equal for obstacles that say the same of the same path."""
        path = tuple(certificate.fingerprint for certificate in self.certificates)
        said = tuple((f.reason.code, f.position, f.params) for f in self.findings)
        return self.model.value, path, said


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One finding against one path, with everything that a change can be made of."""

    judged: Judged
    obstacle: Obstacle
    finding: Finding
    library: Library

    @property
    def world(self) -> World:
        """The world it was found in."""
        return self.judged.world

    @property
    def data(self) -> Mapping[str, Any]:
        """The world's policy documents as plain data by name."""
        return self.judged.data

    @property
    def parameters(self) -> Parameters:
        """The question's parameters, before the domain's own tighten them."""
        return self.world.question.parameters

    @property
    def at(self) -> datetime:
        """The validation time."""
        return self.parameters.validation_time

    @property
    def rules(self) -> RecognitionRules:
        """The rules of the trust model that spoke."""
        listed = self.judged.domain.listed
        if self.obstacle.model is TrustModel.TRUST_LIST and listed is not None:
            return listed.rules
        return self.judged.domain.rules

    @property
    def relying(self) -> PkiDomain | None:
        """The relying domain; None when it grades nothing."""
        return self.rules.domain

    @property
    def anchors(self) -> tuple[TrustAnchor, ...]:
        """The trust anchors of the trust model that spoke."""
        listed = self.judged.domain.listed
        if self.obstacle.model is TrustModel.TRUST_LIST and listed is not None:
            return listed.trust.anchors
        return self.judged.domain.trust.anchors

    @property
    def target(self) -> Certificate | None:
        """The certificate asked about."""
        return self.certificate(0)

    def param(self, name: str) -> str:
        """A parameter of the finding; "" when it has none of this name."""
        return dict(self.finding.params).get(name, "")

    def certificate(self, position: int) -> Certificate | None:
        """The certificate at ``position``, the anchor's above the last; None when it is not known."""
        path = self.obstacle.certificates
        if position < len(path):
            return path[position]
        return self.obstacle.anchor if position == len(path) else None


def obstacles_of(judged: Judged, judge: Judge) -> tuple[Obstacle, ...]:
    """Every obstacle of a world that does not pass, those nearest to acceptance first in each view.

    Raises JudgementsSpent.
    """
    found: dict[tuple[object, ...], Obstacle] = {}
    for model, view in _views(judged.domain):
        answer = judge.answer(view, judged.question)
        known = Known(judged.question, answer)
        for obstacle in _of_verdict(answer.verdict, model, known):
            found.setdefault(obstacle.signature, obstacle)
    return tuple(found.values())


def _views(domain: DomainSnapshot) -> Iterator[tuple[TrustModel, DomainSnapshot]]:
    """The domain under each model alone; where several agreements or entries could speak, each by itself.

    A verdict names the nearest of them only, and another may be mended by less.
    """
    views = (*_of_agreements(domain), *_of_entries(domain))
    yield from views[:_MAX_VIEWS]


def _of_agreements(domain: DomainSnapshot) -> Iterator[tuple[TrustModel, DomainSnapshot]]:
    if not domain.cross_certification and domain.listed is not None:
        return
    alone = replace(domain, listed=None)
    yield TrustModel.CROSS_CERTIFICATION, alone
    for parties, agreements in domain.rules.agreements.items():
        for agreement in agreements if len(agreements) > 1 else ():
            rules = replace(alone.rules, agreements={**alone.rules.agreements, parties: (agreement,)})
            yield TrustModel.CROSS_CERTIFICATION, replace(alone, rules=rules)


def _of_entries(domain: DomainSnapshot) -> Iterator[tuple[TrustModel, DomainSnapshot]]:
    listed = domain.listed
    if listed is None:
        return
    alone = replace(domain, cross_certification=False)
    entries = listed.rules.entries
    if len(entries) < 2:  # noqa: PLR2004 - one entry speaks for itself
        yield TrustModel.TRUST_LIST, alone
        return
    for entry in entries:
        rules = replace(listed.rules, entries=(entry,))
        yield TrustModel.TRUST_LIST, replace(alone, listed=replace(listed, rules=rules))


def _of_verdict(verdict: Verdict, model: TrustModel, known: Known) -> Iterator[Obstacle]:
    if verdict.revocation or not verdict.rejected_paths:
        # A path holds and the target itself does not fit, or nothing was judged at all.
        yield _obstacle(model, verdict.path, verdict.trust_anchor, verdict.findings, known)
        return
    leading = verdict.rejected_paths[0].findings
    about_target = tuple(f for f in verdict.findings if f not in leading)
    reached = [r for r in verdict.rejected_paths if r.trust_anchor is not None][:_MAX_ON_ANCHORS]
    ends = [r for r in verdict.rejected_paths if r.trust_anchor is None][:_MAX_DEAD_ENDS]
    for rejected in (*reached, *ends):
        findings = tuple(dict.fromkeys((*about_target, *rejected.findings)))
        yield _obstacle(model, rejected.certificates, rejected.trust_anchor, findings, known)


def _obstacle(
    model: TrustModel,
    path: tuple[str, ...],
    anchor: str | None,
    findings: tuple[Finding, ...],
    known: Known,
) -> Obstacle:
    certificates: list[Certificate] = []
    for fingerprint in path:
        certificate = known.certificate(fingerprint)
        if certificate is None:
            break
        certificates.append(certificate)
    whole = anchor is not None and len(certificates) == len(path)
    return Obstacle(
        model=model,
        certificates=tuple(certificates),
        anchor=known.certificate(anchor) if whole and anchor is not None else None,
        findings=findings,
    )
