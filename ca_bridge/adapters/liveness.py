"""Asks the server on this machine whether it lives, for a container's health check."""

from __future__ import annotations

from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

from ca_bridge.services.ports import Check

_TIMEOUT_S = 2.0


def ask_livez(port: int) -> Check:
    """Whether GET /livez on 127.0.0.1 is answered 200 within 2 seconds; never raises for the network."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/livez")
        status = connection.getresponse().status
        seen = str(status)
    except (OSError, HTTPException) as error:
        status, seen = None, type(error).__name__
    finally:
        connection.close()
    text = f"http://127.0.0.1:{port}/livez: {seen}"
    return Check(name="live", passed=status == HTTPStatus.OK, detail_en=text, detail_zh=text)
