"""The bridge CA from the file that names its issuers (bridge.yaml)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ca_bridge.adapters.policy_schema import read_schema, schema_problems
from ca_bridge.adapters.yaml_document import PolicyFileError, YamlDocument, read_yaml
from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.core.x509.certificate import Certificate
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.bridge_ca.issuer import BridgeIssuer, CrlTimes, Issuers
from ca_bridge.services.bridge_ca.names import OF_AN_ISSUER
from ca_bridge.services.policy_report import KeyPath
from ca_bridge.services.signing import SigningKey

KeyOf = Callable[[str, bytes], Callable[[], SigningKey]]
"""What opens the key of this name; the octets are the SubjectPublicKeyInfo it must have."""
_ABSENT = "absent"
_MAX_FILE_BYTES = 1 << 20


def read_bridge(path: Path, schema_path: Path, *, key_of: KeyOf) -> Issuers:
    """The issuers that ``path`` describes; files it names lie beside it unless their paths are absolute.

    No key is opened. PolicyFileError with every problem of its form, or the first of its meaning.
    """
    reader = _Reader(read_yaml(path), path.parent)
    problems = schema_problems(reader.document, read_schema(schema_path))
    if problems:
        raise PolicyFileError(*problems)
    data = reader.document.data
    issuers: dict[str, BridgeIssuer] = {}
    for index, row in enumerate(data["issuers"]):
        where: KeyPath = ("issuers", index)
        if row["label"] in issuers:
            raise reader.problem((*where, "label"), "stands twice", "重复")
        if not _files_of(row["label"]).isdisjoint(name for label in issuers for name in _files_of(label)):
            raise reader.problem(
                (*where, "label"), "would name a file of another issuer", "将与另一签发者的文件同名"
            )
        certificate = reader.certificate((*where, "certificate"), row["certificate"])
        issuers[row["label"]] = BridgeIssuer(
            label=row["label"],
            domain=data["domain"],
            certificate=certificate.der,
            key=key_of(row["key"], certificate.spki.der),
            base_url=data["base_url"],
            null_parameters=row.get("sm2_parameters") != _ABSENT,
            issued_to=tuple(
                reader.issued_to((*where, "issued_to", i), name, certificate)
                for i, name in enumerate(row.get("issued_to", ()))
            ),
            crl=reader.times((*where, "crl"), row.get("crl", {})),
            **_optional(row),
        )
    return Issuers(issuers=issuers)


def _files_of(label: str) -> frozenset[str]:
    return frozenset(name_of(label) for name_of in OF_AN_ISSUER)


def _optional(row: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that have defaults of their own."""
    found: dict[str, Any] = {}
    if "max_validity_days" in row:
        found["max_validity"] = timedelta(days=int(row["max_validity_days"]))
    if "algorithm_profile" in row:
        found["algorithm_profile"] = row["algorithm_profile"]
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    """The document, and the folder that the files it names are looked for in."""

    document: YamlDocument
    folder: Path

    def problem(self, path: KeyPath, en: str, zh: str) -> PolicyFileError:
        return PolicyFileError(self.document.problem(path, en, zh))

    def certificate(self, where: KeyPath, name: str) -> Certificate:
        """The one certificate in the file ``name``."""
        try:
            with (self.folder / name).open("rb") as stream:
                items = decode_bundle(stream.read(_MAX_FILE_BYTES))
            (found,) = (parse_certificate(item.der) for item in items)
        except (OSError, ValueError, Malformed) as error:
            raise self.problem(where, "names no file with one certificate", "未指向单张证书的文件") from error
        return found

    def issued_to(self, where: KeyPath, name: str, own: Certificate) -> bytes:
        """A certificate that another CA issued to the key of ``own``."""
        found = self.certificate(where, name)
        if found.spki.der != own.spki.der or found.subject != own.subject:
            raise self.problem(where, "was not issued to this issuer", "不是签发给该签发者的证书")
        return found.der

    def times(self, where: KeyPath, row: Mapping[str, Any]) -> CrlTimes:
        """How long CRLs last; the margin is shorter than either."""
        hours = {name.removesuffix("_hours"): timedelta(hours=int(value)) for name, value in row.items()}
        times = CrlTimes(**hours)
        if times.margin >= min(times.complete, times.delta):
            raise self.problem(where, "the margin is not shorter than a CRL lasts", "提前量须短于 CRL 有效期")
        return times
