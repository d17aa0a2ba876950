"""Hashing, growth and proofs against published values, and against the RFC's own recursion."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ca_bridge.core.merkle.compact_range import EMPTY, MAX_SIZE, CompactRange
from ca_bridge.core.merkle.errors import NodeMissing, OutsideTree
from ca_bridge.core.merkle.growth import Growth
from ca_bridge.core.merkle.hashing import EMPTY_ROOT, leaf_hash, node_hash
from ca_bridge.core.merkle.proving import consistency_proof, inclusion_proof, subtree_hash
from ca_bridge.core.merkle.tiles import TileNodes
from ca_bridge.core.merkle.verifying import verify_consistency, verify_inclusion
from tests.audit import rfc9162

# The reference tree of the Certificate Transparency test vectors: its leaves, and its roots by size.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    bytes.fromhex(text)
    for text in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]
# Of the same vectors: (leaf, size, path) and (first, second, proof).
INCLUSION = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
HASHES = [leaf_hash(leaf) for leaf in LEAVES]
SIZES = st.integers(1, 300)
unhurried = settings(deadline=None)


def leaves(count: int) -> list[bytes]:
    return [b"leaf %d" % number for number in range(count)]


def grown(count: int) -> CompactRange:
    return Growth(EMPTY, [leaf_hash(leaf) for leaf in leaves(count)]).after


def source(data: list[bytes]) -> Callable[[int, int], bytes]:
    def node(level: int, index: int) -> bytes:
        part = data[index << level : (index + 1) << level]
        assert len(part) == 1 << level, "only complete subtrees are asked for"
        return rfc9162.MTH(part)

    return node


def octets(values: list[str]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(value) for value in values)


@pytest.mark.parametrize("size", range(9))
def test_roots_of_the_reference_tree(size: int) -> None:
    edge = EMPTY
    for one in HASHES[:size]:
        edge = edge.append(one)
    assert edge.root == ROOTS[size]
    assert Growth(EMPTY, HASHES[:size]).after == edge
    assert rfc9162.MTH(LEAVES[:size]) == ROOTS[size]


@pytest.mark.parametrize(("index", "size", "path"), INCLUSION)
def test_inclusion_in_the_reference_tree(index: int, size: int, path: list[str]) -> None:
    proof = inclusion_proof(index, size, source(LEAVES))
    assert proof == octets(path)
    assert verify_inclusion(HASHES[index], index, size, proof, ROOTS[size])


@pytest.mark.parametrize(("first", "second", "path"), CONSISTENCY)
def test_consistency_of_the_reference_tree(first: int, second: int, path: list[str]) -> None:
    proof = consistency_proof(first, second, source(LEAVES))
    assert proof == octets(path)
    assert verify_consistency(first, second, proof, ROOTS[first], ROOTS[second])


def test_the_root_of_nothing() -> None:
    assert EMPTY.root == EMPTY_ROOT == ROOTS[0]
    assert EMPTY.peaks() == ()


@unhurried
@given(SIZES)
def test_growth_is_append(size: int) -> None:
    edge = EMPTY
    for leaf in leaves(size):
        edge = edge.append(leaf_hash(leaf))
    assert grown(size) == edge
    assert edge.root == rfc9162.MTH(leaves(size))
    assert all(rfc9162.MTH(leaves(size)[i << n : i + 1 << n]) == one for n, i, one in edge.peaks())


@unhurried
@given(st.integers(0, 300), st.integers(1, 80))
def test_growth_proves_the_new_leaves_from_the_edge_alone(before: int, more: int) -> None:
    data = leaves(before + more)
    growth = Growth(grown(before), [leaf_hash(leaf) for leaf in data[before:]])
    root = rfc9162.MTH(data)
    assert growth.after.root == root
    for index in {before, before + more // 2, before + more - 1}:
        proof = growth.inclusion_proof(index)
        assert list(proof) == rfc9162.PATH(index, data)
        assert verify_inclusion(leaf_hash(data[index]), index, len(data), proof, root)
    for index in (before - 1, len(data), -1):
        with pytest.raises(OutsideTree):
            growth.inclusion_proof(index)


@unhurried
@given(st.integers(0, 300), st.integers(0, 300), st.sampled_from([0, 1, 3, 8]))
def test_growth_names_the_subtrees_it_completed(before: int, more: int, level: int) -> None:
    data = leaves(before + more)
    growth = Growth(grown(before), [leaf_hash(leaf) for leaf in data[before:]])
    indices = range(before >> level, (before + more) >> level)
    found = list(growth.completed(level))
    assert found == [(index, rfc9162.MTH(data[index << level : index + 1 << level])) for index in indices]


def test_growth_knows_nothing_of_old_leaves() -> None:
    growth = Growth(grown(4), [leaf_hash(b"x")])
    with pytest.raises(NodeMissing):
        growth._node(0, 0)


@unhurried
@given(st.data())
def test_inclusion(data: st.DataObject) -> None:
    size = data.draw(SIZES)
    index = data.draw(st.integers(0, size - 1))
    tree = leaves(size)
    proof, root, leaf = inclusion_proof(index, size, source(tree)), rfc9162.MTH(tree), leaf_hash(tree[index])
    assert list(proof) == rfc9162.PATH(index, tree)
    assert verify_inclusion(leaf, index, size, proof, root)
    other = data.draw(st.integers(0, size + 2))
    assert verify_inclusion(leaf, other, size, proof, root) is (other == index)
    assert rfc9162.included(leaf, other, size, list(proof), root) is (other == index)
    for bad in (*altered(proof), (*proof, root), proof[:-1] if proof else (leaf,)):
        assert not verify_inclusion(leaf, index, size, bad, root)
    assert not verify_inclusion(flipped(leaf), index, size, proof, root)
    assert not verify_inclusion(leaf, index, size, proof, flipped(root))


@unhurried
@given(st.data())
def test_consistency(data: st.DataObject) -> None:
    second = data.draw(SIZES)
    first = data.draw(st.integers(1, second))
    tree = leaves(second)
    proof = consistency_proof(first, second, source(tree))
    roots = rfc9162.MTH(tree[:first]), rfc9162.MTH(tree)
    assert list(proof) == rfc9162.PROOF(first, tree)
    assert verify_consistency(first, second, proof, *roots)
    for bad in (*altered(proof), (*proof, roots[1]), proof[:-1] if proof else (roots[0],)):
        assert not verify_consistency(first, second, bad, *roots)
    for wrong in ((flipped(roots[0]), roots[1]), (roots[0], flipped(roots[1]))):
        assert not verify_consistency(first, second, proof, *wrong)
    other = data.draw(st.integers(1, second + 2))
    expected = rfc9162.consistent(other, second, list(proof), *roots)
    assert verify_consistency(other, second, proof, *roots) is expected


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.lists(st.sampled_from(ROOTS), max_size=7))
def test_the_two_ways_of_checking_agree_on_anything(first: int, second: int, proof: list[bytes]) -> None:
    """Ours goes by bits, the other by recursion."""
    for root in (rfc9162.root_of_path(ROOTS[1], first, second, proof) if first < second else None, ROOTS[2]):
        if root is not None:
            ours = verify_inclusion(ROOTS[1], first, second, proof, root)
            assert ours is rfc9162.included(ROOTS[1], first, second, proof, root)
    if 0 < first <= second:
        start = proof[0] if proof and first.bit_count() > 1 else ROOTS[1]
        made = rfc9162.roots_of_proof(first, second, proof, start, b=True)
        for roots in (made or (ROOTS[1], ROOTS[1]), (ROOTS[1], ROOTS[2])):
            ours = verify_consistency(first, second, proof, *roots)
            assert ours is rfc9162.consistent(first, second, proof, *roots)


def flipped(value: bytes) -> bytes:
    return bytes([value[0] ^ 1]) + value[1:]


def altered(proof: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """``proof`` with each of its parts changed, and with each pair of neighbours swapped."""
    changed = [(*proof[:n], flipped(proof[n]), *proof[n + 1 :]) for n in range(len(proof))]
    swapped = [
        (*proof[:n], right, left, *proof[n + 2 :])
        for n, (left, right) in enumerate(pairwise(proof))
        if left != right
    ]
    return changed + swapped


def test_every_small_tree_whole() -> None:
    for size in range(1, 34):
        tree = leaves(size)
        root, node = rfc9162.MTH(tree), source(tree)
        for index in range(size):
            proof = inclusion_proof(index, size, node)
            assert list(proof) == rfc9162.PATH(index, tree)
            assert verify_inclusion(leaf_hash(tree[index]), index, size, proof, root)
        for first in range(1, size + 1):
            proof = consistency_proof(first, size, node)
            assert list(proof) == rfc9162.PROOF(first, tree)
            assert verify_consistency(first, size, proof, rfc9162.MTH(tree[:first]), root)


def test_trees_too_large_to_build() -> None:
    """A source may know its hashes by other ways: the path goes by index and size alone."""
    size = MAX_SIZE

    def node(level: int, index: int) -> bytes:
        return leaf_hash(b"%d/%d" % (level, index))

    proof = inclusion_proof(size - 1, size, node)
    edge = subtree_hash(63, 0, size, node)
    assert len(proof) == 62
    assert verify_inclusion(node(0, size - 1), size - 1, size, proof, edge)


def test_proofs_of_the_tree_without_leaves() -> None:
    assert consistency_proof(0, 5, source(LEAVES)) == ()
    assert verify_consistency(0, 5, (), EMPTY_ROOT, ROOTS[5])
    assert verify_consistency(0, 0, (), EMPTY_ROOT, EMPTY_ROOT)
    assert not verify_consistency(0, 5, (), ROOTS[1], ROOTS[5])
    assert not verify_consistency(0, 5, (ROOTS[1],), EMPTY_ROOT, ROOTS[5])
    assert not verify_inclusion(HASHES[0], 0, 0, (), EMPTY_ROOT)


@pytest.mark.parametrize(("first", "second"), [(-1, 3), (4, 3)])
def test_sizes_that_are_none(first: int, second: int) -> None:
    with pytest.raises(OutsideTree):
        consistency_proof(first, second, source(LEAVES))
    assert not verify_consistency(first, second, (), ROOTS[3], ROOTS[3])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_leaves_that_are_none(index: int, size: int) -> None:
    with pytest.raises(OutsideTree):
        inclusion_proof(index, size, source(LEAVES))
    assert not verify_inclusion(HASHES[0], index, size, (), ROOTS[1])


def test_subtrees_that_are_none() -> None:
    with pytest.raises(OutsideTree):
        subtree_hash(2, 2, 8, source(LEAVES))


@pytest.mark.parametrize("bad", [b"", bytes(31), bytes(33)])
def test_what_is_no_hash_proves_nothing(bad: bytes) -> None:
    assert not verify_inclusion(bad, 0, 1, (), bad)
    assert not verify_inclusion(HASHES[0], 0, 2, (bad,), node_hash(HASHES[0], bad))
    assert not verify_consistency(1, 1, (), bad, bad)
    assert not verify_consistency(1, 2, (bad,), HASHES[0], node_hash(HASHES[0], bad))


@pytest.mark.parametrize(
    ("size", "hashes"),
    [
        (-1, ()),
        (MAX_SIZE + 1, (ROOTS[1],)),
        (1, ()),
        (2, (ROOTS[1],) * 2),
        (1, (bytes(31),)),
        (3, (ROOTS[1], b"")),
    ],
)
def test_edges_that_are_none(size: int, hashes: tuple[bytes, ...]) -> None:
    with pytest.raises(OutsideTree):
        CompactRange(size, hashes)


def test_nodes_out_of_tiles() -> None:
    size = 70_000
    data = leaves(size)
    growth = Growth(EMPTY, [leaf_hash(leaf) for leaf in data])
    rows = {level: [one for _, one in growth.completed(level)] for level in (0, 8, 16)}
    asked = []

    def read(level: int, start: int, limit: int) -> list[bytes]:
        asked.append((level, start))
        return rows[level][start : start + limit]

    nodes = TileNodes(read)
    root = growth.after.root
    for index in (0, 255, 256, 65_535, 65_536, 69_888, 69_999):
        proof = inclusion_proof(index, size, nodes)
        assert proof == growth.inclusion_proof(index)
        assert verify_inclusion(leaf_hash(data[index]), index, size, proof, root)
    for first in (1, 255, 256, 300, 65_536, 69_999):
        proof = consistency_proof(first, size, nodes)
        assert verify_consistency(first, size, proof, grown(first).root, root)
    assert len(asked) == len(set(asked)) < 20
    with pytest.raises(NodeMissing):
        nodes(0, size)
    with pytest.raises(NodeMissing):
        nodes(9, 136)
