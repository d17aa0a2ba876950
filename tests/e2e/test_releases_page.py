"""docs/releases.md is carried out as it stands, in an empty folder, by the command itself."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_PAGE = _ROOT / "docs" / "releases.md"


def test_commands_of_the_page(tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", _PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 4
    script = "set -euo pipefail\n" + "\n".join(blocks) + "ca-bridge release trail --json > trail.json\n"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CA_BRIDGE_")}
    environment = kept | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "LANG": "C.UTF-8"}
    run = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, timeout=300, check=False
    )
    said = run.stdout.decode()
    assert run.returncode == 0, run.stderr.decode()
    assert re.search(r"^in force +1:[0-9a-f]{64}$", said, re.MULTILINE)
    assert re.search(r"^next +2 \([0-9TZ:-]+\)$", said, re.MULTILINE)
    assert re.search(r"^2 +withdrawn +6 ", said, re.MULTILINE)
    assert re.search(r"^1 +effective +6 ", said, re.MULTILINE)
    assert re.search(r"^mei +approver +secret$", said, re.MULTILINE)
    trail = json.loads((tmp_path / "trail.json").read_text("utf-8"))
    assert trail["whole"] is True
    assert {row["outcome"] for row in trail["trail"]} == {"done"}
    for secret in tmp_path.glob("*.secret"):
        assert secret.read_text().strip() not in said + run.stderr.decode()
