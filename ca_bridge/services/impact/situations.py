"""What a domain judges a question under, one trust model after the other, as ValidateCertificate does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ca_bridge.core.recognition.replay.recording import Situation
from ca_bridge.core.request import Parameters, tighten
from ca_bridge.services.ports import DomainSnapshot


def situations(domain: DomainSnapshot, asked: Parameters) -> tuple[Situation, ...]:
    """At least one; policies that the domain itself asks for are no matter of trust lists."""
    return tuple(_under_each_model(domain, asked))


def _under_each_model(domain: DomainSnapshot, asked: Parameters) -> Iterator[Situation]:
    parameters = tighten(domain.base, asked)
    if domain.cross_certification or domain.listed is None:
        yield Situation(trust=domain.trust, rules=domain.rules, parameters=parameters)
    if domain.listed is not None:
        listed = replace(
            parameters,
            user_initial_policy_set=asked.user_initial_policy_set,
            initial_explicit_policy=asked.initial_explicit_policy,
        )
        yield Situation(trust=domain.listed.trust, rules=domain.listed.rules, parameters=listed)
