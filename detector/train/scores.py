"""What is measured of held-out judgements: sentences by kind of document, documents by their two ends.

Intervals are percentiles of a bootstrap over documents, never over sentences: those of one text are alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score

from detector.quality.filler import FLAG, Judged
from detector.quality.tokens import Floats, Mask
from detector.train.labelled import LabelledDocument

_ROUNDS = 1_000
_SEED = 7


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences of some documents with what was held out of them, each of shape (sentences,)."""

    filler: Floats  # probability shown
    furniture: Mask  # taken for furniture
    label: NDArray[np.str_]
    reason: NDArray[np.str_]
    published: Mask  # whether an editor would publish its document
    document: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> Sentences:
        """The sentences at ``rows``."""
        return Sentences(
            self.filler[rows],
            self.furniture[rows],
            self.label[rows],
            self.reason[rows],
            self.published[rows],
            self.document[rows],
        )


def sentences_of(documents: Sequence[LabelledDocument], judgements: Sequence[Judged]) -> Sentences:
    """All sentences of ``documents`` as ``judgements`` see them."""
    sizes = [len(document.labels) for document in documents]
    return Sentences(
        filler=np.concatenate([judged.filler for judged in judgements]),
        furniture=np.concatenate([judged.furniture for judged in judgements]),
        label=np.array([label for document in documents for label in document.labels]),
        reason=np.array([reason or "" for document in documents for reason in document.reasons]),
        published=np.repeat([document.verdict == "publish" for document in documents], sizes),
        document=np.repeat(np.arange(len(documents)), sizes),
    )


def average_precision(part: Sentences) -> float:
    """Filler against informative."""
    clear = np.isin(part.label, ("filler", "informative"))
    return float(average_precision_score(part.label[clear] == "filler", part.filler[clear]))


def f1_at(part: Sentences, cut: float = FLAG) -> float:
    """F1 of filler against informative at ``cut``."""
    clear = np.isin(part.label, ("filler", "informative"))
    filler, flagged = part.label[clear] == "filler", part.filler[clear] >= cut
    return float(2 * (filler & flagged).sum() / max(filler.sum() + flagged.sum(), 1))


def best_f1(part: Sentences) -> float:
    """The best F1 over all cuts."""
    return max(f1_at(part, cut) for cut in np.linspace(0.05, 0.95, 46).tolist())


def informative_flagged(part: Sentences) -> float:
    """Share of the informative sentences of publishable documents that are flagged."""
    return float((part.filler[(part.label == "informative") & part.published] >= FLAG).mean())


def restatement_recall(part: Sentences) -> float:
    """Share of the filler that restates which is flagged."""
    restated = (part.label == "filler") & (part.reason == "restatement")
    return float((part.filler[restated] >= FLAG).mean()) if restated.any() else float("nan")


def furniture_recall(part: Sentences) -> float:
    """Share of furniture that is taken for it."""
    page = part.label == "furniture"
    return float(part.furniture[page].mean()) if page.any() else float("nan")


def furniture_precision(part: Sentences) -> float:
    """Share of furniture in what is taken for it."""
    return float((part.label[part.furniture] == "furniture").mean()) if part.furniture.any() else float("nan")


SENTENCE_SCORES: dict[str, Callable[[Sentences], float]] = {
    "filler_average_precision": average_precision,
    "filler_f1_at_half": f1_at,
    "filler_best_f1": best_f1,
    "informative_flagged": informative_flagged,
    "restatement_recall": restatement_recall,
}
FURNITURE_SCORES: dict[str, Callable[[Sentences], float]] = {
    "furniture_recall": furniture_recall,
    "furniture_precision": furniture_precision,
}


def documents_auc(documents: Sequence[LabelledDocument], scores: Sequence[float]) -> float:
    """ROC-AUC of the items' scores, publish against reject; NaN where one of the two is missing."""
    verdict = np.array([document.verdict for document in documents])
    ends = verdict != "review"
    rejected = verdict[ends] == "reject"
    return (
        float(roc_auc_score(rejected, np.array(scores)[ends]))
        if rejected.any() and not rejected.all()
        else float("nan")
    )


def measure(
    documents: Sequence[LabelledDocument], judgements: Sequence[Judged], scores: Sequence[float], suffix: str = ""
) -> dict[str, float]:
    """Every measure of the sentences and documents given, by name."""
    part = sentences_of(documents, judgements)
    measures = dict(SENTENCE_SCORES)
    if (part.label == "furniture").any():
        measures |= FURNITURE_SCORES
    found = {f"{name}{suffix}": score(part) for name, score in measures.items()}
    found[f"documents_auc_publish_reject{suffix}"] = documents_auc(documents, scores)
    return {name: value for name, value in found.items() if not np.isnan(value)}


def interval(score: Callable[[Sentences], float], part: Sentences) -> tuple[float, float]:
    """The 95% interval of ``score`` over documents drawn with replacement."""
    random = np.random.default_rng(_SEED)
    rows = [np.flatnonzero(part.document == number) for number in np.unique(part.document)]
    found = []
    for _ in range(_ROUNDS):
        drawn = random.integers(0, len(rows), len(rows)).tolist()
        found.append(score(part.take(np.concatenate([rows[number] for number in drawn]))))
    low, high = np.nanpercentile(found, (2.5, 97.5)).tolist()
    return low, high
