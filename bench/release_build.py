"""A release of 500 CAs, 2,000 agreements and 5,000 mappings: from documents to what answers questions.

The rival is what any reader of such documents pays at least: parsing their JSON and checking their schemas.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ca_bridge import wiring
from ca_bridge.adapters.recognition_files import check_documents
from ca_bridge.services.policy_documents import PolicyDocuments, ReleaseId
from tests.recognition.big_release import big_documents
from tests.recognition.scheme_documents import documents, write_folder

ROUNDS = 5


def main() -> None:
    content = PolicyDocuments.from_data(big_documents(cas=500, agreements=2_000, mappings=5_000))
    with TemporaryDirectory() as folder:
        settings = write_folder(Path(folder), documents())
        compiler = wiring.release_compiler(settings)
        ours, rival = [], []
        for number in range(1, ROUNDS + 1):
            started = perf_counter()
            check_documents(content.data(), settings.policies / "schema")
            rival.append(perf_counter() - started)
            started = perf_counter()
            compiler.compile(ReleaseId(number, content.sha256), content)
            ours.append(perf_counter() - started)
    built, checked = sorted(ours)[ROUNDS // 2], sorted(rival)[ROUNDS // 2]
    print(f"snapshot of every domain {built:.2f} s, schemas and meaning alone {checked:.2f} s")
    print(f"ratio {built / checked:.2f}")


if __name__ == "__main__":
    main()
