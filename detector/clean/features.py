"""What the block model sees: one row of numbers for each block of a page, for all blocks at once.

Shallow text features, container sums and neighbours after Kohlschütter et al. (WSDM 2010) and Vogels et al., "Web2Text"
(ECIR 2018). Columns that hang on English words are zero on pages that are not in English, and the training set holds
every page in that form too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detector.clean import textstats as ts
from detector.clean.blocks import HEADINGS, Page
from detector.clean.metadata import Metadata
from detector.clean.paths import LEVELS, Paths, read_paths
from detector.jit import njit

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

_KINDS = {"p": 0, "li": 1, "td": 2, "th": 2, "div": 3, "blockquote": 4, "pre": 4, "dd": 5, "dt": 5, "figcaption": 6}
ENGLISH_SHARE = 0.15  # of stop words on a page; English prose has 0.4, German 0.02


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page measured once, before any learned weight is involved."""

    base: Floats  # columns that need no learned score, shape (n, columns)
    paths: Paths
    statistics: ts.TextStatistics
    words: Floats  # of each block, at least 1
    english: bool


def prepare(page: Page, meta: Metadata) -> Prepared:
    """Measure a page that has at least one block."""
    texts = [block.text for block in page.blocks]
    statistics = ts.statistics_of(texts)
    paths = read_paths(page)
    table = statistics.table
    words = np.maximum(table[:, ts.WORDS], 1.0)
    english = bool(table[:, ts.STOP_WORDS].sum() > ENGLISH_SHARE * words.sum())
    links = np.array([(block.link_chars, block.links, block.broken) for block in page.blocks], dtype=np.float64)
    density = links[:, 0] / np.maximum(table[:, ts.CHARS], 1.0)
    kinds = _kinds(page)
    base = np.column_stack(
        [
            _text_columns(table, words, density, links, english),
            _frequency_columns(statistics, texts),
            _place_columns(page, paths, words, kinds, links[:, 2]),
            _overlap_columns(statistics, meta),
            _container_columns(paths, table, words, density, kinds),
            _candidate_columns(paths, table, words, density),
            _group_columns(paths, table, words, density),
            _neighbour_columns([np.log1p(words), density, table[:, ts.ENDS_STOP], kinds[:, 0], kinds[:, 7]]),
            _page_columns(table, words, density, kinds, meta, english),
        ]
    )
    return Prepared(base, paths, statistics, words, english)


def without_language(prepared: Prepared) -> Prepared:
    """The same page as it would be measured in a language of which not one word is known; for training."""
    base = prepared.base.copy()
    base[:, _STOP_WORD_COLUMN] = 0.0
    base[:, -1] = 0.0
    return replace(prepared, base=base, english=False)


def with_scores(prepared: Prepared, path: Floats, text: Floats) -> Floats:
    """The base columns and those of the two linear scores: their neighbours, containers and rank on the page."""
    columns = [path, text, path - path.max(), path - np.median(path)]
    for score in (path, text):
        weighted = np.concatenate(([0.0], np.cumsum(score * prepared.words)))
        total = np.concatenate(([0.0], np.cumsum(prepared.words)))
        low, high = prepared.paths.low, prepared.paths.high
        for level in range(LEVELS):
            e = prepared.paths.containers[:, level]
            columns.append((weighted[high[e]] - weighted[low[e]]) / (total[high[e]] - total[low[e]]))
        columns += [_window_mean(weighted, total, reach) for reach in (4, 12)]
    return np.column_stack([prepared.base, *columns, _neighbour_columns([path, text])])


def _window_mean(weighted: Floats, total: Floats, reach: int) -> Floats:
    at = np.arange(weighted.size - 1)
    first, last = np.maximum(at - reach, 0), np.minimum(at + reach + 1, weighted.size - 1)
    mean: Floats = (weighted[last] - weighted[first]) / (total[last] - total[first])
    return mean


def _kinds(page: Page) -> Floats:
    """One column a kind of element, the last but one for headings and the last for their level."""
    out = np.zeros((len(page.blocks), 9))
    for i, block in enumerate(page.blocks):
        tag = page.elements[block.element].tag
        level = HEADINGS.get(tag, 0)
        if level:
            out[i, 7], out[i, 8] = 1.0, level
        elif tag in _KINDS:
            out[i, _KINDS[tag]] = 1.0
    return out


def _text_columns(table: Floats, words: Floats, density: Floats, links: Floats, english: bool) -> Floats:
    chars = np.maximum(table[:, ts.CHARS], 1.0)
    by_word = (ts.CAPITALISED, ts.SHOUTED, ts.COMMAS, ts.STOPS, ts.QUOTES, ts.LONG_WORDS)
    by_char = (ts.DIGITS, ts.BARS, ts.OTHERS)
    flags = (ts.ENDS_STOP, ts.ENDS_COLON, ts.STARTS_UPPER, ts.STARTS_LOWER, ts.STARTS_DIGIT, ts.STARTS_BAR,
             ts.ENDS_ELLIPSIS, ts.QUESTION, ts.LINES, ts.STOPS)  # fmt: skip
    return np.column_stack(
        [np.log1p(words), np.log1p(chars), density, links[:, 1], links[:, 1] / words, table[:, ts.LETTERS] / words]
        + [table[:, column] / words for column in by_word]
        + [table[:, column] / chars for column in by_char]
        + [table[:, column] for column in flags]
        + [table[:, ts.STOP_WORDS] / words * english]
    )


_STOP_WORD_COLUMN = 25  # the last of the text columns


def _frequency_columns(statistics: ts.TextStatistics, texts: list[str]) -> Floats:
    """How common a block's words are on this page (its own function words, in any language), and the block itself."""
    starts = statistics.starts
    _, inverse, counts = np.unique(statistics.words, return_inverse=True, return_counts=True)
    frequency = np.log(counts[inverse]) if counts.size else np.zeros(0)
    sums = np.concatenate(([0.0], np.cumsum(frequency)))
    often = np.concatenate(([0.0], np.cumsum(frequency > np.log(6))))
    size = np.maximum(starts[1:] - starts[:-1], 1)
    seen: dict[str, int] = {}
    for text in texts:
        seen[text] = seen.get(text, 0) + 1
    return np.column_stack(
        [
            (sums[starts[1:]] - sums[starts[:-1]]) / size,
            (often[starts[1:]] - often[starts[:-1]]) / size,
            [seen[text] for text in texts],
        ]
    )


def _place_columns(page: Page, paths: Paths, words: Floats, kinds: Floats, broken: Floats) -> Floats:
    n = words.size
    at = np.arange(n)
    elements = np.array([(element.hidden, element.depth) for element in page.elements], dtype=np.float64)
    hidden, depth = elements[paths.holder].T
    first_heading = int(np.argmax(kinds[:, 8] == 1)) if (kinds[:, 8] == 1).any() else -1
    read = np.cumsum(words)
    return np.column_stack(
        [
            kinds, hidden, depth, broken, at / n, read / read[-1], np.log1p(at), np.log1p(n - 1 - at),
            np.clip(at - first_heading, -50, 200) if first_heading >= 0 else np.full(n, -100),
            np.concatenate(([0], paths.holder[1:] == paths.holder[:-1])), paths.flags,
        ]
    )  # fmt: skip


def _overlap_columns(statistics: ts.TextStatistics, meta: Metadata) -> Floats:
    """Shares of a block's words in the title, of its trigrams in description and articleBody; -1 without one."""
    said = ts.statistics_of([meta.title, meta.description, meta.article_body])
    cuts = said.starts
    title, description, body = (said.words[cuts[k] : cuts[k + 1]] for k in range(3))
    columns = [
        _share(np.isin(statistics.words, title), statistics.starts),
        np.full(len(statistics.table), -1.0) if not title.size else _covered(statistics, title),
    ]
    for text in (description, body):
        if text.size < 8:
            columns.append(np.full(len(statistics.table), -1.0))
        else:
            columns.append(_share(np.isin(_trigrams(statistics.words), _trigrams(text)), statistics.starts))
    return np.column_stack(columns)


def _covered(statistics: ts.TextStatistics, title: NDArray[np.uint32]) -> Floats:
    """Words of the title that a block has, over the words of the title, for blocks not much longer than it."""
    starts = statistics.starts
    hits = np.concatenate(([0], np.cumsum(np.isin(statistics.words, title))))
    share = (hits[starts[1:]] - hits[starts[:-1]]) / title.size
    return np.where(statistics.table[:, ts.WORDS] <= 2 * title.size, np.minimum(share, 1.0), 0.0)


def _trigrams(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """A hash of each word and the two after it; the last two stand alone."""
    padded = np.concatenate((words, np.zeros(2, dtype=np.uint32)))
    hashed: NDArray[np.uint32] = padded[:-2] * np.uint32(961) + padded[1:-1] * np.uint32(31) + padded[2:]
    return hashed


def _share(hit: NDArray[np.bool_], starts: Longs) -> Floats:
    """Mean of ``hit`` over each stretch, 0 for a stretch without words."""
    sums = np.concatenate(([0], np.cumsum(hit)))
    mean: Floats = (sums[starts[1:]] - sums[starts[:-1]]) / np.maximum(starts[1:] - starts[:-1], 1)
    return mean


def _sums(column: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(column)))


def _container_columns(paths: Paths, table: Floats, words: Floats, density: Floats, kinds: Floats) -> Floats:
    """Words, blocks, link density, sentence ends and paragraphs in each of the containers around a block."""
    n = words.size
    totals = [_sums(column) for column in (words, words * density, table[:, ts.STOPS], words * kinds[:, 0])]
    columns: list[Floats] = []
    for level in range(LEVELS):
        e = paths.containers[:, level]
        low, high = paths.low[e], paths.high[e]
        inside, linked, stops, paragraphs = (total[high] - total[low] for total in totals)
        columns += [np.log1p(inside), np.log1p(high - low), linked / inside, stops / inside, paragraphs / inside,
                    inside / words.sum(), (np.arange(n) - low) / (high - low)]  # fmt: skip
    return np.column_stack(columns)


def _candidate_columns(paths: Paths, table: Floats, words: Floats, density: Floats) -> Floats:
    """Where a block stands to the element with most prose in it, and to the smallest one with most of the prose."""
    chars = table[:, ts.CHARS]
    prose = (1 - density) * (np.minimum(table[:, ts.COMMAS] + table[:, ts.STOPS], 10) + np.minimum(chars / 100, 3))
    prose[words < 8] = 0.0
    nearest, widest = _candidates(paths.parents, paths.holder, paths.low, paths.high, prose)
    at = np.arange(words.size)
    columns: list[Floats] = []
    totals = _sums(words)
    for e in (nearest, widest):
        low, high = paths.low[e], paths.high[e]
        share = (totals[high] - totals[low]) / totals[-1]
        columns += [
            ((at >= low) & (at < high)).astype(np.float64), np.clip(at - low, -20, 20), np.clip(at - high, -20, 20),
            (at - low) / max(high - low, 1), np.full(words.size, share),
        ]  # fmt: skip
    return np.column_stack(columns)


@njit
def _candidates(parents: Longs, holder: Longs, low: Longs, high: Longs, prose: Floats) -> tuple[int, int]:
    """The element whose children and grandchildren hold most prose, and the smallest with four fifths of all."""
    score = np.zeros(parents.size)
    total = np.zeros(prose.size + 1)
    for b in range(prose.size):
        total[b + 1] = total[b] + prose[b]
        own = holder[b]
        score[own] += prose[b] * 0.5
        if parents[own] >= 0:
            score[parents[own]] += prose[b]
            if parents[parents[own]] >= 0:
                score[parents[parents[own]]] += prose[b] * 0.5
    widest = 0
    for e in range(parents.size):
        holds_most = high[e] > low[e] and total[high[e]] - total[low[e]] >= 0.8 * total[-1]
        if holds_most and high[e] - low[e] <= high[widest] - low[widest]:
            widest = e
    return int(np.argmax(score)), widest


def _group_columns(paths: Paths, table: Floats, words: Floats, density: Floats) -> Floats:
    """Means over the blocks whose elements look the same: repeated cards, menu items, paragraphs."""
    _, group = np.unique(paths.shape[paths.holder], return_inverse=True)
    count = np.bincount(group)
    columns = [np.log(count)[group]]
    for column in (np.log1p(words), density, table[:, ts.ENDS_STOP]):
        mean = np.bincount(group, weights=column) / count
        columns.append(mean[group])
    return np.column_stack(columns)


def _neighbour_columns(columns: list[Floats]) -> Floats:
    """Each column as seen one, two and three blocks before and after; -9 beyond the page."""
    table = np.column_stack(columns)
    n = len(table)
    padded = np.full((n + 6, table.shape[1]), -9.0)
    padded[3 : n + 3] = table
    return np.column_stack([padded[3 + step : 3 + step + n] for step in (-3, -2, -1, 1, 2, 3)])


def _page_columns(
    table: Floats, words: Floats, density: Floats, kinds: Floats, meta: Metadata, english: bool
) -> Floats:
    total = words.sum()
    row = [
        np.log1p(words.size), np.log1p(total), (words * density).sum() / total, table[:, ts.STOPS].sum() / total,
        (words * kinds[:, 0]).sum() / total, (words * kinds[:, 1]).sum() / total, (words >= 25).mean(),
        np.log1p(words[words >= 25].sum()), float(meta.is_article), np.log1p(len(meta.article_body)), float(english),
    ]  # fmt: skip
    return np.tile(row, (words.size, 1))
