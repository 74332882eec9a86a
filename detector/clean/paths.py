"""Where a block stands: hashed tokens of its ancestors' tags, classes, ids and roles, and the containers around it."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector.clean.blocks import Page
from detector.jit import njit

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

LEVELS = 4  # containers around a block that are looked at
SPACES = 3  # a token counts apart on the block's own element, on the two above it, and anywhere above
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]{2,}|[0-9]+")
_MASK = np.uint64(65535)
_ANCESTORS = (
    "article",
    "main",
    "aside",
    "nav",
    "header",
    "footer",
    "form",
    "figure",
    "table",
    "li",
    "blockquote",
    "body",
)
ANCESTORS = len(_ANCESTORS)


@dataclass(frozen=True, slots=True)
class Paths:
    """The tree above a page's blocks, as arrays."""

    parents: Longs  # of each element, -1 for the root, shape (e,)
    holder: Longs  # the element of each block, shape (n,)
    tokens: NDArray[np.uint32]  # hashed tokens of every element, in order
    token_starts: Longs  # shape (e + 1,)
    shape: Longs  # a hash of each element's own, parent's and grandparent's names, shape (e,)
    flags: NDArray[np.bool_]  # whether the block is below each of the named ancestors, shape (n, ANCESTORS)
    low: Longs  # first block of each element, shape (e,)
    high: Longs  # one past its last block
    containers: Longs  # the innermost LEVELS ancestors that differ in their blocks, shape (n, LEVELS)


@lru_cache(maxsize=1 << 16)
def tokens_of(tag: str, names: str) -> NDArray[np.uint32]:
    """The distinct tokens of an element, hashed: its tag, its names whole, and the words that they are made of."""
    tokens = {"<" + tag}
    for name in names.split()[:24]:
        tokens.add("." + name[:40].lower())
        words = [word.lower() for word in _WORD.findall(name[:80])]
        tokens.update(word for word in words[:12] if not word.isdigit())
    return np.array(sorted(zlib.crc32(token.encode()) for token in tokens), dtype=np.uint32)


@lru_cache(maxsize=1 << 16)
def _name_hash(tag: str, names: str) -> int:
    return zlib.crc32(f"{tag} {names}".encode())


def read_paths(page: Page) -> Paths:
    """The arrays for ``page``."""
    parents = np.array([element.parent for element in page.elements], dtype=np.int64)
    holder = np.array([block.element for block in page.blocks], dtype=np.int64)
    tokens = [tokens_of(element.tag, element.names) for element in page.elements]
    own = np.array([_name_hash(element.tag, element.names) for element in page.elements], dtype=np.int64)
    bits = np.array([_TAG_BITS.get(element.tag, 0) for element in page.elements], dtype=np.int64)
    shape, below, low, high, containers = _climb(parents, holder, own, bits)
    flags = (below[:, None] >> np.arange(ANCESTORS)) & 1
    starts = np.zeros(len(tokens) + 1, dtype=np.int64)
    np.cumsum([token.size for token in tokens], out=starts[1:])
    return Paths(parents, holder, np.concatenate(tokens), starts, shape, flags.astype(np.bool_), low, high, containers)


_TAG_BITS = {tag: 1 << bit for bit, tag in enumerate(_ANCESTORS)}


@njit
def _climb(parents: Longs, holder: Longs, own: Longs, bits: Longs) -> tuple[Longs, Longs, Longs, Longs, Longs]:
    """Shapes of elements, ancestor bits of blocks, block ranges of elements, containers of blocks."""
    count, n = parents.size, holder.size
    shape = np.empty(count, dtype=np.int64)
    below = bits.copy()
    for e in range(count):  # parents come first
        parent = parents[e]
        grand = parents[parent] if parent >= 0 else -1
        shape[e] = own[e] * 31
        if parent >= 0:
            shape[e] += own[parent] * 17
            below[e] |= below[parent]
        if grand >= 0:
            shape[e] += own[grand]
    low = np.full(count, n, dtype=np.int64)
    high = np.zeros(count, dtype=np.int64)
    for b in range(n):
        e = holder[b]
        while e >= 0:
            low[e] = min(low[e], b)
            high[e] = max(high[e], b + 1)
            e = parents[e]
    containers = np.empty((n, 4), dtype=np.int64)
    for b in range(n):
        e = holder[b]
        size = 1
        level = 0
        while level < 4:
            while parents[e] >= 0 and high[e] - low[e] <= size:
                e = parents[e]
            containers[b, level] = e
            size = high[e] - low[e]
            level += 1
    return shape, below[holder], low, high, containers


def token_rows(tokens: NDArray[np.uint32], space: int) -> Longs:
    """Rows of the weight table that ``tokens`` touch in one of the SPACES."""
    mixed = (tokens.astype(np.uint64) + np.uint64(space)) * np.uint64(0x9E3779B97F4A7C15)
    return ((mixed >> np.uint64(40)) & _MASK).astype(np.int64)


def path_scores(paths: Paths, weights: Floats) -> Floats:
    """Sum of the token weights along each block's path: shape (65536,) in, (n,) out."""
    sums = np.stack(
        [np.add.reduceat(weights[token_rows(paths.tokens, space)], paths.token_starts[:-1]) for space in range(SPACES)]
    )
    return _along(paths.parents, sums)[paths.holder]


@njit
def _along(parents: Longs, sums: Floats) -> Floats:
    out = np.empty(parents.size)
    every = np.empty(parents.size)
    for e in range(parents.size):
        parent = parents[e]
        every[e] = sums[2, e] + (every[parent] if parent >= 0 else 0.0)
        out[e] = sums[0, e] + every[e]
        if parent >= 0:
            out[e] += sums[1, parent]
            if parents[parent] >= 0:
                out[e] += sums[1, parents[parent]]
    return out


def path_rows(paths: Paths) -> list[Longs]:
    """For each block, the rows of the weight table whose weights ``path_scores`` adds up, for training."""
    by_space = [np.split(token_rows(paths.tokens, space), paths.token_starts[1:-1]) for space in range(SPACES)]
    known: dict[int, Longs] = {}
    for holder in set(paths.holder.tolist()):
        chain = [holder]
        while paths.parents[chain[-1]] >= 0:
            chain.append(int(paths.parents[chain[-1]]))
        pieces = [by_space[0][holder], *(by_space[1][e] for e in chain[1:3]), *(by_space[2][e] for e in chain)]
        known[holder] = np.concatenate(pieces)
    return [known[holder] for holder in paths.holder.tolist()]
