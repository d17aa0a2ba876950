"""Trust-list pages by CSV: the published form, missing pins, spreadsheets' formulas, bounds."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ca_bridge.core.recognition.agreement import ANYTHING
from ca_bridge.core.recognition.trust_list import AuthorityPin, FormerAuthorities, UndatedHistory
from ca_bridge.services import trust_list_csv
from ca_bridge.services.trust_list_csv import COLUMNS, read_page, write_page
from ca_bridge.services.trust_list_exchange.errors import ExchangeCode, TrustListRefused
from ca_bridge.services.trust_list_exchange.plain_data import entry_data
from tests.recognition.exchange import ARC, entry, pin

PLAIN = entry(conditions=ANYTHING)
PAGE = {
    "kind": "current",
    "entry": "hk-ecert-personal",
    "title_en": "e-Cert (Personal) with Mutual Recognition Status",
    "title_zh": "具有互認地位的電子證書（個人）",
    "regulator": "OGCIO",
    "authority": "Postmaster General",
    "status": "active",
    "validity_period_of_mr_status": "From 00:00 11 July 2015 to until further notice",
    "root_certificate": "Hongkong Post Root CA 2",
    "root_sha256": "A" * 64,
    "signing_certificate": "Hongkong Post e-Cert CA 2 – 15",
    "signing_sha256": "b" * 64,
    "certificate_type_name": "“Hongkong Post e-Cert (Personal)”",
    "oid_of_mr_certificate_policy": "certificatePolicies.policyIdentifier = 2.16.344.8.2.2008.810.2.xxxx.x.x",
}
FORMER = {
    "kind": "former",
    "root_certificate": "Hongkong Post Root CA 1",
    "root_sha256": "c" * 64,
    "signing_certificate": "Hongkong Post e-Cert CA 1 – 10",
    "signing_sha256": "d" * 64,
    "undated": "accept",
}


def page(*rows: dict[str, str], head: tuple[str, ...] = COLUMNS) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows([[row.get(name, "") for name in COLUMNS] for row in rows])
    return out.getvalue().encode()


def refused(raw: bytes) -> TrustListRefused:
    with pytest.raises(TrustListRefused) as caught:
        read_page(raw)
    return caught.value


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_page_as_published(mark: bytes) -> None:
    found = read_page(mark + page(PAGE, FORMER))
    assert found.problems == ()
    (row,) = found.entries
    assert row["recognised_from"] == "2015-07-10T16:00:00Z"
    assert "recognised_until" not in row
    assert row["policy_arcs"] == [ARC]
    assert "policies" not in row
    assert row["type_name"] == "Hongkong Post e-Cert (Personal)"
    assert row["issuers"] == [{"sha256": "b" * 64, "name": "Hongkong Post e-Cert CA 2 – 15"}]
    assert row["roots"] == [{"sha256": "a" * 64, "name": "Hongkong Post Root CA 2"}]
    assert row["status"] == "active"
    assert row["history"] == [
        {
            "roots": [{"sha256": "c" * 64, "name": "Hongkong Post Root CA 1"}],
            "issuers": [{"sha256": "d" * 64, "name": "Hongkong Post e-Cert CA 1 – 10"}],
            "undated": "accept",
        }
    ]


def test_row_without_pin_is_a_draft() -> None:
    found = read_page(page(PAGE | {"signing_sha256": ""}))
    assert found.entries[0]["status"] == "draft"
    assert found.entries[0]["issuers"] == []
    (problem,) = found.problems
    assert problem.number == 2
    assert "e-Cert CA 2 – 15" in problem.message_en
    assert "e-Cert CA 2 – 15" in problem.message_zh


def test_active_row_without_name_and_pin_is_a_draft() -> None:
    found = read_page(page(PAGE | {"root_certificate": "", "root_sha256": ""}))
    assert found.entries[0]["status"] == "draft"


def test_second_issuer_without_pin_makes_a_draft() -> None:
    found = read_page(page(PAGE | {"signing_certificate": "One\nTwo"}))
    assert found.entries[0]["status"] == "draft"
    assert found.entries[0]["issuers"] == [{"sha256": "b" * 64, "name": "One"}]


def test_former_row_without_pin_counts_never() -> None:
    dated = FORMER | {"validity_period_of_mr_status": "2012-01-01T00:00:00Z/2015-01-01T00:00:00Z"}
    found = read_page(page(PAGE, dated | {"root_sha256": "", "undated": ""}))
    assert found.entries[0]["status"] == "active"
    assert found.entries[0]["history"] == [
        {
            "roots": [],
            "issuers": [{"sha256": "d" * 64, "name": FORMER["signing_certificate"]}],
            "undated": "refuse",
        }
    ]
    assert len(found.problems) == 1


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        (
            "From 00:00  11 July 2015 to 00:00 1 January 2027",
            "2015-07-10T16:00:00Z",
            "2026-12-31T16:00:00Z",
        ),
        ("2015-07-10T16:00:00Z/..", "2015-07-10T16:00:00Z", None),
        ("2015-07-11T00:00:00+08:00/2016-01-01T00:00:00Z", "2015-07-10T16:00:00Z", "2016-01-01T00:00:00Z"),
    ],
)
def test_intervals(text: str, since: str, until: str | None) -> None:
    row = read_page(page(PAGE | {"validity_period_of_mr_status": text})).entries[0]
    assert (row["recognised_from"], row.get("recognised_until")) == (since, until)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "../2016-01-01T00:00:00Z",
        "From 24:00 11 July 2015 to until further notice",
        "From 00:00 31 June 2015 to until further notice",
        "From 00:00 11 Juli 2015 to until further notice",
        "From 00:00 1 January 0000 to until further notice",
        "From 00:00 1 January 0001 to until further notice",
        "11/07/2015",
        "2015-07-10/..",
        "2015-07-10T16:00:00Z",
    ],
)
def test_unreadable_intervals(text: str) -> None:
    fault = refused(page(PAGE | {"validity_period_of_mr_status": text}))
    assert fault.code is ExchangeCode.MALFORMED
    assert fault.params["element"] == "row 2: validity_period_of_mr_status"


@pytest.mark.parametrize(
    ("cell", "arcs", "policies"),
    [
        (f"{ARC}.xxxx.x.x", [ARC], None),
        (f"{ARC}.2018.1.1", None, [f"{ARC}.2018.1.1"]),
        (f"{ARC}.2018.x\n2.999.7", [f"{ARC}.2018"], ["2.999.7"]),
    ],
)
def test_policies(cell: str, arcs: list[str] | None, policies: list[str] | None) -> None:
    row = read_page(page(PAGE | {"oid_of_mr_certificate_policy": cell})).entries[0]
    assert (row.get("policy_arcs"), row.get("policies")) == (arcs, policies)


@pytest.mark.parametrize("cell", ["2.16.x.1", "abc", f"{ARC}.*", f"{ARC}..x"])
def test_unreadable_policies(cell: str) -> None:
    fault = refused(page(PAGE | {"oid_of_mr_certificate_policy": cell}))
    assert fault.params["element"] == "row 2: oid_of_mr_certificate_policy"


@pytest.mark.parametrize(
    ("raw", "element"),
    [
        (b"\xff\xfe", "CSV"),
        (page(head=COLUMNS[1:]), "row 1"),
        (page() + b"a,b\r\n", "row 2"),
        (page() + b'"a', "CSV"),
        (page(FORMER), "row 2: kind"),
        (page(PAGE, FORMER | {"entry": "another"}), "row 3: kind"),
        (page(PAGE | {"kind": "future"}), "row 2: kind"),
        (page(PAGE | {"root_sha256": "a\nb"}), "row 2: root_sha256"),
    ],
)
def test_malformed(raw: bytes, element: str) -> None:
    fault = refused(raw)
    assert (fault.code, fault.params["element"]) == (ExchangeCode.MALFORMED, element)


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(page(PAGE | {"title_en": "a" * 20_000})).code is ExchangeCode.TOO_LARGE
    monkeypatch.setattr(trust_list_csv, "MAX_CSV_ROWS", 1)
    assert read_page(page(PAGE)).entries
    assert refused(page(PAGE, FORMER)).code is ExchangeCode.TOO_LARGE
    monkeypatch.setattr(trust_list_csv, "MAX_BYTES", 10)
    assert refused(page()).code is ExchangeCode.TOO_LARGE


def test_round_trip() -> None:
    ended = replace(
        PLAIN,
        identifier="ended",
        recognised_until=datetime(2027, 1, 1, 0, 0, 1, tzinfo=UTC),
        history=(
            FormerAuthorities(
                roots=(), issuers=(), until=PLAIN.recognised_from, undated=UndatedHistory.REFUSE
            ),
        ),
    )
    page_of_both = read_page(write_page((PLAIN, ended)))
    assert list(page_of_both.entries) == [entry_data(PLAIN), entry_data(ended)]
    assert page_of_both.problems == ()


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "'=1", "＝1", "''@x"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text: str) -> None:
    value = replace(PLAIN, regulator=text, history=())
    raw = write_page((value,))
    cells = [cell for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")) for cell in row]
    assert f"'{text}" in cells
    assert not any(cell[:1] in tuple("=+-@\t\r＝＋－＠") for cell in cells)
    assert read_page(raw).entries[0]["regulator"] == text


@pytest.mark.parametrize(
    ("changed", "element"),
    [
        ({"conditions": entry().conditions}, "conditions"),
        ({"sources": ("a\nb",)}, "sources"),
        ({"issuers": (AuthorityPin(sha256="a" * 64, name="two\nlines"),)}, None),
        ({"issuers": (replace(pin("x"), name=" padded "),)}, "issuers"),
    ],
)
def test_what_a_page_cannot_say(changed: dict, element: str | None) -> None:
    with pytest.raises(TrustListRefused) as caught:
        write_page((replace(PLAIN, **changed),))
    assert caught.value.code is ExchangeCode.NOT_EXPRESSIBLE
    if element:
        assert caught.value.params == {"entry": "hk-personal", "element": element}


def test_blank_rows_and_a_name_without_quotation_marks() -> None:
    raw = page(PAGE | {"certificate_type_name": "Hongkong Post e-Cert"}) + b"," * (len(COLUMNS) - 1) + b"\r\n"
    (row,) = read_page(raw).entries
    assert row["type_name"] == "Hongkong Post e-Cert"
