"""Generated PKIs judged here, by OpenSSL and by pyhanko-certvalidator: no difference without a rule.

DIFFERENTIAL_COUNT is the number of PKIs of each theme; runs are the same every time unless
DIFFERENTIAL_SEED says otherwise.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.differential import engines, explained
from tests.differential.engines import Answer
from tests.differential.pki import Pki
from tests.differential.strategies import THEMES, pkis

COUNT = int(os.environ.get("DIFFERENTIAL_COUNT", "500"))
SEED = int(os.environ.get("DIFFERENTIAL_SEED", "0"))
COMMAND_EVERY = 5


def shown(pki: Pki, answers: dict[str, Answer]) -> str:
    """The PKI as code, one certificate a row, and who said what."""
    rows = [f"target  {pki.target!r}"]
    rows += [f"pool    {cert!r}" for cert in pki.pool]
    rows += [f"anchor  {cert!r}" for cert in pki.anchors]
    rows += [f"crl     {crl!r}" for crl in pki.crls]
    rows.append(repr(pki.question))
    for name, answer in answers.items():
        path = [cert.number for cert in answer.path]
        rows.append(f"{name}: {'accepts' if answer.accepted else 'refuses'} {answer.codes or path}")
    return "\n".join(rows)


@pytest.mark.parametrize("theme", THEMES)
def test_no_unexplained_difference(theme: str, tmp_path: Path) -> None:
    used: Counter[str] = Counter()
    verdicts: Counter[tuple[str, bool | None]] = Counter()
    unexplained: dict[tuple[object, ...], list[str]] = {}
    seen: set[str] = set()

    def others(pki: Pki) -> dict[str, engines.Ask]:
        out: dict[str, engines.Ask] = {}
        if engines.certvalidator_can_say(pki):
            out[explained.CERTVALIDATOR] = engines.certvalidator
        in_process = engines.openssl_can_say(pki)
        if in_process:
            out[explained.OPENSSL] = engines.openssl
        if not in_process or len(seen) % COMMAND_EVERY == 0:
            out[explained.COMMAND] = lambda asked: engines.command(asked, tmp_path)
        return out

    @seed(SEED * 100 + THEMES.index(theme))
    @settings(
        max_examples=3 * COUNT,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(pkis(theme))
    def judge(pki: Pki) -> None:
        if repr(pki) in seen or len(seen) == COUNT:
            return
        seen.add(repr(pki))
        ours = engines.ours(pki)
        answers = {"ours": ours}
        verdicts["ours", ours.accepted] += 1
        for engine, ask in others(pki).items():
            theirs = ask(pki)
            if theirs is None:
                verdicts[engine, None] += 1
                continue
            answers[engine] = theirs
            verdicts[engine, theirs.accepted] += 1
            if theirs.accepted == ours.accepted:
                continue
            names = explained.explain(engine, ask, engines.ours, pki, ours, theirs)
            used.update(f"{engine}: {name}" for name in names)
            if not names:
                kind = (engine, ours.accepted, (ours if theirs.accepted else theirs).codes)
                unexplained.setdefault(kind, []).append(shown(pki, answers))

    judge()
    print(dict(verdicts), dict(used))
    assert not unexplained, "\n".join(
        f"--- {kind} {len(cases)} times, such as\n{min(cases, key=len)}"
        for kind, cases in unexplained.items()
    )
    judged = verdicts["ours", True], verdicts["ours", False]
    assert sum(judged) == COUNT, "too many PKIs alike"
    assert min(judged) * 8 >= sum(judged), "nearly all of one kind: the theme asks nothing"
