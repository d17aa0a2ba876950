"""The composition root: the only file that names concrete adapters."""

from __future__ import annotations

import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ca_bridge.adapters.algorithm_file import read_algorithm_rules
from ca_bridge.adapters.certificate_files import certificate_files
from ca_bridge.adapters.domain_files import DomainDefinition
from ca_bridge.adapters.domain_source import DomainFiles, Shelf, read_definitions
from ca_bridge.adapters.identity_registry_file import read_identity_registry
from ca_bridge.adapters.liveness import ask_livez
from ca_bridge.adapters.policy_folder import lint_folder, read_policy_folder
from ca_bridge.adapters.policy_release import PolicyRelease
from ca_bridge.adapters.publisher_file import read_press
from ca_bridge.adapters.release_domains import ReleaseCompiler
from ca_bridge.adapters.self_diagnosis import SelfDiagnosis
from ca_bridge.adapters.sm2_engine import Sm2Selection, try_sm2_engines
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.adapters.trust_list_json import read_json
from ca_bridge.adapters.trust_list_publishing import TrustListPress
from ca_bridge.adapters.trust_list_xml import read_xml
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.core.algorithms.checker import SignatureChecker
from ca_bridge.core.algorithms.rules import AlgorithmRules
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.recognition.analysis.facts import KnownFacts
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.recognition.trust_list import TrustList
from ca_bridge.core.x509.identity_key import MIN_DIGEST_KEY_BYTES, PersonalDigest
from ca_bridge.core.x509.identity_registry import REGISTRY
from ca_bridge.core.x509.pool import Pool
from ca_bridge.interfaces.cli.analysis import analysis_commands
from ca_bridge.interfaces.cli.anchors import AnchorShelf
from ca_bridge.interfaces.cli.composition import Composition
from ca_bridge.interfaces.cli.demo import demo_command
from ca_bridge.interfaces.cli.serve import serve_command
from ca_bridge.interfaces.cli.trust_list import TrustListDesk, trust_list_commands
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.live_domains import LiveDomains
from ca_bridge.services.policy_documents import ReleaseId
from ca_bridge.services.policy_report import PolicyReport
from ca_bridge.services.ports import Check
from ca_bridge.services.recognition_analysis import Analysed
from ca_bridge.services.recognition_reading import read_policy
from ca_bridge.services.release_ports import ReleaseStore
from ca_bridge.services.shadow import Shadow
from ca_bridge.services.trust import Engine, SuppliedTrust
from ca_bridge.services.validate_certificate import ValidateCertificate
from ca_bridge.settings import Settings, SettingsError

if TYPE_CHECKING:
    from flask import Flask


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    engine: Engine
    rules: AlgorithmRules
    sm2: Sm2Selection


def settings() -> Settings:
    """Settings of this process's environment."""
    return Settings.from_environment(os.environ)


def gateway(chosen: Settings | None = None) -> Gateway:
    """The gateway of one process; PolicyFileError or SettingsError when it cannot be built."""
    chosen = chosen or settings()
    parts = _parts(chosen)
    clock = SystemClock()
    domains = _domains(chosen, parts)
    live = _live_domains(chosen, parts, domains, clock)
    shadow = None if live is None else Shadow(live.shadow)
    return Gateway(
        validate=ValidateCertificate(
            supplied_trust=SuppliedTrust(parts.engine),
            domains=live or domains,
            default_domain=chosen.default_domain,
            clock=clock,
            after=shadow,
        ),
        domains=live or domains,
        default_domain=chosen.default_domain,
        engine=parts.engine,
        clock=clock,
        diagnosis=SelfDiagnosis(
            sm2=parts.sm2,
            domains=live or domains,
            default_domain=chosen.default_domain,
            clock=clock,
            rules_id=parts.engine.rules_id,
            releases=None if live is None else live.check,
        ),
        shadow=shadow,
    )


def release_store(url: str) -> ReleaseStore:
    """The store of releases in the database at ``url``, its tables made or brought up to date."""
    from ca_bridge.adapters.sql_database import Database  # noqa: PLC0415 - only who uses a database
    from ca_bridge.adapters.sql_migration import upgrade_database  # noqa: PLC0415
    from ca_bridge.adapters.sql_releases import SqlReleases  # noqa: PLC0415

    database = Database(url)
    upgrade_database(database)
    return SqlReleases(database)


def release_compiler(chosen: Settings) -> ReleaseCompiler:
    """What makes domains of a release, with the certificates and the SM2 engine of this process."""
    return _compiler(chosen, _parts(chosen))


def _compiler(chosen: Settings, parts: _Parts) -> ReleaseCompiler:
    documents, _ = read_policy_folder(chosen.policies)
    return ReleaseCompiler(
        shelf=_shelf(chosen),
        own=parts.engine,
        own_documents=documents,
        sm2=parts.sm2.engine,
        pool=parts.engine.pool,
        digest=_personal_digest(chosen.identity_key_file),
    )


def _live_domains(
    chosen: Settings, parts: _Parts, own: DomainFiles, clock: SystemClock
) -> LiveDomains | None:
    """The domains of the releases in the configured database; None where none is configured."""
    if chosen.database is None:
        return None
    return LiveDomains(
        own=own,
        store=release_store(chosen.database),
        compile_release=_compiler(chosen, parts).compile,
        clock=clock,
    )


def rest_app(chosen: Settings | None = None) -> Flask:
    """The REST application of one process."""
    from ca_bridge.interfaces.rest.app import create_app  # noqa: PLC0415 - only who serves loads Flask
    from ca_bridge.interfaces.rest.reading import RestLimits  # noqa: PLC0415

    chosen = chosen or settings()
    limits = RestLimits(request_max_bytes=chosen.request_max_bytes, batch_max_bytes=chosen.batch_max_bytes)
    return create_app(gateway(chosen), limits)


def wsgi_app() -> Flask:
    """The REST application of one serving process, logs included."""
    from ca_bridge.adapters.json_logs import configure_logs  # noqa: PLC0415 - only who serves

    chosen = settings()
    configure_logs(chosen.log_level)
    return rest_app(chosen)


def serve(*, host: str | None, port: int | None, workers: int | None, level: str | None) -> None:
    """Serve REST over the settings, with these in the place of theirs, until a signal ends it."""
    from ca_bridge.adapters.granian_server import ServerAddress, run_server  # noqa: PLC0415 - only who serves

    chosen = settings()
    address = ServerAddress(
        host=host or chosen.host,
        port=port or chosen.port,
        workers=workers or chosen.workers,
        log_level=level or chosen.log_level,
    )
    os.environ["CA_BRIDGE_LOG_LEVEL"] = address.log_level  # worker processes read the settings again
    # What is wrong with settings or policies is said once, here, not by every worker or the first caller.
    domains = gateway(chosen).domains
    for name in domains.names():
        domains.snapshot(name)
    run_server(address)


def liveness() -> Check:
    """Whether the server of the settings lives on this machine."""
    return ask_livez(settings().port)


def composition() -> Composition:
    """What the command line is made over."""
    return Composition(
        gateway=gateway,
        policy_report=policy_report,
        anchor_shelf=anchor_shelf,
        liveness=liveness,
        policy_lint=policy_lint,
        further=(
            serve_command(serve),
            demo_command(lambda: settings().policies),
            *analysis_commands(analysed),
            trust_list_commands(trust_list_desk()),
        ),
    )


def anchor_shelf() -> AnchorShelf:
    """Where imported anchors lie, and which domains pin them."""
    folder = settings().anchors
    return AnchorShelf(folder=folder, pinned_by=pins(), imported=lambda: certificate_files(folder))


def offline_trust(anchors: tuple[bytes, ...]) -> TrustSnapshot:
    """A snapshot of exactly these anchors (DER) under the shipped algorithm table."""
    return SuppliedTrust(_parts(settings()).engine).snapshot(anchors)


def policy_report(chosen: Settings | None = None) -> PolicyReport:
    """Everything wrong in the policies folder, or what it holds."""
    chosen = chosen or settings()
    try:
        parts = _parts(chosen)
        domains = _domains(chosen, parts)
        for name in domains.names():
            domains.snapshot(name)
    except PolicyFileError as error:
        return PolicyReport(domains=0, problems=error.problems)
    names = domains.names()
    return PolicyReport(
        domains=len(names),
        problems=(),
        missing_anchors=tuple((n, pin.sha256, pin.name) for n in names for pin in domains.missing(n)),
        absent_default="" if chosen.default_domain in names else chosen.default_domain,
    )


def pins(chosen: Settings | None = None) -> dict[str, tuple[str, ...]]:
    """Which domains pin which anchor, by SHA-256."""
    chosen = chosen or settings()
    definitions = read_definitions(chosen.policies, frozenset(_parts(chosen).rules.profiles))
    pinned: dict[str, list[str]] = {}
    for name, definition in definitions.items():
        for fingerprint in _fingerprints(definition):
            pinned.setdefault(fingerprint, []).append(name)
    return {fingerprint: tuple(sorted(names)) for fingerprint, names in pinned.items()}


def _fingerprints(definition: DomainDefinition) -> tuple[str, ...]:
    return tuple(anchor.sha256 for anchor in definition.anchors)


def _parts(chosen: Settings) -> _Parts:
    table = chosen.policies / "algorithms.yaml"
    rules = read_algorithm_rules(table, chosen.policies / "schema" / "algorithms.schema.json")
    sm2 = try_sm2_engines()
    engine = Engine(
        signatures=SignatureChecker(sm2.engine, rules),
        pool=Pool(),
        rules_id=sha256(table.read_bytes()).hexdigest(),
    )
    return _Parts(engine=engine, rules=rules, sm2=sm2)


def _domains(chosen: Settings, parts: _Parts) -> DomainFiles:
    # A domain's own mistakes are told first.
    definitions = read_definitions(chosen.policies, frozenset(parts.rules.profiles))
    return DomainFiles(_shelf(chosen), parts.engine, definitions, _release(chosen))


def _shelf(chosen: Settings) -> Shelf:
    return Shelf(policies=chosen.policies, anchors=chosen.anchors)


def _release(chosen: Settings) -> PolicyRelease:
    """The policies folder as it lies: release number 0."""
    documents, policy = read_policy_folder(chosen.policies)
    registry = chosen.policies / "identity-registry.yaml"
    schema = chosen.policies / "schema" / "identity-registry.schema.json"
    return PolicyRelease(
        identity=ReleaseId(number=0, sha256=documents.sha256),
        policy=policy,
        registry=read_identity_registry(registry, schema) if registry.exists() else REGISTRY,
        digest=_personal_digest(chosen.identity_key_file),
    )


def _personal_digest(file: Path | None) -> PersonalDigest | None:
    """The digest of personal numbers under the octets of ``file``; SettingsError when unusable."""
    if file is None:
        return None
    try:
        return PersonalDigest(file.read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"CA_BRIDGE_IDENTITY_KEY_FILE: needs a file of at least {MIN_DIGEST_KEY_BYTES} octets"
            f" / CA_BRIDGE_IDENTITY_KEY_FILE 须为至少 {MIN_DIGEST_KEY_BYTES} 字节的文件"
        ) from error


def policy_lint(folder: Path | None = None) -> PolicyReport:
    """Everything wrong in ``folder``, or in the policies folder of the settings."""
    return lint_folder(folder or settings().policies)


def recognition_policy(chosen: Settings) -> RecognitionPolicy:
    """The policy in force: of the effective release where a database has one, else of the folder."""
    store = None if chosen.database is None else release_store(chosen.database)
    effective = None if store is None else store.effective_at(SystemClock().now())
    documents = None if store is None or effective is None else store.documents(effective.content_sha256)
    return read_policy_folder(chosen.policies)[1] if documents is None else read_policy(documents.data())


def trust_list_desk() -> TrustListDesk:
    """What the commands about trust lists work with; nothing is read before one needs it."""
    clock = SystemClock()
    return TrustListDesk(
        now=clock.now,
        stored=_stored_list,
        read_xml=read_xml,
        read_json=read_json,
        publish=lambda trust_list, form: _press(clock).publish(trust_list, form),
    )


def _stored_list(identifier: str) -> TrustList | None:
    lists = recognition_policy(settings()).trust_lists
    return next((found for found in lists if found.identifier == identifier), None)


def _press(clock: SystemClock) -> TrustListPress:
    chosen = settings()
    if chosen.publisher is None:
        raise SettingsError(
            "publishing needs CA_BRIDGE_PUBLISHER (docs/trust-lists.md) / 发布须设置 CA_BRIDGE_PUBLISHER"
        )
    return read_press(
        chosen.publisher,
        chosen.policies / "schema" / "publisher.schema.json",
        certificate_of=certificate_files(chosen.anchors).get,
        now=clock.now,
    )


def analysed() -> Analysed:
    """The policy of the settings, what is known beside it, and the present instant."""
    chosen = settings()
    definitions = read_definitions(chosen.policies, frozenset(_parts(chosen).rules.profiles))
    policy = recognition_policy(chosen)
    facts = KnownFacts(
        bridge_domains=frozenset(domain.name for domain in policy.domains if domain.bridge),
        trust_lists_of={name: found.trust_lists for name, found in definitions.items() if found.trust_lists},
    )
    return Analysed(policy=policy, at=SystemClock().now(), facts=facts)
