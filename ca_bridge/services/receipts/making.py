"""One receipt put together: what a batch shares is written once, the rest is copied in between.

The parts are in canonical form each (a leaf's data is RFC 8785 JSON), and the members' names are in the
order of RFC 8785: so the whole is in canonical form, without being read again.
"""

from __future__ import annotations

from functools import lru_cache

from ca_bridge.core.receipt.canonical import canonical_bytes
from ca_bridge.core.receipt.reading import VERSION
from ca_bridge.services.audit.sealed import SealedHead
from ca_bridge.services.audit.sequencer import Included

# Heads that receipts are being made of at one time: one, or two around a change.
_CACHED_HEADS = 8


def receipt_bytes(included: Included, origin: str) -> bytes:
    """The receipt of the leaf: RFC 8785 JSON, no newline; docs/receipts.md says its format.

    ``included.proof`` is that of the leaf in the tree of ``included.head``.
    """
    before, after = _shared(included.head, origin)
    proof = b",".join(b'"%b"' % one.hex().encode("ascii") for one in included.proof)
    return b"".join((before, proof, b'],"index":%d' % included.index, after, included.data, b"}"))


@lru_cache(maxsize=_CACHED_HEADS)
def _shared(head: SealedHead, origin: str) -> tuple[bytes, bytes]:
    """What stands before the proof and after the index in every receipt of a head."""
    signatures = [
        {"form": one.form, "key_id": one.key_id, "algorithm": one.algorithm, "value": one.value}
        for one in head.signatures
    ]
    before = b'{"ca_bridge_receipt":%d,"log":{"checkpoint":%b,"inclusion_proof":['
    after = b',"origin":%b,"tree_size":%d},"signatures":%b,"statement":'
    return (
        before % (VERSION, canonical_bytes(head.note)),
        after % (canonical_bytes(origin), head.size, canonical_bytes(signatures)),
    )
