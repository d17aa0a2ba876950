from __future__ import annotations

import pytest

from ca_bridge.core.reasons.building import NO_PATH_TO_TRUST_ANCHOR
from ca_bridge.core.reasons.model import Indication
from ca_bridge.core.verdict import Finding, Verdict


@pytest.mark.parametrize(("path", "anchor"), [((), None), (("a",), None), ((), "b")])
def test_nothing_found_wrong_is_not_found_right(path: tuple[str, ...], anchor: str | None) -> None:
    with pytest.raises(ValueError, match="a path under an anchor"):
        Verdict(findings=(), path=path, trust_anchor=anchor)


def test_a_path_under_an_anchor_passes() -> None:
    verdict = Verdict(findings=(), path=("a",), trust_anchor="b")
    assert (verdict.indication, verdict.sub_indication) == (Indication.TOTAL_PASSED, None)


def test_the_leading_finding_speaks() -> None:
    verdict = Verdict(findings=(Finding(reason=NO_PATH_TO_TRUST_ANCHOR),))
    assert verdict.indication is Indication.INDETERMINATE
    assert verdict.sub_indication == "NO_CERTIFICATE_CHAIN_FOUND"
