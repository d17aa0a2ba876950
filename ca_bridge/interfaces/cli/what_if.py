"""`ca-bridge what-if`: the smallest change that would let a refused certificate pass, and who may make it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ca_bridge.core.evidence import Evidence
from ca_bridge.core.request import KeyUsageBit, Parameters, Purpose, RevocationRule
from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.core.x509.errors import Malformed
from ca_bridge.interfaces.cli.composition import Composition
from ca_bridge.interfaces.cli.files import read_bytes, read_material, split_target
from ca_bridge.interfaces.cli.language import Speech, language_option
from ca_bridge.interfaces.cli.terminal import show, unreadable, usage_error
from ca_bridge.interfaces.cli.what_if_view import draw_minimal_fix
from ca_bridge.services.errors import UnusableQuestion
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.minimal_fix import FindMinimalFix, Outcome
from ca_bridge.services.minimal_fix.as_data import minimal_fix_data
from ca_bridge.services.printable import printable
from ca_bridge.services.question import read_parameters
from ca_bridge.services.validate_certificate import Question

FinderFactory = Callable[[], FindMinimalFix]
"""Makes the use case over the policy in force; asked once a command."""
EXIT_CODES = {Outcome.PASSES: 0, Outcome.FIXABLE: 0, Outcome.BEYOND_REPAIR: 1, Outcome.UNDECIDED: 3}
_FILE = click.Path(path_type=Path, allow_dash=True)
_DATE_LENGTH = len("2026-01-31")


def what_if_command(finder: FinderFactory) -> click.Command:
    """The command; ``finder`` gives the use case over the policy of the settings."""

    @click.command(
        name="what-if",
        short_help="The smallest change that would let CERT pass / 最小修复方案",
        help="Find the smallest sets of changes to policy, evidence or question that would let CERT pass, "
        "and who may make each. Nothing is changed. / 找出使证书 CERT 通过所需的最少变更（策略、证据或请求）"
        "及由谁作出；不作任何改动。\n\nExit codes: 0 passes or can be fixed, 1 beyond repair, 2 usage, "
        "3 undecided. / 退出码：0 通过或可修复，1 不可修复，2 用法错误，3 未能确定。",
    )
    @click.argument("cert", type=_FILE)
    @click.option("--chain", multiple=True, type=_FILE, help="Intermediate certificates. / 中间证书。")
    @click.option("--crl", multiple=True, type=_FILE, help="CRLs. / 证书吊销列表。")
    @click.option("--ocsp", multiple=True, type=_FILE, help="OCSP responses. / OCSP 响应。")
    @_question_options
    @click.option("--json", "as_json", is_flag=True, help="As JSON, in both languages. / 以 JSON 输出。")
    @language_option
    @click.pass_context
    def what_if(context: click.Context, /, speech: Speech, **options: Any) -> None:
        composition: Composition = context.obj
        try:
            found = finder().find(_question(composition.built_gateway(), options))
        except UnusableQuestion as error:
            raise usage_error(error) from error
        data = minimal_fix_data(found)
        if options["as_json"]:
            click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        else:
            show(lambda out: draw_minimal_fix(out, data, speech))
        context.exit(EXIT_CODES[found.outcome])

    return what_if


def _question_options(command: Callable[..., None]) -> Callable[..., None]:
    """What is asked, as `validate` takes it, but for anchors of one's own: there is no policy to change."""
    usages, rules = [b.value for b in KeyUsageBit], [r.value for r in RevocationRule]
    for option in (
        click.option(
            "--identity", is_flag=True, help="The holder must be named by a number. / 必须载明身份号码。"
        ),
        click.option("--level", help="Lowest assurance level that is enough. / 所需的最低保证级别。"),
        click.option("--max-path-length", type=int, help="Most intermediates. / 最大路径长度。"),
        click.option("--explicit-policy", is_flag=True, help="A policy must hold. / 必须有可接受的策略。"),
        click.option("--policy", multiple=True, metavar="OID", help="Acceptable policies. / 可接受的策略。"),
        click.option("--revocation", type=click.Choice(rules), help="Evidence needed. / 吊销证据要求。"),
        click.option(
            "--key-usage", multiple=True, type=click.Choice(usages), help="Needed bits. / 密钥用法。"
        ),
        click.option("--dns-name", help="Host name the certificate must be for. / 主机名。"),
        click.option(
            "--purpose", type=click.Choice([p.value for p in Purpose]), help="Default any. / 用途。"
        ),
        click.option("--at", help="Time: 2026-01-31 or RFC 3339; default now. / 判定时间，默认为现在。"),
        click.option("--domain", help="Trust domain to judge under. / 信任域。"),
    ):
        command = option(command)
    return command


def _question(gateway: Gateway, options: dict[str, Any]) -> Question:
    material = read_material((*options["chain"], *options["crl"], *options["ocsp"]))
    target, others = _target(gateway, options["cert"])
    return Question(
        certificate=target,
        evidence=Evidence(
            certificates=(*material.certificates, *others),
            crls=material.crls,
            ocsp_responses=material.ocsp_responses,
        ),
        parameters=_parameters(gateway, options),
        domain=options["domain"],
    )


def _target(gateway: Gateway, path: Path) -> tuple[bytes, tuple[bytes, ...]]:
    name = printable(str(path))
    try:
        items = decode_bundle(read_bytes(path))
    except Malformed as error:
        raise unreadable(name, error.reason, error.params) from error
    certificates = tuple(item.der for item in items if item.kind == "certificate")
    if not certificates:
        raise click.UsageError(f"{name}: no certificate in it / 文件中没有证书")
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
        "assurance_level": options["level"],
        "identity_required": options["identity"] or None,
    }
    return read_parameters(fields, gateway.clock.now())
