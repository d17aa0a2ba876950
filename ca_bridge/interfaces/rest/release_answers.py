"""Answers that show a release, with what the next step needs of it."""

from __future__ import annotations

from flask import Response

from ca_bridge.interfaces.rest.json_response import json_response
from ca_bridge.services.manage_recognition.fields import release_fields
from ca_bridge.services.manage_recognition.model import Release


def created(release: Release) -> Response:
    """201 with the new release, where it is, and its version."""
    response = tagged(json_response(release_fields(release), 201), release)
    response.headers["Location"] = f"/v1/releases/{release.number}"
    return response


def tagged(response: Response, release: Release) -> Response:
    """With the version as its entity tag, for If-Match of the next step."""
    response.headers["ETag"] = f'"{release.version}"'
    return response
