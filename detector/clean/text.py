"""A text without markup → the article: units, line model, furniture lines, title, source memory."""

from __future__ import annotations

from functools import lru_cache

from detector.clean.decode import decode
from detector.clean.guard import is_binary, without_surrogates
from detector.clean.lines import LineModel
from detector.clean.sifting import sift
from detector.clean.source_memory import SourceMemory, without_repeats
from detector.models import shipped
from detector.records import CleanText, Reason

MAX_CHARACTERS = 2 << 20  # of a text; the rest of a longer one is not read, and the text is said to be incomplete
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
    text, notes, complete = _prepare(text)
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


def text_as_it_is(text: str | bytes, title: str = "") -> CleanText:
    """A text that was cleaned before, as one paragraph: decoded and cut as ``clean_text`` does, and nothing else."""
    text, notes, complete = _prepare(text)
    if is_binary(text):
        return CleanText(title, (), notes=(*notes, Reason("binary", "the body is no text")))
    return CleanText(title, (text,), notes=notes, complete=complete)


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
    if len(text) <= MAX_JUDGED or text.count("\n") + text.count("\r") <= MAX_JUDGED:
        return text, []
    lines = text.splitlines()
    return "\n".join(lines[:MAX_JUDGED]), [line.strip() for line in lines[MAX_JUDGED:] if line.strip()]
