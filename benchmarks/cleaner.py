"""The cleaner on pages of sites that its model has not seen: word F1 as WCXB defines it, and kept and dropped snippets.

Cross-validated over registered domains: for each fold a model is learned from the other folds' sites, and the fold's
pages go the whole way of ``clean_html`` with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from detector.clean.blocks import read_blocks
from detector.clean.content import BlockModel
from detector.clean.credits import read_credits
from detector.clean.guard import guard
from detector.clean.ldjson import read_nodes
from detector.clean.page import clean_html, clean_with
from detector.models import Weights
from detector.train.alignment import word_f1
from detector.train.block_model import Linear, fit_model
from detector.train.line_model import cross_validate_lines
from detector.train.pages import FOLDS, Sample, fold_of, measure_pages, read_pages, site_of


@dataclass(frozen=True, slots=True)
class Row:
    """One page's text against what people reviewed."""

    id: str
    kind: str
    word_f1: float
    with_kept: float  # share of the snippets that must stay and do
    without_gone: float  # share of the snippets that must go and do


def measure(data: Path, *, quick: bool) -> dict[str, float]:
    """The figures for the table; ``quick`` measures one fold of the articles alone, with models of articles alone."""
    pages = list(read_pages(data))
    if quick:
        pages = [page for page in pages if page["page_type"] == "article"]
    samples = measure_pages(pages)
    folds = [0] if quick else range(FOLDS)
    rows = cross_validate(pages, samples, folds)
    articles = [row for row in rows if row.kind == "article"]
    lines = cross_validate_lines(samples[::3] if quick else samples, folds)
    figures = {
        "cleaner_articles_word_f1_cv": _mean(row.word_f1 for row in articles),
        "cleaner_with_snippets_kept": _mean(row.with_kept for row in articles),
        "cleaner_without_snippets_gone": _mean(row.without_gone for row in articles),
        "lines_flattened_word_f1_cv": _mean(f1 for _, _, f1 in lines),
    }
    figures |= measure_credits([page for page in pages if page["page_type"] == "article"])
    if not quick:
        figures["cleaner_all_word_f1_cv"] = _mean(row.word_f1 for row in rows)
    return figures


def measure_credits(articles: list[dict[str, Any]]) -> dict[str, float]:
    """Of the articles whose author or day people wrote down: the share read right, and the share read otherwise.

    A moment counts for a day that holds it in some time zone: pages state moments, people wrote local days.
    """
    said = []
    for page in articles:
        guarded = guard(page["html"])
        said.append(read_credits(read_blocks(guarded.markup), read_nodes(guarded.ldjson), page["url"]))
    authors = [
        _outcome(found.author, _same_names(found.author or "", page["author"]))
        for page, found in zip(articles, said, strict=True)
        if page["author"]
    ]
    days = [
        _outcome(found.published, found.published is not None and _within(found.published, page["publish_date"]))
        for page, found in zip(articles, said, strict=True)
        if len(page["publish_date"] or "") == len("2026-01-31")  # two labels know the month alone
    ]
    return {
        f"cleaner_{name}_{outcome}": outcomes.count(outcome) / len(outcomes)
        for name, outcomes in (("author", authors), ("published", days))
        for outcome in ("right", "wrong")
    }


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


def cross_validate(pages: list[dict[str, Any]], samples: list[Sample], folds: Iterable[int]) -> list[Row]:
    """A row for every page of ``folds``."""
    linear = Linear.of(samples)
    rows: list[Row] = []
    for fold in folds:
        model = model_without(fold, samples, linear)
        unseen = [page for page in pages if fold_of(site_of(page)) == fold]
        rows += [judge(clean_with(model, page["html"], page["url"]).text, page) for page in unseen]
    return rows


def model_without(fold: int, samples: list[Sample], linear: Linear) -> BlockModel:
    """A model that was learned from the sites of all other folds."""
    return BlockModel.from_weights(Weights(fit_model(samples, linear, (fold,)), {}, f"without fold {fold}"))


def shipped_floor(data: Path) -> float:
    """Mean word F1 of the shipped weights on every eighth article: a smoke test, for they have learned from these."""
    articles = [page for page in read_pages(data) if page["page_type"] == "article"][::8]
    return _mean(word_f1(clean_html(page["html"], url=page["url"]).text, page["main_content"]) for page in articles)


def judge(text: str, page: dict[str, Any]) -> Row:
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
