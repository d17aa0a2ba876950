"""Names in ETSI TS 119 612 trust lists, and the two steps every reader of them takes."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from ca_bridge.services.trust_list_exchange.errors import malformed

TSL = "http://uri.etsi.org/02231/v2#"
DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
OURS = "urn:ca-bridge:trust-list:1"
TSL_TAG = "http://uri.etsi.org/19612/TSLTag"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
ROOT = f"{{{TSL}}}TrustServiceStatusList"
SIGNATURE = f"{{{DS}}}Signature"
LIST = f"{{{OURS}}}List"
RECOGNITION = f"{{{OURS}}}Recognition"
PIN = f"{{{OURS}}}Pin"


def tsl(name: str) -> str:
    """The qualified name of a TS 119 612 element."""
    return f"{{{TSL}}}{name}"


def children(element: etree._Element) -> Iterator[etree._Element]:
    """Child elements, without comments."""
    return (child for child in element if isinstance(child.tag, str))


def one(element: etree._Element, tag: str) -> etree._Element:
    """The only child ``tag``; TrustListRefused (MALFORMED) names it when it is missing or doubled."""
    found = optional(element, tag)
    if found is None:
        raise malformed(etree.QName(tag).localname, "missing")
    return found


def optional(element: etree._Element, tag: str) -> etree._Element | None:
    """The only child ``tag``, or None; doubled is MALFORMED."""
    found = [child for child in children(element) if child.tag == tag]
    if len(found) > 1:
        raise malformed(etree.QName(tag).localname, "stands twice")
    return found[0] if found else None


def text_of(element: etree._Element) -> str:
    """The element's text without space around; MALFORMED when it has child elements or no text.

    For canonical XML without comments, where the text of an element without elements is whole.
    """
    name = etree.QName(element).localname
    if next(children(element), None) is not None:
        raise malformed(name, "has elements where text should be")
    text = (element.text or "").strip()
    if not text:
        raise malformed(name, "empty")
    return text
