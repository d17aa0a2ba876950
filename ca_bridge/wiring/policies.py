"""The policies folder and the policy in force, as the commands that look at them need them."""

from __future__ import annotations

from pathlib import Path

from ca_bridge.adapters.certificate_files import certificate_files
from ca_bridge.adapters.domain_files import DomainDefinition
from ca_bridge.adapters.domain_source import read_definitions
from ca_bridge.adapters.policy_folder import lint_folder, read_policy_folder
from ca_bridge.adapters.publisher_file import read_press
from ca_bridge.adapters.system_clock import SystemClock
from ca_bridge.adapters.trust_list_json import read_json
from ca_bridge.adapters.trust_list_publishing import TrustListPress
from ca_bridge.adapters.trust_list_xml import read_xml
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.core.path.snapshot import TrustSnapshot
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.core.recognition.trust_list import TrustList
from ca_bridge.interfaces.cli.anchors import AnchorShelf
from ca_bridge.interfaces.cli.trust_list import TrustListDesk
from ca_bridge.services.policy_report import PolicyReport
from ca_bridge.services.recognition_analysis import Analysed
from ca_bridge.services.recognition_reading import read_policy
from ca_bridge.services.simulation import analysed_documents
from ca_bridge.services.trust import SuppliedTrust
from ca_bridge.settings import Settings, SettingsError
from ca_bridge.wiring.engine import folder_domains, parts_of, settings
from ca_bridge.wiring.releases import documents_in_force


def anchor_shelf() -> AnchorShelf:
    """Where imported anchors lie, and which domains pin them."""
    folder = settings().anchors
    return AnchorShelf(folder=folder, pinned_by=pins(), imported=lambda: certificate_files(folder))


def offline_trust(anchors: tuple[bytes, ...]) -> TrustSnapshot:
    """A snapshot of exactly these anchors (DER) under the shipped algorithm table."""
    return SuppliedTrust(parts_of(settings()).engine).snapshot(anchors)


def policy_report(chosen: Settings | None = None) -> PolicyReport:
    """Everything wrong in the policies folder, or what it holds."""
    chosen = chosen or settings()
    try:
        domains, _ = folder_domains(chosen, parts_of(chosen))
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
    definitions = read_definitions(chosen.policies, frozenset(parts_of(chosen).rules.profiles))
    pinned: dict[str, list[str]] = {}
    for name, definition in definitions.items():
        for fingerprint in _fingerprints(definition):
            pinned.setdefault(fingerprint, []).append(name)
    return {fingerprint: tuple(sorted(names)) for fingerprint, names in pinned.items()}


def _fingerprints(definition: DomainDefinition) -> tuple[str, ...]:
    return tuple(anchor.sha256 for anchor in definition.anchors)


def policy_lint(folder: Path | None = None) -> PolicyReport:
    """Everything wrong in ``folder``, or in the policies folder of the settings."""
    return lint_folder(folder or settings().policies)


def recognition_policy(chosen: Settings) -> RecognitionPolicy:
    """The policy in force: of the effective release where a database has one, else of the folder."""
    documents = documents_in_force(chosen)
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
    documents = documents_in_force(chosen) or read_policy_folder(chosen.policies)[0]
    return analysed_documents(documents, SystemClock().now())
