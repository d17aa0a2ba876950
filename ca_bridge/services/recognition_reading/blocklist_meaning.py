"""What a schema cannot say of the blocklist."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ca_bridge.core.recognition.blocklist import BlockKind
from ca_bridge.core.x509.identity_numbers import organization_code_check
from ca_bridge.services.policy_report import DocumentProblem
from ca_bridge.services.recognition_reading.places import Place, interval_problems, repeated

_FINGERPRINT = re.compile(r"[0-9a-f]{64}", re.ASCII)
_IDENTITY_KEY = re.compile(r"org:[0-9A-Z]{9}|(person|document|ca|name):[0-9a-f]{64}", re.ASCII)


def blocklist_problems(place: Place, data: Mapping[str, Any]) -> Iterator[DocumentProblem]:
    """Everything wrong in the blocklist's data."""
    blocks = data["blocks"]
    for index in repeated([block["block"] for block in blocks]):
        name = blocks[index]["block"]
        yield place.at("blocks", index, "block").problem(
            f"block {name!r} stands twice", f"条目 {name!r} 重复"
        )
    for index, block in enumerate(blocks):
        where = place.at("blocks", index)
        if block["kind"] != BlockKind.SUBJECT and not _FINGERPRINT.fullmatch(block["value"]):
            yield where.at("value").problem(
                f"the value of kind {block['kind']} is a SHA-256 in lower-case hexadecimal",
                f"{block['kind']} 类条目的值须为小写十六进制 SHA-256",
            )
        if block["kind"] == BlockKind.SUBJECT and not _is_identity_key(block["value"]):
            # A number or a name as it stands would block nobody, and be kept for ever.
            yield where.at("value").problem(
                "the value of kind subject is an identity key, as answers show it: org: and nine characters, "
                "or person:, document:, ca: or name: and 64 hexadecimal digits",
                "subject 类条目的值须为答复中给出的身份键：org: 加九位代码，"
                "或 person:、document:、ca:、name: 加 64 位十六进制",
            )
        yield from interval_problems(where, block, "effective_from", "effective_until")


def _is_identity_key(value: str) -> bool:
    """Whether the engine could ever derive ``value`` from a certificate."""
    known = _IDENTITY_KEY.fullmatch(value) is not None
    return known and (not value.startswith("org:") or organization_code_check(value[len("org:") :]))
