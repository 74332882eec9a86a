"""The cleaner on pages of sites that its model has not seen: word F1 as WCXB defines it, and kept and dropped snippets.

Cross-validated over registered domains: for each fold a model is learned from the other folds' sites, and the fold's
pages go the whole way of ``clean_html`` with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.extractors import Credits, Page
from benchmarks.folds import Folds, all_folds, page_fold
from detector.clean.blocks import read_blocks
from detector.clean.credits import read_credits
from detector.clean.guard import guard
from detector.clean.ldjson import read_nodes
from detector.clean.page import clean_with
from detector.records import CleanText
from detector.train.alignment import word_f1
from detector.train.pages import FOLDS


@dataclass(frozen=True, slots=True)
class Row:
    """One page's text against what people reviewed."""

    id: str
    kind: str
    word_f1: float
    with_kept: float  # share of the snippets that must stay and do
    without_gone: float  # share of the snippets that must go and do
    said_kind: str | None = None  # what copytaster says of its kind
    sure: float = 0.0  # and with what confidence


def measure(data: Path, *, quick: bool, cache: Path | None = None) -> dict[str, float]:
    """The figures for the table; ``quick`` measures one fold, by models of all articles and a quarter of other pages.

    ``cache`` keeps the models of the full variant (``benchmarks.folds``).
    """
    folds = all_folds(data, cache)
    articles = [page for page in folds.pages if page["page_type"] == "article"]
    if quick:
        folds = Folds(articles + [page for page in folds.pages if page["page_type"] != "article"][::4])
    chosen = [0] if quick else list(range(FOLDS))
    rows = cross_validate(folds, chosen)
    of_articles = [row for row in rows if row.kind == "article"]
    figures = {
        "cleaner_articles_word_f1_cv": _mean(row.word_f1 for row in of_articles),
        "cleaner_with_snippets_kept": _mean(row.with_kept for row in of_articles),
        "cleaner_without_snippets_gone": _mean(row.without_gone for row in of_articles),
    }
    figures |= measure_credits(articles)
    figures |= {f"cleaner_{name}": _mean(values) for name, values in kind_outcomes(rows).items()}
    if not quick:
        figures["cleaner_all_word_f1_cv"] = _mean(row.word_f1 for row in rows)
    return figures


def kind_outcomes(rows: list[Row]) -> dict[str, list[float]]:
    """Of copytaster's rows, by measure: whether the kind is right, and whether a sure word on it is wrong (1 or 0)."""
    sure = [row.said_kind if row.sure >= _SURE else None for row in rows]
    articles = [row.kind == "article" for row in rows]
    return {
        "kind_right": [float(row.said_kind == row.kind) for row in rows],
        "article_or_not_right": [
            float((row.said_kind == "article") == article) for row, article in zip(rows, articles, strict=True)
        ],
        "articles_surely_called_other": [
            float(said not in (None, "article")) for said, article in zip(sure, articles, strict=True) if article
        ],
        "others_surely_called_article": [
            float(said == "article") for said, article in zip(sure, articles, strict=True) if not article
        ],
    }


_SURE = 0.9  # confidence


def measure_credits(articles: list[Page]) -> dict[str, float]:
    """Of the articles whose author or day people wrote down: the share read right, and the share read otherwise."""
    outcomes = credit_outcomes(articles, [stated_credits(page) for page in articles])
    return {
        f"cleaner_{name}_{outcome}": found.count(outcome) / len(found)
        for name, found in outcomes.items()
        for outcome in ("right", "wrong")
    }


def stated_credits(page: Page) -> Credits:
    """Author and moment of publication as copytaster reads them; no model has a part in it."""
    guarded = guard(page["html"])
    found = read_credits(read_blocks(guarded.markup), read_nodes(guarded.ldjson), page["url"])
    return found.author, found.published


def credit_outcomes(articles: list[Page], found: list[Credits]) -> dict[str, list[str]]:
    """``right``, ``wrong`` or ``missing`` for each article whose author, or day, people wrote down.

    A moment counts for a day that holds it in some time zone: pages state moments, people wrote local days.
    """
    authors = [
        _outcome(author, _same_names(author or "", page["author"]))
        for page, (author, _) in zip(articles, found, strict=True)
        if page["author"]
    ]
    days = [
        _outcome(moment, moment is not None and _within(moment, page["publish_date"]))
        for page, (_, moment) in zip(articles, found, strict=True)
        if len(page["publish_date"] or "") == len("2026-01-31")  # two labels know the month alone
    ]
    return {"author": authors, "published": days}


def _outcome(found: object, right: bool) -> str:
    return "missing" if found is None else "right" if right else "wrong"


def _same_names(one: str, other: str) -> bool:
    """Whether two statements name the same people, whatever stands between the names and in whatever order."""
    return _name_words(one) == _name_words(other)


def _name_words(names: str) -> list[str]:
    return sorted(set(re.findall(r"\w+", names.casefold())) - {"and", "by", "und", "y", "et"})


def _within(moment: datetime, day: str) -> bool:
    midnight = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return midnight - timedelta(hours=14) <= moment < midnight + timedelta(hours=36)


def cross_validate(folds: Folds, chosen: Iterable[int]) -> list[Row]:
    """A row for every page of ``chosen`` folds."""
    return [
        judge_clean(clean_unseen(folds, page), page)
        for fold in chosen
        for page in folds.pages
        if page_fold(page) == fold
    ]


def clean_unseen(folds: Folds, page: Page) -> CleanText:
    """A page's whole way by the models that have not seen its site."""
    return clean_with(folds.blocks(page_fold(page)), page["html"], page["url"])


def judge_clean(clean: CleanText, page: Page) -> Row:
    """What copytaster's text of a page is worth, and what it says of its kind."""
    return replace(judge(clean.text, page), said_kind=clean.page_kind, sure=clean.page_kind_confidence)


def judge(text: str, page: Page) -> Row:
    """What an extractor's ``text`` of a page is worth, whoever made it."""
    flat = _flat(text)
    kept = [_flat(snippet) in flat for snippet in page["with"]]
    gone = [_flat(snippet) not in flat for snippet in page["without"]]
    return Row(
        page["id"],
        page["page_type"],
        word_f1(text, page["main_content"]),
        float(np.mean(kept)) if kept else 1.0,
        float(np.mean(gone)) if gone else 1.0,
    )


def _flat(text: str) -> str:
    """Letters and digits alone: reviewers' snippets differ from their pages in quotation marks and blanks."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


def _mean(values: Iterable[float]) -> float:
    return float(np.mean(list(values)))
