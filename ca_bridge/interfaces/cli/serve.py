"""`ca-bridge serve`: the REST interface, until a signal ends it."""

from __future__ import annotations

from typing import Protocol

import click

_LEVELS = ("debug", "info", "warning", "error")


class Serve(Protocol):
    """Serves over the settings; what is not None takes the place of a setting."""

    def __call__(self, *, host: str | None, port: int | None, workers: int | None, level: str | None) -> None:
        """Return when a signal ends it; ConfigurationError when it cannot begin."""
        ...


def serve_command(serve: Serve) -> click.Command:
    """The command over ``serve``."""

    @click.command(
        name="serve",
        help="Serve REST; CA_BRIDGE_HOST, CA_BRIDGE_PORT and CA_BRIDGE_WORKERS set what is not given. / "
        "启动 REST 服务；未给出的选项取自环境变量。",
    )
    @click.option("--host", help="Address to listen on. / 监听地址。")
    @click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on. / 监听端口。")
    @click.option("--workers", type=click.IntRange(1, 256), help="Worker processes. / 工作进程数。")
    @click.option("--log-level", "level", type=click.Choice(_LEVELS), help="Log level. / 日志级别。")
    def command(host: str | None, port: int | None, workers: int | None, level: str | None) -> None:
        serve(host=host, port=port, workers=workers, level=level)

    return command
