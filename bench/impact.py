"""Impact analysis of 10,000 stored requests, against judging the same questions anew by the engine.

Each request is about a certificate of its own, issued by one of four CAs (SM2 and RSA) across a bridge of two
domains; a mapping is removed by the draft. Both take in everything from where it lies: the replay reads and
parses the journal, the engine reads the certificates, whose signatures it has to check. A warm engine, which
has the same certificates in its tables from the round before, is shown beside it.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ca_bridge.adapters.request_journal import RequestJournalFolder
from ca_bridge.interfaces.cli.progress import counted
from ca_bridge.services.gateway import Gateway
from ca_bridge.services.impact.comparing import SentComparer
from ca_bridge.services.impact.comparison import Impact, Tally
from ca_bridge.services.impact.recorder import RequestRecorder
from ca_bridge.services.impact.simulate import journal_comparer
from tests.recognition.impact_traffic import MAPPINGS, Asked, traffic, traffic_documents, traffic_gateway

COUNT, ROUNDS = 10_000, 3
AIM_S = 20.0


def spent(run: Callable[[], Impact]) -> tuple[float, float, Impact]:
    cpu, wall = time.process_time(), time.perf_counter()
    impact = run()
    return time.process_time() - cpu, time.perf_counter() - wall, impact


def gateways(folder: Path, round_name: str) -> tuple[Gateway, Gateway]:
    """Under the mappings as they are and without the first one; nothing is remembered of earlier rounds."""
    return (
        traffic_gateway(folder / f"live-{round_name}"),
        traffic_gateway(folder / f"draft-{round_name}", traffic_documents(MAPPINGS[1:])),
    )


def record(journal: RequestJournalFolder, live: Gateway, asked: list[Asked]) -> float:
    """Have all of them kept; the CPU of that beside the answers'."""
    recorder = RequestRecorder(journal, live.clock, sys.exit)
    domain = live.domains.snapshot("b")
    keeping_s = 0.0
    for one in counted(asked, len(asked)):
        answer = live.validate.answer(one.question)
        begun = time.process_time()
        recorder(domain, one.question, answer)
        recorder.drain()
        keeping_s += time.process_time() - begun
    if recorder.counts.recorded != len(asked):
        sys.exit("not all requests were kept")
    return keeping_s


def replay(journal: RequestJournalFolder, live: Gateway, draft: Gateway) -> Impact:
    comparer, contents = journal_comparer(live.domains, draft.domains, journal)
    tally = Tally(max_samples=COUNT)
    for line in counted(contents.lines, contents.count):
        tally.add_line(comparer.compare_line(line))
    return tally.impact()


def judge(asked: list[Asked], live: Gateway, draft: Gateway) -> Impact:
    comparer, tally = SentComparer(live, draft), Tally(max_samples=COUNT)
    for one in counted(asked, len(asked)):
        tally.add_line(comparer.compare(one.question))
    return tally.impact()


def main() -> None:
    """Print the ratio, then absolute seconds."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        asked = list(counted(traffic(COUNT), COUNT))
        journal = RequestJournalFolder(folder / "journal")
        keeping = record(journal, gateways(folder, "record")[0], asked)
        journal.close()
        size = sum(path.stat().st_size for path in (folder / "journal").glob("requests-*"))
        ours, walls, cold, warm = [], [], [], []
        for number in range(ROUNDS):
            pair = gateways(folder, f"replay-{number}")
            cpu_s, wall_s, replayed = spent(partial(replay, journal, *pair))
            ours.append(cpu_s)
            walls.append(wall_s)
            pair = gateways(folder, f"judge-{number}")
            for times in (cold, warm):
                cpu_s, _, judged = spent(partial(judge, asked, *pair))
                times.append(cpu_s)
                if judged != replayed:
                    sys.exit("the replay and the engine differ")
    mine, wall_s = statistics.median(ours), statistics.median(walls)
    print(
        f"{COUNT:,} stored requests under two policies, medians of {ROUNDS} rounds: {replayed.flips:,} flips"
    )
    print(f"replay            {mine:6.2f} s CPU {wall_s:6.2f} s in all (aim: at most {AIM_S:.0f} s)")
    print(f"                  {COUNT / wall_s:6,.0f} requests/s")
    for what, times in (("engine anew", cold), ("engine, warm", warm)):
        theirs = statistics.median(times)
        print(f"{what:17} {theirs:6.2f} s CPU   ratio {mine / theirs:.2f}")
    print(f"keeping them      {keeping:6.2f} s CPU {size / COUNT:8,.0f} bytes each")
    if wall_s > AIM_S:
        sys.exit(f"over {AIM_S:.0f} s")


if __name__ == "__main__":
    main()
