"""The reviewed pages of WCXB's development set, measured: what the cleaner is trained and judged on."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from detector.clean.blocks import Page, read_blocks
from detector.clean.features import Prepared, prepare
from detector.clean.guard import guard
from detector.clean.kind import page_figures, page_tokens
from detector.clean.ldjson import read_nodes
from detector.clean.metadata import Metadata, read_metadata
from detector.train.alignment import matched_shares

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

FOLDS = 5
SEED = 20240501
ROWS = 1 << 16  # of a table of hashed weights


@dataclass(frozen=True, slots=True)
class Sample:
    """A reviewed page, measured."""

    id: str
    kind: str  # article, forum, product, …
    fold: int  # by registered domain
    texts: list[str]
    runs: list[list[str]]  # each block's text, cut where inline markup begins or ends
    main_content: str
    shares: Floats  # of each block's words that belong to the main content
    prepared: Prepared
    small: tuple[Longs, Prepared] | None  # a few of the blocks, measured as if they were the page
    figures: Floats  # of the whole page, for its kind
    tokens: Longs  # hashed names of the page, for its kind

    @property
    def weight(self) -> Floats:
        """Weight of each block in training: by its words, all of a page's together 1."""
        weight = self.prepared.words
        scaled: Floats = weight / weight.sum()
        return scaled


def read_pages(data: Path) -> Iterator[dict[str, Any]]:
    """The rows of ``pages/articles.jsonl.gz`` and ``pages/other_pages.jsonl.gz`` below ``data``, in order."""
    for name in ("articles", "other_pages"):
        with gzip.open(data / "pages" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            yield from map(json.loads, file)


def site_of(row: dict[str, Any]) -> str:
    """A page's address; where the row has none, the one that the page states of itself, or its id."""
    stated = _STATED_URL.search(row["html"])
    return str(row["url"] or (stated[1] if stated else row["id"]))


_STATED_URL = re.compile(r"""(?:og:url"\s+content|rel="canonical"\s+href)=["']([^"']+)""")


def fold_of(url: str) -> int:
    """The fold of a page, the same for every page of a registered domain."""
    labels = (urlsplit(url).hostname or url).split(".")
    size = 3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 2
    return zlib.crc32(".".join(labels[-size:]).encode()) % FOLDS


def _small(name: str, page: Page, meta: Metadata, shares: Floats) -> tuple[Longs, Prepared] | None:
    """Every second page cut down to a stretch of its article and a few of its other blocks.

    The reviewed pages are long and full of furniture; a page of a small site, or an example, is neither.
    """
    seed = zlib.crc32(name.encode())
    kept = np.flatnonzero(shares >= 0.5)
    if seed % 2 or not kept.size:
        return None
    random = np.random.default_rng(seed)
    size = int(random.integers(2, 14))
    first = int(random.integers(0, max(kept.size - size, 1)))
    others = np.flatnonzero(shares < 0.5)
    others = others[random.random(others.size) < random.uniform(0.01, 0.25)]
    chosen = np.sort(np.concatenate((kept[first : first + size], others)))
    return chosen, prepare(page.some(chosen), meta)


def measure_pages(rows: Iterable[dict[str, Any]]) -> list[Sample]:
    """Samples for all rows whose page has a block at all."""
    samples = []
    for row in rows:
        guarded = guard(row["html"])
        page = read_blocks(guarded.markup)
        if not page.texts:
            continue
        nodes = read_nodes(guarded.ldjson)
        meta = read_metadata(page, nodes, row["url"])
        prepared = prepare(page, meta)
        texts = list(page.texts)
        shares = matched_shares(texts, row["main_content"])
        samples.append(
            Sample(
                id=row["id"],
                kind=row["page_type"],
                fold=fold_of(site_of(row)),
                texts=texts,
                runs=[[run.text for run in page.runs_of(k)] for k in range(len(texts))],
                main_content=row["main_content"],
                shares=shares,
                prepared=prepared,
                small=_small(row["id"], page, meta, shares),
                figures=page_figures(prepared),
                tokens=page_tokens(page, prepared, nodes),
            )
        )
    return samples
