"""What starts: the command line and the REST server."""

from __future__ import annotations

import atexit
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from ca_bridge.adapters.liveness import ask_livez
from ca_bridge.adapters.statement_signatures import verify_statement
from ca_bridge.interfaces.cli.accounts import accounts_commands
from ca_bridge.interfaces.cli.analysis import analysis_commands
from ca_bridge.interfaces.cli.audit import audit_commands
from ca_bridge.interfaces.cli.bridge import bridge_commands
from ca_bridge.interfaces.cli.composition import Composition
from ca_bridge.interfaces.cli.demo import demo_command
from ca_bridge.interfaces.cli.impact import impact_command
from ca_bridge.interfaces.cli.keys import keys_commands
from ca_bridge.interfaces.cli.receipt import receipt_commands
from ca_bridge.interfaces.cli.release import release_commands
from ca_bridge.interfaces.cli.serve import serve_command
from ca_bridge.interfaces.cli.trust_list import trust_list_commands
from ca_bridge.interfaces.cli.what_if import what_if_command
from ca_bridge.services.ports import Check
from ca_bridge.services.release_desk import ReleaseDesk
from ca_bridge.settings import Settings, SettingsError
from ca_bridge.wiring.bridge import bridge_desk
from ca_bridge.wiring.engine import settings
from ca_bridge.wiring.gateways import gateway, gateway_of_folder, gateway_of_release
from ca_bridge.wiring.keys import audit_desk, keys_desk
from ca_bridge.wiring.log import keys_of_development
from ca_bridge.wiring.policies import analysed, anchor_shelf, policy_lint, policy_report, trust_list_desk
from ca_bridge.wiring.requests import request_journal
from ca_bridge.wiring.what_if import minimal_fix

if TYPE_CHECKING:
    from flask import Flask


AtEnd = Callable[[Callable[[], None]], object]


def rest_app(chosen: Settings | None = None, at_end: AtEnd | None = None) -> Flask:
    """The REST application of one process; ``at_end`` is given what is to be done when that ends."""
    from ca_bridge.interfaces.rest.app import create_app  # noqa: PLC0415 - only who serves loads Flask
    from ca_bridge.interfaces.rest.reading import RestLimits  # noqa: PLC0415

    chosen = chosen or settings()
    limits = RestLimits(request_max_bytes=chosen.request_max_bytes, batch_max_bytes=chosen.batch_max_bytes)
    made = gateway(chosen, recording=True)
    if at_end is not None and made.decisions is not None:
        at_end(made.decisions.close)
    return create_app(made, limits)


def wsgi_app() -> Flask:
    """The REST application of one serving process, logs included."""
    from ca_bridge.adapters.json_logs import configure_logs  # noqa: PLC0415 - only who serves

    chosen = settings()
    configure_logs(chosen.log_level)
    return rest_app(chosen, atexit.register)


def serve(*, host: str | None, port: int | None, workers: int | None, level: str | None) -> None:
    """Serve REST over the settings, with these in the place of theirs, until a signal ends it."""
    from ca_bridge.adapters.granian_server import ServerAddress, run_server  # noqa: PLC0415 - only who serves
    from ca_bridge.adapters.json_logs import configure_logs  # noqa: PLC0415

    chosen = settings()
    address = ServerAddress(
        host=host or chosen.host,
        port=port or chosen.port,
        workers=workers or chosen.workers,
        log_level=level or chosen.log_level,
    )
    configure_logs(address.log_level)
    os.environ["CA_BRIDGE_LOG_LEVEL"] = address.log_level  # worker processes read the settings again
    # What is wrong with settings or policies is said once, here, not by every worker or the first caller.
    domains = gateway(chosen).domains
    for name in domains.names():
        domains.snapshot(name)
    if chosen.development_keys is not None:
        keys_of_development(chosen.development_keys)
    run_server(address)


def liveness() -> Check:
    """Whether the server of the settings lives on this machine."""
    return ask_livez(settings().port)


def release_desk() -> ReleaseDesk:
    """The desk of the configured database; SettingsError when there is none."""
    desk = gateway().releases
    if desk is None:
        raise SettingsError(
            "releases are kept in a database: set CA_BRIDGE_DATABASE, as sqlite:////var/lib/ca-bridge/releases.db"
            " (docs/releases.md) / 发布版本保存在数据库中：请设置 CA_BRIDGE_DATABASE，"
            "例如 sqlite:////var/lib/ca-bridge/releases.db（docs/releases.md）"
        )
    return desk


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
            demo_command(lambda: settings().policies, verify_statement),
            release_commands(release_desk),
            accounts_commands(release_desk),
            bridge_commands(bridge_desk),
            keys_commands(lambda: keys_desk(release_desk)),
            audit_commands(audit_desk),
            receipt_commands(verify_statement),
            *analysis_commands(analysed),
            what_if_command(minimal_fix),
            impact_command(gateway_of_folder, lambda: request_journal(settings()), gateway_of_release),
            trust_list_commands(trust_list_desk()),
        ),
    )
