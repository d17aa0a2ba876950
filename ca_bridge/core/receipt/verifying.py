"""What a receipt's check asks of the outside: whether one signature is a key's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

VerifySignature = Callable[[bytes, str, bytes, bytes], bool]
"""(SubjectPublicKeyInfo, algorithm as hsm names it, message, signature) -> whether it is the key's.

ECDSA and SM2 as DER {r, s} in its one encoding. A key that is not of the algorithm's kind gives False.
"""


@dataclass(frozen=True, slots=True)
class Signed:
    """The octets a signature covers, and the signature."""

    message: bytes
    signature: bytes
