"""The checks of a decision in the order of the walk, and how each came out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ca_bridge.core.reasons.model import Indication
from ca_bridge.core.request import Purpose, RevocationRule
from ca_bridge.core.verdict import RevocationStatus, Verdict
from ca_bridge.services.validate_certificate import Answer

Words = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check as shown."""

    mark: str
    style: str
    words: Words


_PASSED, _FAILED = ("✔", "green"), ("✘", "red")
_WARNED, _NOT_REACHED = ("!", "yellow"), ("·", "dim")


@dataclass(frozen=True, slots=True)
class _Stage:
    """A group of reasons by rank (the bands of the catalogue); ``step`` orders the walk."""

    step: int
    lowest: int
    highest: int
    words: Words


_STAGES = (
    _Stage(1, 900, 949, ("格式：严格 DER，RFC 5280 结构", "format: strict DER, RFC 5280 structure")),
    _Stage(2, 300, 399, ("证书路径：从目标到信任锚", "path building: from the target to a trust anchor")),
    _Stage(2, 800, 849, ("签名、密钥与算法", "signatures, keys and algorithms")),
    _Stage(3, 745, 799, ("有效期", "validity periods")),
    _Stage(
        3,
        610,
        649,
        (
            "CA 限制：基本限制、密钥用法、关键扩展项",
            "CA constraints: basic constraints, key usage, critical extensions",
        ),
    ),
    _Stage(3, 650, 699, ("名称限制", "name constraints")),
    _Stage(3, 600, 609, ("证书策略", "certificate policies")),
    _Stage(5, 700, 744, ("用途、密钥用法、主机名与持有人", "purpose, key usage, host name and holder")),
)
_REVOCATION = ("吊销状态", "revocation")
_REVOCATION_STEP = 4
_REVOCATION_BANDS = (range(855, 860), range(500, 600))
_RECOGNITION = (
    "跨域互认：协议、信任列表、封禁名单、许可证",
    "recognition: agreements, trust lists, blocks, licences",
)
_RECOGNITION_BANDS = (range(860, 900), range(850, 855))
_QUESTION = (("问题本身无法判定", "the question itself cannot be judged"), range(950, 1000))


def checks_of(answer: Answer) -> Iterator[CheckView]:
    """Every check: passed, failed, passed with a caution, or not reached because an earlier one failed."""
    verdict = answer.verdict
    ranks = [finding.reason.rank for finding in verdict.findings]
    if any(rank in _QUESTION[1] for rank in ranks):
        yield CheckView(*_FAILED, _QUESTION[0])
        return
    failed_step = min((_step(rank) for rank in ranks), default=99)
    for stage in _STAGES[:-1]:
        yield CheckView(*_mark(stage, ranks, failed_step), stage.words)
    yield _revocation(answer, ranks, failed_step)
    if answer.rules is not None:
        yield _recognition(verdict, ranks, failed_step)
    asked = answer.parameters
    last = _STAGES[-1]
    if asked.purpose is Purpose.ANY and asked.dns_name is None and not asked.key_usage and failed_step > 1:
        words = (f"{last.words[0]}：未要求", f"{last.words[1]}: nothing asked")
        yield CheckView(*_mark(last, ranks, 99), words)
    else:
        yield CheckView(*_mark(last, ranks, 1 if failed_step == 1 else 99), last.words)


def _step(rank: int) -> int:
    """Which step of the walk a reason belongs to; the target's fitness stops nothing."""
    if any(rank in band for band in _REVOCATION_BANDS):
        return _REVOCATION_STEP
    return next((s.step for s in _STAGES if s.lowest <= rank <= s.highest and s.step != _STAGES[-1].step), 99)


def _mark(stage: _Stage, ranks: list[int], failed_step: int) -> tuple[str, str]:
    if any(stage.lowest <= rank <= stage.highest for rank in ranks):
        return _FAILED
    return _NOT_REACHED if stage.step > failed_step or _half_done(stage, failed_step) else _PASSED


def _half_done(stage: _Stage, failed_step: int) -> bool:
    """Building and signatures go hand in hand: where one failed the other was not finished."""
    return stage.step == failed_step == 2  # noqa: PLR2004 - the step of both


def _revocation(answer: Answer, ranks: list[int], failed_step: int) -> CheckView:
    if any(rank in band for rank in ranks for band in _REVOCATION_BANDS):
        return CheckView(*_FAILED, _REVOCATION)
    if failed_step < _REVOCATION_STEP or not answer.verdict.path:
        return CheckView(*_NOT_REACHED, _REVOCATION)
    if answer.parameters.revocation is RevocationRule.NONE:
        words = (f"{_REVOCATION[0]}：按要求未查", f"{_REVOCATION[1]}: not checked, as asked")
        return CheckView(*_WARNED, words)
    unknown = _without_evidence(answer.verdict)
    if unknown:
        words = (
            f"{_REVOCATION[0]}：{unknown} 张证书没有可用证据",
            f"{_REVOCATION[1]}: no evidence for {unknown} certificate(s)",
        )
        return CheckView(*_WARNED, words)
    return CheckView(*_PASSED, _REVOCATION)


def _recognition(verdict: Verdict, ranks: list[int], failed_step: int) -> CheckView:
    if any(rank in band for rank in ranks for band in _RECOGNITION_BANDS):
        return CheckView(*_FAILED, _RECOGNITION)
    reached = failed_step > _REVOCATION_STEP and bool(verdict.path)
    return CheckView(*(_PASSED if reached else _NOT_REACHED), _RECOGNITION)


def _without_evidence(verdict: Verdict) -> int:
    if verdict.indication is not Indication.TOTAL_PASSED and not verdict.revocation:
        return len(verdict.path)
    open_statuses = {RevocationStatus.UNKNOWN, RevocationStatus.NOT_CHECKED}
    return sum(s.status in open_statuses for s in verdict.revocation)
