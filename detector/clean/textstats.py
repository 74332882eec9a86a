"""What is counted in each stretch of a text: characters, words, punctuation, stop words, hashed n-grams.

One compiled pass over all blocks of a page, or all lines of a text, joined. A word is a run of letters and digits;
in scripts that are written without blanks each character is one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector.jit import inlined, leaf, njit

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Codes = NDArray[np.uint32]
Hashes = NDArray[np.uint32]

# Classes of characters, as bits in the table of the first plane.
LETTER, DIGIT, UPPER, SPACE, IDEOGRAPH, STOP, COMMA, QUOTE, BAR, LOWER, OTHER = (1 << bit for bit in range(11))

(CHARS, WORDS, CAPITALISED, SHOUTED, DIGITS, COMMAS, STOPS, QUOTES, BARS, OTHERS, ENDS_STOP, ENDS_COLON, STARTS_UPPER,
 STARTS_LOWER, STARTS_DIGIT, STOP_WORDS, LETTERS, QUESTION, LINES, STARTS_BAR, ENDS_ELLIPSIS,
 LONG_WORDS) = range(22)  # fmt: skip
STATISTICS = 22

TABLE_BITS = 16  # hashed n-grams share 2**16 weights
HEAD_WORDS, TAIL_WORDS, SHORT = 4, 3, 14  # words of a block that are hashed by place; a shorter one is hashed whole

# The most frequent English words; what hangs on them is switched off on pages where they are rare.
_ENGLISH = (
    "the of and to a in that is was for it on with as be by at he his from not or an are this which have had but they "
    "you were her she all their one there been would will has more when who its said we him than into could them then "
    "can about our out up also after other some no my if so what do your how"
)


@dataclass(frozen=True, slots=True)
class TextStatistics:
    """Counts for n stretches of text, and their words as hashes in order."""

    table: Floats  # shape (n, STATISTICS)
    words: Hashes  # every word of every stretch, casefolded and hashed
    starts: Longs  # stretch i has words[starts[i]:starts[i + 1]], shape (n + 1,)
    grams: Longs  # rows of the n-gram weight table that each stretch touches
    gram_starts: Longs  # shape (n + 1,)


_MARKS = (  # the first that has a character counts
    (SPACE, " \n\t"),
    (STOP, ".!?…。！？؟।۔"),
    (COMMA, ",;،、，؛"),
    (QUOTE, "\"'“”‘’«»„‹›「」『』"),
    (BAR, "|•·›»→←/\\►▶▸©®+#@*_=~<>[]{}"),
)
_CATEGORIES = {"Lu": LETTER | UPPER, "Lt": LETTER | UPPER, "Ll": LETTER | LOWER}
_KINDS = {"L": LETTER, "M": LETTER, "N": DIGIT, "Z": SPACE}
_IDEOGRAPHS = ((0x3040, 0x30FF), (0x3400, 0x9FFF), (0x0E00, 0x0EFF), (0xF900, 0xFAFF))


@lru_cache(maxsize=1)
def planes() -> tuple[NDArray[np.uint16], NDArray[np.uint32]]:
    """Class bits and the casefolded character for every code point of the first plane."""
    characters = list(map(chr, range(0x10000)))
    categories = map(unicodedata.category, characters)
    classes = np.array([_CATEGORIES.get(name) or _KINDS.get(name[0], OTHER) for name in categories], dtype=np.uint16)
    for first, last in _IDEOGRAPHS:
        within = classes[first : last + 1]
        within[:] = np.where(within & LETTER > 0, IDEOGRAPH | LETTER, OTHER)
    for bit, members in reversed(_MARKS):
        classes[list(map(ord, members))] = bit
    lowered = enumerate(map(str.lower, characters))
    return classes, np.array([ord(small) if len(small) == 1 else code for code, small in lowered], dtype=np.uint32)


@lru_cache(maxsize=1)
def _stop_words() -> Hashes:
    """The hashes of the English stop words, each in the slot of its last bits."""
    table = _NONE.copy()
    for value in statistics_of([_ENGLISH], with_stop_words=False).words:
        if table[value % _STOP_SLOTS] not in (0, value):
            raise AssertionError("two stop words share a slot; take more slots")
        table[value % _STOP_SLOTS] = value
    return table


_STOP_SLOTS = 1 << 15  # so many that no two stop words share one
_NONE = np.zeros(_STOP_SLOTS, dtype=np.uint32)


def statistics_of(texts: Sequence[str], with_stop_words: bool = True) -> TextStatistics:
    """Counts and hashes for each of ``texts``."""
    return statistics_of_codes(codes_of(texts), len(texts), with_stop_words)


def codes_of(texts: Sequence[str]) -> Codes:
    """The characters of ``texts``, one behind the other, a 0 after each; a lone surrogate counts as a question mark."""
    joined = "\x00".join(texts) + "\x00"
    return np.frombuffer(joined.encode("utf-32-le", "replace"), dtype=np.uint32)


def statistics_of_codes(codes: Codes, n: int, with_stop_words: bool = True) -> TextStatistics:
    """Counts and hashes for ``n`` stretches whose characters are given, each stretch's followed by a 0."""
    classes, folded = planes()
    table = np.zeros((n, STATISTICS))
    words = np.empty(codes.size, dtype=np.uint32)
    starts = np.zeros(n + 1, dtype=np.int64)
    grams = np.empty(n * 48 + 48, dtype=np.int64)
    gram_starts = np.zeros(n + 1, dtype=np.int64)
    stop_words = _stop_words() if with_stop_words else _NONE
    count, at = _count(codes, classes, folded, stop_words, table, words, starts, grams, gram_starts)
    return TextStatistics(table, words[:count].copy(), starts, grams[:at].copy(), gram_starts)


@inlined
def mix(value: np.uint32) -> np.uint32:
    """The finaliser of MurmurHash3 for 32 bits."""
    value ^= value >> np.uint32(16)
    value = np.uint32(value * np.uint32(0x85EBCA6B))
    value ^= value >> np.uint32(13)
    value = np.uint32(value * np.uint32(0xC2B2AE35))
    return np.uint32(value ^ (value >> np.uint32(16)))


@inlined
def slots(keys: int) -> int:
    """Slots of a hash table for so many keys: a power of two, at most half of them taken."""
    size = 16
    while size < 2 * keys:
        size *= 2
    return size


@njit
def places_of(keys: NDArray[np.uint64]) -> tuple[Longs, int]:
    """A place in a table for each key, the same for equal keys, by open addressing; and how many places there are."""
    size = slots(keys.size)
    first = np.full(size, -1, dtype=np.int64)
    place = np.empty(keys.size, dtype=np.int64)
    for k in range(keys.size):
        at = int((keys[k] * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)) & (size - 1)
        while first[at] >= 0 and keys[first[at]] != keys[k]:
            at = (at + 1) & (size - 1)
        if first[at] < 0:
            first[at] = k
        place[k] = at
    return place, size


@njit
def count_keys(keys: NDArray[np.uint64]) -> Longs:
    """How often each key stands among all keys: shape (n,) in and out."""
    place, size = places_of(keys)
    count = np.zeros(size, dtype=np.int64)
    for at in place:
        count[at] += 1
    counts: Longs = count[place]
    return counts


@inlined
def _is_stop_word(stop_words: Hashes, value: np.uint32) -> bool:
    return bool(stop_words[value & np.uint32(_STOP_SLOTS - 1)] == value)


@inlined
def _row(value: np.uint32, space: int) -> int:
    return int(mix(np.uint32(value + np.uint32(space * 0x9E3779B1))) & np.uint32(65535))


@leaf
def _hash_grams(words: Hashes, start: int, end: int, grams: Longs, at: int) -> int:
    """Write the n-gram rows of one stretch: words by place at both ends, and all words and pairs of a short one."""
    size = end - start
    for k in range(min(size, 4)):
        grams[at] = _row(words[start + k], k + 1)
        at += 1
    for k in range(min(size, 3)):
        grams[at] = _row(words[end - 1 - k], 10 + k)
        at += 1
    if size >= 2:
        grams[at] = _row(words[start] * np.uint32(31) + words[start + 1], 20)
        grams[at + 1] = _row(words[end - 2] * np.uint32(31) + words[end - 1], 21)
        at += 2
    if size <= 14:
        for k in range(size):
            grams[at] = _row(words[start + k], 30)
            at += 1
        for k in range(size - 1):
            grams[at] = _row(words[start + k] * np.uint32(31) + words[start + k + 1], 31)
            at += 1
    return at


@inlined
def _end_word(table: Floats, i: int, word: np.uint32, length: int, upper: int, digits: int, stop_words: Hashes) -> None:
    table[i, WORDS] += 1
    if length > 0 and upper == length and length > 1:
        table[i, SHOUTED] += 1
    if length + digits >= 8:
        table[i, LONG_WORDS] += 1
    if _is_stop_word(stop_words, word):
        table[i, STOP_WORDS] += 1


@inlined
def _count_character(table: Floats, i: int, code: int, kind: int) -> None:
    if kind & LETTER:
        table[i, LETTERS] += 1
    elif kind & DIGIT:
        table[i, DIGITS] += 1
    elif kind & STOP:
        table[i, STOPS] += 1
        if code in (63, 0xFF1F, 0x61F):
            table[i, QUESTION] += 1
    elif kind & COMMA:
        table[i, COMMAS] += 1
    elif kind & QUOTE:
        table[i, QUOTES] += 1
    elif kind & BAR:
        table[i, BARS] += 1
    elif kind & OTHER:
        table[i, OTHERS] += 1
    elif code == 10:
        table[i, LINES] += 1


@inlined
def _is_stop(last: int, before_last: int) -> bool:
    return bool(last & STOP or (last & QUOTE and before_last & (STOP | COMMA)))


@inlined
def _note_edges(table: Floats, i: int, first: int, last: int, last_code: int, before_last: int) -> None:
    """What kinds of characters a stretch begins and ends with; ``before_last`` is the kind before a closing quote."""
    table[i, STARTS_UPPER] = 1.0 if first & UPPER else 0.0
    table[i, STARTS_LOWER] = 1.0 if first & LOWER else 0.0
    table[i, STARTS_DIGIT] = 1.0 if first & DIGIT else 0.0
    table[i, STARTS_BAR] = 1.0 if first & (BAR | OTHER) else 0.0
    table[i, ENDS_STOP] = 1.0 if _is_stop(last, before_last) else 0.0
    table[i, ENDS_COLON] = 1.0 if last_code in (58, 0xFF1A) else 0.0
    table[i, ENDS_ELLIPSIS] = 1.0 if last_code == 0x2026 or (last_code == 46 and before_last & STOP) else 0.0


@inlined
def _read_letters(
    codes: Codes, at: int, classes: NDArray[np.uint16], folded: NDArray[np.uint32], word: np.uint32
) -> tuple[int, np.uint32, int]:
    """The end of the letters that begin at ``at``, ``word`` hashed on with them, and the capitals among them."""
    capitals = 0
    while codes[at] < 65536 and classes[codes[at]] & LETTER and not classes[codes[at]] & IDEOGRAPH:  # a 0 is no letter
        word = np.uint32((word ^ folded[codes[at]]) * np.uint32(16777619))
        capitals += 1 if classes[codes[at]] & UPPER else 0
        at += 1
    return at, word, capitals


@leaf
def _count(  # noqa: C901  # one loop over the characters; calls between its steps would cost as much as they do
    codes: Codes, classes: NDArray[np.uint16], folded: NDArray[np.uint32], stop_words: Hashes,
    table: Floats, words: Hashes, starts: Longs, grams: Longs, gram_starts: Longs,
) -> tuple[int, int]:  # fmt: skip
    """Fill in the last five arrays; the number of words and of grams."""
    i = count = at = 0
    word = np.uint32(2166136261)
    length = upper = digits = first = last = last_code = before_last = 0
    k = begun = 0
    while k < codes.size:
        code = codes[k]
        kind = 0
        if code:
            kind = int(classes[code]) if code < 65536 else LETTER | IDEOGRAPH
            if kind & LETTER and not kind & IDEOGRAPH:
                if length + digits == 0 and kind & UPPER:
                    table[i, CAPITALISED] += 1
                first = first if first else kind
                end, word, capitals = _read_letters(codes, k, classes, folded, word)
                before_last = int(classes[codes[end - 2]]) if end - k > 1 else last
                last, last_code = int(classes[codes[end - 1]]), int(codes[end - 1])
                table[i, LETTERS] += end - k
                k, length, upper = end, length + end - k, upper + capitals
                continue
            _count_character(table, i, code, kind)
            if not kind & SPACE:
                if not first:
                    first = kind
                before_last, last, last_code = last, kind, int(code)
        k += 1
        if kind & DIGIT:
            digits += 1
            word = np.uint32((word ^ np.uint32(48)) * np.uint32(16777619))  # "3 comments" and "12 comments" are one
            continue
        if length + digits:
            words[count] = mix(word)
            _end_word(table, i, words[count], length, upper, digits, stop_words)
            count += 1
            word = np.uint32(2166136261)
            length = upper = digits = 0
        if kind & IDEOGRAPH:
            words[count] = mix(np.uint32(code))
            _end_word(table, i, words[count], 0, 0, 0, stop_words)
            count += 1
        if not code:
            table[i, CHARS] = k - 1 - begun
            begun = k
            _note_edges(table, i, first, last, last_code, before_last)
            at = _hash_grams(words, starts[i], count, grams, at)
            first = last = last_code = before_last = 0
            i += 1
            starts[i] = count
            gram_starts[i] = at
    return count, at


def are_sentences(codes: Codes, least: int) -> bool:
    """Whether each stretch has at least ``least`` words and a sentence's end: without the counting of all else."""
    return _are_sentences(codes, planes()[0], least)


@leaf
def _are_sentences(codes: Codes, classes: NDArray[np.uint16], least: int) -> bool:
    k = 0
    while k < codes.size:
        count = 0
        within = False
        while codes[k] and count < least:
            kind = int(classes[codes[k]]) if codes[k] < 65536 else LETTER | IDEOGRAPH
            alone = kind & IDEOGRAPH != 0
            begins = not within and kind & (LETTER | DIGIT) != 0
            count += alone or begins
            within = kind & (LETTER | DIGIT) != 0 and not alone
            k += 1
        if count < least:
            return False
        while codes[k]:
            k += 1
        last, at = _last_kind(codes, k - 1, classes)
        if not _is_stop(last, _last_kind(codes, at - 1, classes)[0]):
            return False
        k += 1
    return True


@inlined
def _last_kind(codes: Codes, at: int, classes: NDArray[np.uint16]) -> tuple[int, int]:
    """The kind of the last character up to ``at`` that is no blank, and its place; there are words before it."""
    while at > 0 and codes[at] < 65536 and classes[codes[at]] & SPACE:
        at -= 1
    return (int(classes[codes[at]]) if codes[at] < 65536 else LETTER | IDEOGRAPH), at
