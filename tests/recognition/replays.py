"""Questions recorded and replayed beside the live engine, for the tests of impact."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.request import Parameters, RevocationRule
from ca_bridge.core.verdict import Verdict
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.identity_key import PersonalDigest
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.impact.outcome import Outcome, outcome_of
from ca_bridge.services.impact.record_data import certificates_of, read_stored, stored_data
from ca_bridge.services.impact.replaying import Replayer
from ca_bridge.services.impact.request_record import StoredRequest, store_request
from ca_bridge.services.validate_certificate import Question

NOW = datetime(2026, 1, 15, 8, tzinfo=UTC)
DIGEST = PersonalDigest(b"impact tests, not a secret at all")


def question(
    target: bytes,
    chain: Iterable[bytes] = (),
    domain: str = "hk",
    *,
    crls: Iterable[bytes] = (),
    responses: Iterable[bytes] = (),
    **asked: Any,
) -> Question:
    given = {"validation_time": NOW, "revocation": RevocationRule.IF_AVAILABLE} | asked
    return Question(
        certificate=target,
        evidence=Evidence(certificates=tuple(chain), crls=tuple(crls), ocsp_responses=tuple(responses)),
        parameters=Parameters(**given),
        domain=domain,
    )


def store(made: Gateway, asked: Question, site: str = "site") -> tuple[StoredRequest, Verdict]:
    """The record, once through JSON, and the live verdict."""
    verdict = made.validate.answer(asked).verdict
    domain = made.domains.snapshot(asked.domain or made.default_domain)
    stored = store_request(asked, verdict, domain, time=NOW, site=site, digest=DIGEST)
    return through_json(stored), verdict


def through_json(stored: StoredRequest) -> StoredRequest:
    known = {f: parse_certificate(der) for f, der in certificates_of(stored).items()}
    return read_stored(json.loads(json.dumps(stored_data(stored))), known)


def replayer(made: Gateway, *stored: StoredRequest) -> Replayer:
    side = Replayer(made.domains, DIGEST)
    for one in stored:
        side.learn(parse_certificate(der) for der in certificates_of(one).values())
    return side


def replayed(made: Gateway, stored: StoredRequest) -> Outcome:
    return outcome_of(replayer(made, stored).answer(stored))
