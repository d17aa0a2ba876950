"""CPU of a repeated batch line, JSON in to JSON out, against what the same question costs cryptography.

The line brings a path of three certificates for one server name, anchors included, as base64 DER. The rival
decodes the same base64, loads the certificates and verifies them with x509.verification over a store made
beforehand: no question read, no answer written. Rounds are interleaved and the median of each is taken.
"""

from __future__ import annotations

import base64
import json
import statistics
from collections.abc import Callable
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.verification import PolicyBuilder, Store
from speed import AT, LOOPS, NAME, ROUNDS, cpu_us, make_path

from ca_bridge.services.batch import LineJudge
from ca_bridge.wiring import gateway


def in_base64(path: list[x509.Certificate]) -> list[str]:
    return [base64.b64encode(c.public_bytes(Encoding.DER)).decode() for c in path]


def ours(path: list[x509.Certificate], judge: LineJudge) -> Callable[[], bytes]:
    """One in line to one out line, both encoded."""
    target, intermediate, root = in_base64(path)
    line = json.dumps(
        {
            "id": "1",
            "certificate": target,
            "intermediates": [intermediate],
            "trust_anchors": [root],
            "validation_time": AT.isoformat(),
            "purpose": "server_auth",
            "dns_name": NAME,
            "revocation": "none",
        }
    ).encode()
    return lambda: judge.judge(line).out


def changing(path: list[x509.Certificate], judge: LineJudge) -> Callable[[], bytes]:
    """The same with another validation time in each line, so that nothing but certificates recurs."""
    target, intermediate, root = in_base64(path)
    fields = {"id": "1", "certificate": target, "intermediates": [intermediate], "trust_anchors": [root]}
    asked = {"purpose": "server_auth", "dns_name": NAME, "revocation": "none"}
    times = (AT + timedelta(seconds=i) for i in range(10_000_000))
    before, after = json.dumps({**fields, **asked, "validation_time": "|"}).encode().split(b"|")
    return lambda: judge.judge(before + next(times).isoformat().encode() + after).out


def pyca(path: list[x509.Certificate]) -> Callable[[], object]:
    """Base64 to the built path."""
    target, intermediate, _ = in_base64(path)
    builder = PolicyBuilder().store(Store([path[2]])).time(AT.replace(tzinfo=None))
    verifier = builder.build_server_verifier(x509.DNSName(NAME))

    def judge() -> object:
        certificates = [x509.load_der_x509_certificate(base64.b64decode(c)) for c in (target, intermediate)]
        return verifier.verify(certificates[0], certificates[1:])

    return judge


def main() -> None:
    """Print a row per key kind."""
    judge = LineJudge(gateway().validate)
    print("CPU per batch line, median; ratio is a repeated line / cryptography from base64 to path")
    for kind in ("RSA-2048", "P-256"):
        path = make_path(kind)
        judges = {"line": ours(path, judge), "time": changing(path, judge), "cryptography": pyca(path)}
        for name in ("line", "time"):
            assert json.loads(judges[name]())["indication"] == "TOTAL_PASSED"
        samples: dict[str, list[float]] = {name: [] for name in judges}
        for _ in range(ROUNDS):
            for name, each in judges.items():
                samples[name].append(cpu_us(each, LOOPS))
        median = {name: statistics.median(values) for name, values in samples.items()}
        print(
            f"{kind:9} repeated line {median['line']:7.1f} us   at other times {median['time']:7.1f} us   "
            f"cryptography {median['cryptography']:7.1f} us   "
            f"ratio {median['line'] / median['cryptography']:.2f}"
        )


if __name__ == "__main__":
    main()
