"""SM2 profiles out of a URI: by name, or read from a JSON file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hsm.errors import UriError
from hsm.pkcs11.sm2_profiles import PROFILES, IdParameter, Sm2Input, Sm2Output, Sm2Profile

_FILE = "file:"
_MAX_BYTES = 16384
_REQUIRED = frozenset({"sign_mechanism", "input", "output"})
_OPTIONAL = frozenset({"name", "id_parameter", "generate_mechanism", "key_type", "ec_params", "tried"})


def sm2_profile(value: str) -> Sm2Profile | None:
    """The profile that ``x-sm2-profile`` names; None for "". UriError for one that is not there or wrong."""
    if not value:
        return None
    if value.startswith(_FILE):
        return _read(value.removeprefix(_FILE))
    if value not in PROFILES:
        raise UriError(f"x-sm2-profile is none of {', '.join(PROFILES)}, nor file: and a path")
    return PROFILES[value]


def _read(path: str) -> Sm2Profile:
    if not Path(path).is_absolute():
        raise UriError("the path of an SM2 profile is absolute")
    try:
        with Path(path).open("rb") as file:
            octets = file.read(_MAX_BYTES + 1)
        if len(octets) > _MAX_BYTES:
            raise UriError(f"the SM2 profile {path!r} is longer than {_MAX_BYTES} bytes")
        members = json.loads(octets, object_pairs_hook=_once_each)
    except OSError as error:
        raise UriError(f"the SM2 profile {path!r} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise UriError(f"the SM2 profile {path!r} is no JSON, or names a member twice") from None
    if not isinstance(members, dict):
        raise UriError(f"the SM2 profile {path!r} is no JSON object")
    return _profile(path, members)


def _profile(path: str, members: dict[str, Any]) -> Sm2Profile:
    names = set(members)
    if not names >= _REQUIRED or names - _REQUIRED - _OPTIONAL:
        raise UriError(
            f"the SM2 profile {path!r} has {', '.join(sorted(_REQUIRED))}, and may have "
            f"{', '.join(sorted(_OPTIONAL))}; nothing else"
        )
    values = dict(members)
    try:
        for name, kind in (("input", Sm2Input), ("output", Sm2Output), ("id_parameter", IdParameter)):
            if name in values:
                values[name] = kind(values[name])
        for name in ("sign_mechanism", "generate_mechanism", "key_type"):
            if name in values and not (name == "generate_mechanism" and values[name] is None):
                values[name] = _number(values[name])
        if "ec_params" in values:
            values["ec_params"] = bytes.fromhex(values["ec_params"])
    except (ValueError, TypeError):
        raise UriError(f"the SM2 profile {path!r} has a member of a wrong kind") from None
    if not all(isinstance(values.get(name, ""), str) for name in ("name", "tried")):
        raise UriError(f"the SM2 profile {path!r} has a member of a wrong kind")
    return Sm2Profile(**{"name": path, **values})


def _number(value: Any) -> int:
    """A number, or one written as text: "0x80000002"."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    return int(value, 0) if isinstance(value, str) else value


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError
    return dict(pairs)
