"""An impact for people: the counts, whose answers change, and some of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ca_bridge.core.recognition.replay.recorded import Cause
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.services.impact.comparison import Authority, Compared, Flips, Impact
from ca_bridge.services.impact.outcome import Change, Outcome
from ca_bridge.services.printable import printable

Words = tuple[str, str]
_ROWS = 20
_SHORT = 16

CHANGES: Mapping[Change, Words] = MappingProxyType(
    {
        Change.PASSED_TO_REFUSED: ("由通过变为拒绝", "passed, would be refused"),
        Change.REFUSED_TO_PASSED: ("由拒绝变为通过", "refused, would pass"),
        Change.LEVEL: ("保证级别改变", "other assurance level"),
        Change.MODEL: ("信任模型改变", "other trust model"),
        Change.REFERENCES: ("依据的协议或条目改变", "other agreement or entry"),
        Change.OTHER_REASON: ("仍拒绝，原因不同", "refused for another reason"),
        Change.NONE: ("不变", "unchanged"),
    }
)
CAUSES: Mapping[Cause, Words] = MappingProxyType(
    {
        Cause.SELF_ISSUED: ("自颁发的终端证书未留存", "self-issued end-entity certificates are not stored"),
        Cause.ISSUER_NOT_A_CA: (
            "所附颁发者并非 CA，未留存",
            "an issuer that came along was no CA's: not stored",
        ),
        Cause.BUDGET: ("路径搜索超出限额", "the path search ran, or may run, out of its budget"),
        Cause.NEW_ISSUER_KEY: (
            "出现未曾验证过的颁发者密钥",
            "an issuer key that the signature was not tried with",
        ),
        Cause.NEW_PATH: ("出现没有吊销状态的新路径", "a path whose revocation status was not stored"),
        Cause.STATUS_SIGNERS: (
            "吊销证据的签发者另有证书",
            "other certificates are known of those who may have signed the status evidence",
        ),
        Cause.NAMES: ("约束涉及未留存的名称", "names that are not stored are constrained"),
        Cause.IDENTITY: ("身份登记规则已不同", "identity numbers are read by other rules"),
        Cause.SM2_USER_ID: ("SM2 用户标识不同", "other SM2 user IDs"),
        Cause.ALGORITHMS: (
            "吊销证据按算法表的其他条目判定",
            "status evidence was judged by other rows of the algorithm table",
        ),
        Cause.UNREADABLE: ("提交的不是证书", "what was sent is no certificate"),
    }
)


def draw_impact(out: Console, impact: Impact, speech: Speech) -> None:
    """Counts first, then the groups that change, then the samples."""
    for kind, words in CHANGES.items():
        count = impact.changes.get(kind, 0)
        if count:
            out.print(Text(f"{count:>9}  {speech.say(*words)}"))
    for cause, count in impact.not_replayable.items():
        out.print(
            Text(f"{count:>9}  {speech.say('无法重判：', 'not replayable: ')}{speech.say(*CAUSES[cause])}")
        )
    if impact.unreadable:
        out.print(Text(f"{impact.unreadable:>9}  {speech.say('无法读取', 'unreadable')}"))
    if impact.drifted:
        told = speech.say(
            "现行策略的答复已与当时不同", "answered otherwise by the live policy than at the time"
        )
        out.print(Text(f"{impact.drifted:>9}  {told}"))
    _draw_groups(out, impact, speech)
    for sample in impact.samples:
        out.print(_sample(sample, speech))
    total = speech.say(
        f"共 {impact.requests} 条请求，{impact.flips} 条翻转",
        f"{impact.requests} request(s), {impact.flips} flip(s)",
    )
    out.print(Text(total, style="bold red" if impact.flips else "bold green"))


def _draw_groups(out: Console, impact: Impact, speech: Speech) -> None:
    groups: tuple[tuple[Words, Iterable[tuple[str, Flips]]], ...] = (
        (("认证机构", "authority"), ((_named(a), f) for a, f in impact.by_authority)),
        (("站点", "site"), impact.by_site),
        (("用途", "purpose"), impact.by_purpose),
        (("原因", "reason"), impact.by_reason),
        (
            ("受影响最多的机构与站点", "most affected: authority, site"),
            ((f"{_named(a)}, {printable(site) or '-'}", f) for (a, site), f in impact.most_affected),
        ),
    )
    for title, rows in groups:
        _draw_group(out, title, rows, speech)


def _draw_group(out: Console, title: Words, rows: Iterable[tuple[str, Flips]], speech: Speech) -> None:
    changed = [(label, flips) for label, flips in rows if flips.flips or flips.otherwise][:_ROWS]
    if not changed:
        return
    table = Table(box=None, pad_edge=False)
    table.add_column(speech.say(*title), overflow="fold")
    for words in (("→拒绝", "→refused"), ("→通过", "→passed"), ("其他", "other"), ("请求", "requests")):
        table.add_column(speech.say(*words), justify="right")
    for label, flips in changed:
        counts = (flips.to_refused, flips.to_passed, flips.otherwise, flips.requests)
        table.add_row(printable(label) or "-", *map(str, counts))
    out.print(table)


def _named(authority: Authority) -> str:
    return f"{printable(authority.name)} [{authority.fingerprint[:_SHORT] or '-'}]"


def _sample(sample: Compared, speech: Speech) -> Text:
    words = speech.say(*CHANGES[sample.change])
    return Text(
        f"{sample.target}  {printable(sample.site) or '-'}  {sample.purpose}  {words}: "
        f"{_outcome(sample.live)} → {_outcome(sample.draft)}"
    )


def _outcome(outcome: Outcome) -> str:
    if not outcome.passed:
        return outcome.reason
    by = ", ".join(outcome.references) or outcome.model
    return f"{outcome.indication.value} ({outcome.level or '-'}; {by})"
