"""The DER writers of certs-test/, which is a folder of scripts and no package."""

from __future__ import annotations

import sys
from pathlib import Path

_FOLDER = str(Path(__file__).resolve().parents[1] / "certs-test")
if _FOLDER not in sys.path:
    sys.path.append(_FOLDER)

import der  # noqa: E402
import deviant  # noqa: E402
import extensions  # noqa: E402
import keys  # noqa: E402
import small  # noqa: E402
import x509  # noqa: E402
from ca import Ca  # noqa: E402
from keys import Ecdsa, EdDsa, Rsa, Sm2, ec_public, rsa_public  # noqa: E402

__all__ = [
    "Ca",
    "Ecdsa",
    "EdDsa",
    "Rsa",
    "Sm2",
    "der",
    "deviant",
    "ec_public",
    "extensions",
    "keys",
    "rsa_public",
    "small",
    "x509",
]
