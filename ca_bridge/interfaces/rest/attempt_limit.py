"""A bound on guessing secrets: failures cost tokens, for each account and for the whole process."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from threading import Lock
from time import monotonic

from ca_bridge.services.release_errors import (
    SIGNATURE_MALFORMED,
    SIGNATURE_REPLAYED,
    SIGNER_INDETERMINATE,
    SIGNER_REFUSED,
    RefusalKind,
    ReleaseRefused,
)

_PROVES_NOBODY = (SIGNATURE_MALFORMED, SIGNATURE_REPLAYED, SIGNER_REFUSED, SIGNER_INDETERMINATE)
_MAX_ACCOUNTS, _MAX_NAME_CHARS = 10_000, 128


@dataclass(frozen=True, slots=True)
class Rate:
    """``burst`` failures at once, and ``per_s`` more with every second."""

    burst: int
    per_s: float


class TooManyAttempts(Exception):
    """Ask again after ``retry_after_s`` seconds."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


@dataclass(slots=True)
class _Bucket:
    rate: Rate
    level: float
    at: float

    def wait_s(self, now: float) -> float:
        """Fill up to ``now``; seconds until a token can be taken, 0 = at once."""
        self.level = min(self.rate.burst, self.level + (now - self.at) * self.rate.per_s)
        self.at = now
        return max(0.0, (1 - self.level) / self.rate.per_s)


class AttemptLimit:
    """Token buckets in this process. Whoever proves to be who they say pays nothing.

    Names that are no account's have buckets too, so that the limit doesn't tell which names exist.
    """

    def __init__(
        self,
        *,
        account: Rate = Rate(burst=10, per_s=1 / 6),
        process: Rate = Rate(burst=60, per_s=5.0),
        clock_s: Callable[[], float] = monotonic,
    ) -> None:
        self._account_rate = account
        self._clock_s = clock_s
        self._lock = Lock()
        self._process = _Bucket(process, process.burst, clock_s())
        self._accounts: OrderedDict[str, _Bucket] = OrderedDict()

    @contextmanager
    def attempt(self, account: str) -> Iterator[None]:
        """Let one attempt run; TooManyAttempts when no token is left for it.

        The token is taken first, so that attempts at the same time are counted too, and comes back unless
        the attempt ends with a refusal of who asks.
        """
        buckets = self._take(account[:_MAX_NAME_CHARS])
        failed = False
        try:
            yield
        except ReleaseRefused as refused:
            failed = refused.refusal.kind is RefusalKind.UNAUTHENTICATED or refused.refusal in _PROVES_NOBODY
            raise
        finally:
            if not failed:
                self._give_back(buckets)

    def _take(self, account: str) -> tuple[_Bucket, ...]:
        with self._lock:
            now = self._clock_s()
            buckets = (self._process, self._bucket(account, now))
            wait_s = max(bucket.wait_s(now) for bucket in buckets)
            if wait_s > 0:
                raise TooManyAttempts(max(1, ceil(wait_s)))
            for bucket in buckets:
                bucket.level -= 1
            return buckets

    def _bucket(self, account: str, now: float) -> _Bucket:
        """The account's bucket; the one unused for longest makes room."""
        bucket = self._accounts.pop(account, None) or _Bucket(
            self._account_rate, self._account_rate.burst, now
        )
        self._accounts[account] = bucket
        if len(self._accounts) > _MAX_ACCOUNTS:
            self._accounts.popitem(last=False)
        return bucket

    def _give_back(self, buckets: tuple[_Bucket, ...]) -> None:
        with self._lock:
            for bucket in buckets:
                bucket.level = min(bucket.rate.burst, bucket.level + 1)
