"""policies/identity-registry.yaml: equal to the built-in table, read strictly, extended by operators."""

from __future__ import annotations

from pathlib import Path

import pytest

from ca_bridge.adapters.identity_registry_file import read_identity_registry
from ca_bridge.adapters.yaml_document import PolicyFileError
from ca_bridge.core.x509.identity_registry import REGISTRY, IdentityKind

POLICIES = Path(__file__).resolve().parents[2] / "policies"
SHIPPED = POLICIES / "identity-registry.yaml"
SCHEMA = POLICIES / "schema" / "identity-registry.schema.json"
ROW = 'oid: "{oid}", title: {{zh: 号码, en: Number}}, kind: {kind}, owner: Test, confidence: B, source: Test'


def _file(folder, *rows):
    path = folder / "own.yaml"
    path.write_text("version: 1\nrows:\n" + "".join(f"  - {{{row}}}\n" for row in rows), "utf-8")
    return path


def _row(oid="2.999.1", kind="organization_code", more=""):
    return ROW.format(oid=oid, kind=kind) + more


def test_shipped_file_is_the_built_in_table():
    assert read_identity_registry(SHIPPED, SCHEMA) == REGISTRY


def test_operators_add_and_replace_rows(tmp_path):
    key = f", issuer_keys: [{'ab' * 32}], issuers: [Test CA]"
    own = _file(
        tmp_path, _row(), _row("1.2.86.11.7.4", "unified_social_credit_code"), _row("1.2.86.11.7.3", more=key)
    )
    rules = read_identity_registry(SHIPPED, SCHEMA, own)
    assert len(rules) == len(REGISTRY) + 2
    by_oid = {rule.oid: rule for rule in rules if not rule.issuers}
    assert by_oid["1.2.86.11.7.4"].kind is IdentityKind.UNIFIED_SOCIAL_CREDIT_CODE
    assert by_oid["1.2.86.11.7.3"].owner == ""
    limited = rules[-1]
    assert (limited.oid, limited.issuers, limited.issuer_keys) == (
        "1.2.86.11.7.3",
        ("Test CA",),
        ("ab" * 32,),
    )


@pytest.mark.parametrize(
    ("rows", "line", "message"),
    [
        ([_row(), _row()], 4, "2.999.1 has a row above for the same CAs"),
        ([_row(more=", issuers: [A]"), _row(more=", issuers: [a]")], 4, "2.999.1 has a row above"),
        ([_row(more=", surprise: 1")], 3, "unknown key 'surprise'"),
        ([_row(oid="2.999.01")], 3, "does not match"),
        ([_row(kind="shoe_size")], 3, "is not one of"),
        ([_row(more=", decoding: identify_code")], 3, "'resident_id' was expected"),
        ([_row(more=", issuer_keys: [AB]")], 3, "does not match"),
    ],
)
def test_bad_rows_are_refused_with_their_line(tmp_path, rows, line, message):
    with pytest.raises(PolicyFileError) as caught:
        read_identity_registry(SHIPPED, SCHEMA, _file(tmp_path, *rows))
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("own.yaml", line)
    assert message in problem.message_en
