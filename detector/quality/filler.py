"""Sentence → probability that it says nothing checkable and new, and why; and whether it is the page's furniture.

Two logistic regressions for each of the two questions. The first reads a sentence by itself: its features, those of
its neighbours, its mean word vector. The second reads the same together with the first one's opinion of the sentences
around it, for padding comes in runs and a fact is rarely alone (stacking, Wolpert 1992). Trees, small networks and
hashed n-grams were tried and added nothing that held out-of-fold; docs/training.md has the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from detector.jit import borrowed, njit
from detector.quality import features
from detector.quality.linear import Linear, Stages, sigmoid
from detector.quality.tokens import Floats, Ints, Mask, Span, Tokens, tokenise
from detector.quality.vectors import Vectors

REASONS = (
    "vague-attribution", "significance", "restatement", "hedged-future", "moral", "transition", "fake-citation",
    "promo", "truism",
)  # fmt: skip
FURNITURE = "furniture"
_NAMED = (*REASONS, FURNITURE, "")
_RESTATEMENT = REASONS.index("restatement")
_ECHO = 0.8
FLAG = 0.5  # a sentence is flagged from here on
_PLACE = features.PLACE
# Features that are added up over the sentences of a text.
_ADDED_UP = ("word", "digit", "capital", "shout", "date", "number", "new_specifics", "writer", "person", "press",
             "bereaved", "named_speech", "named_report")  # fmt: skip
_COLUMNS_ADDED_UP = np.array([_PLACE[name] for name in _ADDED_UP], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Judged:
    """What the model says of the sentences of one text, each of shape (sentences,)."""

    filler: Floats  # calibrated probability, a mixed sentence counting half
    reasons: tuple[str, ...]  # the likeliest reason; empty for what is likelier no filler
    rows: Floats  # the features, shape (sentences, features)
    furniture: Mask  # newsletter, author's note, share prompt: neither article nor padding
    tokens: Tokens  # the title's first; none where the features come from a table
    words: Floats = field(init=False)  # of every sentence, none for furniture
    totals: Floats = field(init=False)  # of _ADDED_UP and unknown tokens: over all sentences, over those kept

    def __post_init__(self) -> None:
        words, totals = _tally(self.rows, self.furniture, _COLUMNS_ADDED_UP)
        object.__setattr__(self, "words", words)
        object.__setattr__(self, "totals", totals)

    def column(self, name: str) -> Floats:
        """A named feature of every sentence, shape (sentences,)."""
        return self.rows[:, _PLACE[name]]

    def total(self, name: str) -> float:
        """A feature of ``_ADDED_UP`` over all sentences."""
        return float(self.totals[0, _ADDED_UP.index(name)])

    def kept(self, name: str) -> float:
        """The same over the sentences that are no furniture."""
        return float(self.totals[1, _ADDED_UP.index(name)])

    @property
    def unknown(self) -> float:
        """How many tokens have no word vector; 0 where the model has no vectors."""
        return float(self.totals[0, -1]) if self.rows.shape[1] > len(features.NAMES) else 0.0


@njit
def _tally(rows: Floats, furniture: Mask, columns: Ints) -> tuple[Floats, Floats]:
    """The words of every sentence that is no furniture; ``columns`` and the last added up over all and over those.

    The first of ``columns`` is that of the words.
    """
    rows, furniture, columns = borrowed(rows), borrowed(furniture), borrowed(columns)
    words, totals = np.zeros(rows.shape[0]), np.zeros((2, columns.size + 1))
    for n in range(rows.shape[0]):
        if not furniture[n]:
            words[n] = rows[n, columns[0]]
        for c in range(columns.size + 1):
            value = rows[n, columns[c] if c < columns.size else rows.shape[1] - 1]
            totals[0, c] += value
            if not furniture[n]:
                totals[1, c] += value
    return words, totals


@dataclass(frozen=True, slots=True)
class FillerModel:
    """The learned weights, ready to judge."""

    vectors: Vectors
    filler: Stages
    furniture: Stages
    reason: Linear
    calibration: tuple[float, float]  # slope and intercept on the log-odds of filler (Platt 1999)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The model from the arrays of ``weights/quality.npz``."""
        slope, intercept = arrays["calibration"].tolist()
        return cls(
            Vectors.from_arrays(arrays),
            Stages.from_arrays(arrays, "filler"),
            Stages.from_arrays(arrays, "furniture"),
            Linear.from_arrays(arrays, "reason"),
            (slope, intercept),
        )

    def judge(self, text: str, spans: Sequence[Span], title: str = "") -> Judged:
        """Judge the sentences at ``spans`` in the light of the whole text and of its title."""
        return self.judge_tokens(tokenise(text, spans, title))

    def judge_tokens(self, tokens: Tokens) -> Judged:
        """The same of a text that was tokenised before."""
        rows = features_of(tokens, self.vectors)
        if not len(rows):
            return Judged(np.zeros(0), (), rows, np.zeros(0, dtype=bool), tokens)
        slope, intercept = self.calibration
        echo = is_echo(rows)
        filler, furniture = combined(
            sigmoid(slope * self.filler.log_odds(rows) + intercept), sigmoid(self.furniture.log_odds(rows)), echo
        )
        # Of an echo and of furniture the reason is known; the last name is none.
        best = self.reason.likeliest(rows, (filler >= FLAG) & ~(echo | furniture))
        best[echo] = _RESTATEMENT
        best[furniture] = len(REASONS)
        return Judged(filler, tuple(_NAMED[number] for number in best.tolist()), rows, furniture, tokens)


@njit
def combined(filler: Floats, furniture: Floats, echo: Mask) -> tuple[Floats, Mask]:
    """The probability that a sentence is worth nothing to the reader of the story, and which are furniture.

    Furniture is no filler of the article, but nothing checkable about the story either: a reader of single
    sentences sees it flagged, with a reason of its own, and the item's share leaves it out.
    """
    out, is_page = np.empty(filler.size), furniture >= 0.5
    for n in range(filler.size):
        floor = furniture[n] if is_page[n] else _ECHO if echo[n] else 0.0
        out[n] = max(filler[n], floor)
    return out, is_page


def sentence_features(text: str, spans: Sequence[Span], title: str, vectors: Vectors) -> Floats:
    """Everything the models read of each sentence: named features, then those of the word vectors."""
    return features_of(tokenise(text, spans, title), vectors)


def features_of(tokens: Tokens, vectors: Vectors) -> Floats:
    """The same of a text that was tokenised before."""
    rows = features.dense(tokens, vectors.columns)
    vectors.add(tokens, rows)
    return rows


def is_echo(rows: Floats) -> Mask:
    """Which sentences hold no new name or figure, and three content words in four from one earlier sentence.

    A rule, for the labelled texts hold too few of these to learn them from; the share is chosen out-of-fold.
    """
    return _echoes(rows, *(_PLACE[name] for name in ("content", "digit", "overlap_earlier", "nothing_new")))


@njit
def _echoes(rows: Floats, content: int, digit: int, overlap: int, nothing_new: int) -> Mask:
    out = np.empty(rows.shape[0], dtype=np.bool_)
    for n in range(rows.shape[0]):
        words = rows[n, content] + rows[n, digit]
        out[n] = rows[n, overlap] >= 0.75 and words >= 4.0 and rows[n, nothing_new] > 0.0
    return out
