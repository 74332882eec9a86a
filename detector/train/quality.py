"""Learn the quality model again: word vectors, filler per sentence, reasons, and their calibration.

``copytaster train quality --data DIR`` makes ``detector/weights/quality.npz``, bit for bit on the same machine and
versions. Every choice that looks at labels is made out-of-fold by document, never by sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score
from threadpoolctl import threadpool_limits

from detector import models
from detector.quality.filler import (
    REASONS,
    Judged,
    Linear,
    is_echo,
    is_furniture,
    sentence_features,
    sigmoid,
    surroundings,
    with_echoes,
)
from detector.quality.item import filler_share
from detector.quality.tokens import Floats
from detector.quality.vectors import Vectors
from detector.train.augment import excerpt, mixed, restated
from detector.train.headlines import learn_headlines
from detector.train.labelled import FILLER_SHARE, LabelledDocument, read_given, read_own
from detector.train.word_vectors import learn_vectors, no_vectors

SEED = 2026
LEARNED_ON = "2026-11-22"  # a constant, so that the same data give the same file
FOLDS = 8
_INNER_FOLDS = 6
# Regularisation, and the weight of a sentence that we wrote against one that was found: chosen by cross-validation.
_C = {"first": 0.01, "second": 0.01, "reason": 0.05}
_OWN_WEIGHT = 0.5
_MADE_UP_WEIGHT = 0.3


@dataclass(frozen=True, slots=True)
class Table:
    """All labelled sentences as rows: first those of the documents as they are, then those of made-up texts."""

    rows: Floats  # shape (sentences, features)
    share: Floats  # how much of each is filler: 0, 0.5 or 1
    weight: Floats
    reason: NDArray[np.int64]  # place in REASONS, -1 for none
    document: NDArray[np.int64]  # number of its text; those from ``found`` on were made up from others
    group: NDArray[np.int64]  # number of the document that its text was made from: the same group, the same fold


def train_quality(data: Path | None, seeds: Path, out: Path) -> dict[str, float]:
    """Learn from ``seeds`` and, where given, from ``data``; write weights to ``out`` and return held-out scores.

    From the seeds alone the model has no word vectors and far fewer sentences; its scores say what that costs.
    """
    with threadpool_limits(1):  # more threads add up in another order
        documents = read_own(seeds) + (read_given(data) if data else [])
        stored = learn_vectors(data, SEED) if data else no_vectors()
        table = tabulate(documents, Vectors.from_arrays(stored))
        held_out = out_of_fold(table, documents)
        headlines, headline_auc = learn_headlines(data, seeds)
        found = as_found(table, documents)
        scores = measure(held_out, found, documents) | {"headline_roc_auc_held_out": headline_auc}
        arrays = stored | fit(table, _platt(held_out, found)) | headlines
        arrays["score"] = calibrate_score(shares(held_out, found), documents)
    models.save(out, arrays, _provenance(documents, data, scores))
    return scores


def tabulate(documents: list[LabelledDocument], vectors: Vectors) -> Table:
    """The features and labels of every sentence of ``documents``, and of texts made up from them."""
    made, groups = _make_up(documents)
    texts = documents + made
    group = np.concatenate((np.arange(len(documents)), groups))
    sizes = [len(text.labels) for text in texts]
    weight = [_OWN_WEIGHT if text.source == "own" else 1.0 for text in texts]
    weight[len(documents) :] = [value * _MADE_UP_WEIGHT for value in weight[len(documents) :]]
    return Table(
        rows=np.vstack([sentence_features(text.text, text.spans, text.title, vectors) for text in texts]),
        share=np.array([FILLER_SHARE[label] for text in texts for label in text.labels]),
        weight=np.repeat(weight, sizes),
        reason=np.array([REASONS.index(reason) if reason else -1 for text in texts for reason in text.reasons]),
        document=np.repeat(np.arange(len(texts)), sizes),
        group=np.repeat(group, sizes),
    )


def _make_up(documents: list[LabelledDocument]) -> tuple[list[LabelledDocument], list[int]]:
    """Made-up texts and the document that each belongs to; sentences move only within a fold of ``out_of_fold``."""
    random = np.random.default_rng(SEED)
    made: list[LabelledDocument] = []
    groups: list[int] = []
    for fold in _fold_numbers(len(documents), FOLDS, SEED):
        donors = [documents[number] for number in fold]
        for number in fold:
            base = documents[number]
            made += [mixed(base, donors, random), restated(base, random), excerpt(base, random)]
            groups += [number] * 3
    return made, groups


def fit(table: Table, calibration: tuple[float, float]) -> dict[str, NDArray[Any]]:
    """The arrays of a model that was fitted to all of ``table``."""
    first, second = _fit_stages(table)
    with_reason = table.reason >= 0
    reason = _classes(table.rows[with_reason], table.reason[with_reason], table.weight[with_reason])
    arrays: dict[str, NDArray[Any]] = {"calibration": np.array(calibration)}
    for prefix, linear in (("first", first), ("second", second), ("reason", reason)):
        arrays |= {
            f"{prefix}_{part}": getattr(linear, part).astype(np.float32)
            for part in ("mean", "scale", "weights", "bias")
        }
    return arrays


def as_found(table: Table, documents: list[LabelledDocument]) -> Table:
    """The rows of ``documents`` alone, without what was made up from them."""
    return _take(table, table.document < len(documents))


def out_of_fold(table: Table, documents: list[LabelledDocument]) -> Floats:
    """Log-odds of every sentence of ``documents`` by a model that saw no sentence of its document or fold."""
    scores = np.zeros(table.share.size)
    for test in _folds(len(documents), FOLDS, SEED, table.group):
        first, second = _fit_stages(_take(table, ~test))
        scores[test] = _two_stages(first, second, table.rows[test], table.document[test])
    return scores[table.document < len(documents)]


def probabilities(held_out: Floats, table: Table) -> Floats:
    """Out-of-fold log-odds as calibrated probabilities of filler."""
    slope, intercept = _platt(held_out, table)
    return with_echoes(sigmoid(slope * held_out + intercept), is_echo(table.rows))


def shares(held_out: Floats, table: Table) -> Floats:
    """Out-of-fold share of filler of each document: shape (documents,)."""
    filler = probabilities(held_out, table)
    promoting = (filler >= 0.5) & (table.reason == REASONS.index("promo"))
    furniture = is_furniture(table.rows, promoting)
    found = []
    for number in range(int(table.document.max()) + 1):
        own = table.document == number
        found.append(filler_share(Judged(filler[own], (), table.rows[own], furniture[own])))
    return np.array(found)


def calibrate_score(found: Floats, documents: list[LabelledDocument]) -> Floats:
    """Slope and intercept from a share of filler to the log-odds of a rejection; a review is half of one."""
    verdict = np.array([{"publish": 0.0, "review": 0.5, "reject": 1.0}[document.verdict] for document in documents])
    no, yes = verdict < 1, verdict > 0
    target = np.repeat([0, 1], [no.sum(), yes.sum()])
    weight = np.concatenate(((1 - verdict)[no], verdict[yes]))
    model = LogisticRegression(C=100.0).fit(np.concatenate((found[no], found[yes]))[:, None], target, weight)
    return np.array([model.coef_[0, 0], model.intercept_[0]])


def measure(held_out: Floats, table: Table, documents: list[LabelledDocument]) -> dict[str, float]:
    """Scores of calibrated out-of-fold probabilities on the documents found, or on ours when there are no others."""
    filler = probabilities(held_out, table)
    found = np.array([document.source != "own" for document in documents])
    chosen = found[table.document] if found.any() else np.ones(filler.size, dtype=bool)
    clear = chosen & (table.share != 0.5)
    published = np.array([document.verdict == "publish" for document in documents])[table.document]
    genuine = chosen & published & (table.share == 0)
    by_document = shares(held_out, table)
    ends = np.array([d.verdict != "review" for d in documents]) & (found if found.any() else True)
    rejected = np.array([d.verdict == "reject" for d in documents])
    hit = (filler >= 0.5) & (table.share == 1) & clear
    flagged, padded = (filler >= 0.5) & clear, (table.share == 1) & clear
    return {
        "filler_average_precision_cv": float(average_precision_score(table.share[clear], filler[clear])),
        "filler_roc_auc_cv": float(roc_auc_score(table.share[clear], filler[clear])),
        "filler_f1_at_half_cv": float(2 * hit.sum() / (flagged.sum() + padded.sum())),
        "informative_flagged_cv": float((filler[genuine] >= 0.5).mean()),
        "documents_auc_publish_reject_cv": float(roc_auc_score(rejected[ends], by_document[ends])),
    }


def _fit_stages(table: Table) -> tuple[Linear, Linear]:
    first = _binary(table, table.rows, _C["first"])
    opinion = np.zeros(table.share.size)
    for test in _folds(int(table.group.max()) + 1, _INNER_FOLDS, SEED + 1, table.group):
        part = _take(table, ~test)
        opinion[test] = _binary(part, part.rows, _C["first"]).decision(table.rows[test])[:, 0]
    second = _binary(table, np.hstack([table.rows, _around(opinion, table.document)]), _C["second"])
    return first, second


def _two_stages(first: Linear, second: Linear, rows: Floats, document: NDArray[np.int64]) -> Floats:
    around = _around(first.decision(rows)[:, 0], document)
    return second.decision(np.hstack([rows, around]))[:, 0]


def _around(log_odds: Floats, document: NDArray[np.int64]) -> Floats:
    return np.vstack([surroundings(log_odds[document == number]) for number in dict.fromkeys(document.tolist())])


def _fold_numbers(count: int, folds: int, seed: int) -> list[list[int]]:
    order = np.random.default_rng(seed).permutation(count).tolist()
    return [order[start::folds] for start in range(folds)]


def _folds(count: int, folds: int, seed: int, group: NDArray[np.int64]) -> Iterator[NDArray[np.bool_]]:
    """Masks of the sentences that are tested together: all of a document and of what was made from it."""
    for numbers in _fold_numbers(count, folds, seed):
        test = np.isin(group, numbers)
        if test.any():
            yield test


def _take(table: Table, mask: NDArray[np.bool_]) -> Table:
    return Table(*(getattr(table, field.name)[mask] for field in fields(table)))


def _binary(table: Table, rows: Floats, strength: float) -> Linear:
    """Filler or not; a mixed sentence is half an example of either."""
    no, yes = table.share < 1, table.share > 0
    target = np.repeat([0, 1], [no.sum(), yes.sum()])
    weight = np.concatenate(((table.weight * (1 - table.share))[no], (table.weight * table.share)[yes]))
    return _standardised(rows, lambda standard: np.vstack([standard[no], standard[yes]]), target, weight, strength)


def _classes(rows: Floats, reason: NDArray[np.int64], weight: Floats) -> Linear:
    linear = _standardised(rows, lambda standard: standard, reason, weight, _C["reason"])
    present = np.unique(reason)
    weights = np.zeros((rows.shape[1], len(REASONS)))
    bias = np.full(len(REASONS), -1e3)  # a reason without an example is never given
    weights[:, present], bias[present] = linear.weights, linear.bias
    return Linear(linear.mean, linear.scale, weights, bias)


def _standardised(
    rows: Floats, select: Callable[[Floats], Floats], target: NDArray[np.int64], weight: Floats, strength: float
) -> Linear:
    # float32 as stored, so that the fitted model and the loaded one are the same
    mean = rows.mean(axis=0).astype(np.float32).astype(np.float64)
    spread = rows.std(axis=0)
    scale = np.where(spread > 1e-9, spread, 1.0).astype(np.float32).astype(np.float64)
    standard = np.clip((rows - mean) / scale, -4.0, 4.0)
    model = LogisticRegression(C=strength, max_iter=2_000).fit(select(standard), target, sample_weight=weight)
    return Linear(mean, scale, model.coef_.T.astype(np.float64), model.intercept_.astype(np.float64))


def _platt(log_odds: Floats, table: Table) -> tuple[float, float]:
    """Slope and intercept that make out-of-fold log-odds a probability (Platt 1999)."""
    no, yes = table.share < 1, table.share > 0
    column = np.concatenate((log_odds[no], log_odds[yes]))[:, None]
    target = np.repeat([0, 1], [no.sum(), yes.sum()])
    weight = np.concatenate(((table.weight * (1 - table.share))[no], (table.weight * table.share)[yes]))
    model = LogisticRegression(C=1e6).fit(column, target, sample_weight=weight)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def _provenance(documents: list[LabelledDocument], data: Path | None, scores: dict[str, float]) -> dict[str, Any]:
    return {
        "learned_from": {
            "seeds/quality": sum(document.source == "own" for document in documents),
            "quality/documents.jsonl": sum(document.source != "own" for document in documents),
            "unlabelled news": "news_human, news_machine" if data else "none",
        },
        "learned_on": LEARNED_ON,
        "command": "copytaster train quality" + (" --data DIR" if data else ""),
        "seed": SEED,
        "held_out": {name: round(value, 4) for name, value in scores.items()},
    }
