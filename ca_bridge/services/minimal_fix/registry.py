"""What each reason of the catalogue is answered by: a generator of changes, or why no change answers it.

A reason that stands nowhere here is taken for one that no change answers: nothing is proposed by default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType, ModuleType

from ca_bridge.core.reasons import (
    algorithm_keys,
    algorithms,
    building,
    conformance,
    evidence,
    format,  # noqa: A004 - the stage's name
    format_der,
    format_input,
    format_status,
    identity,
    name_constraints,
    recognition,
    revocation,
    service,
    target,
    trust_list,
    validation,
)
from ca_bridge.core.reasons.model import Reason
from ca_bridge.services.minimal_fix import (
    for_agreements,
    for_building,
    for_conditions,
    for_entries,
    for_mappings,
    for_questions,
    for_standing,
    for_status,
    for_validity,
)
from ca_bridge.services.minimal_fix.making import Changes
from ca_bridge.services.minimal_fix.model import Bar
from ca_bridge.services.minimal_fix.obstacles import Case

Generator = Callable[[Case], Changes]
Answer = Generator | Bar


def answer_to(reason: Reason) -> Answer:
    """The generator for ``reason``, or why there is none."""
    return ANSWERS.get(reason, Bar.FLAWED)


def _all(module: ModuleType, bar: Bar) -> dict[Reason, Answer]:
    return {row: bar for row in vars(module).values() if isinstance(row, Reason)}


def _each(answer: Answer, reasons: Iterable[Reason]) -> dict[Reason, Answer]:
    return dict.fromkeys(reasons, answer)


_BUILDING: dict[Reason, Answer] = {
    building.SIGNATURE_INVALID: Bar.FORGED,
    building.CA_SIGNATURE_INVALID: for_building.damaged_authority,
    building.TARGET_IS_TRUST_ANCHOR: Bar.QUESTION,
    building.BUDGET_EXHAUSTED: Bar.WORK_LIMIT,
    building.PATH_TOO_LONG: Bar.WORK_LIMIT,
    **_each(
        for_building.path_ends,
        (
            building.NO_ISSUER_FOUND,
            building.ISSUER_KEY_NOT_FOUND,
            building.UNTRUSTED_ROOT,
            building.NO_PATH_TO_TRUST_ANCHOR,
            building.PATH_LOOP,
            evidence.SUPPLIED_CERTIFICATE_UNREADABLE,
        ),
    ),
}
_SIGNATURES: dict[Reason, Answer] = {
    **_all(algorithms, Bar.WEAK),
    **_all(algorithm_keys, Bar.WEAK),
    algorithms.SIGNATURE_DOES_NOT_VERIFY: Bar.FORGED,
    algorithms.SIGNATURE_ENCODING_INVALID: Bar.FORGED,
    # Of another key of the CA, most likely: it has one of each kind under one name.
    algorithms.SIGNATURE_ALGORITHM_KEY_MISMATCH: for_building.path_ends,
}
_VALIDATION: dict[Reason, Answer] = {
    **_all(validation, Bar.FLAWED),
    **_all(conformance, Bar.FLAWED),
    **_all(name_constraints, Bar.FLAWED),
    validation.TARGET_EXPIRED: for_validity.target_expired,
    validation.CA_EXPIRED: for_validity.authority_expired,
    validation.ANCHOR_EXPIRED: for_validity.anchor_expired,
    **_each(
        for_validity.not_yet_valid,
        (validation.TARGET_NOT_YET_VALID, validation.CA_NOT_YET_VALID, validation.ANCHOR_NOT_YET_VALID),
    ),
    validation.EXPLICIT_POLICY_LOST: for_questions.explicit_policy,
    validation.POLICY_NOT_ACCEPTED: for_mappings.policy_not_accepted,
    validation.REQUESTED_PATH_LENGTH_EXCEEDED: for_questions.path_length,
    **_each(
        for_questions.other_purpose, (validation.CA_PURPOSE_FORBIDDEN, validation.ANCHOR_PURPOSE_FORBIDDEN)
    ),
}
_TARGET: dict[Reason, Answer] = {
    **_all(target, Bar.UNFIT),
    **_all(identity, Bar.FLAWED),
    **_each(
        for_questions.other_purpose,
        (
            target.KEY_USAGE_FORBIDS_PURPOSE,
            target.PURPOSE_NOT_ALLOWED,
            target.PURPOSE_NOT_STATED,
            target.TIME_STAMPING_NOT_EXCLUSIVE,
        ),
    ),
    target.KEY_USAGE_NOT_ALLOWED: for_questions.key_usage_not_allowed,
    target.HOST_NAME_UNREADABLE: Bar.QUESTION,
    identity.IDENTITY_NOT_STATED: for_questions.identity_not_stated,
    identity.IDENTITY_UNREADABLE: for_questions.identity_not_stated,
}
_STATUS: dict[Reason, Answer] = {
    **_each(for_status.fresh_status, _all(revocation, Bar.REVOKED)),
    revocation.TARGET_REVOKED: Bar.REVOKED,
    revocation.CA_REVOKED: Bar.REVOKED,
    revocation.TARGET_ON_HOLD: Bar.ON_HOLD,
    revocation.CA_ON_HOLD: Bar.ON_HOLD,
    evidence.SUPPLIED_CRL_UNREADABLE: for_status.fresh_status,
    evidence.SUPPLIED_OCSP_RESPONSE_UNREADABLE: for_status.fresh_status,
}
_RECOGNITION: dict[Reason, Answer] = {
    recognition.CERTIFICATE_BLOCKED: for_standing.blocked,
    recognition.KEY_BLOCKED: Bar.KEY_BLOCKED,
    recognition.SUBJECT_BLOCKED: for_standing.blocked,
    recognition.CA_BLOCKED: for_standing.blocked,
    recognition.LICENCE_EXPIRED: for_standing.licence_expired,
    recognition.LICENCE_NOT_YET_VALID: for_standing.licence_not_yet_valid,
    recognition.AGREEMENT_MISSING: for_agreements.missing,
    recognition.AGREEMENT_NOT_YET_EFFECTIVE: for_agreements.not_yet_effective,
    recognition.AGREEMENT_EXPIRED: for_agreements.expired,
    recognition.AGREEMENT_SUSPENDED: for_agreements.suspended,
    recognition.AGREEMENT_TERMINATED: for_agreements.terminated,
    recognition.POLICY_MAPPING_NOT_AGREED: for_mappings.mapping_not_agreed,
    recognition.ASSURANCE_LEVEL_NOT_REACHED: for_mappings.level_not_reached,
    recognition.RECOGNITION_PURPOSE_NOT_COVERED: for_conditions.purpose_not_covered,
    recognition.RECOGNITION_SUBJECT_KIND: for_conditions.subject_kind,
    recognition.RECOGNITION_KEY_ALGORITHM: for_conditions.key_algorithm,
    recognition.RECOGNITION_NAME: for_conditions.name,
    recognition.RECOGNITION_STATUS_MISSING: for_status.fresh_status,
    recognition.RECOGNITION_STATUS_TOO_OLD: for_status.fresh_status,
    trust_list.TRUST_LIST_WITHOUT_ENTRY: for_entries.without_entry,
    trust_list.TRUST_LIST_STALE: for_entries.stale,
    trust_list.TRUST_LIST_NOT_YET_RECOGNISED: for_entries.not_yet_recognised,
    trust_list.TRUST_LIST_NO_LONGER_RECOGNISED: for_entries.no_longer_recognised,
    trust_list.TRUST_LIST_ENTRY_SUSPENDED: for_entries.not_active,
    trust_list.TRUST_LIST_ENTRY_TERMINATED: for_entries.not_active,
    trust_list.TRUST_LIST_ROOT_OTHER: for_entries.root_other,
    trust_list.TRUST_LIST_ROOT_FORMER: for_entries.root_former,
    trust_list.TRUST_LIST_ISSUER_OTHER: for_entries.issuer_other,
    trust_list.TRUST_LIST_ISSUER_FORMER: for_entries.issuer_former,
    trust_list.TRUST_LIST_FORMER_UNDATED: for_entries.former_undated,
    trust_list.TRUST_LIST_TYPE_OTHER: for_entries.type_other,
    trust_list.TRUST_LIST_POLICY_OTHER: for_entries.policy_other,
    trust_list.TRUST_LIST_POLICY_NOT_ON_PATH: Bar.FLAWED,
}
_MALFORMED: dict[Reason, Answer] = {
    **_all(format, Bar.MALFORMED),
    **_all(format_der, Bar.MALFORMED),
    **_all(format_input, Bar.MALFORMED),
    **_all(format_status, Bar.MALFORMED),
    **_all(service, Bar.QUESTION),
    service.PURPOSE_NOT_IN_DOMAIN: for_questions.purpose_not_in_domain,
}

ANSWERS: Mapping[Reason, Answer] = MappingProxyType(
    _MALFORMED | _SIGNATURES | _BUILDING | _VALIDATION | _TARGET | _STATUS | _RECOGNITION
)
