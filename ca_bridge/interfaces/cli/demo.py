"""`ca-bridge demo`: a gateway of its own, asked over HTTP about two certificates of the test PKI.

The demonstration's policies are made in a temporary folder and gone with it, so that no test CA is
ever trusted by the policies shipped.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

from ca_bridge.core.receipt.checking import check_receipt
from ca_bridge.core.receipt.keys import read_keys
from ca_bridge.core.receipt.verifying import VerifySignature
from ca_bridge.core.x509.bundle import decode_bundle
from ca_bridge.interfaces.cli.demo_view import show_answer, show_question, show_receipt
from ca_bridge.interfaces.cli.terminal import show
from ca_bridge.services.policy_documents import canonical_json

_MATERIAL = Path(__file__).resolve().parents[3] / "certs-test" / "demo"
_DOMAIN = "demo-hong-kong"
_START_WITHIN_S = 30.0
_ANSWER_WITHIN_S = 10.0
_LOCALHOST = "127.0.0.1"
_HAND_PORT = 8080
_TERMINATED = 128 + signal.SIGTERM

# Pinned here as a domain file pins them: a demonstration trusts nothing it has not been told of either.
ANCHORS: Mapping[str, str] = MappingProxyType(
    {"anchor-hk-root.pem": "0ae4e94dfd47ae08dfd4a5479d560c1a4bf6fe749e278f27761615c203e6704a"}
)
_ASKED = (
    (
        "accepted",
        "广东企业的 SM2 证书，能否在香港信赖？ / A Guangdong company's SM2 certificate, in Hong Kong?",
    ),
    (
        "refused-level",
        "同样的路径，但证书级别较低 / The same way, but the certificate is of a lower level",
    ),
)


def demo_command(policies: Callable[[], Path], verify: VerifySignature) -> click.Command:
    """The command; schema and algorithm table are copied from the folder of ``policies``.

    ``verify`` checks the receipt that the demonstration asks for.
    """

    @click.command(
        name="demo",
        help="Start a gateway, validate sample certificates across the bridge, explain the answers. / "
        "启动演示网关，跨桥验证示例证书并解释结论。",
    )
    @click.option("--keep", is_flag=True, help="Leave it running to try by hand. / 保持运行以便手工试用。")
    @click.option("--port", type=click.IntRange(1, 65_535), help="Default: a free one. / 默认为空闲端口。")
    def command(port: int | None, *, keep: bool) -> None:
        questions = _questions()
        # An ending from outside is an ending like any other: the server below is stopped first.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(_TERMINATED))
        with tempfile.TemporaryDirectory(prefix="ca-bridge-demo-") as folder:
            demo_policies(Path(folder), policies())
            with _server(Path(folder), port or _free_port()) as asked:
                _demonstrate(questions, asked, verify)
                _by_hand(asked, keep=keep)

    return command


def _questions() -> dict[str, dict[str, Any]]:
    try:
        lines = (_MATERIAL / "batch.jsonl").read_text("utf-8").splitlines()
    except OSError as error:
        raise click.UsageError(
            f"the samples of certs-test/demo are not here: {error.strerror}; run this in a checkout / "
            "缺少 certs-test/demo 示例文件，请在源代码目录中运行"
        ) from error
    found = {line["id"]: line for line in map(json.loads, lines)}
    # A remote caller brings no anchors: the domain's decide.
    return {name: {k: v for k, v in line.items() if k != "trust_anchors"} for name, line in found.items()}


def demo_policies(folder: Path, shipped: Path) -> None:
    """Write policies whose only domain pins the demonstration's anchors, and import them."""
    shutil.copytree(shipped / "schema", folder / "schema")
    shutil.copy(shipped / "algorithms.yaml", folder)
    (folder / "domains").mkdir()
    (folder / "anchors").mkdir()
    rows = []
    for name, pinned in ANCHORS.items():
        (item,) = decode_bundle((_MATERIAL / name).read_bytes())
        if sha256(item.der).hexdigest() != pinned:
            raise click.ClickException(f"{name} is not the anchor that is pinned / 与锁定的信任锚不符")
        (folder / "anchors" / f"{pinned}.der").write_bytes(item.der)
        rows.append({"sha256": pinned, "name": name})
    domain = {
        "domain": _DOMAIN,
        "title": {"zh": "演示：香港（测试证书）", "en": "Demonstration: Hong Kong (test certificates)"},
        "anchors": rows,
        "revocation": "require_all",
    }
    (folder / "domains" / f"{_DOMAIN}.yaml").write_text(json.dumps(domain), "utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_LOCALHOST, 0))
        return int(probe.getsockname()[1])


@contextmanager
def _server(policies: Path, port: int) -> Iterator[int]:
    """A server on the loopback address, ready; stopped at the end whatever happens."""
    ours = {
        "CA_BRIDGE_POLICIES": str(policies),
        "CA_BRIDGE_DEFAULT_DOMAIN": _DOMAIN,
        "CA_BRIDGE_DATABASE": f"sqlite:///{policies / 'demo.db'}",
        "CA_BRIDGE_ENVIRONMENT": "development",
        "CA_BRIDGE_DEVELOPMENT_KEYS": str(policies / "keys"),
        "CA_BRIDGE_RUN_FOLDER": str(policies / "run"),
    }
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CA_BRIDGE_")} | ours
    command = [sys.executable, "-m", "ca_bridge", "serve", "--host", _LOCALHOST, "--port", str(port)]
    with subprocess.Popen([*command, "--log-level", "error"], env=environment) as server:  # noqa: S603
        try:
            _wait_until_ready(server, port)
            yield port
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(timeout=_ANSWER_WITHIN_S)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait_until_ready(server: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_WITHIN_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            ready = _http(port, "GET", "/readyz")
        except (OSError, HTTPException):
            time.sleep(0.05)
            continue
        sm2 = next(check for check in ready["checks"] if check["name"] == "sm2")
        click.echo(f"http://{_LOCALHOST}:{port}  SM2: {sm2['detail']['zh']} / {sm2['detail']['en']}")
        return
    raise click.ClickException("the server did not become ready / 服务未能就绪")


def _http(port: int, method: str, path: str, question: dict[str, Any] | None = None) -> dict[str, Any]:
    connection = HTTPConnection(_LOCALHOST, port, timeout=_ANSWER_WITHIN_S)
    try:
        body = None if question is None else json.dumps(question)
        connection.request(method, path, body, {"Content-Type": "application/json"})
        document: dict[str, Any] = json.loads(connection.getresponse().read())
        return document
    finally:
        connection.close()


def _demonstrate(questions: Mapping[str, dict[str, Any]], port: int, verify: VerifySignature) -> None:
    for name, title in _ASKED:
        asked = {**questions[name], "receipt": True}
        try:
            answer = _http(port, "POST", "/v1/certificates:validate", asked)
        except (OSError, HTTPException, ValueError) as error:
            raise click.ClickException(f"no answer / 没有答复: {type(error).__name__}") from error
        if "indication" not in answer:
            raise click.ClickException(
                f"{answer.get('title_zh')} / {answer.get('title')}: {answer.get('code')}"
            )
        show(partial(show_question, title=title, question=questions[name]))
        show(partial(show_answer, answer=answer))
        holds = _receipt_holds(answer["receipt"], _http(port, "GET", "/v1/keys"), verify)
        show(partial(show_receipt, receipt=answer["receipt"], holds=holds))


def _receipt_holds(receipt: Any, keys: Any, verify: VerifySignature) -> bool:
    """Whether the receipt proves what it says, by the public keys alone."""
    known = read_keys(json.dumps(keys).encode())
    return check_receipt(canonical_json(receipt).encode(), known, verify).holds


def _by_hand(port: int, *, keep: bool) -> None:
    click.echo("\n亲手试试 / Try it by hand:")
    if not keep:
        port = _HAND_PORT
        click.echo(f"  ca-bridge demo --keep --port {port}")
    url = f"http://{_LOCALHOST}:{port}"
    sample = os.path.relpath(_MATERIAL / "batch.jsonl")
    click.echo(f"  head -1 {sample} | sed 's/\"trust_anchors\": *\\[[^]]*\\], *//' |")
    click.echo(f"    curl -s {url}/v1/certificates:validate -H 'Content-Type: application/json' -d @-")
    click.echo(f"  {url}/docs")
    if keep:
        click.echo("Ctrl-C 结束 / ends it")
        with suppress(KeyboardInterrupt):
            signal.pause()
        click.echo()
