"""Who takes a step at the command line: an account's secret from a file or the prompt, or a signature."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import click

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.x509.certificate_parser import parse_certificate
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.interfaces.cli.files import read_bytes, read_material
from ca_bridge.interfaces.cli.terminal import unreadable
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.json_line import read_object
from ca_bridge.services.manage_recognition.commands import Proof, SecretProof, SignatureProof
from ca_bridge.services.printable import printable

_MAX_SECRET_BYTES, _MAX_STATEMENT_BYTES = 8 << 10, 64 << 10
_Command = TypeVar("_Command", bound=Callable[..., Any])
_RSA, _EC, _ED25519 = "1.2.840.113549.1.1.1", "1.2.840.10045.2.1", "1.3.101.112"
_SM2_CURVE = bytes.fromhex("06082a811ccf5501822d")
ALGORITHMS: Mapping[str, bytes] = MappingProxyType(
    {
        "sm2-sm3": bytes.fromhex("300a06082a811ccf55018375"),
        "ecdsa-sha256": bytes.fromhex("300a06082a8648ce3d040302"),
        "rsa-sha256": bytes.fromhex("300d06092a864886f70d01010b0500"),
        "ed25519": bytes.fromhex("300506032b6570"),
    }
)
"""AlgorithmIdentifiers, DER, by the names of --algorithm."""

_path = click.Path(path_type=Path)
_OPTIONS = (
    click.option("--as", "account", required=True, help="Account that acts. / 操作账号。"),
    click.option(
        "--secret-file",
        type=_path,
        help="File of the account's secret, - = standard input; without it the secret is asked for. / "
        "密钥文件，- 为标准输入；缺省时提示输入。",
    ),
    click.option(
        "--statement", type=_path, help="The statement that was signed, as written. / 已签名的声明文件。"
    ),
    click.option("--signature", type=_path, help="Signature over the statement. / 对声明的签名。"),
    click.option("--certificate", type=_path, help="The signer's certificate. / 签名人的证书。"),
    click.option(
        "--algorithm",
        type=click.Choice(sorted(ALGORITHMS)),
        help="Of the signature; default by the certificate's key. / 签名算法。",
    ),
    click.option(
        "--evidence",
        "evidence_files",
        type=_path,
        multiple=True,
        help="Certificates, CRLs and OCSP responses that help to judge the signer. / 证据文件。",
    ),
)


def proof_options(command: _Command) -> _Command:
    """Add the options; the command gets what read_signing() takes out of its arguments."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class SignedStep:
    """What a statement file says; a member that is absent, or of another type, is None."""

    fields: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        """A text."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else None

    def number(self, name: str) -> int | None:
        """A whole number."""
        value = self.fields.get(name)
        return value if type(value) is int else None


@dataclass(frozen=True, slots=True)
class Signing:
    """Who acts, and the step as it was signed ({} when a secret proves the account)."""

    proof: Proof
    signed: SignedStep


def read_signing(arguments: dict[str, Any]) -> Signing:
    """The proof, from the options of proof_options, which are taken out of ``arguments``."""
    account, secret_file = arguments.pop("account"), arguments.pop("secret_file")
    signing = {name: arguments.pop(name) for name in ("statement", "signature", "certificate")}
    algorithm, evidence = arguments.pop("algorithm"), arguments.pop("evidence_files")
    if not (any(signing.values()) or algorithm or evidence):
        secret = ask_secret(account) if secret_file is None else read_secret(secret_file)
        return Signing(SecretProof(account, secret), SignedStep({}))
    _check_signing(signing, secret_file)
    certificate = read_certificate(signing["certificate"])
    statement = _statement(signing["statement"])
    material = read_material(evidence)
    proof = SignatureProof(
        account=account,
        nonce=statement.text("nonce") or "",
        certificate=certificate,
        algorithm=ALGORITHMS[algorithm] if algorithm else _algorithm_of(certificate, signing["certificate"]),
        signature=read_bytes(signing["signature"]),
        evidence=Evidence(
            certificates=material.certificates, crls=material.crls, ocsp_responses=material.ocsp_responses
        ),
    )
    return Signing(proof, statement)


def _check_signing(signing: Mapping[str, Path | None], secret_file: Path | None) -> None:
    missing = [f"--{name}" for name, path in signing.items() if path is None]
    if missing:
        raise click.UsageError(f"{', '.join(missing)} needed too / 还需要 {', '.join(missing)}")
    if secret_file is not None:
        raise click.UsageError("a secret or a signature, not both / 密钥与签名只能提供一种")


def read_certificate(path: Path) -> bytes:
    """DER of the one certificate in the file."""
    found = read_material((path,)).certificates
    if len(found) != 1:
        name = printable(str(path))
        raise click.UsageError(f"{name}: one certificate is asked / {name}：应为一张证书")
    return found[0]


def ask_secret(account: str, *, twice: bool = False) -> str:
    """The secret, typed unseen; a usage error where there is nobody to ask."""
    asked = f"Secret of {printable(account, 64)} / 密钥"
    try:
        answer: str = click.prompt(asked, hide_input=True, err=True, confirmation_prompt=twice)
    except click.Abort as error:
        if sys.stdin.isatty():
            raise
        raise click.UsageError(
            "no secret was given: name its file, - = standard input / "
            "未提供密钥：请指明密钥文件，- 为标准输入"
        ) from error
    return answer


def read_secret(file: Path) -> str:
    """The secret in the file, without the end of its line."""
    raw = read_bytes(file)
    try:
        text = raw.decode("utf-8") if len(raw) <= _MAX_SECRET_BYTES else None
    except UnicodeDecodeError:
        text = None
    if text is None:
        name = printable(str(file))
        raise click.UsageError(f"{name}: not a secret / {name}：不是密钥")
    return text.rstrip("\r\n")


def _statement(path: Path) -> SignedStep:
    try:
        return SignedStep(read_object(read_bytes(path), _MAX_STATEMENT_BYTES))
    except UnusableQuestion as error:
        raise unreadable(printable(str(path)), error.finding.reason, error.finding.params) from error


def _algorithm_of(certificate: bytes, path: Path) -> bytes:
    """The usual algorithm of the certificate's key."""
    try:
        key = parse_certificate(certificate).spki.algorithm
    except Malformed as error:
        raise unreadable(printable(str(path)), error.reason, error.params) from error
    curve = "sm2-sm3" if key.parameters == _SM2_CURVE else "ecdsa-sha256"
    name = {_RSA: "rsa-sha256", _EC: curve, _ED25519: "ed25519"}.get(key.oid)
    if name is None:
        raise click.UsageError("--algorithm is needed for this key / 请指明 --algorithm")
    return ALGORITHMS[name]
