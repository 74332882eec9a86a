"""Learn the cleaner's weights again: the block model and the line model, from WCXB's reviewed pages.

Everything is seeded and single-threaded, so that the same data and the same versions of numpy and scikit-learn give
the same bytes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from detector.models import save
from detector.train.block_model import Linear, cross_validate_blocks, fit_model, mean_scores
from detector.train.kinds import cross_validate_kinds
from detector.train.line_model import cross_validate_lines, fit_lines, make_all
from detector.train.pages import FOLDS, SEED, measure_pages, read_pages

LEARNED_ON = "2026-11-22"  # a constant: a clock would change the bytes


def train_cleaner(data: Path, out: Path) -> dict[str, float]:
    """Learn from ``data``/pages and write ``out``/cleaner.npz and ``out``/lines.npz, with their provenance.

    Returns the cross-validated scores (no site on both sides), which the files record too. Takes half an hour.
    """
    samples = measure_pages(read_pages(data))
    blocks = mean_scores(cross_validate_blocks(samples)) | cross_validate_kinds(samples)
    save(out / "cleaner.npz", fit_model(samples, Linear.of(samples)), _provenance(len(samples), blocks))
    found = cross_validate_lines(samples)
    lines = {"flattened_word_f1": float(np.mean([f1 for _, _, f1 in found]))}
    save(out / "lines.npz", fit_lines(make_all(samples)), _provenance(len(samples), lines))
    return blocks | lines


def _provenance(pages: int, held_out: dict[str, float]) -> dict[str, object]:
    return {
        "learned_from": f"{pages} pages of the WCXB development set (Web Content Extraction Benchmark), CC BY 4.0",
        "learned_on": LEARNED_ON,
        "command": "copytaster train cleaner --data DIR",
        "seed": SEED,
        "held_out": {name: round(value, 4) for name, value in held_out.items()},
        "held_out_by": f"{FOLDS}-fold cross-validation over registered domains",
    }
