"""Signatures of all kinds from many threads and processes for a while: how many, how many wrong, what leaks.

    python -m tests.hsm.endurance --seconds 60 --threads 8 --processes 4

SoftHSM is set up in a folder that goes afterwards; gcc builds the module that adds SM2 in the token, unless
--without-shim. Each process opens the token itself, logs in once, and signs with every kind in turn; every
signature is verified once more here. Prints JSON; exit code 1 when a signature was wrong, a call failed or a
process died. --uri URI uses the keys of a token that is there instead. --user NAME makes this process, if
it is root's, that user's before a token is touched.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import multiprocessing.popen_fork  # later may be too late: see become()
import os
import pwd
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from hsm.errors import TokenError
from hsm.pkcs11 import Pkcs11Token, open_pkcs11
from hsm.token import KeyInfo, KeyKind, KeyRef, KeySpec
from hsm.uri import parse_key_uri
from hsm.verifying import default_algorithm, verify
from tests.hsm.faults import built
from tests.hsm.softhsm import MODULE, SoftToken, soft_hsm

_WARM_SHARE = 0.2


@dataclass
class Tally:
    """One process's counts; ``errors`` by text."""

    signatures: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    rss_warm_kib: int = 0
    rss_end_kib: int = 0
    sessions_end: int = 0


def rss_kib() -> int:
    """What this process holds in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


def sign_until(
    end: float, token: Pkcs11Token, keys: list[KeyInfo], tally: Tally, lock: threading.Lock
) -> None:
    """One thread's work: each key in turn, each message new."""
    mine: Counter[str] = Counter()
    wrong, errors = 0, Counter[str]()
    for number, info in enumerate(itertools.cycle(keys)):
        if time.monotonic() >= end:
            break
        message = number.to_bytes(8, "big") + threading.get_ident().to_bytes(8, "big")
        algorithm = default_algorithm(info.kind)
        try:
            signature = token.sign(KeyRef(label=info.label), algorithm, message)
        except TokenError as error:
            errors[f"{type(error).__name__}: {error}"] += 1
            continue
        name = f"{info.kind} {info.custody}"
        mine[name] += 1
        wrong += not verify(info.spki, algorithm, message, signature)
    with lock:
        tally.signatures.update(mine)
        tally.errors.update(errors)
        tally.wrong += wrong


def process(uri: str, seconds: float, threads: int, answer: Connection) -> None:
    """One process: opens the token itself, as it must after a fork."""
    tally, lock = Tally(), threading.Lock()
    token = open_pkcs11(parse_key_uri(uri))
    keys = list(token.keys())
    start = time.monotonic()
    work = [
        threading.Thread(target=sign_until, args=(start + seconds, token, keys[i:] + keys[:i], tally, lock))
        for i in range(threads)
    ]
    for thread in work:
        thread.start()
    time.sleep(seconds * _WARM_SHARE)
    tally.rss_warm_kib = rss_kib()
    for thread in work:
        thread.join()
    tally.rss_end_kib = rss_kib()
    with token._at_work() as connection:
        tally.sessions_end = connection.pool.size
    token.close()
    answer.send(tally)


def prepare(token: SoftToken, module: Path, profile: str) -> str:
    """Makes a key of each kind, SM2 sealed and, by the module that has it, in the token; the URI to use."""
    uri = token.uri(module=module, sm2_profile=profile) if profile else token.uri(module=module)
    opened = open_pkcs11(uri)
    for number, kind in enumerate(KeyKind):
        if kind is not KeyKind.SM2 or profile:
            opened.generate(KeySpec(label=kind, key_id=bytes((1, number)), kind=kind))
    opened.generate(KeySpec(label="sealed", key_id=b"\2", kind=KeyKind.SM2, sealed=True))
    opened.close()
    return uri.text


def run(uri: str, seconds: float, threads: int, processes: int, method: str) -> dict[str, Any]:
    """The whole: what all processes counted together."""
    context: Any = multiprocessing.get_context(method)
    started = []
    for _ in range(processes):
        mine, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=process, args=(uri, seconds, threads, theirs))
        worker.start()
        theirs.close()
        started.append((worker, mine))
    tallies = []
    for worker, answer in started:
        try:
            tallies.append(answer.recv() if answer.poll(seconds + 120) else None)
        except EOFError:
            tallies.append(None)
        worker.join(30)
        if worker.exitcode is None:
            worker.kill()
    whole = [tally for tally in tallies if tally is not None]
    signatures: Counter[str] = sum((tally.signatures for tally in whole), Counter())
    return {
        "user": os.geteuid(),
        "seconds": seconds,
        "threads": threads,
        "processes": processes,
        "start_method": method,
        "signatures": dict(sorted(signatures.items())),
        "total": signatures.total(),
        "wrong": sum(tally.wrong for tally in whole),
        "errors": dict(sum((tally.errors for tally in whole), Counter())),
        "crashed": sum(worker.exitcode != 0 for worker, _ in started) + len(tallies) - len(whole),
        "rss_growth_kib": [tally.rss_end_kib - tally.rss_warm_kib for tally in whole],
        "rss_end_kib": [tally.rss_end_kib for tally in whole],
        "sessions_end": [tally.sessions_end for tally in whole],
    }


def report(result: dict[str, Any]) -> int:
    """Prints it; the exit code."""
    print(json.dumps(result, indent=2))
    return int(bool(result["wrong"] or result["errors"] or result["crashed"]))


def become(name: str) -> None:
    """Gives up root for good. The interpreter may lie where the user cannot look: fork from then on."""
    user = pwd.getpwnam(name)
    os.setgroups([])
    os.setresgid(user.pw_gid, user.pw_gid, user.pw_gid)
    os.setresuid(user.pw_uid, user.pw_uid, user.pw_uid)
    os.chdir("/")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--method", choices=("spawn", "fork"), default="spawn")
    parser.add_argument("--without-shim", action="store_true")
    parser.add_argument("--user", default="")
    parser.add_argument("--uri", default="")
    wanted = parser.parse_args()
    if wanted.user:
        become(wanted.user)
    method = "fork" if wanted.user else wanted.method
    if wanted.uri:
        return report(run(wanted.uri, wanted.seconds, wanted.threads, wanted.processes, method))
    with soft_hsm() as softhsm:
        module, profile = MODULE, ""
        if not wanted.without_shim:
            module, profile = built("pkcs11_sm2", softhsm.folder), "shim"
            os.environ["SHIM_MODULE"] = str(MODULE)
        uri = prepare(softhsm.new_token(), module, profile)
        return report(run(uri, wanted.seconds, wanted.threads, wanted.processes, method))


if __name__ == "__main__":
    sys.exit(main())
