"""What a copy says beyond the text that it copies, and is no news all the same.

A copy is rarely its original and nothing else: a paper prints two agency reports as one, sets a caption and the day's
advertisements above it, puts its own headlines between. ``second_look`` leaves out of the copy's own text what stands
in other earlier items that stay, and what has next to nothing to do with the story. It can only raise a score, and
only where most of a copy stands in the one text anyhow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.dedup.align import Alignment, Side, align
from detector.dedup.apart import LINE, below_headlines, is_sentence, told_from
from detector.dedup.doubt import is_caseless, is_table
from detector.dedup.kinds import Matching, Pair
from detector.records import Kind

Flags = NDArray[np.bool_]
Places = NDArray[np.intp]

_SAYS_THE_SAME: tuple[Kind, ...] = ("near", "contained", "contains", "update")
_CONTENT = 5  # letters of a word that names or does something
_EMPTY = 2  # letters that weigh nothing: the more a word has beyond them, the more it says of its story
# Of the weight of a piece's words, how much stands in the earlier text: of what tells of its story .3 to .8. Below the
# first of these it tells of something else, below the second surely.
_KIN, _NO_KIN = 0.25, 0.15
_WORDS = 5  # such words that a piece has at least which tells of something else
_RUN = 10  # tokens of a passage that is no phrase of the trade
_INTO_THE_STORY = 8  # tokens of such a passage in which a dateline may stand
# Behind these a story begins: a line that says whose it is or when it was filed, an agency's mark in its first line.
_BYLINE = re.compile(
    r"^[^\w\n]*by:? [A-Z][^\n]{2,60}$|\b(?:Associated Press|AP|Reuters|AFP)(?: \w+)? Writer\b"
    r"|^[^\n]{0,80}\b\d{1,2}:\d\d\b[^\n]{0,30}(?<![.!?…])$",
    re.MULTILINE | re.IGNORECASE,
)
_DATELINE = re.compile(r"\((?:AP|Reuters|AFP|UPI|CP)\)|\bAssociated Press\b")
_LINES = 3  # to a sentence among them, from which on they are no text
_SENTENCE = 6  # tokens of the shortest sentence that may be the news
_BREAKS = frozenset("\n.!?")


class SecondLook(NamedTuple):
    """A copy beside its original, without what is no news in it."""

    share: float  # of what it tells, how much is known, in [0, 1]
    known_facts: float  # of its numbers and names, in [0, 1]
    told: Places  # the tokens that tell its story, in order


def elsewhere(found: Sequence[tuple[Kind, Pair]]) -> list[Flags]:
    """For each match of one text, which of its tokens stand in a passage with another match that tells the same."""
    if not any(kind in _SAYS_THE_SAME for kind, _ in found):
        return [np.zeros(_size(pair), np.bool_) for _, pair in found]
    held = [
        _passages(pair.alignment, _size(pair), _RUN) if kind in _SAYS_THE_SAME else np.zeros(_size(pair), np.bool_)
        for kind, pair in found
    ]
    count = np.sum(held, axis=0, dtype=np.int64) if held else np.zeros(0, np.int64)
    return [count - one > 0 for one in held]


def second_look(pair: Pair, known: Flags, matching: Matching) -> SecondLook | None:
    """``known``: the tokens that stand in other earlier texts. None for a text that is not to be looked at so.

    A brief is all news; so is a table, of which figures may be all that is new; and where names have no capitals they
    cannot be told from other words.
    """
    side = pair.sides[0]
    size = _size(pair)
    if size < matching.short or pair.share_later < matching.sure_share or is_caseless(side) or is_table(side):
        return None
    own = ~_passages(pair.alignment, size)
    known = known & own
    foreign = _foreign(pair, own & ~known, _KIN)
    told = ~_asides(pair)
    share = _share(pair, ~own | known, told, matching)
    if share >= matching.known_share:
        share = max(share, _share(pair, ~own | known, told & ~foreign, matching))
    begins = _story_begins(pair, own, own & ~known & told, foreign)
    above = side.starts < max(begins, below_headlines(pair.later.text, side))
    unnamed = np.where(known | foreign | (own & above), 0, side.flags).astype(side.flags.dtype)
    facts = align(side._replace(flags=unnamed), pair.sides[1]).known_facts
    places = told_from(pair.later.text, side, pair.apart)
    return SecondLook(share, facts, places[~known[places] & (side.starts[places] >= begins)])


def _size(pair: Pair) -> int:
    return pair.later.sketch.tokens


def _passages(alignment: Alignment, size: int, least: int = 0) -> Flags:
    """The tokens of the later text that stand in passages of ``least`` tokens or more."""
    flags = np.zeros(size, np.bool_)
    for start, end in alignment.passages[:, :2].tolist():
        if end - start >= least:
            flags[start:end] = True
    return flags


def _asides(pair: Pair) -> Flags:
    flags = np.zeros(_size(pair), np.bool_)
    if pair.later.asides:
        for start, end in np.searchsorted(pair.sides[0].starts, np.array(pair.later.asides)).tolist():
            flags[start:end] = True
    return flags


def _share(pair: Pair, known: Flags, told: Flags, matching: Matching) -> float:
    """How much of the text is known, or of what it tells where that is enough to go by; whichever is more."""
    whole = max(pair.share_later, float(known.mean()))
    tells = int(np.count_nonzero(told))
    return max(whole, float(np.count_nonzero(known & told) / tells)) if tells >= matching.short else whole


def _foreign(pair: Pair, own: Flags, kin: float) -> Flags:
    """The lines and sentences of the later text's own that share next to no word with the earlier text."""
    side, text = pair.sides[0], pair.later.text
    flags = np.zeros_like(own)
    edges = np.flatnonzero(np.diff(own, prepend=False, append=False)).reshape(-1, 2)
    pieces = [(start, end) for start, end in edges.tolist() if _is_set_off(side, text, start, end)]
    shared = np.isin(side.hashes, pair.sides[1].hashes) if pieces else flags
    for start, end in pieces:
        flags[start:end] = _kinship(side, shared, start, end) < kin
    return flags


def _is_set_off(side: Side, text: str, start: int, end: int) -> bool:
    """Whether some tokens stand between the ends of lines or sentences."""
    before = text[side.ends[start - 1] : side.starts[start]] if start else "\n"
    behind = text[side.ends[end - 1] : side.starts[end]] if end < side.hashes.size else "\n"
    return not (_BREAKS.isdisjoint(before) or _BREAKS.isdisjoint(behind))


def _kinship(side: Side, shared: Flags, start: int, end: int) -> float:
    """How much of a piece's distinct words, weighed by their letters, stand in the earlier text, in [0, 1]."""
    _, first = np.unique(side.hashes[start:end], return_index=True)
    letters = side.ends[start:end][first] - side.starts[start:end][first]
    content = letters >= _CONTENT
    weights = (letters[content] - _EMPTY).astype(np.float64)
    # Figures, and the few words that name them, may well be the story's own.
    return float(weights[shared[start:end][first][content]].sum() / weights.sum()) if weights.size >= _WORDS else 1.0


def _tells_before(begins: int, text: str, side: Side, own: Flags, foreign: Flags) -> bool:
    """Whether a sentence of the text's own stands before a place, so that the news may be there.

    Sentences that have nothing to do with the story are none where most lines are no sentences: what a site puts on
    top of its pages.
    """
    lines = sentences = 0
    for line in LINE.finditer(text, 0, begins):
        first, last = np.searchsorted(side.starts, line.span()).tolist()
        lines += bool(own[first:last].any())
        if is_sentence(line[0]) and np.count_nonzero(own[first:last]) >= _SENTENCE:
            if np.count_nonzero(own[first:last] & ~foreign[first:last]) >= _SENTENCE:
                return True
            sentences += 1
    return sentences * _LINES > lines


def _story_begins(pair: Pair, own: Flags, telling: Flags, foreign: Flags) -> int:
    """Where the story begins: below the last byline, or behind the last dateline, before the first long passage.

    News of the text's own may stand above a dateline that was copied with the story, and is looked for there. Above a
    byline there is none that shares no word with the story.
    """
    text, side = pair.later.text, pair.sides[0]
    starts = np.flatnonzero(np.convolve(~own, np.ones(_RUN, np.int64))[_RUN - 1 :] == _RUN)
    if not starts.size:
        return 0
    until = int(side.starts[min(int(starts[0]) + _INTO_THE_STORY, own.size - 1)])
    byline, dateline = (
        max((found.end() for found in mark.finditer(text, 0, until)), default=0) for mark in (_BYLINE, _DATELINE)
    )
    if _tells_before(byline, text, side, telling & ~_foreign(pair, telling, _NO_KIN), foreign):
        return 0
    return byline if _tells_before(dateline, text, side, telling, foreign) else max(byline, dateline)
