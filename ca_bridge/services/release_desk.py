"""What the doors of releases open onto: the use cases over one store, and the policies folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ca_bridge.services.manage_recognition.accounts import ManageAccounts
from ca_bridge.services.manage_recognition.commands import SecretProof
from ca_bridge.services.manage_recognition.credentials import secret_matches
from ca_bridge.services.manage_recognition.model import Account, Release, Role
from ca_bridge.services.manage_recognition.records import release_id
from ca_bridge.services.manage_recognition.releases import ManageReleases
from ca_bridge.services.policy_documents import PolicyDocuments, ReleaseId
from ca_bridge.services.policy_report import PolicyProblem as FileProblem
from ca_bridge.services.release_errors import (
    ACCOUNT_DISABLED,
    AUTHENTICATION_FAILED,
    LINT_FAILED,
    ROLE_MISSING,
    PolicyProblem,
    ReleaseRefused,
)

FolderReader = Callable[[Path | None], PolicyDocuments]
"""Documents of a folder (None = the configured one); folder_refused() of its problems when it has any."""
_LAST_INSTANT = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class InForce:
    """What the gateway relies on at an instant; ``release`` None = the policies folder as it lies.

    ``documents`` are read when called: whoever knows the content by its hash need not.
    """

    identity: ReleaseId
    release: Release | None
    documents: Callable[[], PolicyDocuments]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDesk:
    """Use cases of releases and accounts over the same store."""

    releases: ManageReleases
    accounts: ManageAccounts
    folder: FolderReader

    def authenticate(self, proof: SecretProof) -> Account:
        """The enabled account of ``proof``, for looking; AUTHENTICATION_FAILED, ACCOUNT_DISABLED."""
        account = self.accounts.accounts().account(proof.account)
        matches = secret_matches(proof.secret, account.secret if account else "")
        if account is None or not matches:
            raise ReleaseRefused(AUTHENTICATION_FAILED)
        if not account.enabled:
            raise ReleaseRefused(ACCOUNT_DISABLED, account=account.name)
        return account

    def newest(self) -> Release | None:
        """The approved release with the latest effective time: what a change is made from."""
        return self.releases.records.effective_at(_LAST_INSTANT)

    def in_force(self, instant: datetime) -> InForce:
        """What is relied on at ``instant``: the release in force, the folder before the first."""
        return self._content(self.releases.records.effective_at(instant))

    def numbered(self, number: int) -> InForce:
        """Content of release ``number``, 0 = the policies folder; UNKNOWN_RELEASE."""
        return self._content(self.releases.records.release(number) if number else None)

    def _content(self, release: Release | None) -> InForce:
        if release is None:
            folder = self.folder(None)
            return InForce(identity=ReleaseId(0, folder.sha256), release=None, documents=lambda: folder)
        return InForce(
            identity=release_id(release),
            release=release,
            documents=lambda: self.releases.records.documents(release),
        )


def check_role(account: Account, action: str, *roles: Role) -> None:
    """ROLE_MISSING unless ``account`` has one of ``roles``; ``action`` names what it wanted."""
    if account.roles.isdisjoint(roles):
        allowed = ", ".join(role.value for role in roles)
        raise ReleaseRefused(ROLE_MISSING, account=account.name, action=action, roles=allowed)


def folder_refused(problems: Sequence[FileProblem]) -> ReleaseRefused:
    """LINT_FAILED with the problems (at least one) of a policies folder, each with its line."""
    first = problems[0]
    return ReleaseRefused(
        LINT_FAILED,
        problems=tuple(
            PolicyProblem(file=p.file, line=p.line, message_en=p.message_en, message_zh=p.message_zh)
            for p in problems
        ),
        count=len(problems),
        first=f"{first.file}:{first.line}: {first.message_en} / {first.message_zh}",
    )
