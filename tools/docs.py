"""Writes the generated documents: docs/reasons.md, docs/refusals.md and docs/openapi.json."""

from __future__ import annotations

import json
from pathlib import Path

from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.core.reasons.model import Reason, SubIndication
from ca_bridge.interfaces.rest.openapi import document
from ca_bridge.services.release_errors import REFUSALS, RefusalKind

_DOCS = Path(__file__).resolve().parent.parent / "docs"
_HEAD = """# Reasons / 原因代码

Generated from the catalogue in `ca_bridge/core/reasons/` by `make docs`; a test holds the two together.
Codes are stable for ever. `ca-bridge explain CODE` prints one of them, `GET /v1/reasons` all.

本页由 `make docs` 从原因目录生成。代码永久不变。
"""


def reasons_page() -> str:
    """docs/reasons.md, grouped by sub-indication, in code order."""
    parts = [_HEAD]
    for sub_indication in SubIndication:
        rows = sorted(
            (r for r in CATALOGUE.values() if r.sub_indication is sub_indication), key=lambda r: r.code
        )
        if rows:
            parts.append(f"\n## {rows[0].indication} / {sub_indication}\n")
            parts.extend(_entry(row) for row in rows)
    return "".join(parts)


def _entry(reason: Reason) -> str:
    return (
        f"\n### {reason.code}\n\n"
        f"{reason.clause} · {reason.actor} · rank {reason.rank}\n\n"
        f"- {reason.message_en} {reason.remedy_en}\n"
        f"- {reason.message_zh}{reason.remedy_zh}\n"
    )


_REFUSALS_HEAD = """# Refusals / 拒绝代码

Why a step in the life of a release is refused, by sort. Generated from `ca_bridge/services/release_errors.py`
by `make docs`; a test holds the two together. Codes are stable for ever, and are written in the audit trail.

本页由 `make docs` 生成，列出发布版本各步骤的拒绝原因。代码永久不变，并写入审计记录。
"""


def refusals_page() -> str:
    """docs/refusals.md, grouped by kind, in code order."""
    parts = [_REFUSALS_HEAD]
    for kind in RefusalKind:
        parts.append(f"\n## {kind}\n")
        for row in sorted((r for r in REFUSALS if r.kind is kind), key=lambda r: r.code):
            en = f"{row.message_en}; {row.remedy_en}."
            parts.append(f"\n### {row.code}\n\n- {en}\n- {row.message_zh}；{row.remedy_zh}。\n")
    return "".join(parts)


def openapi_page() -> str:
    """docs/openapi.json, keys in the order of the document."""
    return json.dumps(document(), ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    """Write all."""
    (_DOCS / "refusals.md").write_text(refusals_page(), "utf-8")
    (_DOCS / "reasons.md").write_text(reasons_page(), "utf-8")
    (_DOCS / "openapi.json").write_text(openapi_page(), "utf-8")


if __name__ == "__main__":
    main()
