"""A SignatureChecker that knows how the checks of a recorded target's signature came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.recognition.replay.recorded import Cause, NotReplayable
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.certificate import SignedBytes, SubjectPublicKeyInfo


@dataclass(frozen=True, slots=True)
class RecordedSignature(SignedBytes):
    """Stands where the signature stood: outcome by SHA-256 of the issuer's key (None = it verified)."""

    outcomes: Mapping[str, Finding | None]
    sm2_user_ids: tuple[bytes, ...]

    def under(self, key: SubjectPublicKeyInfo, sm2_user_ids: tuple[bytes, ...]) -> _Told:
        """The outcome under ``key``; NotReplayable when it was never tried so."""
        if sm2_user_ids != self.sm2_user_ids:
            raise NotReplayable(Cause.SM2_USER_ID)
        tried = sha256(key.der).hexdigest()
        if tried not in self.outcomes:
            raise NotReplayable(Cause.NEW_ISSUER_KEY)
        return _Told(self.tbs, self.algorithm, self.signature, self.outcomes[tried])


@dataclass(frozen=True, slots=True)
class _Told(SignedBytes):
    fault: Finding | None


class ReplayedSignatures(SignatureChecker):
    """Checks as ``over`` does; whether a recorded target's algorithm and key are acceptable is judged anew.

    What ``over`` has checked of CAs need not be checked again.
    """

    __slots__ = ("_over",)

    def __init__(self, over: SignatureChecker) -> None:
        super().__init__(over.sm2, over._rules)  # noqa: SLF001 - of the same class
        self._over = over

    def verify(self, signed: SignedBytes, key: SubjectPublicKeyInfo, **asked: Any) -> Finding | None:
        """As SignatureChecker does; NotReplayable where a recorded target's signature was never tried so."""
        if isinstance(signed, RecordedSignature):
            return super().verify(signed, key, **asked)
        return self._over.verify(signed, key, **asked)

    def _verify(self, signed: SignedBytes, key: SubjectPublicKeyInfo, *further: Any) -> Any:
        told = signed.under(key, further[0]) if isinstance(signed, RecordedSignature) else signed
        return super()._verify(told, key, *further)

    def _fault(self, signed: SignedBytes, *further: Any) -> Finding | None:
        return signed.fault if isinstance(signed, _Told) else super()._fault(signed, *further)
