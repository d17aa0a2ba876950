"""A checked receipt as people and programs see it: nothing it says is shown unless it holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ca_bridge.core.reasons import CATALOGUE
from ca_bridge.core.reasons.model import Indication
from ca_bridge.core.receipt.checking import ReceiptCheck
from ca_bridge.core.receipt.extension_lines import said
from ca_bridge.core.receipt.reading import Receipt
from ca_bridge.interfaces.cli.language import Speech
from ca_bridge.interfaces.cli.words import INDICATIONS, Words
from ca_bridge.services.printable import printable

Matches = dict[str, bool]
_LONGEST = 4096
_HEADLINES: dict[str, tuple[str, Words]] = {
    "holds": ("✔", ("回执成立", "The receipt holds")),
    "does_not_hold": ("✘", ("回执不成立：不可采信", "The receipt does not hold: believe nothing of it")),
    "undecided": (
        "?",
        ("无法判定：缺少所需公钥，暂不可采信", "Undecided: a key is not known; believe nothing of it yet"),
    ),
}
# Members of the statement a reader asks for first; (zh, en).
_MEMBERS: tuple[tuple[str, Words], ...] = (
    ("sub_indication", ("子结论", "sub-indication")),
    ("time", ("判定时间", "decided at")),
    ("validation_time", ("按此时间判定", "judged as of")),
    ("certificate_sha256", ("证书 SHA-256", "certificate, SHA-256")),
    ("request_sha256", ("请求 SHA-256", "request, SHA-256")),
    ("request_id", ("请求编号", "request")),
    ("application", ("应用", "application")),
    ("domain", ("信任域", "domain")),
    ("purpose", ("用途", "purpose")),
    ("level", ("互认等级", "level")),
    ("node", ("节点", "node")),
)
_MATCHES: dict[str, tuple[Words, Words]] = {
    "certificate": (
        ("所述证书即此证书", "It is about this certificate"),
        ("所述证书不是此证书", "It is about another certificate"),
    ),
    "request": (
        ("所答请求即此请求", "It answers this request"),
        ("所答请求不是此请求", "It answers another request"),
    ),
}


def outcome(check: ReceiptCheck) -> str:
    """Whether it "holds", "does_not_hold", or is "undecided"."""
    if check.holds:
        return "holds"
    return "undecided" if check.undecided else "does_not_hold"


def fields(check: ReceiptCheck, matches: Matches) -> dict[str, Any]:
    """For programs; ``statement`` and ``log`` are None unless the receipt holds."""
    receipt = check.receipt if check.holds else None
    return {
        "outcome": outcome(check),
        "findings": [
            {"code": one.fault.value, "key": one.key, "message": texts[1], "message_zh": texts[0]}
            for one in check.findings
            for texts in (one.texts(),)
        ],
        "matches": matches,
        "statement": None if receipt is None else dict(receipt.statement),
        "log": None if receipt is None else _log(receipt),
    }


def lines(check: ReceiptCheck, matches: Matches, speech: Speech) -> Iterator[str]:
    """For people, made safe to show."""
    mark, words = _HEADLINES[outcome(check)]
    yield f"{mark} {speech.say(*words)}"
    for finding in check.findings:
        yield f"  ✘ {printable(speech.say(*finding.texts()), _LONGEST)}"
    if check.holds and check.receipt is not None:
        for line in _said_lines(check.receipt, speech):
            yield f"  {printable(line, _LONGEST)}"
    for name, same in matches.items():
        yield f"{'✔' if same else '✘'} {speech.say(*_MATCHES[name][not same])}"


def _said_lines(receipt: Receipt, speech: Speech) -> Iterator[str]:
    statement = receipt.statement
    yield f"{speech.say('结论', 'verdict')}: {_verdict(statement.get('indication'), speech)}"
    yield from (f"  {line}" for line in _reasons(statement.get("reasons"), speech))
    for name, words in _MEMBERS:
        if statement.get(name) not in (None, ""):
            yield f"{speech.say(*words)}: {statement[name]}"
    release = statement.get("release")
    if isinstance(release, dict):
        yield f"{speech.say('策略版本', 'release')}: {release.get('number')}:{release.get('sha256')}"
    log = _log(receipt)
    place = f"{log['origin']} [{log['index']}] / {log['tree_size']}"
    yield f"{speech.say('日志', 'log')}: {place}"
    yield f"{speech.say('签名时间', 'signed at')}: {log['time']}"
    for key in log["keys"]:
        kept = f"{speech.say('保管', 'kept')}: {key['custody']}"
        yield f"{speech.say('签名密钥', 'key')}: {key['key_id']} ({kept})"


def _verdict(indication: object, speech: Speech) -> str:
    known = next((one for one in Indication if one.value == indication), None)
    return str(indication) if known is None else f"{known.value}: {speech.say(*INDICATIONS[known][2])}"


def _reasons(reasons: object, speech: Speech) -> Iterator[str]:
    """Codes, and what they mean where that needs no particulars: a receipt holds none."""
    for one in reasons if isinstance(reasons, list) else ():
        code = one.get("code") if isinstance(one, dict) else one
        known = CATALOGUE.get(str(code))
        if known is None or known.params:
            yield str(code)
        else:
            yield f"{code}: {speech.say(known.message_zh, known.message_en)}"


def _log(receipt: Receipt) -> dict[str, Any]:
    extensions = receipt.checkpoint.extensions
    keys = (line.split(" ")[1] for line in extensions if line.startswith("custody "))
    return {
        "origin": receipt.origin,
        "index": receipt.index,
        "tree_size": receipt.tree_size,
        "time": said(extensions, "time"),
        "node": said(extensions, "node"),
        "keys": [{"key_id": key, "custody": said(extensions, f"custody {key}")} for key in keys],
    }
