"""What a reason is: one row of the catalogue, stable for ever (EN 319 102-1 §5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Indication(StrEnum):
    """Main status of a validation, EN 319 102-1 §5.1.3."""

    TOTAL_PASSED = "TOTAL_PASSED"
    TOTAL_FAILED = "TOTAL_FAILED"
    INDETERMINATE = "INDETERMINATE"


class SubIndication(StrEnum):
    """Sub-indications of EN 319 102-1 §5.1.3 that a certificate decision can end in."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_YET_VALID = "NOT_YET_VALID"
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    POLICY_PROCESSING_ERROR = "POLICY_PROCESSING_ERROR"
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    TRY_LATER = "TRY_LATER"


_FAILED = frozenset(
    {
        SubIndication.FORMAT_FAILURE,
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.REVOKED,
        SubIndication.EXPIRED,
        SubIndication.NOT_YET_VALID,
    }
)


class Actor(StrEnum):
    """Who can mend what a reason names."""

    CALLER = "caller"
    HOLDER = "holder"
    CA = "ca"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One row of the catalogue: why a certificate is not relied on, in both languages.

    ``rank`` orders reasons by nearness to the cause: the higher leads the answer when
    several candidate paths failed. Messages may use ``{name}`` fields; every name must be
    among ``params``, and a finding of this reason carries exactly these parameters.
    """

    code: str
    sub_indication: SubIndication
    rank: int
    clause: str
    actor: Actor
    message_en: str
    message_zh: str
    remedy_en: str
    remedy_zh: str
    params: tuple[str, ...] = ()

    @property
    def indication(self) -> Indication:
        """TOTAL_FAILED or INDETERMINATE, as EN 319 102-1 §5.1.3 ties it to the sub-indication."""
        failed = self.sub_indication in _FAILED
        return Indication.TOTAL_FAILED if failed else Indication.INDETERMINATE
