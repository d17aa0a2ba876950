"""The analysis of a policy as plain data, for JSON and for the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ca_bridge.core.recognition.analysis.conflict import Conflict
from ca_bridge.core.recognition.analysis.conflicts import find_conflicts
from ca_bridge.core.recognition.analysis.diff import CellChange, matrix_diff
from ca_bridge.core.recognition.analysis.facts import NOTHING_KNOWN, CrossCertificate, KnownFacts
from ca_bridge.core.recognition.analysis.graph import Step
from ca_bridge.core.recognition.analysis.listed import ListedStep
from ca_bridge.core.recognition.analysis.matrix import ReachMatrix, Witness, reach_matrix
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.x509.times import time_text
from ca_bridge.services.printable import printable

Data = dict[str, Any]
_NO_LEVEL = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysed:
    """A policy, what is known beside it, and the instant that it is to be looked at."""

    policy: RecognitionPolicy
    at: datetime
    facts: KnownFacts = NOTHING_KNOWN


AnalysedSource = Callable[[], Analysed]


def conflicts_data(what: Analysed) -> Data:
    """``at`` and every conflict, with both languages and its counter-example."""
    found = find_conflicts(what.policy, what.at, what.facts)
    return {"at": time_text(what.at), "conflicts": [conflict_data(conflict) for conflict in found]}


def matrix_data(what: Analysed) -> Data:
    """The matrix by pairs of domains: each stands for its usable principal CAs times one another."""
    matrix = reach_matrix(what.policy, what.at, what.facts)
    return {
        "at": time_text(what.at),
        "authorities": {
            printable(name): [printable(ca.identifier) for ca in members]
            for name, members in sorted(matrix.members.items())
        },
        "reaches": list(_reaches(matrix)),
    }


def matrix_diff_data(old: Analysed, new: Analysed) -> Data:
    """The cells that change from ``old`` to ``new``."""
    before = reach_matrix(old.policy, old.at, old.facts)
    after = reach_matrix(new.policy, new.at, new.facts)
    changes = [_change_data(change) for change in matrix_diff(before, after)]
    return {"before": time_text(old.at), "after": time_text(new.at), "changes": changes}


def conflict_data(conflict: Conflict) -> Data:
    """One conflict as plain data."""
    row, params = conflict.row, {name: printable(value) for name, value in conflict.params}
    return {
        "kind": row.kind.value,
        "cause": row.cause,
        "where": [printable(name) for name in conflict.where],
        "params": params,
        "message": {"zh": row.message_zh.format_map(params), "en": row.message_en.format_map(params)},
        "remedy": {"zh": row.remedy_zh, "en": row.remedy_en},
        "witness": _witness_data(conflict.witness),
        "certificates": [_certificate_data(certificate) for certificate in conflict.certificates],
    }


def _reaches(matrix: ReachMatrix) -> Iterator[Data]:
    for (relying, subject, basis), reach in sorted(matrix.reaches.items()):
        yield {
            "relying_domain": printable(relying),
            "subject": printable(subject),
            "basis": basis.value,
            "level": printable(reach.level) or _NO_LEVEL,
            "authorities": [printable(str(ca)) for ca in reach.authorities],
            "witness": _witness_data(matrix.witness(reach)),
        }


def _change_data(change: CellChange) -> Data:
    return {
        "change": change.change.value,
        "relying_ca": printable(str(change.relying_ca)),
        "subject_ca": printable(str(change.subject_ca)),
        "basis": change.basis.value,
        "before": None if change.before is None else printable(change.before) or _NO_LEVEL,
        "after": None if change.after is None else printable(change.after) or _NO_LEVEL,
        "witness": _witness_data(change.witness),
    }


def _witness_data(witness: Witness) -> list[Data]:
    return [_step_data(step) for step in witness]


def _step_data(step: Step | ListedStep) -> Data:
    if isinstance(step, ListedStep):
        fields = {
            "relying_domain": step.relying_domain,
            "trust_list": step.trust_list,
            "entry": step.entry,
            "level": step.level or _NO_LEVEL,
        }
    else:
        fields = {
            "agreement": step.agreement,
            "issuer_domain": step.issuer_domain,
            "issuer_domain_policy": step.mapping.issuer_domain_policy,
            "subject_domain": step.subject_domain,
            "subject_domain_policy": step.mapping.subject_domain_policy,
            "level": step.mapping.level,
        }
    return {name: printable(value) for name, value in fields.items()}


def _certificate_data(certificate: CrossCertificate) -> Data:
    return {
        "issuer_ca": printable(str(certificate.issuer_ca)),
        "subject_ca": printable(str(certificate.subject_ca)),
        "inhibit_policy_mapping": certificate.inhibit_policy_mapping,
        "path_length": certificate.path_length,
        "not_after": time_text(certificate.not_after),
    }
