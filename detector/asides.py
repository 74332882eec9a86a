"""Where a text tells nothing of its story: links to other pages, captions, notices, dates, furniture and filler.

A copy comes with what its site prints around it. The cleaner takes most of that out; what it left is no news of the
item's own, so it does not count when the item is compared with the story that it repeats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from detector.records import CleanText, Quality

Asides = tuple[tuple[int, int], ...]  # character offsets, in order, apart from one another

# A headline said again says nothing new in its own text; against an earlier text it may be the news.
_TOLD = "restatement"
_CAPTION, _RIGHTS = 300, 600  # characters of a line that may be one; a longer one tells something besides

# Who took a picture, as agencies sign; who owns a text.
_CREDIT = re.compile(
    r"\((?:AP|AFP|Reuters|Getty|EPA|PA)\b[^)\n]{0,12}(?:Photo|Images|/)[^)\n]*\)"
    r"|\b(?-i:REUTERS|AFP|EPA)/[A-Z]\w+(?: [A-Z]\w+)?"
    r"|\[(?-i:AP|AFP|Reuters|Xinhua)\b[^\]\n]{0,20}\]?$|\bgetty images\b|\bfile ?photo\b|\bphoto: ?\w",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"\ball rights reserved\b|\balle rechte vorbehalten\b|\btous droits réservés\b|\breservados todos los derechos\b"
    r"|\bmay not be (?:published|reproduced|rewritten|redistributed)\b|\brepublication or redistribution\b"
    r"|\bcopyright (?:©|\(c\))? ?\d{4}",
    re.IGNORECASE,
)
# What a text has, its letters folded, that has a credit or a notice, by a character that is sooner found: most
# texts have none, and are not searched by line. No word has an i, for which two more letters may stand.
_CREDIT_WORDS = (
    ("(", ("(ap", "(afp", "(reuters", "(epa", "(pa")),
    ("[", ("[ap", "[afp", "[reuters")),
    ("/", ("afp/", "reuters/", "epa/")),
    ("", ("getty", "nhua", "photo")),
)
_NOTICE_WORDS = (("", ("reserved", "vorbehalten", "reservados", "may not be", "republ", "copyr")), ("é", ("réserv",)))
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
# A line with a date and a time of day, who published it perhaps; or of dates, times and a dateline, and nothing else.
_STAMP = re.compile(rf"(?=.*(?:\b{_MONTH}|(?:19|20)\d\d\b|\d/\d)).*\d\d?:\d\d", re.IGNORECASE)
_DATE = re.compile(
    rf"\W*(?:[A-Z]{{3,}}\W+)?(?:(?i:(?:{_MONTH}|mon|tue|wed|thu|fri|sat|sun)[a-z]{{0,6}}|\d+(?:st|nd|rd|th)?|"
    r"(?:\d+)?[ap]\.?m|[ecmp][sd]?t|gmt|utc|bst|posted|published|updated|modified|last|on|at|the|edition|t)\b\W*)+"
)
_MOMENT = re.compile(rf"(?=.*(?:(?i:\b{_MONTH}).*\b(?:19|20)\d\d\b|\d:\d\d|\d ?(?i:[ap]\.?m)\b))(?!.*\d\.\d)")
_STAMP_CHARACTERS = 100  # of the longest such line
_ENDS = (".", "!", "?", "…", '"', "”", "»")  # a stamp is no sentence, though it may end in "p.m."


def asides_of(text: CleanText, quality: Quality) -> Asides:
    """The asides of an examined item's text; of one that was not assessed, those that its lines show alone."""
    filler = [(s.start, s.end) for s in quality.sentences if s.reason is not None and s.reason != _TOLD]
    return asides_among(text.text, (*filler, *linked_in(text)))


def linked_in(text: CleanText) -> Asides:
    """Where a cleaned text has nothing but links to other pages."""
    found, linked, at = [], frozenset(text.linked), 0
    for number, paragraph in enumerate(text.paragraphs) if linked else ():
        if number in linked:
            found.append((at, at + len(paragraph)))
        at += len(paragraph) + len("\n\n")
    return tuple(found)


def asides_among(text: str, known: Asides = ()) -> Asides:
    """The asides that the lines of a text show, and those that are known."""
    return tuple(_joined(sorted([*known, *_furniture(text)])))


def _furniture(text: str) -> Iterator[tuple[int, int]]:
    """Lines that are a caption, a notice of rights, or a date."""
    folded = text.casefold()
    is_signed, is_owned = _has_any(folded, _CREDIT_WORDS), _has_any(folded, _NOTICE_WORDS)
    above: tuple[int, int] | None = None  # the line before that may be a caption
    end = -1
    for line in text.split("\n"):
        end += 1 + len(line)
        said = line.strip()
        if not said:
            continue
        span = (end - len(line.lstrip()), end)
        credit = _CREDIT.search(said) if is_signed and len(said) <= _CAPTION else None
        is_notice = is_owned and len(said) <= _RIGHTS and _NOTICE.search(said)
        if credit or is_notice or (len(said) <= _STAMP_CHARACTERS and _is_stamp(said)):
            yield span
        if credit and credit.span() == (0, len(said)) and above:
            yield above  # signed in a line of its own
        above = span if span[1] - span[0] <= _CAPTION else None


def _has_any(folded: str, words: tuple[tuple[str, tuple[str, ...]], ...]) -> bool:
    return any(character in folded and any(word in folded for word in some) for character, some in words)


def _is_stamp(line: str) -> bool:
    # Each line is asked, and hardly any begins as a date does: what makes one a moment is looked for last.
    if _DATE.fullmatch(line) and _MOMENT.match(line):
        return True
    return ":" in line and not line.endswith(_ENDS) and bool(_STAMP.match(line))


def _joined(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Spans that overlap as one."""
    start = end = 0
    for first, last in spans:
        if first > end:
            if end:
                yield start, end
            start, end = first, last
        end = max(end, last)
    if end:
        yield start, end
