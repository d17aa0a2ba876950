"""`ca-bridge receipt`: what a receipt says, and whether it holds. Needs public keys and nothing else."""

from __future__ import annotations

import json
from functools import reduce
from hashlib import sha256
from operator import or_
from pathlib import Path

import click

from ca_bridge.core.receipt.checking import ReceiptCheck, check_receipt
from ca_bridge.core.receipt.keys import KeyRing, KeysUnusable, read_keys
from ca_bridge.core.receipt.reading import MAX_RECEIPT_BYTES
from ca_bridge.core.receipt.verifying import VerifySignature
from ca_bridge.core.x509.pool import Pool
from ca_bridge.interfaces.cli.files import read_bytes, read_material, split_target
from ca_bridge.interfaces.cli.language import Speech, language_option
from ca_bridge.interfaces.cli.receipt_view import Matches, fields, lines, outcome
from ca_bridge.interfaces.cli.terminal import usage_error
from ca_bridge.services.decision_log.statement import request_sha256
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.json_line import read_object, refuse_repetition
from ca_bridge.services.printable import printable

_EXIT = {"holds": 0, "does_not_hold": 1, "undecided": 3}
_OTHER = 1
_FILE = click.Path(path_type=Path, allow_dash=True, dir_okay=False)


def receipt_commands(verify: VerifySignature) -> click.Group:
    """The `receipt` group; ``verify`` says whether a signature is a key's."""

    @click.group(short_help="Receipts / 回执", help="Receipts of verdicts. / 判定回执。")
    def receipt() -> None: ...

    receipt.add_command(_verify_command(verify))
    return receipt


def _verify_command(verify: VerifySignature) -> click.Command:
    @click.command(
        name="verify",
        short_help="Whether a receipt holds / 验证回执",
        help="Show what the receipt FILE says and whether it holds, by public keys alone. Exit 0: it holds, "
        "and is of the certificate and request given. 1: it does not, or is of others. 2: usage. 3: a key "
        "that signed it is not known. / 仅凭公钥验证回执 FILE 并显示其内容。退出码：0 成立且与所给证书、请求"
        "相符；1 不成立或不相符；2 用法错误；3 缺少公钥，无法判定。",
    )
    @click.argument("file", type=_FILE)
    @click.option(
        "--key",
        "keys",
        type=_FILE,
        multiple=True,
        required=True,
        help="Public keys: the JSON of /v1/keys, or PEM; may come more than once. / 公钥文件，可多次给出。",
    )
    @click.option("--certificate", type=_FILE, help="Is it about this certificate? / 是否针对此证书。")
    @click.option("--request", type=_FILE, help="Does it answer this request (JSON)? / 是否回答此请求。")
    @click.option("--json", "as_json", is_flag=True, help="As JSON. / 以 JSON 输出。")
    @language_option
    def verify_(
        file: Path,
        keys: tuple[Path, ...],
        certificate: Path | None,
        request: Path | None,
        speech: Speech,
        *,
        as_json: bool,
    ) -> None:
        ring = _ring(keys)
        asked: dict[str, str] = {}
        if certificate is not None:
            asked["certificate"] = _certificate_sha256(certificate)
        if request is not None:
            asked["request"] = _request_sha256(request)
        check = check_receipt(read_bytes(file)[: MAX_RECEIPT_BYTES + 1], ring, verify)
        matches = _matches(check, asked)
        if as_json:
            click.echo(json.dumps(fields(check, matches), ensure_ascii=False, indent=2))
        else:
            click.echo("\n".join(lines(check, matches, speech)))
        raise click.exceptions.Exit(_EXIT[outcome(check)] or (0 if all(matches.values()) else _OTHER))

    return verify_


def _ring(paths: tuple[Path, ...]) -> KeyRing:
    found = []
    for path in paths:
        try:
            found.append(read_keys(read_bytes(path)))
        except KeysUnusable as error:
            raise _unusable(path, error) from error
    try:
        return reduce(or_, found)
    except KeysUnusable as error:
        raise _unusable(paths[-1], error) from error


def _unusable(path: Path, error: KeysUnusable) -> click.UsageError:
    return click.UsageError(f"{printable(str(path))}: {printable(str(error))} / 公钥文件无法使用")


def _certificate_sha256(path: Path) -> str:
    certificates = read_material((path,)).certificates
    if not certificates:
        raise click.UsageError(f"{printable(str(path))}: no certificate / 文件中没有证书")
    return sha256(split_target(certificates, Pool())[0]).hexdigest()


def _request_sha256(path: Path) -> str:
    try:
        asked = read_object(read_bytes(path))
        refuse_repetition(asked)
    except UnusableQuestion as error:
        raise usage_error(error) from error
    # JSON knows no difference between 5 and 5.0, and RFC 8785 writes both as 5.
    whole = {n: int(v) if type(v) is float and v.is_integer() else v for n, v in asked.items()}
    return request_sha256(whole)


def _matches(check: ReceiptCheck, asked: dict[str, str]) -> Matches:
    """Whether the receipt is of what was given; of a receipt that does not hold nothing is said."""
    if not check.holds or check.receipt is None:
        return {}
    statement = check.receipt.statement
    return {name: statement.get(f"{name}_sha256") == digest for name, digest in asked.items()}
