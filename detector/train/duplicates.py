"""Learn again what tells a text that was told anew from one that only treats the same subject.

``copytaster train duplicates --data DIR`` makes ``detector/weights/kinship.npz``, bit for bit on the same machine and
versions. It learns from the pairs that the matcher leaves unmatched, for only of those it is asked: neighbours by rare
shingles in COUNTER (Urdu; the labelled pairs tell of one event, other neighbours of another) and in SpotSigs (English;
items of one cluster, of different ones). Whether wording was taken over only COUNTER says. All scores are out of fold,
by the later item in COUNTER and by cluster in SpotSigs; the last ones are of a language that was not learned from.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from detector import models
from detector.dedup import Entry, matches, sketch, tokenise
from detector.dedup.kinds import Matching
from detector.dedup.kinship import DERIVED, SAME_EVENT, features, words_of
from detector.dedup.neighbours import neighbours

LEARNED_ON = "2026-11-22"  # a constant, so that the same data give the same file
_FOLDS = 10
_C = 0.1  # of 0.03, 0.1, 0.3 and 1, which differ by less than a hundredth
_NEIGHBOURS = 8

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Example:
    """A pair without a match of another kind."""

    found: dict[str, float]
    same_event: bool
    derived: bool | None  # None where nobody said
    group: str  # pairs of one group stay in one fold


def train_duplicates(data: Path, out: Path) -> dict[str, float]:
    """Learn from ``data``; write weights to ``out`` and return held-out scores."""
    urdu, english = counter_examples(data), spotsigs_examples(data)
    both = urdu + english
    labelled = [example for example in urdu if example.derived is not None]
    with threadpool_limits(1):  # more threads add up in another order
        scores = {
            "same_event_auc_cv_urdu": _held_out(urdu, SAME_EVENT, "same_event"),
            "same_event_auc_cv_english": _held_out(english, SAME_EVENT, "same_event"),
            "same_event_auc_english_from_urdu": _transferred(urdu, english),
            "same_event_auc_urdu_from_english": _transferred(english, urdu),
            "derived_auc_cv_urdu": _held_out(labelled, DERIVED, "derived"),
        }
        arrays = {
            "same_event": fit(*table(both, SAME_EVENT, "same_event")),
            "derived": fit(*table(labelled, DERIVED, "derived")),
        }
    models.save(out, arrays, _provenance(len(urdu), len(english), len(labelled), scores))
    return scores


def counter_examples(data: Path) -> list[Example]:
    """COUNTER's labelled pairs, and the other nearest neighbours of its items."""
    entries = _entries(_rows(data, "counter_ur.docs"))
    labels = {(row["b"], row["a"]): row["label"] != "different" for row in _rows(data, "counter_ur.pairs")}
    pairs = sorted(set(labels) | _nearest(entries))
    return [
        Example(found, (later, earlier) in labels, labels.get((later, earlier)), later)
        for later, earlier, found in _unmatched(entries, pairs)
    ]


def spotsigs_examples(data: Path) -> list[Example]:
    """The nearest neighbours among saved pages: of one cluster, or of two."""
    rows = _rows(data, "spotsigs_dev.docs")
    cluster = {row["id"]: str(row["cluster"]) for row in rows}
    entries = _entries(rows)
    return [
        Example(found, cluster[later] == cluster[earlier], None, cluster[later])
        for later, earlier, found in _unmatched(entries, sorted(_nearest(entries)))
    ]


def _rows(data: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(data / "pairs" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _entries(rows: Iterable[dict[str, Any]]) -> dict[str, Entry]:
    """The items in the order in which the search goes through undated ones: by id."""
    found = {}
    for row in sorted(rows, key=lambda row: str(row["id"])):
        tokens = tokenise(row["text"])  # as it is: what is learned here must not hang on the cleaner
        if len(tokens):
            found[row["id"]] = Entry(row["id"], row["text"], sketch(tokens), kept=True, title=row["title"])
    return found


def _nearest(entries: dict[str, Entry]) -> set[tuple[str, str]]:
    ids = list(entries)
    near = neighbours([entry.sketch.shingles for entry in entries.values()], _NEIGHBOURS)
    return {(ids[later], ids[other]) for later, others in enumerate(near.tolist()) for other in others if other >= 0}


def _unmatched(entries: dict[str, Entry], pairs: list[tuple[str, str]]) -> Iterable[tuple[str, str, dict[str, float]]]:
    least = Matching().related_tokens
    words = {item_id: words_of(tokenise(entry.text)) for item_id, entry in entries.items()}
    for later, earlier in pairs:
        if min(words[later].tokens, words[earlier].tokens) < least or matches(entries[later], [entries[earlier]]):
            continue
        yield later, earlier, features(words[later], words[earlier])


def table(examples: list[Example], names: tuple[str, ...], target: str) -> tuple[Floats, Bools]:
    """The features ``names`` of the examples, shape (n, names), and whether ``target`` holds of each."""
    rows = np.array([[example.found[name] for name in names] for example in examples])
    return rows, np.array([getattr(example, target) for example in examples], dtype=np.bool_)


def fit(rows: Floats, target: Bools) -> Floats:
    """A logistic regression on standardised features, as weights of the features as they are, the bias last."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    model = LogisticRegression(C=_C, class_weight="balanced", solver="lbfgs", max_iter=2000)
    model.fit((rows - mean) / spread, target)
    weights = model.coef_[0] / spread
    return np.append(weights, model.intercept_[0] - float(weights @ mean))


def _raw(weights: Floats, rows: Floats) -> Floats:
    return np.asarray(rows @ weights[:-1] + weights[-1])


def _held_out(examples: list[Example], names: tuple[str, ...], target: str) -> float:
    """ROC-AUC, each pair by a model that saw nothing of its group."""
    rows, labels = table(examples, names, target)
    groups = [example.group for example in examples]
    scores = np.empty(len(examples))
    for taught, tested in GroupKFold(_FOLDS).split(rows, labels, groups):
        scores[tested] = _raw(fit(rows[taught], labels[taught]), rows[tested])
    return float(roc_auc_score(labels, scores))


def _transferred(taught: list[Example], tested: list[Example]) -> float:
    """ROC-AUC on one set of a model that learned from the other."""
    rows, labels = table(tested, SAME_EVENT, "same_event")
    return float(roc_auc_score(labels, _raw(fit(*table(taught, SAME_EVENT, "same_event")), rows)))


def _provenance(urdu: int, english: int, labelled: int, scores: dict[str, float]) -> dict[str, Any]:
    return {
        "learned_from": [
            f"COUNTER: {urdu} unmatched pairs, of which {labelled} are labelled (CC BY-NC-SA 4.0)",
            f"SpotSigs gold set, development clusters: {english} unmatched pairs",
        ],
        "learned_on": LEARNED_ON,
        "command": "copytaster train duplicates --data DIR",
        "held_out": scores,
    }
