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
from pathlib import Path

import numpy as np

from detector import models
from detector.quality import assess
from detector.quality.item import REJECT_SHARE, REVIEW_SHARE
from detector.quality.vectors import Vectors
from detector.train.labelled import read_given, read_own
from detector.train.quality import as_found, out_of_fold, probabilities, shares, tabulate
from detector.train.quality import measure as measure_held_out

ROOT = Path(__file__).parent.parent
BBC = ("detectrl-xsum", "fastdetect-xsum")


def measure(data: Path, *, quick: bool) -> dict[str, float]:
    """Every figure by name; ``quick`` reads every sixth unlabelled text and every ninth wire item."""
    return held_out(data) | unlabelled(data, step=6 if quick else 1) | wire(data, step=9 if quick else 1)


def held_out(data: Path) -> dict[str, float]:
    """Out-of-fold by document: no document was in the training of the model that judges it here."""
    documents = read_own(ROOT / "seeds") + read_given(data)
    table = tabulate(documents, Vectors.from_arrays(models.shipped("quality").arrays))
    log_odds, table = out_of_fold(table, documents), as_found(table, documents)
    filler, share = probabilities(log_odds, table), shares(log_odds, table)
    found = np.array([document.source != "own" for document in documents])
    verdict = np.array([document.verdict for document in documents])
    restated = np.array([reason == "restatement" for document in documents for reason in document.reasons])
    restated &= found[table.document] & (table.share == 1)
    return measure_held_out(log_odds, table, documents) | {
        "restatement_recall_cv": float((filler[restated] >= 0.5).mean()),
        "publishable_rejected_cv": float((share[found & (verdict == "publish")] >= REJECT_SHARE).mean()),
        "publishable_held_cv": float((share[found & (verdict == "publish")] >= REVIEW_SHARE).mean()),
        "rejects_caught_cv": float((share[found & (verdict == "reject")] >= REVIEW_SHARE).mean()),
        "rejects_rejected_cv": float((share[found & (verdict == "reject")] >= REJECT_SHARE).mean()),
    }


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
