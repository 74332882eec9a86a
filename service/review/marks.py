"""A cleaned text as an editor reads it: paragraphs of sentences, the flagged ones with their reason in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from detector import assess

REASONS: Mapping[str, str] = {
    "vague-attribution": "nobody in particular speaks",
    "significance": "says that it matters, not what happened",
    "restatement": "says again what was said",
    "hedged-future": "a future without a date or a decider",
    "moral": "advises or preaches",
    "transition": "announces instead of telling",
    "fake-citation": "cites what nobody can look up",
    "promo": "sells",
    "truism": "is true always and everywhere",
    "furniture": "belongs to the page, not to the story",
}


@dataclass(frozen=True, slots=True)
class MarkedSentence:
    """A sentence with what is said of it."""

    text: str  # with the space behind it
    start: int  # characters of the cleaned text
    end: int
    probability: float | None  # of filler; None where it was not flagged
    reason: str | None
    label: str | None  # what an editor called it

    @property
    def why(self) -> str:
        """The reason for people."""
        return REASONS.get(self.reason or "", self.reason or "says nothing that can be checked")


def paragraphs(
    text: str, filler: Sequence[Mapping[str, Any]], labels: Mapping[int, str], *, title: str = ""
) -> list[list[MarkedSentence]]:
    """The sentences of each paragraph. ``filler`` is as a verdict lists it, ``labels`` by where sentences begin."""
    flagged = {piece["start"]: piece for piece in filler}
    cuts = sorted({0, len(text), *_bounds(text, title), *(piece["start"] for piece in filler)})
    made: list[list[MarkedSentence]] = [[]]
    for start, end in pairwise(cuts):
        shown = text[start:end]
        found = flagged.get(start)
        if shown.strip():
            sentence = MarkedSentence(
                text=shown.replace("\n", " "),
                start=start,
                end=start + len(shown.rstrip()),
                probability=found["probability"] if found else None,
                reason=found["reason"] if found else None,
                label=labels.get(start),
            )
            made[-1].append(sentence)
        if "\n\n" in shown and made[-1]:
            made.append([])
    return [paragraph for paragraph in made if paragraph]


def _bounds(text: str, title: str) -> Iterator[int]:
    for sentence in assess(text, title=title).sentences:
        yield sentence.start
