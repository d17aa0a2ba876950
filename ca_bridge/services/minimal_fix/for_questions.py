"""Changes for what the question itself asks: purpose, key usage, identity, path length, explicit policy."""

from __future__ import annotations

from dataclasses import replace

from ca_bridge.core.path.target import check_target
from ca_bridge.core.request import KeyUsageBit, Purpose
from ca_bridge.services.minimal_fix import other_changes as changes
from ca_bridge.services.minimal_fix import policy_changes
from ca_bridge.services.minimal_fix.edits import appending, find_document
from ca_bridge.services.minimal_fix.making import Changes, policy_change, question_change
from ca_bridge.services.minimal_fix.obstacles import Case
from ca_bridge.services.recognition_reading import DocumentKind

_FAMILIES = (
    frozenset({Purpose.CONTRACT_SIGNING, Purpose.DIGITAL_SIGNATURE, Purpose.EMAIL_PROTECTION}),
    frozenset({Purpose.SERVER_AUTH, Purpose.CLIENT_AUTH}),
)
"""Purposes of one kind: the nearest stand-ins for each other."""
_MAX_PURPOSES = 3


def other_purpose(case: Case) -> Changes:
    """Ask for another purpose that the certificate is fit for."""
    yield from other_purposes(case, frozenset(p.value for p in Purpose))


def other_purposes(case: Case, covered: frozenset[str]) -> Changes:
    """Purposes of ``covered`` near the one asked, that the domain vouches for and the certificate is fit for.

    Never ``any``: it asks nothing, and what asks nothing checks nothing. In the place of ``any``, each.
    """
    asked, target = case.parameters.purpose, case.target
    fit = [
        purpose
        for purpose in Purpose
        if _are_near(purpose, asked)
        and purpose.value in covered
        and purpose in case.judged.domain.purposes
        and (target is None or not check_target(target, replace(case.parameters, purpose=purpose)))
    ]
    for purpose in fit[:_MAX_PURPOSES]:
        yield question_change(
            case,
            changes.PURPOSE_CHANGED,
            "purpose",
            purpose,
            before=asked.value,
            after=purpose.value,
            purpose=purpose.value,
            old=asked.value,
        )


def purpose_not_in_domain(case: Case) -> Changes:
    """Ask for a purpose of the domain, or let the domain vouch for this one."""
    yield from other_purpose(case)
    name, purpose = case.param("domain"), case.param("purpose")
    document = find_document(case.data, DocumentKind.DOMAIN, name)
    if document is not None:
        edit = appending(document, "purposes", value=purpose)
        yield policy_change(case, policy_changes.DOMAIN_PURPOSE_ADDED, edit, domain=name, purpose=purpose)


def key_usage_not_allowed(case: Case) -> Changes:
    """Do not ask for the bits it lacks; bits that the domain asks for stay asked."""
    asked = case.parameters.key_usage
    missing = {bit for bit in asked if bit.value in case.param("missing").split(", ")}
    if missing:
        rest = asked - missing
        yield question_change(
            case,
            changes.KEY_USAGE_REDUCED,
            "key_usage",
            rest,
            before=_bits(asked),
            after=_bits(rest),
            missing=_bits(frozenset(missing)),
        )


def identity_not_stated(case: Case) -> Changes:
    """Do not ask for a unified identity."""
    yield question_change(
        case, changes.IDENTITY_NOT_ASKED, "identity_required", value=False, before="true", after="false"
    )


def path_length(case: Case) -> Changes:
    """Ask for as long a path as this one is; a limit of the domain stays."""
    asked = case.parameters.max_path_length
    needed = sum(1 for c in case.obstacle.certificates[1:] if not c.self_issued)
    if asked is not None and needed > asked:
        yield question_change(
            case,
            changes.PATH_LENGTH_RAISED,
            "max_path_length",
            needed,
            before=str(asked),
            after=str(needed),
            old=str(asked),
            length=str(needed),
        )


def explicit_policy(case: Case) -> Changes:
    """Do not ask for an explicit policy; what a CA or the domain asks stays asked."""
    if case.parameters.initial_explicit_policy:
        yield question_change(
            case,
            changes.EXPLICIT_POLICY_NOT_ASKED,
            "initial_explicit_policy",
            value=False,
            before="true",
            after="false",
        )


def _are_near(one: Purpose, other: Purpose) -> bool:
    """Whether ``one`` is a purpose to ask in the place of ``other``."""
    if one in (Purpose.ANY, other):
        return False
    return other is Purpose.ANY or any({one, other} <= family for family in _FAMILIES)


def _bits(usage: frozenset[KeyUsageBit]) -> str:
    return ", ".join(bit.value for bit in KeyUsageBit if bit in usage)
