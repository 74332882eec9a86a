"""Which kind of news a text is, where that changes how it may be judged; recognised by what only that kind has.

A column says "I", an obituary names the bereaved, a live page is a ladder of times. Each of these sounds like padding
to a model of sentences, or is so short or so bare that the model has little to go by, so none of them is rejected
for padding. A text that shows no such mark has no genre and is judged like any other.
"""

from __future__ import annotations

import re

import numpy as np

from detector.quality.filler import FLAG, Judged

# Held for padding only from the share that rejects others, and never rejected for it.
NEVER_REJECTED = frozenset({"opinion", "letter", "obituary", "live", "brief", "table", "transcript"})

# "I", "we" and the like for two words in a hundred outside quotations: a column, an essay, a sermon, a speech.
_VOICE_RATE = 0.02
_FIGURES_RATE = 0.2  # figures for every fifth word: results, prices, lists
_BRIEF_WORDS, _BRIEF_FACTS = 70, 4
_SPEAKER_LABEL = re.compile(r"^(?:\[[^\]]{1,20}\]\s*)?(?:[A-Z][A-Z.'’\- ]{2,40}|Q|A|Question|Answer):\s", re.MULTILINE)
_TIME_OF_DAY = re.compile(r"^\W{0,2}(?:[01]?\d|2[0-3])[:.h][0-5]\d\b", re.MULTILINE)
_LINE_END = re.compile("\n")
_LETTER = ("letter to the editor", "letters to the editor", "dear editor", "dear sir", "dear madam", "to the editor:")


def genre_of(text: str, judged: Judged) -> str | None:
    """The genre of ``text``, or None when nothing marks one; the surest mark goes first.

    ``press`` is the only one without a privilege: it is named for the reader's sake.
    """
    if text.count("\n") >= 3:  # both are found at the beginning of lines
        lines = [0, *(match.end() for match in _LINE_END.finditer(text))]
        if _marks(_SPEAKER_LABEL, text, lines, 4):
            return "transcript"
        if _marks(_TIME_OF_DAY, text, lines, 4):
            return "live"
    head = text[:1_000].lower()
    if any(phrase in head for phrase in _LETTER):
        return "letter"
    if judged.total("bereaved") >= 2 and np.count_nonzero(judged.column("bereaved")) >= 2:
        return "obituary"
    return "press" if judged.total("press") else _by_counts(judged)


def _by_counts(judged: Judged) -> str | None:
    words = float(judged.words.sum())
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


def _marks(pattern: re.Pattern[str], text: str, lines: list[int], least: int) -> bool:
    """Whether ``pattern`` is found at least so often; it begins where a line begins, at ``lines``."""
    if sum(1 for start in lines if pattern.match(text, start)) < least:
        return False
    return sum(1 for _ in zip(pattern.finditer(text), range(least), strict=False)) == least
