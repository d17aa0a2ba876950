"""A key's name: ``pkcs11:`` URIs (RFC 7512), and ``sdf:`` and ``softkey:`` of the same form.

Stricter than the RFC: no attribute twice, none that is unknown (a misspelt ``object`` would otherwise name
every key of the token), no empty ones, no PIN in the URI, and paths absolute. Vendor attributes (``x-``)
stand in the query and are kept for the driver. Nothing of a value is repeated in an error's text: someone
may have typed a PIN there.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from hsm.errors import UriError
from hsm.token import KeyRef

MAX_URI_CHARS = 2048
MAX_ID_BYTES = 255
SCHEMES = ("pkcs11", "sdf", "softkey")

# Attribute in the URI, field here, most bytes of its value (the token's as the fields of CK_TOKEN_INFO).
_PATH_TEXTS = (
    ("token", "token", 32),
    ("serial", "serial", 16),
    ("manufacturer", "manufacturer", 32),
    ("model", "model", 16),
    ("object", "label", 255),
)
_FIELDS = {name: field for name, field, _ in _PATH_TEXTS}
_TYPES = ("", "private", "public")
_VENDOR_NAME = re.compile(r"x-[A-Za-z0-9_-]{1,64}", re.ASCII)
_KNOWN_REFUSED = {
    "pin-value": "a PIN does not belong in a URI; name a file in pin-source",
    "module-name": "name the module by module-path",
    "slot-id": "slot numbers change; name the token by label or serial",
    "slot-description": "slots change; name the token by label or serial",
    "slot-manufacturer": "slots change; name the token by label or serial",
    "library-version": "libraries are named by module-path",
    "library-manufacturer": "libraries are named by module-path",
    "library-description": "libraries are named by module-path",
}
# RFC 7512 section 2.3: what may stand unencoded, besides letters, digits and "-._~".
_PATH_MARKS = ":[]@!$'()*+,=&"
_QUERY_MARKS = ":[]@!$'()*+,=/?|"
_VALUE_OF_PATH = re.compile(r"(?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=&]|%[0-9A-Fa-f]{2})*")
_VALUE_OF_QUERY = re.compile(r"(?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=/?|]|%[0-9A-Fa-f]{2})*")
_PERCENT = re.compile(rb"%([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUri:
    """A token, and a key on it if ``label`` or ``key_id`` is given; an empty field was not given.

    ``pin_source`` is the path of the PIN's file, without ``file:``. ``vendor`` is sorted by name. UriError
    when a field's value could not stand in a URI of at most 2048 characters.
    """

    scheme: str
    token: str = ""
    serial: str = ""
    manufacturer: str = ""
    model: str = ""
    label: str = ""
    key_id: bytes = b""
    type: str = ""
    module_path: str = ""
    pin_source: str = ""
    vendor: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        _check_scheme(self.scheme)
        for name, field, most in _PATH_TEXTS:
            _check_text(name, getattr(self, field), most)
        if len(self.key_id) > MAX_ID_BYTES:
            raise UriError(f"id is longer than {MAX_ID_BYTES} bytes")
        if self.type not in _TYPES:
            raise UriError("type is neither private nor public")
        check_path("module-path", self.module_path)
        check_path("pin-source", self.pin_source)
        _check_vendor(self.vendor)
        if len(self.text) > MAX_URI_CHARS:
            raise UriError(f"the URI is longer than {MAX_URI_CHARS} characters")

    @property
    def text(self) -> str:
        """The URI in its one canonical form: ``parse_key_uri`` of it equals this."""
        path = [f"{name}={_quoted(value, _PATH_MARKS)}" for name, value in self._texts() if value]
        if self.key_id:
            path.append("id=" + "".join(f"%{octet:02X}" for octet in self.key_id))
        if self.type:
            path.append(f"type={self.type}")
        query = []
        if self.module_path:
            query.append("module-path=" + _quoted(self.module_path, _QUERY_MARKS))
        if self.pin_source:
            query.append("pin-source=file:" + _quoted(self.pin_source, _QUERY_MARKS))
        query += [f"{name}={_quoted(value, _QUERY_MARKS)}" for name, value in self.vendor]
        return f"{self.scheme}:" + ";".join(path) + ("?" + "&".join(query) if query else "")

    @property
    def ref(self) -> KeyRef:
        """The key on the token; both fields are empty when the URI names a token only."""
        return KeyRef(label=self.label, key_id=self.key_id)

    def without_key(self) -> KeyUri:
        """The token alone."""
        return replace(self, label="", key_id=b"", type="")

    def vendor_value(self, name: str) -> str:
        """Value of the vendor attribute ``name`` ("x-..."); "" when it was not given."""
        return dict(self.vendor).get(name, "")

    def _texts(self) -> tuple[tuple[str, str], ...]:
        return tuple((name, getattr(self, field)) for name, field, _ in _PATH_TEXTS)


def parse_key_uri(text: str) -> KeyUri:
    """The URI's parts; UriError for whatever this module's rules refuse."""
    if len(text) > MAX_URI_CHARS:
        raise UriError(f"the URI is longer than {MAX_URI_CHARS} characters")
    scheme, colon, rest = text.partition(":")
    if not colon or not scheme.isascii():
        raise UriError("the URI has no scheme")
    _check_scheme(scheme.lower())
    path, mark, query = rest.partition("?")
    if mark and not query:
        raise UriError("the URI has an empty query")
    fields: dict[str, Any] = {}
    vendor: list[tuple[str, str]] = []
    for name, octets in _attributes(path, ";", "path"):
        _take_path(fields, name, octets)
    for name, octets in _attributes(query, "&", "query"):
        if name.startswith("x-"):
            vendor.append((name, _decoded(name, octets)))
        else:
            _take_query(fields, name, octets)
    return KeyUri(scheme=scheme.lower(), vendor=tuple(sorted(vendor)), **fields)


def _attributes(text: str, separator: str, part: str) -> list[tuple[str, bytes]]:
    """Names and percent-decoded values, in the order written."""
    found: dict[str, bytes] = {}
    allowed = _VALUE_OF_PATH if part == "path" else _VALUE_OF_QUERY
    for number, piece in enumerate(text.split(separator) if text else (), 1):
        name, equals, value = piece.partition("=")
        if not equals:
            raise UriError(f"attribute {number} of the {part} has no '='")
        if name in _KNOWN_REFUSED:
            raise UriError(f"{name} is refused: {_KNOWN_REFUSED[name]}")
        if name in found:
            raise UriError(f"attribute {number} of the {part} was given before")
        if not allowed.fullmatch(value):
            raise UriError(f"attribute {number} of the {part} has a character that must be percent-encoded")
        found[name] = _PERCENT.sub(lambda match: bytes((int(match[1], 16),)), value.encode("ascii"))
    return list(found.items())


def _take_path(fields: dict[str, Any], name: str, octets: bytes) -> None:
    """Puts one attribute of the path where it belongs."""
    if not octets:
        raise UriError("an attribute of the path is empty; leave it out")
    if name == "id":
        fields["key_id"] = octets
    elif name == "type":
        fields["type"] = _decoded(name, octets)
    elif name in _FIELDS:
        fields[_FIELDS[name]] = _decoded(name, octets)
    else:
        raise UriError("the path has an attribute that is unknown here")


def _take_query(fields: dict[str, Any], name: str, octets: bytes) -> None:
    """Puts one attribute of the query, not a vendor's, where it belongs."""
    value = _decoded(name, octets)
    if name == "module-path":
        fields["module_path"] = value
    elif name == "pin-source":
        fields["pin_source"] = _path_of_file_uri(value)
    else:
        raise UriError("the query has an attribute that is unknown here")
    if not value:
        raise UriError(f"{name} is empty; leave it out")


def _path_of_file_uri(value: str) -> str:
    """The path in ``file:/path`` or ``file:///path`` (RFC 8089); no other host, no program (``|``)."""
    if not value.startswith("file:/"):
        raise UriError("pin-source is not file: and an absolute path")
    path = value.removeprefix("file:")
    return path[2:] if path.startswith("///") else path


def _decoded(name: str, octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        raise UriError(f"{_shown(name)} is not UTF-8") from None


def _check_scheme(scheme: str) -> None:
    if scheme not in SCHEMES:
        raise UriError(f"a key's URI begins with one of {', '.join(f'{name}:' for name in SCHEMES)}")


def _check_text(name: str, value: str, most_bytes: int) -> None:
    """Printable, so that a name cannot forge a line of a log, and not too long."""
    if not value.isprintable():
        raise UriError(f"{name} has a character that does not print")
    if len(value.encode("utf-8")) > most_bytes:
        raise UriError(f"{name} is longer than {most_bytes} bytes")


def check_path(name: str, value: str) -> None:
    """UriError, naming the attribute, unless ``value`` is empty or an absolute path in its shortest form."""
    if not value:
        return
    _check_text(name, value, MAX_URI_CHARS)
    if (
        not value.startswith("/")
        or value.startswith("//")
        or posixpath.normpath(value) != value
        or value == "/"
    ):
        raise UriError(f"{name} is not an absolute path without '.', '..' and doubled slashes")


def _check_vendor(vendor: tuple[tuple[str, str], ...]) -> None:
    names = [name for name, _ in vendor]
    if names != sorted(set(names)):
        raise UriError("vendor attributes are not sorted, or one was given twice")
    for name, value in vendor:
        if not _VENDOR_NAME.fullmatch(name):
            raise UriError("a vendor attribute is not named x- and letters, digits, '-' and '_'")
        _check_text(name, value, MAX_URI_CHARS)


def _quoted(value: str, marks: str) -> str:
    return quote(value, safe=marks)


def _shown(name: str) -> str:
    """The attribute's name if it is one of ours; what else was written may be a secret."""
    known = name in _FIELDS or name in {"type", "module-path", "pin-source"} or _VENDOR_NAME.fullmatch(name)
    return name if known else "an attribute"
