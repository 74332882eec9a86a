"""How much of an item is worth printing, sentence by sentence."""

from __future__ import annotations

from detector.quality.item import shipped_model
from detector.records import Quality


def assess(text: str, *, title: str = "", language: str | None = None) -> Quality:
    """Judge ``text`` as a careful editor would: a score, a label, and why, down to the sentence.

    ``text`` is cleaned text whose paragraphs are joined by a blank line, and every sentence of the answer is a
    slice of it. ``language`` is a declared BCP 47 tag. Only English is assessed: a text that is declared or
    recognised as another language, or whose language cannot be told, comes back as ``not_assessed`` with score 0.
    """
    return shipped_model().assess(text, title=title, language=language)
