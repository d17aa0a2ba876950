"""Certificates in files and folders as questions: what is to be compared under two policies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.recognition.replay.recording import is_authority
from ca_bridge.core.request import Parameters
from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.core.x509.pool import Pool
from ca_bridge.interfaces.cli.files import Material, read_bytes, read_material
from ca_bridge.services.printable import printable
from ca_bridge.services.validate_certificate import Question

MAX_FILES = 100_000


@dataclass(frozen=True, slots=True)
class Found:
    """Questions about every certificate found, and how many files hold nothing of the kind."""

    questions: tuple[Question, ...]
    unreadable: int


def certificate_questions(path: Path, parameters: Parameters, domain: str | None, pool: Pool) -> Found:
    """One question for each certificate of an end entity below ``path``; of CAs where there are no others.

    CA certificates and CRLs of all files serve all of them, OCSP responses those of their own file. A
    click.UsageError for a file, or a folder, that cannot be read at all.
    """
    materials, unreadable = _materials(path)
    ders = [der for material in materials for der in material.certificates]
    authorities = tuple(dict.fromkeys(der for der in ders if _is_authority(der, pool)))
    known = frozenset(authorities)
    only_authorities = known.issuperset(ders)
    crls = tuple(dict.fromkeys(crl for material in materials for crl in material.crls))
    asked: dict[bytes, Question] = {}
    for material in materials:
        evidence = Evidence(certificates=authorities, crls=crls, ocsp_responses=material.ocsp_responses)
        for der in material.certificates:
            if only_authorities or der not in known:
                asked.setdefault(
                    der, Question(certificate=der, evidence=evidence, parameters=parameters, domain=domain)
                )
    return Found(tuple(asked.values()), unreadable)


def _materials(path: Path) -> tuple[list[Material], int]:
    if path.is_file():
        return [read_material([path])], 0
    found: list[Material] = []
    unreadable = 0
    for file in _files(path):
        try:
            items = decode_bundle(read_bytes(file))
        except Malformed:
            unreadable += 1
            continue
        ders = {
            kind: tuple(i.der for i in items if i.kind == kind) for kind in ("certificate", "crl", "ocsp")
        }
        found.append(Material(ders["certificate"], ders["crl"], ders["ocsp"]))
    return found, unreadable


def _files(folder: Path) -> Iterator[Path]:
    files = sorted(found for found in folder.rglob("*") if found.is_file())
    if len(files) > MAX_FILES:
        raise click.UsageError(f"{printable(str(folder))}: more than {MAX_FILES} files / 文件过多")
    yield from files


def _is_authority(der: bytes, pool: Pool) -> bool:
    try:
        return is_authority(pool.certificate(der))
    except Malformed:
        return False
