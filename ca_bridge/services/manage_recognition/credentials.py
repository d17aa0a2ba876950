"""Secrets of local accounts: made for programs to keep, stored only as scrypt hashes (RFC 7914)."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

_MIN_CHARS, MAX_CHARS = 16, 1024
_STORED = re.compile(r"scrypt:[0-9]{1,7}:[0-9]{1,2}:[0-9]:[0-9a-f]{32}:[0-9a-f]{64}", re.ASCII)
_MAX_N, _MAX_P = 1 << 15, 4
_MAX_MEMORY_BYTES = 128 << 20


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """Cost of one hash: 128 * n * r bytes of memory."""

    n: int = 1 << 14
    r: int = 8
    p: int = 1


DEFAULT_COST = ScryptCost()


def new_secret() -> str:
    """A secret of 256 bits, to be shown once."""
    return secrets.token_urlsafe(32)


def usable_secret(secret: str) -> bool:
    """Whether ``secret`` is long enough to be one, and not too long."""
    return _MIN_CHARS <= len(secret) <= MAX_CHARS


def hash_secret(secret: str, cost: ScryptCost = DEFAULT_COST) -> str:
    """What is stored of ``secret``: "scrypt:n:r:p:salt:hash", salt and hash in hex."""
    salt = secrets.token_bytes(16)
    return f"scrypt:{cost.n}:{cost.r}:{cost.p}:{salt.hex()}:{_digest(secret, salt, cost).hex()}"


_NOBODY = f"scrypt:{DEFAULT_COST.n}:{DEFAULT_COST.r}:{DEFAULT_COST.p}:{'0' * 32}:{'0' * 64}"


def secret_matches(secret: str, stored: str) -> bool:
    """Whether ``stored`` was made of ``secret``.

    With no usable ``stored`` the answer is no, and takes as long: names of accounts can't be told by it.
    """
    known = is_stored_secret(stored)
    _, n, r, p, salt, digest = (stored if known else _NOBODY).split(":")
    made = _digest(secret[:MAX_CHARS], bytes.fromhex(salt), ScryptCost(int(n), int(r), int(p)))
    same = hmac.compare_digest(made, bytes.fromhex(digest))
    return same and known and usable_secret(secret)


def is_stored_secret(stored: str) -> bool:
    """Whether ``stored`` is what hash_secret gives, of a cost that can be paid and for some secret."""
    if _STORED.fullmatch(stored) is None:
        return False
    _, n, r, p, _, digest = stored.split(":")
    power_of_two = int(n) & (int(n) - 1) == 0
    affordable = 1 < int(n) <= _MAX_N and 1 <= int(r) <= DEFAULT_COST.r and 1 <= int(p) <= _MAX_P
    return power_of_two and affordable and digest.strip("0") != ""


def _digest(secret: str, salt: bytes, cost: ScryptCost) -> bytes:
    text = secret.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(text, salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=_MAX_MEMORY_BYTES, dklen=32)
