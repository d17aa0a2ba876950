"""Questions about the scheme of the test PKI, and what would make them pass."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ca_bridge import wiring
from ca_bridge.adapters.domain_source import DomainFiles
from ca_bridge.adapters.recognition_files import check_documents
from ca_bridge.adapters.release_domains import ReleaseCompiler
from ca_bridge.core.evidence import Evidence
from ca_bridge.core.request import Parameters, RevocationRule
from ca_bridge.core.verdict import Verdict
from ca_bridge.services.minimal_fix import FindMinimalFix
from ca_bridge.services.minimal_fix.model import Fix, MinimalFix
from ca_bridge.services.policy_documents import PolicyDocuments, ReleaseId
from ca_bridge.services.validate_certificate import Question, SuppliedOnly, answer_under
from tests.recognition.scheme import NOW
from tests.recognition.scheme_documents import CAS, ROOT, C, documents, write_folder

KNOWN = tuple(C[label] for label in sorted({label for labels in CAS.values() for label in labels}))


@cache
def _shelf() -> tuple[TemporaryDirectory[str], ReleaseCompiler]:
    folder = TemporaryDirectory()
    return folder, wiring.release_compiler(write_folder(Path(folder.name), documents()))


def compile_documents(content: PolicyDocuments) -> DomainFiles:
    return _shelf()[1].compile(ReleaseId(0, content.sha256), content)


def finder(docs: dict[str, Any] | None = None, **fields: Any) -> FindMinimalFix:
    given: dict[str, Any] = {"certificates": KNOWN} | fields
    return FindMinimalFix(
        documents=PolicyDocuments.from_data(docs or documents()),
        compile_documents=compile_documents,
        default_domain="gd",
        **given,
    )


def question(
    target: bytes,
    chain: Iterable[bytes] = (),
    *,
    domain: str | None = "gd",
    crls: tuple[bytes, ...] = (),
    ocsp_responses: tuple[bytes, ...] = (),
    **parameters: Any,
) -> Question:
    given: dict[str, Any] = {"validation_time": NOW, "revocation": RevocationRule.NONE} | parameters
    return Question(
        certificate=target,
        evidence=Evidence(certificates=tuple(chain), crls=crls, ocsp_responses=ocsp_responses),
        parameters=Parameters(**given),
        domain=domain,
    )


def find(asked: Question, docs: dict[str, Any] | None = None, **fields: Any) -> MinimalFix:
    """What is found, every proposal of it checked: its documents are right, and no part of it is enough."""
    found = finder(docs, **fields).find(asked)
    for fix in found.fixes:
        assert check_documents(fix.documents.data(), ROOT / "policies" / "schema") == ()
        assert verdict_after(fix, asked).findings == () or any(c.type.assumed for c in fix.changes)
        for change in fix.changes:
            rest = tuple(other for other in fix.changes if other is not change)
            if any(other.where == "validation_time" for other in rest):
                continue  # what passes at another time may have got round a block of today
            assert verdict_of(rest, asked, docs or documents()).findings != ()
    return found


def codes(found: MinimalFix) -> list[list[str]]:
    return [[change.type.code for change in fix.changes] for fix in found.fixes]


def verdict_after(fix: Fix, asked: Question) -> Verdict:
    """The engine's verdict under the fix's documents, with its evidence and parameters, nothing assumed."""
    return _verdict(fix.documents, _asked_after(fix.changes, asked))


def verdict_of(changes: Iterable[Any], asked: Question, docs: dict[str, Any]) -> Verdict:
    """The verdict after some of the changes; a place that is missing then leaves the change out."""
    world = _world(PolicyDocuments.from_data(docs), asked)
    for change in changes:
        try:
            world = change.step.apply(world)
        except LookupError:
            continue
    return _verdict(world.documents, world.question)


def _asked_after(changes: Iterable[Any], asked: Question) -> Question:
    from ca_bridge.services.minimal_fix.steps import PolicyStep

    world = _world(PolicyDocuments(()), asked)
    for change in changes:
        if not isinstance(change.step, PolicyStep):
            world = change.step.apply(world)
    return world.question


def _world(content: PolicyDocuments, asked: Question) -> Any:
    from ca_bridge.services.minimal_fix.steps import World

    return World(documents=content, question=asked)


def _verdict(content: PolicyDocuments, asked: Question) -> Verdict:
    domain = compile_documents(content).snapshot(asked.domain or "gd")
    return answer_under(domain, asked, SuppliedOnly()).verdict
