"""A piece that the cleaner took off, put back where the page had it; what was said of the text moves along.

Pure: of a stored item's text, HTML and answer, to those with the piece.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup

_KEY = 60  # letters by which a piece is known again in the page
_NAMES = ("start", "end")


@dataclass(frozen=True, slots=True)
class Restored:
    """An item's text with a piece more."""

    text: str
    html: str
    answer: dict[str, Any]
    matches: tuple[dict[str, Any], ...]


def restored(
    body: str, text: str, fragment: str, answer: Mapping[str, Any], matches: Sequence[Mapping[str, Any]], piece: int
) -> Restored:
    """``piece`` is the place in the answer's list of dropped ones; raises IndexError when there is none."""
    dropped = list(answer["cleaned"]["dropped"])
    given = dropped.pop(piece)["text"].strip()
    paragraphs = text.split("\n\n") if text else []
    place = _place(body, paragraphs, given)
    at = len("\n\n".join(paragraphs[:place])) + (2 if 0 < place < len(paragraphs) else 0)
    longer = "\n\n".join([*paragraphs[:place], given, *paragraphs[place:]])
    by = len(longer) - len(text)
    quality = answer["quality"] | {"filler": [_moved(one, at, by) for one in answer["quality"]["filler"]]}
    cleaned = answer["cleaned"] | {"text": longer, "dropped": dropped}
    following = paragraphs[place] if place < len(paragraphs) else None
    return Restored(
        longer,
        _with_paragraph(fragment, given, following),
        {**answer, "quality": quality, "cleaned": cleaned},
        tuple({**match, "passages": [_moved(one, at, by) for one in match["passages"]]} for match in matches),
    )


def _place(body: str, paragraphs: Sequence[str], piece: str) -> int:
    """Before which paragraph the piece stands in the page; behind the last one where that cannot be told."""
    page = _letters(BeautifulSoup(body, "lxml").get_text(" ") if "<" in body else body)
    found = page.find(_letters(piece)[:_KEY])
    if found < 0:
        return len(paragraphs)
    places = [page.find(_letters(paragraph)[:_KEY]) for paragraph in paragraphs]
    return next((place for place, at in enumerate(places) if at > found), len(paragraphs))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _moved(one: Mapping[str, Any], at: int, by: int) -> dict[str, Any]:
    return {**one, **{name: one[name] + (by if one[name] >= at + (name == "end") else 0) for name in _NAMES}}


def _with_paragraph(fragment: str, given: str, following: str | None) -> str:
    added = f"<p>{html.escape(given)}</p>"
    soup = BeautifulSoup(fragment, "html.parser")
    key = _letters(following)[:_KEY] if following else ""
    for block in soup.find_all(True, recursive=False):
        if key and _letters(block.get_text(" ")).startswith(key):
            block.insert_before(BeautifulSoup(added, "html.parser"))
            return str(soup)
    return f"{fragment}{added}"
