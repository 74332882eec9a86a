"""A text without markup → the article: units, line model, furniture lines, title, source memory."""

from __future__ import annotations

from functools import lru_cache

from detector.clean.lines import LineModel
from detector.clean.plain import is_binary, prepared
from detector.clean.sifting import sift
from detector.clean.source_memory import SourceMemory, without_repeats
from detector.models import shipped
from detector.records import CleanText, Reason

MAX_JUDGED = 20_000  # lines; those after it are kept unjudged


@lru_cache(maxsize=1)
def line_model() -> LineModel:
    """The line model that comes with the package."""
    return LineModel.from_weights(shipped("lines"))


def clean_text(text: str | bytes, *, source: SourceMemory | None = None) -> CleanText:
    """The article of a plain text: paragraphs, what was dropped and why. Never fails on any input.

    A headline on a line of its own above the text becomes ``title`` and is no paragraph. Cleaning the cleaned text
    again changes nothing, but for a text of more than 100 lines of which nearly each hangs on the one that went before:
    its notes say ``lines_unsettled``.
    """
    text, notes, complete = prepared(text)
    if is_binary(text):
        return CleanText("", (), notes=(*notes, Reason("binary", "the body is no text")))
    text, rest = _first_lines(text)
    if rest:
        notes += (Reason("lines_unjudged", f"the lines after the first {MAX_JUDGED} were kept unjudged"),)
    sifted = sift(text, line_model())
    if not sifted.settled:
        notes += (Reason("lines_unsettled", "lines were still going when judging ended; cleaning again may take more"),)
    paragraphs = (*sifted.units.written(), *rest)
    clean = CleanText(sifted.title, paragraphs, tuple(sifted.dropped), notes, complete)
    return clean if source is None else without_repeats(clean, source)


def _first_lines(text: str) -> tuple[str, list[str]]:
    """The part of a text that is judged, and the lines after it; those are only split."""
    if len(text) <= MAX_JUDGED or text.count("\n") + text.count("\r") <= MAX_JUDGED:
        return text, []
    lines = text.splitlines()
    return "\n".join(lines[:MAX_JUDGED]), [line.strip() for line in lines[MAX_JUDGED:] if line.strip()]
