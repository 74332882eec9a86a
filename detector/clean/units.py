"""Plain text → units: what the writer meant as one paragraph, heading or line, whatever the line breaks look like.

Blank lines separate paragraphs. A paragraph that was wrapped at a fixed width is joined again; any other line of its
own is a unit of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_BLANK = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_BREAKS = re.compile(r"\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_MARKS = "\r\u2028\u2029\x0b\x0c\x85"
_SENTENCE_END = tuple(".!?…。！？؟।۔:;\"”'’»)")
_WRAP_WIDTH = (45, 100)  # columns between which mail, wire and typewriter text was wrapped
SHORT_LINE = 80  # characters; shorter lines of one paragraph stay together as lines


@dataclass(frozen=True, slots=True)
class Unit:
    """One paragraph, heading or line of a text."""

    text: str
    paragraph: int  # units of the same blank-separated paragraph share it


def read_units(text: str) -> list[Unit]:
    """The units of ``text`` in order, white space collapsed; none for an empty text."""
    units: list[Unit] = []
    if any(mark in text for mark in _MARKS):  # most texts have none, and a pattern is slow to find that out
        text = _BREAKS.sub("\n", text)
    for number, chunk in enumerate(_BLANK.split(text.strip())):
        lines = [line for line in (" ".join(raw.split()) for raw in chunk.split("\n")) if line]
        if len(lines) > 1:
            lines = _unwrapped(chunk, lines)
        units.extend([Unit(line, number) for line in lines])
    return units


def _unwrapped(chunk: str, lines: list[str]) -> list[str]:
    """``lines`` joined where they are the lines of paragraphs that were wrapped at one width."""
    if not _is_wrapped(lines):
        return lines
    joined: list[str] = []
    raw_lines = [raw for raw in chunk.split("\n") if raw.strip()]
    for raw, line in zip(raw_lines, lines, strict=True):
        indented = raw[:2].isspace() and bool(joined)  # wire style: a new paragraph is indented
        if not joined or indented:
            joined.append(line)
        else:
            joined[-1] = f"{joined[-1]} {line}"
    return joined


def _is_wrapped(lines: list[str]) -> bool:
    width = max(map(len, lines))
    if not _WRAP_WIDTH[0] <= width <= _WRAP_WIDTH[1]:
        return False
    before, after = lines[:-1], lines[1:]
    full = sum(len(line) > 0.7 * width for line in before)
    open_ended = sum(not line.endswith(_SENTENCE_END) for line in before)
    continued = sum(line[0].islower() or line[0].isdigit() or not line[0].isalpha() for line in after)
    return full >= 0.8 * len(before) and open_ended >= 0.6 * len(before) and continued >= 0.4 * len(after)


def paragraphs_of(units: list[Unit]) -> list[str]:
    """Paragraphs of the kept units: lines of one blank-separated paragraph stay together when all of them are short.

    A text without any blank line has no such paragraphs: there each line is one.
    """
    spaced = len({unit.paragraph for unit in units}) > 1
    out: list[str] = []
    previous: Unit | None = None
    for unit in units:
        if (
            spaced
            and previous is not None
            and unit.paragraph == previous.paragraph
            and max(len(unit.text), len(previous.text)) < SHORT_LINE
        ):
            out[-1] = f"{out[-1]}\n{unit.text}"
        else:
            out.append(unit.text)
        previous = unit
    return out


def is_canonical(units: list[Unit]) -> bool:
    """Whether every unit is a paragraph by itself, so that writing and reading them again changes nothing."""
    return all(before.paragraph != after.paragraph for before, after in pairwise(units))
