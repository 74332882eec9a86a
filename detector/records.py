"""The records that travel: one frozen dataclass per arrow of docs/architecture.md, made once, never changed."""

from __future__ import annotations

import html
import re
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from itertools import repeat
from typing import Any, Literal, Protocol, Self, TypeVar, get_args

import numpy as np
from dateutil import parser as date_parser
from numpy.typing import NDArray

from detector.errors import DetectorError, InvalidItemError
from detector.passages import Passage, side_by_side

MediaType = Literal["text/html", "text/plain"]
Action = Literal["publish", "review", "reject"]
Kind = Literal["exact", "near", "contained", "contains", "update", "related", "template"]
DUPLICATE: tuple[Kind, ...] = ("exact", "near", "contained")  # the kinds of match that add nothing
QualityLabel = Literal["publish", "review", "reject", "not_assessed"]

# Anything that opens like a tag of an HTML document; a "<" in prose ("<SRD>", "a < b") is none of these.
_MARKUP_STARTS = ("<!doctype", "<html", "<head", "<body", "<p>", "<p ", "<div", "<article", "<section", "<main",
                  "<br", "<h1", "<h2", "<h3", "<ul", "<ol", "<table", "<span", "<a ", "<!--", "<?xml")  # fmt: skip


class Reason(str):
    """A reason's code, which compares and serialises as plain text, with a sentence for people in ``detail``.

    >>> reason = Reason("no_text", "nothing was left after cleaning")
    >>> reason == "no_text", reason.detail
    (True, 'nothing was left after cleaning')
    """

    detail: str

    def __new__(cls, code: str, detail: str = "") -> Self:
        """Make a reason from its ``code`` (a short snake_case word) and ``detail`` (a sentence)."""
        reason = super().__new__(cls, code)
        reason.detail = detail
        return reason

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]  # str has one argument, a reason two
        return (str(self), self.detail)


@dataclass(frozen=True, slots=True)
class Item:
    """One news item as it came in.

    ``media_type`` is found from the body when not given. ``published`` may be given as a datetime or as a
    date string (ISO 8601, RFC 2822 or another unambiguous form) and is stored in UTC; a date without a zone
    counts as UTC. Raises InvalidItemError, which names the field and its value.
    """

    id: str
    body: str | bytes
    media_type: str = ""  # text/html or text/plain; found from the body when empty
    title: str = ""
    url: str | None = None
    source: str | None = None
    section: str | None = None
    language: str | None = None  # a declared BCP 47 tag
    published: datetime | None = None
    version: str | None = None

    def __post_init__(self) -> None:
        _require(isinstance(self.id, str) and self.id.strip() != "", "id", self.id, "a non-empty string")
        for name, types, expected in _TYPES:
            value = getattr(self, name)
            if not isinstance(value, types):
                _require(False, name, value, expected)
        if not self.media_type:
            object.__setattr__(self, "media_type", sniff_media_type(self.body))
        _require(self.media_type in _MEDIA_TYPES, "media_type", self.media_type, "text/html or text/plain")
        if self.version is not None:
            _require(isinstance(self.version, (str, int)), "version", self.version, "a string or a whole number")
            object.__setattr__(self, "version", str(self.version))
        if self.published is not None:
            object.__setattr__(self, "published", read_date(self.published))

    @classmethod
    def columns(cls, items: Sequence[Item]) -> tuple[list[Any], ...]:
        """The fields of items, each of all of them: what travels between processes in a quarter of the time."""
        return tuple([getattr(item, name) for item in items] for name in cls.__slots__)

    @classmethod
    def from_columns(cls, columns: Sequence[Sequence[Any]]) -> tuple[Self, ...]:
        """The items whose ``columns`` these are; they were looked at when they were made, and are not again."""
        return _made_of(cls, len(columns[0]), tuple(columns))

    @property
    def order(self) -> tuple[bool, datetime, str]:
        """Sort key of the default policy: published date, undated items last, then id."""
        return (self.published is None, self.published or _NO_DATE, self.id)


_MEDIA_TYPES = get_args(MediaType)
_TYPES: tuple[tuple[str, tuple[type, ...], str], ...] = (
    ("body", (str, bytes), "a string or bytes"),
    ("title", (str,), "a string"),
    *((name, (str, type(None)), "a string or None") for name in ("url", "source", "section", "language")),
)
_NO_DATE = datetime.max.replace(tzinfo=UTC)


def _require(holds: bool, name: str, value: object, expected: str) -> None:
    if not holds:
        shown = repr(value)
        shown = shown if len(shown) <= 80 else shown[:77] + "..."
        raise InvalidItemError(f"item field {name!r} is {shown} ({type(value).__name__}); it must be {expected}")


def sniff_media_type(body: str | bytes) -> MediaType:
    """``text/html`` when the first 2,000 characters hold an HTML tag, else ``text/plain``."""
    head = body[:2000]
    text = head.decode("latin-1") if isinstance(head, bytes) else head
    lowered = text.casefold()
    return "text/html" if any(start in lowered for start in _MARKUP_STARTS) else "text/plain"


def read_date(value: object) -> datetime | None:
    """A date in UTC from a datetime, a string or None; an empty string is no date.

    A string must name year, month and day itself: "10:30" or "May" alone is refused, for the parser would
    fill the gaps from today's date and the same archive would read differently tomorrow.
    """
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        moment = value
    else:
        _require(isinstance(value, str), "published", value, "a date string, a datetime or None")
        moment = _parse_date(str(value))
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (OverflowError, ValueError) as error:
        raise InvalidItemError(f"item field 'published' is {value!r}, which UTC cannot express") from error


# What wire systems leave behind a date: control characters, or references to them ("00:02:59.13&#5;&#5;F").
_CONTROL = re.compile(r"[\x00-\x1f]|&#(?:\d|[12]\d|3[01]);")


def _parse_date(value: str) -> datetime:
    value = value.strip()
    if not value.isprintable() or "&#" in value:
        value = _CONTROL.split(value)[0]
    if value[:4].isdigit():  # with a year ISO 8601 begins, and an error takes as long as all the rest
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass  # not ISO 8601
    if (moment := _read_written(value)) is not None:
        return moment
    dotted = "." in value[:6]  # 01.12.14 is the first of December wherever dates are written with dots
    # Parsed over two unlike defaults: what the string itself does not say comes out different.
    try:
        first, second = (
            date_parser.parse(value, default=default, dayfirst=dotted)
            for default in (datetime(2000, 1, 1), datetime(2004, 2, 2))
        )
    except (ValueError, ArithmeticError) as error:  # of a minute with forty digits it says the latter
        raise InvalidItemError(f"item field 'published' is {value[:80]!r}, which is no date; use ISO 8601") from error
    _require(first == second, "published", value, "a date with year, month and day")
    return first


_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: k for k, name in enumerate(_NAMES, start=1)}
_WRITTEN = re.compile(
    r"(?:[a-z]{3}, )?(\d{1,2})[ -]([a-z]{3})[ -](\d{4})"
    r"(?: (\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?(?: (?:gmt|utc|([+-])(\d\d):?(\d\d)))?)?",
    re.IGNORECASE,
)


def _read_written(value: str) -> datetime | None:
    """A date as feeds (RFC 2822) and wires ("26-FEB-1987 15:01:01.79") write it; None for any other form.

    dateutil reads these as well, to the same moment and in twenty times the time: it is left what is rarer.
    """
    found = _WRITTEN.fullmatch(value)
    if found is None:
        return None
    day, name, year, hour, minute, second, fraction, sign, ahead, further = found.groups()
    month = _MONTHS.get(name.lower())
    if month is None:
        return None
    try:
        zone = UTC if value[-1].isalpha() else None
        if sign:
            offset = timedelta(hours=int(ahead), minutes=int(further))
            zone = timezone(-offset if sign == "-" else offset)
        clock = (int(hour or 0), int(minute or 0), int(second or 0), int((fraction or "").ljust(6, "0")))
        return datetime(int(year), month, int(day), *clock, tzinfo=zone)
    except ValueError:
        return None  # the 31st of February, a day's offset: dateutil says what is wrong


T = TypeVar("T")


def _made_of(cls: type[T], number: int, columns: tuple[Iterable[object], ...]) -> tuple[T, ...]:
    """So many records of a class with slots and without checks, each field of all of them at once."""
    made = tuple(map(object.__new__, repeat(cls, number)))
    for name, column in zip(cls.__slots__, columns, strict=True):  # type: ignore[attr-defined]  # a class with slots
        deque(map(getattr(cls, name).__set__, made, column), maxlen=0)
    return made


@dataclass(frozen=True, slots=True)
class Dropped:
    """A piece that the cleaner took out, and why."""

    text: str
    reason: str  # navigation, share, newsletter, related, previous_next, summary_prompt, paywall, …
    confidence: float = 1.0  # in [0, 1]

    @classmethod
    def from_columns(
        cls, texts: Sequence[str], reasons: Iterable[str], confidences: Iterable[float]
    ) -> tuple[Self, ...]:
        """The pieces of a page, made together as the sentences of a text are: a page has some hundred and seventy."""
        return _made_of(cls, len(texts), (texts, reasons, confidences))


class Fragment(Protocol):
    """The kept part of a page, able to write itself as safe HTML when somebody asks."""

    def render(self) -> str:
        """The kept part as an HTML fragment without scripts, styles, events or foreign addresses."""
        ...


@dataclass(frozen=True, slots=True)
class CleanText:
    """What is left of a page or text once everything that is not the article has been taken out."""

    title: str
    paragraphs: tuple[str, ...]
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[Reason, ...] = ()  # what the guard cut, which encoding was read, what was degraded
    complete: bool = True  # False when text may have been lost: the page passed a limit of the guard
    language: str | None = None  # as the page declares it
    author: str | None = None  # as the page states it; several names are joined by ", "
    published: datetime | None = None  # as the page states it, in UTC
    updated: datetime | None = None  # as the page states it, in UTC
    canonical_url: str | None = None  # as the page states it; absolute, http or https
    site_name: str | None = None  # as the page states it
    # article, forum, product, listing, collection, documentation, service, error or consent; None for a text, and for a
    # fragment without a page around it
    page_kind: str | None = None
    page_kind_confidence: float = 0.0  # how likely the page is of that kind, in [0, 1]
    linked: tuple[int, ...] = ()  # positions of the paragraphs that are links to other pages, and nothing else
    fragment: Fragment | None = field(default=None, repr=False, compare=False)

    @property
    def text(self) -> str:
        r"""The paragraphs joined by ``"\n\n"``."""
        return "\n\n".join(self.paragraphs)

    def html(self) -> str:
        """The kept part as a safe HTML fragment; a plain text gives one ``<p>`` a paragraph."""
        if self.fragment is not None:
            return self.fragment.render()
        return "\n".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in self.paragraphs)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Sketch:
    """What the duplicate search keeps of a text. Two sketches compare only when their headers are equal."""

    header: str  # names everything that made it: normaliser, shingling, permutations, seed
    digest: str  # blake2b of the normalised tokens: equal exactly when the normalised texts are
    tokens: int
    shingles: NDArray[np.uint32]  # sorted, distinct hashes of the token n-grams, shape (n,)
    signature: NDArray[np.uint32]  # MinHash, shape (num_perm,)
    passages: NDArray[np.uint32]  # sorted, distinct winnowed shingles: what makes containment findable


@dataclass(frozen=True, slots=True)
class Span:
    """A passage that two texts share, as character offsets in the cleaned text of each."""

    start: int
    end: int
    other_start: int
    other_end: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where two aligned texts say different things: a number or a name that the other side lacks."""

    kind: Literal["number", "name"]
    here: str  # in the later item; empty when it has nothing there
    there: str  # in the earlier item


@dataclass(frozen=True, slots=True)
class Match:
    """A verified link from a later item to an earlier one."""

    item_id: str  # the later item
    of: str  # the earlier item
    kind: Kind
    jaccard: float  # |A ∩ B| / |A ∪ B| over token shingles, exact, in [0, 1]
    containment: float  # |A ∩ B| / |A|, A being the later item, in [0, 1]
    coverage: float  # |A ∩ B| / |B|: how much of the earlier item stands in the later one, in [0, 1]
    spans: tuple[Span, ...]  # longest first
    differs: tuple[Difference, ...]
    score: float  # confidence that the later item says nothing that no earlier one did, in [0, 1]
    later_text: str | None = field(default=None, repr=False, compare=False)  # cleaned, as the offsets count
    earlier_text: str | None = field(default=None, repr=False, compare=False)

    def diff(self, later: str | None = None, earlier: str | None = None) -> list[Passage]:
        """Both texts side by side: ``equal``, ``changed``, ``left`` (later alone) and ``right`` (earlier alone).

        The passages tile both texts. A match that was stored without its texts is given them here.
        """
        here, there = later or self.later_text, earlier or self.earlier_text
        if here is None or there is None:
            raise DetectorError(f"the match of {self.item_id!r} and {self.of!r} holds no texts; give diff() both")
        return side_by_side(here, there, self.spans)

    @property
    def is_duplicate(self) -> bool:
        """Whether the later item adds nothing: an update, a template and a text with more in it do not count."""
        return self.kind in DUPLICATE


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the cleaned text; ``text == clean.text[start:end]``."""

    text: str
    start: int
    end: int
    filler: float  # calibrated probability that it says nothing checkable and new, in [0, 1]
    reason: str | None  # vague-attribution, significance, restatement, …; None below the flagging threshold

    @classmethod
    def from_columns(
        cls,
        texts: Sequence[str],
        starts: Iterable[int],
        ends: Iterable[int],
        fillers: Iterable[float],
        reasons: Iterable[str | None],
    ) -> tuple[Self, ...]:
        """The sentences of a text, made together: one by one a frozen dataclass takes three times as long."""
        return _made_of(cls, len(texts), (texts, starts, ends, fillers, reasons))

    @property
    def flagged(self) -> bool:
        """Whether filler is the likelier reading."""
        return self.filler >= 0.5


@dataclass(frozen=True, slots=True)
class Quality:
    """How much of an item is worth printing."""

    score: float  # 0 good … 1 bad
    label: QualityLabel
    reasons: tuple[Reason, ...]
    sentences: tuple[Sentence, ...]
    language: str | None = None  # as recognised; None when the text is too short to tell
    genre: str | None = None  # opinion, letter, obituary, live, brief, table, transcript or press; None: unmarked


UNASSESSED = Quality(score=0.0, label="not_assessed", reasons=(), sentences=())  # of an item that nobody looked at


@dataclass(frozen=True, slots=True)
class Examined:
    """An item alone, before it is compared with any other."""

    item: Item
    text: CleanText
    sketch: Sketch | None  # None when no token is left
    quality: Quality
    models: dict[str, str] = field(default_factory=dict)  # name of each model that was asked → its version


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision, with everything that led to it."""

    item_id: str
    action: Action
    reasons: tuple[Reason, ...]
    matches: tuple[Match, ...]
    quality: Quality
    text: CleanText
    policy: str  # digest of the policy that decided
    models: dict[str, str] = field(default_factory=dict)  # name of each model → its version
    sketch_header: str = ""
    sketch_digest: str = ""
    truncated: bool = False  # True when a crowded bucket was compared by its earliest representatives only

    def proof(self) -> dict[str, Any]:
        """What it takes to check this verdict again offline: digests, versions, spans and scores, no text."""
        return {
            "item_id": self.item_id,
            "action": self.action,
            "reasons": [str(reason) for reason in self.reasons],
            "text_digest": self.sketch_digest,
            "sketch": self.sketch_header,
            "policy": self.policy,
            "models": dict(self.models),
            "quality": {"score": self.quality.score, "label": self.quality.label},
            "matches": [_match_proof(match) for match in self.matches],
            "truncated": self.truncated,
        }


def _match_proof(match: Match) -> dict[str, Any]:
    return {
        "of": match.of,
        "kind": match.kind,
        "jaccard": match.jaccard,
        "containment": match.containment,
        "coverage": match.coverage,
        "score": match.score,
        "spans": [[span.start, span.end, span.other_start, span.other_end] for span in match.spans],
    }
