"""The ca-bridge command: what it offers, and how it ends when something outside is wrong."""

from __future__ import annotations

import sys
from importlib.metadata import version

import click

from ca_bridge.interfaces.cli.anchors import anchors_commands
from ca_bridge.interfaces.cli.composition import Composition
from ca_bridge.interfaces.cli.doctor import doctor
from ca_bridge.interfaces.cli.explain import explain
from ca_bridge.interfaces.cli.inspect import inspect
from ca_bridge.interfaces.cli.policy import lint_command, policy_commands
from ca_bridge.interfaces.cli.terminal import speak_utf8
from ca_bridge.interfaces.cli.validate import validate
from ca_bridge.services.errors import ConfigurationError

_COMMANDS: tuple[click.Command, ...] = (validate, inspect, explain, doctor)
_UNUSABLE = 2
_INTERRUPTED = 130


def command_line(composition: Composition) -> click.Group:
    """The whole command; ``composition`` reaches the commands as the context's object."""

    @click.group(
        name="ca-bridge",
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        help="Validation authority across the PKI domains of Guangdong, Hong Kong and Macau.\n\n"
        "粤港澳电子认证互信网关：证书能否信赖、为什么、怎么办。",
        epilog="Exit codes of validate: 0 passed, 1 failed, 2 usage, 3 indeterminate. / "
        "validate 的退出码：0 通过，1 不通过，2 用法错误，3 无法确定。",
    )
    @click.version_option(version("ca-bridge"), prog_name="ca-bridge")
    @click.pass_context
    def ca_bridge(context: click.Context) -> None:
        context.obj = composition

    policy = policy_commands(composition.policy_report)
    policy.add_command(lint_command(composition.policy_lint))
    further = (policy, anchors_commands(composition.anchor_shelf))
    for command in (*_COMMANDS, *further, *composition.further):
        ca_bridge.add_command(command)
    return ca_bridge


def run(composition: Composition) -> None:
    """Run the command of this process's arguments and exit."""
    speak_utf8()
    try:
        # Outside its own mode click gives an exit code back instead of leaving with it.
        code = command_line(composition).main(prog_name="ca-bridge", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ConfigurationError as error:
        click.echo(f"ca-bridge cannot start / 无法启动: {error}", err=True)
        sys.exit(_UNUSABLE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted / 已中断", err=True)
        sys.exit(_INTERRUPTED)
    except BrokenPipeError:
        sys.stderr.close()  # the reader has gone: nothing more to say, and nobody to say it to
        sys.exit(_UNUSABLE)
