"""Names of the files of the repository: stable, since certificates carry them for years."""

from __future__ import annotations

import re
from collections.abc import Callable

LABEL = "[a-z0-9][a-z0-9-]{0,31}"
"""What an issuer's label looks like."""
MEMBER_MARK = "-member-"
"""Stands in the names of files about one member, and in no label."""
FILE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,95}\.(?:cer|crl|p7c)", re.ASCII)
"""Every name of the repository, and others that are none of it."""
_OF_MEMBER = re.compile(rf"{MEMBER_MARK}[0-9a-f]{{16}}\.p7c", re.ASCII)


def own_certificate(label: str) -> str:
    """The issuer's own certificate."""
    return f"{label}.cer"


def complete_crl(label: str) -> str:
    """The newest complete CRL."""
    return f"{label}.crl"


def delta_crl(label: str) -> str:
    """The newest delta CRL."""
    return f"{label}-delta.crl"


def issued_to(label: str) -> str:
    """Certificates issued to the issuer (RFC 5280 §4.2.2.1): what builds paths upwards from it."""
    return f"{label}-issued-to.p7c"


def issued_by(label: str) -> str:
    """Certificates the issuer issued that are neither revoked nor expired."""
    return f"{label}-issued-by.p7c"


def issued_to_member(label: str, key_sha256: str) -> str:
    """Those of them that were issued to one member key."""
    return f"{label}{MEMBER_MARK}{key_sha256[:16]}.p7c"


def is_of_member(label: str, name: str) -> bool:
    """Whether ``name`` is one that issued_to_member() makes of ``label``."""
    return _OF_MEMBER.fullmatch(name.removeprefix(label)) is not None and name.startswith(label)


OF_AN_ISSUER: tuple[Callable[[str], str], ...] = (
    own_certificate,
    issued_to,
    issued_by,
    complete_crl,
    delta_crl,
)
"""Names each issuer has, certificates first and the delta CRL after the complete one that it starts from."""
