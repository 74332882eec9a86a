"""From a text to its tokens, such that texts which read the same give the same tokens.

Folding is by a shipped table (``detector.train.unicode_table``): compatibility forms, case, marks, zero-width
characters, apostrophes, and letters of other scripts that are drawn like Latin ones. A word that a hyphen breaks
at a line's end is one token again; scripts without spaces give a token a character.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector.jit import njit
from detector.models import shipped

TABLE_SIZE = 0x20000  # the planes with letters; what lies above is an ideograph (plane 2, 3) or a separator

# An entry is kind (top four bits), an upper-case flag, and the folded code point or the place of its expansion.
SEPARATOR, LETTER, DIGIT, IGNORABLE, SINGLE, HYPHEN, EXPANSION, POINT = (kind << 28 for kind in range(8))
UPPER = 1 << 27
_KIND = 0xF0000000
_VALUE = 0x1FFFFF

NUMBER, CAPITALISED, ALL_CAPITALS, STARTS_SENTENCE = 1, 2, 4, 8

UInts = NDArray[np.uint32]
_FNV_START, _FNV_PRIME = np.uint32(2166136261), np.uint32(16777619)
_COMMA = 44
_SENTENCE_MARKS = (46, 33, 63, 58, 10, 34, 0x201C, 0x201E, 0xAB, 0x3002)  # . ! ? : line end " “ „ « 。


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text, shape (n,) each but for ``codes``."""

    hashes: UInts  # FNV-1a of the folded letters
    starts: NDArray[np.int32]  # offset of the first character
    ends: NDArray[np.int32]  # offset behind the last character
    flags: NDArray[np.uint8]  # NUMBER | CAPITALISED | ALL_CAPITALS | STARTS_SENTENCE
    codes: UInts  # the text's code points, shape (characters,)

    def __len__(self) -> int:
        return int(self.hashes.size)


@lru_cache(maxsize=1)
def _tables() -> tuple[UInts, UInts, str]:
    weights = shipped("unicode")
    return weights["table"], weights["expansions"], str(weights.provenance["unicode"])


def unicode_version() -> str:
    """The Unicode version of the folding table, which is part of what makes a sketch."""
    return _tables()[2]


def tokenise(text: str) -> Tokens:
    """The tokens of ``text``; time and memory are linear in its length, whatever it holds."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    table, expansions, _ = _tables()
    hashes, starts, ends, flags = _tokenise(codes, table, expansions)
    return Tokens(hashes, starts, ends, flags, codes)


@njit
def _entry(codes: UInts, at: int, table: UInts) -> int:
    """The table entry of the character at ``at``; behind the text's end a separator."""
    if at >= codes.size:
        return SEPARATOR
    code = codes[at]
    if code < TABLE_SIZE:
        return int(table[code])
    return SINGLE | int(code) if code < 0x40000 else SEPARATOR


@njit
def _after_line_break(codes: UInts, at: int, table: UInts) -> int:
    """Where a word goes on that the hyphen at ``at`` breaks at its line's end; -1 when it does not."""
    end = at + 1
    broken = False
    while end < codes.size and codes[end] in (10, 13, 32, 9):
        broken = broken or codes[end] == 10
        end += 1
    entry = _entry(codes, end, table)
    # Only a lower-case letter goes on with the word: "chil-\ndren", but not "Anglo-\nSaxon".
    return end if broken and (entry & _KIND) == LETTER and not entry & UPPER else -1


@njit
def _fold_into(state: np.uint32, entry: int, expansions: UInts) -> np.uint32:
    """FNV-1a: the hash of a token so far, and one more character."""
    if (entry & _KIND) != EXPANSION:
        return np.uint32((state ^ np.uint32(entry & _VALUE)) * _FNV_PRIME)
    for folded in expansions[entry & _VALUE]:
        if folded:
            state = np.uint32((state ^ folded) * _FNV_PRIME)
    return state


@njit
def _is_wordlike(kind: int) -> bool:
    return kind in (LETTER, DIGIT, EXPANSION)


@njit
def _read_token(codes: UInts, start: int, table: UInts, expansions: UInts) -> tuple[int, np.uint32, int]:
    """The token that starts at ``start``: where it ends, its hash, its flags."""
    state = _FNV_START
    end = at = start
    letters = capitals = digits = 0
    before = SEPARATOR  # kind of the last letter or digit
    first = _entry(codes, start, table)
    while at < codes.size:
        entry = _entry(codes, at, table)
        kind = entry & _KIND
        if _is_wordlike(kind):
            state = _fold_into(state, entry, expansions)
            letters += 1
            capitals += (entry & UPPER) != 0
            digits += kind == DIGIT
            before = kind
            end = at = at + 1
        elif kind == IGNORABLE:
            at += 1
        elif kind == HYPHEN and before != DIGIT:
            at = _after_line_break(codes, at, table)
            if at < 0:
                break
        elif kind == POINT and before == DIGIT and (_entry(codes, at + 1, table) & _KIND) == DIGIT:
            if codes[at] != _COMMA:  # "1,234" is the number "1234", "1.5" is not "15"
                state = np.uint32((state ^ np.uint32(46)) * _FNV_PRIME)
            at += 1
        else:
            break
    return end, state, _flags(first, letters, capitals, digits)


@njit
def _flags(first: int, letters: int, capitals: int, digits: int) -> int:
    flags = CAPITALISED if first & UPPER else 0
    if letters > 1 and capitals == letters:
        flags |= ALL_CAPITALS
    # "4,300", "1.5" and "10km", but not "col1ecti0n" from a bad scan, nor "4th".
    if 2 * digits >= letters and (first & _KIND) == DIGIT:
        flags |= NUMBER
    return flags


@njit
def _tokenise(
    codes: UInts, table: UInts, expansions: UInts
) -> tuple[UInts, NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]:
    hashes = np.empty(codes.size, np.uint32)
    starts = np.empty(codes.size, np.int32)
    ends = np.empty(codes.size, np.int32)
    flags = np.empty(codes.size, np.uint8)
    count = at = 0
    boundary = STARTS_SENTENCE  # did a sentence end since the last token?
    while at < codes.size:
        entry = _entry(codes, at, table)
        kind = entry & _KIND
        if kind == SINGLE:
            hashes[count] = _fold_into(_FNV_START, entry, expansions)
            starts[count], ends[count], flags[count] = at, at + 1, 0
        elif _is_wordlike(kind):
            starts[count] = at
            ends[count], hashes[count], token_flags = _read_token(codes, at, table, expansions)
            flags[count] = token_flags | boundary
        else:
            if codes[at] in _SENTENCE_MARKS:
                boundary = STARTS_SENTENCE
            at += 1
            continue
        boundary = 0
        at = ends[count]
        count += 1
    return hashes[:count].copy(), starts[:count].copy(), ends[:count].copy(), flags[:count].copy()
