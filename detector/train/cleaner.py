"""Learn the cleaner's weights again: the block model and the line model, from WCXB's reviewed pages.

Everything is seeded and single-threaded, so that the same data and the same versions of numpy and scikit-learn give
the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from detector.models import save
from detector.train.block_model import Linear, cross_validate_blocks, fit_model, mean_scores
from detector.train.kinds import cross_validate_kinds
from detector.train.line_model import cross_validate_lines, fit_lines, make_all
from detector.train.pages import FOLDS, SEED, Sample, measure_pages, read_pages

PARTS = ("blocks", "lines")
LEARNED_ON = {"blocks": "2026-11-26", "lines": "2026-11-25"}  # constants: a clock would change the bytes


def train_cleaner(data: Path, out: Path, parts: Iterable[str] = PARTS) -> dict[str, float]:
    """Learn from ``data``/pages and write ``out``/cleaner.npz (blocks) and ``out``/lines.npz, with their provenance.

    Returns the cross-validated scores (no site on both sides), which the files record too. Takes minutes for the
    lines, and the better part of an hour for the blocks.
    """
    samples = measure_pages(read_pages(data))
    learn = {"blocks": _train_blocks, "lines": _train_lines}
    scores: dict[str, float] = {}
    for part in parts:
        scores |= learn[part](samples, out)
    return scores


def _train_blocks(samples: list[Sample], out: Path) -> dict[str, float]:
    scores = mean_scores(cross_validate_blocks(samples)) | cross_validate_kinds(samples)
    save(out / "cleaner.npz", fit_model(samples, Linear.of(samples)), _provenance("blocks", len(samples), scores))
    return scores


def _train_lines(samples: list[Sample], out: Path) -> dict[str, float]:
    found = cross_validate_lines(samples)
    scores = {"flattened_word_f1": float(np.mean([f1 for _, _, f1 in found]))}
    save(out / "lines.npz", fit_lines(make_all(samples)), _provenance("lines", len(samples), scores))
    return scores


def _provenance(part: str, pages: int, held_out: dict[str, float]) -> dict[str, object]:
    return {
        "learned_from": f"{pages} pages of the WCXB development set (Web Content Extraction Benchmark), CC BY 4.0",
        "learned_on": LEARNED_ON[part],
        "command": "copytaster train cleaner --data DIR",
        "seed": SEED,
        "held_out": {name: round(value, 4) for name, value in held_out.items()},
        "held_out_by": f"{FOLDS}-fold cross-validation over registered domains",
    }
