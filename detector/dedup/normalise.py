"""From a text to its tokens, such that texts which read the same give the same tokens.

Folding is by a shipped table (``detector.train.unicode_table``): compatibility forms, case, marks, zero-width
characters, apostrophes, and letters of other scripts that are drawn like Latin ones. A word that a hyphen breaks
at a line's end is one token again; scripts without spaces give a token a character.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.dedup.scan import (
    DIGIT,
    EXPANSION,
    HYPHEN,
    IGNORABLE,
    KIND,
    LETTER,
    POINT,
    SEPARATOR,
    SINGLE,
    TABLE_SIZE,
    UPPER,
    VALUE,
    Bits,
    Codes,
    Marked,
    entry_at,
    joined,
    mark,
    runs,
)
from detector.jit import array_at, borrowed, eight_bytes, leaf, njit, ones, trailing_zeros
from detector.models import shipped

__all__ = ["DIGIT", "EXPANSION", "HYPHEN", "IGNORABLE", "LETTER", "POINT", "SEPARATOR", "SINGLE", "TABLE_SIZE", "UPPER"]

NUMBER, CAPITALISED, ALL_CAPITALS, STARTS_SENTENCE = 1, 2, 4, 8

UInts = NDArray[np.uint32]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
_COMMA, _STOP = 44, 46

_PRIME, _FINISH = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD6E8FEB86659FD93)
_OTHER_PRIME = np.uint64(0xC2B2AE3D27D4EB4F)
_ZERO, _ONE, _TWO, _SIX, _EIGHT = (np.uint64(number) for number in (0, 1, 2, 6, 8))
_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_LOWER = np.uint64(0x2020202020202020)  # the bit by which ASCII's lower case differs; digits have it too
_BEYOND_ASCII = np.uint64(0x8080808080808080)
_PLAIN = 16  # letters of the longest word that is hashed at once
# Which bytes of a word's first eight and second eight are its own, by its length.
_FIRST_EIGHT = np.array([(1 << 8 * min(length, 8)) - 1 for length in range(_PLAIN + 1)], np.uint64)
_SECOND_EIGHT = np.array([(1 << 8 * max(length - 8, 0)) - 1 for length in range(_PLAIN + 1)], np.uint64)


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of one text, shape (n,) each."""

    hashes: UInts  # of the folded letters
    starts: Ints  # offset of the first character
    ends: Ints  # offset behind the last character
    flags: Bytes  # NUMBER | CAPITALISED | ALL_CAPITALS | STARTS_SENTENCE
    text: str

    @property
    def codes(self) -> UInts:
        """The text's code points, shape (characters,)."""
        return np.frombuffer(self.text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)

    def __len__(self) -> int:
        return int(self.hashes.size)


class _Found(NamedTuple):
    """Tokens as they are found: the fields of Tokens, with room behind them."""

    hashes: UInts
    starts: Ints
    ends: Ints
    flags: Bytes


@lru_cache(maxsize=1)
def tables() -> tuple[UInts, UInts, str]:
    """The folding table, the foldings to several letters, and the Unicode version of both."""
    weights = shipped("unicode")
    return weights["table"], weights["expansions"], str(weights.provenance["unicode"])


def unicode_version() -> str:
    """The Unicode version of the folding table, which is part of what makes a sketch."""
    return tables()[2]


def tokenise(text: str) -> Tokens:
    """The tokens of ``text``; time and memory are linear in its length, whatever it holds."""
    table, expansions, _ = tables()
    return Tokens(*tokens_of(text, table, expansions, True), text)


@njit
def tokens_of(text: Any, table: UInts, expansions: UInts, located: bool) -> _Found:
    """The tokens of a text, read where Python keeps its characters, in 1, 2 or 4 bytes each."""
    size = text._length
    if text._kind == 1:
        return tokens_of_codes(array_at(text._data, (size,), np.uint8), table, expansions, located)
    if text._kind == 2:
        return tokens_of_codes(array_at(text._data, (size,), np.uint16), table, expansions, located)
    return tokens_of_codes(array_at(text._data, (size,), np.uint32), table, expansions, located)


@leaf
def _stirred(state: np.uint64, low: np.uint64, high: np.uint64) -> np.uint64:
    """The hash of a token so far, and up to sixteen more bytes of it."""
    state = (state ^ low) * _PRIME + high * _OTHER_PRIME
    return state ^ state >> np.uint64(32)


@leaf
def _finished(state: np.uint64) -> np.uint32:
    return np.uint32(state * _FINISH >> np.uint64(32))


@leaf
def _after_line_break(codes: Codes, at: int, table: UInts) -> int:
    """Where a word goes on that the hyphen at ``at`` breaks at its line's end; -1 when it does not."""
    end = at + 1
    broken = False
    while end < codes.size and codes[end] in (10, 13, 32, 9):
        broken = broken or codes[end] == 10
        end += 1
    entry = entry_at(codes, end, table)
    # Only a lower-case letter goes on with the word: "chil-\ndren", but not "Anglo-\nSaxon".
    return end if broken and (entry & KIND) == LETTER and not entry & UPPER else -1


@leaf
def _fold_into(
    state: np.uint64, low: np.uint64, high: np.uint64, filled: int, folded: int
) -> tuple[np.uint64, np.uint64, np.uint64, int]:
    """One more folded character: a byte if it is ASCII, otherwise three that no ASCII byte equals; 0 is none."""
    for place in range(0 if folded == 0 else 1 if folded < 0x80 else 3):
        byte = np.uint64(folded if folded < 0x80 else 0x80 | folded >> 7 * place & 0x7F)
        if filled == 128:
            state = _stirred(state, low, high)
            low = high = np.uint64(0)
            filled = 0
        if filled < 64:
            low |= byte << np.uint64(filled)
        else:
            high |= byte << np.uint64(filled - 64)
        filled += 8
    return state, low, high, filled


@leaf
def _read_token(codes: Codes, start: int, table: UInts, expansions: UInts) -> tuple[int, np.uint32, int]:
    """The token that starts at ``start``, letter by letter: where it ends, its hash, its flags."""
    state = low = high = np.uint64(0)
    filled = 0
    end = at = start
    characters = capitals = digits = 0
    before = SEPARATOR  # kind of the last letter or digit
    first = entry_at(codes, start, table)
    while at < codes.size:
        entry = entry_at(codes, at, table)
        kind = entry & KIND
        if kind in (LETTER, DIGIT, EXPANSION):
            for place in range(3 if kind == EXPANSION else 1):
                folded = int(expansions[entry & VALUE, place]) if kind == EXPANSION else entry & VALUE
                state, low, high, filled = _fold_into(state, low, high, filled, folded)
            characters += 1
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
        elif kind == POINT and before == DIGIT and (entry_at(codes, at + 1, table) & KIND) == DIGIT:
            if codes[at] != _COMMA:  # "1,234" is the number "1234", "1.5" is not "15"
                state, low, high, filled = _fold_into(state, low, high, filled, _STOP)
            at += 1
        else:
            break
    return end, _finished(_stirred(state, low, high)), _flags(first, characters, capitals, digits)


@leaf
def _flags(first: int, characters: int, capitals: int, digits: int) -> int:
    flags = CAPITALISED if first & UPPER else 0
    if characters > 1 and capitals == characters:
        flags |= ALL_CAPITALS
    # "4,300", "1.5" and "10km", but not "col1ecti0n" from a bad scan, nor "4th".
    if 2 * digits >= characters and (first & KIND) == DIGIT:
        flags |= NUMBER
    return flags


@leaf
def _ends_sentence(marks: Bits, start: int, end: int) -> int:
    """STARTS_SENTENCE when a sentence can end between two words."""
    if end <= start:
        return 0
    if end - start <= 64:
        block = np.uint64(start) >> _SIX
        between = joined(marks[block], marks[block + _ONE], start) << np.uint64(64 - (end - start))
        return int(between != _ZERO) * STARTS_SENTENCE
    for at in range(start, end):
        if marks[at >> 6] >> np.uint64(at & 63) & _ONE:
            return STARTS_SENTENCE
    return 0


@leaf
def _read_run(
    codes: Codes, start: int, end: int, table: UInts, expansions: UInts, found: _Found, count: int, boundary: int
) -> tuple[int, int, int]:
    """The tokens of a run that has more in it than ASCII: where they end, how many there are now, what is left open."""
    at = start
    while at < end:
        entry = entry_at(codes, at, table)
        kind = entry & KIND
        if kind in (LETTER, DIGIT, EXPANSION):
            token_end, found.hashes[count], token_flags = _read_token(codes, at, table, expansions)
            found.flags[count] = token_flags | boundary
        elif kind == SINGLE:
            token_end = at + 1
            state, low, high, _ = _fold_into(_ZERO, _ZERO, _ZERO, 0, entry & VALUE)
            found.hashes[count] = _finished(_stirred(state, low, high))
            found.flags[count] = 0
        else:
            boundary |= (codes[at] == _STOP) * STARTS_SENTENCE  # behind a quotation mark
            at += 1
            continue
        found.starts[count] = at
        found.ends[count] = at = token_end
        boundary = 0
        count += 1
    return at, count, boundary


@leaf
def _hash_of_ascii(low: np.uint64, high: np.uint64, length: int, gaps: np.uint64) -> np.uint32:
    """Hash of up to sixteen ASCII letters and digits, given with what stands behind them.

    A bit of ``gaps`` is a character that does not count. A word without any, as nearly all are, meets no branch.
    """
    low = (low | _LOWER) & _FIRST_EIGHT[np.uint64(length)]
    high = (high | _LOWER) & _SECOND_EIGHT[np.uint64(length)]
    while gaps:
        place = int(trailing_zeros(gaps))
        gaps = (gaps & (gaps - _ONE)) >> _ONE  # the later ones move down with their letters
        below = (_ONE << np.uint64(8 * (place & 7))) - _ONE
        if place < 8:
            low = low & below | low >> np.uint64(8) & ~below | high << np.uint64(56)
            high >>= np.uint64(8)
        else:
            high = high & below | high >> np.uint64(8) & ~below
    return _finished(_stirred(_ZERO, low, high))


@leaf
def _flags_of_ascii(upper: np.uint64, digit: np.uint64, length: int) -> int:
    """``_flags`` of a word whose capitals and digits are bits; without a branch, for words follow no pattern."""
    is_number = int(digit & _ONE) & (2 * int(ones(digit)) >= length)
    in_capitals = (length > 1) & (int(ones(upper)) == length)
    return is_number * NUMBER + int(upper & _ONE) * CAPITALISED + in_capitals * ALL_CAPITALS


@leaf
def _trimmed(start: int, length: int, ignored: np.uint64) -> tuple[int, int, np.uint64]:
    """A run without the characters at its ends that do not count, and which of those within do not."""
    while ignored & _ONE and length:
        start, length, ignored = start + 1, length - 1, ignored >> _ONE
    while length and ignored >> np.uint64(length - 1):
        length -= 1
        ignored &= ~(_ONE << np.uint64(length))
    return start, length, ignored


@njit
def tokens_of_codes(codes: Codes, table: UInts, expansions: UInts, located: bool) -> _Found:
    """The tokens of a text; unless ``located``, their hashes alone."""
    marked = mark(codes, table, located)
    edges = runs(marked.word)
    most = edges.size // 2 + 2 * marked.specials
    starts, ends = np.empty(most, np.int32), np.empty(most, np.int32)
    found = _Found(np.empty(most, np.uint32), starts, ends, np.empty(most, np.uint8))
    count = _read(codes, marked, edges, table, expansions, located, found)
    return _Found(found.hashes[:count], starts[:count], ends[:count], found.flags[:count])


@njit
def _read(given: Codes, scanned: Marked, edges: Ints, folds: UInts, more: UInts, located: bool, room: _Found) -> int:
    """Find the tokens in the runs that start and end at ``edges``; how many there are."""
    # The caller holds all of these, and references would be counted for each word that is not plain.
    codes, table, expansions = borrowed(given), borrowed(folds), borrowed(more)
    found = _Found(borrowed(room.hashes), borrowed(room.starts), borrowed(room.ends), borrowed(room.flags))
    letters, special, ignorable = borrowed(scanned.bytes), borrowed(scanned.special), borrowed(scanned.ignorable)
    digit, upper, marks = borrowed(scanned.digit), borrowed(scanned.upper), borrowed(scanned.mark)
    count = at = 0
    boundary = STARTS_SENTENCE  # did a sentence end since the last token?
    for run in range(_ZERO, np.uint64(edges.size), _TWO):
        # A word that goes on behind its line's end has taken the beginning of another run with it, or all of it.
        start, end = max(edges[run], at), edges[run + _ONE]
        if start >= end:
            continue
        if located:
            boundary |= _ends_sentence(marks, at, start)
        length, first = end - start, np.uint64(start)  # an unsigned place needs no look whether it counts from the end
        low, high, gaps = eight_bytes(letters, first), eight_bytes(letters, first + _EIGHT), _ZERO
        here = min(length, _PLAIN)
        if length > _PLAIN or ((low & _FIRST_EIGHT[here]) | (high & _SECOND_EIGHT[here])) & _BEYOND_ASCII:
            start, length, gaps = _quoted(start, length, special, ignorable)
            if length > _PLAIN:
                at, count, boundary = _read_run(codes, start, end, table, expansions, found, count, boundary)
                continue
            if not length:
                continue  # nothing but quotation marks
            # "company’s" is "companys".
            end, first = start + length, np.uint64(start)
            low, high = eight_bytes(letters, first), eight_bytes(letters, first + _EIGHT)
        place = np.uint64(count)
        found.hashes[place] = _hash_of_ascii(low, high, length, gaps)
        if located:
            block, within = first >> _SIX, _ALL >> np.uint64(64 - length)
            capitals = joined(upper[block], upper[block + _ONE], start) & within
            digits = joined(digit[block], digit[block + _ONE], start) & within
            found.starts[place], found.ends[place] = start, end
            found.flags[place] = _flags_of_ascii(capitals, digits, length - int(ones(gaps))) | boundary
        boundary = 0
        at = end
        count += 1
    return count


@leaf
def _quoted(start: int, length: int, special: Bits, ignorable: Bits) -> tuple[int, int, np.uint64]:
    """A run without what does not count at its ends, and which of those within do not; all of it if it is not plain."""
    if length > _PLAIN:
        return start, length, _ZERO
    block, within = np.uint64(start) >> _SIX, _ALL >> np.uint64(64 - length)
    strange = joined(special[block], special[block + _ONE], start) & within
    if joined(ignorable[block], ignorable[block + _ONE], start) & within != strange:
        return start, _PLAIN + 1, _ZERO
    return _trimmed(start, length, strange)
