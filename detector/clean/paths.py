"""Where a block stands: hashed tokens of its ancestors' tags, classes, ids and roles, and the containers around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.clean import walk as w
from detector.clean.blocks import Page
from detector.clean.tags import WALK_NAMES
from detector.clean.textstats import mix
from detector.clean.tokens import Bytes
from detector.jit import inlined, leaf, njit

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Hashes = NDArray[np.uint32]

LEVELS = 4  # containers around a block that are looked at
SPACES = 3  # a token counts apart on the block's own element, on the two above it, and anywhere above
_ANCESTORS = (
    "article", "main", "aside", "nav", "header", "footer", "form", "figure", "table", "li", "blockquote", "body",
)  # fmt: skip
ANCESTORS = len(_ANCESTORS)
_BITS = np.array([1 << _ANCESTORS.index(tag) if tag in _ANCESTORS else 0 for tag in WALK_NAMES], dtype=np.int64)

_MAX_NAMES, _MAX_WORDS, _MAX_CHARS = 24, 12, 80  # of an element's names, of the words in one, of the bytes of one
_MOST = _MAX_NAMES * (1 + _MAX_WORDS) + 1  # tokens of an element
_SEED, _PRIME = np.uint32(2166136261), np.uint32(16777619)  # FNV-1a
_TAG_MARK, _NAME_MARK = np.uint32(60), np.uint32(46)


@dataclass(frozen=True, slots=True)
class Paths:
    """The tree above a page's blocks, as arrays."""

    parents: Longs  # of each element, -1 for the root, shape (e,)
    holder: Longs  # the element of each block, shape (n,)
    tokens: Hashes  # hashed tokens of every element that holds a block, in order
    token_starts: Longs  # shape (e + 1,)
    shape: Longs  # a hash of each element's own, parent's and grandparent's names, shape (e,)
    below: Longs  # the ancestors of each block that have a bit, shape (n,)
    low: Longs  # first block of each element, shape (e,)
    high: Longs  # one past its last block
    containers: Longs  # the innermost LEVELS ancestors that differ in their blocks, shape (n, LEVELS)


def read_paths(page: Page) -> Paths:
    """The arrays for ``page``."""
    parents = page.elements[:, w.E_PARENT].astype(np.int64)
    holder = page.blocks[:, w.B_ELEMENT].astype(np.int64)
    low, high, containers = _climb(parents, holder)
    markup = np.frombuffer(page.markup, dtype=np.uint8)
    tokens, starts, own = _tokens(markup, page.elements, high > low)
    shape, below = _inherit(parents, own, page.elements[:, w.E_TAG].astype(np.int64))
    return Paths(parents, holder, tokens, starts, shape, below[holder], low, high, containers)


@njit
def _climb(parents: Longs, holder: Longs) -> tuple[Longs, Longs, Longs]:
    """Block ranges of elements, containers of blocks."""
    count, n = parents.size, holder.size
    low = np.full(count, n, dtype=np.int64)
    high = np.zeros(count, dtype=np.int64)
    for b in range(n):
        low[holder[b]] = min(low[holder[b]], b)
        high[holder[b]] = max(high[holder[b]], b + 1)
    for e in range(count - 1, 0, -1):  # children come after their parents
        low[parents[e]] = min(low[parents[e]], low[e])
        high[parents[e]] = max(high[parents[e]], high[e])
    containers = np.empty((n, LEVELS), dtype=np.int64)
    for b in range(n):
        e = holder[b]
        size = 1
        for level in range(LEVELS):
            while parents[e] >= 0 and high[e] - low[e] <= size:
                e = parents[e]
            containers[b, level] = e
            size = high[e] - low[e]
    return low, high, containers


@njit
def _inherit(parents: Longs, own: Longs, tags: Longs) -> tuple[Longs, Longs]:
    """Shapes and ancestor bits of elements."""
    count = parents.size
    shape = np.empty(count, dtype=np.int64)
    below = np.zeros(count, dtype=np.int64)
    for e in range(count):  # parents come first
        parent = parents[e]
        below[e] = _BITS[tags[e]] if tags[e] >= 0 else 0
        shape[e] = own[e] * 31
        if parent >= 0:
            below[e] |= below[parent]
            shape[e] += own[parent] * 17
            if parents[parent] >= 0:
                shape[e] += own[parents[parent]]
    return shape, below


@njit
def _tokens(src: Bytes, elements: w.Ints, used: NDArray[np.bool_]) -> tuple[Hashes, Longs, Longs]:
    """The distinct tokens of every used element, where each element's begin, and a hash of all its names."""
    count = len(elements)
    starts = np.zeros(count + 1, dtype=np.int64)
    own = np.zeros(count, dtype=np.int64)
    tokens = np.empty(max(64 * count, _MOST), dtype=np.uint32)
    at = 0
    for e in range(count):
        if used[e]:
            if at + _MOST > tokens.size:
                grown = np.empty(2 * tokens.size + _MOST, dtype=np.uint32)
                grown[:at] = tokens[:at]
                tokens = grown
            at, own[e] = _element_tokens(src, elements[e], tokens, at)
        starts[e + 1] = at
    return tokens[:at].copy(), starts, own


@leaf
def _element_tokens(src: Bytes, row: w.Ints, tokens: Hashes, at: int) -> tuple[int, int]:
    """Write an element's tokens: its tag, its names whole, and the words that they are made of."""
    first = at
    value = (_SEED ^ _TAG_MARK) * _PRIME
    if row[w.E_TAG] >= 0:
        value = np.uint32(value ^ np.uint32(row[w.E_TAG])) * _PRIME
    tokens[at] = mix(value)
    at += 1
    names = 0
    whole = int(tokens[first])
    for column in range(w.E_NAMES, w.ELEMENT_COLUMNS, 2):
        i, end = row[column], row[column + 1]
        while 0 <= i < end and names < _MAX_NAMES:
            if src[i] <= 32:
                i += 1
                continue
            stop = i
            while stop < end and src[stop] > 32:
                stop += 1
            at = _name_tokens(src, i, min(stop, i + _MAX_CHARS), tokens, first, at)
            names += 1
            i = stop
    for k in range(first, at):
        whole = whole * 1_000_003 + int(tokens[k])
    return at, whole


@inlined
def _name_tokens(src: Bytes, start: int, end: int, tokens: Hashes, first: int, at: int) -> int:
    """One name whole, and its words: runs of small letters with a capital before them, runs of capitals."""
    value = (_SEED ^ _NAME_MARK) * _PRIME
    for i in range(start, end):
        value = np.uint32(value ^ np.uint32(src[i] + 32 if 65 <= src[i] <= 90 else src[i])) * _PRIME
    at = _add(tokens, first, at, mix(value))
    words = 0
    i = start
    while i < end and words < _MAX_WORDS:
        if not 97 <= (src[i] | 32) <= 122:
            i += 1
            continue
        value = _SEED
        capital = src[i] < 97
        value = np.uint32(value ^ np.uint32(src[i] | 32)) * _PRIME
        i += 1
        if capital and i < end and 65 <= src[i] <= 90:  # a run of capitals
            while i < end and 65 <= src[i] <= 90:
                value = np.uint32(value ^ np.uint32(src[i] | 32)) * _PRIME
                i += 1
        else:
            while i < end and 97 <= src[i] <= 122:
                value = np.uint32(value ^ np.uint32(src[i])) * _PRIME
                i += 1
        at = _add(tokens, first, at, mix(value))
        words += 1
    return at


@inlined
def _add(tokens: Hashes, first: int, at: int, value: np.uint32) -> int:
    """Append a token that is not there yet."""
    for k in range(first, at):
        if tokens[k] == value:
            return at
    tokens[at] = value
    return at + 1


@inlined
def token_row(token: np.uint32, space: int) -> int:
    """The row of the weight table that a token touches in one of the SPACES."""
    return int(mix(np.uint32(token + np.uint32(space) * np.uint32(0x9E3779B1))) & np.uint32(65535))


def path_scores(paths: Paths, weights: NDArray[np.float32]) -> Floats:
    """Sum of the token weights along each block's path: shape (65536,) in, (n,) out."""
    return _along(paths.parents, paths.tokens, paths.token_starts, weights)[paths.holder]


@njit
def _along(parents: Longs, tokens: Hashes, starts: Longs, weights: NDArray[np.float32]) -> Floats:
    count = parents.size
    own, near, every = np.zeros(count), np.zeros(count), np.zeros(count)
    out = np.zeros(count)
    for e in range(count):
        parent = parents[e]
        for k in range(starts[e], starts[e + 1]):
            own[e] += weights[token_row(tokens[k], 0)]
            near[e] += weights[token_row(tokens[k], 1)]
            every[e] += weights[token_row(tokens[k], 2)]
        if parent >= 0:
            every[e] += every[parent]
        out[e] = own[e] + every[e]
        if parent >= 0:
            out[e] += near[parent]
            if parents[parent] >= 0:
                out[e] += near[parents[parent]]
    return out


def path_rows(paths: Paths) -> list[Longs]:
    """For each block, the rows of the weight table whose weights ``path_scores`` adds up, for training."""
    known: dict[int, Longs] = {}
    for holder in set(paths.holder.tolist()):
        chain = [holder]
        while paths.parents[chain[-1]] >= 0:
            chain.append(int(paths.parents[chain[-1]]))
        spaces = [(holder, 0), *((e, 1) for e in chain[1:3]), *((e, 2) for e in chain)]
        known[holder] = np.array([row for e, space in spaces for row in _rows(paths, e, space)], dtype=np.int64)
    return [known[holder] for holder in paths.holder.tolist()]


def _rows(paths: Paths, element: int, space: int) -> list[int]:
    own = paths.tokens[paths.token_starts[element] : paths.token_starts[element + 1]]
    return [token_row(token, space) for token in own]
