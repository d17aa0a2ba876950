"""How `ca-bridge bridge` speaks: certificates, CRLs and refusals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import click

from ca_bridge.interfaces.cli.release_view import (
    INDETERMINATE,
    LONGEST,
    REFUSED,
    Output,
    Words,
    draw_fields,
    draw_table,
    json_text,
    refusals,
)
from ca_bridge.services.bridge_ca.desk import (
    bridge_refusal_fields,
    certificate_fields,
    crl_fields,
    event_fields,
)
from ca_bridge.services.bridge_ca.model import IssuedCertificate, RevocationEvent, StoredCrl
from ca_bridge.services.issue_cross_certificate.errors import BridgeRefused
from ca_bridge.services.printable import printable
from ca_bridge.services.signing import SignerUnavailable

_OPEN = "-"
_SIGNER = {
    "code": "SIGNER_UNAVAILABLE",
    "must_act": "operator",
    "message_zh": "签名密钥目前无法使用",
    "message_en": "the signing key cannot be used now",
    "remedy_zh": "请检查密码设备，然后重试；未产生任何签名结果",
    "remedy_en": "look at the token, and try again; nothing that was signed has left it",
}
_ACTORS: Mapping[str, Words] = MappingProxyType(
    {
        "member": ("成员 CA", "the member CA"),
        "parties": ("协议各方", "the parties to the agreement"),
        "operator": ("桥接 CA 运营者", "the operator of the bridge CA"),
    }
)
_STATES: Mapping[str, Words] = MappingProxyType(
    {
        "good": ("有效", "good"),
        "revoked": ("已撤销", "revoked"),
        "on_hold": ("暂停", "on hold"),
        "unfinished": ("未完成签发", "unfinished"),
    }
)
_CERTIFICATE: tuple[tuple[str, Words], ...] = (
    ("issuer", ("签发者", "issuer")),
    ("serial_number", ("序列号", "serial number")),
    ("subject", ("主体", "subject")),
    ("subject_domain", ("成员域", "member's domain")),
    ("agreement", ("协议", "agreement")),
    ("release", ("发布版本", "release")),
    ("not_before", ("生效", "not before")),
    ("not_after", ("到期", "not after")),
)
_LISTED = (*_CERTIFICATE[:2], ("status", ("状态", "status")), *_CERTIFICATE[2:5], _CERTIFICATE[7])
_CRL: tuple[tuple[str, Words], ...] = (
    ("issuer", ("签发者", "issuer")),
    ("number", ("编号", "number")),
    ("base", ("依据", "base")),
    ("this_update", ("本次更新", "this update")),
    ("next_update", ("下次更新", "next update")),
)
_EVENT: tuple[tuple[str, Words], ...] = (
    ("serial_number", ("序列号", "serial number")),
    ("reason", ("原因", "reason")),
    ("time", ("时间", "time")),
)


@contextmanager
def bridge_refusals(out: Output) -> Iterator[None]:
    """A refusal ends the command: exit 1 with its code, texts and who must act; 3 = not known now."""
    try:
        with refusals(out):
            yield
    except BridgeRefused as refused:
        _show_refusal(out, bridge_refusal_fields(refused))
        raise SystemExit(REFUSED) from refused
    except SignerUnavailable as error:
        _show_refusal(out, _SIGNER | {"params": {"cause": printable(str(error))}})
        raise SystemExit(INDETERMINATE) from error


def _show_refusal(out: Output, fields: Mapping[str, Any]) -> None:
    if out.as_json:
        click.echo(json_text({"refused": fields}))
        return
    say = out.speech.say
    lines = (
        f"{fields['code']}: {say(fields['message_zh'], fields['message_en'])}",
        f"→ {say(fields['remedy_zh'], fields['remedy_en'])}",
        f"→ {say('由谁处理', 'who must act')}: {say(*_ACTORS[fields['must_act']])}",
    )
    for line in lines:
        click.echo(printable(line, 4 * LONGEST), err=True)


def say_certificate(out: Output, issued: IssuedCertificate, pem: str) -> None:
    """A certificate that was issued; ``pem`` comes with it as JSON."""
    fields = certificate_fields(issued)
    rows = [(words, fields[name]) for name, words in _CERTIFICATE]
    out.say({"certificate": fields | {"pem": pem}}, draw_fields(out.speech, rows))


def say_certificates(out: Output, issued: Iterable[IssuedCertificate]) -> None:
    """All certificates, in a table."""
    found = [certificate_fields(one) for one in issued]
    say = out.speech.say
    titles = [say(*words) for _, words in _LISTED]
    rows = [
        [say(*_STATES[row[name]]) if name == "status" else row[name] for name, _ in _LISTED] for row in found
    ]
    out.say({"certificates": found}, draw_table(titles, rows))


def say_crls(out: Output, crls: Iterable[StoredCrl]) -> None:
    """CRLs that were issued."""
    found = [crl_fields(crl) for crl in crls]
    rows = [[_OPEN if row[name] is None else row[name] for name, _ in _CRL] for row in found]
    out.say({"crls": found}, draw_table([out.speech.say(*words) for _, words in _CRL], rows))


def say_event(out: Output, event: RevocationEvent) -> None:
    """A revocation."""
    fields = event_fields(event)
    out.say({"revocation": fields}, draw_fields(out.speech, [(words, fields[n]) for n, words in _EVENT]))
