"""Two ceremonies at once make one key; one that is killed in the middle is found, and makes none."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from ca_bridge.adapters.hsm_workshop import HsmBench, HsmWorkshop
from ca_bridge.adapters.key_plan_file import read_plan_file
from ca_bridge.services.key_management.approval import approval_text
from ca_bridge.services.key_management.ceremony_checks import wish_of
from ca_bridge.services.key_management.model import CeremonyState, KeyPlan, KeyState
from ca_bridge.services.key_management.ports import RegisterState
from ca_bridge.services.key_management.refusal import KeyRefused
from ca_bridge.services.manage_recognition.account_text import accounts_text
from hsm.softkey import SoftKeyToken
from hsm.token import KeyKind
from tests.hsm.soft_store import made, open_store
from tests.keys.key_house import KeyHouse, operator

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.filterwarnings("ignore::hsm.softkey.SoftKeyWarning")


def prepared(house: KeyHouse, **changes: object) -> KeyPlan:
    """A plan with the files of its approvals, for a child."""
    file = house.file(house.data(**changes))
    plan = read_plan_file(file)
    (house.place / "accounts.json").write_text(accounts_text(house.accounts))
    for approval in house.approvals(plan):
        text = approval_text(approval.statement, approval.proof)
        (house.place / f"approval-{approval.account}.json").write_text(text)
    return plan


def child(house: KeyHouse, url: str, moment: str, plan: str = "plan.yaml") -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.keys.ceremony_child", url]
    return subprocess.Popen(
        [*words, str(house.place), str(house.place / plan), moment],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_hold_one_plan(sql_house: KeyHouse, key_url: str) -> None:
    prepared(sql_house)
    children = [child(sql_house, key_url, "meet") for _ in range(3)]
    for one in children:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in children:
        assert one.stdin is not None
        one.stdin.write("go\n")
        one.stdin.flush()
    told = sorted(one.communicate(timeout=60)[0].strip() for one in children)
    (key,) = sql_house.register.state().keys
    assert told == ["KEY_PLAN_EXECUTED", "KEY_PLAN_EXECUTED", key.key_id]
    assert sql_house.made_spkis() == [key.spki]
    (ceremony,) = sql_house.register.state().ceremonies
    assert ceremony.state is CeremonyState.DONE


def test_two_plans_for_one_place_in_the_order(sql_house: KeyHouse) -> None:
    """Different plans, each approved, for a current receipt key: one key is made."""
    plans = [sql_house.plan() for _ in range(2)]
    approvals = [sql_house.approvals(plan) for plan in plans]
    barrier, told = threading.Barrier(2), []

    def hold(number: int) -> None:
        barrier.wait()
        try:
            told.append(sql_house.desk.ceremonies.make(plans[number], approvals[number]).key.key_id)
        except KeyRefused as refused:
            told.append(refused.refusal.code)

    threads = [threading.Thread(target=hold, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (key,) = sql_house.register.state().keys
    told.remove(key.key_id)
    assert told[0] in ("KEY_CEREMONY_OPEN", "KEY_CURRENT_EXISTS")
    assert len(open_store(sql_house.store).keys()) == 1


@pytest.mark.parametrize(("moment", "on_token"), [("intended", False), ("generated", True), ("signed", True)])
def test_killed_in_the_middle(sql_house: KeyHouse, key_url: str, moment: str, *, on_token: bool) -> None:
    house = sql_house
    plan = prepared(house)
    died = child(house, key_url, moment)
    assert died.communicate(timeout=60)[0] == ""
    assert died.returncode == -9
    state = house.register.state()
    assert state.keys == (), "a key whose making nobody saw the end of is no key"
    assert [c.state for c in state.ceremonies] == [CeremonyState.INTENDED]
    (broken,) = house.desk.broken()
    assert (broken.ceremony.plan_sha256, broken.on_token) == (plan.sha256, on_token)
    assert [entry["status"] for entry in house.entries()] == ["intended"]

    refused = house.refusal(lambda: house.hold(plan, ()))
    assert (refused.refusal.code, refused.params["state"]) == ("KEY_PLAN_EXECUTED", "intended")
    other = house.plan(key={"uri": house.uri("other", 9)})
    assert house.refusal(lambda: house.hold(other, ())).refusal.code == "KEY_CEREMONY_OPEN"
    house.desk.steps.abandon(plan.sha256, operator())
    left = [one.ceremony.plan_sha256 for one in house.desk.broken()]
    assert left == ([plan.sha256] if on_token else []), "told of until the token is cleared"
    assert [c.state for c in house.register.state().ceremonies] == [CeremonyState.FAILED]
    assert house.refusal(lambda: house.hold(plan, ())).refusal.code == "KEY_PLAN_EXECUTED"
    assert house.hold(other).key.key_id == house.register.state().keys[0].key_id
    same = house.plan(key={"uri": read_uri(plan), "state": "next"})
    assert house.refusal(lambda: house.hold(same, ())).refusal.code == "KEY_PLACE_TAKEN"


def read_uri(plan: KeyPlan) -> str:
    assert plan.wish is not None
    return plan.wish.uri


def test_abandoned_while_it_runs(house: KeyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody closes the ceremony between making and registering: nothing is registered."""
    plan = house.plan()
    approvals = house.approvals(plan)
    make = HsmBench.make

    def slow(*arguments: object) -> object:
        made = make(*arguments)  # type: ignore[arg-type]
        house.desk.steps.abandon(plan.sha256, operator())
        return made

    monkeypatch.setattr(HsmBench, "make", slow)
    with pytest.raises(KeyRefused) as caught:
        house.hold(plan, approvals)
    assert caught.value.refusal.code == "KEY_CEREMONY_FAILED"
    state = house.register.state()
    assert (state.keys, [c.state for c in state.ceremonies]) == ((), [CeremonyState.FAILED])
    assert state.ceremonies[0].detail == "key_ceremony_abandonment"
    assert house.made_spkis() == []


def test_rotated_while_it_runs(house: KeyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key becomes current while another, planned as current, is being made."""
    following = house.made(state="next").key
    plan = house.plan()
    approvals = house.approvals(plan)
    make = HsmBench.make

    def slow(*arguments: object) -> object:
        made = make(*arguments)  # type: ignore[arg-type]
        house.desk.steps.rotate(following.key_id, operator())
        return made

    monkeypatch.setattr(HsmBench, "make", slow)
    with pytest.raises(KeyRefused) as caught:
        house.hold(plan, approvals)
    assert "KEY_CURRENT_EXISTS" in caught.value.params["cause"]
    assert [key.key_id for key in house.register.state().keys] == [following.key_id]


def test_log_key_that_cannot_sign(house: KeyHouse) -> None:
    """Found out before the intent: the plan is not used up."""
    house.made(use="log", kind="ed25519")
    (file,) = house.store.glob("*.pem")
    content = file.read_bytes()
    file.unlink()
    plan = house.plan()
    approvals = house.approvals(plan)
    refused = house.refusal(lambda: house.hold(plan, approvals))
    assert refused.refusal.code == "KEY_TOKEN_UNUSABLE"
    file.write_bytes(content)
    file.chmod(0o600)
    house.keys.close()
    assert len(house.hold(plan, approvals).transcript.signatures) == 2


def left_open(house: KeyHouse, monkeypatch: pytest.MonkeyPatch, plan: KeyPlan, where: str) -> None:
    """The ceremony of ``plan`` broke off in ``where`` of the bench."""

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    approvals = house.approvals(plan)
    with monkeypatch.context() as patched:
        patched.setattr(HsmBench, where, dies)
        with pytest.raises(KeyboardInterrupt):
            house.hold(plan, approvals)


def test_an_open_ceremony_holds_up_its_own_use_alone(
    house: KeyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    left_open(house, monkeypatch, house.plan(), "make")
    assert house.refusal(lambda: house.hold(house.plan(), ())).refusal.code == "KEY_CEREMONY_OPEN"
    assert house.made(kind="ed25519").key.algorithm == "ed25519"
    following = house.made(state="next").key
    house.desk.steps.retire(following.key_id, operator())
    house.hold(house.plan_to_destroy(following.key_id))


def test_an_open_destruction_holds_up_its_own_key_alone(
    house: KeyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = house.made(state="next").key, house.made(state="next", kind="ed25519").key
    left_open(house, monkeypatch, house.plan_to_destroy(one.key_id), "destroy")
    again = house.plan_to_destroy(one.key_id, title={"zh": "再", "en": "again"})
    assert house.refusal(lambda: house.hold(again, ())).refusal.code == "KEY_CEREMONY_OPEN"
    assert house.hold(house.plan_to_destroy(other.key_id)).key.state is KeyState.DESTROYED
    (broken,) = house.desk.broken()
    assert (broken.ceremony.key_id, broken.on_token) == (one.key_id, True)


def test_label_taken_between_the_look_and_the_making(
    house: KeyHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = house.plan(key={"uri": house.uri("mine", 8)})
    approvals = house.approvals(plan)
    made(open_store(house.store), KeyKind.P256, "mine", b"\x09")
    with monkeypatch.context() as patched:
        patched.setattr(HsmBench, "check_free", lambda _: None)
        with pytest.raises(KeyRefused) as caught:
            house.hold(plan, approvals)
    assert "KEY_PLACE_TAKEN" in caught.value.params["cause"]
    assert house.desk.broken() == (), "the key that is there is somebody else's"


def test_a_token_that_reads_back_another_key(house: KeyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    other = made(open_store(house.store), KeyKind.P256, "other", b"\x63")
    plan = house.plan()
    approvals = house.approvals(plan)
    monkeypatch.setattr(SoftKeyToken, "public_key", lambda *_: other.spki)
    with pytest.raises(KeyRefused) as caught:
        house.hold(plan, approvals)
    assert "the key that is read back is not the one that was made" in caught.value.params["cause"]
    assert house.register.state().keys == ()


def test_softkey_is_not_destroyed_in_production_either(house: KeyHouse) -> None:
    key = house.made(state="next").key
    house.workshop = HsmWorkshop(house.keys, production=True)
    plan = house.plan_to_destroy(key.key_id)
    approvals = house.approvals(plan)
    assert house.refusal(lambda: house.hold(plan, approvals)).refusal.code == "KEY_SOFTKEY_IN_PRODUCTION"


def test_a_plan_without_its_key(house: KeyHouse) -> None:
    """No file holds one: the schema refuses it."""
    with pytest.raises(KeyRefused) as caught:
        wish_of(replace(house.plan(), wish=None))
    assert caught.value.refusal.code == "KEY_PLAN_UNUSABLE"


def test_the_reason_is_that_of_the_state_as_it_is(house: KeyHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process has the whole ceremony between the look at the state and the look at nonces."""
    plan = house.plan()
    approvals = house.approvals(plan)
    state, looks = house.register.state, []

    def late() -> RegisterState:
        seen = state()
        looks.append(seen)
        if len(looks) == 3:  # of _check, of _log_key, and now of _begin
            monkeypatch.setattr(house.register, "state", state)
            house.hold(plan, approvals)
        return seen

    monkeypatch.setattr(house.register, "state", late)
    with pytest.raises(KeyRefused) as caught:
        house.hold(plan, approvals)
    assert caught.value.refusal.code == "KEY_PLAN_EXECUTED"
    assert len(house.register.state().keys) == 1
