"""Text → sentences with their offsets: paragraphs first, then sentencex, then what newswire adds to it.

sentencex keeps a quotation in one piece, ends a sentence after ``Dr.`` or ``5 p.m.``, and knows nothing of the
space that some extractors lose between two sentences. Here a quotation of three sentences counts as three, an
abbreviation goes on, and ``decades ago.An online trailer`` is two. Every step is one pass over bounded portions,
so the time is linear.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sentencex import get_sentence_boundaries

from detector.quality.lexicon import BEFORE_FIGURES, CLOCK, OPENERS, STATES, TITLES

Span = tuple[int, int]

_LINE = re.compile(r"[^\r\n\u2028\u2029]+")
_ENDS_SENTENCE = re.compile(r"[.!?…:;][\"”’')\]]*\s*$")
# A full stop, question or exclamation mark, what closes around it, white space, and what may open a sentence.
_INNER_END = re.compile(r"(?:(?<![.!?…])[.!?…]{1,4})[\"”’')\]]{0,3}\s+(?=[\"“‘'(\[]{0,2}[A-Z0-9À-Þ])")
_LOST_SPACE = re.compile(r"(?<=[a-z]{3})[.!?][\"”’]?(?=[\"“]?[A-Z][a-z]+[ ,])")
_LAST_WORD = re.compile(r"(?:^|[\s(\[\"“‘'])([A-Za-z][A-Za-z.]{0,11})\.$")
_CLOSING_QUOTES = ('"', "”", "’", "'")
_SPEAKER = re.compile(
    r"(?:the |an? )?(?:[\w.'’\-]{1,24} ){1,5}?(?:said|says|asked|asks|added|adds|told|wrote|writes|explained|replied)\b"
)
_TIME_GOES_ON = re.compile(
    r"(?:on |[a-z]|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|[A-Z]{2,4}\b|"
    r"Jan|Feb|Mar|Apr|May|Ju[nl]|Aug|Sep|Oct|Nov|Dec)"
)
_NEXT_WORD = re.compile(r"[\"“‘'(\[]{0,2}([^\W\d_]{1,20})")
_ABBREVIATIONS = TITLES | BEFORE_FIGURES | CLOCK | STATES
_LONGEST_ABBREVIATION = max(map(len, _ABBREVIATIONS)) + 2  # and an opening mark or two
_LONGEST_WORD = 14  # the longest that _LAST_WORD takes, its full stop, and one letter too many
# A line at least this long that ends in the middle of a sentence was wrapped; a shorter one is a heading.
_WRAPPED_LINE = 55
# sentencex takes quadratic time over a run of quotation marks: 40,000 of them 0.35 s, a million 57 s.
_PORTION = 20_000


def split(text: str) -> list[Span]:
    """Offsets of the sentences of ``text``, in order, each without white space at its ends.

    A heading, a byline or a list entry on a line of its own is a sentence of its own. Whatever lies outside
    the spans is white space.

    >>> text = "He met Dr. Roe at 5 p.m. Monday. “I won. We all did,” she said."
    >>> [text[start:end] for start, end in split(text)]
    ['He met Dr. Roe at 5 p.m. Monday.', '“I won.', 'We all did,” she said.']
    """
    found: list[Span] = []
    for start, end in _blocks(text):
        for piece in _joined(text, _boundaries(text, start, end)):
            if _ends_inside(text, *piece):
                found += _refined(text, *piece)
            else:  # nearly all: two expressions saved
                found.append(piece)
    return found


def _blocks(text: str) -> Iterator[Span]:
    """Runs of lines that belong together: a line ends its block unless it was wrapped in mid-sentence."""
    start, end, line_length = -1, -1, 0
    for line in _LINE.finditer(text):
        wrapped = (
            start >= 0
            and text.count("\n", end, line.start()) <= 1
            and line_length >= _WRAPPED_LINE
            and not _ENDS_SENTENCE.search(text, max(start, end - 8), end)
        )
        if start >= 0 and not wrapped:
            yield start, end
        start = start if wrapped else line.start()
        end, line_length = line.end(), line.end() - line.start()
    if start >= 0:
        yield start, end


def _boundaries(text: str, start: int, end: int) -> list[Span]:
    """The sentences of a block as sentencex sees them, without white space at their ends."""
    found: list[Span] = []
    for first, last in _portions(text, start, end):
        # Half a surrogate pair, as JSON may hold it, cannot be handed over; "?" is as long.
        portion = text[first:last]
        if not portion.isascii():
            portion = portion.encode(errors="replace").decode()
        for piece in get_sentence_boundaries("en", portion):
            begin, finish = _strip(text, first + piece["start_index"], first + piece["end_index"])
            if begin < finish:
                found.append((begin, finish))
    return found


def _portions(text: str, start: int, end: int) -> Iterator[Span]:
    """The block in portions of at most 20,000 characters, cut at a full stop, else at a space, else anywhere."""
    while end - start > _PORTION:
        limit = start + _PORTION
        cut = text.rfind(". ", start, limit) + 1 or text.rfind(" ", start, limit) + 1 or limit
        yield start, cut
        start = cut
    yield start, end


def _joined(text: str, spans: list[Span]) -> list[Span]:
    """The spans, each joined with the next where an abbreviation or a closing quotation ended it too early."""
    joined = spans[:1]
    for start, end in spans[1:]:
        begin, last = joined[-1]
        if _goes_on(text, begin, last, start):
            joined[-1] = (begin, end)
        else:
            joined.append((start, end))
    return joined


def _refined(text: str, start: int, end: int) -> Iterator[Span]:
    """A span cut again where a sentence ends inside a quotation or the space after it was lost."""
    cuts = [match.end() for match in _INNER_END.finditer(text, start, end)]
    cuts += [match.end() for match in _LOST_SPACE.finditer(text, start, end) if not _in_address(text, match.start())]
    begin = start
    for cut in sorted(cuts):
        if cut < end and not _goes_on(text, begin, cut, cut):
            yield _strip(text, begin, cut)
            begin = cut
    if begin < end:
        yield _strip(text, begin, end)


def _ends_inside(text: str, start: int, end: int) -> bool:
    """Whether a mark that may end a sentence stands before the last three characters."""
    inner = end - 3
    return (
        text.find(".", start, inner) >= 0
        or text.find("?", start, inner) >= 0
        or text.find("!", start, inner) >= 0
        or text.find("…", start, inner) >= 0
    )


def _goes_on(text: str, start: int, end: int, following: int) -> bool:
    """Whether the sentence that seems to end at ``end`` continues with what stands at ``following``."""
    while end > start and text[end - 1].isspace():
        end -= 1
    last = text[end - 1 : end]
    if last in _CLOSING_QUOTES:
        return _SPEAKER.match(text, following, following + 90) is not None
    if last != ".":
        return False
    token = text[max(start, end - _LONGEST_WORD) : end - 1].rsplit(None, 1)[-1:]
    if token and len(token[0]) > 1 and token[0].isalpha() and token[0].casefold() not in _ABBREVIATIONS:
        return False  # nearly all: an expression saved
    begin = max(start, end - _LONGEST_ABBREVIATION)
    if text.find(" ", begin, end) < 0 and begin > start and text.find(".", begin, end - 1) < 0:
        return False  # what is joined to the word before is looked up no more
    word = _LAST_WORD.search(text[max(start, end - 24) : end])
    return word is not None and _abbreviates(word[1], text, following)


def _abbreviates(word: str, text: str, following: int) -> bool:
    """Whether ``word``, which stands before a full stop, is cut short and its sentence goes on at ``following``."""
    last, then = word.casefold(), text[following : following + 1]
    if last in CLOCK:
        return _TIME_GOES_ON.match(text, following) is not None
    if last in BEFORE_FIGURES:
        return then.isdigit()
    if last in STATES and then in ("(", "—", "–", "-"):
        return True  # a dateline: HAYWARD, Calif. (AP)
    if "." in last and word[0].isupper():
        opener = _NEXT_WORD.match(text, following)
        return opener is not None and opener[1].casefold() not in OPENERS
    return last in TITLES or (len(word) == 1 and word.isupper() and word != "I")


def _in_address(text: str, position: int) -> bool:
    word = text[max(0, position - 40) : position].rsplit(None, 1)[-1]
    return any(mark in word for mark in ("@", "/", "www"))


def _strip(text: str, start: int, end: int) -> Span:
    while start < end and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return start, end
