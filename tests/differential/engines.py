"""The engines asked: this one, OpenSSL in process, the openssl command, pyhanko-certvalidator."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.bindings._rust import _openssl
from OpenSSL import crypto
from pyhanko_certvalidator import CertificateValidator, PKIXValidationParams, ValidationContext
from pyhanko_certvalidator.authority import CertTrustAnchor, derive_quals_from_cert
from pyhanko_certvalidator.context import CertRevTrustPolicy
from pyhanko_certvalidator.errors import (
    InvalidCertificateError,
    PathError,
    ValidationError,
)
from pyhanko_certvalidator.policy_decl import RevocationCheckingPolicy, RevocationCheckingRule

from ca_bridge import wiring
from ca_bridge.services.batch import LineJudge
from tests.differential.pki import NOW, Cert, Pki

logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
FLAGS = {  # x509_vfy.h
    "crl_check": 0x4,
    "crl_check_all": 0x8,
    "policy_check": 0x80,
    "explicit_policy": 0x100,
    "inhibit_any": 0x200,
    "inhibit_map": 0x400,
    "partial_chain": 0x80000,
}
OPENSSL_PURPOSES = {"client_auth": 1, "server_auth": 2, "email_protection": 4}
COMMAND_PURPOSES = {"client_auth": "sslclient", "server_auth": "sslserver", "email_protection": "smimesign"}


@dataclass(frozen=True)
class Answer:
    """What an engine said. ``path``: target first, anchor last, when it accepted and tells.

    ``codes``: of this engine all findings with their positions, of others the one error.
    """

    accepted: bool
    codes: tuple[tuple[str, int | None], ...] = ()
    path: tuple[Cert, ...] = ()

    @property
    def error(self) -> str:
        return self.codes[0][0] if self.codes else ""


Ask = Callable[[Pki], Answer | None]


@cache
def _judge() -> LineJudge:
    return LineJudge(wiring.gateway().validate)


def _base64(values: tuple[Any, ...]) -> list[str]:
    return [base64.b64encode(value.der).decode() for value in values]


def line(pki: Pki) -> dict[str, Any]:
    """The question as a batch line."""
    question = pki.question
    fields: dict[str, Any] = {
        "id": "differential",
        "certificate": _base64((pki.target,))[0],
        "intermediates": _base64(pki.pool),
        "trust_anchors": _base64(pki.anchors),
        "crls": _base64(pki.crls),
        "validation_time": NOW.isoformat(),
        "purpose": question.purpose,
        "revocation": question.revocation,
        "initial_explicit_policy": question.explicit_policy,
        "initial_policy_mapping_inhibit": question.inhibit_mapping,
        "initial_any_policy_inhibit": question.inhibit_any,
    }
    if question.policies:
        fields["user_initial_policy_set"] = list(question.policies)
    return fields


def ours(pki: Pki) -> Answer:
    """This engine, asked through the batch contract."""
    out = _judge().judge_line(json.dumps(line(pki)).encode())
    if out["indication"] == "TOTAL_PASSED":
        known = pki.by_fingerprint
        path = (*(known[fingerprint] for fingerprint in out["path"]), known[out["trust_anchor"]])
        return Answer(accepted=True, path=path)
    return Answer(accepted=False, codes=tuple((r["code"], r["position"]) for r in out["reasons"]))


@lru_cache(maxsize=4096)
def _loaded(value: bytes) -> crypto.X509:
    return crypto.load_certificate(crypto.FILETYPE_ASN1, value)


@lru_cache(maxsize=256)
def _loaded_crl(value: bytes) -> Any:
    from cryptography import x509

    return x509.load_der_x509_crl(value)


def _flags(pki: Pki) -> list[str]:
    question = pki.question
    asked = ["policy_check"]
    if question.revocation == "require_target":
        asked += ["crl_check"]
    if question.revocation == "require_all":
        asked += ["crl_check", "crl_check_all"]
    if question.explicit_policy:
        asked.append("explicit_policy")
    if question.inhibit_any:
        asked.append("inhibit_any")
    if question.inhibit_mapping:
        asked.append("inhibit_map")
    return asked


def openssl_can_say(pki: Pki) -> bool:
    """The binding in process can't give an initial policy set, and without one OpenSSL accepts none."""
    certificates = pki.by_fingerprint.values()
    explicit = pki.question.explicit_policy or any(c.require_explicit is not None for c in certificates)
    return not pki.question.policies and not explicit


def openssl(pki: Pki) -> Answer:
    """OpenSSL in process, as the cryptography package carries it."""
    return _verified(pki, _flags(pki))


def _verified(pki: Pki, flags: list[str]) -> Answer:
    store = crypto.X509Store()
    for anchor in pki.anchors:
        store.add_cert(_loaded(anchor.der))
    store.set_flags(sum(FLAGS[name] for name in ("partial_chain", *flags)))
    if pki.question.revocation != "none":
        for crl in pki.crls:
            store.add_crl(_loaded_crl(crl.der))
    store.set_time(NOW)
    if pki.question.purpose in OPENSSL_PURPOSES:
        _openssl.lib.X509_STORE_set_purpose(store._store, OPENSSL_PURPOSES[pki.question.purpose])
    chain = [_loaded(cert.der) for cert in pki.pool]
    context = crypto.X509StoreContext(store, _loaded(pki.target.der), chain)
    try:
        verified = context.get_verified_chain()
    except crypto.X509StoreContextError as error:
        return Answer(accepted=False, codes=((str(error.args[0]), error.errors[1]),))
    ders = [crypto.dump_certificate(crypto.FILETYPE_ASN1, cert) for cert in verified]
    known = {cert.der: cert for cert in pki.by_fingerprint.values()}
    return Answer(accepted=True, path=tuple(known[value] for value in ders))


def _pem(kind: str, value: bytes) -> str:
    return f"-----BEGIN {kind}-----\n{base64.encodebytes(value).decode()}-----END {kind}-----\n"


def command(pki: Pki, folder: Path) -> Answer:
    """The ``openssl verify`` command of this machine; it tells no path, so that is asked in process."""
    (folder / "anchors.pem").write_text("".join(_pem("CERTIFICATE", c.der) for c in pki.anchors))
    (folder / "pool.pem").write_text("".join(_pem("CERTIFICATE", c.der) for c in pki.pool))
    (folder / "target.pem").write_text(_pem("CERTIFICATE", pki.target.der))
    (folder / "crls.pem").write_text("".join(_pem("X509 CRL", c.der) for c in pki.crls))
    arguments = ["openssl", "verify", "-no-CApath", "-no-CAstore", "-partial_chain"]
    arguments += ["-CAfile", str(folder / "anchors.pem"), "-attime", str(int(NOW.timestamp()))]
    arguments += [f"-{flag}" for flag in _flags(pki)]
    for policy in pki.question.policies or ("2.5.29.32.0",):
        arguments += ["-policy", policy]
    if pki.pool:
        arguments += ["-untrusted", str(folder / "pool.pem")]
    if pki.crls and pki.question.revocation != "none":
        arguments += ["-CRLfile", str(folder / "crls.pem")]
    if pki.question.purpose in COMMAND_PURPOSES:
        arguments += ["-purpose", COMMAND_PURPOSES[pki.question.purpose]]
    run = subprocess.run(
        [*arguments, str(folder / "target.pem")], capture_output=True, text=True, check=False, timeout=60
    )
    if run.returncode == 0:
        return Answer(accepted=True, path=_verified(pki, []).path)
    errors = [row for row in run.stderr.splitlines() if row.startswith("error ")]
    first = errors[0].partition("lookup: ")[2] if errors else run.stderr
    return Answer(accepted=False, codes=((first, None),))


@lru_cache(maxsize=4096)
def _asn1(value: bytes) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(value)


_CRL, _NOT = RevocationCheckingRule.CRL_REQUIRED, RevocationCheckingRule.NO_CHECK
REVOCATION = {"none": (_NOT, _NOT), "require_target": (_CRL, _NOT), "require_all": (_CRL, _CRL)}


def _anchor(cert: Cert) -> CertTrustAnchor:
    """Judged by its own constraints; the length for attribute certificates must be there, or it crashes."""
    qualifiers = derive_quals_from_cert(_asn1(cert.der))
    qualifiers = replace(qualifiers, max_aa_path_length=qualifiers.max_path_length)
    return CertTrustAnchor(_asn1(cert.der), qualifiers)


def certvalidator_can_say(pki: Pki) -> bool:
    """It does not know constraints on IP addresses."""
    certificates = pki.by_fingerprint.values()
    return not any(tree.kind == "ip" for cert in certificates for tree in (*cert.permitted, *cert.excluded))


def certvalidator(pki: Pki) -> Answer | None:
    """pyhanko-certvalidator, anchors judged by their own constraints; None when it crashes.

    It does over a signature that is checked with a key of another kind.
    """
    question = pki.question
    parameters = PKIXValidationParams(
        user_initial_policy_set=frozenset(question.policies or ("any_policy",)),
        initial_policy_mapping_inhibit=question.inhibit_mapping,
        initial_explicit_policy=question.explicit_policy,
        initial_any_policy_inhibit=question.inhibit_any,
    )
    target_rule, ca_rule = REVOCATION[question.revocation]
    context = ValidationContext(
        trust_roots=[_anchor(cert) for cert in pki.anchors],
        other_certs=[_asn1(cert.der) for cert in pki.pool],
        crls=[crl.der for crl in pki.crls] if question.revocation != "none" else [],
        moment=NOW.astimezone(UTC),
        revinfo_policy=CertRevTrustPolicy(RevocationCheckingPolicy(target_rule, ca_rule)),
        allow_fetching=False,
    )
    validator = CertificateValidator(_asn1(pki.target.der), None, context, parameters)
    wanted = set() if question.purpose == "any" else {question.purpose}
    try:
        path = asyncio.run(validator.async_validate_usage(set(), wanted, extended_optional=True))
    except (AssertionError, UnboundLocalError):
        return None
    except (ValidationError, InvalidCertificateError, PathError) as error:
        return Answer(accepted=False, codes=((str(error), None),))
    anchor = path.trust_anchor.certificate.dump()
    ders = [anchor, *(cert.dump() for cert in path.iter_certs(include_root=False))]
    known = {cert.der: cert for cert in pki.by_fingerprint.values()}
    return Answer(accepted=True, path=tuple(known[value] for value in reversed(ders)))
