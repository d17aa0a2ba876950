"""Make every file of certs-test/ again, byte for byte: `python certs-test/build.py [--check] [--out DIR]`.

Nothing in it is random: keys are committed or derived from labels, serials come from labels, the
clock stands at 2026-01-15T08:00:00Z. --check writes nothing and fails when a file differs.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

import cases_accepted
import cases_algorithms
import cases_building
import cases_der
import cases_format
import cases_format_status
import cases_hostile
import cases_identity
import cases_input
import cases_revocation
import cases_service
import cases_validation
import demo
import pki
import status

HERE = Path(__file__).resolve().parent
MADE = ("certificates", "crls", "ocsp", "cases", "demo")
GROUPS = (
    cases_accepted.GROUP,
    cases_input.GROUP,
    cases_format.GROUP,
    cases_der.GROUP,
    cases_format_status.GROUP,
    cases_algorithms.GROUP,
    cases_building.GROUP,
    cases_validation.GROUP,
    cases_revocation.GROUP,
    cases_hostile.GROUP,
    cases_service.GROUP,
    cases_identity.GROUP,
)


def _authorities() -> dict[str, bytes]:
    return pki.CERTIFICATES | {"crl-issuer": status.CRL_ISSUER_CERTIFICATE}


def _end_entities() -> dict[str, bytes]:
    more = (
        status.REVOKED_COMPANY,
        status.REVOKED_PERSON,
        status.DELTA_REVOKED,
        status.INDIRECT_GOOD,
        status.INDIRECT_REVOKED,
        status.HK_RESPONDER,
        status.GD_A_RESPONDER,
    )
    issued = pki.LEAVES | {item.label: item for item in more}
    return {label: item.certificate for label, item in issued.items()}


def _fingerprints(certificates: dict[str, bytes]) -> bytes:
    rows = (f"{hashlib.sha256(value).hexdigest()}  {key}\n" for key, value in sorted(certificates.items()))
    return "".join(rows).encode()


def files() -> dict[str, bytes]:
    """Path below certs-test/ -> content, for everything that is made."""
    authorities, end_entities = _authorities(), _end_entities()
    out = {
        f"certificates/{kind}/{key}.pem": demo.pem("CERTIFICATE", value)
        for kind, group in (("ca", authorities), ("ee", end_entities))
        for key, value in group.items()
    }
    out["certificates/SHA256"] = _fingerprints(authorities | end_entities)
    out |= {f"crls/{key}.crl": value for key, value in status.CRLS.items()}
    out |= {f"ocsp/{key}.der": value for key, value in status.OCSP.items()}
    out |= {f"demo/{key}": value for key, value in demo.files().items()}
    for group in GROUPS:
        text = json.dumps(group.cases, ensure_ascii=False, indent=1)
        out[f"cases/{group.stage}.json"] = (text + "\n").encode()
    return out


def _differences(made: dict[str, bytes], root: Path) -> list[str]:
    present = {
        path.relative_to(root).as_posix()
        for top in MADE
        for path in (root / top).rglob("*")
        if path.is_file()
    }
    wrong = [f"stale: {name}" for name in sorted(present - made.keys())]
    for name, content in sorted(made.items()):
        if name not in present:
            wrong.append(f"missing: {name}")
        elif (root / name).read_bytes() != content:
            wrong.append(f"different: {name}")
    return wrong


def _write(made: dict[str, bytes], root: Path) -> None:
    for name in _differences(made, root):
        if name.startswith("stale: "):
            (root / name.removeprefix("stale: ")).unlink()
    for name, content in made.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the test PKI again, byte for byte.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file differs")
    parser.add_argument("--out", type=Path, default=HERE, help="write below this directory")
    arguments = parser.parse_args()
    made = files()
    if arguments.check:
        wrong = _differences(made, arguments.out)
        print("\n".join(wrong) or f"{len(made)} files are as built")
        return 1 if wrong else 0
    _write(made, arguments.out)
    print(f"{len(made)} files, {sum(map(len, made.values()))} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
