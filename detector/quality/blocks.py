"""Code points → blocks, compiled: runs of lines that belong together, and which are one sentence for certain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detector.jit import borrowed, leaf, njit
from detector.quality.scan import SPACE, Codes, Ints, Kinds, kind_of

# A line at least this long that ends in the middle of a sentence was wrapped; a shorter one is a heading.
_WRAPPED_LINE = 55
_LAST_CHARACTERS = 8  # of a line, where the end of a sentence is looked for
# What a character is to a line: bits of ``_MARKS``.
_LINE_END, _ENDS, _CLOSES, _STOPS, _HARMLESS = 1, 2, 4, 8, 16


def _marks() -> NDArray[np.uint8]:
    marks = np.zeros(0x202A, dtype=np.uint8)
    for bit, characters in (
        (_LINE_END, "\r\n\u2028\u2029"),
        (_ENDS, ".!?…:;"),
        (_CLOSES, "\"”’')]"),
        (_STOPS, ".!?"),
        # Besides stops sentencex cuts at what may number a list, "12)" or "(s)", and at the stops of other scripts.
        (_HARMLESS, " ,:;'\"/&-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
    ):
        marks[[ord(character) for character in characters]] |= bit
    marks[0xC0:0x250] |= _HARMLESS  # Latin letters
    marks[0x2010:0x2020] |= _HARMLESS  # dashes and quotation marks
    return marks


_MARKS = _marks()


@leaf
def _mark_of(code: int) -> int:
    return int(_MARKS[code]) if code < _MARKS.size else 0


@njit
def blocks_of(codes: Codes, kinds: Kinds) -> Ints:
    """Begin and end of every run of lines, and whether it is one sentence for certain: shape (blocks, 3).

    A line ends its block unless it was wrapped in mid-sentence.
    """
    codes, kinds = borrowed(codes), borrowed(kinds)
    out = np.empty((codes.size // 2 + 1, 3), dtype=np.int64)  # at least one character stands between two lines
    count, start, end, length, breaks, at = 0, -1, -1, 0, 0, 0
    while at < codes.size:
        if _mark_of(codes[at]) & _LINE_END:
            breaks += codes[at] == 0x0A
            at += 1
            continue
        first = at
        while at < codes.size and not _mark_of(codes[at]) & _LINE_END:
            at += 1
        earliest = max(start, end - _LAST_CHARACTERS)
        wrapped = length >= _WRAPPED_LINE and breaks <= 1 and not _ends_sentence(codes, earliest, end, kinds)
        if not wrapped:
            start = first
            count += 1
        out[count - 1, 0], out[count - 1, 1] = start, at
        end, length, breaks = at, at - first, 0
    for number in range(count):
        out[number, 2] = _is_one_sentence(codes, out[number, 0], out[number, 1])
    return out[:count].copy()


@leaf
def _ends_sentence(codes: Codes, first: int, end: int, kinds: Kinds) -> bool:
    """Whether a stop or colon is the last character, what closes around it and white space left out."""
    while end > first and kind_of(codes[end - 1], kinds) & SPACE:
        end -= 1
    while end > first and _mark_of(codes[end - 1]) & _CLOSES:
        end -= 1
    return end > first and _mark_of(codes[end - 1]) & _ENDS > 0


@leaf
def _is_one_sentence(codes: Codes, start: int, end: int) -> bool:
    """Whether nothing that sentencex may cut at stands before the very end, as in most headings and lists."""
    for k in range(start, end - 1):
        if not _mark_of(codes[k]) & _HARMLESS:
            return False
    return _mark_of(codes[end - 1]) & (_HARMLESS | _STOPS) > 0
