"""Values for the formats of the document: certificates and the like, whole and bent, and domains."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import schemathesis
from hypothesis import strategies as st

_ROOT = Path(__file__).resolve().parents[2] / "certs-test"


def _materials() -> tuple[list[str], list[str]]:
    """What can be looked into, and what a question may hold: the same, bent ones too."""
    accepted = json.loads((_ROOT / "demo/batch.jsonl").read_text("utf-8").splitlines()[0])
    ders = [base64.b64decode(text) for text in (accepted["certificate"], *accepted["crls"])]
    ders += [path.read_bytes() for path in sorted((_ROOT / "ocsp").iterdir())[:2]]
    bent = [der[:-1] for der in ders] + [der.replace(b"\x01\x01\xff", b"\x01\x01\x01") for der in ders]
    whole, all_ = (
        [base64.b64encode(der).decode() for der in group]
        for group in (ders, (*ders, *bent, b"\x30\x00", b"\x30\x80"))
    )
    return whole, all_


_WHOLE, _ALL = _materials()
schemathesis.openapi.format("der-pem-or-pkcs7", st.sampled_from(_WHOLE))
schemathesis.openapi.format("der-or-pem", st.sampled_from(_ALL))
schemathesis.openapi.format("trust-domain", st.sampled_from(["demo-hong-kong"]))
