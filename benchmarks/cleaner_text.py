"""Text without markup, and pages and texts in languages that nobody speaks; what accuracy.py text prints.

The reviewed pages are English nearly throughout, and no others are at hand: so every word is replaced by a made-up one
(``detector.train.disguise``), on the page and in what people reviewed of it. Where words are written without blanks
between them, F1 is that of characters. All models are those of folds that have not seen a page's site. Brackets: 95% of
bootstrap samples of pages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from benchmarks.bootstrap import with_interval
from benchmarks.extractors import Page, installed, named, text_of
from benchmarks.folds import Folds, all_folds, page_fold
from benchmarks.tables import table
from detector.clean.page import clean_with
from detector.train.alignment import word_f1
from detector.train.disguise import DISGUISES, Disguise
from detector.train.line_model import WAYS, Flat, disguised, judge_lines, make_flat
from detector.train.pages import FOLDS

_RULES = (2, 3, 5, 8, 10, 12, 15, 20)  # words that a line must have, of which the best for these very pages counts
_FOLD = 0  # of which the pages are read in every language
_IDEOGRAPH = re.compile(r"([\u4e00-\u9fff])")
MEASURED = {"word_f1": None, "word_f1_latin": DISGUISES["latin"], "f1_spaceless": DISGUISES["spaceless"]}
LANGUAGES: dict[str, Disguise | None] = {"as it is": None} | DISGUISES


def measure(data: Path, *, quick: bool, cache: Path | None = None) -> dict[str, float]:
    """The figures for the table; ``quick`` learns from a third of the articles and measures one fold."""
    folds = all_folds(data, cache)
    chosen = list(range(FOLDS))
    if quick:
        folds, chosen = Folds([page for page in folds.pages if page["page_type"] == "article"][::3]), [0]
    return {
        f"lines_flattened_{name}_cv": float(np.mean([f1 for _, _, f1 in judge_flattened(folds, chosen, disguise)]))
        for name, disguise in MEASURED.items()
    }


def report(data: Path, cache: Path | None = None) -> str:
    """The tables, in Markdown."""
    folds = all_folds(data, cache)
    return "\n\n".join([_flattened_table(folds), _text_languages(folds), _page_languages(folds)])


def judge_flattened(
    folds: Folds, chosen: Iterable[int], disguise: Disguise | None = None
) -> list[tuple[str, str, float]]:
    """Id, way of stripping and F1 of the articles of ``chosen`` folds as text without markup."""
    found: list[tuple[str, str, float]] = []
    for fold in chosen:
        held_out = [sample for sample in folds.articles if sample.fold == fold]
        if disguise is not None:
            held_out = [disguised(sample, disguise) for sample in held_out]
        flats = (make_flat(sample, way) for sample in held_out for way in WAYS)
        found += judge_lines(folds.lines(fold), flats, f1_for(disguise))
    return found


def f1_for(disguise: Disguise | None) -> Callable[[str, str], float]:
    """The F1 of words, or that of characters where words are written without blanks."""
    return word_f1 if disguise is None or disguise.blanks else _character_f1


def _character_f1(text: str, truth: str) -> float:
    return word_f1(_IDEOGRAPH.sub(r" \1 ", text), _IDEOGRAPH.sub(r" \1 ", truth))


def _flattened_table(folds: Folds) -> str:
    """Flattened text, for which the others have nothing: copytaster, everything, and the best rule of one number."""
    flats = [make_flat(sample, way) for sample in folds.articles for way in WAYS]
    rules = {least: _by_length(flats, least) for least in (0, *_RULES)}
    best = max(_RULES, key=lambda least: np.mean(list(rules[least].values())))
    found = {
        "copytaster, line model": {(name, way): f1 for name, way, f1 in judge_flattened(folds, range(FOLDS))},
        "identity": rules[0],
        f"lines of {best} words or more, the best such rule": rules[best],
    }
    rows = [[name, *(with_interval(_of_way(f1, way)) for way in (None, *WAYS))] for name, f1 in found.items()]
    about = "Word F1 of the articles' pages as text without markup, whose tags were stripped in three ways."
    return f"{about}\n\n{table(['rule', 'all ways', *WAYS], rows)}"


def _by_length(flats: list[Flat], least: int) -> dict[tuple[str, str], float]:
    """Word F1 of each text when lines of fewer than ``least`` words go."""
    found = {}
    for flat in flats:
        kept = "\n".join(line for line in flat.texts if len(line.split()) >= least)
        found[flat.id, flat.way] = word_f1(kept, flat.main_content)
    return found


def _of_way(found: dict[tuple[str, str], float], way: str | None) -> list[float]:
    """The scores of one way, or the means over all ways, a page each."""
    pages: dict[str, list[float]] = {}
    for (name, of), f1 in found.items():
        if way in (None, of):
            pages.setdefault(name, []).append(f1)
    return [float(np.mean(scores)) for scores in pages.values()]


def _text_languages(folds: Folds) -> str:
    rows = []
    for name, disguise in LANGUAGES.items():
        found = {(page, way): f1 for page, way, f1 in judge_flattened(folds, range(FOLDS), disguise)}
        rows.append([name, *(with_interval(_of_way(found, way)) for way in (None, *WAYS))])
    about = "The same by the line model with every word replaced by a made-up one."
    return f"{about}\n\n{table(['script', 'all ways', *WAYS], rows)}"


def _page_languages(folds: Folds) -> str:
    pages = [page for page in folds.pages if page_fold(page) == _FOLD]
    peers, _ = installed()
    model = folds.blocks(_FOLD)
    extracts = {named("copytaster"): lambda page: clean_with(model, page["html"], page["url"]).text}
    extracts |= {name: peer.extract for name, peer in peers.items() if name.startswith("trafilatura")}
    rows = []
    for name, disguise in LANGUAGES.items():
        read = pages if disguise is None else [_disguised_page(page, disguise) for page in pages]
        f1 = f1_for(disguise)
        scores = {
            by: [f1(text_of(extract, page) or "", page["main_content"]) for page in read]
            for by, extract in extracts.items()
        }
        of_articles = [page["page_type"] == "article" for page in pages]
        for by, found in scores.items():
            articles = [score for score, article in zip(found, of_articles, strict=True) if article]
            rows.append([name, by, with_interval(articles), with_interval(found)])
    count = sum(page["page_type"] == "article" for page in pages)
    about = f"Whole ways from page to text on the pages of one fold ({count} articles, {len(pages)} of all kinds)."
    return f"{about}\n\n{table(['script', 'extractor', 'articles', 'all kinds'], rows)}"


def _disguised_page(page: Page, disguise: Disguise) -> Page:
    return page | {"html": disguise.page(page["html"]), "main_content": disguise.text(page["main_content"])}
