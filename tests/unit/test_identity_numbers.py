"""Check characters of organisation and resident numbers, against published samples."""

from __future__ import annotations

import pytest

from ca_bridge.core.x509.identity_numbers import (
    is_resident_shaped,
    is_uscc_shaped,
    organization_code_check,
    resident_check,
    uscc_check,
)

_USCC = "91350100M000100Y43"
_RESIDENT = "11010519491231002X"


def test_published_unified_code_passes():
    assert uscc_check(_USCC)


@pytest.mark.parametrize("at", range(18))
def test_unified_code_with_one_character_changed_fails(at):
    changed = _USCC[:at] + ("2" if _USCC[at] != "2" else "3") + _USCC[at + 1 :]
    assert not uscc_check(changed)


def test_unified_code_needs_a_right_organization_code_inside():
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    wrong = "91350100M000100Y5"
    total = sum(alphabet.index(c) * pow(3, i, 31) for i, c in enumerate(wrong))
    assert not uscc_check(wrong + alphabet[-total % 31])


@pytest.mark.parametrize("text", ["", _USCC[:17], _USCC + "0", _USCC.lower(), "I" + _USCC[1:]])
def test_unified_code_shape(text):
    assert not is_uscc_shaped(text)
    assert not uscc_check(text)


@pytest.mark.parametrize("text", ["D2143569X", "D2143569-X", "70846113-6"])
def test_organization_code_passes(text):
    assert organization_code_check(text)


@pytest.mark.parametrize("text", ["D21435690", "D2143569", "d2143569X", "70846113--6"])
def test_organization_code_fails(text):
    assert not organization_code_check(text)


@pytest.mark.parametrize("text", [_RESIDENT, "440524188001010014"])
def test_resident_number_passes(text):
    assert resident_check(text)


@pytest.mark.parametrize(
    "text", ["110105194912310021", "11010519490231002X", "11010517491231002X", "110105491231002", ""]
)
def test_resident_number_fails(text):
    assert not resident_check(text)


def test_old_resident_number_has_the_shape_only():
    assert is_resident_shaped("110105491231002")
    assert not is_resident_shaped("110105491331002")
