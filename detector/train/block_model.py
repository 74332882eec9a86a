"""Learn the block model from reviewed pages, and measure it on sites that it has not seen.

The linear scores that feed the trees are out of fold throughout: no block is scored by weights that saw its site.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import SGDClassifier
from threadpoolctl import threadpool_limits

from detector.clean.content import BlockModel, best_expected_f1
from detector.clean.features import with_scores, without_language
from detector.clean.paths import path_rows
from detector.models import Weights
from detector.train.alignment import word_f1
from detector.train.export import tree_arrays
from detector.train.kinds import fit_kinds
from detector.train.pages import FOLDS, ROWS, SEED, Floats, Longs, Sample

_ALPHA = {"path": 1e-3, "text": 3e-4}  # L2 of the linear scores
_TREES = {"max_iter": 150, "max_leaf_nodes": 64, "max_depth": 6, "learning_rate": 0.08, "l2_regularization": 1.0}
_SCORES = ("path", "text")


def _matrix(rows: Iterable[Longs]) -> csr_matrix:
    rows = list(rows)
    starts = np.concatenate(([0], np.cumsum([row.size for row in rows])))
    columns = np.concatenate(rows).astype(np.int32)
    return csr_matrix((np.ones(columns.size, dtype=np.float32), columns, starts), shape=(len(rows), ROWS))


@dataclass(slots=True)
class Linear:
    """The two sparse inputs of all samples, stacked once, and where each sample's blocks lie in them."""

    path: csr_matrix
    text: csr_matrix
    label: Longs
    weight: Floats
    fold: Longs
    english: NDArray[np.bool_]
    cuts: Longs

    @classmethod
    def of(cls, samples: list[Sample]) -> Linear:
        """Stack ``samples``."""
        sizes = [len(sample.texts) for sample in samples]
        grams = [
            sample.prepared.statistics.grams[start:end]
            for sample in samples
            for start, end in zip(
                sample.prepared.statistics.gram_starts[:-1], sample.prepared.statistics.gram_starts[1:], strict=True
            )
        ]
        return cls(
            path=_matrix(row for sample in samples for row in path_rows(sample.prepared.paths)),
            text=_matrix(grams),
            label=np.concatenate([sample.shares >= 0.5 for sample in samples]).astype(np.int64),
            weight=np.concatenate([np.sqrt(sample.weight) for sample in samples]),
            fold=np.repeat([sample.fold for sample in samples], sizes),
            english=np.repeat([sample.prepared.english for sample in samples], sizes),
            cuts=np.concatenate(([0], np.cumsum(sizes))),
        )

    def weights_without(self, kind: str, *folds: int) -> Floats:
        """Learned weights of the ``path`` or ``text`` score from all blocks outside of ``folds``, shape (ROWS,)."""
        used = ~np.isin(self.fold, folds)
        matrix = self.path if kind == "path" else self.text
        if kind == "text":
            used &= self.english
        model = SGDClassifier(
            loss="log_loss",
            alpha=_ALPHA[kind],
            max_iter=4,
            tol=None,
            average=True,
            fit_intercept=False,
            random_state=SEED,
        )
        weight = self.weight[used]
        model.fit(matrix[used], self.label[used], sample_weight=weight / weight.mean())
        # Stored as float16: halves the file, and no rounding is left between training and use.
        rounded: Floats = model.coef_[0].astype(np.float16).astype(np.float64)
        return rounded

    def scores(self, kind: str, weights: Floats) -> Floats:
        """The score of every block under ``weights``."""
        found: Floats = (self.path if kind == "path" else self.text) @ weights
        return found if kind == "path" else found * self.english


def out_of_fold(linear: Linear, unseen: tuple[int, ...] = ()) -> dict[str, Floats]:
    """Both scores for every block, each from weights that saw neither its own fold nor the ``unseen`` ones."""
    out = {kind: np.zeros(linear.label.size) for kind in _SCORES}
    for fold in range(FOLDS):
        rows = linear.fold == fold
        for kind in _SCORES:
            out[kind][rows] = linear.scores(kind, linear.weights_without(kind, fold, *unseen))[rows]
    return out


def fit_trees(samples: list[Sample], scores: list[tuple[Floats, Floats]]) -> HistGradientBoostingClassifier:
    """Trees on the blocks of ``samples``; some pages also as ones of an unknown language, some cut small."""
    rows, labels, weights = [], [], []
    for sample, (path, text) in zip(samples, scores, strict=True):
        label = sample.shares >= 0.5
        rows.append(with_scores(sample.prepared, path, text))
        labels.append(label)
        weights.append(sample.weight)
        if zlib.crc32(sample.id.encode()) % 3 == 0:
            rows.append(with_scores(without_language(sample.prepared), path, np.zeros_like(text)))
            labels.append(label)
            weights.append(sample.weight * 0.5)
        if sample.small is not None:
            chosen, prepared = sample.small
            rows.append(with_scores(prepared, path[chosen], text[chosen]))
            labels.append(label[chosen])
            weights.append(prepared.words / prepared.words.sum() * 0.5)
    weight = np.concatenate(weights)
    model = HistGradientBoostingClassifier(early_stopping=False, random_state=SEED, **_TREES)
    with threadpool_limits(1):
        return model.fit(np.concatenate(rows), np.concatenate(labels), sample_weight=weight / weight.mean())


def fit_model(samples: list[Sample], linear: Linear, unseen: tuple[int, ...] = ()) -> dict[str, NDArray[Any]]:
    """The arrays of a block model learned from every sample outside of the ``unseen`` folds."""
    scores = out_of_fold(linear, unseen)
    arrays: dict[str, NDArray[Any]] = {
        kind: linear.weights_without(kind, *unseen).astype(np.float16) for kind in _SCORES
    }
    used = [k for k, sample in enumerate(samples) if sample.fold not in unseen]
    for name, chosen in (("articles", [k for k in used if samples[k].kind == "article"]), ("pages", used)):
        spans = [slice(linear.cuts[k], linear.cuts[k + 1]) for k in chosen]
        pairs = [(scores["path"][span], scores["text"][span]) for span in spans]
        arrays |= tree_arrays(fit_trees([samples[k] for k in chosen], pairs), name)
    return arrays | fit_kinds([samples[k] for k in used])


def judge(model: BlockModel, samples: list[Sample]) -> list[tuple[str, str, float]]:
    """Id, kind and word F1 of each page, from its blocks alone."""
    found = []
    for sample in samples:
        keep = best_expected_f1(model.probabilities(sample.prepared), sample.prepared.words)
        text = "\n".join(text for text, kept in zip(sample.texts, keep, strict=True) if kept)
        found.append((sample.id, sample.kind, word_f1(text, sample.main_content)))
    return found


def mean_scores(found: list[tuple[str, str, float]]) -> dict[str, float]:
    """Mean word F1 over articles and over all pages."""
    return {
        "articles_word_f1": float(np.mean([f1 for _, kind, f1 in found if kind == "article"])),
        "all_word_f1": float(np.mean([f1 for _, _, f1 in found])),
    }


def cross_validate_blocks(samples: list[Sample], folds: Iterable[int] = range(FOLDS)) -> list[tuple[str, str, float]]:
    """Id, kind and word F1 of each page of ``folds``, judged by a model that saw none of its fold's sites."""
    linear = Linear.of(samples)
    found: list[tuple[str, str, float]] = []
    for fold in folds:
        model = BlockModel.from_weights(Weights(fit_model(samples, linear, (fold,)), {}, f"without fold {fold}"))
        found += judge(model, [sample for sample in samples if sample.fold == fold])
    return found
