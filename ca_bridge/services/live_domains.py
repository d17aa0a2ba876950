"""The domains in force: of the effective release, else of the policies folder; swapped by one reference.

The store is asked at most once a second. A release is compiled before it is needed, in the background, the
next one in advance: from its effective instant on every answer is under it, and no question waits for it, but
for the first one after an idle spell.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from threading import Lock, Thread

from ca_bridge.services.errors import ConfigurationError, GatewayError
from ca_bridge.services.manage_recognition.model import Release
from ca_bridge.services.manage_recognition.records import release_id
from ca_bridge.services.policy_documents import PolicyDocuments, ReleaseId
from ca_bridge.services.ports import Check, Clock, DomainSnapshot, DomainSource
from ca_bridge.services.release_ports import ReleaseStore

_STALE_S = 3.0
Compile = Callable[[ReleaseId, PolicyDocuments], DomainSource]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is in force from ``since`` on, and what will be: one value, replaced as a whole.

    ``upcoming`` stands beside ``live`` until ``upcoming_from``: it is the shadow.
    """

    live: DomainSource
    release: ReleaseId | None = None
    upcoming: DomainSource | None = None
    upcoming_release: ReleaseId | None = None
    upcoming_from: datetime | None = None


class LiveDomains:
    """DomainSource over releases; ``own`` are the folder's domains, in force until a first release is."""

    def __init__(
        self,
        *,
        own: DomainSource,
        store: ReleaseStore,
        compile_release: Compile,
        clock: Clock,
        check_every_s: float = 1.0,
    ) -> None:
        self._store = store
        self._compile = compile_release
        self._clock = clock
        self._check_every_s = check_every_s
        self._own = own
        self._standing = Standing(live=own)
        self._checked: datetime | None = None
        self._lock = Lock()
        self._refreshing: Thread | None = None
        self.trouble = ""
        self.refresh()

    def current(self) -> DomainSource:
        """The domains of the release in force now."""
        return self._in_force()

    def names(self) -> tuple[str, ...]:
        """Names of all domains in force, sorted."""
        return self._in_force().names()

    def snapshot(self, name: str) -> DomainSnapshot:
        """The domain of this name, of the release in force now; raises UnknownDomain."""
        return self._in_force().snapshot(name)

    def missing(self, name: str) -> tuple[object, ...]:
        """Anchors that the domain in force pins and nobody has imported."""
        return self._in_force().missing(name)

    def shadow(self, name: str) -> DomainSnapshot | None:
        """The domain of the approved release that is to come into force next; None where there is none."""
        upcoming = self._standing.upcoming
        return None if upcoming is None or name not in upcoming.names() else upcoming.snapshot(name)

    def check(self) -> Check:
        """Which release is in force, which comes next, and what keeps the store from being read."""
        standing = self._standing
        release = "0" if standing.release is None else str(standing.release)
        upcoming = "-" if standing.upcoming_release is None else str(standing.upcoming_release)
        return Check(
            name="releases",
            passed=not self.trouble,
            detail_en=self.trouble or f"in force {release[:24]}, next {upcoming[:24]}",
            detail_zh=self.trouble or f"生效版本 {release[:24]}，下一版本 {upcoming[:24]}",
            facts=(("in_force", release), ("next", upcoming)),
        )

    def _in_force(self) -> DomainSource:
        now = self._clock.now()
        if self._is_stale(now):
            self._refresh_or_tell()  # nobody asked for a while: what was in force then may be long past
        else:
            self._refresh_in_time(now)
        standing = self._standing
        begun = standing.upcoming_from is not None and now >= standing.upcoming_from
        return standing.upcoming if begun and standing.upcoming is not None else standing.live

    def _is_stale(self, now: datetime) -> bool:
        checked = self._checked
        return checked is None or not 0 <= (now - checked).total_seconds() < _STALE_S

    def _refresh_in_time(self, now: datetime) -> None:
        """Ask the store again once the last asking is old enough, without waiting for the answer."""
        checked = self._checked
        if checked is not None and 0 <= (now - checked).total_seconds() < self._check_every_s:
            return
        self._checked = now
        if self._refreshing is None or not self._refreshing.is_alive():
            self._refreshing = Thread(target=self._refresh_or_tell, name="releases", daemon=True)
            self._refreshing.start()

    def _refresh_or_tell(self) -> None:
        """Refresh; what was in force stays so while the store or a release cannot be read."""
        try:
            self.refresh()
        except GatewayError as error:
            self.trouble = f"{type(error).__name__}: {error}"
            self._checked = self._clock.now()

    def refresh(self) -> None:
        """Ask the store what is in force and what comes next, and compile what is new.

        GatewayError when the store cannot be asked, or the release in force cannot be compiled; that the
        next one cannot is told as trouble, and no reason to leave the present one.
        """
        with self._lock:
            now = self._clock.now()
            effective, upcoming = self._store.effective_at(now), self._store.next_after(now)
            known = self._standing
            live = self._domains_of(effective, known) or self._own
            release = None if effective is None else release_id(effective)
            self._standing, self._checked = self._with_upcoming(live, release, upcoming, known), now

    def _with_upcoming(
        self, live: DomainSource, release: ReleaseId | None, upcoming: Release | None, known: Standing
    ) -> Standing:
        try:
            domains, self.trouble = self._domains_of(upcoming, known), ""
        except GatewayError as error:
            domains, self.trouble = None, f"{type(error).__name__}: {error}"
        if upcoming is None or domains is None:
            return Standing(live=live, release=release)
        return Standing(
            live=live,
            release=release,
            upcoming=domains,
            upcoming_release=release_id(upcoming),
            upcoming_from=upcoming.effective_from,
        )

    def _domains_of(self, release: Release | None, standing: Standing) -> DomainSource | None:
        """The domains of ``release``, those compiled before where they are the same."""
        if release is None:
            return None
        identity = release_id(release)
        if identity == standing.release:
            return standing.live
        if identity == standing.upcoming_release:
            return standing.upcoming
        documents = self._store.documents(release.content_sha256)
        if documents is None:
            raise ConfigurationError(f"release {identity} has no content / 版本 {identity} 缺少内容")
        return self._compile(identity, documents)
