"""Accuracy of the duplicate search on labelled pairs and on clusters of saved news pages."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from pathlib import Path
from typing import Any
from unittest.mock import patch

from detector import Item, Match, find_duplicates
from detector.dedup.kinship import DERIVED, SAME_EVENT, Kinship
from detector.stories import stories
from detector.train.duplicates import counter_examples, fit, spotsigs_examples, table

REUSE = ("duplicate", "contains", "update", "partial")
# What a found pair should be called, by its label; an exact copy is near, and which holds which is not asked.
KINDS = {"duplicate": "near", "contains": "contained", "update": "update", "template": "template"}
CALLED = {"exact": "near", "contains": "contained"}
FOLDS = 5


def measure(data: Path, *, quick: bool) -> dict[str, float]:
    """Reuse F1 on edited articles, cluster scores on SpotSigs, F1 of derived against not on COUNTER.

    Thresholds of the matcher were set with a view of `edited` and `spotsigs_dev`, so these are development figures.
    The shipped model of what was told again learned from COUNTER; the figure ``_cv`` goes by models that did not learn
    from the pair's fold. A pair counts as found when it has a match of any kind but ``template``. ``quick`` leaves
    SpotSigs' raw HTML and the folds out.
    """
    figures = _edited(data) | _spotsigs(data, "text", "text/plain") | _counter(data)
    return figures if quick else figures | _counter_cv(data) | _spotsigs(data, "html", "text/html")


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _is_reuse(match: Match | None) -> bool:
    return match is not None and match.kind != "template"


def _f1(true_positives: float, called: float, positives: float) -> float:
    return 2 * true_positives / (called + positives)


def _pairs(data: Path, name: str) -> tuple[list[tuple[dict[str, Any], Match | None]], float]:
    """Each labelled pair with the match found for it, and the reuse F1 over all pairs."""
    docs = _rows(data / "pairs" / f"{name}.docs.jsonl.gz")
    pairs = _rows(data / "pairs" / f"{name}.pairs.jsonl.gz")
    items = [Item(d["id"], d["text"], "text/plain", title=d["title"], source=d.get("source")) for d in docs]
    found = {frozenset((m.item_id, m.of)): m for m in find_duplicates(items)}
    matched = [(pair, found.get(frozenset((pair["a"], pair["b"])))) for pair in pairs]
    positive = [pair["label"] in REUSE for pair, _ in matched]
    called = [_is_reuse(match) for _, match in matched]
    both = sum(p and c for p, c in zip(positive, called, strict=True))
    return matched, _f1(both, sum(called), sum(positive))


def _edited(data: Path) -> dict[str, float]:
    matched, f1 = _pairs(data, "edited")
    templates = [match for pair, match in matched if pair["label"] == "template"]
    hard = ("embed_60", "cut_30", "edit_20", "ocr_05", "homoglyph", "unicode", "short_copy")
    recalls = {kind: [_is_reuse(m) for pair, m in matched if pair["kind"] == kind] for kind in hard}
    return {
        "edited_reuse_f1": f1,
        "edited_templates_called_duplicates": sum(map(_is_reuse, templates)) / len(templates),
        "edited_hardest_kind_recall": min(sum(r) / len(r) for r in recalls.values()),
        "edited_kind_macro_f1": _kind_macro_f1(matched),
    }


def _kind_macro_f1(matched: list[tuple[dict[str, Any], Match | None]]) -> float:
    """F1 of each kind among the found pairs of labelled reuse and templates, averaged."""
    found = [(KINDS[p["label"]], CALLED.get(m.kind, m.kind)) for p, m in matched if m and p["label"] in KINDS]
    both, wanted, called = (
        Counter(pair for pair in found if pair[0] == pair[1]),
        *map(Counter, zip(*found, strict=True)),
    )
    return sum(_f1(both[kind, kind], called[kind], wanted[kind]) for kind in wanted) / len(wanted)


def _counter(data: Path) -> dict[str, float]:
    return {"counter_ur_derived_f1": _pairs(data, "counter_ur")[1]}


def _counter_cv(data: Path) -> dict[str, float]:
    """The same, each pair by a model that learned from the pairs of other folds."""
    urdu, english = counter_examples(data), spotsigs_examples(data)
    found: list[tuple[bool, bool]] = []
    for fold in range(FOLDS):
        taught = [example for example in urdu if _fold(example.group) != fold]
        labelled = [example for example in taught if example.derived is not None]
        model = Kinship(
            fit(*table(taught + english, SAME_EVENT, "same_event")), fit(*table(labelled, DERIVED, "derived"))
        )
        with patch("detector.dedup.match.shipped_kinship", lambda model=model: model):
            matched, _ = _pairs(data, "counter_ur")
        found += [(p["label"] in REUSE, _is_reuse(m)) for p, m in matched if _fold(p["b"]) == fold]
    both = sum(wanted and called for wanted, called in found)
    return {"counter_ur_derived_f1_cv": _f1(both, sum(c for _, c in found), sum(w for w, _ in found))}


def _fold(item_id: str) -> int:
    return zlib.crc32(item_id.encode()) % FOLDS


def _spotsigs(data: Path, field: str, media_type: str) -> dict[str, float]:
    docs = sorted(_rows(data / "pairs" / "spotsigs_dev.docs.jsonl.gz"), key=lambda d: str(d["id"]))
    cluster = {d["id"]: d["cluster"] for d in docs}
    matches = find_duplicates(Item(d["id"], d[field], media_type, title=d["title"]) for d in docs)
    story = {m.item_id: s.first for s in stories(cluster, matches) for m in s.members}
    both = Counter((story[i], cluster[i]) for i in cluster)
    by_story, by_cluster = Counter(story.values()), Counter(cluster.values())
    precision = sum(n * n / by_story[s] for (s, _), n in both.items()) / len(cluster)
    recall = sum(n * n / by_cluster[c] for (_, c), n in both.items()) / len(cluster)
    pairs = [sum(n * (n - 1) for n in counts.values()) for counts in (both, by_story, by_cluster)]
    return {
        f"spotsigs_{field}_bcubed_f1": 2 * precision * recall / (precision + recall),
        f"spotsigs_{field}_pair_f1": _f1(*pairs),
    }
