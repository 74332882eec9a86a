"""The usual extractors behind one signature: a page in, its main text out; and what they say of author and day.

They come with ``pip install 'copytaster[bench]'``, into an environment of their own; one that is missing is named.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from importlib.metadata import version
from typing import Any

from lxml import html

Page = dict[str, Any]
Extract = Callable[[Page], str]
Credits = tuple[str | None, datetime | None]  # author, moment of publication


@dataclass(frozen=True, slots=True)
class Extractor:
    """A library in one of its variants."""

    extract: Extract
    credits: Callable[[Page], Credits] | None = None  # None where it reads none


def installed() -> tuple[dict[str, Extractor], list[str]]:
    """The extractors that are here, by name and version, and a sentence for each that is not."""
    warnings.simplefilter("ignore")  # their own, of which there are many
    logging.disable(logging.CRITICAL)
    found: dict[str, Extractor] = {}
    missing = []
    for package, load in _PEERS.items():
        try:
            made = load()
        except ImportError as error:
            missing.append(f"{package} was not measured: {error}; run: pip install 'copytaster[bench]'")
        else:
            found |= {f"{named(package)}{variant}": extractor for variant, extractor in made.items()}
    return found, missing


def named(package: str) -> str:
    """A package with its version."""
    return f"{package} {version(package)}"


def text_of(extract: Extract, page: Page) -> str | None:
    """The text of a page; None where the extractor fails on it, which the tables say."""
    try:
        return extract(page)
    except Exception:  # noqa: BLE001, RUF100  # whatever a peer raises
        return None


def credits_of(extractor: Extractor, page: Page) -> Credits:
    """Author and moment of publication; a failure finds neither."""
    try:
        return extractor.credits(page) if extractor.credits else (None, None)
    except Exception:  # noqa: BLE001, RUF100  # whatever a peer raises
        return None, None


def _trafilatura() -> dict[str, Extractor]:
    extract = import_module("trafilatura").extract
    metadata = import_module("trafilatura.metadata").extract_metadata

    def credits(page: Page) -> Credits:  # noqa: A001  # no use for the site's builtin of that name
        found = metadata(page["html"], default_url=page["url"])
        return (found.author or None) and found.author.replace("; ", ", "), _moment(found.date)

    return {
        "": Extractor(lambda page: extract(page["html"], include_comments=False) or "", credits),
        ", fast": Extractor(lambda page: extract(page["html"], include_comments=False, fast=True) or ""),
    }


def _moment(day: Any) -> datetime | None:
    moment = datetime.fromisoformat(day) if isinstance(day, str) and day else day
    if not isinstance(moment, datetime):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _resiliparse() -> dict[str, Extractor]:
    extract = import_module("resiliparse.extract.html2text").extract_plain_text

    return {"": Extractor(lambda page: extract(page["html"], main_content=True, alt_texts=False))}


def _readability() -> dict[str, Extractor]:
    document = import_module("readability").Document

    return {"": Extractor(lambda page: "\n".join(html.fromstring(document(page["html"]).summary()).itertext()))}


def _newspaper() -> dict[str, Extractor]:
    article_of = import_module("newspaper").Article

    def parsed(page: Page) -> Any:
        article = article_of(page["url"] or "https://example.org/", language="en", fetch_images=False)
        article.download(input_html=page["html"])
        article.parse()
        return article

    def credits(page: Page) -> Credits:  # noqa: A001
        article = parsed(page)
        return ", ".join(article.authors) or None, _moment(article.publish_date)

    return {"": Extractor(lambda page: str(parsed(page).text), credits)}


def _justext() -> dict[str, Extractor]:
    justext = import_module("justext")
    stopwords = justext.get_stoplist("English")

    def extract(page: Page) -> str:
        paragraphs = justext.justext(page["html"], stopwords)
        return "\n".join(paragraph.text for paragraph in paragraphs if not paragraph.is_boilerplate)

    return {"": Extractor(extract)}


_PEERS: dict[str, Callable[[], dict[str, Extractor]]] = {
    "trafilatura": _trafilatura,
    "resiliparse": _resiliparse,
    "readability-lxml": _readability,
    "newspaper4k": _newspaper,
    "justext": _justext,
}
