"""Learn the line model from pages whose tags were stripped in several ways, against their reviewed main content."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import SGDClassifier
from threadpoolctl import threadpool_limits

from detector.clean.lines import LineModel, Lines, choose_lines, known_furniture, line_rows, line_scores, measure_lines
from detector.clean.reasons import explained
from detector.models import Weights
from detector.train.alignment import word_f1
from detector.train.disguise import DISGUISES, Disguise
from detector.train.export import tree_arrays
from detector.train.pages import FOLDS, ROWS, SEED, Floats, Sample

WAYS = ("blocks", "paragraphs", "nodes")  # how tags are stripped: a block a line, with blank lines, a text node a line
_ALPHA = 3e-4
_DRAWN_SURELY = 8  # words of a line
_TREES = {"max_iter": 100, "max_leaf_nodes": 48, "max_depth": 6, "learning_rate": 0.11, "l2_regularization": 1.0}


@dataclass(frozen=True, slots=True)
class Flat:
    """A page as text without markup, its lines labelled."""

    id: str
    fold: int
    way: str
    article: bool
    texts: list[str]
    shares: Floats  # of each line that belongs to the main content
    main_content: str
    lines: Lines


def flatten(sample: Sample, way: str) -> tuple[str, Floats]:
    """The text of a page whose tags were stripped in one of the WAYS, with the label of each line."""
    if way != "nodes":
        return ("\n" if way == "blocks" else "\n\n").join(sample.texts), sample.shares
    lines, shares = [], []
    for runs, share in zip(sample.runs, sample.shares, strict=True):
        kept = [run.strip() for run in runs if run.strip()]
        lines += kept
        shares += [share] * len(kept)
    return "\n".join(lines), np.array(shares)


def make_flat(sample: Sample, way: str) -> Flat:
    """Strip a page in one of the WAYS and measure its lines."""
    text, shares = flatten(sample, way)
    lines = [line for line in text.split("\n") if line.strip()]
    if len(lines) != shares.size:  # line breaks within blocks: each line takes its block's label
        sizes = [len([part for part in piece.split("\n") if part.strip()]) for piece in sample.texts]
        shares = np.repeat(shares, sizes)
    return _flat(sample, way, lines, [i if way == "paragraphs" else 0 for i in range(len(lines))], shares)


def _flat(sample: Sample, way: str, lines: list[str], numbers: list[int], shares: Floats) -> Flat:
    measured = measure_lines(lines, numbers, known_furniture(lines))
    return Flat(sample.id, sample.fold, way, sample.kind == "article", lines, shares, sample.main_content, measured)


def make_nearly_clean(sample: Sample, seed: int) -> Flat | None:
    """The page's own article with a few of its dropped lines among it: what a careless copy looks like."""
    kept = np.flatnonzero(sample.shares >= 0.5)
    if kept.size < 3:
        return None
    random = np.random.default_rng([SEED, zlib.crc32(sample.id.encode()), seed])
    if random.random() < 0.5:  # an item of a feed is shorter than an article of the web
        size = int(random.integers(2, 13))
        first = int(random.integers(0, max(kept.size - size, 1)))
        kept = kept[first : first + size]
    dropped = np.flatnonzero(sample.shares < 0.2)
    near = dropped[np.argsort(np.abs(dropped - random.choice(kept)), kind="stable")][:40]
    count = min(int(random.integers(0, 9)), near.size)
    chosen = random.choice(near, count, replace=False) if count else near[:0]
    order = np.sort(np.concatenate((kept, chosen)))
    lines = [sample.texts[k].replace("\n", " ") for k in order]
    numbers = list(range(len(lines))) if random.random() < 0.7 else [0] * len(lines)
    return _flat(sample, "nearly_clean", lines, numbers, sample.shares[order])


def make_all(samples: list[Sample], ways: Iterable[str] = WAYS) -> list[Flat]:
    """Every page in two of the ways (chosen by its id), articles also nearly clean, twice."""
    flats: list[Flat] = []
    ways = tuple(ways)
    for sample in samples:
        skipped = zlib.crc32(sample.id.encode()) % len(ways)
        chosen = [way for k, way in enumerate(ways) if k != skipped]
        flats += [make_flat(sample, way) for way in (chosen if sample.kind == "article" else chosen[:1])]
        if sample.kind == "article":
            flats += [flat for seed in (1, 2) if (flat := make_nearly_clean(sample, seed)) is not None]
            flats += _disguised(sample, chosen[0])
    return flats


def _disguised(sample: Sample, way: str) -> list[Flat]:
    """Half of the articles in a made-up language whose script has no capitals, or neither capitals nor blanks."""
    number = zlib.crc32(sample.id.encode()) // len(WAYS) % 4
    if number > 1:
        return []
    foreign = disguised(sample, DISGUISES[("caseless", "spaceless")[number]])
    nearly = make_nearly_clean(foreign, 3)
    return [make_flat(foreign, way), *([nearly] if nearly is not None else [])]


def disguised(sample: Sample, disguise: Disguise) -> Sample:
    """What ``make_flat`` needs of a page, in a made-up language."""
    return replace(
        sample,
        texts=[disguise.text(text) for text in sample.texts],
        runs=[[disguise.text(run) for run in runs] for runs in sample.runs],
        main_content=disguise.text(sample.main_content),
    )


def _weight(flat: Flat) -> Floats:
    scaled: Floats = flat.lines.words / flat.lines.words.sum() * (1.0 if flat.article else 0.5)
    return scaled


def text_weights(flats: list[Flat]) -> NDArray[np.float32]:
    """Learned weights of the text score, shape (ROWS,), from the English texts."""
    flats = [flat for flat in flats if flat.lines.english]
    grams = np.concatenate([flat.lines.statistics.grams for flat in flats])
    sizes = np.concatenate([np.diff(flat.lines.statistics.gram_starts) for flat in flats])
    starts = np.concatenate(([0], np.cumsum(sizes)))
    matrix = csr_matrix((np.ones(grams.size, dtype=np.float32), grams, starts), shape=(sizes.size, ROWS))
    weight = np.sqrt(np.concatenate([_weight(flat) for flat in flats]))
    model = SGDClassifier(
        loss="log_loss", alpha=_ALPHA, max_iter=4, tol=None, average=True, fit_intercept=False, random_state=SEED
    )
    label = np.concatenate([flat.shares >= 0.5 for flat in flats])
    model.fit(matrix, label, sample_weight=weight / weight.mean())
    rounded: NDArray[np.float32] = model.coef_[0].astype(np.float16).astype(np.float32)
    return rounded


def fit_lines(flats: list[Flat]) -> dict[str, NDArray[Any]]:
    """The arrays of a line model; the text score that its trees learn from is out of fold."""
    folds = sorted({flat.fold for flat in flats})
    by_fold = {fold: text_weights([flat for flat in flats if flat.fold != fold]) for fold in folds}
    rows, labels, weights = [], [], []
    for flat in flats:
        drawn, weight = _drawn(flat)
        versions = [(flat.lines, line_scores(flat.lines, by_fold[flat.fold]))]
        if zlib.crc32(flat.id.encode()) % 3 == 0:  # also as a text in an unknown language
            versions.append((replace(flat.lines, english=False), np.zeros(flat.lines.words.size)))
        for lines, scores in versions:
            rows.append(line_rows(lines, scores)[drawn])
            labels.append(flat.shares[drawn] >= 0.5)
            weights.append(weight)
    weight = np.concatenate(weights)
    model = HistGradientBoostingClassifier(early_stopping=False, random_state=SEED, **_TREES)
    with threadpool_limits(1):
        model.fit(np.concatenate(rows), np.concatenate(labels), sample_weight=weight / weight.mean())
    return {"line_text": text_weights(flats).astype(np.float16), **tree_arrays(model, "lines")}


def _drawn(flat: Flat) -> tuple[NDArray[np.int64], Floats]:
    """The lines of a text that are learned from, and their weights: of short ones some, which stand for all.

    Most lines are entries of menus and lists and carry next to no weight; a third of the rows is as good as all.
    """
    chance = np.minimum(flat.lines.words / _DRAWN_SURELY, 1.0)
    random = np.random.default_rng([SEED, zlib.crc32(f"{flat.id} {flat.way}".encode())])
    drawn = np.flatnonzero(random.random(chance.size) < chance)
    return drawn, _weight(flat)[drawn] / chance[drawn]


def judge_lines(
    model: LineModel, flats: Iterable[Flat], f1: Callable[[str, str], float] = word_f1
) -> list[tuple[str, str, float]]:
    """Id, way of stripping and F1, of words unless told otherwise, of each text."""
    found = []
    for flat in flats:
        keep = choose_lines(model.probabilities(flat.lines), flat.lines, partial(explained, flat.texts))
        keep &= flat.lines.known == 0
        text = "\n".join(line for line, kept in zip(flat.texts, keep, strict=True) if kept)
        found.append((flat.id, flat.way, f1(text, flat.main_content)))
    return found


def cross_validate_lines(samples: list[Sample], folds: Iterable[int] = range(FOLDS)) -> list[tuple[str, str, float]]:
    """Id, way and word F1 of the articles of ``folds`` in every way, by models that saw none of their sites."""
    flats = make_all(samples)

    def judged(fold: int) -> list[tuple[str, str, float]]:
        arrays = fit_lines([flat for flat in flats if flat.fold != fold])
        model = LineModel.from_weights(Weights(arrays, {}, f"without fold {fold}"))
        held_out = [sample for sample in samples if sample.fold == fold and sample.kind == "article"]
        return judge_lines(model, [make_flat(sample, way) for sample in held_out for way in WAYS])

    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each learns on one thread, and most of that without the GIL
        return [row for found in pool.map(judged, folds) for row in found]
