"""The ca-bridge command."""

from ca_bridge.interfaces.cli.app import run
from ca_bridge.wiring import composition


def main() -> None:
    """Run the command line."""
    run(composition())


if __name__ == "__main__":
    main()
