"""Trust lists as XML trees, within bounds: no DOCTYPE, no entities, nothing fetched."""

from __future__ import annotations

from lxml import etree

from ca_bridge.adapters.trust_list_xml_tags import ROOT
from ca_bridge.services.trust_list_exchange.errors import ExchangeCode, TrustListRefused, malformed

MAX_BYTES = 20 << 20
MAX_ELEMENTS = 500_000
MAX_DEPTH = 64
_DECLARATIONS = tuple(
    mark.encode(encoding)
    for mark in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("utf-8", "utf-16-le", "utf-16-be")
)


def strict_parser() -> etree.XMLParser:
    """A parser that loads and expands nothing."""
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )


def parse_list(raw: bytes) -> etree._Element:
    """The TrustServiceStatusList in ``raw``; TrustListRefused: TOO_LARGE, DOCTYPE, MALFORMED."""
    if len(raw) > MAX_BYTES:
        raise TrustListRefused(ExchangeCode.TOO_LARGE, limit=f"{MAX_BYTES} bytes")
    if any(mark in raw for mark in _DECLARATIONS):
        # Before the parser sees it: what is declared there costs before it is refused.
        raise TrustListRefused(ExchangeCode.DOCTYPE)
    try:
        root = etree.fromstring(raw, parser=strict_parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        raise malformed("XML", str(error)) from error
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None:
        raise TrustListRefused(ExchangeCode.DOCTYPE)
    _refuse_beyond_bounds(root)
    if root.tag != ROOT:
        raise malformed("TrustServiceStatusList", "is not the root element")
    return root


def _refuse_beyond_bounds(root: etree._Element) -> None:
    depth = count = 0
    for event, element in etree.iterwalk(root, events=("start", "end", "pi", "comment")):
        if event == "start":
            depth, count = depth + 1, count + 1
            if depth > MAX_DEPTH or count > MAX_ELEMENTS:
                raise TrustListRefused(
                    ExchangeCode.TOO_LARGE, limit=f"{MAX_ELEMENTS} elements, {MAX_DEPTH} levels"
                )
        elif event == "end":
            depth -= 1
        elif event == "pi":
            raise malformed(str(element), "processing instruction inside the list")
