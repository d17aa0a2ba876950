from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from ca_bridge.services.decision_log.key_checks import KeyChecks
from ca_bridge.services.decision_log.live_seal import KeySet
from ca_bridge.services.errors import ConfigurationError
from ca_bridge.services.key_management.model import KeyState, KeyUse, RegisteredKey
from ca_bridge.services.key_management.ports import KeyHealth

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def key(use: KeyUse, state: KeyState = KeyState.CURRENT) -> RegisteredKey:
    return RegisteredKey(
        key_id=f"{use.value}-{state.value}",
        use=use,
        kind="p-256",
        algorithm="ecdsa-sha256",
        uri="softkey:",
        spki=b"",
        custody="process",
        state=state,
        created=NOW,
        since=NOW,
    )


KEYS = KeySet(1, (key(KeyUse.LOG), key(KeyUse.RECEIPT), key(KeyUse.RECEIPT, KeyState.RETIRED)))


def healthy(one: RegisteredKey) -> KeyHealth:
    return KeyHealth(key_id=one.key_id, usable=True, custody="token", detail="", elapsed_us=1)


def test_keys_that_sign_are_shown_with_the_custody_of_now() -> None:
    log, *keys = KeyChecks(lambda: KEYS, healthy, lambda: 7)()
    assert (log.name, log.facts) == ("log", (("entries", 7),))
    assert [check.name for check in keys] == ["key:log-current", "key:receipt-current"]
    assert {dict(check.facts)["custody"] for check in keys} == {"token"}
    assert all(check.passed and not check.needed for check in keys)


def test_a_fault_is_named_and_nothing_more_of_it() -> None:
    def away(one: RegisteredKey) -> KeyHealth:
        detail = "TokenUnavailable: the store /var/secret/keys is gone"
        return KeyHealth(key_id=one.key_id, usable=False, custody="", detail=detail, elapsed_us=0)

    _, first, _ = KeyChecks(lambda: KEYS, away, lambda: 7)()
    assert not first.passed
    assert "TokenUnavailable" in first.detail_en
    assert "secret" not in first.detail_en + first.detail_zh


def test_what_cannot_be_read_is_one_failed_check() -> None:
    def unusable() -> KeySet:
        raise ConfigurationError("the folder /var/secret is gone")

    (check,) = KeyChecks(unusable, healthy, lambda: 7)()
    assert (check.name, check.passed, check.needed) == ("log", False, True)
    assert "secret" not in check.detail_en


def test_a_slow_token_is_asked_by_one_at_a_time() -> None:
    asked, lock = [0], threading.Lock()

    def slow(one: RegisteredKey) -> KeyHealth:
        with lock:
            asked[0] += 1
        time.sleep(0.7)
        return healthy(one)

    checks = KeyChecks(lambda: KEYS, slow, lambda: 7)
    with ThreadPoolExecutor(16) as callers:
        assert len({future.result() for future in [callers.submit(checks) for _ in range(16)]}) == 1
    assert asked[0] == 2
    time.sleep(1.1)
    begun = time.monotonic()
    with ThreadPoolExecutor(16) as callers:
        waited = [callers.submit(lambda: (checks(), time.monotonic() - begun)[1]) for _ in range(16)]
    assert asked[0] == 4
    assert sorted(one.result() for one in waited)[14] < 0.7
