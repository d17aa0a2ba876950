"""Which document a name stands for: "domains/hong-kong.yaml" is a trust domain, and so on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class DocumentKind(StrEnum):
    """Kinds of policy documents; where each has a file of its own, the value is its identifier's key."""

    DOMAIN = "domain"
    AGREEMENT = "agreement"
    TRUST_LIST = "trust_list"
    BLOCKLIST = "blocklist"
    IDENTITY_REGISTRY = "identity_registry"
    ALGORITHMS = "algorithms"


FOLDERS: Mapping[str, DocumentKind] = MappingProxyType(
    {
        "domains": DocumentKind.DOMAIN,
        "agreements": DocumentKind.AGREEMENT,
        "trust-lists": DocumentKind.TRUST_LIST,
    }
)
"""Folders with one document a file, named <identifier>.yaml."""
FILES: Mapping[str, DocumentKind] = MappingProxyType(
    {
        "blocklist.yaml": DocumentKind.BLOCKLIST,
        "identity-registry.yaml": DocumentKind.IDENTITY_REGISTRY,
        "algorithms.yaml": DocumentKind.ALGORITHMS,
    }
)
"""Documents that stand once."""
OF_ITS_OWN_FILE = frozenset(FOLDERS.values())
"""Kinds whose identifier is the file's name."""


def kind_of(name: str) -> DocumentKind | None:
    """The kind of the document ``name``; None when no policy document can have this name."""
    folder, slash, rest = name.partition("/")
    if not slash:
        return FILES.get(name)
    return FOLDERS.get(folder) if rest and "/" not in rest else None


def of_kind(documents: Mapping[str, Any], kind: DocumentKind) -> Iterator[tuple[str, Any]]:
    """(name, data) of the documents of ``kind``, by name."""
    return ((name, documents[name]) for name in sorted(documents) if kind_of(name) is kind)


def named_after(name: str) -> str:
    """The identifier that a document's file name claims."""
    return name.rpartition("/")[2].removesuffix(".yaml")
