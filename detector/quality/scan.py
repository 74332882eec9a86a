"""Code points → tokens, compiled: where each begins and ends, its hash, its stem, and what it counts for.

Does in one pass what ``tokens.TOKEN`` and the word lists say in Python; the tests hold the two to each other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.jit import borrowed, leaf, njit, trailing_zeros

Codes = NDArray[np.uint32]
Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Kinds = NDArray[np.uint8]

# What a character is: bits of the table of kinds.
WORD, DECIMAL, UPPER, LOWER, SPACE, ALNUM, DIGIT = 1, 2, 4, 8, 16, 32, 64
_OFFSET, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # FNV-1a, 64 bits
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF, _LOW, _ONE, _NONE = np.uint64(32), np.uint64(0xFFFFFFFF), np.uint64(1), np.uint64(0)
_APOSTROPHE, _TYPOGRAPHIC, _HYPHEN, _AND = 0x27, 0x2019, 0x2D, 0x26
_STEM = 6
LONGEST_PHRASE = 4


@leaf
def kind_of(code: int, kinds: Kinds) -> int:
    """The bits of a character; one beyond the first plane is a mark, as nearly all of those are."""
    return int(kinds[code]) if code < kinds.size else 0


@leaf
def token_end(codes: Codes, at: int, end: int, kinds: Kinds) -> int:
    """Where the token that begins at ``at`` ends: a word with its inner apostrophes and points, or a single mark."""
    if not kind_of(codes[at], kinds) & WORD:
        return at + 1
    j = at + 1
    while j < end:
        if kind_of(codes[j], kinds) & WORD:
            j += 1
            continue
        if j + 1 >= end:
            break
        code, following = codes[j], kind_of(codes[j + 1], kinds)
        joins = code == _APOSTROPHE or code == _TYPOGRAPHIC or code == _AND or code == _HYPHEN  # noqa: PLR1714  # compiled
        points = code == 0x2E or code == 0x2C or code == 0x3A or code == 0x2F  # noqa: PLR1714  # . , : /
        if (joins and following & WORD) or (points and following & DECIMAL and kind_of(codes[j - 1], kinds) & DECIMAL):
            j += 2
            continue
        break
    return j


@njit
def scan(codes: Codes, edges: Ints, kinds: Kinds) -> tuple[Ints, Ints, Ints, Ints]:
    """Begin, end and row of every token between the two ``edges[r]``, and each row's first token."""
    begin = np.empty(codes.size, dtype=np.int64)
    finish = np.empty(codes.size, dtype=np.int64)
    rows = np.empty(codes.size, dtype=np.int64)
    bounds = np.zeros(edges.shape[0] + 1, dtype=np.int64)
    count = 0
    for row in range(edges.shape[0]):
        at, last = edges[row]
        while at < last:
            if kind_of(codes[at], kinds) & SPACE:
                at += 1
                continue
            begin[count], rows[count] = at, row
            at = token_end(codes, at, last, kinds)
            finish[count] = at
            count += 1
        bounds[row + 1] = count
    return begin[:count].copy(), finish[:count].copy(), rows[:count].copy(), bounds


@leaf
def folded_hash(codes: Codes, begin: int, end: int, lower: Codes) -> np.uint64:
    """FNV-1a over the folded characters, its halves folded into 32 bits; ``tokens.word_hash`` is the same."""
    value = _OFFSET
    for k in range(begin, end):
        code = codes[k]
        small = lower[code] if code < lower.size else code
        value = (value ^ np.uint64(small)) * _PRIME
    return (value ^ (value >> _HALF)) & _LOW


@leaf
def look_up(key: np.uint64, keys: Hashes) -> np.int64:
    """The place of ``key`` in an open-addressing table whose size is a power of two, or -1; 0 is an empty cell."""
    mask = np.int64(keys.size - 1)
    place = np.int64((key * _MIX) >> _HALF) & mask
    while keys[place] != _NONE:
        if keys[place] == key:
            return place
        place = (place + 1) & mask
    return np.int64(-1)


@leaf
def has_ending(codes: Codes, end: int, size: int, lower: Codes, endings: Codes, first: int, last: int) -> bool:
    """Whether the token ends in one of ``endings[first:last]``: a row each, the last letter first, then zeros."""
    for number in range(first, last):
        length = 0
        while length < endings.shape[1] and endings[number, length]:
            code = codes[end - 1 - length]
            if (lower[code] if code < lower.size else code) != endings[number, length]:
                break
            length += 1
        if length == endings.shape[1] or not endings[number, length]:
            return length <= size
    return False


@leaf
def is_loud(codes: Codes, begin: int, end: int, kinds: Kinds) -> bool:
    """Whether every letter that has a case is a capital, and one is."""
    found = False
    for k in range(begin, end):
        kind = kind_of(codes[k], kinds)
        if kind & LOWER:
            return False
        found = found or (kind & UPPER) > 0
    return found


@leaf
def stem_hash(codes: Codes, begin: int, end: int, lower: Codes, word: np.uint64) -> np.uint64:
    """Hash of a word without its ending, roughly: six letters, or a shorter word without its plural's s.

    ``word`` is the hash of the whole word, which is the stem where nothing is taken off.
    """
    whole = end
    possessive = codes[end - 2] == _APOSTROPHE or codes[end - 2] == _TYPOGRAPHIC
    if end - begin > 2 and possessive and lower[codes[end - 1]] == 0x73:
        end -= 2
    if end - begin > _STEM:
        end = begin + _STEM
    elif codes[end - 1] < lower.size and lower[codes[end - 1]] == 0x73:
        end -= 1
    return folded_hash(codes, begin, end, lower) if end < whole else word


@leaf
def hashes_of(codes: Codes, begin: int, end: int, lower: Codes) -> tuple[np.uint64, np.uint64]:
    """``folded_hash`` and ``stem_hash`` of a word in one pass over it."""
    value = before = _OFFSET
    for k in range(begin, min(end, begin + _STEM)):
        before = value
        value = _folded(value, codes[k], lower)
    stem = value
    for k in range(begin + _STEM, end):
        value = _folded(value, codes[k], lower)
    word, last = _halved(value), codes[end - 1]
    if last < lower.size and lower[last] == 0x73:
        if end - begin > 2 and (codes[end - 2] == _APOSTROPHE or codes[end - 2] == _TYPOGRAPHIC):
            return word, stem_hash(codes, begin, end, lower, word)
        if end - begin <= _STEM:
            return word, _halved(before)
    return word, _halved(stem)


@leaf
def _folded(value: np.uint64, code: int, lower: Codes) -> np.uint64:
    return (value ^ np.uint64(lower[code] if code < lower.size else code)) * _PRIME


@leaf
def _halved(value: np.uint64) -> np.uint64:
    return (value ^ (value >> _HALF)) & _LOW


@njit
def numbered(values: Hashes) -> tuple[Ints, int]:
    """Each value as the number of its first appearance, and how many distinct ones there are."""
    size = 64
    while size < 2 * values.size:
        size *= 2
    keys = np.zeros(size, dtype=np.uint64)
    numbers = np.zeros(size, dtype=np.int64)
    out = np.empty(values.size, dtype=np.int64)
    count = 0
    for k in range(values.size):
        key = values[k] + _ONE  # 0 marks an empty cell
        place = np.int64((key * _MIX) >> _HALF) & np.int64(size - 1)
        while keys[place] != _NONE and keys[place] != key:
            place = (place + 1) & (size - 1)
        if keys[place] == _NONE:
            keys[place], numbers[place] = key, count
            count += 1
        out[k] = numbers[place]
    return out, count


@leaf
def shape_bits(
    codes: Codes, begin: int, end: int, listed: np.uint64, kinds: Kinds, lower: Codes, endings: Codes, bits: Hashes
) -> np.uint64:
    """What a word counts for by its form; ``listed`` is what the word lists say, ``bits`` the places of the shapes."""
    size = end - begin
    out: np.uint64 = listed | bits[0]  # word
    first = kind_of(codes[begin], kinds)
    if first & DIGIT:
        out |= bits[3]
        return out
    out |= bits[4]  # letters
    if first & UPPER:
        out |= bits[1]
    if size > 1 and is_loud(codes, begin, end, kinds):
        out |= bits[2]
    if size >= 9:
        out |= bits[5]
    if size > 6 and has_ending(codes, end, size, lower, endings, 3, endings.shape[0]):
        out |= bits[6]
    for number, needed in enumerate((4, 5, 4)):  # ly, ing, ed
        if size > needed and has_ending(codes, end, size, lower, endings, number, number + 1):
            out |= bits[7 + number]
    if size > 3 and not listed & bits[11]:
        out |= bits[10]  # content
    return out


@njit
def describe(
    codes: Codes,
    begin: Ints,
    end: Ints,
    kinds: Kinds,
    lower: Codes,
    word_keys: Hashes,
    word_bits: Hashes,
    mark_bits: Hashes,
    endings: Codes,
    shapes: Hashes,
) -> tuple[Hashes, Hashes, Hashes]:
    """Hash, stem and bits of every token."""
    word = np.empty(begin.size, dtype=np.uint64)
    stem = np.empty(begin.size, dtype=np.uint64)
    bits = np.empty(begin.size, dtype=np.uint64)
    for k in range(begin.size):
        first = codes[begin[k]]
        kind = kind_of(first, kinds)
        word[k], stem[k] = hashes_of(codes, begin[k], end[k], lower)
        if not kind & ALNUM:
            stem[k] = word[k]
            bits[k] = mark_bits[first] if first < mark_bits.size else mark_bits[0]
            continue
        place = look_up(word[k] + _ONE, word_keys)
        listed = word_bits[place] if place >= 0 else _NONE
        if kind & DIGIT:
            stem[k] = word[k]
        bits[k] = shape_bits(codes, begin[k], end[k], listed, kinds, lower, endings, shapes)
    return word, stem, bits


@njit
def count_all(bits: Hashes, rows: Ints, counts: Floats) -> None:
    """Add every token to the counts of its row: shape (rows, columns)."""
    for k in range(bits.size):
        left = bits[k]
        while left != _NONE:
            counts[rows[k], np.int64(trailing_zeros(left))] += 1.0
            left &= left - _ONE


@njit
def add_phrases(word: Hashes, rows: Ints, bits: Hashes, counts: Floats, keys: Hashes, columns: Ints) -> None:
    """Count every phrase of the lexicon at its first token, where all of it stands in one row."""
    for k in range(word.size):
        gram = word[k]
        for length in range(1, LONGEST_PHRASE):
            if k + length >= word.size or rows[k + length] != rows[k]:
                break
            gram = (gram * _MIX) ^ word[k + length]
            place = look_up(gram, keys)
            if place >= 0:
                bits[k] |= _ONE << np.uint64(columns[place])
                counts[rows[k], columns[place]] += 1.0


@njit
def read(
    codes: Codes,
    edges: Ints,
    kinds: Kinds,
    lower: Codes,
    word_keys: Hashes,
    word_bits: Hashes,
    phrase_keys: Hashes,
    phrase_columns: Ints,
    mark_bits: Hashes,
    endings: Codes,
    shapes: Hashes,
    columns: int,
) -> tuple[Ints, Ints, Hashes, Ints, int, Hashes, Floats]:
    """Row of each token, bounds of the rows, hashes, numbered stems and how many, bits, and counts of each row.

    ``edges`` of shape (rows, 2) are where the rows begin and end.
    """
    codes, kinds, lower, endings, shapes = (
        borrowed(codes), borrowed(kinds), borrowed(lower), borrowed(endings), borrowed(shapes)
    )  # fmt: skip
    word_keys, word_bits, mark_bits = borrowed(word_keys), borrowed(word_bits), borrowed(mark_bits)
    begin, end, row, bounds = scan(codes, edges, kinds)
    word, stem, bits = describe(codes, begin, end, kinds, lower, word_keys, word_bits, mark_bits, endings, shapes)
    counts = np.zeros((edges.shape[0], columns))
    count_all(bits, row, counts)
    add_phrases(word, row, bits, counts, borrowed(phrase_keys), borrowed(phrase_columns))
    numbers, stems = numbered(stem)
    return row, bounds, word, numbers, stems, bits, counts


def table_of(entries: dict[int, int], dtype: Any) -> tuple[Hashes, NDArray[Any]]:
    """``entries`` as an open-addressing table for ``look_up``: keys, and the value of each."""
    size = 64
    while size < 4 * len(entries):
        size *= 2
    keys, values = np.zeros(size, dtype=np.uint64), np.zeros(size, dtype=dtype)
    for key, value in entries.items():
        place = ((key * int(_MIX) & 0xFFFFFFFFFFFFFFFF) >> 32) & (size - 1)
        while keys[place]:
            place = (place + 1) & (size - 1)
        keys[place], values[place] = key, value
    return keys, values
