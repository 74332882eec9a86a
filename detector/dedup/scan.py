"""Where the words of a text stand: sixty-four characters at a time, as bits.

Nearly every character of a newspaper is an ASCII letter, digit, space or stop, and a comparison of 64 bytes costs
what a comparison of one does. So a text becomes bytes first; the few characters that are something else are looked up
one by one, and either fold to such a byte (é, ５) or mark their word as one that must be read letter by letter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.jit import BLOCK, bytes_between, leaf, njit, ones, trailing_zeros

UInts = NDArray[np.uint32]
Bits = NDArray[np.uint64]
Bytes = NDArray[np.uint8]
Ints = NDArray[np.int32]
Codes = NDArray[np.uint8] | NDArray[np.uint16] | UInts

TABLE_SIZE = 0x20000  # the planes with letters; what lies above is an ideograph (plane 2, 3) or a separator

# An entry is kind (top four bits), an upper-case flag, and the folded code point or the place of its expansion.
SEPARATOR, LETTER, DIGIT, IGNORABLE, SINGLE, HYPHEN, EXPANSION, POINT = (kind << 28 for kind in range(8))
UPPER = 1 << 27
KIND = 0xF0000000
VALUE = 0x1FFFFF

# What may end a sentence, beyond ASCII's: “ „ « 。
_OTHER_MARKS = (0x201C, 0x201E, 0xAB, 0x3002)

_BEYOND = 0x80  # a byte that is no ASCII letter or digit, and yet part of a word
_AT_ONCE = 4  # edges of runs
_ZERO, _ONE, _LAST, _HIGHEST = np.uint64(0), np.uint64(1), np.uint64(63), np.uint64(1 << 63)


class Marked(NamedTuple):
    """A text in blocks of 64 characters; a bit of a word is a character of the block."""

    bytes: Bytes  # ASCII as it is, what folds to ASCII folded, the special ones 0x80; a block of zeros behind the text
    word: Bits  # letters and digits, and the special ones
    special: Bits  # makes its word one to be read letter by letter: an apostrophe, a joiner, a letter beyond ASCII
    ignorable: Bits  # the special ones that stand in a word without changing it
    digit: Bits
    upper: Bits
    mark: Bits  # may end a sentence
    specials: int  # bits of ``special``


@leaf
def entry_at(codes: Codes, at: int, table: UInts) -> int:
    """The table entry of the character at ``at``; behind the text's end a separator."""
    if at >= codes.size:
        return SEPARATOR
    code = int(codes[at])
    if code < TABLE_SIZE:
        return int(table[code])
    return SINGLE | code if code < 0x40000 else SEPARATOR


@leaf
def _is_special(codes: Codes, at: int, kind: int, table: UInts) -> bool:
    """Whether the character at ``at``, which is neither ASCII letter nor digit, can be part of a word."""
    if kind == HYPHEN:  # of a word that is broken at its line's end
        return at > 0 and at + 1 < codes.size and codes[at + 1] in (9, 10, 13, 32)
    if kind == POINT:  # of a number
        before = entry_at(codes, at - 1, table) & KIND if at else SEPARATOR
        return before in (DIGIT, IGNORABLE) and entry_at(codes, at + 1, table) & KIND == DIGIT
    return kind != SEPARATOR


@njit
def mark(codes: Codes, table: UInts, located: bool) -> Marked:
    """The characters of a text by what they are; where its sentences end only if they are to be ``located``."""
    blocks = codes.size // BLOCK + 2
    as_bytes = np.zeros((blocks + 1) * BLOCK, np.uint8)
    for at in range(codes.size):
        as_bytes[at] = min(np.uint32(codes[at]), np.uint32(_BEYOND))
    word, special, ignorable, digit, upper, marks = np.zeros((6, blocks), np.uint64)
    specials = 0
    behind_digit = _ONE  # a bit: whether the last block ended with a digit, or nobody knows
    for block in range(np.uint64(blocks - 1)):
        at = int(block) * BLOCK
        digits, capitals = bytes_between(as_bytes, at, 48, 10), bytes_between(as_bytes, at, 65, 26)
        letters = digits | capitals | bytes_between(as_bytes, at, 97, 26)
        unsure = bytes_between(as_bytes, at, 128, 128)
        unsure |= bytes_between(as_bytes, at, 39, 1) | bytes_between(as_bytes, at, 96, 1)
        # A stop or comma can be a number's behind a digit only (or its marks), a hyphen a line's before white space.
        behind = digits | unsure
        comma_to_stop, hyphen = bytes_between(as_bytes, at, 44, 3), bytes_between(as_bytes, at, 45, 1)
        unsure |= (comma_to_stop ^ hyphen) & (behind << _ONE | behind_digit)
        behind_digit = behind >> _LAST
        if hyphen:
            white = bytes_between(as_bytes, at, 9, 5) | bytes_between(as_bytes, at, 32, 1)
            unsure |= hyphen & (white >> _ONE | _HIGHEST)
        if located:
            # Line end ! " : ?
            marks[block] = (
                bytes_between(as_bytes, at, 46, 1)
                | bytes_between(as_bytes, at, 10, 1)
                | bytes_between(as_bytes, at, 33, 2)
            )
            marks[block] |= bytes_between(as_bytes, at, 58, 1) | bytes_between(as_bytes, at, 63, 1)
        while unsure:
            place = at + int(trailing_zeros(unsure))
            bit = unsure & (~unsure + _ONE)
            unsure ^= bit
            entry = entry_at(codes, place, table)
            kind = entry & KIND
            folded = entry & VALUE
            if kind in (LETTER, DIGIT) and folded < _BEYOND:
                as_bytes[place] = folded
                letters |= bit
                digits |= bit if kind == DIGIT else _ZERO
                capitals |= bit if entry & UPPER else _ZERO
            elif _is_special(codes, place, kind, table):
                special[block] |= bit
                ignorable[block] |= bit if kind == IGNORABLE else _ZERO
                as_bytes[place] = _BEYOND
                specials += 1
            elif codes[place] in _OTHER_MARKS:
                marks[block] |= bit
        word[block] = letters | special[block]
        digit[block], upper[block] = digits, capitals
    return Marked(as_bytes, word, special, ignorable, digit, upper, marks, specials)


@njit
def runs(word: Bits) -> Ints:
    """Where each run of word characters begins and ends, one after the other: shape (2 * runs,)."""
    size = 0
    last = _ZERO
    for bits in word:
        size += int(ones(bits ^ (bits << _ONE | last)))
        last = bits >> _LAST
    edges = np.empty(size + _AT_ONCE, np.int32)
    count = start = last = _ZERO
    for bits in word:
        changes = bits ^ (bits << _ONE | last)
        last = bits >> _LAST
        here = count + ones(changes)
        # Four without asking whether there are so many: what is too much is written over, or cut off.
        for at in range(count, here, np.uint64(_AT_ONCE)):
            for place in range(np.uint64(_AT_ONCE)):
                edges[at + place] = start + trailing_zeros(changes)
                changes &= changes - _ONE
        count = here
        start += np.uint64(BLOCK)
    return edges[:size]


@leaf
def joined(block: np.uint64, following: np.uint64, at: int) -> np.uint64:
    """The 64 bits from ``at`` on, of the block in which it lies and the one behind."""
    shift = np.uint64(at & 63)
    return block >> shift | following << _ONE << (_LAST - shift)
