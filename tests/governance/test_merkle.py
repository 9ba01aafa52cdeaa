"""The tree is that of RFC 6962, and its proofs show what they should and nothing else."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.merkle import (
    EMPTY_ROOT,
    Edge,
    consistency_proof,
    edge_of,
    extends,
    includes,
    inclusion_proof,
    leaf_hash,
    node_hash,
    read_edge,
    root_of,
)

# The inputs and roots that the reference implementations of Certificate Transparency share.
CT_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
MOST = 32


def split(count: int) -> int:
    """The largest power of two below `count`, by counting up."""
    k = 1
    while k * 2 < count:
        k *= 2
    return k


def slow_root(data: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1, word by word."""
    if not data:
        return sha256(b"").digest()
    if len(data) == 1:
        return sha256(b"\x00" + data[0]).digest()
    k = split(len(data))
    return sha256(b"\x01" + slow_root(data[:k]) + slow_root(data[k:])).digest()


def slow_path(m: int, data: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1, word by word."""
    if len(data) == 1:
        return []
    k = split(len(data))
    if m < k:
        return [*slow_path(m, data[:k]), slow_root(data[k:])]
    return [*slow_path(m - k, data[k:]), slow_root(data[:k])]


def slow_subproof(m: int, data: list[bytes], *, known: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962 section 2.1.2, word by word."""
    if m == len(data):
        return [] if known else [slow_root(data)]
    k = split(len(data))
    if m <= k:
        return [*slow_subproof(m, data[:k], known=known), slow_root(data[k:])]
    return [*slow_subproof(m - k, data[k:], known=False), slow_root(data[:k])]


def some(count: int) -> tuple[list[bytes], list[bytes]]:
    """`count` different pieces of data, and their leaves."""
    data = [bytes([n, n // 2]) for n in range(count)]
    return data, [leaf_hash(d) for d in data]


@pytest.mark.parametrize("count", range(1, 9))
def test_the_reference_roots_of_certificate_transparency_are_reproduced(count: int) -> None:
    data = [bytes.fromhex(text) for text in CT_LEAVES[:count]]
    assert root_of(leaf_hash(d) for d in data).hex() == CT_ROOTS[count - 1] == slow_root(data).hex()


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert root_of([]) == EMPTY_ROOT == slow_root([])
    assert Edge().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_edge_grown_leaf_by_leaf_has_the_root_of_the_definition(data: list[bytes]) -> None:
    edge = edge_of(leaf_hash(d) for d in data)
    assert edge.root() == slow_root(data)
    assert read_edge(len(data), edge.to_bytes()) == edge


def test_an_edge_of_the_wrong_length_is_none() -> None:
    edge = edge_of(some(7)[1])
    assert read_edge(7, edge.to_bytes()[:-1]) is None
    assert read_edge(8, edge.to_bytes()) is None
    assert read_edge(-1, b"") is None


def test_every_inclusion_proof_up_to_32_leaves_is_that_of_the_definition_and_verifies() -> None:
    for size in range(1, MOST + 1):
        data, leaves = some(size)
        root = slow_root(data)
        for index in range(size):
            proof = inclusion_proof(leaves, index)
            assert list(proof) == slow_path(index, data)
            assert includes(root, size, index, leaves[index], proof)


def test_every_consistency_proof_up_to_32_leaves_is_that_of_the_definition_and_verifies() -> None:
    for size in range(1, MOST + 1):
        data, leaves = some(size)
        for old in range(1, size + 1):
            proof = consistency_proof(leaves, old)
            assert list(proof) == slow_subproof(old, data, known=True)
            assert extends(slow_root(data[:old]), old, slow_root(data), size, proof)


def test_every_tree_extends_the_empty_one_and_no_other_root_of_size_zero() -> None:
    root = root_of(some(5)[1])
    assert extends(EMPTY_ROOT, 0, root, 5, consistency_proof(some(5)[1], 0))
    assert not extends(root, 0, root, 5, ())
    assert not extends(EMPTY_ROOT, 0, root, 5, (root,))
    assert not extends(EMPTY_ROOT, 0, root, 0, ())


def test_no_inclusion_proof_holds_for_another_index_size_leaf_or_root_or_with_a_hash_more_less_or_changed() -> None:
    for size in range(1, 18):
        _, leaves = some(size)
        root = root_of(leaves)
        for index in range(size):
            leaf, proof = leaves[index], inclusion_proof(leaves, index)
            assert not any(includes(root, size, n, leaf, proof) for n in range(-1, size + 2) if n != index)
            assert not includes(root, size, index, leaf_hash(b"other"), proof)
            assert not includes(leaf_hash(b"other"), size, index, leaf, proof)
            assert not includes(root, size, index, leaf, (*proof, root))
            for at in range(len(proof)):
                assert not includes(root, size, index, leaf, proof[:at] + proof[at + 1 :])
                assert not includes(root, size, index, leaf, (*proof[:at], bytes(32), *proof[at + 1 :]))
                assert not includes(root, size, index, leaf, (*proof[:at], proof[at], *proof[at:]))


def test_no_consistency_proof_holds_for_other_roots_or_with_a_hash_more_less_or_changed() -> None:
    for size in range(1, 18):
        _, leaves = some(size)
        root = root_of(leaves)
        for old in range(1, size + 1):
            old_root, proof = root_of(leaves[:old]), consistency_proof(leaves, old)
            assert not extends(leaf_hash(b"other"), old, root, size, proof)
            assert not extends(old_root, old, leaf_hash(b"other"), size, proof)
            assert not extends(old_root, old, root, size, (*proof, root))
            assert not extends(old_root, size + 1, root, size, proof)
            for at in range(len(proof)):
                assert not extends(old_root, old, root, size, proof[:at] + proof[at + 1 :])
                assert not extends(old_root, old, root, size, (*proof[:at], bytes(32), *proof[at + 1 :]))


def test_a_consistency_proof_must_reach_the_root_of_the_size_that_is_claimed() -> None:
    """From 4 to 8 leaves is no proof from 4 to 16, though all its hashes fit."""
    _, leaves = some(8)
    proof = consistency_proof(leaves, 4)
    assert extends(root_of(leaves[:4]), 4, root_of(leaves), 8, proof)
    assert not extends(root_of(leaves[:4]), 4, root_of(leaves), 16, proof)


def test_a_fork_has_no_consistency_proof() -> None:
    """Two trees that differ in leaf 3 of 5: the proof made from either does not connect the other's first 4."""
    _, leaves = some(9)
    forked = [*leaves[:3], leaf_hash(b"rewritten"), *leaves[4:]]
    for made_from in (leaves, forked):
        assert not extends(root_of(leaves[:5]), 5, root_of(forked), 9, consistency_proof(made_from, 5))


def test_a_leaf_is_never_a_node() -> None:
    """Without the two prefixes, the data `left ‖ right` would have the hash of the node over both."""
    left, right = leaf_hash(b"a"), leaf_hash(b"b")
    assert leaf_hash(left + right) != node_hash(left, right)


@pytest.mark.parametrize("index", [-1, 3, 4])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index: int) -> None:
    with pytest.raises(IndexError):
        inclusion_proof(some(3)[1], index)


@pytest.mark.parametrize("old", [-1, 4])
def test_there_is_no_proof_from_a_tree_that_is_larger(old: int) -> None:
    with pytest.raises(IndexError):
        consistency_proof(some(3)[1], old)
