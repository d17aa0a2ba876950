"""`ca-bridge matrix` and `ca-bridge conflicts` as a person and as a program read them."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner, Result

from ca_bridge.core.recognition.analysis.facts import KnownFacts
from ca_bridge.core.recognition.policy import RecognitionPolicy
from ca_bridge.interfaces.cli.analysis import analysis_commands
from ca_bridge.services.recognition_analysis import Analysed, matrix_diff_data
from tests.recognition.big_policy import AT, BRIDGES, bridge_scheme, digest
from tests.recognition.test_analysis_matrix import RELYING, entry, listing
from tests.recognition.test_analysis_planted import FACTS, PLANTED

CLEAN = Analysed(policy=bridge_scheme(), at=AT, facts=KnownFacts(bridge_domains=BRIDGES))


def planted() -> Analysed:
    policy: RecognitionPolicy = bridge_scheme()
    for plant in PLANTED:
        policy = plant(policy)
    return Analysed(policy=policy, at=AT, facts=FACTS)


def run(what: Analysed, *arguments: str) -> Result:
    commands = {command.name: command for command in analysis_commands(lambda: what)}
    return CliRunner().invoke(commands[arguments[0]], arguments[1:])


def test_clean_policy() -> None:
    result = run(CLEAN, "conflicts", "--lang", "both")
    assert (result.exit_code, result.output) == (0, "0 处冲突 / 0 conflict(s)\n")


def test_conflicts_for_a_person() -> None:
    result = run(planted(), "conflicts", "--lang", "both")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[:6] == [
        "✘ mapping_cycle_raises_level  guangdong",
        "    guangdong 定为 low 的策略 2.999.1.13 经映射绕回后成为 high（2.999.1.11）。",
        "    What guangdong grades low (2.999.1.13) returns by mappings as high (2.999.1.11).",
        "      guangdong 2.999.1.11 → isle 2.999.1.12  [high, gd-isle]",
        "      isle 2.999.1.12 → guangdong 2.999.1.13  [medium, isle-gd]",
        "    → 请降低该环路上某一映射的级别，或删除其中一个映射。",
    ]
    assert lines[-1] == "8 处冲突 / 8 conflict(s)"
    assert "7 more: --limit or --json" in run(planted(), "conflicts", "--lang", "en", "--limit", "1").output


def test_conflicts_for_a_program() -> None:
    result = run(planted(), "conflicts", "--json")
    data = json.loads(result.output)
    assert (result.exit_code, data["at"], len(data["conflicts"])) == (1, "2026-06-01T00:00:00Z", 8)
    (inhibited,) = (c for c in data["conflicts"] if c["kind"] == "mapping_inhibited")
    assert [c["inhibit_policy_mapping"] for c in inhibited["certificates"]] == [0, None]
    assert inhibited["certificates"][0]["issuer_ca"] == "shenzhen/shenzhen-ca0"
    for conflict in data["conflicts"]:
        for text in (*conflict["message"].values(), *conflict["remedy"].values()):
            assert text
            assert "{" not in text


def test_matrix_for_a_person() -> None:
    result = run(CLEAN, "matrix", "--lang", "en", "--limit", "3")
    assert result.exit_code == 0
    assert [line.split() for line in result.output.splitlines()[:2]] == [
        ["relies", "on", "level", "CAs", "by"],
        ["bridge", "guangdong", "high", "1", "×", "1", "guangdong-bridge-rsa"],
    ]
    assert result.output.splitlines()[-1] == "17 more: --limit or --json"


def test_matrix_of_a_trust_list() -> None:
    listed = listing(entry("personal", digest("certificate b-ca")), entry("other", digest("?"), "high"))
    what = Analysed(policy=listed, at=AT, facts=RELYING)
    assert "hk/personal" in run(what, "matrix").output
    reaches = json.loads(run(what, "matrix", "--json").output)["reaches"]
    assert [(r["subject"], r["basis"], r["level"]) for r in reaches if r["basis"] == "trust_list"] == [
        ("b/b-ca", "trust_list", "-"),
        ("hk/other", "trust_list", "high"),
    ]
    step = {"relying_domain": "a", "trust_list": "hk", "entry": "personal", "level": "-"}
    assert [step] in [r["witness"] for r in reaches]


def test_another_instant() -> None:
    assert run(CLEAN, "matrix", "--at", "2040-01-01", "--lang", "en").output.splitlines() == [
        "at 2040-01-01T00:00:00Z no domain relies on another: no agreement and no entry is in force"
    ]
    later = json.loads(run(CLEAN, "conflicts", "--json", "--at", "2040-01-01").output)
    assert later["at"] == "2040-01-01T00:00:00Z"
    assert {c["cause"] for c in later["conflicts"]} == {"agreement_expired", "no_agreement"} - {
        "no_agreement"
    }
    unusable = run(CLEAN, "matrix", "--at", "soon")
    assert unusable.exit_code == 2
    assert "--at" in unusable.output


def test_diff_as_data() -> None:
    without = replace(CLEAN, policy=replace(CLEAN.policy, agreements=CLEAN.policy.agreements[:-2]))
    changes = matrix_diff_data(CLEAN, without)["changes"]
    assert len(changes) == 8
    assert {c["change"] for c in changes} == {"lost"}
    assert {"shenzhen/shenzhen-ca0"} < {c["relying_ca"] for c in changes} | {c["subject_ca"] for c in changes}
    assert changes[0]["before"] == "high"
    assert changes[0]["after"] is None
    assert len(changes[0]["witness"]) == 1
    assert [c["after"] for c in matrix_diff_data(without, CLEAN)["changes"]] == ["high"] * 8


def test_hostile_names_are_made_safe() -> None:
    named = replace(CLEAN.policy.domains[0], name="evil\x1b[31m\u202e")
    what = replace(CLEAN, policy=replace(CLEAN.policy, domains=(named, *CLEAN.policy.domains[1:])))
    for arguments in (("matrix", "--json"), ("conflicts",), ("matrix",)):
        output = run(what, *arguments).output
        assert "\x1b" not in output
        assert "\u202e" not in output


@pytest.mark.parametrize("command", ["matrix", "conflicts"])
def test_help_in_both_languages(command: str) -> None:
    assert "时间" in run(CLEAN, command, "--help").output
