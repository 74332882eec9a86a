"""A text without markup → the article: units, line model, furniture lines, title, source memory."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector.clean.decode import decode
from detector.clean.guard import is_binary, without_surrogates
from detector.clean.lines import (
    UNSURE,
    LineModel,
    choose_lines,
    has_suspects,
    in_transcript,
    is_headline,
    known_furniture,
    measure_lines,
)
from detector.clean.reasons import furniture, reasons_by_text
from detector.clean.source_memory import SourceMemory, without_repeats
from detector.clean.units import SHORT_LINE, Unit, is_canonical, paragraphs_of, read_units
from detector.models import shipped
from detector.records import CleanText, Dropped, Reason

MAX_CHARACTERS = 2 << 20  # of a text; the rest of a longer one is not read, and the text is said to be incomplete
MAX_JUDGED = 20_000  # lines; those after it are kept unjudged
# What is left is judged again without what went, as it will be written, until nothing more goes: so that cleaning the
# cleaned text changes nothing. Two or three rounds are usual, nine the most seen.
_ROUNDS = 16


@lru_cache(maxsize=1)
def line_model() -> LineModel:
    """The line model that comes with the package."""
    return LineModel.from_weights(shipped("lines"))


def clean_text(text: str | bytes, *, source: SourceMemory | None = None) -> CleanText:
    """The article of a plain text: paragraphs, what was dropped and why. Never fails on any input.

    A headline on a line of its own above the text becomes ``title`` and is no paragraph. Cleaning the cleaned text
    again changes nothing.
    """
    text, notes, complete = _prepare(text)
    if is_binary(text):
        return CleanText("", (), notes=(*notes, Reason("binary", "the body is no text")))
    text, rest = _first_lines(text)
    if rest:
        notes += (Reason("lines_unjudged", f"the lines after the first {MAX_JUDGED} were kept unjudged"),)
    units = read_units(text)
    dropped: list[Dropped] = []
    title = ""
    for _ in range(_ROUNDS):
        found = "" if title else _take_title(units)
        title = title or found
        units, gone = _sift(units)
        dropped += gone
        if not gone and not found and is_canonical(units):
            break
        again = read_units("\n\n".join(paragraphs_of(units)))
        if not gone and not found and again == units:
            break
        units = again
    paragraphs = (*paragraphs_of(units), *rest)
    clean = CleanText(title, paragraphs, tuple(dropped), notes, complete)
    return clean if source is None else without_repeats(clean, source)


def _prepare(text: str | bytes) -> tuple[str, tuple[Reason, ...], bool]:
    decoded: tuple[Reason, ...] = ()
    if isinstance(text, bytes):
        read = decode(text)
        text, decoded = read.text, read.notes
    text, notes = without_surrogates(text)
    notes = decoded + notes
    nuls = text.count("\0")
    if nuls:
        text = text.replace("\0", "")
        notes += (Reason("nul_characters", f"{nuls} NUL characters were removed"),)
    if len(text) <= MAX_CHARACTERS:
        return text, notes, True
    cut = Reason("page_cut", f"the text is longer than {MAX_CHARACTERS} characters; the rest was not read")
    return text[:MAX_CHARACTERS], (*notes, cut), False


def _first_lines(text: str) -> tuple[str, list[str]]:
    """The part of a text that is judged, and the lines after it; those are only split."""
    if text.count("\n") + text.count("\r") <= MAX_JUDGED:
        return text, []
    lines = text.splitlines()
    return "\n".join(lines[:MAX_JUDGED]), [line.strip() for line in lines[MAX_JUDGED:] if line.strip()]


def _sift(units: list[Unit]) -> tuple[list[Unit], list[Dropped]]:
    """One judgement of the units: those that stay, and the others with their reasons."""
    texts = [unit.text for unit in units]
    if not texts:
        return units, []
    known = known_furniture(texts)
    keep, surety = _judge(texts, [unit.paragraph for unit in units], [reason is not None for reason in known])
    stays = [known[k] is None and keep[k] for k in range(len(units))]
    gone = [k for k, stay in enumerate(stays) if not stay]
    said = reasons_by_text([texts[k] for k in gone])
    dropped = [
        Dropped(texts[k], known[k] or own or "boilerplate", 1.0 if known[k] else surety[k])
        for k, own in zip(gone, said, strict=True)
    ]
    return [unit for unit, stay in zip(units, stays, strict=True) if stay], dropped


def _judge(texts: list[str], paragraphs: list[int], known: list[bool]) -> tuple[list[bool], list[float]]:
    """Which lines the model keeps, and how sure it is of each, in [0, 1]."""
    everything = [True] * len(texts), [1.0] * len(texts)
    if len(texts) == 1:  # there is nothing around it that it could be told from
        return everything
    measured = measure_lines(texts, paragraphs, known)
    if not has_suspects(measured):
        return everything
    probabilities = line_model().probabilities(measured)
    explained = np.zeros(len(texts), dtype=np.bool_)
    unsure = np.flatnonzero(probabilities < UNSURE)
    explained[unsure] = [reason is not None for reason in reasons_by_text([texts[k] for k in unsure.tolist()])]
    keep: NDArray[np.bool_] = choose_lines(probabilities, measured, explained)
    keep |= np.array(in_transcript(texts))
    return keep.tolist(), np.round(np.abs(2 * probabilities - 1), 3).tolist()


def _take_title(units: list[Unit]) -> str:
    """Remove and return the headline above the text; empty when the text begins without one.

    A second line that reads like a headline leaves both where they are: which of them is the title is not clear,
    and a cleaned text must not lose its subhead when it is cleaned again.
    """
    if len(units) < 2 or units[0].paragraph == units[1].paragraph or not is_headline(units[0].text):
        return ""
    following = [unit for unit in units[1:6] if furniture(unit.text) is None]
    if not following or is_headline(following[0].text) or max(len(unit.text) for unit in following) < SHORT_LINE:
        return ""
    return units.pop(0).text
