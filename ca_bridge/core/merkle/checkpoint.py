"""Checkpoints (C2SP tlog-checkpoint): a tree's size and root as the text of a note."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from ca_bridge.core.merkle.compact_range import MAX_SIZE
from ca_bridge.core.merkle.errors import UnreadableNote
from ca_bridge.core.merkle.hashing import EMPTY_ROOT, HASH_BYTES
from ca_bridge.core.merkle.signed_note import decode_base64

MAX_CHECKPOINT_BYTES = 16 << 10
MAX_EXTENSIONS = 32
_SIZE = re.compile("0|[1-9][0-9]{0,18}", re.ASCII)
_FEWEST_LINES = 3
_FIRST_PRINTABLE = " "


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tree of ``size`` leaves and ``root`` in the log ``origin``, with further lines as they are.

    UnreadableNote when that cannot be written as a checkpoint.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no checkpoint."""
        if not all(_is_line(line) for line in (self.origin, *self.extensions)):
            raise UnreadableNote("a line that is empty or cannot be one line")
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_BYTES:
            raise UnreadableNote("not the size and root of a tree")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise UnreadableNote("not the root of a tree without leaves")
        if len(self.extensions) > MAX_EXTENSIONS or len(self.body) > MAX_CHECKPOINT_BYTES:
            raise UnreadableNote("too long")

    @property
    def body(self) -> bytes:
        """The text of the note, newline at its end."""
        root = base64.b64encode(self.root).decode()
        lines = (self.origin, str(self.size), root, *self.extensions)
        return "".join(f"{line}\n" for line in lines).encode()


def parse_checkpoint(body: bytes) -> Checkpoint:
    """The checkpoint whose text is exactly ``body``; UnreadableNote."""
    if len(body) > MAX_CHECKPOINT_BYTES:
        raise UnreadableNote("too long")
    try:
        lines = body.decode().split("\n")
    except UnicodeDecodeError as error:
        raise UnreadableNote("not UTF-8") from error
    if lines.pop() or len(lines) < _FEWEST_LINES:
        raise UnreadableNote("no origin, size and root, each on its line")
    origin, size, root, *extensions = lines
    if not _SIZE.fullmatch(size):
        raise UnreadableNote("not the size of a tree")
    return Checkpoint(origin, int(size), decode_base64(root), tuple(extensions))


def _is_line(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return bool(text) and all(character >= _FIRST_PRINTABLE for character in text)
