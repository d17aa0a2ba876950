"""What a schema cannot say of the blocklist."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ca_bridge.core.recognition.blocklist import BlockKind
from ca_bridge.services.policy_report import DocumentProblem
from ca_bridge.services.recognition_reading.places import Place, interval_problems, repeated

_FINGERPRINT = re.compile(r"[0-9a-f]{64}", re.ASCII)


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
        yield from interval_problems(where, block, "effective_from", "effective_until")
