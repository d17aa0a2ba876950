"""The use case: look into certificates, CRLs, OCSP responses and bundles. Nothing is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.bundle import BundleItem, decode_bundle
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.ocsp import SingleResponse
from ca_bridge.core.x509.pool import Pool
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.certificate_summary import certificate_summary, holder_summary
from ca_bridge.services.describe import algorithm_text, name_text, octets_text
from ca_bridge.services.describe_extensions import certificate_extensions, crl_extensions
from ca_bridge.services.messages import Language, message, remedy

_MAX_RESPONSES = 100


def inspect_material(data: bytes, pool: Pool, *, max_items: int = 1_000) -> list[dict[str, Any]]:
    """Each object in ``data`` (PEM, DER, base64, PKCS#7) as plain data, texts safe to show.

    An object that cannot be read stands there with its reason; raises Malformed when ``data`` as a whole
    is none of these. Signatures and trust are not looked at.
    """
    return [_inspect(item, pool) for item in decode_bundle(data, max_items=max_items)]


def _inspect(item: BundleItem, pool: Pool) -> dict[str, Any]:
    head = {"kind": item.kind, "fingerprint": sha256(item.der).hexdigest(), "bytes": len(item.der)}
    try:
        return head | _READERS[item.kind](item.der, pool)
    except Malformed as error:
        return head | {"unreadable": unreadable_fields(error)}


def unreadable_fields(error: Malformed) -> dict[str, str]:
    """Why something could not be read, in both languages."""
    finding = Finding(reason=error.reason, params=error.params)
    return {
        "code": error.reason.code,
        "clause": error.reason.clause,
        "message": message(finding, Language.EN),
        "message_zh": message(finding, Language.ZH),
        "remedy": remedy(finding, Language.EN),
        "remedy_zh": remedy(finding, Language.ZH),
    }


def _certificate(der: bytes, pool: Pool) -> dict[str, Any]:
    certificate = pool.certificate(der)
    return {
        **certificate_summary(certificate),
        "version": certificate.version,
        "identity": holder_summary(certificate),
        "extensions": certificate_extensions(certificate),
    }


def _crl(der: bytes, pool: Pool) -> dict[str, Any]:
    crl = pool.crl(der)
    return {
        "version": crl.version,
        "issuer": name_text(crl.issuer),
        "this_update": time_text(crl.this_update),
        "next_update": None if crl.next_update is None else time_text(crl.next_update),
        "signature_algorithm": algorithm_text(crl.signed.algorithm),
        "revoked_count": len(crl.revoked),
        "extensions": crl_extensions(crl),
        "notes": [{"code": n.code, "detail": n.detail} for n in crl.notes],
    }


def _ocsp(der: bytes, pool: Pool) -> dict[str, Any]:
    response = pool.ocsp(der)
    key_hash = response.responder_key_hash
    return {
        "response_status": response.response_status,
        "responder_name": None if response.responder_name is None else name_text(response.responder_name),
        "responder_key_hash": None if key_hash is None else octets_text(key_hash),
        "produced_at": None if response.produced_at is None else time_text(response.produced_at),
        "signature_algorithm": None if response.signed is None else algorithm_text(response.signed.algorithm),
        "nonce": None if response.nonce is None else octets_text(response.nonce),
        "responses": [_single(r) for r in response.responses[:_MAX_RESPONSES]],
        "response_count": len(response.responses),
        "certificates": [sha256(der).hexdigest() for der in response.certificates],
    }


def _single(response: SingleResponse) -> dict[str, Any]:
    revoked = response.revocation_time
    return {
        "serial_number": f"{response.cert_id.serial_number:x}",
        "hash_algorithm": response.cert_id.hash_algorithm.oid,
        "issuer_name_hash": octets_text(response.cert_id.issuer_name_hash),
        "issuer_key_hash": octets_text(response.cert_id.issuer_key_hash),
        "status": response.status.value,
        "this_update": time_text(response.this_update),
        "next_update": None if response.next_update is None else time_text(response.next_update),
        "revocation_time": None if revoked is None else time_text(revoked),
        "revocation_reason": response.revocation_reason,
    }


_READERS: Mapping[str, Callable[[bytes, Pool], dict[str, Any]]] = {
    "certificate": _certificate,
    "crl": _crl,
    "ocsp": _ocsp,
}
