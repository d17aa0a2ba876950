"""A minimal fix as plain data, in both languages: what the command line prints and a door can answer."""

from __future__ import annotations

from typing import Any

from ca_bridge.core.x509.times import time_text
from ca_bridge.services.answer import recognition_fields
from ca_bridge.services.minimal_fix.edits import Edit
from ca_bridge.services.minimal_fix.model import Barred, Change, Fix, MinimalFix, Party, Wanted
from ca_bridge.services.minimal_fix.steps import PolicyStep
from ca_bridge.services.minimal_fix.words import BARS, CAUTIONS, PARTIES, Words
from ca_bridge.services.report import reason_in_full

Data = dict[str, Any]


def minimal_fix_data(found: MinimalFix) -> Data:
    """Everything of ``found``; every text is safe to show."""
    verdict, answer = found.answer.verdict, found.answer
    return {
        "outcome": found.outcome.value,
        "indication": verdict.indication.value,
        "sub_indication": None if verdict.sub_indication is None else verdict.sub_indication.value,
        "reasons": [reason_in_full(finding) for finding in verdict.findings],
        "release": None if answer.release is None else str(answer.release),
        "domain": answer.trust.domain,
        "validation_time": time_text(answer.parameters.validation_time),
        "purpose": answer.parameters.purpose.value,
        "fixes": [fix_data(fix) for fix in found.fixes],
        "barred": [_barred(barred) for barred in found.barred],
        "wanted": [_wanted(wanted) for wanted in found.wanted],
        "judgements": found.judgements,
        "complete": found.complete,
    }


def fix_data(fix: Fix) -> Data:
    """One set of changes, and what it leads to."""
    recognition = fix.answer.verdict.recognition
    return {
        "changes": [change_data(change) for change in fix.changes],
        "assumed": any(change.type.assumed for change in fix.changes),
        "widens_trust": any(change.widens_trust for change in fix.changes),
        "release_kinds": list(fix.release_kinds),
        "recognition": None if recognition is None else recognition_fields(recognition),
    }


def change_data(change: Change) -> Data:
    """One change: what, where, by whom, and what to be careful of."""
    return {
        "code": change.type.code,
        "kind": change.type.kind.value,
        "what": _both(sentence(change)),
        "where": change.where,
        "before": change.before,
        "after": change.after,
        "edits": [_edit(e) for e in change.step.edits] if isinstance(change.step, PolicyStep) else [],
        "parties": [_party(party) for party in change.type.parties],
        "cautions": [{"code": c.value, "text": _both(CAUTIONS[c])} for c in change.type.cautions],
        "assumed": change.type.assumed,
        "widens_trust": change.widens_trust,
        "answers": change.answers.code,
    }


def sentence(change: Change) -> Words:
    """What is to be done, with its values: (zh, en)."""
    values = dict(change.params)
    return change.type.zh.format_map(values), change.type.en.format_map(values)


def _edit(edit: Edit) -> Data:
    return {
        "document": edit.document,
        "place": edit.where.removeprefix(edit.document).strip(),
        "operation": edit.operation.value,
        "before": edit.before,
        "after": edit.text,
    }


def _party(party: Party) -> Data:
    return {"code": party.value, "name": _both(PARTIES[party])}


def _barred(barred: Barred) -> Data:
    why = {"code": barred.bar.value, "text": _both(BARS[barred.bar])}
    return {"reason": reason_in_full(barred.finding), "why": why}


def _wanted(wanted: Wanted) -> Data:
    return {
        "issuer": wanted.issuer,
        "key_identifier": wanted.key_identifier,
        "sources": list(wanted.sources),
        "sha256": wanted.sha256,
    }


def _both(words: Words) -> dict[str, str]:
    return {"zh": words[0], "en": words[1]}
