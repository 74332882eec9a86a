"""Learn to tell kinds of pages apart, and measure it on sites that were not seen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from detector.clean.kind import TOKENS, KindModel
from detector.models import Weights
from detector.train.pages import FOLDS, Floats, Sample

# The two sorts of columns differ in size; these shares of each were chosen by cross-validation.
_FIGURES, _TOKENS, _C = 0.3, 5.0, 1.0


def fit_kinds(samples: list[Sample]) -> dict[str, NDArray[Any]]:
    """The arrays of a KindModel."""
    figures = np.stack([sample.figures for sample in samples])
    mean, scale = figures.mean(axis=0), figures.std(axis=0)
    scale[scale == 0] = 1.0
    rows = hstack([csr_matrix((figures - mean) / scale * _FIGURES), _token_matrix(samples)]).tocsr()
    model = LogisticRegression(C=_C, max_iter=3000)
    with threadpool_limits(1):
        model.fit(rows, [sample.kind for sample in samples])
    width = figures.shape[1]
    return {
        "kind_names": np.array(model.classes_.tolist()),
        "kind_mean": mean.astype(np.float32),
        "kind_scale": scale.astype(np.float32),
        "kind_figures": (model.coef_[:, :width] * _FIGURES).astype(np.float32),
        "kind_tokens": (model.coef_[:, width:] * _TOKENS).astype(np.float16),
        "kind_bias": model.intercept_.astype(np.float32),
    }


def _token_matrix(samples: list[Sample]) -> csr_matrix:
    sizes = [sample.tokens.size for sample in samples]
    starts = np.concatenate(([0], np.cumsum(sizes)))
    values = np.repeat([_TOKENS / np.sqrt(max(size, 1)) for size in sizes], sizes)
    return csr_matrix((values, np.concatenate([sample.tokens for sample in samples]), starts), (len(samples), TOKENS))


def cross_validate_kinds(samples: list[Sample]) -> dict[str, float]:
    """Scores on sites that were not seen: kind right, article told from the rest, and the two sure errors."""
    right: list[bool] = []
    said: list[bool] = []
    articles: list[bool] = []
    sure: Floats = np.zeros(0)
    for fold in range(FOLDS):
        arrays = fit_kinds([sample for sample in samples if sample.fold != fold])
        model = KindModel.from_weights(Weights(arrays, {}, f"without fold {fold}"))
        for sample in samples:
            if sample.fold == fold:
                likely = model.probabilities(sample.figures, sample.tokens)
                best = model.names[int(np.argmax(likely))]
                right.append(best == sample.kind)
                said.append(best == "article")
                articles.append(sample.kind == "article")
                sure = np.append(sure, likely[model.names.index("article")])
    is_article = np.array(articles)
    return {
        "kind_right": float(np.mean(right)),
        "article_or_not_right": float(np.mean(np.array(said) == is_article)),
        "articles_surely_called_other": float((sure[is_article] < 0.1).mean()),
        "others_surely_called_article": float((sure[~is_article] > 0.9).mean()),
    }
