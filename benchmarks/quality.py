"""How well the quality stage reads: out-of-fold on labelled documents, and on thousands of unlabelled ones.

    python -m benchmarks.quality DATA [--full]

The word lists of ``detector/quality/lexicon.py`` were written by somebody who had read the labelled documents, so
the cross-validated figures flatter; texts that nobody here has read are the better judge.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector import models
from detector.quality import assess
from detector.quality.filler import Judged, combined, is_echo
from detector.quality.item import shipped_model
from detector.quality.linear import sigmoid
from detector.quality.vectors import Vectors
from detector.train.labelled import LabelledDocument
from detector.train.quality import (
    SEED,
    Table,
    as_found,
    held_out_quality,
    judgements,
    out_of_fold,
    read_documents,
    tabulate,
)
from detector.train.quality import measure as measure_kinds
from detector.train.scores import measure as score_all
from detector.train.stages import decide

ROOT = Path(__file__).parent.parent
BBC = ("detectrl-xsum", "fastdetect-xsum")


def measure(data: Path, *, quick: bool) -> dict[str, float]:
    """Every figure by name; ``quick`` reads every sixth unlabelled text and every ninth wire item."""
    return held_out(data) | unlabelled(data, step=6 if quick else 1) | wire(data, step=9 if quick else 1)


@dataclass(frozen=True, slots=True)
class Held:
    """The labelled documents as models judge them that have not seen them."""

    documents: list[LabelledDocument]
    table: Table
    judged: list[Judged]
    scores: list[float]  # of each document
    labels: list[str]


def hold_out(data: Path) -> Held:
    """Out-of-fold by document: no document was in the training of the model that judges it here."""
    documents, _ = read_documents(data, ROOT / "seeds")
    table = tabulate(documents, Vectors.from_arrays(models.shipped("quality").arrays))
    judged = judgements(out_of_fold(table, documents), as_found(table, documents))
    model = shipped_model()
    found = [held_out_quality(model, *pair) for pair in zip(documents, judged, strict=True)]
    return Held(documents, table, judged, [one.score for one in found], [one.label for one in found])


def held_out(data: Path) -> dict[str, float]:
    """Sentences and documents by kind, then what the shipped thresholds make of the documents."""
    held = hold_out(data)
    return measure_kinds(held.judged, held.documents, held.scores) | _decisions(held) | unseen(held)


def _decisions(held: Held) -> dict[str, float]:
    label = np.array(held.labels)
    kind = np.array([document.kind for document in held.documents])
    verdict = np.array([document.verdict for document in held.documents])
    figures: dict[str, float] = {}
    for name, kinds in {"": ("first",), "_later": ("human", "machine"), "_machine": ("machine",)}.items():
        publish, reject = (np.isin(kind, kinds) & (verdict == end) for end in ("publish", "reject"))
        figures |= {
            f"publishable_rejected{name}_cv": float((label[publish] == "reject").mean()),
            f"publishable_held{name}_cv": float((label[publish] != "publish").mean()),
            f"rejects_caught{name}_cv": float((label[reject] != "publish").mean()),
            f"rejects_rejected{name}_cv": float((label[reject] == "reject").mean()),
        }
    return figures


def unseen(held: Held) -> dict[str, float]:
    """Two harder tests on the later labels: learned from none of them, and from two thirds of them."""
    later = np.array([number for number, d in enumerate(held.documents) if d.kind in ("human", "machine")])
    third = np.random.default_rng(SEED).permutation(later)[: len(later) // 3]
    return _learned_without(held, later, "_from_first") | _learned_without(held, third, "_third")


def _learned_without(held: Held, chosen: NDArray[np.int64], suffix: str) -> dict[str, float]:
    """Scores on ``chosen`` by a model that was learned, and calibrated, on the other documents."""
    table, log_odds = held.table, {}
    test = np.isin(table.document, chosen)
    others = ~np.isin(table.group, chosen)
    for name, question in (("filler", table.filler_question), ("furniture", table.furniture_question)):
        stages = question.fit(table.rows, table.document, table.group, others)
        log_odds[name] = decide(*stages, table.rows[test], table.document[test])
    slope, intercept = shipped_model().filler.calibration
    filler, furniture = combined(
        sigmoid(slope * log_odds["filler"] + intercept), sigmoid(log_odds["furniture"]), is_echo(table.rows[test])
    )
    number = table.document[test]
    judged = [
        replace(held.judged[one], filler=filler[number == one], furniture=furniture[number == one])
        for one in sorted(chosen.tolist())
    ]
    scores = [shipped_model().score_of(one) for one in judged]
    return score_all([held.documents[one] for one in sorted(chosen.tolist())], judged, scores, suffix)


def unlabelled(data: Path, step: int) -> dict[str, float]:
    """Labels given to news by people and by machines, by the shipped model; other languages left out."""
    human = Counter[tuple[str, str]]()
    for row in _rows(data / "quality" / "news_human.jsonl.gz", step):
        human[row["source"], assess(row["text"], title=row["title"]).label] += 1
    machine = Counter(
        assess(row["text"], title=row["title"]).label for row in _rows(data / "quality" / "news_machine.jsonl.gz", step)
    )
    everything = Counter[str]()
    bbc = Counter[str]()
    opinion = Counter[str]()
    for (source, label), count in human.items():
        everything[label] += count
        bbc[label] += count * (source in BBC)
        opinion[label] += count * (source == "echoes-opinion")
    return {
        "bbc_reject_share": _share(bbc, "reject"),
        "bbc_review_share": _share(bbc, "review"),
        "opinion_reject_share": _share(opinion, "reject"),
        "human_news_reject_share": _share(everything, "reject"),
        "human_news_review_share": _share(everything, "review"),
        "machine_reject_share": _share(machine, "reject"),
        "machine_review_share": _share(machine, "review"),
    }


def wire(data: Path, step: int) -> dict[str, float]:
    """Labels given to telegraphic newswire, which is dense whatever it looks like."""
    path = data / "archive" / "reuters.jsonl.gz"
    labels = Counter(assess(row["text"], title=row["title"]).label for row in _rows(path, step))
    return {
        "wire_reject_share": _share(labels, "reject"),
        "wire_review_share": _share(labels, "review"),
        "wire_not_assessed_share": labels["not_assessed"] / max(labels.total(), 1),
    }


def _share(labels: Counter[str], label: str) -> float:
    assessed = labels.total() - labels["not_assessed"]
    return labels[label] / max(assessed, 1)


def _rows(path: Path, step: int) -> Iterable[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number % step == 0:
                yield json.loads(line)


if __name__ == "__main__":
    for name, value in measure(Path(sys.argv[1]), quick="--full" not in sys.argv).items():
        print(f"{name:40s} {value:.4f}")
