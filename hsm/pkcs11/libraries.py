"""The modules loaded in this process, one of each file, counted by their users."""

from __future__ import annotations

import os
import threading
from contextlib import ExitStack
from pathlib import Path

from hsm.errors import TokenUnavailable
from hsm.pkcs11.library import Library

_libraries: dict[Path, Library] = {}
_inherited: set[Path] = set()
_lock = threading.Lock()


def acquire(path: str) -> Library:
    """The module at ``path``, loaded and initialised; to be given back by ``release``."""
    real = Path(path).resolve()
    if not real.is_file():
        raise TokenUnavailable(f"there is no module {path!r}")
    with _lock:
        library = _libraries.setdefault(real, Library(str(real), inherited=real in _inherited))
        library.users += 1
    with ExitStack() as undoing:
        undoing.callback(release, library)
        library.start(anew=False)
        undoing.pop_all()
    return library


def release(library: Library) -> None:
    """One user less; the last one's leaving finalises the module. The file stays loaded."""
    with _lock:
        library.users -= 1
        last = library.users == 0
    if last:
        library.stop_unused()


def _forget() -> None:
    """In a forked child: the parent's modules, and a lock that another thread may have held, are not ours."""
    global _lock  # noqa: PLW0603 - an inherited lock cannot be repaired, only replaced
    _lock = threading.Lock()
    _inherited.update(path for path, library in _libraries.items() if library.generation)
    _libraries.clear()


os.register_at_fork(after_in_child=_forget)
