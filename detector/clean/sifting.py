"""The units of a text, judged until nothing more goes: so that cleaning the cleaned text changes nothing.

What is left is judged as it will be written, without what went. No unit is read twice for that: what hangs on it alone
is counted once, and what hangs on those around it is computed anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from detector.clean import textstats as ts
from detector.clean.lines import (
    UNSURE,
    Flags,
    Floats,
    LineModel,
    choose_from,
    choose_lines,
    has_suspects,
    in_transcript,
    is_headline,
    is_plain,
    known_furniture,
    speakers,
)
from detector.clean.phrases import Stretches
from detector.clean.reasons import explained, furniture, reasons_by_text
from detector.clean.units import SHORT_LINE, Longs, Units, read_units
from detector.records import Dropped

# Two or three rounds are usual, nine the most seen but for a handful of texts. Each takes a line at least, so that a
# text of up to 100 lines is always judged to the end; of a longer one that goes line by line the cost stays linear.
_ROUNDS, _READINGS = 16, 20_000


@dataclass(slots=True)
class Sifted:
    """What is left of a text, and what went."""

    units: Units
    title: str = ""
    dropped: list[Dropped] = field(default_factory=list)
    settled: bool = True  # False: the rounds ended while lines were still going


@dataclass(frozen=True, slots=True)
class _Counted:
    """Units as they were read, and what hangs on each alone."""

    statistics: ts.TextStatistics
    known: dict[int, str]  # position and reason of what goes whatever the model says
    speaks: Longs  # positions of a named speaker's lines

    @classmethod
    def of(cls, texts: list[str]) -> _Counted | None:
        """None where no unit can go, whatever goes around it."""
        codes = ts.codes_of(texts)
        if is_plain(texts, codes):
            return None
        known = known_furniture(texts, Stretches.of_codes(codes))
        return cls(ts.statistics_of_codes(codes, len(texts)), known, speakers(texts))


def sift(text: str, model: LineModel) -> Sifted:
    """The article's units, a headline above them, and the units that went with their reasons."""
    sifted = Sifted(read_units(text))
    counted: _Counted | None = None
    left = np.zeros(0, dtype=np.int64)  # positions of the units that are left
    fresh = True  # whether the units were just read
    for _ in range(_rounds(len(sifted.units.texts))):
        units = sifted.units
        if not units.texts:
            break
        if fresh:
            counted, left, fresh = _Counted.of(units.texts), np.arange(len(units.texts)), False
        if not sifted.title and _has_title(units):
            sifted.title = units.texts[0]
            units, left = Units(units.texts[1:], units.paragraphs[1:]), left[1:]
        if counted is not None and not (stays := _judge(sifted, units, counted, left, model)).all():
            units, left = units.only(stays), left[stays]
        again = units.read_again()
        if again is None:  # lines that now look like one paragraph that was wrapped
            fresh, again = True, read_units("\n\n".join(units.written()))
        unchanged = units is sifted.units and _are_same(units, again)
        sifted.units = again
        if unchanged:
            break
    else:
        sifted.settled = False
    return sifted


def _are_same(units: Units, again: Units) -> bool:
    return again is units or (again.texts == units.texts and np.array_equal(again.breaks, units.breaks))


def _rounds(lines: int) -> int:
    return max(_ROUNDS, min(2 * lines, _READINGS // max(1, lines)))


def _judge(sifted: Sifted, units: Units, counted: _Counted, left: Longs, model: LineModel) -> Flags:
    """Which of the units that are left stay; the others are noted as dropped."""
    known = {k: counted.known[at] for k, at in enumerate(left.tolist()) if at in counted.known} if counted.known else {}
    stays, probabilities = _choose(units, counted, left, known, model)
    stays[list(known)] = False
    gone = np.flatnonzero(~stays)
    if not gone.size:
        return stays
    at = gone.tolist()
    texts = [units.texts[k] for k in at]
    surety = np.round(np.abs(2 * probabilities[gone] - 1), 3).tolist()  # in [0, 1]
    for k, text, own, sure in zip(at, texts, reasons_by_text(texts), surety, strict=True):
        sifted.dropped.append(Dropped(text, known.get(k) or own or "boilerplate", 1.0 if k in known else sure))
    return stays


def _choose(
    units: Units, counted: _Counted, left: Longs, known: dict[int, str], model: LineModel
) -> tuple[Flags, Floats]:
    """Which units the model keeps, and how probably each belongs to the article."""
    n = left.size
    everything = np.ones(n, dtype=np.bool_), np.ones(n)
    if n == 1:  # there is nothing around it that it could be told from
        return everything
    measured = choose_from(counted.statistics, left, units.paragraphs, known)
    if not has_suspects(measured):
        return everything
    probabilities = model.probabilities(measured)
    keep = choose_lines(probabilities, measured, lambda: _explained_unsure(units.texts, probabilities))
    if counted.speaks.size:
        keep |= in_transcript(np.flatnonzero(np.isin(left, counted.speaks)), n)
    return keep, probabilities


def _explained_unsure(texts: list[str], probabilities: Floats) -> Flags:
    """Which of the units that may go say what furniture says."""
    found = np.zeros(len(texts), dtype=np.bool_)
    unsure = np.flatnonzero(probabilities < UNSURE)
    if unsure.size:
        found[unsure] = explained([texts[k] for k in unsure.tolist()])
    return found


def _has_title(units: Units) -> bool:
    """Whether a headline stands above the text.

    A second line that reads like a headline leaves both where they are: which of them is the title is not clear,
    and a cleaned text must not lose its subhead when it is cleaned again.
    """
    if len(units.texts) < 2 or units.paragraphs[0] == units.paragraphs[1] or not is_headline(units.texts[0]):
        return False
    following = [text for text in units.texts[1:6] if furniture(text) is None]
    return bool(following) and not is_headline(following[0]) and max(map(len, following)) >= SHORT_LINE
