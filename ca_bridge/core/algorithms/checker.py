"""The one door to signature verification: the signature, the key that made it, and the table.

Answers that do not change are kept in bounded tables; whether a row of the table still holds at the
time asked about is judged each time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ca_bridge.core.algorithms.acceptance import Acceptance, accept_key, accept_signature
from ca_bridge.core.algorithms.dsa import verify_dsa
from ca_bridge.core.algorithms.ecdsa import verify_ecdsa
from ca_bridge.core.algorithms.eddsa import verify_edwards
from ca_bridge.core.algorithms.fault import fault
from ca_bridge.core.algorithms.key_loading import load_key
from ca_bridge.core.algorithms.keys import DsaKey, EcdsaKey, EdwardsKey, LoadedKey, RsaKey, Sm2Key
from ca_bridge.core.algorithms.memo import Memo
from ca_bridge.core.algorithms.registry import Scheme, SignatureAlgorithm, signature_algorithm
from ca_bridge.core.algorithms.rsa import verify_rsa
from ca_bridge.core.algorithms.rules import AlgorithmRules
from ca_bridge.core.algorithms.sm2 import Sm2Verifier, verify_sm2
from ca_bridge.core.reasons import algorithms as reasons
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import SignedBytes, SubjectPublicKeyInfo

# An entry beside its key and value: tuple, dict slot, small objects.
_ENTRY_BYTES = 512


@dataclass(frozen=True, slots=True)
class _Verified:
    """A signature that holds, and what each profile asked about says of its algorithm and its key."""

    algorithm: SignatureAlgorithm
    accepted: dict[str, tuple[Acceptance, Acceptance]] = field(default_factory=dict)


class SignatureChecker:
    """Verifies signatures and judges keys under an algorithm table. May be used from threads."""

    __slots__ = ("_accepted_keys", "_loaded", "_rules", "_verified", "sm2")

    def __init__(
        self, sm2: Sm2Verifier, rules: AlgorithmRules, *, max_entries: int = 20_000, max_bytes: int = 48 << 20
    ) -> None:
        """``max_entries`` and ``max_bytes`` bound one generation of each table (see Memo)."""
        self.sm2 = sm2
        self._rules = rules
        self._verified: Memo[_Verified | Finding] = Memo(max_entries=max_entries, max_bytes=max_bytes)
        self._loaded: Memo[LoadedKey | Finding] = Memo(max_entries=max_entries, max_bytes=max_bytes)
        self._accepted_keys: Memo[Acceptance] = Memo(max_entries=max_entries, max_bytes=max_bytes)

    def verify(
        self,
        signed: SignedBytes,
        key: SubjectPublicKeyInfo,
        *,
        profile: str,
        at: datetime,
        sm2_user_ids: tuple[bytes, ...],
        dsa_parameters: bytes | None = None,
    ) -> Finding | None:
        """None when ``key`` made the signature and ``profile`` accepts algorithm and key at ``at``.

        Otherwise the first fault, its position None. A finding of sub-indication SIG_CRYPTO_FAILURE says
        that this key did not make this signature; any other, that it is not to be relied on.
        ``dsa_parameters``: DER of the parameters a DSA key without its own inherits.
        """
        tbs, named, signature = signed.tbs, signed.algorithm, signed.signature
        question = (tbs, signature, named.oid, named.parameters, key.der, sm2_user_ids, dsa_parameters)
        size_bytes = len(tbs) + len(signature) + len(key.der) + len(named.parameters or b"") + _ENTRY_BYTES
        outcome = self._verified.get(question, size_bytes)
        if outcome is None:
            outcome = self._verify(signed, key, sm2_user_ids, dsa_parameters)
            self._verified.put(question, outcome, size_bytes)
        if isinstance(outcome, Finding):
            return outcome
        accepted = outcome.accepted.get(profile)
        if accepted is None:
            algorithm = accept_signature(outcome.algorithm, self._rules.profile(profile), profile)
            accepted = (algorithm, self._key_acceptance(key, profile, dsa_parameters))
            outcome.accepted[profile] = accepted
        return accepted[0].at(at) or accepted[1].at(at)

    def key_problem(
        self, key: SubjectPublicKeyInfo, *, profile: str, at: datetime, dsa_parameters: bytes | None = None
    ) -> Finding | None:
        """Why ``key`` is not to be relied on under ``profile`` at ``at``, or None. Position is None."""
        return self._key_acceptance(key, profile, dsa_parameters).at(at)

    def _key_acceptance(
        self, key: SubjectPublicKeyInfo, profile: str, dsa_parameters: bytes | None
    ) -> Acceptance:
        question = (key.der, profile, dsa_parameters)
        size_bytes = len(key.der) + _ENTRY_BYTES
        acceptance = self._accepted_keys.get(question, size_bytes)
        if acceptance is None:
            loaded = self._load(key, dsa_parameters)
            acceptance = accept_key(loaded, self._rules.profile(profile), profile)
            self._accepted_keys.put(question, acceptance, size_bytes)
        return acceptance

    def _load(self, key: SubjectPublicKeyInfo, dsa_parameters: bytes | None) -> LoadedKey | Finding:
        question = (key.der, dsa_parameters)
        size_bytes = 8 * len(key.der) + _ENTRY_BYTES
        loaded = self._loaded.get(question, size_bytes)
        if loaded is None:
            loaded = load_key(key, dsa_parameters)
            self._loaded.put(question, loaded, size_bytes)
        return loaded

    def _verify(
        self,
        signed: SignedBytes,
        key: SubjectPublicKeyInfo,
        sm2_user_ids: tuple[bytes, ...],
        dsa_parameters: bytes | None,
    ) -> _Verified | Finding:
        """The algorithm with which ``key`` made the signature, or why it did not; no table is asked."""
        algorithm = signature_algorithm(signed.algorithm)
        if isinstance(algorithm, Finding):
            return algorithm
        loaded = self._load(key, dsa_parameters)
        if isinstance(loaded, Finding):
            return loaded
        return self._fault(signed, algorithm, loaded, sm2_user_ids) or _Verified(algorithm)

    def _fault(
        self,
        signed: SignedBytes,
        algorithm: SignatureAlgorithm,
        key: LoadedKey,
        sm2_user_ids: tuple[bytes, ...],
    ) -> Finding | None:
        match key:
            case RsaKey() if algorithm.scheme in _allowed_rsa_schemes(key):
                return verify_rsa(signed, key, algorithm)
            case EcdsaKey() if algorithm.scheme is Scheme.ECDSA:
                return verify_ecdsa(signed, key, algorithm)
            case Sm2Key() if algorithm.scheme is Scheme.SM2:
                return verify_sm2(self.sm2, signed, key, algorithm, sm2_user_ids)
            case EdwardsKey() if algorithm.scheme == key.kind:
                return verify_edwards(signed, key, algorithm)
            case DsaKey() if algorithm.scheme is Scheme.DSA:
                return verify_dsa(signed, key, algorithm)
        return _mismatch(algorithm, key)


def _allowed_rsa_schemes(key: RsaKey) -> tuple[Scheme, ...]:
    """A key certified as id-RSASSA-PSS signs with PSS alone (RFC 4055 §1.2)."""
    return (Scheme.PSS,) if key.pss_only else (Scheme.PKCS1, Scheme.PSS)


def _mismatch(algorithm: SignatureAlgorithm, key: LoadedKey) -> Finding:
    kind = "RSASSA-PSS" if isinstance(key, RsaKey) and key.pss_only else key.kind
    return fault(reasons.SIGNATURE_ALGORITHM_KEY_MISMATCH, algorithm=algorithm.name, key=kind)
