"""Releases: their store, what compiles them, what is in force, and the desk where changes are made."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ca_bridge.adapters.domain_source import DomainFiles
from ca_bridge.adapters.policy_folder import read_policy_folder
from ca_bridge.adapters.release_domains import ReleaseCompiler
from ca_bridge.adapters.release_lint import ReleaseLint
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.services.gateway import Gateway, GatewayOver
from ca_bridge.services.impact.journal_port import RequestJournal
from ca_bridge.services.live_domains import LiveDomains
from ca_bridge.services.manage_recognition.accounts import ManageAccounts
from ca_bridge.services.manage_recognition.releases import ManageReleases
from ca_bridge.services.manage_recognition.signers import EngineSigners
from ca_bridge.services.policy_documents import PolicyDocuments, ReleaseId
from ca_bridge.services.ports import Clock, DomainSource
from ca_bridge.services.release_desk import ReleaseDesk, folder_refused
from ca_bridge.services.release_ports import ReleaseStore
from ca_bridge.services.trust import SuppliedTrust
from ca_bridge.services.validate_certificate import ValidateCertificate
from ca_bridge.settings import Settings
from ca_bridge.wiring.engine import Parts, parts_of, personal_digest, settings, shelf_of
from ca_bridge.wiring.requests import simulation

if TYPE_CHECKING:
    from ca_bridge.adapters.sql_database import Database

_PROPOSED = 0
_COMPILED = 4


def opened_database(url: str) -> Database:
    """The database at ``url``, its tables made or brought up to date."""
    from ca_bridge.adapters.sql_database import Database  # noqa: PLC0415 - only who uses a database
    from ca_bridge.adapters.sql_migration import upgrade_database  # noqa: PLC0415

    database = Database(url)
    upgrade_database(database)
    return database


def release_store(url: str) -> ReleaseStore:
    """The store of releases in the database at ``url``."""
    return releases_in(opened_database(url), settings().node)


def releases_in(database: Database, node: str) -> ReleaseStore:
    """The store of releases in ``database``; ``node`` is named in the audit log."""
    from ca_bridge.adapters.sql_releases import SqlReleases  # noqa: PLC0415 - only who uses a database

    return SqlReleases(database, node)


def documents_in_force(chosen: Settings) -> PolicyDocuments | None:
    """Documents of the effective release; None without a database, and before its first release."""
    store = None if chosen.database is None else release_store(chosen.database)
    effective = None if store is None else store.effective_at(SystemClock().now())
    return None if store is None or effective is None else store.documents(effective.content_sha256)


def release_compiler(chosen: Settings) -> ReleaseCompiler:
    """What makes domains of a release, with the certificates and the SM2 engine of this process."""
    return compiler_of(chosen, parts_of(chosen), read_policy_folder(chosen.policies)[0])


def compiler_of(chosen: Settings, parts: Parts, folder: PolicyDocuments) -> ReleaseCompiler:
    """The same, over parts there are; ``folder`` are the documents that lie in the policies folder."""
    return ReleaseCompiler(
        shelf=shelf_of(chosen),
        own=parts.engine,
        own_documents=folder,
        sm2=parts.sm2.engine,
        pool=parts.engine.pool,
        digest=personal_digest(chosen.identity_key_file),
    )


def live_domains(
    store: ReleaseStore, compiler: ReleaseCompiler, own: DomainFiles, clock: Clock
) -> LiveDomains:
    """The domains of the releases in ``store``, ``own`` until a first release is in force."""
    return LiveDomains(own=own, store=store, compile_release=compiler.compile, clock=clock)


def gateways_over(base: Gateway, compiler: ReleaseCompiler) -> GatewayOver:
    """What makes ``base`` judge under other documents, the last few of which stay compiled.

    It raises ConfigurationError for documents that cannot be compiled.
    """

    @lru_cache(maxsize=_COMPILED)
    def over(documents: PolicyDocuments) -> Gateway:
        domains = compiler.compile(ReleaseId(_PROPOSED, documents.sha256), documents)
        validate = _unheard(base, domains)
        return replace(
            base,
            validate=validate,
            domains=domains,
            shadow=None,
            recorder=None,
            releases=None,
            decisions=None,
        )

    return over


def _unheard(base: Gateway, domains: DomainSource) -> ValidateCertificate:
    """The use case of ``base`` under ``domains``; nobody hears what is asked."""
    return ValidateCertificate(
        supplied_trust=SuppliedTrust(base.engine),
        domains=domains,
        default_domain=base.default_domain,
        clock=base.clock,
    )


def release_desk(
    store: ReleaseStore,
    compiler: ReleaseCompiler,
    chosen: Settings,
    base: Gateway,
    journal: RequestJournal | None,
    lying: PolicyDocuments,
) -> ReleaseDesk:
    """The desk over ``store``; who signs is judged as everybody is, but is no traffic to be kept.

    ``lying``: the documents of the policies folder as this process read and compiled them.
    """
    over = gateways_over(base, compiler)
    signers = EngineSigners(
        validate=_unheard(base, base.domains),
        validate_under=lambda documents: over(documents).validate,
        domain=chosen.signer_domain or chosen.default_domain,
    )
    schemas = chosen.policies / "schema"

    def folder(given: Path | None) -> PolicyDocuments:
        return lying if given is None else _folder_documents(given, schemas)

    return ReleaseDesk(
        releases=ManageReleases(
            store=store,
            clock=base.clock,
            lint=ReleaseLint(schemas, compiler),
            simulate=simulation(over, journal, lambda: folder(None), base.clock),
            signers=signers,
        ),
        accounts=ManageAccounts(store=store, clock=base.clock, signers=signers),
        folder=folder,
    )


def _folder_documents(folder: Path, schemas: Path) -> PolicyDocuments:
    try:
        return read_policy_folder(folder, schemas)[0]
    except PolicyFileError as error:
        raise folder_refused(error.problems) from error
