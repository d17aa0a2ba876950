"""The public keys of this gateway, for whoever verifies what it signed, years later too."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any

from ca_bridge.services.key_management.model import RegisteredKey


def public_keys_document(keys: Iterable[RegisteredKey], origin: str) -> dict[str, Any]:
    """What GET /v1/keys serves: every key there ever was, whatever became of it; ``origin`` is the log's.

    A key that is retired or destroyed stays, for what it signed stays to be verified.
    """
    return {
        "keys": [
            {
                "key_id": key.key_id,
                "use": key.use.value,
                "algorithm": key.algorithm,
                "spki": base64.b64encode(key.spki).decode(),
                "custody": key.custody,
                "state": key.state.value,
            }
            for key in keys
        ],
        "origin": origin,
    }
