"""Text without markup: which lines are the article, and which are furniture that came along when the tags were lost.

Learned on pages whose tags were stripped in several ways, against their reviewed main content.
When in doubt a line stays: a long sentence goes only where the model is all but sure, a clean text loses nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detector.clean import textstats as ts
from detector.clean.content import best_expected_f1, with_odds
from detector.clean.reasons import furniture, is_ambiguous
from detector.jit import njit
from detector.models import Weights
from detector.trees import Trees

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ENGLISH_SHARE = 0.15
_TITLE_AFTER = 30  # words: a longer line after "Next article" is no title
_BYLINE = re.compile(r"^(?:by|von|par|por|di|от)\s+[A-Z\u0400-\u04ff]|\d{4}|\d{1,2}:\d{2}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LineModel:
    """The learned weights of the line model."""

    text: Floats  # shape (65536,)
    trees: Trees
    version: str

    @classmethod
    def from_weights(cls, weights: Weights) -> Self:
        """The model that ``detector.train.lines`` saved."""
        return cls(weights["line_text"].astype(np.float64), Trees.from_arrays(weights.arrays, "lines"), weights.version)

    def probabilities(self, measured: Lines) -> Floats:
        """Probability that each line belongs to the article, shape (n,)."""
        return self.trees.probability(line_rows(measured, line_scores(measured, self.text)))


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines measured once."""

    statistics: ts.TextStatistics
    words: Floats  # at least 1
    breaks: Floats  # 1 where a blank line stands before
    known: Floats  # 1 where the line is a known prompt
    english: bool


def measure_lines(texts: list[str], paragraphs: list[int], known: list[bool]) -> Lines:
    """Measure at least one line."""
    statistics = ts.statistics_of(texts)
    words = np.maximum(statistics.table[:, ts.WORDS], 1.0)
    number = np.array(paragraphs)
    english = bool(statistics.table[:, ts.STOP_WORDS].sum() > ENGLISH_SHARE * words.sum())
    breaks = np.concatenate(([1.0], (number[1:] != number[:-1]).astype(np.float64)))
    return Lines(statistics, words, breaks, np.array(known, dtype=np.float64), english)


def line_scores(measured: Lines, weights: Floats) -> Floats:
    """Sum of the n-gram weights of each line; zero throughout when the text is not in English."""
    statistics = measured.statistics
    if not measured.english:
        return np.zeros(measured.words.size)
    sums = np.concatenate(([0.0], np.cumsum(weights[statistics.grams])))
    scores: Floats = sums[statistics.gram_starts[1:]] - sums[statistics.gram_starts[:-1]]
    return scores


_BY_WORD = [ts.CAPITALISED, ts.SHOUTED, ts.COMMAS, ts.STOPS, ts.QUOTES, ts.LONG_WORDS, ts.LETTERS]
_BY_CHAR = [ts.DIGITS, ts.BARS, ts.OTHERS]
_FLAGS = [ts.ENDS_STOP, ts.ENDS_COLON, ts.STARTS_UPPER, ts.STARTS_LOWER, ts.STARTS_DIGIT, ts.STARTS_BAR,
          ts.ENDS_ELLIPSIS, ts.QUESTION, ts.STOPS]  # fmt: skip
_NEIGHBOURS = (-3, -2, -1, 1, 2, 3)


def line_rows(measured: Lines, scores: Floats) -> NDArray[np.float32]:
    """What the trees see: one row a line, shape (n, columns)."""
    table, words = measured.statistics.table, measured.words
    n = words.size
    log_words = np.log1p(words)
    at = np.arange(n)
    read = np.cumsum(words)
    total = read[-1]
    long_words = np.where(words >= 20, words, 0.0)
    context = np.column_stack(
        [log_words, table[:, ts.ENDS_STOP], table[:, ts.STARTS_LOWER], scores, measured.known, measured.breaks]
    )
    padded = np.full((n + 6, context.shape[1]), -9.0)
    padded[3 : n + 3] = context
    words_known = table[:, ts.STOP_WORDS] / words * measured.english
    chars = np.maximum(table[:, ts.CHARS], 1.0)[:, None]
    columns = [
        context, table[:, _BY_WORD] / words[:, None], table[:, _BY_CHAR] / chars,
        table[:, _FLAGS], np.column_stack([
            words_known, _repeats(measured.statistics), _commonness(measured.statistics), at / n, read / total,
            np.log1p(at), np.log1p(n - 1 - at), _window(long_words, words, 3), _window(long_words, words, 10),
            _window(scores * words, words, 5), _distance(words >= 20), _distance((words >= 20)[::-1])[::-1],
            np.full(n, np.log1p(n)), np.full(n, np.log1p(total)), np.full(n, long_words.sum() / total),
            np.full(n, (words * (table[:, ts.ENDS_STOP] > 0)).sum() / total), np.full(n, measured.breaks.mean()),
            np.full(n, float(measured.english)), *_extremes(scores, 10).T, *_extremes(log_words, 5).T,
            _window(long_words, words, 30), _window(measured.breaks * words, words, 5),
        ]),
        *(padded[3 + step : 3 + step + n] for step in _NEIGHBOURS),
    ]  # fmt: skip
    return np.concatenate(columns, axis=1).astype(np.float32)


def _window(values: Floats, words: Floats, reach: int) -> Floats:
    """Sum of ``values`` over sum of ``words``, ``reach`` lines to either side."""
    at = np.arange(words.size)
    first, last = np.maximum(at - reach, 0), np.minimum(at + reach + 1, words.size)
    sums, totals = np.concatenate(([0.0], np.cumsum(values))), np.concatenate(([0.0], np.cumsum(words)))
    mean: Floats = (sums[last] - sums[first]) / (totals[last] - totals[first])
    return mean


@njit
def _extremes(values: Floats, reach: int) -> Floats:
    """The least and the greatest of each value and the ``reach`` before it, then after it: shape (n, 4)."""
    n = values.size
    found = np.empty((n, 4))
    for i in range(n):
        for side in range(2):
            first, last = (max(i - reach, 0), i) if side == 0 else (i, min(i + reach, n - 1))
            low = high = values[i]
            for k in range(first, last + 1):
                low, high = min(low, values[k]), max(high, values[k])
            found[i, 2 * side], found[i, 2 * side + 1] = low, high
    return found


def _distance(marked: Flags) -> Floats:
    """Lines since the last marked one, at most 30."""
    at = np.arange(marked.size)
    last = np.maximum.accumulate(np.where(marked, at, -30))
    return np.minimum(at - last, 30).astype(np.float64)


def _repeats(statistics: ts.TextStatistics) -> Floats:
    """How many lines of the text open and close with the same words as each one."""
    words, starts = statistics.words, statistics.starts
    if not words.size:
        return np.zeros(starts.size - 1)
    first = words[np.minimum(starts[:-1], words.size - 1)].astype(np.int64)
    last = words[np.maximum(starts[1:] - 1, 0)].astype(np.int64)
    key = first * 31 + last * 7 + (starts[1:] - starts[:-1])
    return ts.count_keys(key.astype(np.uint64)).astype(np.float64)


def _commonness(statistics: ts.TextStatistics) -> Floats:
    """Mean log frequency, in this text, of each line's words: the text's own function words, in any language."""
    if not statistics.words.size:
        return np.zeros(statistics.starts.size - 1)
    counts = ts.count_keys(statistics.words.astype(np.uint64))
    sums = np.concatenate(([0.0], np.cumsum(np.log(counts))))
    starts = statistics.starts
    mean: Floats = (sums[starts[1:]] - sums[starts[:-1]]) / np.maximum(starts[1:] - starts[:-1], 1)
    return mean


def is_headline(text: str) -> bool:
    """Whether a line reads like a headline: some words, no sentence end, no byline or date."""
    words = len(text.split())
    sized = 3 <= words <= 25 if words > 1 else 6 <= len(text) <= 60 and not text.isascii()  # written without blanks
    plain = text[0].isupper() or text[0].isdigit() or text[0] in "\"'“‘«„" or not text[0].isascii()
    return sized and plain and len(text) <= 200 and text[-1] not in ".:;,…。" and not _BYLINE.search(text)


def in_transcript(texts: list[str]) -> list[bool]:
    """The lines of an interview or debate, which are short and alike as a menu's are: all that a named speaker says.

    Lines between two speakers' lines that are near one another ("(Laughter)") belong to it.
    """
    speaks = [k for k, text in enumerate(texts) if _SPEAKER.match(text)]
    inside = [False] * len(texts)
    if len(speaks) >= _SPEAKERS:
        for first, last in pairwise(speaks):
            inside[first] = inside[last] = True
            if last - first <= 4:
                inside[first : last + 1] = [True] * (last - first + 1)
    return inside


_SPEAKER = re.compile(r"[A-Z][A-Z.'’-]+(?: [A-Z][A-Z.'’-]+){0,3}(?: \([^)]{2,40}\))?: ")
_SPEAKERS = 4  # lines; fewer are labels such as "UPDATE: "


def known_furniture(texts: list[str]) -> list[str | None]:
    """For each line, why it is furniture whatever the model says: prompts, labels, the title after such a label."""
    found: list[str | None] = []
    after_label = False
    for text in texts:
        reason = furniture(text)
        if reason and is_ambiguous(text):
            reason = None
        if reason is None and after_label and is_title_line(text):
            reason = "previous_next"
            after_label = False
        else:
            after_label = reason == "previous_next"
        found.append(reason)
    return found


def is_title_line(text: str) -> bool:
    """Whether the line after a "next article" label is that article's title rather than the text going on."""
    return len(text) <= 200 and len(text.split()) <= _TITLE_AFTER and not text.endswith((".", "。", ":", ";", ","))


def choose_lines(probabilities: Floats, measured: Lines, explained: Flags) -> Flags:
    """Which lines stay: the set of greatest expected word F1, and every line that the model is not sure of.

    ``explained`` marks lines whose own words are those of furniture. The surer the text is an article throughout, the
    surer the model must be of a single line; in a short text it must be all but certain, and of a sentence yet more.
    """
    words = measured.words
    table = measured.statistics.table
    sentence = (words >= 6) & (table[:, ts.ENDS_STOP] > 0) & (table[:, ts.STARTS_LOWER] == 0)
    clean = float((probabilities * words).sum() / words.sum())  # expected share of the article in the text
    if words.size >= LONG_TEXT and clean < 0.8:
        probabilities = with_odds(probabilities, ODDS)
        bound = np.where(sentence & (words >= 20), 0.3, 0.5)
    else:
        bound = np.where(sentence, 0.02, np.where(explained, 0.3, 0.04))
    keep = best_expected_f1(probabilities, words)
    stays: Flags = keep | (probabilities >= bound)
    return stays


UNSURE = 0.5  # below this probability a line may go
ODDS = 0.8  # of a line of a page that lost its tags, by cross-validation
LONG_TEXT = 25  # lines; a page that lost its tags has hundreds, an item of a feed a dozen


def has_suspects(measured: Lines) -> bool:
    """Whether any line is a known prompt, or not a sentence; a text without one need not be judged."""
    table = measured.statistics.table
    sentence = (table[:, ts.WORDS] >= 8) & (table[:, ts.ENDS_STOP] > 0)
    return bool((~sentence).any() or measured.known.any())
