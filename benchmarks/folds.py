"""Models that have not seen a page's site, one of each sort for each fold of registered domains.

They are learned when they are asked for. A folder keeps them for the next run: ``fold-K.npz`` (blocks and kinds) and
``lines-K.npz`` are the models without fold K. Delete it when a feature or the learning changes.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.extractors import Page
from detector.clean.content import BlockModel
from detector.clean.lines import LineModel
from detector.models import Weights
from detector.train.block_model import Linear, fit_model
from detector.train.line_model import Flat, fit_lines, make_all
from detector.train.pages import FOLDS, Sample, fold_of, measure_pages, read_pages, site_of

Arrays = dict[str, np.ndarray[Any, Any]]


def page_fold(page: Page) -> int:
    """The fold that a page's site belongs to."""
    return fold_of(site_of(page))


class Folds:
    """The pages, and the models of each fold of them."""

    def __init__(self, pages: list[Page], cache: Path | None = None) -> None:
        """``cache`` is a folder, made when it is missing."""
        self.pages = pages
        self._cache = cache
        self._blocks = lru_cache(maxsize=FOLDS)(self._read_blocks)
        self._lines = lru_cache(maxsize=FOLDS)(self._read_lines)

    def only(self, pages: list[Page]) -> Folds:
        """The same models with some of the pages, as a quick look needs."""
        some = copy(self)
        some.pages = pages
        for measured in ("samples", "articles"):
            some.__dict__.pop(measured, None)
        return some

    def blocks(self, fold: int) -> BlockModel:
        """The block model without ``fold``, and in it the model of kinds."""
        return self._blocks(fold)

    def lines(self, fold: int) -> LineModel:
        """The line model without ``fold``."""
        return self._lines(fold)

    @cached_property
    def articles(self) -> list[Sample]:
        """The article pages, measured."""
        if "samples" in self.__dict__:  # all are measured already
            return [sample for sample in self.samples if sample.kind == "article"]
        return measure_pages(page for page in self.pages if page["page_type"] == "article")

    @cached_property
    def samples(self) -> list[Sample]:
        """All pages, measured."""
        return measure_pages(self.pages)

    @cached_property
    def _linear(self) -> Linear:
        return Linear.of(self.samples)

    @cached_property
    def _flats(self) -> list[Flat]:
        return make_all(self.samples)

    def _read_blocks(self, fold: int) -> BlockModel:
        return BlockModel.from_weights(
            self._weights(f"fold-{fold}", lambda: fit_model(self.samples, self._linear, (fold,)))
        )

    def _read_lines(self, fold: int) -> LineModel:
        return LineModel.from_weights(
            self._weights(f"lines-{fold}", lambda: fit_lines([flat for flat in self._flats if flat.fold != fold]))
        )

    def _weights(self, name: str, learn: Callable[[], Arrays]) -> Weights:
        """Kept arrays, or what ``learn`` gives, which is then kept."""
        if self._cache is None:
            return Weights(learn(), {}, name)
        file = self._cache / f"{name}.npz"
        if not file.exists():
            self._cache.mkdir(parents=True, exist_ok=True)
            np.savez(file, **learn())
        with np.load(file, allow_pickle=False) as arrays:
            return Weights(dict(arrays), {}, name)


@lru_cache(maxsize=1)
def all_folds(data: Path, cache: Path | None) -> Folds:
    """The folds of all reviewed pages below ``data``, read once."""
    return Folds(list(read_pages(data)), cache)
