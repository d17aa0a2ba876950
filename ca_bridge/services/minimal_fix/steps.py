"""A world to judge in: the documents, the question, what is assumed; and steps from one to another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.services.minimal_fix.edits import Edit, apply_edits
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.validate_certificate import Question


@dataclass(frozen=True, slots=True)
class FreshStatus:
    """Assumed: a fresh OCSP response of ``issuer`` calls ``certificate`` good."""

    certificate: Certificate
    issuer: Certificate


@dataclass(frozen=True, slots=True)
class Renewal:
    """Assumed: ``certificate`` was issued again, with a later end and the same content beside."""

    certificate: Certificate


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What one judgement is made in. The question's certificate and evidence are real ones."""

    documents: PolicyDocuments
    question: Question
    fresh: tuple[FreshStatus, ...] = ()
    renewed: tuple[Renewal, ...] = ()

    @property
    def assumes(self) -> bool:
        """Whether something is assumed that nobody has shown."""
        return bool(self.fresh or self.renewed)


@dataclass(frozen=True, slots=True)
class PolicyStep:
    """Edits of the policy documents, all of them or none."""

    edits: tuple[Edit, ...]

    def apply(self, world: World) -> World:
        """The world under the edited documents; NoSuchPlace."""
        return replace(world, documents=apply_edits(world.documents, self.edits))


@dataclass(frozen=True, slots=True)
class SupplyStep:
    """More CA certificates (DER) sent along."""

    certificates: tuple[bytes, ...]

    def apply(self, world: World) -> World:
        """The world with them among the evidence."""
        evidence = world.question.evidence
        more = replace(evidence, certificates=(*evidence.certificates, *self.certificates))
        return replace(world, question=replace(world.question, evidence=more))


@dataclass(frozen=True, slots=True)
class StatusStep:
    """A status that is assumed good."""

    fresh: FreshStatus

    def apply(self, world: World) -> World:
        """The world that assumes it too."""
        return replace(world, fresh=(*world.fresh, self.fresh))


@dataclass(frozen=True, slots=True)
class RenewStep:
    """A certificate that is assumed to be renewed."""

    renewal: Renewal

    def apply(self, world: World) -> World:
        """The world that assumes it too."""
        return replace(world, renewed=(*world.renewed, self.renewal))


@dataclass(frozen=True, slots=True)
class AskStep:
    """Parameters of the question asked otherwise: field and value."""

    fields: tuple[tuple[str, Any], ...]

    def apply(self, world: World) -> World:
        """The world in which this is asked."""
        asked = replace(world.question.parameters, **dict(self.fields))
        return replace(world, question=replace(world.question, parameters=asked))


Step = PolicyStep | SupplyStep | StatusStep | RenewStep | AskStep
