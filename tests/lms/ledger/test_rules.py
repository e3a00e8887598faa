"""The arithmetic of the ledger against published vectors, a naive model, and forgers."""

import json
from hashlib import sha256

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from lms.ledger import rules
from lms.ledger.rules import Frontier, Node, Span

# The eight leaves, and what the reference implementation of certificate transparency makes of them.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in (
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
ROOTS = {
    0: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    4: "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    5: "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    6: "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    7: "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
H1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
H23 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
H47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
H4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
H67 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
H45 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
INCLUSION = {
    (0, 1): [],
    (0, 8): [H1, H23, H47],
    (5, 8): [H4, H67, ROOTS[4]],
    (2, 3): [ROOTS[2]],
    (1, 5): [ROOTS[1], H23, H4],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [H1, H23, H47],
    (6, 8): [H45, H67, ROOTS[4]],
    (2, 5): [H23, H4],
}

sizes = st.integers(1, 200)
entries = st.lists(st.binary(max_size=40), min_size=1, max_size=70)


def naive_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 9162, 2.1.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    return sha256(b"\1" + naive_root(leaves[:cut]) + naive_root(leaves[cut:])).digest()


class Kept:
    """A log that keeps the nodes each append completes, as the table does."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves, self.nodes, self.looked = leaves, dict[Node, bytes](), 0
        self.roots = [rules.EMPTY_ROOT]
        log = Frontier()
        for index, leaf in enumerate(leaves):
            log, done = log.append(leaf)
            assert len(done) == rules.trailing_ones(index) + 1
            for level, hashed in enumerate(done):
                node = Node(level, index >> level)
                assert node.last == index
                self.nodes[node] = hashed
            self.roots.append(log.root())
        self.frontier = log

    def hashes(self, spans: list[Span]) -> list[bytes]:
        return [rules.hash_of(span, self.nodes.__getitem__) for span in spans]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        return self.hashes(rules.inclusion_spans(index, size))

    def consistency(self, old: int, new: int) -> list[bytes]:
        return self.hashes(rules.consistency_spans(old, new))

    def holds(self, index: int, size: int, proof: list[bytes]) -> bool:
        leaf = rules.leaf_hash(self.leaves[index])
        return rules.inclusion_holds(leaf, index, size, proof, self.roots[size])


@pytest.fixture(scope="module")
def published() -> Kept:
    return Kept(LEAVES)


# ---- published vectors -------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "root"), ROOTS.items())
def test_roots_are_those_published(size: int, root: str) -> None:
    assert rules.root_of(LEAVES[:size]).hex() == root


@pytest.mark.parametrize(("place", "proof"), INCLUSION.items())
def test_inclusion_proofs_are_those_published(published: Kept, place: tuple[int, int], proof: list[str]) -> None:
    made = [step.hex() for step in published.inclusion(*place)]
    assert made == proof


@pytest.mark.parametrize(("place", "proof"), CONSISTENCY.items())
def test_consistency_proofs_are_those_published(published: Kept, place: tuple[int, int], proof: list[str]) -> None:
    assert [step.hex() for step in published.consistency(*place)] == proof


# ---- against the definition --------------------------------------------------------------------


@given(entries)
def test_the_incremental_root_is_the_defined_one(leaves: list[bytes]) -> None:
    kept = Kept(leaves)
    assert kept.roots[-1] == naive_root(leaves) == rules.root_of(leaves)
    whole = rules.hash_of(Span(0, len(leaves)), kept.nodes.__getitem__)
    assert whole == kept.roots[-1]


@given(sizes, st.data())
def test_every_honest_inclusion_proof_holds(size: int, data: st.DataObject) -> None:
    kept = Kept([bytes([i]) for i in range(size)])
    index = data.draw(st.integers(0, size - 1))
    assert kept.holds(index, size, kept.inclusion(index, size))


@given(sizes, st.data())
def test_every_honest_consistency_proof_holds(size: int, data: st.DataObject) -> None:
    kept = Kept([bytes([i]) for i in range(size)])
    old = data.draw(st.integers(0, size))
    proof = kept.consistency(old, size)
    assert rules.consistency_holds(old, size, kept.roots[old], kept.roots[size], proof)


@given(st.integers(1, 2**50), st.data())
def test_proofs_look_up_only_a_logarithm_of_nodes(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    bits = size.bit_length()
    assert len(rules.needed(rules.inclusion_spans(index, size))) <= 2 * bits
    assert len(rules.needed(rules.consistency_spans(index, size))) <= 2 * bits
    assert len(list(rules.nodes_of(Span(0, size)))) == size.bit_count()


# ---- forgers -----------------------------------------------------------------------------------


def forged(data: st.DataObject, proof: list[bytes]) -> list[bytes]:
    """The proof with one thing wrong in it."""
    ways = ["add"] + (["bit", "drop"] if proof else []) + (["swap"] if len(set(proof)) > 1 else [])
    way, copy = data.draw(st.sampled_from(ways)), list(proof)
    at = data.draw(st.integers(0, max(len(copy) - 1, 0)))
    if way == "add":
        copy.insert(data.draw(st.integers(0, len(copy))), data.draw(st.binary(min_size=32, max_size=32)))
    elif way == "drop":
        del copy[at]
    elif way == "bit":
        step = bytearray(copy[at])
        step[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
        copy[at] = bytes(step)
    else:
        other = data.draw(st.sampled_from([i for i, s in enumerate(copy) if s != copy[0]]))
        copy[0], copy[other] = copy[other], copy[0]
    return copy


@given(sizes, st.data())
def test_no_forged_inclusion_proof_holds(size: int, data: st.DataObject) -> None:
    kept = Kept([bytes([i]) for i in range(size)])
    index = data.draw(st.integers(0, size - 1))
    proof = forged(data, kept.inclusion(index, size))
    assert not kept.holds(index, size, proof)


@given(st.integers(2, 200), st.data())
def test_no_entry_passes_for_another(size: int, data: st.DataObject) -> None:
    kept = Kept([bytes([i]) for i in range(size)])
    index = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(-3, size + 3).filter(lambda i: i != index))
    proof, leaf = kept.inclusion(index, size), rules.leaf_hash(kept.leaves[index])
    assert not rules.inclusion_holds(leaf, other, size, proof, kept.roots[size])
    if 0 <= other < size:
        assert not kept.holds(other, size, proof)
    assert not rules.inclusion_holds(leaf, index, size, proof, kept.roots[size - 1])


@given(st.integers(2, 200), st.data())
def test_no_forged_consistency_proof_holds(size: int, data: st.DataObject) -> None:
    kept = Kept([bytes([i]) for i in range(size)])
    old = data.draw(st.integers(1, size - 1))
    proof = forged(data, kept.consistency(old, size))
    assert not rules.consistency_holds(old, size, kept.roots[old], kept.roots[size], proof)


@given(st.integers(2, 120), st.data())
def test_a_rewritten_log_is_no_continuation(size: int, data: st.DataObject) -> None:
    """Neither with its own proof nor with the honest one does a fork pass for the log."""
    old = data.draw(st.integers(1, size - 1))
    leaves = [bytes([i]) for i in range(size)]
    kept = Kept(leaves)
    leaves[data.draw(st.integers(0, old - 1))] = b"rewritten"
    fork = Kept(leaves)
    for proof in (fork.consistency(old, size), kept.consistency(old, size)):
        assert not rules.consistency_holds(old, size, kept.roots[old], fork.roots[size], proof)


@given(st.integers(1, 100), st.integers(1, 100), st.data())
def test_a_proof_is_for_a_log_of_its_depth(size: int, claimed: int, data: st.DataObject) -> None:
    """The root of a small log is not the root of a larger one, whatever size is claimed for it."""
    kept = Kept([bytes([i]) for i in range(size)])
    index = data.draw(st.integers(0, size - 1))
    proof, leaf = kept.inclusion(index, size), rules.leaf_hash(kept.leaves[index])
    if (claimed - 1).bit_length() > (size - 1).bit_length() and index < 1 << (size - 1).bit_length():
        assert not rules.inclusion_holds(leaf, index, claimed, proof, kept.roots[size])


def test_growth_is_not_believed_without_a_proof(published: Kept) -> None:
    for old in (3, 4):
        assert not rules.consistency_holds(old, 5, published.roots[old], published.roots[5], [])


@pytest.mark.parametrize(("old", "new"), [(5, 3), (-1, 4), (4, -1)])
def test_a_log_never_shrinks(published: Kept, old: int, new: int) -> None:
    assert not rules.consistency_holds(old, new, published.roots[5], published.roots[3], [])
    with pytest.raises(ValueError, match="cannot be shown"):
        rules.consistency_spans(old, new)


def test_equal_sizes_must_be_equal_logs(published: Kept) -> None:
    root, other = published.roots[4], published.roots[5]
    assert rules.consistency_holds(4, 4, root, root, [])
    assert not rules.consistency_holds(4, 4, root, other, [])
    assert not rules.consistency_holds(4, 4, root, root, [root])
    assert rules.consistency_holds(0, 4, rules.EMPTY_ROOT, root, [])
    assert not rules.consistency_holds(0, 4, other, root, [])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_there_is_no_proof_for_what_is_not_there(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no entry"):
        rules.inclusion_spans(index, size)


def test_a_frontier_has_the_peaks_of_its_size() -> None:
    with pytest.raises(ValueError, match="a log of 3 has 2 peaks"):
        Frontier(3, (b"x" * 32,))


# ---- commitments -------------------------------------------------------------------------------

words = st.dictionaries(
    st.text(),
    st.one_of(st.text(), st.booleans(), st.none(), st.integers(-(2**53) + 1, 2**53 - 1)),
)


@given(words, st.binary(min_size=32, max_size=32))
def test_a_commitment_knows_words_not_their_order(text: dict[str, object], salt: bytes) -> None:
    turned = dict(reversed(text.items()))
    written = rules.canonical(text)
    assert written == rules.canonical(turned)
    assert json.loads(written) == text
    assert rules.commitment(salt, written) == sha256(salt + written).digest()


@given(words, words, st.binary(min_size=32, max_size=32))
def test_other_words_or_another_salt_make_another_commitment(
    one: dict[str, object], two: dict[str, object], salt: bytes
) -> None:
    first = rules.commitment(salt, rules.canonical(one))
    if rules.canonical(one) != rules.canonical(two):
        assert rules.commitment(salt, rules.canonical(two)) != first
    other = bytes([salt[0] ^ 1]) + salt[1:]
    assert rules.commitment(other, rules.canonical(one)) != first


@pytest.mark.parametrize("salt", [b"", b"x" * 31, b"x" * 33])
def test_a_salt_has_its_length(salt: bytes) -> None:
    with pytest.raises(ValueError, match="a salt has 32 bytes"):
        rules.commitment(salt, b"{}")


@pytest.mark.parametrize("value", [float("nan"), 2**53, object(), b"x"])
def test_words_json_cannot_say_are_refused(value: object) -> None:
    with pytest.raises(rfc8785.CanonicalizationError):
        rules.canonical({"a": value})
