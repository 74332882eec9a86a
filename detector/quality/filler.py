"""Sentence → probability that it says nothing checkable and new, and why.

Two logistic regressions. The first reads a sentence by itself: its features, those of its neighbours, its mean
word vector. The second reads the same together with the first one's opinion of the sentences around it, for
padding comes in runs and a fact is rarely alone (stacking, Wolpert 1992). Trees and hashed n-grams were tried
and added nothing that held out-of-fold; docs/training.md has the figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from detector.quality import features
from detector.quality.tokens import COLUMN, Floats, Span, tokenise
from detector.quality.vectors import Vectors

REASONS = (
    "vague-attribution", "significance", "restatement", "hedged-future", "moral", "transition", "fake-citation",
    "promo", "truism",
)  # fmt: skip
# A standard score beyond this is an oddity of one sentence, not four times the evidence.
_CLIP = 4.0
_UNDECIDED = 4.0
_ECHO = 0.8
_PLACE = {name: number for number, name in enumerate(features.NAMES)}


@dataclass(frozen=True, slots=True)
class Linear:
    """Logistic regression on standardised, clipped features: k = 1, or one row of weights per class."""

    mean: Floats  # shape (features,)
    scale: Floats  # shape (features,)
    weights: Floats  # shape (features, k)
    bias: Floats  # shape (k,)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], prefix: str) -> Self:
        """The model stored as ``{prefix}_mean``, ``{prefix}_scale``, ``{prefix}_weights`` and ``{prefix}_bias``."""
        parts = (arrays[f"{prefix}_{part}"].astype(np.float64) for part in ("mean", "scale", "weights", "bias"))
        return cls(*parts)

    def decision(self, rows: Floats) -> Floats:
        """Log-odds (k = 1) or class scores: shape (n, features) in, (n, k) out."""
        standard = np.clip((rows - self.mean) / self.scale, -_CLIP, _CLIP)
        # einsum, not @: BLAS sums in an order that depends on the number of rows.
        scores: Floats = np.einsum("nf,fk->nk", standard, self.weights) + self.bias
        return scores


@dataclass(frozen=True, slots=True)
class Judged:
    """What the model says of the sentences of one text, each of shape (sentences,)."""

    filler: Floats  # calibrated probability, a mixed sentence counting half
    reasons: tuple[str, ...]  # the likeliest reason, whatever the probability
    rows: Floats  # the features, shape (sentences, features)
    furniture: NDArray[np.bool_]  # newsletter, byline, share prompt: neither article nor padding

    def column(self, name: str) -> Floats:
        """A named feature of every sentence, shape (sentences,)."""
        return self.rows[:, _PLACE[name]]


@dataclass(frozen=True, slots=True)
class FillerModel:
    """The learned weights, ready to judge."""

    vectors: Vectors
    first: Linear
    second: Linear
    reason: Linear
    calibration: tuple[float, float]  # slope and intercept on the log-odds of ``second`` (Platt 1999)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """The model from the arrays of ``weights/quality.npz``."""
        slope, intercept = arrays["calibration"].tolist()
        return cls(
            Vectors.from_arrays(arrays),
            Linear.from_arrays(arrays, "first"),
            Linear.from_arrays(arrays, "second"),
            Linear.from_arrays(arrays, "reason"),
            (slope, intercept),
        )

    def judge(self, text: str, spans: Sequence[Span], title: str = "") -> Judged:
        """Judge the sentences at ``spans`` in the light of the whole text and of its title."""
        if not spans:
            return Judged(np.zeros(0), (), np.zeros((0, len(features.NAMES))), np.zeros(0, dtype=bool))
        rows = sentence_features(text, spans, title, self.vectors)
        first = self.first.decision(rows)[:, 0]
        second = self.second.decision(np.hstack([rows, surroundings(first)]))[:, 0]
        slope, intercept = self.calibration
        echo = is_echo(rows)
        filler = with_echoes(sigmoid(slope * second + intercept), echo)
        best = np.where(echo, REASONS.index("restatement"), np.argmax(self.reason.decision(rows), axis=1))
        promoting = (best == REASONS.index("promo")) & (filler >= 0.5)
        return Judged(filler, tuple(REASONS[number] for number in best), rows, is_furniture(rows, promoting))


def sentence_features(text: str, spans: Sequence[Span], title: str, vectors: Vectors) -> Floats:
    """Everything the models read of each sentence: named features, then those of the word vectors."""
    tokens = tokenise(text, spans, title)
    return np.hstack([features.dense(tokens, text, spans), vectors.features(tokens)])


def surroundings(log_odds: Floats) -> Floats:
    """A sentence's log-odds, those of the sentences before and after, and the mean of all others.

    Two or three other sentences are little to go by, so the mean counts as if four undecided ones stood with them.
    Shape (n,) in, (n, 4) out.
    """
    size = log_odds.size
    others = (log_odds.sum() - log_odds) / (size + _UNDECIDED - 1)
    edge = log_odds.sum() / (size + _UNDECIDED)
    before = np.concatenate(([edge], log_odds[:-1]))
    after = np.concatenate((log_odds[1:], [edge]))
    return np.column_stack([log_odds, before, after, others])


def sigmoid(log_odds: Floats) -> Floats:
    """The logistic function."""
    probability: Floats = 1.0 / (1.0 + np.exp(-log_odds))
    return probability


def is_echo(rows: Floats) -> NDArray[np.bool_]:
    """Which sentences hold no new name or figure, and four content words in five from one earlier sentence.

    A rule, for the labelled texts hold too few of these to learn them from: one in 1,500 sentences, none informative.
    """
    words = rows[:, _PLACE["content"]] + rows[:, _PLACE["digit"]]
    return (rows[:, _PLACE["overlap_earlier"]] >= 0.8) & (words >= 4) & (rows[:, _PLACE["nothing_new"]] > 0)


def with_echoes(filler: Floats, echo: NDArray[np.bool_]) -> Floats:
    """The probabilities, those of echoes raised to what an echo is at least."""
    return np.where(echo, np.maximum(filler, _ECHO), filler)


def is_furniture(rows: Floats, promoting: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which sentences belong to the page: two marks of furniture, or one in a line that is short or promotes.

    A promoting sentence that addresses the reader goes with the furniture it stands beside.
    """
    marks, words = rows[:, COLUMN["furniture"]], rows[:, COLUMN["word"]]
    certain = (marks >= 2) | ((marks >= 1) & ((words <= 8) | promoting))
    beside = np.zeros_like(certain)
    beside[1:] |= certain[:-1]
    beside[:-1] |= certain[1:]
    addressed = promoting & (rows[:, COLUMN["reader"]] + rows[:, COLUMN["exclamation"]] > 0)
    return certain | (beside & addressed)
