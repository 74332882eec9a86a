"""What kind of page it is: an article, or one of the kinds that an archive of articles should not hold.

A multinomial logistic regression on figures of the whole page and on the hashed names of its elements and of what it
says of itself, learned from pages whose kind people wrote down; error and consent pages, of which those are none, by
what they say in the few words that they have.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detector.clean import features as f
from detector.clean import textstats as ts
from detector.clean.blocks import Page
from detector.clean.features import Prepared
from detector.clean.ldjson import Node, types_of
from detector.clean.paths import ANCESTORS
from detector.jit import leaf
from detector.models import Weights

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

TOKENS = 1 << 13  # hashed names share so many weights
_FEW = 120  # words: an error page has no more of its own
_ERROR = re.compile(
    r"\b(?:error )?(?:404|403|410|500|502|503)\b.{0,40}(?:not found|forbidden|gone|error|unavailable|gateway)"
    r"|page (?:was |is |could )?not (?:be )?found|page (?:you (?:were|are) looking for|no longer exists)"
    r"|access (?:to this page )?(?:has been )?denied|internal server error|service (?:temporarily )?unavailable"
    r"|are you a robot|verify (?:that )?you are (?:a )?human|checking your browser|enable javascript (?:and|to)"
    r"|unusual traffic|seite (?:wurde )?nicht gefunden|page (?:introuvable|non trouvée)|página no encontrada"
    r"|pagina non trovata|página não encontrada|nie znaleziono strony|страница не найдена|η σελίδα δεν βρέθηκε"
    r"|页面不存在|找不到(?:该|此)?(?:页|頁)面?",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"before you continue|we (?:value|care about|respect) your privacy|we and our (?:\d+ )?partners"
    r"|(?:accept|manage) (?:all )?cookies|your privacy choices|bevor sie fortfahren|wir und unsere partner"
    r"|nous et nos partenaires|avant de continuer|antes de continuar|мы используем файлы cookie",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PageKind:
    """The kind of a page and how likely it is that it is of that kind."""

    name: str  # article, forum, product, listing, collection, documentation, service, error or consent
    confidence: float  # in [0, 1]


@dataclass(frozen=True, slots=True)
class KindModel:
    """The learned weights: k kinds, d figures."""

    names: tuple[str, ...]
    mean: Floats  # shape (d,)
    scale: Floats  # shape (d,)
    figures: Floats  # shape (k, d)
    tokens: Floats  # shape (k, TOKENS)
    bias: Floats  # shape (k,)

    @classmethod
    def from_weights(cls, weights: Weights) -> Self:
        """The model that ``detector.train.kinds`` saved."""
        named = ("mean", "scale", "figures", "tokens", "bias")
        stored = {name: weights[f"kind_{name}"].astype(np.float64) for name in named}
        return cls(names=tuple(weights["kind_names"].tolist()), **stored)

    def probabilities(self, measured: Floats, rows: Longs) -> Floats:
        """How likely each kind is, shape (k,): ``measured`` by ``page_figures``, ``rows`` by ``page_tokens``."""
        scores = self.figures @ ((measured - self.mean) / self.scale) + self.bias
        scores += self.tokens[:, rows].sum(axis=1) / np.sqrt(max(rows.size, 1))
        likely = np.exp(scores - scores.max())
        probabilities: Floats = likely / likely.sum()
        return probabilities


def learned_kind(model: KindModel, page: Page, prepared: Prepared, nodes: Iterable[Node]) -> PageKind:
    """The kind of a page with at least one block, among those that people wrote down."""
    likely = model.probabilities(page_figures(prepared), page_tokens(page, prepared, nodes))
    best = int(np.argmax(likely))
    return PageKind(model.names[best], round(float(likely[best]), 3))


def no_content(page: Page, kept_words: float) -> PageKind | None:
    """Whether it is an error or consent page: ``kept_words`` is how much of it the cleaner kept."""
    if kept_words > _FEW:
        return None
    said = " ".join((page.head.title, *page.texts[:40]))[:4000]
    for name, pattern in (("error", _ERROR), ("consent", _CONSENT)):
        if pattern.search(said):
            return PageKind(name, 0.95 if kept_words <= _FEW / 3 else 0.8)
    return None


def page_figures(prepared: Prepared) -> Floats:
    """Figures of the whole page, shape (d,)."""
    base, words = prepared.base, prepared.words
    n, total = words.size, words.sum()
    group = base[:, f.AT_GROUP]
    sums = prepared.statistics.table.sum(axis=0)
    counts, place = _count_blocks(base, words, prepared.statistics.table)
    headings = np.float32(counts[_HEADINGS])
    figures = [
        *base[0, f.AT_PAGE : f.AT_PAGE + f.PAGE - 1],
        base[0, f.AT_CANDIDATE + 4], base[0, f.AT_CANDIDATE + 9],
        np.log1p(counts[_PROSE]), counts[_PROSE_WORDS] / total, np.log1p(counts[_PROSE_WORDS]), words.max(),
        np.log1p(headings), headings / np.float32(n), np.log1p(base[0, f.AT_PLACE + f.ARTICLES]),
        sums[ts.DIGITS] / max(sums[ts.CHARS], 1.0), sums[ts.QUESTION] / total,
        sums[ts.STOP_WORDS] / total, sums[ts.STARTS_DIGIT] / n, counts[_SHORT] / n,
        group.mean(), group.max(), base[:, 2].mean(), np.log1p(sums[ts.LINES]),
        counts[_AGAIN] / n,
    ]  # fmt: skip
    below, kinds = place[f.PLACE - ANCESTORS :], place[: f.KIND_COLUMNS]
    return np.concatenate((figures, below / total, kinds / total)).astype(np.float64)


_PROSE, _PROSE_WORDS, _HEADINGS, _SHORT, _AGAIN = range(5)


@leaf
def _fill_counts(base: f.Rows, words: Floats, table: Floats, counts: Floats, place: Floats) -> None:
    for b in range(words.size):
        if words[b] >= 20 and base[b, 2] < np.float32(0.3) and table[b, ts.ENDS_STOP] > 0:
            counts[_PROSE] += 1
            counts[_PROSE_WORDS] += words[b]
        counts[_HEADINGS] += base[b, f.AT_PLACE + f.HEADING]
        counts[_SHORT] += words[b] <= 3
        counts[_AGAIN] += base[b, f.AT_FREQUENCY + 2] > 1
        for column in range(place.size):
            place[column] += words[b] * base[b, f.AT_PLACE + column]


def _count_blocks(base: f.Rows, words: Floats, table: Floats) -> tuple[Floats, Floats]:
    """How many blocks, or words of blocks, are such and such; the sum of each column of the place, weighted by words.

    What is read of these sums is whole numbers, which no order of adding changes.
    """
    counts, place = np.zeros(5), np.zeros(f.PLACE)
    _fill_counts(base, words, table, counts, place)
    return counts, place


def page_tokens(page: Page, prepared: Prepared, nodes: Iterable[Node]) -> Longs:
    """The distinct rows of the table of hashed names that the page touches: of its elements, and of what it says."""
    meta = page.meta
    nodes = tuple(nodes)
    said = {f"type {name}" for node in nodes for name in types_of(node)}
    said |= {f"og {meta.get('og:type', '').lower()}", f"made by {meta.get('generator', '').lower()[:12]}"}
    said.add(f"nodes {min(len(nodes), 20)}")
    own = [zlib.crc32(text.encode("utf-8", "replace")) & (TOKENS - 1) for text in said]
    touched = np.zeros(TOKENS, dtype=np.bool_)
    touched[own] = touched[prepared.paths.tokens & np.uint32(TOKENS - 1)] = True
    rows: Longs = np.flatnonzero(touched)
    return rows
