"""One case per reason about the question itself: lines and fields of the batch contract."""

from __future__ import annotations

import base64
from typing import Any

from case import Group, Runs, line, refused, text
from deviant import CHAIN, NATIONAL, ask
from pki import LEAVES
from x509 import NOW

GROUP = Group("service")
COMPANY = LEAVES["gd-a-sm2-company-sign"].certificate
_TEXT = base64.b64encode(COMPANY).decode()


def field(reason: str, title: str, why: str, question: dict[str, Any], cause: str = "") -> None:
    case_id = reason.lower().replace("_", "-")
    GROUP.add(case_id, title, why, question, refused("FORMAT_FAILURE", reason, None, cause=cause))


def raw(reason: str, title: str, why: str, runs: Runs) -> None:
    """The line's bytes themselves are the trouble, so they are kept as they are."""
    case_id = reason.lower().replace("_", "-")
    GROUP.add(
        case_id, title, why, {"certificate": ""}, refused("FORMAT_FAILURE", reason, None), {"line": runs}
    )


def good(**fields: Any) -> dict[str, Any]:
    return ask(COMPANY, **fields)


raw(
    "LINE_TOO_LARGE",
    "A line of 65 MiB",
    "bounded before it is parsed.",
    ((b'{"id": "', 1), (b"x" * 1024, 65 * 1024), (b'"}', 1)),
)
raw("LINE_NOT_UTF8", "A line in Latin-1", "JSON is UTF-8 (RFC 8259 §8.1).", ((b'{"id": "caf\xe9"}', 1),))
raw(
    "LINE_TOO_DEEP",
    "A hundred thousand brackets",
    "recursion on what an attacker nests ends in a crash.",
    ((b'{"id": ', 1), (b"[", 100_000), (b"]", 100_000), (b"}", 1)),
)
raw("LINE_NOT_JSON", "A line cut short", "RFC 8259 §2.", ((b'{"id": "cut', 1),))
raw("LINE_NOT_AN_OBJECT", "A list in the place of the object", "the contract is an object.", ((b"[]", 1),))
raw(
    "FIELD_REPEATED",
    "certificate twice",
    "one reader takes the first, another the last (RFC 8259 §4).",
    ((b'{"id": "service-field-repeated", "certificate": "", "certificate": ""}', 1),),
)
field("FIELD_UNKNOWN", "A misspelt field", "a misspelt limit would go unheeded.", good(max_path_lenght=0))
field("FIELD_MISSING", "No certificate", "id and certificate are needed.", {"validation_time": text(NOW)})
field(
    "FIELD_WRONG_TYPE", "A path length in words", "max_path_length is a number.", good(max_path_length="zero")
)
field("FIELD_VALUE_UNUSABLE", "A purpose that does not exist", "the list is closed.", good(purpose="baking"))
raw(
    "FIELD_TOO_MANY",
    "A hundred thousand policies",
    "counted before they are read.",
    (
        (b'{"id": "service-field-too-many", "certificate": "", "user_initial_policy_set": ["2.999.1"', 1),
        (b', "2.999.1"', 100_000),
        (b"]}", 1),
    ),
)
field(
    "FIELD_NOT_BASE64",
    "A certificate with a letter that base64 has not",
    "RFC 4648 §4.",
    line(_TEXT[:-8] + "!" + _TEXT[-7:], chain=CHAIN, anchors=NATIONAL),
)
field(
    "FIELD_PEM_UNUSABLE",
    "PEM without an end line",
    "RFC 7468 §3.",
    line(f"-----BEGIN CERTIFICATE-----\n{_TEXT}\n", chain=CHAIN, anchors=NATIONAL),
)
field(
    "TRUST_ANCHOR_UNREADABLE",
    "An anchor cut short",
    "trust is never a part of what was asked for.",
    line(COMPANY, chain=CHAIN, anchors=[NATIONAL[0][:-20]]),
)
field(
    "DOMAIN_UNKNOWN",
    "A domain that is not there",
    "callers choose a domain by name.",
    line(COMPANY, chain=CHAIN, domain="no-such-domain"),
)
field(
    "PROFILE_NEEDS_TRUST_ANCHORS",
    "The legacy profile under a domain",
    "legacy goes with trust_anchors only.",
    line(COMPANY, chain=CHAIN, algorithm_profile="legacy"),
)
