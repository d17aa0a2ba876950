"""Documents that are generated, or that name things of the code, say what the code says."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_TOOLS = runpy.run_path(str(_ROOT / "tools" / "docs.py"))


def test_reasons_page_is_current() -> None:
    assert (_ROOT / "docs/reasons.md").read_text("utf-8") == _TOOLS["reasons_page"](), "run: make docs"


def test_openapi_document_is_current() -> None:
    assert (_ROOT / "docs/refusals.md").read_text("utf-8") == _TOOLS["refusals_page"](), "run: make docs"
    assert (_ROOT / "docs/openapi.json").read_text("utf-8") == _TOOLS["openapi_page"](), "run: make docs"


@pytest.mark.parametrize("page", sorted(_ROOT.glob("*.md")) + sorted(_ROOT.glob("docs/**/*.md")), ids=str)
def test_links_and_paths_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), target
    for path in re.findall(
        r"`((?:ca_bridge|policies|certs-test|tests|bench|docs|tools|hsm)/[\w./-]*)`", text
    ):
        assert (_ROOT / path).exists(), path


def test_readme_commands_are_makefile_targets() -> None:
    makefile = (_ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make (\w+)", (_ROOT / "README.md").read_text("utf-8"), re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_dependency_has_its_reason() -> None:
    page = (_ROOT / "docs/adr/0002-dependencies.md").read_text("utf-8").lower()
    block = re.search(
        r"^dependencies = \[(.*?)^\]", (_ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert block
    for name in re.findall(r'"([a-z0-9-]+)', block.group(1)):
        assert name in page, name
