"""Object identifiers by their arcs: 2.999.810.2 holds 2.999.810.2.1, and not 2.999.810.20."""

from __future__ import annotations

from collections.abc import Iterable


def is_below(arc: str, oid: str) -> bool:
    """Whether ``oid`` (dotted) lies below ``arc``; the arc itself is not below itself."""
    return oid.startswith(f"{arc}.")


def expand_arcs(arcs: Iterable[str], asserted: Iterable[str]) -> frozenset[str]:
    """The concrete policies among ``asserted`` below any of ``arcs``.

    Arcs become concrete policies before RFC 5280 processing, so that the algorithm stays the standard one.
    """
    wanted = tuple(arcs)
    return frozenset(oid for oid in asserted if any(is_below(arc, oid) for arc in wanted))
