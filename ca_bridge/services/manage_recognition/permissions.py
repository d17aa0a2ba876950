"""Which role allows which step."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ca_bridge.services.manage_recognition.model import Account, Action, Role
from ca_bridge.services.release_errors import ACCOUNT_DISABLED, NOT_AN_APPROVER, ROLE_MISSING, ReleaseRefused

_APPROVER = (Role.APPROVER,)
_AUTHOR = (Role.AUTHOR,)

# The first role that an account has of these is the one the trail names.
ALLOWED: Mapping[Action, tuple[Role, ...]] = MappingProxyType(
    {
        Action.DRAFT: _AUTHOR,
        Action.AMEND: _AUTHOR,
        Action.LINT: (Role.AUTHOR, Role.OPERATOR, Role.APPROVER, Role.AUDITOR),
        Action.SIMULATE: (Role.AUTHOR, Role.OPERATOR, Role.APPROVER, Role.AUDITOR),
        Action.SUBMIT: _AUTHOR,
        Action.APPROVE: _APPROVER,
        Action.REJECT: _APPROVER,
        Action.WITHDRAW: (Role.AUTHOR, Role.APPROVER),
        Action.ROLL_BACK: (Role.AUTHOR, Role.OPERATOR),
        Action.ESTABLISH_ACCOUNTS: (Role.OPERATOR,),
        Action.PROPOSE_ACCOUNTS: (Role.OPERATOR, Role.AUTHOR),
        Action.APPROVE_ACCOUNTS: _APPROVER,
        Action.REJECT_ACCOUNTS: _APPROVER,
    }
)


def acting_role(account: Account, action: Action) -> Role:
    """The role under which ``account`` takes the step; refused when it is disabled or has none."""
    if not account.enabled:
        raise ReleaseRefused(ACCOUNT_DISABLED, account=account.name)
    allowed = ALLOWED[action]
    held = next((role for role in allowed if role in account.roles), None)
    if held is not None:
        return held
    if allowed == _APPROVER:
        raise ReleaseRefused(NOT_AN_APPROVER, account=account.name)
    raise ReleaseRefused(
        ROLE_MISSING,
        account=account.name,
        action=action.value,
        roles=", ".join(role.value for role in allowed),
    )


def is_acting_approver(account: Account | None) -> bool:
    """Whether an approval of ``account`` counts now."""
    return account is not None and account.enabled and Role.APPROVER in account.roles
