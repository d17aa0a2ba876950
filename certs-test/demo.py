"""What `make demo` shows: an SM2 certificate relied on in Hong Kong across the bridge, and refusals."""

from __future__ import annotations

import base64
import json

import cases_accepted
import der
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


def signed_data(
    *members: bytes, content_type: str = "1.2.840.113549.1.7.2", data_type: str = "1.2.840.113549.1.7.1"
) -> bytes:
    """A certs-only SignedData of these members (RFC 5652 §5.1; GM/T 0010 with its own types)."""
    body = der.seq(
        der.integer(1),
        der.tlv(der.SET, b""),
        der.seq(der.oid(data_type)),
        der.explicit(0, *members),
        der.tlv(der.SET, b""),
    )
    return der.seq(der.oid(content_type), der.explicit(0, body))


def files() -> dict[str, bytes]:
    """Relative path -> content."""
    out = {f"{key}.pem": pem("CERTIFICATE", value) for key, value in TARGETS.items()}
    out["chain.pem"] = pem("CERTIFICATE", *PATH)
    out["chain.p7b"] = signed_data(*PATH)
    out["chain-gm.p7b"] = signed_data(
        *PATH, content_type="1.2.156.10197.6.1.4.2.2", data_type="1.2.156.10197.6.1.4.2.1"
    )
    out["accepted.cer"] = TARGETS["accepted"]
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
