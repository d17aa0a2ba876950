"""The last published issue of each list, one file each: what the next issue's number follows."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

from ca_bridge.core.recognition.trust_list import TrustList
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.policy_documents import canonical_json
from ca_bridge.services.trust_list_exchange.errors import TrustListRefused
from ca_bridge.services.trust_list_exchange.plain_data import read_trust_list, trust_list_data


class TrustListShelf:
    """A folder of published issues."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def last(self, identifier: str) -> TrustList | None:
        """The last issue published; None when there is none. ConfigurationError when it cannot be read."""
        path = self._folder / f"{identifier}.json"
        try:
            return read_trust_list(json.loads(path.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError, TrustListRefused) as error:
            raise ConfigurationError(f"{path}: {error} / 已发布的列表无法读取") from error

    def keep(self, issue: TrustList) -> None:
        """Make ``issue`` the last one, whole or not at all."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                stream.write(canonical_json(trust_list_data(issue)))
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(self._folder / f"{issue.identifier}.json")
        except OSError as error:
            raise ConfigurationError(f"{self._folder}: {error.strerror} / 无法写入") from error
