"""What the gateway stands on, checked: engines, policy files, anchors, clock."""

from __future__ import annotations

import platform
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version

import cryptography
from cryptography.hazmat.backends.openssl import backend

from ca_bridge.adapters.sm2_engine import Sm2Selection
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.services.ports import Check, Clock, DomainSource

# The gateway did not exist before this day: an earlier clock is a wrong clock.
_EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
_LATEST = datetime(2050, 1, 1, tzinfo=UTC)


class SelfDiagnosis:
    """Diagnosis port over the parts of one process; runs no longer than compiling the domains takes."""

    def __init__(
        self,
        *,
        sm2: Sm2Selection,
        domains: DomainSource,
        default_domain: str,
        clock: Clock,
        rules_id: str,
        releases: Callable[[], Check] | None = None,
        keys: Callable[[], tuple[Check, ...]] | None = None,
    ) -> None:
        self._releases = releases
        self._keys = keys
        self._sm2 = sm2
        self._default_domain = default_domain
        self._domains = domains
        self._clock = clock
        self._rules_id = rules_id

    def __call__(self) -> tuple[Check, ...]:
        """All checks, in a fixed order."""
        return (
            _runtime(),
            _openssl(),
            self._sm2_engine(),
            self._algorithms(),
            *self._each_domain(),
            self._default(),
            *(() if self._releases is None else (self._releases(),)),
            *(() if self._keys is None else self._keys()),
            self._time(),
        )

    def _sm2_engine(self) -> Check:
        engine = self._sm2.engine
        passed_over = "".join(f"; {text}" for text in self._sm2.passed_over)
        return Check(
            name="sm2",
            passed=True,
            detail_en=f"{engine.name} {engine.version}, published vectors right{passed_over}",
            detail_zh=f"{engine.name} {engine.version}，标准示例自检通过{passed_over}",
            facts=(("engine", engine.name), ("version", engine.version), ("self_test", "passed")),
        )

    def _algorithms(self) -> Check:
        text = f"algorithms.yaml {self._rules_id[:16]}"
        facts = (("sha256", self._rules_id),)
        return Check(name="algorithms", passed=True, detail_en=text, detail_zh=text, facts=facts)

    def _each_domain(self) -> tuple[Check, ...]:
        in_force = self._domains.current()
        return tuple(self._domain(in_force, name) for name in in_force.names())

    def _domain(self, in_force: DomainSource, name: str) -> Check:
        try:
            snapshot = in_force.snapshot(name)
        except PolicyFileError as error:
            problem = error.problems[0]
            return Check(
                name=f"domain:{name}",
                passed=False,
                detail_en=problem.message_en,
                detail_zh=problem.message_zh,
            )
        there, missing = len(snapshot.trust.anchors), len(in_force.missing(name))
        return Check(
            name=f"domain:{name}",
            passed=True,
            detail_en=f"{there} anchor(s), {missing} not imported yet",
            detail_zh=f"{there} 个信任锚，{missing} 个尚未导入",
            facts=(
                ("trust_anchors", there),
                ("not_imported", missing),
                ("snapshot_id", snapshot.trust.snapshot_id),
            ),
        )

    def _default(self) -> Check:
        name = self._default_domain
        there = name in self._domains.names()
        return Check(
            name="default-domain",
            passed=there,
            detail_en=name
            if there
            else f"{name}: no domain file has this name; set CA_BRIDGE_DEFAULT_DOMAIN",
            detail_zh=name if there else f"{name}：没有同名的信任域，请设置 CA_BRIDGE_DEFAULT_DOMAIN",
        )

    def _time(self) -> Check:
        now = self._clock.now()
        return Check(
            name="clock",
            passed=_EARLIEST <= now < _LATEST,
            detail_en=f"{now:%Y-%m-%dT%H:%M:%SZ}",
            detail_zh=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        )


def _runtime() -> Check:
    text = f"ca-bridge {version('ca-bridge')}, Python {platform.python_version()}"
    return Check(name="runtime", passed=True, detail_en=text, detail_zh=text)


def _openssl() -> Check:
    text = f"cryptography {cryptography.__version__}, {backend.openssl_version_text()}"
    return Check(name="cryptography", passed=True, detail_en=text, detail_zh=text)
