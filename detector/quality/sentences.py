"""Text → sentences with their offsets: paragraphs first, then sentencex, then what newswire adds to it.

sentencex keeps a quotation in one piece, ends a sentence after ``Dr.`` or ``5 p.m.``, and knows nothing of the
space that some extractors lose between two sentences. Here a quotation of three sentences counts as three, an
abbreviation goes on, and ``decades ago.An online trailer`` is two. Every step is one pass over bounded portions,
so the time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sentencex import segment

from detector.jit import borrowed, leaf, njit
from detector.quality.blocks import blocks_of
from detector.quality.lexicon import BEFORE_FIGURES, CLOCK, OPENERS, STATES, TITLES
from detector.quality.scan import (
    ALNUM,
    DIGIT,
    LOWER,
    SPACE,
    UPPER,
    Codes,
    Hashes,
    Ints,
    Kinds,
    folded_hash,
    kind_of,
    look_up,
    table_of,
)
from detector.quality.tokens import characters, code_points, word_hash

Span = tuple[int, int]

# A full stop, question or exclamation mark, what closes around it, white space, and what may open a sentence.
_INNER_END = re.compile(r"(?:(?<![.!?…])[.!?…]{1,4})[\"”’')\]]{0,3}\s+(?=[\"“‘'(\[]{0,2}[A-Z0-9À-Þ])")
_LOST_SPACE = re.compile(r"(?<=[a-z]{3})[.!?][\"”’]?(?=[\"“]?[A-Z][a-z]+[ ,])")
_LAST_WORD = re.compile(r"(?:^|[\s(\[\"“‘'])([A-Za-z][A-Za-z.]{0,11})\.$")
_CLOSING_QUOTES = ('"', "”", "’", "'")
_SPEAKER = re.compile(
    r"(?:the |an? )?(?:[\w.'’\-]{1,24} ){1,5}?(?:said|says|asked|asks|added|adds|told|wrote|writes|explained|replied)\b"
)
_TIME_GOES_ON = re.compile(
    r"(?:on |[a-z]|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z]{2,4}\b|"
    r"Jan|Feb|Mar|Apr|May|Ju[nl]|Aug|Sep|Oct|Nov|Dec)"
)
_NEXT_WORD = re.compile(r"[\"“‘'(\[]{0,2}([^\W\d_]{1,20})")
_ABBREVIATIONS = TITLES | BEFORE_FIGURES | CLOCK | STATES
_LONGEST_ABBREVIATION = max(map(len, _ABBREVIATIONS)) + 2  # and an opening mark or two
_LONGEST_WORD = 14  # the longest that _LAST_WORD takes, its full stop, and one letter too many
# sentencex takes quadratic time over a run of quotation marks: 40,000 of them 0.35 s, a million 57 s.
_PORTION = 20_000
# Marks of a sentence that the slower rules have to look at.
_MAY_GO_ON, _MAY_END_INSIDE = 1, 2
_ONE = np.uint64(1)


def split(text: str) -> list[Span]:
    """Offsets of the sentences of ``text``, in order, each without white space at its ends.

    A heading, a byline or a list entry on a line of its own is a sentence of its own. Whatever lies outside
    the spans is white space.

    >>> text = "He met Dr. Roe at 5 p.m. Monday. “I won. We all did,” she said."
    >>> [text[start:end] for start, end in split(text)]
    ['He met Dr. Roe at 5 p.m. Monday.', '“I won.', 'We all did,” she said.']
    """
    return split_codes(text, code_points(text))


def split_codes(text: str, codes: Codes) -> list[Span]:
    """The same of a text whose code points are at hand."""
    spans, marks = _boundaries(text, codes)
    found: list[Span] = []
    done = 0
    for number, mark in enumerate(marks):
        if not mark or number < done:  # nearly all are taken as they are
            continue
        found += spans[done:number]
        start, end = spans[number]
        done = number + 1
        while mark & _MAY_GO_ON and _goes_on(text, start, end, spans[done][0]):
            end, mark = spans[done][1], marks[done] | _MAY_END_INSIDE  # noqa: PLW2901
            done += 1
        if mark & _MAY_END_INSIDE:
            found += _refined(text, start, end)
        else:
            found.append((start, end))
    return found + spans[done:]


def _boundaries(text: str, codes: Codes) -> tuple[list[Span], list[int]]:
    """Sentences as sentencex sees them, without white space at their ends, and a mark for each."""
    kinds, lower = characters()
    blocks = blocks_of(codes, kinds)
    if len(text) > _PORTION:
        blocks[blocks[:, 1] - blocks[:, 0] > _PORTION, 2] = 0
    lengths: list[int] = []
    for start, end, is_one in blocks.tolist():
        if is_one:
            continue
        for first, last in _portions(text, start, end) if end - start > _PORTION else ((start, end),):
            lengths += map(len, _cut(text[first:last]))
    edges, marks = _pieces(codes, blocks, np.array(lengths, dtype=np.int64), kinds, lower, _abbreviations())
    return list(zip(*edges.tolist(), strict=True)), marks.tolist()


# After a capital, sentencex cuts such white space in two, which ends the process: "J\u3000."
_WIDE_BEFORE_STOP = re.compile("[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000](?=\\.)")


def _cut(portion: str) -> list[str]:
    """The sentences of a portion, which make up the whole of it, for no blank line stands in one."""
    if not portion.isascii():
        portion = _WIDE_BEFORE_STOP.sub(" ", portion)
    try:
        found: list[str] = segment("en", portion)
    except UnicodeEncodeError:  # half a surrogate pair, as JSON may hold it, cannot be handed over; "?" is as long
        found = segment("en", portion.encode(errors="replace").decode())
    return found


@lru_cache(maxsize=1)
def _abbreviations() -> Hashes:
    return table_of({word_hash(word) + 1: 1 for word in _ABBREVIATIONS}, np.int64)[0]


@njit
def _pieces(
    codes: Codes, blocks: Ints, lengths: Ints, kinds: Kinds, lower: Codes, abbreviations: Hashes
) -> tuple[Ints, NDArray[np.uint8]]:
    """Begin and end of each sentence without white space at its ends, shape (2, n), and what the slower rules look at.

    ``lengths`` are those of the pieces of every block that is not one sentence, in order.
    """
    codes, kinds, lower = borrowed(codes), borrowed(kinds), borrowed(lower)
    abbreviations = borrowed(abbreviations)
    edges = np.empty((2, blocks.shape[0] + lengths.size), dtype=np.int64)
    marks = np.zeros(edges.shape[1], dtype=np.uint8)
    count = at = 0
    for block in range(blocks.shape[0]):
        begin, last = blocks[block, 0], blocks[block, 1]
        while begin < last:
            piece_end = last
            if not blocks[block, 2]:
                piece_end = begin + lengths[at]
                at += 1
            start, end = _stripped(codes, begin, piece_end, kinds)
            begin = piece_end
            if start == end:
                continue
            edges[0, count], edges[1, count] = start, end
            marks[count] = _may_end_inside(codes, start, end, kinds) * _MAY_END_INSIDE
            if _may_go_on(codes, start, end, kinds, lower, abbreviations):
                marks[count] |= _MAY_GO_ON
            count += 1
        if count:
            marks[count - 1] &= _MAY_END_INSIDE  # no sentence goes on in another block
    return edges[:, :count].copy(), marks[:count].copy()


@leaf
def _stripped(codes: Codes, start: int, end: int, kinds: Kinds) -> tuple[int, int]:
    while start < end and kind_of(codes[end - 1], kinds) & SPACE:
        end -= 1
    while start < end and kind_of(codes[start], kinds) & SPACE:
        start += 1
    return start, end


@leaf
def _may_end_inside(codes: Codes, start: int, end: int, kinds: Kinds) -> bool:
    """Whether a stop, question or exclamation mark is followed by a space and no small letter, or by a capital."""
    for k in range(start, end - 1):
        code = codes[k]
        # A full stop, question or exclamation mark, or an ellipsis; nearly all others are beyond the first three.
        if code != 0x2026 and (code > 0x3F or not (code == 0x2E or code == 0x3F or code == 0x21)):  # noqa: PLR1714
            continue
        following = k + 1
        while following < end and not kind_of(codes[following], kinds) & (SPACE | ALNUM):
            following += 1
        if following >= end:
            return False
        lost = kind_of(codes[following], kinds) & UPPER and kind_of(codes[k - 1], kinds) & LOWER if k > start else False
        while following < end and not kind_of(codes[following], kinds) & ALNUM:
            following += 1
        spaced = following < end and not kind_of(codes[following], kinds) & LOWER
        if lost or (spaced and _has_space(codes, k, following, kinds)):
            return True
    return False


@leaf
def _has_space(codes: Codes, start: int, end: int, kinds: Kinds) -> bool:
    for k in range(start, end):  # noqa: SIM110  # compiled
        if kind_of(codes[k], kinds) & SPACE:
            return True
    return False


@leaf
def _may_go_on(codes: Codes, start: int, end: int, kinds: Kinds, lower: Codes, abbreviations: Hashes) -> bool:
    """Whether a quotation closes, or a full stop follows anything but a whole word that is no abbreviation."""
    last = codes[end - 1]
    if last == 0x22 or last == 0x201D or last == 0x2019 or last == 0x27:  # noqa: PLR1714  # " ” ’ '
        return True
    if last != 0x2E:
        return False
    begin = end - 1
    while begin > start and not kind_of(codes[begin - 1], kinds) & SPACE:
        begin -= 1
        kind = kind_of(codes[begin], kinds)
        if not kind & ALNUM or kind & DIGIT:
            return True
        if end - begin > _LONGEST_WORD:
            return False
    if end - 1 - begin == 1:
        return True
    return bool(look_up(folded_hash(codes, begin, end - 1, lower) + _ONE, abbreviations) >= 0)


def _portions(text: str, start: int, end: int) -> Iterator[Span]:
    """The block in portions of at most 20,000 characters, cut at a full stop, else at a space, else anywhere."""
    while end - start > _PORTION:
        limit = start + _PORTION
        cut = text.rfind(". ", start, limit) + 1 or text.rfind(" ", start, limit) + 1 or limit
        yield start, cut
        start = cut
    yield start, end


def _refined(text: str, start: int, end: int) -> Iterator[Span]:
    """A span cut again where a sentence ends inside a quotation or the space after it was lost."""
    cuts = [match.end() for match in _INNER_END.finditer(text, start, end)]
    cuts += [match.end() for match in _LOST_SPACE.finditer(text, start, end) if not _in_address(text, match.start())]
    begin = start
    for cut in sorted(cuts):
        if cut < end and not _goes_on(text, begin, cut, cut):
            yield _strip(text, begin, cut)
            begin = cut
    if begin < end:
        yield _strip(text, begin, end)


def _goes_on(text: str, start: int, end: int, following: int) -> bool:
    """Whether the sentence that seems to end at ``end`` continues with what stands at ``following``."""
    while end > start and text[end - 1].isspace():
        end -= 1
    last = text[end - 1 : end]
    if last in _CLOSING_QUOTES:
        return _SPEAKER.match(text, following, following + 90) is not None
    if last != ".":
        return False
    begin = max(start, end - _LONGEST_ABBREVIATION)
    if text.find(" ", begin, end) < 0 and begin > start and text.find(".", begin, end - 1) < 0:
        return False  # what is joined to the word before is looked up no more
    word = _LAST_WORD.search(text[max(start, end - 24) : end])
    return word is not None and _abbreviates(word[1], text, following)


def _abbreviates(word: str, text: str, following: int) -> bool:
    """Whether ``word``, which stands before a full stop, is cut short and its sentence goes on at ``following``."""
    last, then = word.casefold(), text[following : following + 1]
    if last in CLOCK:
        return _TIME_GOES_ON.match(text, following) is not None
    if last in BEFORE_FIGURES:
        return then.isdigit()
    if last in STATES and then in ("(", "—", "–", "-"):
        return True  # a dateline: HAYWARD, Calif. (AP)
    if "." in last and word[0].isupper():
        opener = _NEXT_WORD.match(text, following)
        return opener is not None and opener[1].casefold() not in OPENERS
    return last in TITLES or (len(word) == 1 and word.isupper() and word != "I")


def _in_address(text: str, position: int) -> bool:
    word = text[max(0, position - 40) : position].rsplit(None, 1)[-1]
    return any(mark in word for mark in ("@", "/", "www"))


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return start, end
