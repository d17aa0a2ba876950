"""Who acts on keys: accounts, proven by a signature or a secret, enabled, and of the role it takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ca_bridge.services.key_management.errors import (
    ACCOUNT_DISABLED,
    ACCOUNT_UNKNOWN,
    APPROVAL_MALFORMED,
    ROLE_MISSING,
    SIGNATURE_WRONG,
    SIGNER_INDETERMINATE,
    SIGNER_REFUSED,
)
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.key_management.statements import KeyStatement
from ca_bridge.services.manage_recognition.commands import Proof, SecretProof, SignatureProof
from ca_bridge.services.manage_recognition.credentials import secret_matches
from ca_bridge.services.manage_recognition.model import Account, AccountSet, Role
from ca_bridge.services.manage_recognition.statement import NONCE
from ca_bridge.services.release_errors import RefusalKind, ReleaseRefused
from ca_bridge.services.release_ports import SignedStatement, Signers

AccountsNow = Callable[[], AccountSet]
_MAX_CERTIFICATE_BYTES, _MAX_SIGNATURE_BYTES, _MAX_ALGORITHM_BYTES = 64 << 10, 4 << 10, 256


class KeyPeople:
    """Proves accounts by the accounts of this installation. Without ``signers`` no certificate can act."""

    def __init__(self, accounts: AccountsNow, signers: Signers | None) -> None:
        self._accounts = accounts
        self._signers = signers

    def able(self, name: str, role: Role, action: str) -> Account:
        """The account of this name, if it may take ``action``; says nothing of who asks."""
        account = self._accounts().account(name)
        if account is None:
            raise KeyRefused(ACCOUNT_UNKNOWN, account=name)
        if not account.enabled:
            raise KeyRefused(ACCOUNT_DISABLED, account=name)
        if role not in account.roles:
            raise KeyRefused(ROLE_MISSING, account=name, role=role.value, action=action)
        return account

    def prove(self, proof: Proof, statement: KeyStatement, role: Role, at: datetime) -> Account:
        """The account of ``proof``, which may take the act and was proven to; KeyRefused otherwise."""
        if isinstance(proof, SecretProof):
            known = self._accounts().account(proof.account)
            if not secret_matches(proof.secret, known.secret if known else ""):
                raise KeyRefused(ACCOUNT_UNKNOWN, account=proof.account)
            return self.able(proof.account, role, statement.action.value)
        account = self.able(proof.account, role, statement.action.value)
        self.check_signature(proof, account, statement.signed_by(account.name, proof.nonce), at)
        return account

    def check_signature(self, proof: SignatureProof, account: Account, signed: bytes, at: datetime) -> None:
        """Refuses unless the account's own certificate signed ``signed``, and passes in this engine."""
        _check_bounds(proof)
        if self._signers is None or not account.certificate or account.certificate != proof.certificate:
            raise KeyRefused(ACCOUNT_UNKNOWN, account=account.name)
        statement = SignedStatement(
            statement=signed,
            certificate=proof.certificate,
            algorithm=proof.algorithm,
            signature=proof.signature,
            evidence=proof.evidence,
        )
        try:
            self._signers.check(statement, at)
        except ReleaseRefused as refused:
            raise _ours(refused, account.name) from refused


def _ours(refused: ReleaseRefused, account: str) -> KeyRefused:
    cause = next(iter(refused.params.values()), refused.refusal.code)
    refusal = {
        RefusalKind.INDETERMINATE: SIGNER_INDETERMINATE,
        RefusalKind.FORBIDDEN: SIGNER_REFUSED,
    }.get(refused.refusal.kind, SIGNATURE_WRONG)
    return KeyRefused(refusal, account=account, cause=cause)


def _check_bounds(proof: SignatureProof) -> None:
    if not NONCE.fullmatch(proof.nonce):
        raise KeyRefused(APPROVAL_MALFORMED, cause="nonce")
    for name, value, most in (
        ("certificate", proof.certificate, _MAX_CERTIFICATE_BYTES),
        ("algorithm", proof.algorithm, _MAX_ALGORITHM_BYTES),
        ("signature", proof.signature, _MAX_SIGNATURE_BYTES),
    ):
        if not 0 < len(value) <= most:
            raise KeyRefused(APPROVAL_MALFORMED, cause=name)
