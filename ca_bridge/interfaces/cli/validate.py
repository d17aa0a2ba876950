"""`ca-bridge validate`: one certificate for a person to read, or a batch for a program."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.reasons.model import Indication
from ca_bridge.core.request import KeyUsageBit, Parameters, Purpose, RevocationRule
from ca_bridge.core.verdict import Finding
from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.interfaces.cli.batch import run_batch
from ca_bridge.interfaces.cli.composition import Composition
from ca_bridge.interfaces.cli.files import read_bytes, read_material, split_target
from ca_bridge.interfaces.cli.language import Speech, language_option
from ca_bridge.interfaces.cli.terminal import show, usage_error
from ca_bridge.interfaces.cli.verdict_view import show_verdict
from ca_bridge.services.answer import refusal
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.field_values import PROFILES
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.printable import printable
from ca_bridge.services.question import read_parameters
from ca_bridge.services.report import report_fields
from ca_bridge.services.validate_certificate import Answer, Question

EXIT_CODES = {Indication.TOTAL_PASSED: 0, Indication.TOTAL_FAILED: 1, Indication.INDETERMINATE: 3}
_FILE = click.Path(path_type=Path, allow_dash=True)
_DATE_LENGTH = len("2026-01-31")


@click.command(
    short_help="Judge whether CERT can be relied on / 判定证书能否信赖",
    help="Judge whether CERT can be relied on, and say why (not). / 判定证书 CERT 能否信赖，并说明原因。\n\n"
    "CERT and all other files may be PEM, DER or PKCS#7. With --batch many questions are judged, one JSON "
    "object a line (docs/batch.md). / 各文件可为 PEM、DER 或 PKCS#7；--batch 用于批量判定。",
)
@click.argument("cert", type=_FILE, required=False)
@click.option("--chain", multiple=True, type=_FILE, help="Intermediate certificates. / 中间证书。")
@click.option("--crl", multiple=True, type=_FILE, help="CRLs. / 证书吊销列表。")
@click.option("--ocsp", multiple=True, type=_FILE, help="OCSP responses. / OCSP 响应。")
@click.option(
    "--anchor",
    multiple=True,
    type=_FILE,
    help="Judge against exactly these trust anchors. / 仅以这些信任锚判定。",
)
@click.option("--domain", help="Trust domain to judge under. / 信任域。")
@click.option("--at", help="Time to judge at: 2026-01-31 or RFC 3339; default now. / 判定时间，默认为现在。")
@click.option("--purpose", type=click.Choice([p.value for p in Purpose]), help="Default any. / 用途。")
@click.option("--dns-name", help="Host name the certificate must be for. / 必须匹配的主机名。")
@click.option(
    "--key-usage",
    multiple=True,
    type=click.Choice([b.value for b in KeyUsageBit]),
    help="Needed bits. / 密钥用法。",
)
@click.option(
    "--revocation",
    type=click.Choice([r.value for r in RevocationRule]),
    help="How much revocation evidence is needed; default if_available. / 吊销证据要求。",
)
@click.option(
    "--policy", multiple=True, metavar="OID", help="Acceptable certificate policies. / 可接受的证书策略。"
)
@click.option(
    "--explicit-policy", is_flag=True, help="An acceptable policy must hold. / 必须有可接受的策略。"
)
@click.option("--max-path-length", type=int, help="Most intermediates. / 最大路径长度。")
@click.option("--level", help="Lowest assurance level that is enough. / 所需的最低保证级别。")
@click.option(
    "--identity",
    is_flag=True,
    help="The holder must be named by a number every CA gives. / 必须载明可互认的持有人身份号码。",
)
@click.option("--profile", type=click.Choice(PROFILES), help="legacy goes with --anchor only. / 算法配置。")
@click.option("--json", "as_json", is_flag=True, help="As JSON, in both languages. / 以 JSON 输出。")
@click.option(
    "--batch", type=_FILE, help="Questions, one JSON object a line; - = standard input. / 批量输入。"
)
@click.option("--out", type=_FILE, help="Answers of the batch; - = standard output. / 批量输出。")
@click.option("--jobs", type=click.IntRange(1, 256), help="Processes of the batch; default 1. / 批量进程数。")
@language_option
@click.pass_context
def validate(context: click.Context, /, speech: Speech, **options: Any) -> None:
    """Answer with a verdict and its exit code: 0 passed, 1 failed, 2 usage, 3 indeterminate."""
    composition: Composition = context.obj
    if options["batch"] is not None:
        _only(options, {"batch", "out", "jobs"})
        context.exit(run_batch(composition, options["batch"], options["out"], options["jobs"] or 1))
    if options["out"] is not None or options["jobs"] is not None:
        raise click.UsageError("--out and --jobs go with --batch / --out 和 --jobs 须与 --batch 同用")
    if options["cert"] is None:
        raise click.UsageError("name a certificate file, or --batch / 请给出证书文件，或使用 --batch")
    if options["anchor"] and options["domain"] is not None:
        raise click.UsageError("--anchor or --domain, not both / --anchor 与 --domain 只能用一个")
    context.exit(_validate_one(composition.built_gateway(), options, speech))


def _only(options: dict[str, Any], allowed: set[str]) -> None:
    given = sorted(
        name for name, value in options.items() if value not in (None, (), False) and name not in allowed
    )
    if given:
        names = ", ".join("CERT" if n == "cert" else f"--{n.replace('_', '-')}" for n in given)
        raise click.UsageError(f"not with --batch: {names} / 不能与 --batch 同用")


def _validate_one(gateway: Gateway, options: dict[str, Any], speech: Speech) -> int:
    try:
        question, answer = _ask(gateway, options)
    except UnusableQuestion as error:
        raise usage_error(error) from error
    report = report_fields(None, question, answer)
    if options["as_json"]:
        del report["id"]
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        show(lambda out: show_verdict(out, report, answer, speech))
    return EXIT_CODES[answer.verdict.indication]


def _ask(gateway: Gateway, options: dict[str, Any]) -> tuple[Question, Answer]:
    material = read_material((*options["chain"], *options["crl"], *options["ocsp"]))
    parameters = _parameters(gateway, options)
    anchors = read_material(options["anchor"]).certificates if options["anchor"] else None
    if anchors == ():
        raise click.UsageError("--anchor: no certificate in it / 信任锚文件中没有证书")
    unreadable: Malformed | None = None
    target: bytes = b""
    others: tuple[bytes, ...] = ()
    try:
        target, others = _target(gateway, options["cert"])
    except Malformed as error:
        unreadable = error
    question = Question(
        certificate=target,
        evidence=Evidence(
            certificates=(*material.certificates, *others),
            crls=material.crls,
            ocsp_responses=material.ocsp_responses,
        ),
        parameters=parameters,
        trust_anchors=anchors,
        domain=options["domain"],
    )
    answer = gateway.validate.answer(question)
    if unreadable is not None:
        finding = Finding(reason=unreadable.reason, position=0, params=unreadable.params)
        answer = replace(answer, verdict=refusal(finding))
    return question, answer


def _target(gateway: Gateway, path: Path) -> tuple[bytes, tuple[bytes, ...]]:
    certificates = tuple(item.der for item in decode_bundle(read_bytes(path)) if item.kind == "certificate")
    if not certificates:
        raise click.UsageError(f"{printable(str(path))}: no certificate in it / 文件中没有证书")
    return split_target(certificates, gateway.engine.pool)


def _parameters(gateway: Gateway, options: dict[str, Any]) -> Parameters:
    at = options["at"]
    fields = {
        "validation_time": f"{at}T00:00:00Z" if at is not None and len(at) == _DATE_LENGTH else at,
        "purpose": options["purpose"],
        "dns_name": options["dns_name"],
        "key_usage": list(options["key_usage"]) or None,
        "revocation": options["revocation"],
        "user_initial_policy_set": list(options["policy"]) or None,
        "initial_explicit_policy": options["explicit_policy"] or None,
        "max_path_length": options["max_path_length"],
        "algorithm_profile": options["profile"],
        "assurance_level": options["level"],
        "identity_required": options["identity"] or None,
    }
    return read_parameters(fields, gateway.clock.now())
