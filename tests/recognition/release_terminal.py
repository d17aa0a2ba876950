"""The commands of releases and accounts over a database in a file, as people and programs use them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner, Result

from ca_bridge.adapters.policy_folder import read_policy_folder
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.interfaces.cli.accounts import accounts_commands
from ca_bridge.interfaces.cli.release import release_commands
from ca_bridge.services.manage_recognition.model import AccountSet, TrailEntry
from ca_bridge.services.policy_documents import PolicyDocuments
from ca_bridge.services.release_desk import ReleaseDesk, folder_refused
from tests.fakes.release_stores import DumpedReleases, entries
from tests.recognition.release_doors import SCHEMAS, House, house, secret_of
from tests.recognition.scheme_documents import agreement_document, documents, write_folder

NOBODY = AccountSet()


def command_line(desk: ReleaseDesk) -> click.Group:
    both = click.Group()
    both.add_command(release_commands(lambda: desk))
    both.add_command(accounts_commands(lambda: desk))
    return both


@dataclass
class Terminal:
    """``place`` is where its files lie, ``folder`` the policies folder that drafts are made from."""

    house: House
    place: Path
    folder: Path

    @property
    def store(self) -> DumpedReleases:
        return self.house.store

    @property
    def rows(self) -> tuple[TrailEntry, ...]:
        return entries(self.store)

    def run(self, *arguments: object, who: str = "", secret: str = "", typed: str | None = None) -> Result:
        """The command as ``who``, who has the secret in a file."""
        proof: tuple[object, ...] = ()
        if who:
            file = self.file(f"{who}.secret", f"{secret or secret_of(who)}\n")
            proof = ("--as", who, "--secret-file", file)
        words = [str(word) for word in (*arguments, *proof)]
        return CliRunner().invoke(command_line(self.house.desk), words, input=typed)

    def said(self, *arguments: object, who: str = "", code: int = 0) -> str:
        """What people read of a command that ends with ``code``."""
        result = self.run(*arguments, who=who)
        assert result.exit_code == code, result.output
        return result.output

    def done(self, *arguments: object, who: str = "") -> dict[str, Any]:
        """What programs read of a command that ends with 0."""
        result = self.run(*arguments, "--json", who=who)
        assert result.exit_code == 0, result.output
        data: dict[str, Any] = json.loads(result.stdout)
        return data

    def refused(
        self, code: str, *arguments: object, who: str, secret: str = "", exit_code: int = 1
    ) -> dict[str, Any]:
        """Refused by ``code``; nothing but one row of the trail, which says so, has changed."""
        before, count = self.store.dump(), len(self.rows)
        result = self.run(*arguments, "--json", who=who, secret=secret)
        assert result.exit_code == exit_code, result.output
        told: dict[str, Any] = json.loads(result.stdout)["refused"]
        assert told["code"] == code
        assert self.store.dump() == before
        (row,) = self.rows[count:]
        assert (row.attempt.outcome, row.attempt.account) == (code, who)
        assert self.house.desk.releases.records.first_broken_row() is None
        return told

    def misused(self, *arguments: object, who: str = "", typed: str | None = None) -> str:
        """A usage error: exit code 2, and neither the state nor the trail has changed."""
        before, count = self.store.dump(), len(self.rows)
        result = self.run(*arguments, who=who, typed=typed)
        assert result.exit_code == 2, result.output
        assert (self.store.dump(), len(self.rows)) == (before, count)
        return result.output

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.place / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def policies(self, **changes: Any) -> Path:
        """The policies folder, with these changes of its agreement."""
        document = agreement_document("hk-bridge", **changes)
        text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
        (self.folder / "agreements" / "hk-bridge.yaml").write_text(text, "utf-8")
        return self.folder

    def submitted(self, *options: object, who: str = "dee", **changes: Any) -> dict[str, Any]:
        made = self.done("release", "draft", self.policies(**changes), who=who)
        self.done("release", "lint", made["release"], who=who)
        self.done("release", "simulate", made["release"], who=who)
        return self.done("release", "submit", made["release"], *options, who=who)

    def approved(self, made: dict[str, Any], *who: str) -> dict[str, Any]:
        for name in who:
            made = self.done("release", "approve", made["release"], "--seen", made["version"], who=name)
        return made

    def live(self, *options: object, **changes: Any) -> dict[str, Any]:
        """Approved by as many as it takes."""
        made = self.submitted(*options, **changes)
        made = self.approved(made, "ben")
        return made if made["state"] == "approved" else self.approved(made, "cho")


def open_terminal(
    place: Path, sqlite_file: Path, accounts: AccountSet | None = None, **parts: Any
) -> Terminal:
    own, folder, database = place / "policies", place / "proposed", place / "releases.db"
    for made in (own, folder):
        write_folder(made, documents())
    shutil.copy(sqlite_file, database)
    store = DumpedReleases(f"sqlite:///{database}")
    made = house(own, store, accounts, **parts)
    made.desk = replace(made.desk, folder=lambda given: read_folder(given or own))
    return Terminal(made, place, folder)


def read_folder(folder: Path) -> PolicyDocuments:
    """As the composition root reads it: a folder need not have schemas of its own."""
    try:
        return read_policy_folder(folder, SCHEMAS)[0]
    except PolicyFileError as error:
        raise folder_refused(error.problems) from error


@pytest.fixture
def terminal(tmp_path: Path, sqlite_file: Path) -> Iterator[Terminal]:
    made = open_terminal(tmp_path, sqlite_file)
    yield made
    assert made.house.desk.releases.records.first_broken_row() is None
    made.store.database.close()
