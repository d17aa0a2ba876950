"""Gateways for tests: one over supplied anchors only, and one whose worker dies of a marked line."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime

from ca_bridge import wiring
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.validate_certificate import Answer, Question, ValidateCertificate

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
DEADLY_HOST, DEFECTIVE_HOST = "die.example", "defect.example"


class StillClock:
    def now(self) -> datetime:
        return NOON


class Fragile(ValidateCertificate):
    """Judges by the real one; dies or stumbles when the host name asked for says so."""

    def __init__(self, real: ValidateCertificate) -> None:
        self._real = real
        self.clock = StillClock()

    def answer(self, question: Question) -> Answer:
        if question.parameters.dns_name == DEADLY_HOST:
            os._exit(9)
        if question.parameters.dns_name == DEFECTIVE_HOST:
            raise KeyError("ours")
        return self._real.answer(question)


def fragile_gateway() -> Gateway:
    gateway = wiring.gateway()
    return replace(gateway, validate=Fragile(gateway.validate))
