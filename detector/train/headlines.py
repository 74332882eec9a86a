"""Learn the headline model: a headline that withholds its subject, or one that names it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from detector.quality.headline import BUCKETS, HeadlineModel, buckets

_C = 4.0
_HELD_OUT = 5  # every fifth headline


def learn_headlines(data: Path | None, seeds: Path) -> tuple[dict[str, NDArray[Any]], float]:
    """The arrays of a ``HeadlineModel``, and its ROC-AUC on a fifth of the headlines that was held out."""
    lines = (seeds / "headlines.jsonl").read_text(encoding="utf-8").splitlines()
    if data:
        with gzip.open(data / "quality" / "headlines_clickbait.jsonl.gz", "rt", encoding="utf-8") as file:
            lines += file.read().splitlines()
    rows = [json.loads(line) for line in lines]
    titles = [row["text"] for row in rows]
    target = np.array([row["label"] == "clickbait" for row in rows])
    table = headline_table(titles)
    held_out = np.arange(len(rows)) % _HELD_OUT == 0
    trial = _arrays(_fit(table[~held_out], target[~held_out]))
    model = HeadlineModel.from_arrays(trial)
    scores = [model.clickbait(title) for title, is_held in zip(titles, held_out, strict=True) if is_held]
    return _arrays(_fit(table, target)), float(roc_auc_score(target[held_out], scores))


def headline_table(titles: list[str]) -> Any:
    """One sparse row of unit length a headline: shape (n, BUCKETS)."""
    found = [buckets(title) for title in titles]
    sizes = np.array([max(len(places), 1) for places in found])
    values = np.concatenate(
        [np.full(len(places), 1 / np.sqrt(size)) for places, size in zip(found, sizes, strict=True)]
    )
    ends = np.concatenate(([0], np.cumsum([len(places) for places in found])))
    return sparse.csr_matrix((values, np.concatenate(found), ends), shape=(len(titles), BUCKETS))


def _fit(table: Any, target: NDArray[np.bool_]) -> Any:
    return LogisticRegression(C=_C, solver="liblinear", random_state=0).fit(table, target)


def _arrays(model: Any) -> dict[str, NDArray[Any]]:
    return {
        "headline_weights": model.coef_[0].astype(np.float32),
        "headline_bias": np.array(float(model.intercept_[0])),
    }
