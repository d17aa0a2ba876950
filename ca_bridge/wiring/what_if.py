"""What `ca-bridge what-if` works over: the policy in force, and what compiles changed ones."""

from __future__ import annotations

from ca_bridge.adapters.certificate_files import certificate_files
from ca_bridge.adapters.domain_source import DomainFiles
from ca_bridge.adapters.policy_folder import read_policy_folder
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.services.manage_recognition.records import release_id
from ca_bridge.services.minimal_fix import FindMinimalFix
from ca_bridge.services.policy_documents import PolicyDocuments, ReleaseId
from ca_bridge.wiring.engine import parts_of, settings
from ca_bridge.wiring.releases import compiler_of, release_store

_PROPOSED = 0


def minimal_fix() -> FindMinimalFix:
    """The use case over the effective release, else over the policies folder."""
    chosen = settings()
    folder, _ = read_policy_folder(chosen.policies)
    compiler = compiler_of(chosen, parts_of(chosen), folder)
    store = None if chosen.database is None else release_store(chosen.database)
    effective = None if store is None else store.effective_at(SystemClock().now())
    stored = None if store is None or effective is None else store.documents(effective.content_sha256)
    in_force = folder if stored is None else stored
    identity = ReleaseId(_PROPOSED, folder.sha256) if effective is None else release_id(effective)

    def compiled(content: PolicyDocuments) -> DomainFiles:
        known = identity if content == in_force else ReleaseId(_PROPOSED, content.sha256)
        return compiler.compile(known, content)

    return FindMinimalFix(
        documents=in_force,
        compile_documents=compiled,
        default_domain=chosen.default_domain,
        certificates=certificate_files(chosen.anchors).values(),
    )
