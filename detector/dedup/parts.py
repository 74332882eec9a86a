"""Some hundred texts read at once: what ``tokenise`` and ``sketch`` make of each, as columns.

A text of newswire length is read in the time that some calls from Python take, so nothing is called for a single one.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from detector.dedup.bands import Banding
from detector.dedup.collection import EXTENTS
from detector.dedup.kernels import band_keys, sampled, shingle_sequence, sign
from detector.dedup.normalise import tables, tokens_of_codes
from detector.dedup.scan import Codes
from detector.dedup.sketching import Sketching, permutations, weights
from detector.jit import array_at, njit

UInts = NDArray[np.uint32]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Longs = NDArray[np.int64]

BANDING, MAKING = Banding(), Sketching()


class Part(NamedTuple):
    """n texts as one process reads them."""

    digests: list[str]  # of the normalised texts; empty where there is no token
    columns: dict[str, NDArray[Any]]  # by KINDS, of each column one text's values behind the other's
    sizes: Longs  # how many values each text has, by EXTENTS, shape (n, 6)

    @classmethod
    def of(cls, texts: Sequence[str]) -> Self:
        """Read some texts. The band keys of one without a token are of no meaning."""
        table, expansions, _ = tables()
        together = "".join(texts)
        characters = np.array([len(text) for text in texts], np.int64)
        tokens = _tokens(together, _ends(characters), table, expansions, weights(MAKING))
        shingles, distinct = _distinct(tokens.sequence, tokens.shingles)
        keys = _keys(shingles, _ends(distinct), *permutations(MAKING.num_perm, MAKING.seed), _NUMBERS)
        hashes = tokens.hashes.data
        digests = [
            blake2b(hashes[start:end], digest_size=16).hexdigest() if end > start else ""
            for start, end in pairwise(_ends(tokens.sizes).tolist())
        ]
        narrow, wide = zip(*map(_encoded, texts), strict=True) if texts else ((), ())
        columns: dict[str, NDArray[Any]] = {
            "hashes": tokens.hashes,
            "flags": tokens.flags,
            "starts": tokens.starts,
            "ends": tokens.ends,
            "narrow": np.frombuffer(b"".join(narrow), np.uint8),
            "wide": np.frombuffer(b"".join(wide), np.uint32),
            "shingles": shingles,
            "passages": keys.passages,
            "bands": keys.bands.ravel(),
        }
        sizes = {
            "tokens": tokens.sizes,
            "narrowed": [len(text) for text in narrow],
            "widened": [len(text) // 4 for text in wide],
            "distinct": distinct,
            "sampled": keys.sizes,
            "banded": [BANDING.bands] * len(texts),
        }
        return cls(digests, columns, np.array([sizes[name] for name in EXTENTS], np.int64).T.reshape(-1, len(EXTENTS)))


def _encoded(text: str) -> tuple[bytes, bytes]:
    """A text in one byte a character, or, where that is not enough, in four."""
    try:
        return text.encode("latin-1"), b""
    except UnicodeEncodeError:
        return b"", text.encode("utf-32-le", "surrogatepass")


_NUMBERS = (BANDING.bands, BANDING.rows, MAKING.sample, MAKING.sample_all_below)


def _ends(sizes: Longs) -> Longs:
    return np.concatenate(([0], np.cumsum(sizes)))


class _Tokens(NamedTuple):
    hashes: UInts
    flags: Bytes
    starts: Ints
    ends: Ints
    sequence: UInts  # the shingle at each position
    sizes: Longs  # tokens of each text
    shingles: Longs  # positions of each


@njit
def _tokens(texts: Any, behind: Longs, table: UInts, expansions: UInts, weighted: UInts) -> _Tokens:
    """The tokens of texts that stand one behind the other, text k from ``behind[k]`` to ``behind[k + 1]``."""
    size = texts._length
    if texts._kind == 1:
        return _read(array_at(texts._data, (size,), np.uint8), behind, table, expansions, weighted)
    if texts._kind == 2:
        return _read(array_at(texts._data, (size,), np.uint16), behind, table, expansions, weighted)
    return _read(array_at(texts._data, (size,), np.uint32), behind, table, expansions, weighted)


@njit
def _read(codes: Codes, behind: Longs, table: UInts, expansions: UInts, weighted: UInts) -> _Tokens:
    count = behind.size - 1
    most = codes.size + count  # no token is shorter than a character
    hashes, sequence = np.empty(most, np.uint32), np.empty(most, np.uint32)
    starts, ends, flags = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.uint8)
    sizes, shingles = np.empty(count, np.int64), np.empty(count, np.int64)
    at = to = 0
    for k in range(count):
        found = tokens_of_codes(codes[behind[k] : behind[k + 1]], table, expansions, True)
        own = shingle_sequence(found.hashes, weighted)
        sizes[k], shingles[k] = found.hashes.size, own.size
        end = at + sizes[k]
        hashes[at:end], flags[at:end], starts[at:end], ends[at:end] = (
            found.hashes,
            found.flags,
            found.starts,
            found.ends,
        )
        sequence[to : to + own.size] = own
        at, to = end, to + own.size
    return _Tokens(
        hashes[:at].copy(),
        flags[:at].copy(),
        starts[:at].copy(),
        ends[:at].copy(),
        sequence[:to].copy(),
        sizes,
        shingles,
    )


def _distinct(sequence: UInts, sizes: Longs) -> tuple[UInts, Longs]:
    """The shingles of each text sorted and without repeats, and how many each then has; ``sequence`` is sorted."""
    ends = _ends(sizes)
    for start, end in pairwise(ends.tolist()):
        sequence[start:end].sort()  # one by one: of as many in one go, a quarter as many are sorted in the time
    is_first = np.diff(sequence, prepend=~sequence[:1]) != 0
    is_first[ends[:-1][sizes > 0]] = True
    return sequence[is_first], np.diff(_ends(is_first)[ends])


class _Keys(NamedTuple):
    bands: UInts
    passages: UInts
    sizes: Longs


@njit
def _keys(shingles: UInts, ends: Longs, a: UInts, b: UInts, numbers: tuple[int, int, int, int]) -> _Keys:
    """By what texts are found, as in ``sketch`` and ``Banding.keys``; ``ends``: of each one's shingles, from 0 on."""
    bands, rows, sample, all_below = numbers
    count = ends.size - 1
    keys, sizes = np.zeros((count, bands), np.uint32), np.zeros(count, np.int64)
    passages = np.empty(shingles.size, np.uint32)
    at = 0
    for k in range(count):
        own = shingles[ends[k] : ends[k + 1]]
        if own.size:
            keys[k] = band_keys(sign(own, a, b), bands, rows)
            some = own if own.size <= all_below else sampled(own, sample)
            sizes[k] = some.size
            passages[at : at + some.size] = some
            at += some.size
    return _Keys(keys, passages[:at].copy(), sizes)
