"""The cleaner beside the usual extractors: the same pages, the same measures, one run.

    python benchmarks/peers.py [--pages N | --all] [--data DIR] [--cache DIR] [--write]

copytaster goes by the model of the fold that has not seen the page's site, never by the shipped weights, which learned
from these pages. Learning five models takes some ten minutes; ``--cache`` keeps them in DIR (delete it when a feature
or the learning changes). The others come with ``pip install 'copytaster[bench]'``; one that is missing is named and
left out. Every page goes through all of them before the next one, so that a busy machine slows all alike.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import random
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from lxml import html

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from benchmarks.cleaner import Row, judge, model_without  # noqa: E402  # the repo's root must be found first
from detector.clean.content import BlockModel  # noqa: E402
from detector.clean.page import clean_with  # noqa: E402
from detector.models import Weights  # noqa: E402
from detector.train.block_model import Linear, fit_model  # noqa: E402
from detector.train.pages import FOLDS, fold_of, measure_pages, read_pages, site_of  # noqa: E402

RESULTS = HERE / "results" / "peers.md"
_SEED = 20261122
_RESAMPLES = 5000

Page = dict[str, Any]
Extract = Callable[[Page], str]


@dataclass(slots=True)
class Measured:
    """One extractor's results, a page each."""

    rows: list[Row] = field(default_factory=list)
    milliseconds: list[float] = field(default_factory=list)
    failed: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=150, help="how many article pages, drawn with a fixed seed")
    parser.add_argument("--all", action="store_true", help="all article pages")
    parser.add_argument("--data", type=Path, default=HERE.parent.parent / "shared" / "data")
    parser.add_argument("--cache", type=Path, help="a folder that keeps the five models for the next run")
    parser.add_argument("--write", action="store_true", help="write the table to benchmarks/results")
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"no data at {options.data}: nothing was measured; name its folder with --data")
        return 2
    warnings.simplefilter("ignore")  # the peers' own, of which there are many
    logging.disable(logging.CRITICAL)
    peers, missing = _installed()
    for line in missing:
        print(line)
    articles = [page for page in read_pages(options.data) if page["page_type"] == "article"]
    count = len(articles) if options.all else min(options.pages, len(articles))
    pages = random.Random(_SEED).sample(articles, count)
    models = _models(options.data, options.cache)
    ours = {_named("copytaster"): lambda page: clean_with(models[_fold(page)], page["html"], page["url"]).text}
    report = _report(_measure(ours | peers, pages), pages, missing)
    print(report)
    if options.write:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(report)
    return 0


def _fold(page: Page) -> int:
    return fold_of(site_of(page))


def _models(data: Path, cache: Path | None) -> list[BlockModel]:
    """The model without each fold, from ``cache`` where it has all of them."""
    files = [cache / f"fold-{fold}.npz" for fold in range(FOLDS)] if cache else []
    if files and all(file.exists() for file in files):
        return [_load(file) for file in files]
    samples = measure_pages(read_pages(data))
    linear = Linear.of(samples)
    if not cache:
        return [model_without(fold, samples, linear) for fold in range(FOLDS)]
    cache.mkdir(parents=True, exist_ok=True)
    for fold, file in enumerate(files):
        if not file.exists():
            np.savez(file, **fit_model(samples, linear, (fold,)))
    return [_load(file) for file in files]


def _load(file: Path) -> BlockModel:
    with np.load(file, allow_pickle=False) as arrays:
        return BlockModel.from_weights(Weights(dict(arrays), {}, file.stem))


def _measure(extractors: dict[str, Extract], pages: list[Page]) -> dict[str, Measured]:
    measured = {name: Measured() for name in extractors}
    for extract in extractors.values():
        _extract(extract, pages[0])  # compiled and warm
    for page in pages:
        for name, extract in extractors.items():
            started = time.perf_counter()
            text = _extract(extract, page)
            measured[name].milliseconds.append((time.perf_counter() - started) * 1000)
            measured[name].failed += text is None
            measured[name].rows.append(judge(text or "", page))
    return measured


def _extract(extract: Extract, page: Page) -> str | None:
    try:
        return extract(page)
    except Exception:  # noqa: BLE001, RUF100  # a peer that fails on a page has no text of it, and the table says so
        return None


def _report(measured: dict[str, Measured], pages: list[Page], missing: list[str]) -> str:
    size = sum(len(page["html"]) for page in pages) / len(pages) / 1000
    machine = f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors"
    lines = [
        "# Beside other extractors",
        "",
        f"Written by `python benchmarks/peers.py --write`; {machine}, seed {_SEED}.",
        "",
        f"{len(pages)} article pages of the WCXB development set, {size:.0f} KB on average. copytaster by models that",
        "have not seen the page's site; every page through all extractors in turn. Brackets: 95% of bootstrap means.",
        "",
        "| extractor | mean word F1 | `with` kept | `without` gone | median ms | p99 ms | failed |",
        "|---|---|---|---|---|---|---|",
        *(_line(name, found) for name, found in measured.items()),
        *(["", *missing] if missing else []),
    ]
    return "\n".join(lines) + "\n"


def _line(name: str, found: Measured) -> str:
    scores = np.array([row.word_f1 for row in found.rows])
    low, high = _interval(scores)
    kept = np.mean([row.with_kept for row in found.rows])
    gone = np.mean([row.without_gone for row in found.rows])
    median, slow = np.percentile(found.milliseconds, [50, 99])
    return (
        f"| {name} | {scores.mean():.3f} [{low:.3f}, {high:.3f}] | {kept:.3f} | {gone:.3f} "
        f"| {median:.1f} | {slow:.0f} | {found.failed} |"
    )


def _interval(scores: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float]:
    """The 2.5th and 97.5th percentile of the means of resampled pages (Efron 1979)."""
    drawn = np.random.default_rng(_SEED).integers(0, scores.size, (_RESAMPLES, scores.size))
    low, high = np.percentile(scores[drawn].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def _installed() -> tuple[dict[str, Extract], list[str]]:
    """The extractors that are here, by name and version, and a sentence for each that is not."""
    found: dict[str, Extract] = {}
    missing = []
    for package, load in _PEERS.items():
        try:
            made = load()
        except ImportError as error:
            missing.append(f"{package} was not measured: {error}; run: pip install 'copytaster[bench]'")
        else:
            found |= {f"{_named(package)}{variant}": extract for variant, extract in made.items()}
    return found, missing


def _named(package: str) -> str:
    return f"{package} {version(package)}"


def _trafilatura() -> dict[str, Extract]:
    extract = import_module("trafilatura").extract

    return {
        "": lambda page: extract(page["html"], include_comments=False) or "",
        ", fast": lambda page: extract(page["html"], include_comments=False, fast=True) or "",
    }


def _resiliparse() -> dict[str, Extract]:
    extract = import_module("resiliparse.extract.html2text").extract_plain_text

    return {"": lambda page: extract(page["html"], main_content=True, alt_texts=False)}


def _readability() -> dict[str, Extract]:
    document = import_module("readability").Document

    return {"": lambda page: "\n".join(html.fromstring(document(page["html"]).summary()).itertext())}


def _newspaper() -> dict[str, Extract]:
    article_of = import_module("newspaper").Article

    def extract(page: Page) -> str:
        article = article_of(page["url"] or "https://example.org/", language="en", fetch_images=False)
        article.download(input_html=page["html"])
        article.parse()
        return str(article.text)

    return {"": extract}


def _justext() -> dict[str, Extract]:
    justext = import_module("justext")
    stopwords = justext.get_stoplist("English")

    def extract(page: Page) -> str:
        paragraphs = justext.justext(page["html"], stopwords)
        return "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)

    return {"": extract}


_PEERS: dict[str, Callable[[], dict[str, Extract]]] = {
    "trafilatura": _trafilatura,
    "resiliparse": _resiliparse,
    "readability-lxml": _readability,
    "newspaper4k": _newspaper,
    "justext": _justext,
}

if __name__ == "__main__":
    sys.exit(main())
