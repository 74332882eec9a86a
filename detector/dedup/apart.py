"""What of a later text stands apart from the story that it tells, and does not count when a copy is looked for.

An entry's asides are where its text tells nothing: other pages' headlines, prompts, padding. In a passage that an
earlier text has too they are left alone; what is the later text's own is counted neither as new text nor as new facts.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detector.dedup.align import Alignment, Side
from detector.dedup.shelf import Entry

Flags = NDArray[np.bool_]
Ints = NDArray[np.intp]

LEAST_TOLD = 60  # tokens; of a text that tells less, too little is left to know it by
_HEADLINE = 14  # tokens of the longest line that may be a headline or a byline …
_HEADLINES = 4  # … and how many of them may stand above a text
_ENDS = tuple(".!?…\"'”’»)]:。！？")  # what a line ends with that is a sentence, or announces one
LINE = re.compile(r"\S[^\n]*")


class Apart(NamedTuple):
    """The later text without what stands apart in it."""

    side: Side  # as given, or a copy in which nothing apart is a number or a name
    flags: Flags  # whether each token stands apart, shape (tokens,)
    tokens: int  # how many do
    share_told: float  # how much of what is in no aside stands in a passage, in [0, 1]; 0 where the text has none


def set_apart(later: Entry, side: Side, alignment: Alignment) -> Apart:
    """What stands apart in ``later``, whose tokens are ``side``, beside the earlier text that it was aligned with."""
    none = Apart(side, np.zeros(side.hashes.size, np.bool_), 0, 0.0)
    if not later.asides:
        return none
    own = np.ones(side.hashes.size, np.bool_)
    for start, end in alignment.passages[:, :2].tolist():
        own[start:end] = False
    aside, apart = np.zeros_like(own), np.zeros_like(own)
    for start, end in np.searchsorted(side.starts, np.array(later.asides)).tolist():
        aside[start:end] = True
        if 2 * np.count_nonzero(own[start:end]) > end - start:
            apart[start:end] = own[start:end]
    told = own.size - int(np.count_nonzero(aside))
    if told < LEAST_TOLD or not apart.any():
        return none
    matched = int(np.count_nonzero(~own & ~aside))
    unnamed = side._replace(flags=np.where(apart, 0, side.flags).astype(side.flags.dtype))
    return Apart(unnamed, apart, int(np.count_nonzero(apart)), matched / told)


def told_from(text: str, side: Side, apart: Apart) -> Ints:
    """The tokens of a text that tell its story, in order, without the headlines and bylines above it."""
    return np.flatnonzero(~apart.flags & (side.starts >= below_headlines(text, side)))


def below_headlines(text: str, side: Side) -> int:
    """Where the text begins below the lines at its top that are no sentences, a few of them at most."""
    for number, line in enumerate(LINE.finditer(text)):
        first, last = np.searchsorted(side.starts, line.span()).tolist()
        below = LINE.search(text, line.end())
        wrapped = below is not None and below[0][:1].islower()  # a sentence goes on in the next line
        if number == _HEADLINES or wrapped or last - first > _HEADLINE or is_sentence(line[0]):
            return line.start()
    return 0


def is_sentence(line: str) -> bool:
    """Whether a line ends as sentences do, or announces one."""
    return line.rstrip().endswith(_ENDS)
