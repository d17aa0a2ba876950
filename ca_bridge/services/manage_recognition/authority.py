"""Who takes a step: an account proven by its secret, or by a signature over the step's statement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ca_bridge.services.manage_recognition.commands import Proof, SecretProof, SignatureProof
from ca_bridge.services.manage_recognition.credentials import secret_matches
from ca_bridge.services.manage_recognition.model import Account, AccountSet, StepSignature
from ca_bridge.services.manage_recognition.statement import NONCE, Statement
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_errors import (
    AUTHENTICATION_FAILED,
    SIGNATURE_MALFORMED,
    SIGNATURE_REPLAYED,
    ReleaseRefused,
)
from ca_bridge.services.release_ports import ReleaseStore, SignedStatement, Signers

_MAX_CERTIFICATE_BYTES, _MAX_SIGNATURE_BYTES, _MAX_ALGORITHM_BYTES = 64 << 10, 4 << 10, 256


@dataclass(frozen=True, slots=True)
class Proven:
    """The account that acts; ``signature`` and ``nonce`` when it signed."""

    account: Account
    signature: StepSignature | None = None
    nonce: str = ""


class Authority:
    """Proves accounts. Without ``signers`` no certificate can act."""

    def __init__(self, store: ReleaseStore, signers: Signers | None) -> None:
        self._store = store
        self.signers = signers

    def prove(self, proof: Proof, statement: Statement, accounts: AccountSet, at: datetime) -> Proven:
        """The account of ``proof``; ReleaseRefused otherwise. Says nothing of roles."""
        account = accounts.account(proof.account)
        if isinstance(proof, SecretProof):
            matches = secret_matches(proof.secret, account.secret if account else "")
            if account is None or not matches:
                raise ReleaseRefused(AUTHENTICATION_FAILED)
            return Proven(account)
        return self._prove_signature(proof, statement, account, at)

    def _prove_signature(
        self, proof: SignatureProof, statement: Statement, account: Account | None, at: datetime
    ) -> Proven:
        _check_bounds(proof)
        if self.signers is None or account is None or account.certificate != proof.certificate:
            raise ReleaseRefused(AUTHENTICATION_FAILED)
        if self._store.nonce_used(account.name, proof.nonce):
            raise ReleaseRefused(SIGNATURE_REPLAYED)
        signed = SignedStatement(
            statement=statement.signed_by(account.name, proof.nonce),
            certificate=proof.certificate,
            algorithm=proof.algorithm,
            signature=proof.signature,
            evidence=proof.evidence,
        )
        self.signers.check(signed, at)
        return Proven(account, _kept(account, statement, signed), proof.nonce)


def able_under(
    signers: Signers | None, documents: PolicyDocuments | None, at: datetime
) -> Callable[[Account], bool]:
    """Whether an account could prove itself at ``at`` if ``documents`` were in force (None = as now)."""

    def able(account: Account) -> bool:
        if not account.certificate:
            return True
        return signers is not None and signers.accepted_under(documents, account.certificate, at)

    return able


def _kept(account: Account, statement: Statement, signed: SignedStatement) -> StepSignature:
    return StepSignature(
        account=account.name,
        action=statement.action,
        statement=signed.statement,
        certificate=signed.certificate,
        algorithm=signed.algorithm,
        signature=signed.signature,
    )


def _check_bounds(proof: SignatureProof) -> None:
    if not NONCE.fullmatch(proof.nonce):
        raise ReleaseRefused(SIGNATURE_MALFORMED, cause="nonce")
    for name, value, most in (
        ("certificate", proof.certificate, _MAX_CERTIFICATE_BYTES),
        ("algorithm", proof.algorithm, _MAX_ALGORITHM_BYTES),
        ("signature", proof.signature, _MAX_SIGNATURE_BYTES),
    ):
        if not 0 < len(value) <= most:
            raise ReleaseRefused(SIGNATURE_MALFORMED, cause=name)
