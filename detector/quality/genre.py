"""Which kind of news a text is, where that changes how it may be judged; recognised by what only that kind has.

A column says "I", an obituary names the bereaved, a live page is a ladder of times. Each of these sounds like padding
to a model of sentences, or is so short or so bare that the model has little to go by, so none of them is rejected
for padding. A text that shows no such mark has no genre and is judged like any other.
"""

from __future__ import annotations

import re

import numpy as np

from detector.jit import borrowed, leaf, njit
from detector.quality.filler import FLAG, Judged
from detector.quality.scan import DECIMAL, WORD, Codes, Kinds, kind_of
from detector.quality.tokens import characters

# Held for padding only from the share that rejects others, and never rejected for it.
NEVER_REJECTED = frozenset({"opinion", "letter", "obituary", "live", "brief", "table", "transcript"})

# "I", "we" and the like for two words in a hundred outside quotations: a column, an essay, a sermon, a speech.
_VOICE_RATE = 0.02
_FIGURES_RATE = 0.2  # figures for every fifth word: results, prices, lists
_BRIEF_WORDS, _BRIEF_FACTS = 70, 4
_SPEAKER_LABEL = re.compile(r"^(?:\[[^\]]{1,20}\]\s*)?(?:[A-Z][A-Z.'’\- ]{2,40}|Q|A|Question|Answer):\s", re.MULTILINE)
_TIME_OF_DAY = re.compile(r"^\W{0,2}(?:[01]?\d|2[0-3])[:.h][0-5]\d\b", re.MULTILINE)
_LINE_END = re.compile("\n")
_FEWEST_LINES, _LONGEST_LABEL, _LONGEST_TIME = 4, len("Question:"), len("- 10:30 ")
_LETTER = ("letter to the editor", "letters to the editor", "dear editor", "dear sir", "dear madam", "to the editor:")


def genre_of(text: str, judged: Judged) -> str | None:
    """The genre of ``text``, or None when nothing marks one; the surest mark goes first.

    ``press`` is the only one without a privilege: it is named for the reader's sake.
    """
    labels, times = _openings(judged.tokens.codes, judged.tokens.codes.size - len(text), characters()[0])
    if labels >= _FEWEST_LINES and _marks(_SPEAKER_LABEL, text):
        return "transcript"
    if times >= _FEWEST_LINES and _marks(_TIME_OF_DAY, text):
        return "live"
    head = text[:1_000].lower()
    if any(phrase in head for phrase in _LETTER):
        return "letter"
    if judged.total("bereaved") >= 2 and np.count_nonzero(judged.column("bereaved")) >= 2:
        return "obituary"
    return "press" if judged.total("press") else _by_counts(judged)


def _by_counts(judged: Judged) -> str | None:
    words = judged.kept("word")
    if not words:
        return None
    if words >= 20 and judged.kept("digit") >= _FIGURES_RATE * words:
        return "table"
    if judged.total("writer") + judged.total("person") >= _VOICE_RATE * words:
        voice = (judged.column("writer") + judged.column("person")) * (1.0 - judged.column("quoted_words"))
        if float(voice @ ~judged.furniture) >= _VOICE_RATE * words:
            return "opinion"
    if words > _BRIEF_WORDS:
        return None
    facts = float(judged.column("new_specifics") @ (~judged.furniture & (judged.filler < FLAG)))
    return "brief" if facts >= _BRIEF_FACTS else None


@njit
def _openings(codes: Codes, first: int, kinds: Kinds) -> tuple[int, int]:
    """How many lines may begin with a speaker's label, and how many with a time of day, at most.

    The text begins at ``codes[first]``; most have too few such lines to be searched.
    """
    codes, kinds = borrowed(codes), borrowed(kinds)
    labels = times = 0
    for at in range(first, codes.size):
        if at == first or codes[at - 1] == 0x0A:
            labels += _may_label(codes, at)
            times += _may_tell_time(codes, at, kinds)
    return labels, times


@leaf
def _may_label(codes: Codes, at: int) -> bool:
    """Whether a bracket stands at ``at``, a word of Q or A and a colon, or capitals, blanks and a colon."""
    code = codes[at]
    if code == 0x5B:
        return True
    if code == 0x51 or code == 0x41:  # noqa: PLR1714  # compiled
        for k in range(at + 1, min(at + _LONGEST_LABEL, codes.size)):
            if codes[k] == 0x3A:
                return True
    while at < codes.size:
        code = codes[at]
        if not (0x41 <= code <= 0x5A or code == 0x20 or code == 0x27 or code == 0x2019 or 0x2D <= code <= 0x2E):  # noqa: PLR1714
            return bool(code == 0x3A)
        at += 1
    return False


@leaf
def _may_tell_time(codes: Codes, at: int, kinds: Kinds) -> bool:
    """Whether one or two figures, a colon, point or h, and two figures follow at most two characters.

    Beyond the first plane a character may be a figure too.
    """
    for k in range(at, min(at + _LONGEST_TIME, codes.size)):
        if codes[k] >= kinds.size:
            return True
    for first in range(at, min(at + 3, codes.size)):
        if _is_figure(codes, first, kinds):
            mark = first + 2 if _is_figure(codes, first + 1, kinds) else first + 1
            return (
                _is_figure(codes, mark + 1, kinds)
                and _is_figure(codes, mark + 2, kinds)
                and not (mark + 3 < codes.size and kind_of(codes[mark + 3], kinds) & WORD)
                and (codes[mark] == 0x3A or codes[mark] == 0x2E or codes[mark] == 0x68)
            )
    return False


@leaf
def _is_figure(codes: Codes, at: int, kinds: Kinds) -> bool:
    return at < codes.size and kind_of(codes[at], kinds) & DECIMAL > 0


def _marks(pattern: re.Pattern[str], text: str) -> bool:
    """Whether ``pattern``, which begins where a line begins, is found at least so often as marks a genre."""
    lines = (0, *(match.end() for match in _LINE_END.finditer(text)))
    if sum(1 for start in lines if pattern.match(text, start)) < _FEWEST_LINES:
        return False
    return sum(1 for _ in zip(pattern.finditer(text), range(_FEWEST_LINES), strict=False)) == _FEWEST_LINES
