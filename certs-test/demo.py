"""What `make demo` shows: an SM2 certificate relied on in Hong Kong across the bridge, and refusals."""

from __future__ import annotations

import base64
import json

import cases_accepted
import pki
import status
from case import line

PATH = cases_accepted.HK_TO_GD_A
ANCHOR = pki.CERTIFICATES["hk-root"]
TARGETS = {
    "accepted": pki.LEAVES["gd-a-sm2-company-sign"].certificate,
    "refused-encryption": pki.LEAVES["gd-a-sm2-company-encrypt"].certificate,
    "refused-level": pki.LEAVES["gd-a-sm2-person-basic"].certificate,
    "refused-revoked": status.REVOKED_COMPANY.certificate,
}
_ISSUERS = ("hk-root", "bridge-rsa", "bridge-sm2", "gd-a-sm2")


def pem(label: str, *items: bytes) -> bytes:
    out = []
    for item in items:
        text = base64.b64encode(item).decode()
        rows = [text[at : at + 64] for at in range(0, len(text), 64)]
        out += [f"-----BEGIN {label}-----", *rows, f"-----END {label}-----"]
    return ("\n".join(out) + "\n").encode()


def files() -> dict[str, bytes]:
    """Relative path -> content."""
    out = {f"{key}.pem": pem("CERTIFICATE", value) for key, value in TARGETS.items()}
    out["chain.pem"] = pem("CERTIFICATE", *PATH)
    out["anchor-hk-root.pem"] = pem("CERTIFICATE", ANCHOR)
    out["anchor-national-root.pem"] = pem("CERTIFICATE", pki.CERTIFICATES["national-root"])
    crls = [status.CRLS[key] for key in _ISSUERS]
    out["crls.pem"] = pem("X509 CRL", *crls)
    lines = (
        {
            "id": key,
            **line(
                value,
                chain=PATH,
                anchors=[ANCHOR],
                crls=crls,
                purpose="digital_signature",
                revocation="require_all",
                initial_explicit_policy=True,
            ),
        }
        for key, value in TARGETS.items()
    )
    out["batch.jsonl"] = "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in lines).encode()
    return out
