"""Stored requests as plain data, and back: one JSON object each, CA certificates by fingerprint."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ca_bridge.core.reasons.model import Indication
from ca_bridge.core.recognition.replay.recorded import (
    Cause,
    RecordedEvidence,
    RecordedHolder,
    RecordedQuestion,
    RecordedRdn,
    RecordedTarget,
)
from ca_bridge.core.request import KeyUsageBit, Parameters, Purpose, RevocationRule
from ca_bridge.core.x509.certificate import AlgorithmIdentifier, Certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.identity import HolderKind
from ca_bridge.core.x509.names import GeneralNameType
from ca_bridge.services.errors import GatewayError
from ca_bridge.services.impact import record_parts as parts
from ca_bridge.services.impact.outcome import Outcome
from ca_bridge.services.impact.request_record import StoredRequest

MAX_RECORD_BYTES = 1 << 20
Data = Mapping[str, Any]
Certificates = Mapping[str, Certificate]


class UnreadableRecord(GatewayError):
    """A stored request that is not as this version writes them; the text says where."""


def stored_data(stored: StoredRequest) -> dict[str, Any]:
    """Plain data of ``stored``; certificates stand as their fingerprints (see ``certificates_of``)."""
    what = stored.what
    return {
        "time": stored.time.isoformat(),
        "domain": stored.domain,
        "site": stored.site,
        "parameters": parameters_data(stored.parameters),
        "answered": outcome_data(stored.answered),
        "what": what.value if isinstance(what, Cause) else _question_data(what),
    }


def certificates_of(stored: StoredRequest) -> dict[str, bytes]:
    """DER by fingerprint of the CA certificates that ``stored_data`` names."""
    if isinstance(stored.what, Cause):
        return {}
    target = stored.what.target
    own = (target,) if isinstance(target, Certificate) else ()
    return {c.fingerprint: c.der for c in (*stored.what.evidence.certificates, *own)}


def read_stored(data: Any, certificates: Certificates) -> StoredRequest:
    """The request; UnreadableRecord when ``data`` is anything else."""
    try:
        what = data["what"]
        return StoredRequest(
            time=_time(data["time"]),
            domain=str(data["domain"]),
            site=str(data["site"]),
            parameters=read_parameters(data["parameters"]),
            answered=read_outcome(data["answered"]),
            what=Cause(what) if isinstance(what, str) else _read_question(what, certificates),
        )
    except (LookupError, TypeError, ValueError, AttributeError, Malformed) as error:
        raise UnreadableRecord(f"{type(error).__name__}: {error}"[:200]) from error


def read_stored_line(line: bytes, certificates: Certificates) -> StoredRequest:
    """The request on one line of a journal; UnreadableRecord."""
    if len(line) > MAX_RECORD_BYTES:
        raise UnreadableRecord("too long")
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableRecord("not JSON") from error
    return read_stored(data, certificates)


def parameters_data(parameters: Parameters) -> dict[str, Any]:
    """Every field of the parameters."""
    return {
        "validation_time": parameters.validation_time.isoformat(),
        "purpose": parameters.purpose.value,
        "dns_name": parameters.dns_name,
        "key_usage": sorted(parameters.key_usage),
        "revocation": parameters.revocation.value,
        "policies": sorted(parameters.user_initial_policy_set),
        "flags": [
            parameters.initial_explicit_policy,
            parameters.initial_policy_mapping_inhibit,
            parameters.initial_any_policy_inhibit,
            parameters.identity_required,
        ],
        "max_path_length": parameters.max_path_length,
        "algorithm_profile": parameters.algorithm_profile,
        "sm2_user_ids": [i.hex() for i in parameters.sm2_user_ids],
        "assurance_level": parameters.assurance_level,
    }


def read_parameters(data: Data) -> Parameters:
    """The parameters of ``parameters_data``."""
    explicit, mapping, any_policy, identity = data["flags"]
    return Parameters(
        validation_time=_time(data["validation_time"]),
        purpose=Purpose(data["purpose"]),
        dns_name=data["dns_name"],
        key_usage=frozenset(map(KeyUsageBit, data["key_usage"])),
        revocation=RevocationRule(data["revocation"]),
        user_initial_policy_set=frozenset(data["policies"]),
        initial_explicit_policy=explicit,
        initial_policy_mapping_inhibit=mapping,
        initial_any_policy_inhibit=any_policy,
        max_path_length=data["max_path_length"],
        algorithm_profile=data["algorithm_profile"],
        sm2_user_ids=tuple(map(bytes.fromhex, data["sm2_user_ids"])),
        assurance_level=data["assurance_level"],
        identity_required=identity,
    )


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """Every field of the outcome."""
    return {
        "indication": outcome.indication.value,
        "reason": outcome.reason,
        "model": outcome.model,
        "level": outcome.level,
        "references": list(outcome.references),
    }


def read_outcome(data: Data) -> Outcome:
    """The outcome of ``outcome_data``."""
    return Outcome(
        indication=Indication(data["indication"]),
        reason=data["reason"],
        model=data["model"],
        level=data["level"],
        references=tuple(data["references"]),
    )


def _question_data(question: RecordedQuestion) -> dict[str, Any]:
    target, evidence, holder = question.target, question.evidence, question.holder
    statuses = evidence.statuses
    return {
        "target": target.fingerprint if isinstance(target, Certificate) else _target_data(target),
        "holder": {
            "kind": holder.kind.value,
            "keys": list(holder.keys),
            "findings": parts.findings_data(holder.findings),
            "registry": holder.registry,
        },
        "certificates": [c.fingerprint for c in evidence.certificates],
        "statuses": None if statuses is None else parts.statuses_data(statuses),
        "grounds": parts.grounds_data(evidence.grounds),
        "left_out": list(evidence.left_out),
        "unread_certificates": parts.unread_data(evidence.unread_certificates),
        "unread_status": parts.unread_data(evidence.unread_status),
    }


def _read_question(data: Data, certificates: Certificates) -> RecordedQuestion:
    target, holder, statuses = data["target"], data["holder"], data["statuses"]
    return RecordedQuestion(
        target=certificates[target] if isinstance(target, str) else _read_target(target),
        holder=RecordedHolder(
            kind=HolderKind(holder["kind"]),
            keys=tuple(holder["keys"]),
            findings=parts.read_findings(holder["findings"]),
            registry=holder["registry"],
        ),
        evidence=RecordedEvidence(
            certificates=tuple(certificates[f] for f in data["certificates"]),
            statuses=None if statuses is None else parts.read_statuses(statuses),
            grounds=parts.read_grounds(data["grounds"]),
            left_out=tuple(data["left_out"]),
            unread_certificates=parts.read_unread(data["unread_certificates"]),
            unread_status=parts.read_unread(data["unread_status"]),
        ),
    )


def _target_data(target: RecordedTarget) -> dict[str, Any]:
    parameters = target.algorithm.parameters
    return {
        "fingerprint": target.fingerprint,
        "version": target.version,
        "issuer": target.issuer.der.hex(),
        "subject": [[rdn.digest, [list(pair) for pair in rdn.attributes]] for rdn in target.subject],
        "not_before": target.not_before.isoformat(),
        "not_after": target.not_after.isoformat(),
        "spki": target.spki.der.hex(),
        "algorithm": [target.algorithm.oid, None if parameters is None else parameters.hex()],
        "extensions": parts.extensions_data(target.extensions),
        "hidden": sorted(target.hidden),
        "signatures": {
            key: None if fault is None else parts.finding_data(fault)
            for key, fault in target.signatures.items()
        },
        "sm2_user_ids": [i.hex() for i in target.sm2_user_ids],
    }


def _read_target(data: Data) -> RecordedTarget:
    oid, parameters = data["algorithm"]
    return RecordedTarget(
        fingerprint=data["fingerprint"],
        version=data["version"],
        issuer=parts.read_name(data["issuer"]),
        subject=tuple(
            RecordedRdn(digest, tuple((o, t) for o, t in attributes))
            for digest, attributes in data["subject"]
        ),
        not_before=_time(data["not_before"]),
        not_after=_time(data["not_after"]),
        spki=parts.read_spki(data["spki"]),
        algorithm=AlgorithmIdentifier(oid, None if parameters is None else bytes.fromhex(parameters)),
        extensions=parts.read_extensions(data["extensions"]),
        hidden=frozenset(map(GeneralNameType, data["hidden"])),
        signatures={
            key: None if fault is None else parts.read_finding(fault)
            for key, fault in data["signatures"].items()
        },
        sm2_user_ids=tuple(map(bytes.fromhex, data["sm2_user_ids"])),
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
