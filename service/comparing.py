"""Two stored texts beside each other, aligned as the detector aligns them."""

from __future__ import annotations

from detector import Entry, Passage
from detector.dedup import matches, sketch, tokenise
from detector.passages import side_by_side


def passages_between(later: str, earlier: str) -> list[Passage]:
    """The passages of both texts in the later one's order; aligned anew, for stored offsets count in what was then."""
    found = matches(_entry("later", later), [_entry("earlier", earlier)], related=True)
    return side_by_side(later, earlier, found[0].spans if found else ())


def _entry(name: str, text: str) -> Entry:
    return Entry(name, text, sketch(tokenise(text)), kept=True)
