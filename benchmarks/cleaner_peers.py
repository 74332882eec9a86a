"""The cleaner beside the usual extractors: the same pages, the same measures, one run; what accuracy.py cleaner prints.

copytaster goes by the models of the fold that has not seen the page's site, never by the shipped weights, which learned
from these pages. Brackets: 95% of bootstrap samples of pages.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bootstrap import SEED, with_interval
from benchmarks.cleaner import (
    Row,
    clean_unseen,
    credit_outcomes,
    judge,
    judge_clean,
    kind_outcomes,
    stated_credits,
)
from benchmarks.extractors import Credits, Extract, Extractor, Page, credits_of, installed, named, text_of
from benchmarks.folds import all_folds
from benchmarks.tables import table


@dataclass(frozen=True, slots=True)
class Judged:
    """One extractor's results, a page each."""

    rows: list[Row]
    failed: int

    def mean(self, of: Callable[[Row], float], kind: str | None = None) -> str:
        """A measure's mean over the pages of a kind, or of all of them, with its interval."""
        return with_interval(of(row) for row in self.rows if kind in (None, row.kind))


def report(data: Path, cache: Path | None = None, pages: int | None = None) -> str:
    """The tables, in Markdown; ``pages`` measures so many instead of all, drawn with a fixed seed."""
    folds = all_folds(data, cache)
    if pages is not None and pages < len(folds.pages):
        folds = folds.only(random.Random(SEED).sample(folds.pages, pages))
    peers, missing = installed()
    own = Judged([judge_clean(clean_unseen(folds, page), page) for page in folds.pages], 0)
    sections = [
        _text_tables(folds.pages, own, peers),
        _credits_table([page for page in folds.pages if page["page_type"] == "article"], peers),
        _kind_table(own.rows),
    ]
    return "\n\n".join([*sections, *missing])


def _text_tables(pages: list[Page], own: Judged, peers: dict[str, Extractor]) -> str:
    judged = {named("copytaster"): own} | {name: _judged(peer.extract, pages) for name, peer in peers.items()}
    kinds = sorted({page["page_type"] for page in pages})
    count = {kind: sum(page["page_type"] == kind for page in pages) for kind in kinds}
    by_kind = [[name, *(found.mean(_f1, kind) for kind in kinds)] for name, found in judged.items()]
    header = ["extractor", f"articles ({count.get('article', 0)})", f"all kinds ({len(pages):,})",
              "`with` kept", "`without` gone", "articles: copytaster ahead by", "failed"]  # fmt: skip
    return "\n\n".join(
        [
            _ABOUT,
            table(header, [_text_row(name, found, own) for name, found in judged.items()]),
            "Word F1 by kind of page.",
            table(["extractor", *(f"{kind} ({count[kind]})" for kind in kinds)], by_kind),
        ]
    )


_ABOUT = """Mean word F1 on the pages of the WCXB development set, whole ways from page to text; of its articles also
the share of snippets that must stay and do, and of those that must go and do."""


def _f1(row: Row) -> float:
    return row.word_f1


def _text_row(name: str, found: Judged, own: Judged) -> list[str]:
    ahead = [
        mine.word_f1 - theirs.word_f1
        for mine, theirs in zip(own.rows, found.rows, strict=True)
        if mine.kind == "article"
    ]
    return [
        name,
        found.mean(_f1, "article"),
        found.mean(_f1),
        found.mean(lambda row: row.with_kept, "article"),
        found.mean(lambda row: row.without_gone, "article"),
        with_interval(ahead) if found is not own else "",
        str(found.failed),
    ]


def _judged(extract: Extract, pages: list[Page]) -> Judged:
    texts = [text_of(extract, page) for page in pages]
    rows = [judge(text or "", page) for text, page in zip(texts, pages, strict=True)]
    return Judged(rows, texts.count(None))


def _credits_table(articles: list[Page], peers: dict[str, Extractor]) -> str:
    said: dict[str, list[Credits]] = {named("copytaster"): [stated_credits(page) for page in articles]}
    said |= {name: [credits_of(peer, page) for page in articles] for name, peer in peers.items() if peer.credits}
    rows = []
    for name, found in said.items():
        for what, outcomes in credit_outcomes(articles, found).items():
            shares = [with_interval(float(one == wanted) for one in outcomes) for wanted in _OUTCOMES]
            rows.append([name, f"{what} ({len(outcomes)})", *shares])
    rows.sort(key=lambda row: row[1])
    about = "Author and day of publication, of the articles for which people wrote them down; the others read none."
    return f"{about}\n\n{table(['extractor', 'what', 'right', 'otherwise', 'not found'], rows)}"


_OUTCOMES = ("right", "wrong", "missing")


def _kind_table(rows: list[Row]) -> str:
    lines = [[name.replace("_", " "), with_interval(values)] for name, values in kind_outcomes(rows).items()]
    about = "Kind of page, one of seven, which no other tells; surely: with a confidence of 0.9 or more."
    return f"{about}\n\n{table(['measure', 'share of pages'], lines)}"
