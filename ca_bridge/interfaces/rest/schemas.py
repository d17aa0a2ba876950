"""Schemas of the OpenAPI document: what is sent and what is answered."""

from __future__ import annotations

from typing import Any

from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.core.reasons.model import Actor, Indication, SubIndication
from ca_bridge.core.request import KeyUsageBit, Purpose, RevocationRule
from ca_bridge.core.verdict import RevocationStatus
from ca_bridge.interfaces.rest.problems import KINDS
from ca_bridge.interfaces.rest.reading import MAX_COUNTS, MAX_ITEMS

Schema = dict[str, Any]

_OID = r"^([01]\.([1-3]?[0-9])|2\.(0|[1-9][0-9]*))(\.(0|[1-9][0-9]*))*$"
_SHA256 = r"^[0-9a-f]{64}$"


def text(description: str, **more: Any) -> Schema:
    """A string."""
    return {"type": "string", "description": description, **more}


def ref(name: str) -> Schema:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def array(items: Schema, description: str, **more: Any) -> Schema:
    """A list."""
    return {"type": "array", "items": items, "description": description, **more}


def record(description: str, properties: Schema, optional: frozenset[str] = frozenset()) -> Schema:
    """An object all of whose members but the ``optional`` ones are always there, and no others."""
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def nullable(schema: Schema) -> Schema:
    """The schema, or null."""
    if "$ref" in schema:
        return {"oneOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def _enum(values: Any, description: str) -> Schema:
    return text(description, enum=[str(v) for v in values])


_IDENTITY_ID: Schema = {
    "type": ["string", "integer", "null"],
    "maxLength": 1024,
    "description": "The caller's own name for the question, sent back as it came.",
}
_BINARY = "base64 of DER, or PEM"
_SHA = text("SHA-256 of the bytes received, lower-case hex.", pattern=_SHA256)
_TIME = text("RFC 3339, UTC.", format="date-time")
_POSITION: Schema = {
    "type": ["integer", "null"],
    "description": "0 = the target, counting up to the trust anchor; null = the whole path or the question.",
}


def _binary_list(name: str, what: str) -> Schema:
    return nullable(array(text(f"{_BINARY}."), f"{what}; {_BINARY}.", maxItems=MAX_COUNTS[name]))


def _flag(description: str) -> Schema:
    return {"type": ["boolean", "null"], "description": description}


def question() -> Schema:
    """What is sent to validate."""
    most_usage = len(KeyUsageBit)
    return record(
        "One question: may the caller rely on this certificate? Everything but certificate may be left out.",
        {
            "id": _IDENTITY_ID,
            "certificate": text(
                f"The target certificate; {_BINARY} with exactly one certificate.", minLength=1
            ),
            "intermediates": _binary_list("intermediates", "CA certificates to build a path with"),
            "crls": _binary_list("crls", "Certificate revocation lists"),
            "ocsp_responses": _binary_list("ocsp_responses", "OCSP responses"),
            "validation_time": nullable(
                text("The time to judge at, RFC 3339; now when left out.", format="date-time")
            ),
            "purpose": nullable(
                _enum(Purpose, "What the certificate is to be relied on for; any when left out.")
            ),
            "dns_name": nullable(
                text("Host name in ASCII, or IP address, the target must be for.", maxLength=253)
            ),
            "key_usage": nullable(
                array(_enum(KeyUsageBit, "A keyUsage bit."), "Bits that must be there.", maxItems=most_usage)
            ),
            "revocation": nullable(
                _enum(
                    RevocationRule, "How much revocation evidence is asked for; if_available when left out."
                )
            ),
            "user_initial_policy_set": nullable(
                array(
                    text("A policy OID.", pattern=_OID, maxLength=128), "RFC 5280 §6.1.1 (c).", maxItems=1000
                )
            ),
            "initial_explicit_policy": _flag("RFC 5280 §6.1.1 (f)."),
            "initial_policy_mapping_inhibit": _flag("RFC 5280 §6.1.1 (e)."),
            "initial_any_policy_inhibit": _flag("RFC 5280 §6.1.1 (g)."),
            "max_path_length": {
                "type": ["integer", "null"],
                "minimum": 0,
                "maximum": 1_000_000,
                "description": "Most non-self-issued CA certificates between target and anchor.",
            },
            "algorithm_profile": nullable(_enum(("default",), "Algorithm profile of the domain.")),
            "domain": nullable(
                text("Trust domain to judge under; the default one when left out.", maxLength=64)
            ),
        },
        optional=frozenset(
            {
                "id",
                *MAX_COUNTS,
                "validation_time",
                "purpose",
                "dns_name",
                "key_usage",
                "revocation",
                "user_initial_policy_set",
                "initial_explicit_policy",
                "initial_policy_mapping_inhibit",
                "initial_any_policy_inhibit",
                "max_path_length",
                "algorithm_profile",
                "domain",
            }
        ),
    )


def reason() -> Schema:
    """One finding of an answer."""
    return record(
        "Why not: one finding, the first leads.",
        {
            "code": ref("ReasonCode"),
            "position": _POSITION,
            "message": text("What was found, in English."),
            "message_zh": text("What was found, in Chinese."),
            "remedy": text("The step that mends it, in English."),
            "remedy_zh": text("The step that mends it, in Chinese."),
            "actor": _enum(Actor, "Who must act."),
            "clause": text("The clause that asks for it."),
            "params": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "What the messages were filled with.",
            },
        },
    )


def certificate_summary() -> Schema:
    """One certificate of a path."""
    return record(
        "What one looks at first in a certificate.",
        {
            "fingerprint": _SHA,
            "subject": text("Subject name."),
            "issuer": text("Issuer name."),
            "serial_number": text("Serial number, hex."),
            "not_before": _TIME,
            "not_after": _TIME,
            "key": text("Kind and size of the key."),
            "signature_algorithm": text("Name or OID of the signature algorithm."),
            "self_issued": {"type": "boolean", "description": "Issuer and subject are the same name."},
            "notes": array(ref("Note"), "Harmless deviations that were read."),
        },
        optional=frozenset(
            {"subject", "issuer", "serial_number", "not_before", "not_after", "key", "signature_algorithm"}
            | {"self_issued", "notes"}
        ),
    )


def identity() -> Schema:
    """Unified identity fields."""
    field = record(
        "One identity number; personal ones are masked and have no value.",
        {
            "kind": text("What the number is."),
            "value": nullable(text("The number, when it is safe to show.")),
            "masked": text("Its two ends."),
            "check": text("Outcome of the check characters."),
            "source": text("Extension OID, or subject: and the attribute."),
            "owner": text("Who defines the field."),
            "problem": nullable(text("Why it could not be read well.")),
        },
    )
    return record(
        "Who the certificate is about (GB/T 20518).",
        {
            "kind": text("org, person or unknown."),
            "unified_social_credit_code": nullable(text("GB 32100, check characters right.")),
            "organization_code": nullable(text("GB 11714, check character right.")),
            "fields": array(field, "Every identity field found."),
        },
    )


def answer() -> Schema:
    """What validate answers."""
    rejected = record(
        "A candidate path that was not accepted.",
        {
            "path": array(_SHA, "Target first."),
            "trust_anchor": nullable(_SHA),
            "reasons": array(ref("Reason"), "Why not."),
        },
    )
    status = record(
        "Revocation status of one certificate.",
        {
            "position": {"type": "integer", "description": "0 = the target."},
            "status": _enum(RevocationStatus, "RFC 6960 §2.2."),
            "source": text("What said so."),
        },
    )
    always = {
        "id": _IDENTITY_ID,
        "indication": _enum(Indication, "EN 319 102-1: only TOTAL_PASSED is a yes."),
        "sub_indication": nullable(_enum(SubIndication, "EN 319 102-1; null when passed.")),
        "reasons": array(ref("Reason"), "Why not; empty when passed."),
        "path": array(_SHA, "The path, target first, without the anchor."),
        "trust_anchor": nullable(_SHA),
        "user_constrained_policy_set": array(text("A policy OID."), "RFC 5280 §6.1.6; 2.5.29.32.0 = any."),
        "revocation": array(status, "Status of each certificate on the path."),
        "elapsed_us": {"type": "integer", "minimum": 0, "description": "Time taken, microseconds."},
    }
    beside = {
        "domain": text("Trust domain judged under."),
        "snapshot_id": text("SHA-256 of everything trusted, lower-case hex.", pattern=_SHA256),
        "validation_time": _TIME,
        "purpose": _enum(Purpose, "Purpose judged for."),
        "revocation_rule": _enum(
            RevocationRule, "Rule applied: the stricter of the domain's and the caller's."
        ),
        "authorities_constrained_policy_set": array(text("A policy OID."), "RFC 9618 §5.4."),
        "subject": nullable(text("Subject of the target.")),
        "issuer": nullable(text("Issuer of the target.")),
        "validity": nullable(record("Validity of the target.", {"not_before": _TIME, "not_after": _TIME})),
        "identity": nullable(ref("Identity")),
        "certificates": array(ref("CertificateSummary"), "The certificates of path, in its order."),
        "trust_anchor_certificate": nullable(ref("CertificateSummary")),
        "rejected_paths": array(rejected, "Candidates not accepted, nearest first; 50 at most."),
        "rejected_path_count": {
            "type": "integer",
            "minimum": 0,
            "description": "How many there were in all.",
        },
        "notes": array(
            record("A note with its place.", {"position": _POSITION, **_note()}), "Deviations read."
        ),
    }
    return record("The verdict and what carried it.", always | beside, optional=frozenset(beside))


def _note() -> Schema:
    return {"code": text("Code of the deviation."), "detail": text("Where it was.")}


def problem() -> Schema:
    """A problem document."""
    return record(
        "RFC 9457 problem document.",
        {
            "type": _enum(
                (f"/problems/{kind.name}" for kind in KINDS), "Kind of problem; a page of this service."
            ),
            "title": text("What went wrong, in English."),
            "title_zh": text("What went wrong, in Chinese."),
            "status": {"type": "integer", "description": "HTTP status."},
            "detail": text("What exactly, and what to do, in English."),
            "detail_zh": text("What exactly, and what to do, in Chinese."),
            "code": ref("ReasonCode"),
            "instance": text("This very request."),
        },
        optional=frozenset({"detail", "detail_zh", "code"}),
    )


def components() -> Schema:
    """All schemas by name."""
    items = array(ref("Question"), "The questions.", minItems=1, maxItems=MAX_ITEMS)
    return {
        "Question": question(),
        "QuestionBatch": record("Several questions, each judged apart.", {"items": items}),
        "Answer": answer(),
        "AnswerBatch": record(
            "Answers in the order of the questions.", {"items": array(ref("Answer"), "Answers.")}
        ),
        "Reason": reason(),
        "ReasonCode": _enum(sorted(CATALOGUE), "Stable for ever; GET /v1/reasons explains them."),
        "CertificateSummary": certificate_summary(),
        "Identity": identity(),
        "Note": record("A harmless deviation that was read.", _note()),
        "Problem": problem(),
    }
