"""The lines around a headline that say who wrote the story and when, read only where no other reading is likely."""

from __future__ import annotations

import re
from dataclasses import dataclass

from detector.clean import walk as w
from detector.clean.blocks import Page

_BEFORE, _AFTER = 3, 8  # blocks around the headline: a byline further off belongs to another story
_MAX_CHARACTERS = 120  # of a block that can be a byline

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
# Month by name, ISO or dotted: 04/05/2025 is another day on either side of the ocean, and no date here.
_DATE = re.compile(
    rf"\b({_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|\d{{1,2}}(?:st|nd|rd|th)? {_MONTH}\.?,? \d{{4}}"
    r"|\d{4}-\d\d-\d\d|\d{1,2}\.\d{1,2}\.\d{4})(?!\d)",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\d{4}")
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_UPDATED = re.compile(r"(?:updated|modified|reviewed|aktualisiert)\b[^\d]{0,12}$", re.IGNORECASE)
_COMING = re.compile(r"\b(?:until|expires?|deadline|event|webinar|from|valid|copyright)\b|©", re.IGNORECASE)

# Two to four capitalised words, with the small words that stand inside of names; a month or a weekday is none.
_PARTICLE = r"(?:de|da|di|del|dos|du|van|von|der|den|la|le|bin|al|el)"
_WORD = (
    rf"(?!(?:{_MONTH}|monday|tuesday|wednesday|thursday|friday|saturday|sunday|updated|published|written|posted|by)\b)"
    r"(?-i:[^\W\d_a-zà-ÿ])[\w.’'-]*"
)
_NAME = rf"{_WORD}(?: (?:{_PARTICLE} )*{_WORD}){{1,3}}"
_NAMES = rf"{_NAME}(?:(?:, | and | & |, and ){_NAME}){{0,4}}"
_BY = re.compile(
    rf"(?:^|(?:published|posted|updated|written)\b.{{0,30}}?|\d{{4}} )\s*(?:by|von|par|por|door)\b:? ({_NAMES})\s*"
    rf"(?=$|[|•·/–—]| -|\d|\n|on\b|published\b|updated\b|posted\b|,? ?{_MONTH}\b)",
    re.IGNORECASE,
)
_BY_WORDS = ("by", "von", "par", "por", "door")
_ALONE = re.compile(rf"({_NAMES})", re.IGNORECASE)
_AUTHOR_NAMES = re.compile(r"(?<![a-z])(?:author|byline|writer)(?:[_-]?(?:name|link|s))?(?![a-z])", re.IGNORECASE)
_AUTHOR_PAGE = re.compile(r"/(?:authors?|autor(?:en)?|auteurs?|contributors?|staff|writers?)/[^/?#]+/?$")


@dataclass(frozen=True, slots=True)
class Byline:
    """What the lines around the headline say; empty texts where they say nothing for sure."""

    author: str
    published: str  # a date as it stands there
    updated: str


def read_byline(page: Page) -> Byline:
    """The byline of the page's only headline; where there are two headlines nothing is sure."""
    if len(page.headings) != 1:
        return Byline("", "", "")
    heading = page.headings[0]
    first, last = max(heading - _BEFORE, 0), min(heading + _AFTER + 1, len(page.texts))
    near = [
        k for k in range(first, last) if k != heading and len(page.texts[k]) <= _MAX_CHARACTERS and not page.hidden[k]
    ]
    published, updated = _dates([page.texts[k] for k in near])
    return Byline(_author(page, near), published, updated)


def _author(page: Page, near: list[int]) -> str:
    """The name after "By", else the one that links to an author's page or stands in an element named for authors."""
    for k in near:
        said = _BY.search(page.texts[k]) if _says_by(page.texts[k]) else None
        if said:
            return said[1]
    for k in near:
        runs = page.runs_of(k) if page.blocks[k, w.B_LINKS] else ()
        linked = [run.text.strip() for run in runs if _AUTHOR_PAGE.search(run.href)]
        if _AUTHOR_NAMES.search(page.names(page.blocks[k, w.B_ELEMENT])):
            linked.append(page.texts[k])
        for text in linked:
            if _ALONE.fullmatch(text):
                return text
    return ""


def _says_by(text: str) -> bool:
    """Whether ``_BY`` may match at all: five looks for a word take a twentieth of its time."""
    folded = text.lower()
    return any(word in folded for word in _BY_WORDS)


def _dates(near: list[str]) -> tuple[str, str]:
    """The first date that stands by itself or in a byline, and the first one that is said to be an update."""
    published = updated = ""
    for text in near:
        if not _YEAR.search(text) or _COMING.search(text):  # no date is without a year
            continue
        for found in _DATE.finditer(text):
            date = _ORDINAL.sub("", found[1])
            if _UPDATED.search(text[: found.start()]):
                updated = updated or date
            elif found.start() <= 60 and len(text) - found.end() <= 60:
                published = published or date
    return published, updated
