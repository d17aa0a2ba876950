"""Certificate files of a folder, under any name and in any of the usual forms."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.services.policy_report import PolicyProblem

_SUFFIXES = frozenset({".der", ".pem", ".crt", ".cer", ".p7b", ".p7c"})
_MAX_FILE_BYTES = 8 << 20
_MAX_FILES = 10_000


def certificate_files(*places: Path) -> dict[str, bytes]:
    """SHA-256 (hex) to DER of every certificate in these files and under these folders.

    Folders are searched for files with the usual endings of certificate files; a place that is not
    there holds none. PolicyFileError names the first file that cannot be read as certificates.
    """
    found: dict[str, bytes] = {}
    for path in _files(places):
        try:
            with path.open("rb") as stream:
                items = decode_bundle(stream.read(_MAX_FILE_BYTES + 1))
        except OSError as error:
            raise _unreadable(path, error.strerror) from error
        except Malformed as error:
            raise _unreadable(path, error.reason.code) from error
        found.update((sha256(i.der).hexdigest(), i.der) for i in items if i.kind == "certificate")
    return found


def _files(places: tuple[Path, ...]) -> list[Path]:
    files: list[Path] = []
    for place in places:
        if place.is_file():
            files.append(place)
        elif place.is_dir():
            files.extend(p for p in place.rglob("*") if p.suffix.lower() in _SUFFIXES and p.is_file())
    if len(files) > _MAX_FILES:
        raise PolicyFileError(
            PolicyProblem(
                file=files[0].parent.name,
                line=1,
                message_en=f"holds more than {_MAX_FILES} certificate files",
                message_zh=f"证书文件超过 {_MAX_FILES} 个",
            )
        )
    return sorted(files)


def _unreadable(path: Path, cause: str | None) -> PolicyFileError:
    return PolicyFileError(
        PolicyProblem(
            file=path.name,
            line=1,
            message_en=f"cannot be read as certificates ({cause})",
            message_zh=f"无法作为证书读取（{cause}）",
        )
    )
