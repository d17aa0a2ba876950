"""A head of the log that was signed: what receipts and witnesses hold on to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementSignature:
    """One signature over a checkpoint's body, for receipts; ``form`` is "jws" or "gbt35275".

    ``value`` is a compact JWS, or the base64 of a SignedData in DER.
    """

    form: str
    key_id: str
    algorithm: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedHead:
    """The tree of ``size`` leaves and ``root``, as it was signed at ``time``.

    ``body`` is the checkpoint's text, which every signature covers; ``note`` the whole signed note.
    """

    size: int
    root: bytes
    body: bytes
    note: str
    signatures: tuple[StatementSignature, ...]
    time: datetime


Seal = Callable[[int, bytes], SealedHead]
"""Signs the tree of (size, root); SignerUnavailable when that cannot be done now."""
