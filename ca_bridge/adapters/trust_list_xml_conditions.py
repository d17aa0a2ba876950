"""Recognition conditions in the XML: plain data of an entry as elements of our own namespace, and back.

Each key is an element; a list holds one ``item`` for each of its members.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

from ca_bridge.adapters.trust_list_xml_tags import OURS, RECOGNITION, children
from ca_bridge.services.trust_list_exchange.errors import malformed
from ca_bridge.services.trust_list_exchange.shape import ENTRY, Field, Kind, Shape

_ITEM = f"{{{OURS}}}item"
_DIGITS = 19


def write_conditions(parent: etree._Element, data: dict[str, Any]) -> None:
    """Append a Recognition element with an entry's plain data; ValueError for text that XML cannot hold."""
    _write_record(etree.SubElement(parent, RECOGNITION, nsmap={"cab": OURS}), data)


def _write_record(element: etree._Element, data: dict[str, Any]) -> None:
    for key, value in data.items():
        _write(etree.SubElement(element, f"{{{OURS}}}{key}"), value)


def _write(element: etree._Element, value: Any) -> None:
    if isinstance(value, dict):
        _write_record(element, value)
    elif isinstance(value, list):
        for item in value:
            _write(etree.SubElement(element, _ITEM), item)
    else:
        element.text = str(value)


def read_conditions(element: etree._Element) -> dict[str, Any]:
    """The entry's plain data; TrustListRefused (MALFORMED) for an element that should not be there."""
    return _read_record(element, ENTRY, "Recognition")


def _read_record(element: etree._Element, shape: Shape, place: str) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for child in children(element):
        name = etree.QName(child)
        where = f"{place}.{name.localname}"
        field = shape.get(name.localname) if name.namespace == OURS else None
        if field is None or name.localname in data:
            raise malformed(where, "unknown or stands twice")
        data[name.localname] = _read(child, field, where)
    return data


def _read(element: etree._Element, field: Field, place: str) -> Any:
    if field.kind not in (Kind.TEXTS, Kind.ROWS):
        return _read_item(element, field, place)
    items = list(children(element))
    if any(item.tag != _ITEM for item in items):
        raise malformed(place, "holds something else than items")
    return [_read_item(item, field, f"{place}.{index}") for index, item in enumerate(items)]


def _read_item(element: etree._Element, field: Field, place: str) -> Any:
    if field.record is not None:
        return _read_record(element, field.record, place)
    if next(children(element), None) is not None:
        raise malformed(place, "has elements where text should be")
    text = element.text or ""
    if field.kind is not Kind.NUMBER:
        return text
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise malformed(place, "not a whole number")
    return int(text)
