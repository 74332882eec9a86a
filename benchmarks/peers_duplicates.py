"""The duplicate search beside the usual ways: the same pairs, the same measures, one run.

    python benchmarks/peers_duplicates.py [--data DIR] [--write]

Every way sees a whole set at once and says which pairs of it are duplicates; the others come with the extra bench.
Brackets are 95% bootstrap intervals: over pairs, for SpotSigs over clusters. Our thresholds were set with a view of
`edited` and `spotsigs_dev`; on COUNTER each pair is judged by a model that did not learn from its fold. TF-IDF gets
the threshold that is best for it on each set, which no one could know beforehand.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks import duplicates, recipes  # noqa: E402  # the repo's root must be found first
from benchmarks.recipes import Pairs  # noqa: E402
from detector import Item, find_duplicates  # noqa: E402
from detector.dedup.kinship import DERIVED, SAME_EVENT, Kinship  # noqa: E402
from detector.stories import stories  # noqa: E402
from detector.train.duplicates import counter_examples, fit, spotsigs_examples, table  # noqa: E402

RESULTS = HERE / "results" / "duplicates.md"
_SEED = 20261122
_RESAMPLES = 2000
_COSINES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)

Doc = dict[str, Any]
Flags = NDArray[np.bool_]
Way = Callable[[Sequence[str]], Pairs]
Score = tuple[float, float, float]  # value, and the ends of its interval

PEERS: dict[str, list[Way]] = {
    "datasketch, LSH at 0.5": [recipes.datasketch_lsh],
    "rensa, LSH at 0.5": [recipes.rensa_lsh],
    "text-dedup's recipe": [recipes.text_dedup],
    "TF-IDF cosine, best threshold": [recipes.tfidf_at(cosine) for cosine in _COSINES],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--write", action="store_true", help="write the table to benchmarks/results")
    options = parser.parse_args()
    if not (options.data / "pairs").is_dir():
        print(f"no pairs in {options.data}: nothing was measured; name its folder with --data")
        return 2
    columns = [_edited(options.data), _spotsigs(options.data), _counter(options.data)]
    names = [name for column in columns for name in next(iter(column.values()))]
    lines = [f"| | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    for way in ("copytaster", *PEERS):
        scores = [score for column in columns for score in column[way].values()]
        lines.append(f"| {way} | {' | '.join(map(_shown, scores))} |")
    libraries = ", ".join(f"{name} {version(name)}" for name in ("datasketch", "rensa", "scikit-learn"))
    note = " ".join((__doc__ or "").split("\n\n")[2].split())
    print("\n".join(lines))
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        head = f"Written by `python benchmarks/peers_duplicates.py --write`; Python {platform.python_version()}, "
        table_text = "\n".join(lines)
        RESULTS.write_text(
            f"# Duplicates beside the usual ways\n\n{head}{libraries}, seed {_SEED}.\n\n{note}\n\n{table_text}\n"
        )
    return 0


def _shown(score: Score) -> str:
    return f"{score[0]:.3f} [{score[1]:.3f}–{score[2]:.3f}]"


def _interval(value: Callable[[NDArray[np.intp]], float], size: int) -> Score:
    """A measure of all, and between which values 95% of its resamples lie."""
    draw = np.random.default_rng(_SEED)
    values = [value(draw.integers(size, size=size)) for _ in range(_RESAMPLES)]
    low, high = np.percentile(values, [2.5, 97.5])
    return value(np.arange(size)), float(low), float(high)


def _f1(wanted: Flags, called: Flags) -> float:
    return 2 * float((wanted & called).sum()) / max(1.0, float(wanted.sum() + called.sum()))


def _labelled(data: Path, name: str) -> tuple[list[Doc], list[Doc], list[str]]:
    docs = duplicates._rows(data / "pairs" / f"{name}.docs.jsonl.gz")
    return docs, duplicates._rows(data / "pairs" / f"{name}.pairs.jsonl.gz"), [doc["text"] for doc in docs]


def _called(docs: list[Doc], pairs: list[Doc], found: Pairs) -> Flags:
    place = {doc["id"]: number for number, doc in enumerate(docs)}
    return np.array([(min(a, b), max(a, b)) in found for a, b in ((place[p["a"]], place[p["b"]]) for p in pairs)])


def _best(ways: list[Way], texts: list[str], worth: Callable[[Pairs], float]) -> Pairs:
    return max((way(texts) for way in ways), key=worth)


def _edited(data: Path) -> dict[str, dict[str, Score]]:
    docs, pairs, texts = _labelled(data, "edited")
    wanted = np.array([pair["label"] in duplicates.REUSE for pair in pairs])
    template = np.array([pair["label"] == "template" for pair in pairs])
    matched, _ = duplicates._pairs(data, "edited")
    called = {"copytaster": np.array([duplicates._is_reuse(match) for _, match in matched])}
    for name, ways in PEERS.items():
        found = _best(ways, texts, lambda f: _f1(wanted, _called(docs, pairs, f)))
        called[name] = _called(docs, pairs, found)
    return {
        name: {
            "edited: reuse F1": _interval(lambda i, c=c: _f1(wanted[i], c[i]), len(pairs)),
            "templates called copies": _interval(lambda i, c=c[template]: float(c[i].mean()), int(template.sum())),
        }
        for name, c in called.items()
    }


def _counter(data: Path) -> dict[str, dict[str, Score]]:
    docs, pairs, texts = _labelled(data, "counter_ur")
    wanted = np.array([pair["label"] in duplicates.REUSE for pair in pairs])
    called = {"copytaster": _counter_by_folds(data, pairs)}
    for name, ways in PEERS.items():
        found = _best(ways, texts, lambda f: _f1(wanted, _called(docs, pairs, f)))
        called[name] = _called(docs, pairs, found)
    column = "counter_ur: derived F1"
    return {name: {column: _interval(lambda i, c=c: _f1(wanted[i], c[i]), len(pairs))} for name, c in called.items()}


def _counter_by_folds(data: Path, pairs: list[Doc]) -> Flags:
    """Each pair by a model that learned from the others' folds."""
    urdu, english = counter_examples(data), spotsigs_examples(data)
    called = np.zeros(len(pairs), np.bool_)
    for fold in range(duplicates.FOLDS):
        taught = [example for example in urdu if duplicates._fold(example.group) != fold]
        derived = [example for example in taught if example.derived is not None]
        model = Kinship(
            fit(*table(taught + english, SAME_EVENT, "same_event")), fit(*table(derived, DERIVED, "derived"))
        )
        with patch("detector.dedup.match.shipped_kinship", lambda model=model: model):
            matched, _ = duplicates._pairs(data, "counter_ur")
        for place, (pair, match) in enumerate(matched):
            if duplicates._fold(pair["b"]) == fold:
                called[place] = duplicates._is_reuse(match)
    return called


def _spotsigs(data: Path) -> dict[str, dict[str, Score]]:
    docs = sorted(duplicates._rows(data / "pairs" / "spotsigs_dev.docs.jsonl.gz"), key=lambda d: str(d["id"]))
    texts = [doc["text"] for doc in docs]
    _, cluster = np.unique([str(doc["cluster"]) for doc in docs], return_inverse=True)
    scores = {"copytaster": _cluster_scores(_our_stories(docs), cluster)}
    for name, ways in PEERS.items():
        candidates = [_cluster_scores(_groups(len(docs), way(texts)), cluster) for way in ways]
        scores[name] = max(candidates, key=lambda s: s["spotsigs_dev: B-cubed F1"][0])
    return scores


def _our_stories(docs: list[Doc]) -> NDArray[np.intp]:
    found = find_duplicates(Item(d["id"], d["text"], "text/plain", title=d["title"]) for d in docs)
    story = {m.item_id: s.first for s in stories([d["id"] for d in docs], found) for m in s.members}
    return np.unique([str(story[doc["id"]]) for doc in docs], return_inverse=True)[1]


def _groups(size: int, pairs: Pairs) -> NDArray[np.intp]:
    """Each text in the group of the earliest one with which a chain of pairs joins it."""
    group = np.arange(size)
    for earlier, later in sorted(recipes._joined(size, pairs), reverse=True):
        group[later] = earlier
    return group


def _cluster_scores(group: NDArray[np.intp], cluster: NDArray[np.intp]) -> dict[str, Score]:
    """B-cubed and pair F1, resampled over the true clusters."""
    together = group[:, None] == group[None, :]
    wanted = cluster[:, None] == cluster[None, :]
    both = (together & wanted).sum(1).astype(float)
    size, truth = together.sum(1), wanted.sum(1)
    sums = np.array(
        [
            [both[m].sum() - m.sum(), size[m].sum() - m.sum(), truth[m].sum() - m.sum(),
             (both / size)[m].sum(), (both / truth)[m].sum(), m.sum()]
            for m in (cluster == number for number in range(cluster.max() + 1))
        ]
    )  # fmt: skip

    def pairs(drawn: NDArray[np.intp]) -> float:
        both, called, positive = sums[drawn, :3].sum(0)
        return float(2 * both / (called + positive))

    def bcubed(drawn: NDArray[np.intp]) -> float:
        precision, recall, count = sums[drawn, 3:].sum(0)
        return float(2 * precision * recall / (precision + recall) / count)

    return {
        "spotsigs_dev: pair F1": _interval(pairs, len(sums)),
        "spotsigs_dev: B-cubed F1": _interval(bcubed, len(sums)),
    }


if __name__ == "__main__":
    sys.exit(main())
