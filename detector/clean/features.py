"""What the block model sees: one row of numbers for each block of a page, all of them filled in by compiled passes.

Shallow text features, container sums and neighbours after Kohlschütter et al. (WSDM 2010) and Vogels et al., "Web2Text"
(ECIR 2018). Columns that hang on English words are zero on pages that are not in English, and the training set holds
every page in that form too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detector.clean import textstats as ts
from detector.clean import walk as w
from detector.clean.blocks import HEADINGS, Page
from detector.clean.metadata import Metadata
from detector.clean.paths import ANCESTORS, LEVELS, Paths, read_paths
from detector.clean.tags import WALK_NAMES
from detector.jit import inlined, leaf, njit

Floats = NDArray[np.float64]
Rows = NDArray[np.float32]
Longs = NDArray[np.int64]

ENGLISH_SHARE = 0.15  # of stop words on a page; English prose has 0.4, German 0.02
BEYOND = -9.0  # what stands for a neighbour before the first block or after the last
REACH = 3  # neighbours to either side

# Widths of the groups of columns, in their order.
_TEXT, _FREQUENCY, PLACE, _OVERLAP = 26, 3, 22 + ANCESTORS, 4
_CONTAINER, _CANDIDATE, _GROUP, _NEIGHBOUR, PAGE = 7 * LEVELS, 10, 4, 5 * 2 * REACH, 11
AT_FREQUENCY = _TEXT
AT_PLACE = AT_FREQUENCY + _FREQUENCY
_AT_OVERLAP = AT_PLACE + PLACE
_AT_CONTAINER = _AT_OVERLAP + _OVERLAP
AT_CANDIDATE = _AT_CONTAINER + _CONTAINER
AT_GROUP = AT_CANDIDATE + _CANDIDATE
_AT_NEIGHBOUR = AT_GROUP + _GROUP
AT_PAGE = _AT_NEIGHBOUR + _NEIGHBOUR
BASE = AT_PAGE + PAGE  # columns that need no learned score
_EACH_SCORE = LEVELS + 2 + 2 * REACH + 3
COLUMNS = BASE + 4 + 2 * _EACH_SCORE

_STOP_WORD_COLUMN = _TEXT - 1
_ENGLISH_COLUMN = BASE - 1

_KINDS = {"p": 0, "li": 1, "td": 2, "th": 2, "div": 3, "blockquote": 4, "pre": 4, "dd": 5, "dt": 5, "figcaption": 6}
_PARAGRAPH, _ITEM, HEADING, _LEVEL, KIND_COLUMNS = 0, 1, 7, 8, 9
ARTICLES = KIND_COLUMNS + 12  # among the columns of the place: how many <article> elements the page has
_KIND_OF = np.array([_KINDS.get(tag, HEADING if tag in HEADINGS else -1) for tag in WALK_NAMES], dtype=np.int64)
_LEVEL_OF = np.array([HEADINGS.get(tag, 0) for tag in WALK_NAMES], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page measured once, before any learned weight is involved."""

    base: Rows  # shape (n, COLUMNS); those of the learned scores are still zero
    paths: Paths
    statistics: ts.TextStatistics
    words: Floats  # of each block, at least 1
    headings: Longs  # the last heading at or before each block, -1 for none
    english: bool


def prepare(page: Page, meta: Metadata) -> Prepared:
    """Measure a page that has at least one block."""
    statistics = ts.statistics_of_codes(page.codes, len(page.texts))
    paths = read_paths(page)
    table = statistics.table
    words = np.maximum(table[:, ts.WORDS], 1.0)
    english = bool(table[:, ts.STOP_WORDS].sum() > ENGLISH_SHARE * words.sum())
    density = page.blocks[:, w.B_LINK_CHARS] / np.maximum(table[:, ts.CHARS], 1.0)
    rows = np.zeros((len(page.texts), COLUMNS), dtype=np.float32)
    _text_columns(rows, table, words, density, page.blocks, english)
    _frequency_columns(rows, statistics.words, statistics.starts, page.codes)
    headings = _place_columns(rows, page.elements, page.blocks, paths.holder, paths.below, paths.parents, words)
    said = ts.statistics_of([meta.title, meta.description, meta.article_body])
    _overlap_columns(rows, statistics.words, statistics.starts, said.words, said.starts)
    _container_columns(rows, paths.low, paths.high, paths.containers, table, words, density)
    _candidate_columns(rows, paths.parents, paths.holder, paths.low, paths.high, table, words, density)
    _group_columns(rows, paths.shape[paths.holder], table, words, density)
    _neighbour_columns(rows, table, words, density)
    _page_columns(rows, table, words, density, meta.is_article, len(meta.article_body), english)
    return Prepared(rows, paths, statistics, words, headings, english)


def without_language(prepared: Prepared) -> Prepared:
    """The same page as it would be measured in a language of which not one word is known; for training."""
    base = prepared.base.copy()
    base[:, _STOP_WORD_COLUMN] = 0.0
    base[:, _ENGLISH_COLUMN] = 0.0
    return replace(prepared, base=base, english=False)


def with_scores(prepared: Prepared, path: Floats, text: Floats) -> Rows:
    """All columns, with those of the two linear scores: neighbours, containers, rank on the page, the heading's."""
    rows = prepared.base.copy()
    rows[:, BASE], rows[:, BASE + 1] = path, text
    rows[:, BASE + 2], rows[:, BASE + 3] = path - path.max(), path - _median(path)
    at = BASE + 4
    low, high, containers = prepared.paths.low, prepared.paths.high, prepared.paths.containers
    for score in (path, text):
        _score_columns(rows, at, score, prepared.words, low, high, containers, prepared.headings)
        at += _EACH_SCORE
    return rows


def _median(values: Floats) -> float:
    """What numpy's function of that name says, which takes eight times as long on 200 values."""
    ordered = np.sort(values)
    return float((ordered[(values.size - 1) // 2] + ordered[values.size // 2]) / 2)


@njit
def _score_columns(
    rows: Rows, at: int, score: Floats, words: Floats, low: Longs, high: Longs, containers: Longs, headings: Longs
) -> None:
    n = words.size
    weighted, total = np.zeros(n + 1), np.zeros(n + 1)
    for b in range(n):
        weighted[b + 1] = weighted[b] + score[b] * words[b]
        total[b + 1] = total[b] + words[b]
    for b in range(n):
        row = rows[b]
        for level in range(LEVELS):
            e = containers[b, level]
            row[at + level] = (weighted[high[e]] - weighted[low[e]]) / (total[high[e]] - total[low[e]])
        for k in range(2):
            reach = 4 if k == 0 else 12
            first, last = max(b - reach, 0), min(b + reach + 1, n)
            row[at + LEVELS + k] = (weighted[last] - weighted[first]) / (total[last] - total[first])
        for k in range(2 * REACH):
            other = b + k - REACH + (1 if k >= REACH else 0)
            row[at + LEVELS + 2 + k] = score[other] if 0 <= other < n else BEYOND
        lowest, highest = score[b], score[b]
        for other in range(max(b - 10, 0), b):
            lowest, highest = min(lowest, score[other]), max(highest, score[other])
        row[at + LEVELS + 2 + 2 * REACH] = score[headings[b]] if headings[b] >= 0 else BEYOND
        row[at + LEVELS + 3 + 2 * REACH] = lowest
        row[at + LEVELS + 4 + 2 * REACH] = highest


@leaf
def _text_columns(rows: Rows, table: Floats, words: Floats, density: Floats, blocks: w.Ints, english: bool) -> None:
    by_word = (ts.CAPITALISED, ts.SHOUTED, ts.COMMAS, ts.STOPS, ts.QUOTES, ts.LONG_WORDS)
    by_char = (ts.DIGITS, ts.BARS, ts.OTHERS)
    flags = (ts.ENDS_STOP, ts.ENDS_COLON, ts.STARTS_UPPER, ts.STARTS_LOWER, ts.STARTS_DIGIT, ts.STARTS_BAR,
             ts.ENDS_ELLIPSIS, ts.QUESTION, ts.LINES, ts.STOPS)  # fmt: skip
    for b in range(words.size):
        row, counts = rows[b], table[b]
        chars = max(counts[ts.CHARS], 1.0)
        row[0], row[1], row[2] = np.log1p(words[b]), np.log1p(chars), density[b]
        row[3], row[4] = blocks[b, w.B_LINKS], blocks[b, w.B_LINKS] / words[b]
        row[5] = counts[ts.LETTERS] / words[b]
        at = 6
        for column in by_word:
            row[at] = counts[column] / words[b]
            at += 1
        for column in by_char:
            row[at] = counts[column] / chars
            at += 1
        for column in flags:
            row[at] = counts[column]
            at += 1
        row[at] = counts[ts.STOP_WORDS] / words[b] if english else 0.0


_FEW = 64  # times that a word is on a page


@njit
def _frequency_columns(rows: Rows, words: ts.Hashes, starts: Longs, codes: w.Codes) -> None:
    """How common a block's words are on this page (its own function words, in any language), and the block itself."""
    n = len(rows)
    said = ts.count_keys(words.astype(np.uint64))
    logs = np.log(np.arange(_FEW).astype(np.float64))  # of nearly all words, each of which is asked for many times
    texts = np.empty(n, dtype=np.uint64)
    at = 0
    for b in range(n):
        value = np.uint64(14695981039346656037)
        while codes[at]:
            value = (value ^ np.uint64(codes[at])) * np.uint64(1099511628211)
            at += 1
        at += 1
        texts[b] = value
    seen = ts.count_keys(texts)
    for b in range(n):
        sums = 0.0
        often = 0
        for k in range(starts[b], starts[b + 1]):
            sums += logs[said[k]] if said[k] < _FEW else np.log(said[k])
            often += said[k] > 6
        size = max(starts[b + 1] - starts[b], 1)
        rows[b, AT_FREQUENCY] = sums / size
        rows[b, AT_FREQUENCY + 1] = often / size
        rows[b, AT_FREQUENCY + 2] = seen[b]


@njit
def _place_columns(
    rows: Rows, elements: w.Ints, blocks: w.Ints, holder: Longs, below: Longs, parents: Longs, words: Floats
) -> Longs:
    """Kind of element, position, ancestors; the last heading at or before each block."""
    n = words.size
    headings = np.full(n, -1, dtype=np.int64)
    number, articles = _number_articles(elements, parents)
    last = first_title = -1
    for b in range(n):
        tag = elements[holder[b], w.E_TAG]
        if tag >= 0 and _LEVEL_OF[tag] > 0:
            last = b
            if first_title < 0 and _LEVEL_OF[tag] == 1:
                first_title = b
        headings[b] = last
    read, total = 0.0, words.sum()
    for b in range(n):
        row = rows[b]
        e = holder[b]
        at = AT_PLACE
        tag = elements[e, w.E_TAG]
        if tag >= 0 and _KIND_OF[tag] >= 0:
            row[at + _KIND_OF[tag]] = 1.0
            row[at + _LEVEL] = _LEVEL_OF[tag]
        at += KIND_COLUMNS
        read += words[b]
        row[at], row[at + 1], row[at + 2] = elements[e, w.E_HIDDEN], elements[e, w.E_DEPTH], blocks[b, w.B_BROKEN]
        row[at + 3], row[at + 4], row[at + 5], row[at + 6] = b / n, read / total, np.log1p(b), np.log1p(n - 1 - b)
        row[at + 7] = min(max(b - first_title, -50), 200) if first_title >= 0 else -100
        row[at + 8] = 1.0 if b > 0 and holder[b - 1] == e else 0.0
        row[at + 9] = min(b - headings[b], 50) if headings[b] >= 0 else 50
        heading = elements[holder[headings[b]], w.E_TAG] if headings[b] >= 0 else -1
        row[at + 10] = _LEVEL_OF[heading] if heading >= 0 else 0
        row[at + 11], row[at + 12] = min(number[e], 20), min(articles, 20)
        at += 13
        for bit in range(ANCESTORS):
            row[at + bit] = (below[b] >> bit) & 1
    return headings


@njit
def _number_articles(elements: w.Ints, parents: Longs) -> tuple[Longs, int]:
    """Which of the page's ``<article>`` elements, counted from 1, is around each element, and how many there are."""
    number = np.zeros(parents.size, dtype=np.int64)
    count = 0
    for e in range(parents.size):
        if parents[e] >= 0:
            number[e] = number[parents[e]]
        if elements[e, w.E_TAG] == _ARTICLE_TAG:
            count += 1
            number[e] = count
    return number, count


_ARTICLE_TAG = WALK_NAMES.index("article")


@inlined
def _contains(table: NDArray[np.uint64], key: np.uint64) -> bool:
    at = int((key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)) & (table.size - 1)
    while table[at] != 0:
        if table[at] == key:
            return True
        at = (at + 1) & (table.size - 1)
    return False


@njit
def _set_of(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A table of the keys, none of which is 0, by open addressing."""
    slots = ts.slots(keys.size)
    table = np.zeros(slots, dtype=np.uint64)
    for key in keys:
        at = int((key * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)) & (slots - 1)
        while table[at] != 0 and table[at] != key:
            at = (at + 1) & (slots - 1)
        table[at] = key
    return table


@njit
def _trigrams(words: ts.Hashes) -> NDArray[np.uint64]:
    """A key of each word and the two after it; the last two stand alone. Never 0."""
    n = words.size
    keys = np.empty(n, dtype=np.uint64)
    for k in range(n):
        value = np.uint64(words[k]) * np.uint64(1_000_003)
        if k + 1 < n:
            value = (value + np.uint64(words[k + 1])) * np.uint64(1_000_003)
        if k + 2 < n:
            value += np.uint64(words[k + 2])
        keys[k] = value | np.uint64(1)
    return keys


@njit
def _overlap_columns(rows: Rows, words: ts.Hashes, starts: Longs, said: ts.Hashes, cuts: Longs) -> None:
    """Shares of a block's words in the title, of its trigrams in description and articleBody; -1 without one."""
    title = _set_of(said[cuts[0] : cuts[1]].astype(np.uint64) | np.uint64(1 << 40))
    size = cuts[1] - cuts[0]
    for b in range(len(rows)):
        first, last = starts[b], starts[b + 1]
        hits = 0
        if size:
            for k in range(first, last):
                hits += _contains(title, np.uint64(words[k]) | np.uint64(1 << 40))
        rows[b, _AT_OVERLAP] = hits / max(last - first, 1)
        covered = min(hits / size, 1.0) if size and last - first <= 2 * size else 0.0
        rows[b, _AT_OVERLAP + 1] = covered if size else -1.0
    own = _trigrams(words)
    for k in range(2):
        text = said[cuts[k + 1] : cuts[k + 2]]
        known = _set_of(_trigrams(text)) if text.size >= 8 else _set_of(own[:0])
        for b in range(len(rows)):
            hits = 0
            if text.size >= 8:
                for i in range(starts[b], starts[b + 1]):
                    hits += _contains(known, own[i])
            share = hits / max(starts[b + 1] - starts[b], 1)
            rows[b, _AT_OVERLAP + 2 + k] = share if text.size >= 8 else -1.0


@njit
def _container_columns(
    rows: Rows, low: Longs, high: Longs, containers: Longs, table: Floats, words: Floats, density: Floats
) -> None:
    """Words, blocks, link density, sentence ends and paragraphs in each of the containers around a block."""
    n = words.size
    sums = np.zeros((n + 1, 4))
    for b in range(n):
        sums[b + 1, 0] = sums[b, 0] + words[b]
        sums[b + 1, 1] = sums[b, 1] + words[b] * density[b]
        sums[b + 1, 2] = sums[b, 2] + table[b, ts.STOPS]
        sums[b + 1, 3] = sums[b, 3] + words[b] * rows[b, AT_PLACE + _PARAGRAPH]
    for b in range(n):
        at = _AT_CONTAINER
        for level in range(LEVELS):
            e = containers[b, level]
            inside = sums[high[e], 0] - sums[low[e], 0]
            rows[b, at], rows[b, at + 1] = np.log1p(inside), np.log1p(high[e] - low[e])
            for k in range(1, 4):
                rows[b, at + 1 + k] = (sums[high[e], k] - sums[low[e], k]) / inside
            rows[b, at + 5] = inside / sums[n, 0]
            rows[b, at + 6] = (b - low[e]) / (high[e] - low[e])
            at += 7


@njit
def _candidate_columns(
    rows: Rows, parents: Longs, holder: Longs, low: Longs, high: Longs, table: Floats, words: Floats, density: Floats
) -> None:
    """Where a block stands to the element with most prose in it, and to the smallest one with most of the prose."""
    n = words.size
    prose, totals = np.zeros(n), np.zeros(n + 1)
    for b in range(n):
        totals[b + 1] = totals[b] + words[b]
        if words[b] >= 8:
            marks = min(table[b, ts.COMMAS] + table[b, ts.STOPS], 10.0)
            prose[b] = (1 - density[b]) * (marks + min(table[b, ts.CHARS] / 100, 3.0))
    nearest, widest = _candidates(parents, holder, low, high, prose)
    for k in range(2):
        e = nearest if k == 0 else widest
        share = (totals[high[e]] - totals[low[e]]) / totals[n] if high[e] > low[e] else 0.0
        at = AT_CANDIDATE + 5 * k
        for b in range(n):
            rows[b, at] = 1.0 if low[e] <= b < high[e] else 0.0
            rows[b, at + 1], rows[b, at + 2] = min(max(b - low[e], -20), 20), min(max(b - high[e], -20), 20)
            rows[b, at + 3] = (b - low[e]) / max(high[e] - low[e], 1)
            rows[b, at + 4] = share


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


@njit
def _group_columns(rows: Rows, shapes: Longs, table: Floats, words: Floats, density: Floats) -> None:
    """Means over the blocks whose elements look the same: repeated cards, menu items, paragraphs."""
    n = words.size
    place, slots = ts.places_of(shapes.astype(np.uint64))
    sums = np.zeros((slots, 4))
    for b in range(n):
        group = sums[place[b]]
        group[0] += 1
        group[1] += np.log1p(words[b])
        group[2] += density[b]
        group[3] += table[b, ts.ENDS_STOP]
    for b in range(n):
        group = sums[place[b]]
        rows[b, AT_GROUP] = np.log(group[0])
        for k in range(1, 4):
            rows[b, AT_GROUP + k] = group[k] / group[0]


@leaf
def _neighbour_columns(rows: Rows, table: Floats, words: Floats, density: Floats) -> None:
    """Some columns as seen one, two and three blocks before and after."""
    n = words.size
    for b in range(n):
        at = _AT_NEIGHBOUR
        for step in (-3, -2, -1, 1, 2, 3):
            other = b + step
            if 0 <= other < n:
                rows[b, at], rows[b, at + 1] = np.log1p(words[other]), density[other]
                rows[b, at + 2] = table[other, ts.ENDS_STOP]
                rows[b, at + 3] = rows[other, AT_PLACE + _PARAGRAPH]
                rows[b, at + 4] = rows[other, AT_PLACE + HEADING]
            else:
                rows[b, at : at + 5] = BEYOND
            at += 5


@njit
def _page_columns(
    rows: Rows, table: Floats, words: Floats, density: Floats, is_article: bool, stated: int, english: bool
) -> None:
    n = words.size
    total = words.sum()
    page = np.zeros(PAGE)
    for b in range(n):
        page[2] += words[b] * density[b] / total
        page[3] += table[b, ts.STOPS] / total
        page[4] += words[b] * rows[b, AT_PLACE + _PARAGRAPH] / total
        page[5] += words[b] * rows[b, AT_PLACE + _ITEM] / total
        page[6] += (words[b] >= 25) / n
        page[7] += words[b] if words[b] >= 25 else 0.0
    page[0], page[1], page[7] = np.log1p(n), np.log1p(total), np.log1p(page[7])
    page[8], page[9], page[10] = is_article, np.log1p(stated), english
    for b in range(n):
        for k in range(PAGE):
            rows[b, AT_PAGE + k] = page[k]
