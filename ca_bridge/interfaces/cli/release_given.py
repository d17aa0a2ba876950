"""What a step is made of: the arguments, who acts, what was signed, and the release as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import click

from ca_bridge.interfaces.cli.release_looks import read_instant
from ca_bridge.interfaces.cli.release_proof import Signing
from ca_bridge.services.manage_recognition.commands import Proof
from ca_bridge.services.manage_recognition.model import Release
from ca_bridge.services.release_desk import ReleaseDesk
from ca_bridge.services.release_errors import ReleaseRefused


class LateDocuments(Mapping[str, Any]):
    """Documents that are read when the step looks at them.

    Mistakes in them then refuse the step itself: after it is known who asks, and in the audit trail.
    """

    def __init__(self, read: Callable[[], Mapping[str, Any]]) -> None:
        self._read_them = read

    def __getitem__(self, name: str) -> Any:
        return self._documents[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    @cached_property
    def _documents(self) -> Mapping[str, Any]:
        return self._read_them()


@dataclass(frozen=True, slots=True)
class Given:
    """``to_sign``: a statement is asked for, so that what no step can be taken on is refused at once.

    When a step is taken it is the step that is refused, which the audit trail tells of.
    """

    desk: ReleaseDesk
    signing: Signing
    arguments: Mapping[str, Any]
    to_sign: bool = False

    @property
    def proof(self) -> Proof:
        """Who acts."""
        return self.signing.proof

    def number(self) -> int:
        """The release."""
        return int(self.arguments["number"])

    def seen(self) -> dict[str, Any]:
        """Number and version: as given, else as signed, else as it is."""
        version = self._given_version()
        if version is None or self.to_sign:
            found = self._release()
            version = version if version is not None else found.version if found else 0
        return {"proof": self.proof, "number": self.number(), "version": version}

    def seen_content(self) -> dict[str, Any]:
        """Number, version and content."""
        content = self.signing.signed.text("content_sha256")
        if content is None:
            found = self._release()
            content = found.content_sha256 if found else ""
        return self.seen() | {"content_sha256": content}

    def decided(self) -> dict[str, Any]:
        """Number, version and content; the version must be said: nobody decides on what they don't know."""
        if self._given_version() is None:
            raise click.UsageError(
                f"--seen is needed: the version that `ca-bridge release show {self.number()}` told / "
                f"须以 --seen 指明 `ca-bridge release show {self.number()}` 所示的版本"
            )
        return self.seen_content()

    def content(self) -> dict[str, Any]:
        """Documents of the folder and what they are made from."""
        documents = LateDocuments(lambda: self.desk.folder(self.arguments["folder"]).data())
        if self.to_sign:
            len(documents)
        return {"documents": documents, "base": self._base(), "note": self.note()}

    def note(self) -> str:
        """As given, else as signed."""
        note = self.arguments["note"]
        return str(note if note is not None else self.signing.signed.text("note") or "")

    def why(self) -> str:
        """A note that must be there."""
        note = self.note()
        if not note.strip():
            raise click.UsageError("--why is needed / 须以 --why 说明理由")
        return note

    def start(self) -> datetime | None:
        """The effective time, as given, else as signed."""
        text = self.arguments["start"] or self.signing.signed.text("effective_from")
        return None if text is None else read_instant("effective_from", text)

    def _given_version(self) -> int | None:
        seen = self.arguments["seen"]
        return self.signing.signed.number("version") if seen is None else int(seen)

    def _base(self) -> int:
        base = self.arguments["base"]
        base = self.signing.signed.number("base") if base is None else base
        if base is not None:
            return int(base)
        newest = self.desk.newest()
        return newest.number if newest else 0

    def _release(self) -> Release | None:
        try:
            return self.desk.releases.records.release(self.number())
        except ReleaseRefused:
            if self.to_sign:
                raise
            return None
