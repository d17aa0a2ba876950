"""`ca-bridge release export`: the documents of a release as a folder, to make the next change in."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click

from ca_bridge.interfaces.cli.release_view import HIGHEST, Output, draw_fields
from ca_bridge.services.printable import printable
from ca_bridge.services.release_desk import ReleaseDesk

_NAME = re.compile(r"(?:[a-z][a-z-]*/)?[A-Za-z0-9][A-Za-z0-9._-]*\.yaml", re.ASCII)
EXPORTED = click.argument("number", type=click.IntRange(0, HIGHEST))
FOLDER = click.argument("folder", type=click.Path(path_type=Path))


def export_release(desk: ReleaseDesk, out: Output, number: int, folder: Path) -> None:
    """Write every document below ``folder``, which must be new; a draft of it has the release's content.

    Documents are JSON, which YAML is read from as well; comments of the files they came from are not kept.
    """
    found = desk.numbered(number)
    documents = found.documents().data()
    strange = next((name for name in documents if not _NAME.fullmatch(name)), None)
    if strange is not None:
        shown = printable(strange)
        raise click.UsageError(f"{shown} cannot be the name of a file / {shown} 不能作为文件名")
    try:
        folder.mkdir(parents=True)
        for name, data in documents.items():
            file = folder / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps(data, ensure_ascii=False, indent=2) + "\n", "utf-8")
    except OSError as error:
        raise click.UsageError(f"{printable(str(folder))}: {error.strerror} / 无法写入") from error
    fields = {"folder": str(folder), "release_id": str(found.identity), "documents": len(documents)}
    words = (("目录", "folder"), ("发布版本", "release"), ("文件数", "documents"))
    out.say(fields, draw_fields(out.speech, list(zip(words, fields.values(), strict=True))))
