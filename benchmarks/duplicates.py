"""Accuracy of the duplicate search on labelled pairs and on clusters of saved news pages."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

from detector import Item, Match, find_duplicates
from detector.stories import stories

REUSE = ("duplicate", "contains", "update", "partial")


def measure(data: Path, *, quick: bool) -> dict[str, float]:
    """Reuse F1 on edited articles, cluster scores on SpotSigs, F1 of derived against not on COUNTER.

    Thresholds of the matcher were set with a view of `edited` and `spotsigs_dev`, so these are development figures;
    COUNTER was looked at only afterwards. ``quick`` leaves SpotSigs' raw HTML out.
    """
    figures = _edited(data) | _spotsigs(data, "text", "text/plain") | _counter(data)
    return figures if quick else figures | _spotsigs(data, "html", "text/html")


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
    }


def _counter(data: Path) -> dict[str, float]:
    return {"counter_ur_derived_f1": _pairs(data, "counter_ur")[1]}


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
