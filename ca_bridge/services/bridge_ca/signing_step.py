"""One use of the bridge CA's key: told to the log, done, verified, told again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.x509.algorithm_identifier import decode_algorithm_identifier
from ca_bridge.core.x509.certificate import AlgorithmIdentifier, SignedBytes
from ca_bridge.core.x509_writing.algorithm_identifiers import SIGNATURE_ALGORITHMS, algorithm_identifier
from ca_bridge.core.x509_writing.certificate import signed_object
from ca_bridge.services.bridge_ca.issuer import BridgeIssuer
from ca_bridge.services.bridge_ca.ports import KEY_USE, Log
from ca_bridge.services.issue_cross_certificate.errors import (
    KEY_NOT_OF_CERTIFICATE,
    SIGNATURE_NOT_VERIFIED,
    BridgeRefused,
)
from ca_bridge.services.signing import SignerUnavailable, SigningKey

DUMMY_SIGNATURE = bytes(64)
"""Stands where the signature will, while a draft is linted and tried; nothing verifies it."""


def opened_key(issuer: BridgeIssuer) -> SigningKey:
    """The issuer's key; KEY_NOT_OF_CERTIFICATE, SignerUnavailable."""
    key = issuer.key()
    if key.spki != issuer.parsed.spki.der or key.algorithm not in SIGNATURE_ALGORITHMS:
        raise BridgeRefused(KEY_NOT_OF_CERTIFICATE, key=key.key_id, algorithm=key.algorithm)
    return key


def algorithm_of(issuer: BridgeIssuer, key: SigningKey) -> bytes:
    """DER of the AlgorithmIdentifier that the issuer's signatures carry."""
    return algorithm_identifier(key.algorithm, null_parameters=issuer.null_parameters)


class SigningStep:
    """Signs what an issuer says: intent is in the log before the key is used, and the result after."""

    def __init__(self, signatures: SignatureChecker, log: Log) -> None:
        self._signatures = signatures
        self._log = log

    def __call__(
        self, tbs: bytes, issuer: BridgeIssuer, key: SigningKey, *, method: str, now: datetime
    ) -> bytes:
        """The signed certificate or CRL over ``tbs``.

        Raises SignerUnavailable, and SIGNATURE_NOT_VERIFIED: what came is then thrown away.
        """
        fields = {
            "method": method,
            "issuer": issuer.label,
            "key_id": key.key_id,
            "algorithm": key.algorithm,
            "custody": key.custody,
            "message_sha256": sha256(tbs).hexdigest(),
        }
        self._tell(fields, "intended")
        try:
            signature = key.sign(tbs)
        except SignerUnavailable:
            self._tell(fields, "failed", result="SIGNER_UNAVAILABLE")
            raise
        algorithm = algorithm_of(issuer, key)
        problem = self._problem(SignedBytes(tbs, _read(algorithm), signature), issuer, now)
        if problem:
            self._tell(fields, "failed", result=problem)
            raise BridgeRefused(SIGNATURE_NOT_VERIFIED, cause=problem)
        self._tell(fields, "done")
        return signed_object(tbs, algorithm, signature)

    def _problem(self, signed: SignedBytes, issuer: BridgeIssuer, now: datetime) -> str:
        """Code of the reason why nobody would rely on the signature; "" = it holds."""
        finding = self._signatures.verify(
            signed,
            issuer.parsed.spki,
            profile=issuer.algorithm_profile,
            at=now,
            sm2_user_ids=issuer.sm2_user_ids,
        )
        return "" if finding is None else finding.reason.code

    def _tell(self, fields: Mapping[str, str], status: str, **more: str) -> None:
        self._log(KEY_USE, {**fields, "status": status, **more})


def _read(algorithm: bytes) -> AlgorithmIdentifier:
    return decode_algorithm_identifier(algorithm, 0, len(algorithm))[0]
