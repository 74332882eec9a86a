"""Exact alignment of two token sequences: shared passages, and the places between them where facts differ.

Passages are found greedily and longest first at each place (greedy string tiling, Wise 1993), so that moved
paragraphs are found too; what lies between two passages that follow one another on both sides is aligned token
by token (longest common subsequence), and what is still unlike there is a *slot*. Templates differ from copies
in their slots: each side has a number or a name that the other lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.dedup.normalise import CAPITALISED, NUMBER, STARTS_SENTENCE, Tokens
from detector.jit import borrowed, leaf, njit

UInts = NDArray[np.uint32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Bytes = NDArray[np.uint8]

WIDTH = 3  # tokens of the shortest passage
_TRIES = 24  # occurrences of one shingle that are tried; text that repeats itself more is matched where it first is
_GAP = 24  # tokens on either side that are aligned one by one; a longer gap is text of one side's own

_MISREAD = 2  # ordinary words in another spelling, from which on a name in another spelling is the same name
_WORD = 32  # characters of the longest word that is compared letter by letter

WORD_SLOT, NUMBER_SLOT, NAME_SLOT, SPELLING_SLOT = 0, 1, 2, 3


class Side(NamedTuple):
    """One text's tokens in the form that compiled code takes."""

    hashes: UInts
    flags: Bytes
    starts: Ints
    ends: Ints
    codes: UInts


@dataclass(frozen=True, slots=True)
class Alignment:
    """What two texts share, in tokens; ``a`` is the later text, ``b`` the earlier."""

    passages: Ints  # a_start, a_end, b_start, b_end of each, ordered by a_start; shape (n, 4)
    slots: Ints  # the same four and the slot's type; shape (m, 5)
    matched: int  # tokens within passages or matched between them, the same number on both sides
    facts: int  # matched tokens that are a number or a name
    differing: int  # slots that hold a number or a name on both sides, and not the same
    new_facts: int  # distinct numbers and names of a, amid what is matched, that stand nowhere in b
    longest: int  # tokens of the longest passage

    @property
    def agreement(self) -> float:
        """Share of the compared numbers and names that are the same, in [0, 1]; 1 where none differs."""
        return self.facts / (self.facts + self.differing) if self.differing else 1.0

    @property
    def known_facts(self) -> float:
        """Share of a's numbers and names, amid what is matched, that b has too, in [0, 1].

        What stands before the first passage and behind the last is left out: bylines, datelines, a site's furniture.
        """
        return self.facts / (self.facts + self.new_facts) if self.new_facts else 1.0


def side(tokens: Tokens) -> Side:
    """``tokens`` as ``align`` takes them."""
    return Side(tokens.hashes, tokens.flags, tokens.starts, tokens.ends, tokens.codes)


def align(a: Side, b: Side) -> Alignment:
    """Align the later text ``a`` with the earlier ``b``; linear in their lengths, but for the bounded gaps."""
    return Alignment(*_aligned(a, b))


NUMBERS = 5
MATCHED, FACTS, DIFFERING, LONGEST, BEGINNING = range(NUMBERS)


def numbers_of(a: Side, others: Sequence[Side]) -> Ints:
    """Of the alignment of ``a`` with each of n others, in one call, what says at once that they are no match.

    Shape (n, NUMBERS): MATCHED, FACTS, DIFFERING and LONGEST as in an Alignment, and BEGINNING: the tokens of the
    passage with which both begin.
    """
    tokens = np.cumsum([other.hashes.size for other in others])
    codes = np.cumsum([other.codes.size for other in others])
    together = Side(*map(np.concatenate, zip(*others, strict=True)))
    together.codes.flags.writeable = False  # as those of ``a`` are
    return _numbers(a, together, tokens, codes)


@njit
def _numbers(a: Side, others: Side, tokens: Longs, codes: Longs) -> Ints:
    """``tokens`` and ``codes``: where those of each of the others end, shape (n,) each."""
    found = np.empty((tokens.size, NUMBERS), np.int32)
    t = c = 0
    for k in range(tokens.size):
        b = Side(
            others.hashes[t : tokens[k]], others.flags[t : tokens[k]], others.starts[t : tokens[k]],
            others.ends[t : tokens[k]], others.codes[c : codes[k]],
        )  # fmt: skip
        note_numbers(a, b, found[k])
        t, c = tokens[k], codes[k]
    return found


@njit
def note_numbers(a: Side, b: Side, row: Ints) -> None:
    """Write a row of ``numbers_of``; compiled code holds both sides."""
    a = Side(borrowed(a.hashes), borrowed(a.flags), borrowed(a.starts), borrowed(a.ends), borrowed(a.codes))
    b = Side(borrowed(b.hashes), borrowed(b.flags), borrowed(b.starts), borrowed(b.ends), borrowed(b.codes))
    passages, _, matched, facts, differing, longest = _compared(a, b)
    begin_alike = passages.shape[0] > 0 and passages[0, 0] == 0 and passages[0, 2] == 0
    row[MATCHED], row[FACTS], row[DIFFERING], row[LONGEST] = matched, facts, differing, longest
    row[BEGINNING] = passages[0, 1] if begin_alike else 0


@njit
def _aligned(a: Side, b: Side) -> tuple[Ints, Ints, int, int, int, int, int]:
    """The fields of an Alignment, in one call: what Python spends on a call is what a short text takes."""
    # The caller holds both sides, and the small functions below would count references for each word.
    a = Side(borrowed(a.hashes), borrowed(a.flags), borrowed(a.starts), borrowed(a.ends), borrowed(a.codes))
    b = Side(borrowed(b.hashes), borrowed(b.flags), borrowed(b.starts), borrowed(b.ends), borrowed(b.codes))
    passages, slots, matched, facts, differing, longest = _compared(a, b)
    return passages, slots, matched, facts, differing, _new_facts(a, b, passages, slots), longest


@njit
def _compared(a: Side, b: Side) -> tuple[Ints, Ints, int, int, int, int]:
    """The same without the new facts, from sides whose references are not counted."""
    passages = _passages(a.hashes, b.hashes)
    slots, matched, facts = _slots(a, b, passages)
    # Iran is Iraq, and Sunday is Monday, only to who misreads ordinary words as well.
    spelling = SPELLING_SLOT
    if (slots[:, 4] == SPELLING_SLOT).any() and _misread_words(a, b, slots) < _MISREAD:
        spelling = NAME_SLOT
    differing = longest = 0
    for s in range(slots.shape[0]):
        if slots[s, 4] == SPELLING_SLOT:
            slots[s, 4] = spelling
        differing += slots[s, 4] == NUMBER_SLOT or slots[s, 4] == NAME_SLOT
    for p in range(passages.shape[0]):
        length = passages[p, 1] - passages[p, 0]
        longest = max(longest, length)
        matched += length
    return passages, slots, matched, facts, differing, longest


@njit
def _new_facts(a: Side, b: Side, passages: Ints, slots: Ints) -> int:
    if not passages.shape[0]:
        return 0
    facts = np.sort(a.hashes[_unmatched_facts(a, b, passages, slots)])
    if not facts.size:
        return 0
    known = np.sort(b.hashes)
    count = 0
    for at in range(facts.size):
        if at and facts[at] == facts[at - 1]:
            continue
        place = np.searchsorted(known, facts[at])
        count += place == known.size or known[place] != facts[at]
    return count


@leaf
def _shingle(tokens: UInts, at: int) -> int:
    h = np.uint64(tokens[at]) * np.uint64(0x9E3779B97F4A7C15)
    h = (h ^ np.uint64(tokens[at + 1])) * np.uint64(0xC2B2AE3D27D4EB4F)
    h = (h ^ np.uint64(tokens[at + 2])) * np.uint64(0x165667B19E3779F9)
    return int((h >> np.uint64(32)) & np.uint64(0x7FFFFFFF))


@njit
def _passages(a: UInts, b: UInts) -> Ints:
    """Shared runs of at least WIDTH tokens, no token of either side twice; shape (n, 4)."""
    found = np.empty((max(1, a.size // WIDTH + 1), 4), np.int32)
    count = 0
    if a.size < WIDTH or b.size < WIDTH:
        return found[:0]
    grams = b.size - WIDTH + 1
    size = 16
    while size < 2 * grams:
        size *= 2
    head = np.full(size, -1, np.int32)
    following = np.empty(grams, np.int32)
    for j in range(grams - 1, -1, -1):
        bucket = _shingle(b, j) & (size - 1)
        following[j] = head[bucket]
        head[bucket] = j
    used = np.zeros(b.size, np.bool_)
    i = 0
    last = 0
    while i + WIDTH <= a.size:
        best = 0
        best_at = -1
        j = head[_shingle(a, i) & (size - 1)]
        tries = 0
        while j != -1 and tries < _TRIES:
            length = 0
            while i + length < a.size and j + length < b.size and a[i + length] == b[j + length]:
                if used[j + length]:
                    break
                length += 1
            if length > best or (length == best and length > 0 and abs(j - last) < abs(best_at - last)):
                best = length
                best_at = j
            tries += 1
            j = following[j]
        if best < WIDTH:
            i += 1
            continue
        found[count, 0], found[count, 1], found[count, 2], found[count, 3] = i, i + best, best_at, best_at + best
        count += 1
        used[best_at : best_at + best] = True
        last = best_at + best
        i += best
    return found[:count].copy()


@leaf
def _is_number(side: Side, at: int) -> bool:
    return bool(side.flags[at] & NUMBER)


@leaf
def _is_name(side: Side, at: int) -> bool:
    flag = side.flags[at]
    return bool(flag & CAPITALISED) and not flag & (STARTS_SENTENCE | NUMBER)


@njit
def _alike(a: UInts, b: UInts) -> bool:
    """Whether two words are one word misread: at most a third of the letters edited (Levenshtein 1966)."""
    longer = max(a.size, b.size)
    if longer > _WORD or abs(a.size - b.size) * 3 > longer:
        return False
    row = np.arange(b.size + 1)
    for i in range(a.size):
        diagonal = row[0]
        row[0] = i + 1
        for j in range(b.size):
            above = row[j + 1]
            row[j + 1] = min(min(above, row[j]) + 1, diagonal + (a[i] != b[j]))
            diagonal = above
    return int(row[b.size]) * 3 <= longer


@njit
def _word(side: Side, at: int) -> UInts:
    return side.codes[side.starts[at] : side.ends[at]]


@njit
def _same_name(a: Side, a_from: int, a_to: int, b: Side, b_from: int, b_to: int) -> bool:
    for i in range(a_from, a_to):
        for j in range(b_from, b_to):
            if _is_name(a, i) and _is_name(b, j) and _alike(_word(a, i), _word(b, j)):
                return True
    return False


@njit
def _slot_type(a: Side, a_from: int, a_to: int, b: Side, b_from: int, b_to: int) -> int:
    """What the two pieces say differently; a name that the other side only spells otherwise is no difference."""
    a_name = b_name = a_number = b_number = False
    for i in range(a_from, a_to):
        a_number = a_number or _is_number(a, i)
        a_name = a_name or _is_name(a, i)
    for j in range(b_from, b_to):
        b_number = b_number or _is_number(b, j)
        b_name = b_name or _is_name(b, j)
    if a_number and b_number:
        return NUMBER_SLOT
    if a_name and b_name:
        return SPELLING_SLOT if _same_name(a, a_from, a_to, b, b_from, b_to) else NAME_SLOT
    if a_to - a_from == 1 and b_to - b_from == 1 and (a.flags[a_from] & b.flags[b_from] & CAPITALISED):
        # One capitalised word for another where a sentence starts: "Leeds airport", "Exeter airport".
        return SPELLING_SLOT if _alike(_word(a, a_from), _word(b, b_from)) else NAME_SLOT
    return WORD_SLOT


@njit
def _lcs(a: UInts, b: UInts) -> Ints:
    """For each token of a, the place in b that it is matched with, or -1 (longest common subsequence)."""
    table = np.zeros((a.size + 1, b.size + 1), np.int32)
    for i in range(a.size - 1, -1, -1):
        for j in range(b.size - 1, -1, -1):
            if a[i] == b[j]:
                table[i, j] = table[i + 1, j + 1] + 1
            else:
                table[i, j] = max(table[i + 1, j], table[i, j + 1])
    pairs = np.full(a.size, -1, np.int32)
    i = j = 0
    while i < a.size and j < b.size:
        if a[i] == b[j]:
            pairs[i] = j
            i += 1
            j += 1
        elif table[i + 1, j] >= table[i, j + 1]:
            i += 1
        else:
            j += 1
    return pairs


@leaf
def _count_facts(side: Side, start: int, end: int) -> int:
    facts = 0
    for at in range(start, end):
        facts += _is_number(side, at) or _is_name(side, at)
    return facts


@njit
def is_misread(a: Side, at: int, b: Side, b_from: int, b_to: int) -> bool:
    """Whether a word of a stands in this piece of b in another spelling."""
    found = False
    for j in range(b_from, b_to):
        found = found or _alike(_word(a, at), _word(b, j))
    return found


@njit
def _misread_words(a: Side, b: Side, slots: Ints) -> int:
    """How many ordinary words of a stand in the same slot of b in another spelling: the marks of a bad scan."""
    count = 0
    for s in range(slots.shape[0]):
        for i in range(slots[s, 0], slots[s, 1]):
            ordinary = not _is_number(a, i) and not a.flags[i] & CAPITALISED and a.ends[i] - a.starts[i] >= 4
            count += ordinary and is_misread(a, i, b, slots[s, 2], slots[s, 3])
    return count


@njit
def _unmatched_facts(a: Side, b: Side, passages: Ints, slots: Ints) -> Ints:
    """Where a has numbers and names between its first and last passage that no passage and no misspelling covers."""
    covered = np.zeros(a.hashes.size, np.bool_)
    for p in range(passages.shape[0]):
        covered[passages[p, 0] : passages[p, 1]] = True
    for s in range(slots.shape[0]):
        for i in range(slots[s, 0], slots[s, 1]):
            covered[i] = not _is_number(a, i) and is_misread(a, i, b, slots[s, 2], slots[s, 3])
    found = np.empty(a.hashes.size, np.int32)
    count = 0
    for i in range(passages[0, 0], passages[passages.shape[0] - 1, 1]):
        if not covered[i] and (_is_number(a, i) or _is_name(a, i)):
            found[count] = i
            count += 1
    return found[:count].copy()


@njit
def _slots(a: Side, b: Side, passages: Ints) -> tuple[Ints, int, int]:
    """Slots between neighbouring passages, tokens matched there besides, and matched numbers and names."""
    slots = np.empty((a.hashes.size + passages.shape[0] + 2, 5), np.int32)
    count = between = facts = 0
    last = passages.shape[0]
    for p in range(last):
        facts += _count_facts(a, passages[p, 0], passages[p, 1])
    for p in range(-1, last):
        # The texts' beginnings and ends are gaps too: a template's first word is often its name.
        a0 = passages[p, 1] if p >= 0 else 0
        b0 = passages[p, 3] if p >= 0 else 0
        a1 = passages[p + 1, 0] if p + 1 < last else a.hashes.size
        b1 = passages[p + 1, 2] if p + 1 < last else b.hashes.size
        if b1 < b0 or a1 - a0 > _GAP or b1 - b0 > _GAP:
            continue
        pairs = _lcs(a.hashes[a0:a1], b.hashes[b0:b1])
        i0, j0 = a0, b0
        for i in range(a0, a1 + 1):
            if i < a1 and pairs[i - a0] == -1:
                continue
            j = b0 + pairs[i - a0] if i < a1 else b1
            if i > i0 or j > j0:
                slots[count, 0], slots[count, 1], slots[count, 2], slots[count, 3] = i0, i, j0, j
                slots[count, 4] = _slot_type(a, i0, i, b, j0, j)
                count += 1
            if i < a1:
                between += 1
                facts += _is_number(a, i) or _is_name(a, i)
            i0, j0 = i + 1, j + 1
    return slots[:count].copy(), between, facts
