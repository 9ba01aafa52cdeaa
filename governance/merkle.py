"""Which hash stands for a whole list, and how is one line of it proved? The Merkle tree of RFC 6962, SHA-256.

A leaf is H(0x00 ‖ data), a node H(0x01 ‖ left ‖ right); a tree of n leaves splits at the largest power of two below n.
"Leaves" here are leaf *hashes*, 32 bytes each. Proofs are made as in RFC 6962 section 2.1 and verified by the
algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2, which share no code with the making.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """The leaf that stands for `data`."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The node above two nodes."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree: the roots of its complete subtrees, largest first, one for every 1 bit of `size`.

    All that is needed to append a leaf or to tell the root, without the leaves.
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def grown(self, leaf: bytes) -> "Edge":
        """The edge after one more leaf."""
        nodes = [*self.nodes, leaf]
        bits = self.size
        while bits & 1:
            right = nodes.pop()
            nodes[-1] = node_hash(nodes[-1], right)
            bits >>= 1
        return Edge(self.size + 1, tuple(nodes))

    def root(self) -> bytes:
        """The root of the tree."""
        if not self.nodes:
            return EMPTY_ROOT
        *larger, root = self.nodes
        for node in reversed(larger):
            root = node_hash(node, root)
        return root

    def to_bytes(self) -> bytes:
        """The nodes, one after the other; `read_edge` reads them back."""
        return b"".join(self.nodes)


def read_edge(size: int, data: bytes) -> Edge | None:
    """The edge of a tree of `size` leaves, or `None` if `data` has not the length that such an edge has."""
    if size < 0 or len(data) != HASH_BYTES * size.bit_count():
        return None
    return Edge(size, tuple(data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)))


def edge_of(leaves: Iterable[bytes]) -> Edge:
    """The right edge of the tree over `leaves`."""
    edge = Edge()
    for leaf in leaves:
        edge = edge.grown(leaf)
    return edge


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root of the tree over `leaves`."""
    return edge_of(leaves).root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """PATH(index, leaves): from the leaf's sibling up to the child of the root. Raises IndexError beyond the leaves."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    path: list[bytes] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        split = low + _split(high - low)
        if index < split:
            path.append(root_of(leaves[split:high]))
            high = split
        else:
            path.append(root_of(leaves[low:split]))
            low = split
    return tuple(reversed(path))


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """PROOF(old_size, leaves): that the first `old_size` leaves are those of the older tree; empty from 0 and from all.

    Raises IndexError if there are fewer leaves.
    """
    if not 0 <= old_size <= len(leaves):
        raise IndexError(old_size)
    if old_size == 0:
        return ()
    path: list[bytes] = []
    low, high = 0, len(leaves)
    while old_size != high:
        split = low + _split(high - low)
        if old_size <= split:
            path.append(root_of(leaves[split:high]))
            high = split
        else:
            path.append(root_of(leaves[low:split]))
            low = split
    # Where the older tree is one complete subtree, the verifier has its root already and it is not sent.
    if low:
        path.append(root_of(leaves[low:high]))
    return tuple(reversed(path))


def includes(root: bytes, size: int, index: int, leaf: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that `leaf` is number `index` (from 0) of the `size` leaves under `root`."""
    if not 0 <= index < size:
        return False
    number, last, found = index, size - 1, leaf
    for node in proof:
        if last == 0:
            return False
        if number & 1 or number == last:
            found = node_hash(node, found)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, node)
        number, last = number >> 1, last >> 1
    return last == 0 and found == root


def extends(old_root: bytes, old_size: int, root: bytes, size: int, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree under `root` begins with all leaves of the tree under `old_root`."""
    if not 0 <= old_size <= size:
        return False
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT and (size > 0 or root == EMPTY_ROOT)
    if old_size == size:
        return not proof and old_root == root
    path = [old_root, *proof] if old_size.bit_count() == 1 else list(proof)
    if not path:
        return False
    number, last = old_size - 1, size - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old_found = found = path[0]
    for node in path[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            old_found, found = node_hash(node, old_found), node_hash(node, found)
            while number and not number & 1:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, node)
        number, last = number >> 1, last >> 1
    return last == 0 and old_found == old_root and found == root


def _split(count: int) -> int:
    """The largest power of two below `count`, which is at least 2."""
    return 1 << (count - 1).bit_length() - 1
