"""/v1/agreements, /v1/trust-lists and /v1/blocklist: what is in force, for anybody; a change is a draft."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from ca_bridge.interfaces.rest.json_response import json_response
from ca_bridge.interfaces.rest.problems import NOT_FOUND, Problem
from ca_bridge.interfaces.rest.reading import RestLimits
from ca_bridge.interfaces.rest.recognition_content import (
    AGREEMENTS,
    BLOCKS,
    TRUST_LISTS,
    Listing,
    RememberedRows,
    Row,
    masked,
)
from ca_bridge.interfaces.rest.release_access import Access
from ca_bridge.interfaces.rest.release_answers import created
from ca_bridge.interfaces.rest.release_problems import PRECONDITION_FAILED
from ca_bridge.interfaces.rest.release_reading import (
    HIGHEST,
    MAX_DRAFT_BYTES,
    Members,
    read_members,
    read_optional_members,
    read_proof,
    read_query,
    seen_release,
)
from ca_bridge.services.field_values import unusable
from ca_bridge.services.manage_recognition.commands import DraftRelease, SecretProof
from ca_bridge.services.manage_recognition.model import Role
from ca_bridge.services.manage_recognition.times import rfc3339
from ca_bridge.services.release_desk import InForce, ReleaseDesk

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}", re.ASCII)
_PAGE = 1_000
_SEES_HOLDERS = frozenset({Role.OPERATOR, Role.AUDITOR})


def recognition_routes(routes: Blueprint, desk: ReleaseDesk, limits: RestLimits, access: Access) -> None:
    """Add the three listings to ``routes``."""
    shelf = _Shelf(desk, access)
    change = _Changes(desk, limits, access, shelf)
    for listing in (AGREEMENTS, TRUST_LISTS, BLOCKS):
        path = f"/v1/{listing.path}"
        one = f"{path}/<identifier>"
        routes.add_url_rule(path, listing.path, _view(shelf.page, listing), methods=["GET"])
        routes.add_url_rule(one, f"{listing.path}-put", _view(change.put, listing), methods=["PUT"])
        routes.add_url_rule(one, f"{listing.path}-delete", _view(change.delete, listing), methods=["DELETE"])
        if listing is not BLOCKS:
            routes.add_url_rule(one, f"{listing.path}-one", _view(shelf.one, listing), methods=["GET"])


def _view(answer: Callable[..., Response], listing: Listing) -> Callable[..., Response]:
    def view(**parts: Any) -> Response:
        return answer(listing, **parts)

    return view


class _Shelf:
    """What is in force at an instant."""

    def __init__(self, desk: ReleaseDesk, access: Access) -> None:
        self._desk = desk
        self._access = access
        self._remembered = RememberedRows()

    def page(self, listing: Listing) -> Response:
        holders = listing is not BLOCKS or self._may_see_holders()
        query = read_query(request, ("at", "offset", "limit"))
        at = query.time("at", self._desk.releases.clock.now())
        offset = query.number("offset", 0, 0, HIGHEST)
        end = offset + query.number("limit", _PAGE, 1, _PAGE)
        found = self._desk.in_force(at)
        rows = self.rows(listing, found)
        shown = rows[offset:end]
        fields = _about(found, rfc3339(at)) | {
            listing.members: list(shown) if holders else masked(shown),
            "next_offset": end if end < len(rows) else None,
        }
        return _tagged(json_response(fields), found)

    def one(self, listing: Listing, identifier: str) -> Response:
        at = read_query(request, ("at",)).time("at", self._desk.releases.clock.now())
        found = self._desk.in_force(at)
        row = self.find(listing, found, identifier)
        if row is None:
            raise _absent()
        return _tagged(json_response(_about(found, rfc3339(at)) | {listing.member: row}), found)

    def find(self, listing: Listing, found: InForce, identifier: str) -> Row | None:
        """The row of this name."""
        rows = self.rows(listing, found)
        return next((row for row in rows if listing.identifier(row) == identifier), None)

    def rows(self, listing: Listing, found: InForce) -> tuple[Row, ...]:
        """All rows of a listing."""
        return self._remembered.of(listing, found)

    def _may_see_holders(self) -> bool:
        if "Authorization" not in request.headers:
            return False
        return not self._access.look(request, "look").roles.isdisjoint(_SEES_HOLDERS)


class _Changes:
    """One document or block put or taken away, as a draft made from the release that was seen."""

    def __init__(self, desk: ReleaseDesk, limits: RestLimits, access: Access, shelf: _Shelf) -> None:
        self._desk = desk
        self._limits = limits
        self._access = access
        self._shelf = shelf

    def put(self, listing: Listing, identifier: str) -> Response:
        members = read_members(request, self._limits, MAX_DRAFT_BYTES)
        members.allow({"document", "note", "proof"})
        if not _IDENTIFIER.fullmatch(identifier):
            raise _absent()
        row = members.object("document")
        if row.setdefault(listing.member, identifier) != identifier:
            raise unusable(f"document.{listing.member}", identifier)
        return self._draft(listing, identifier, row, members)

    def delete(self, listing: Listing, identifier: str) -> Response:
        members = read_optional_members(request, self._limits)
        members.allow({"note", "proof"})
        return self._draft(listing, identifier, None, members)

    def _draft(self, listing: Listing, identifier: str, row: Row | None, members: Members) -> Response:
        """All of it counts as the attempt: the documents are large, and anybody can ask."""
        proof, note = read_proof(request, members), members.note()
        with self._access.attempt(proof):
            if isinstance(proof, SecretProof):
                self._desk.authenticate(proof)
            found = self._seen()
            if row is None and self._shelf.find(listing, found, identifier) is None:
                raise _absent()
            command = DraftRelease(
                proof=proof,
                documents=listing.changed(found.documents(), identifier, row),
                base=found.identity.number,
                note=note,
            )
            made = self._desk.releases.draft(command)
        return created(made)

    def _seen(self) -> InForce:
        """The release of If-Match, if its content is still the one that was seen."""
        number, sha256 = seen_release(request)
        found = self._desk.numbered(number)
        if found.identity.sha256 != sha256:
            raise Problem(
                PRECONDITION_FAILED, "Its content is another by now; look again.", "内容已变化，请重新查看。"
            )
        return found


def _about(found: InForce, at: str) -> dict[str, Any]:
    return {"release_id": str(found.identity), "at": at}


def _tagged(response: Response, found: InForce) -> Response:
    """With the release as its entity tag, for If-Match of a change."""
    response.headers["ETag"] = f'"{found.identity}"'
    response.headers["Vary"] = "Authorization"
    return response


def _absent() -> Problem:
    return Problem(NOT_FOUND, "Nothing of this name is in the release.", "该发布版本中没有此名称的内容。")
