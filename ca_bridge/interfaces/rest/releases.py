"""/v1/releases and /v1/trail: every step of a change, and every look at it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from ca_bridge.interfaces.rest.attempt_limit import AttemptLimit
from ca_bridge.interfaces.rest.json_response import json_response
from ca_bridge.interfaces.rest.problems import NOT_FOUND, Problem
from ca_bridge.interfaces.rest.reading import RestLimits
from ca_bridge.interfaces.rest.recognition_directory import recognition_routes
from ca_bridge.interfaces.rest.release_access import Access
from ca_bridge.interfaces.rest.release_answers import created, tagged
from ca_bridge.interfaces.rest.release_problems import answer_refusals
from ca_bridge.interfaces.rest.release_reading import (
    HIGHEST,
    MAX_DRAFT_BYTES,
    Query,
    read_members,
    read_proof,
    read_query,
    seen_version,
)
from ca_bridge.interfaces.rest.release_steps import (
    DRAFT_MEMBERS,
    ROLL_BACK_MEMBERS,
    STEPS,
    Common,
    Step,
    draft_command,
    roll_back_command,
)
from ca_bridge.services.manage_recognition.fields import difference_fields, release_fields, trail_fields
from ca_bridge.services.manage_recognition.model import Release, Role
from ca_bridge.services.manage_recognition.times import rfc3339
from ca_bridge.services.release_desk import ReleaseDesk
from ca_bridge.services.release_reach import reach_data

_PAGE, _MOST_ROWS = 100, 500
_BEYOND_ALL = HIGHEST


def release_routes(desk: ReleaseDesk, limits: RestLimits, attempts: AttemptLimit | None = None) -> Blueprint:
    """The blueprint over ``desk``; failed proofs of an account are bounded by ``attempts``."""
    routes = Blueprint("releases", __name__)
    access = Access(desk, attempts or AttemptLimit())
    doors = _Doors(desk, limits, access)
    answer_refusals(routes)
    routes.post("/v1/releases")(doors.draft)
    routes.post("/v1/releases:rollBack")(doors.roll_back)
    for name, step in STEPS.items():
        routes.add_url_rule(f"/v1/releases/<int:number>:{name}", name, doors.step(step), methods=["POST"])
    look = _Looks(desk, access)
    routes.get("/v1/releases")(look.releases)
    routes.get("/v1/releases/effective")(look.effective)
    routes.get("/v1/releases/<int:number>")(look.release)
    routes.get("/v1/releases/<int:number>/documents")(look.documents)
    routes.get("/v1/releases/<int:number>/difference")(look.difference)
    routes.get("/v1/releases/<int:number>/reach")(look.reach)
    routes.get("/v1/trail")(look.trail)
    recognition_routes(routes, desk, limits, access)
    return routes


def absent_release_routes() -> Blueprint:
    """What a gateway without a database of releases answers at the same places: 404, and what is missing."""
    routes = Blueprint("releases", __name__)

    def absent(**_: Any) -> Response:
        raise Problem(
            NOT_FOUND,
            "This gateway keeps no releases: its operator has not set CA_BRIDGE_DATABASE.",
            "本网关未保存发布版本：运维人员尚未设置 CA_BRIDGE_DATABASE。",
        )

    for path in ("releases", "releases:rollBack", "trail", "agreements", "trust-lists", "blocklist"):
        for rule in (f"/v1/{path}", f"/v1/{path}/<path:rest>"):
            routes.add_url_rule(rule, "absent", absent, methods=["GET", "POST", "PUT", "DELETE"])
    return routes


class _Doors:
    """Steps. Each answers with the release as it is afterwards."""

    def __init__(self, desk: ReleaseDesk, limits: RestLimits, access: Access) -> None:
        self._releases = desk.releases
        self._limits = limits
        self._access = access

    def draft(self) -> Response:
        members = read_members(request, self._limits, MAX_DRAFT_BYTES)
        members.allow(DRAFT_MEMBERS | {"proof"})
        command = draft_command(members, read_proof(request, members))
        with self._access.attempt(command.proof):
            made = self._releases.draft(command)
        return created(made)

    def roll_back(self) -> Response:
        members = read_members(request, self._limits, self._limits.request_max_bytes)
        members.allow(ROLL_BACK_MEMBERS | {"proof"})
        command = roll_back_command(members, read_proof(request, members))
        with self._access.attempt(command.proof):
            made = self._releases.roll_back(command)
        return created(made)

    def step(self, step: Step) -> Any:
        """The view of one step on a release there is."""
        max_bytes = MAX_DRAFT_BYTES if step.large else self._limits.request_max_bytes

        def view(number: int) -> Response:
            members = read_members(request, self._limits, max_bytes)
            members.allow(step.members | {"proof"})
            proof = read_proof(request, members)
            command = step.command(members, Common(proof, number, seen_version(request)))
            with self._access.attempt(proof):
                made = step.take(self._releases, command)
            return tagged(json_response(release_fields(made)), made)

        return view


class _Looks:
    """Readings, for every account; the trail for auditors."""

    def __init__(self, desk: ReleaseDesk, access: Access) -> None:
        self._desk = desk
        self._records = desk.releases.records
        self._access = access

    def releases(self) -> Response:
        query = self._query("before", "limit")
        before = query.number("before", _BEYOND_ALL, 1, _BEYOND_ALL)
        limit = query.number("limit", _PAGE, 1, _MOST_ROWS)
        page = self._records.releases(before=before, limit=limit)
        states = self._records.states(page, self._desk.releases.clock.now())
        rows = [release_fields(release, state) for release, state in zip(page, states, strict=True)]
        following = page[-1].number if len(page) == limit and page[-1].number > 1 else None
        return json_response({"releases": rows, "next_before": following})

    def release(self, number: int) -> Response:
        self._query()
        release = self._records.release(number)
        return tagged(json_response(self._fields(release)), release)

    def documents(self, number: int) -> Response:
        self._query()
        release = self._records.release(number)
        documents = self._records.documents(release)
        fields = {
            "release": release.number,
            "content_sha256": release.content_sha256,
            "documents": documents.data(),
        }
        return tagged(json_response(fields), release)

    def difference(self, number: int) -> Response:
        query = self._query("against")
        against = query.number("against", -1, 0, HIGHEST)
        difference = self._records.difference(number, None if against < 0 else against)
        return json_response(difference_fields(difference))

    def reach(self, number: int) -> Response:
        query = self._query("against")
        against = query.number("against", -1, 0, HIGHEST)
        number = self._records.release(number).number
        return json_response({"reach": reach_data(self._desk, number, None if against < 0 else against)})

    def effective(self) -> Response:
        now = self._desk.releases.clock.now()
        at = self._query("at").time("at", now)
        found, following = self._desk.in_force(at), self._records.shadow_at(at)
        return json_response(
            {
                "at": rfc3339(at),
                "release_id": str(found.identity),
                "release": None if found.release is None else self._fields(found.release),
                "next": None if following is None else self._fields(following),
            }
        )

    def trail(self) -> Response:
        self._access.look(request, "trail", Role.AUDITOR)
        query = read_query(request, ("after", "limit"))
        after = query.number("after", 0, 0, HIGHEST)
        limit = query.number("limit", _PAGE, 1, _MOST_ROWS)
        rows = [trail_fields(entry) for entry in self._records.trail(after=after, limit=limit)]
        following = rows[-1]["sequence"] if len(rows) == limit else None
        return json_response({"trail": rows, "next_after": following})

    def _query(self, *names: str) -> Query:
        """The parameters of a look that every account may take."""
        self._access.look(request, "look")
        return read_query(request, names)

    def _fields(self, release: Release) -> dict[str, Any]:
        state = self._records.state(release, self._desk.releases.clock.now())
        return release_fields(release, state)
