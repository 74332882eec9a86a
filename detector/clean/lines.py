"""Text without markup: which lines are the article, and which are furniture that came along when the tags were lost.

Learned on pages whose tags were stripped in several ways, against their reviewed main content.
When in doubt a line stays: a long sentence goes only where the model is all but sure, a clean text loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detector.clean import textstats as ts
from detector.clean.content import best_expected_f1, with_odds
from detector.clean.line_columns import gram_sums, line_columns
from detector.clean.phrases import Stretches
from detector.clean.reasons import is_ambiguous, prompts
from detector.models import Weights
from detector.trees import Columns, Trees

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ENGLISH_SHARE = 0.15
_TITLE_AFTER = 30  # words: a longer line after "Next article" is no title
_BYLINE = re.compile(r"^(?:by|von|par|por|di|от)\s+[A-Z\u0400-\u04ff]|\d{4}|\d{1,2}:\d{2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LineModel:
    """The learned weights of the line model."""

    text: NDArray[np.float32]  # shape (65536,)
    trees: Trees
    version: str

    @classmethod
    def from_weights(cls, weights: Weights) -> Self:
        """The model that ``detector.train.line_model`` saved."""
        return cls(weights["line_text"].astype(np.float32), Trees.from_arrays(weights.arrays, "lines"), weights.version)

    def probabilities(self, measured: Lines) -> Floats:
        """Probability that each line belongs to the article, shape (n,)."""
        return self.trees.probability(Columns.of(line_rows(measured, line_scores(measured, self.text))))


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a text, or those that are left of it; each was read once."""

    statistics: ts.TextStatistics  # of every line that was read
    chosen: NDArray[np.int64]  # the n lines that are left
    words: Floats  # of those, at least 1, shape (n,)
    breaks: Floats  # 1 where a blank line stands before, shape (n,)
    known: Floats  # 1 where the line is a known prompt, shape (n,)
    english: bool

    def counts(self, column: int) -> Floats:
        """One of the columns of ``TextStatistics.table`` for the lines that are left, shape (n,)."""
        counts: Floats = self.statistics.table[self.chosen, column]
        return counts


def measure_lines(texts: Sequence[str], paragraphs: Sequence[int], known: Iterable[int]) -> Lines:
    """Measure at least one line; ``known`` are the positions of known prompts."""
    chosen = np.arange(len(texts))
    return choose_from(ts.statistics_of(texts), chosen, np.array(paragraphs), known)


def choose_from(
    statistics: ts.TextStatistics, chosen: NDArray[np.int64], paragraphs: NDArray[np.int64], known: Iterable[int]
) -> Lines:
    """At least one line of those that were read, as if the n chosen ones were the text.

    ``paragraphs`` has shape (n,); ``known`` are positions among the n.
    """
    is_known = np.zeros(chosen.size)
    for k in known:
        is_known[k] = 1.0
    words = np.maximum(statistics.table[chosen, ts.WORDS], 1.0)
    english = bool(statistics.table[chosen, ts.STOP_WORDS].sum() > ENGLISH_SHARE * words.sum())
    breaks = np.ones(chosen.size)
    breaks[1:] = paragraphs[1:] != paragraphs[:-1]
    return Lines(statistics, chosen, words, breaks, is_known, english)


def line_scores(measured: Lines, weights: NDArray[np.float32]) -> Floats:
    """Sum of the n-gram weights of each line; zero throughout when the text is not in English."""
    if not measured.english:
        return np.zeros(measured.words.size)
    statistics = measured.statistics
    return gram_sums(weights, statistics.grams, statistics.gram_starts, measured.chosen)


def line_rows(measured: Lines, scores: Floats) -> NDArray[np.float32]:
    """What the trees see: one row a line, shape (n, COLUMNS)."""
    statistics = measured.statistics
    return line_columns(
        statistics.table, statistics.words, statistics.starts, measured.chosen, scores, measured.known, measured.breaks,
        measured.english,
    )  # fmt: skip


def is_headline(text: str) -> bool:
    """Whether a line reads like a headline: some words, no sentence end, no byline or date."""
    if text[-1] in ".:;,…。" or len(text) > 200:  # as nearly all lines are
        return False
    words = len(text.split())
    sized = 3 <= words <= 25 if words > 1 else 6 <= len(text) <= 60 and not text.isascii()  # written without blanks
    plain = text[0].isupper() or text[0].isdigit() or text[0] in "\"'“‘«„" or not text[0].isascii()
    return sized and plain and not _BYLINE.search(text)


def speakers(texts: Sequence[str]) -> NDArray[np.int64]:
    """Positions of the lines that a named speaker says."""
    found = [k for k, text in enumerate(texts) if text[1:2] in _SECOND and _SPEAKER.match(text)]
    return np.array(found, dtype=np.int64)


def in_transcript(speaks: NDArray[np.int64], n: int) -> Flags:
    """The lines of an interview or debate, which are short and alike as a menu's are: all that a named speaker says.

    Lines between two speakers' lines that are near one another ("(Laughter)") belong to it. ``speaks`` are positions
    in a text of ``n`` lines.
    """
    inside = np.zeros(n, dtype=np.bool_)
    if speaks.size >= _SPEAKERS:
        inside[speaks] = True
        for first, last in pairwise(speaks.tolist()):
            if last - first <= 4:
                inside[first : last + 1] = True
    return inside


_SPEAKER = re.compile(r"[A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]+){0,3}(?: \([^)]{2,40}\))?: ")
_SECOND = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ.'’-")  # what a speaker's line has in second place
_SPEAKERS = 4  # lines; fewer are labels such as "UPDATE: "


def known_furniture(texts: Sequence[str], stretches: Stretches | None = None) -> dict[int, str]:
    """The lines that are furniture whatever the model says, and why: prompts, labels, the title after such a label.

    ``stretches`` are the same texts, where they are at hand.
    """
    known = {k: reason for k, reason in prompts(texts, stretches).items() if not is_ambiguous(texts[k])}
    for k in [k + 1 for k, reason in known.items() if reason == "previous_next"]:
        if k < len(texts) and k not in known and is_title_line(texts[k]):
            known[k] = "previous_next"
    return known


def is_title_line(text: str) -> bool:
    """Whether the line after a "next article" label is that article's title rather than the text going on."""
    return len(text) <= 200 and len(text.split()) <= _TITLE_AFTER and not text.endswith((".", "。", ":", ";", ","))


def choose_lines(probabilities: Floats, measured: Lines, explained: Callable[[], Flags]) -> Flags:
    """Which lines stay: the set of greatest expected word F1, and every line that the model is not sure of.

    ``explained`` gives, where it matters, the lines whose own words are those of furniture. The surer the text is an
    article throughout, the surer the model must be of a single line; in a short text it must be all but certain, and of
    a sentence yet more.
    """
    words = measured.words
    if words.size < LONG_TEXT and probabilities.min() >= _EXPLAINED:
        return np.ones(words.size, dtype=np.bool_)
    sentence = (words >= 6) & (measured.counts(ts.ENDS_STOP) > 0) & (measured.counts(ts.STARTS_LOWER) == 0)
    clean = float((probabilities * words).sum() / words.sum())  # expected share of the article in the text
    if words.size >= LONG_TEXT and clean < 0.8:
        probabilities = with_odds(probabilities, ODDS)
        bound = np.where(sentence & (words >= 20), 0.3, 0.5)
    else:
        bound = np.where(sentence, 0.02, np.where(explained(), _EXPLAINED, 0.04))
    keep = best_expected_f1(probabilities, words)
    stays: Flags = keep | (probabilities >= bound)
    return stays


UNSURE = 0.5  # below this probability a line may go
_EXPLAINED = 0.3  # and below this one a line of a short text, if its own words are those of furniture
ODDS = 0.8  # of a line of a page that lost its tags, by cross-validation
LONG_TEXT = 25  # lines; a page that lost its tags has hundreds, an item of a feed a dozen
_SENTENCE = 8  # words; what is shorter may be a label with a full stop


def has_suspects(measured: Lines) -> bool:
    """Whether any line is a known prompt, or not a sentence; a text without one need not be judged."""
    sentence = (measured.words >= _SENTENCE) & (measured.counts(ts.ENDS_STOP) > 0)
    return bool((~sentence).any() or measured.known.any())


def is_plain(texts: Sequence[str], codes: ts.Codes) -> bool:
    """Whether ``has_suspects`` would be False for the lines, and for any of them, as it is for most newswire items.

    ``codes`` are the characters of ``texts``.
    """
    return ts.are_sentences(codes, _SENTENCE) and not prompts(texts, Stretches.of_codes(codes))
