"""What comes in and what goes out, as pydantic models. Fields are only ever added."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, StringConstraints, TypeAdapter
from pydantic.config import JsonDict

from detector import Item

_http_url = TypeAdapter(HttpUrl)


def _web_address(value: str) -> str:
    _http_url.validate_python(value)  # a javascript: address would become a link in the feeds
    return value


def _storable(value: str) -> str:
    if "\x00" in value:
        raise ValueError("must not contain NUL characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError("must not contain half of a surrogate pair: the text was cut inside a character") from error
    return value


Text = Annotated[str, AfterValidator(_storable)]
Id = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f]+[^\x00-\x1f\x7f]*$"),
]
Word = Annotated[Text, StringConstraints(max_length=200)]
WebAddress = Annotated[Text, StringConstraints(max_length=2_000), AfterValidator(_web_address)]

EXAMPLE_ITEM: JsonDict = {
    "id": "hp-2026-0117",
    "title": "Councillors vote 19 to 14 for bus lanes on Quay Road",
    "body": (
        "<article><h1>Councillors vote 19 to 14 for bus lanes on Quay Road</h1><p>Two bus lanes will replace 46"
        " parking spaces on Quay Road after Port Ellory council voted 19 to 14 on Thursday.</p><p>Work begins on 11"
        " May and will take nine weeks. The scheme costs 640,000 crowns, of which the county pays 410,000.</p>"
        "<p>Share this article</p></article>"
    ),
    "media_type": "text/html",
    "url": "https://www.harbour-post.example/local/bus-lanes",
    "source": "harbour-post",
    "section": "local",
    "language": "en",
    "published": "2026-03-02T09:00:00Z",
}
_EXAMPLE_SHORT: JsonDict = {
    "id": "brief-salt-lane",
    "body": "Salt Lane in Port Ellory is closed until Friday evening while a cracked gas main is replaced.",
}


class TextIn(BaseModel):
    """A text of a news item, as a CMS has it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{name: value for name, value in EXAMPLE_ITEM.items() if name != "id"}]},
    )

    body: Text = Field(description="the whole page, a fragment of HTML, or plain text")
    media_type: Literal["text/html", "text/plain"] | None = Field(
        default=None, description="found from the body when absent"
    )
    title: Annotated[Text, StringConstraints(max_length=2_000)] = Field(
        default="", description="goes before the page's own"
    )
    url: WebAddress | None = None
    source: Word | None = None
    section: Word | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")] | None = Field(
        default=None, description="BCP 47"
    )
    published: datetime | None = Field(default=None, description="ISO 8601; UTC when it names no zone")

    version: Word | None = Field(default=None, description="your own name for this version")

    def named(self, item_id: str) -> ItemIn:
        """The item of this id with this text."""
        return ItemIn(id=item_id, **dict(self))


class ItemIn(TextIn):
    """One news item, as a CMS has it."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE_ITEM, _EXAMPLE_SHORT]})

    id: Id = Field(description="yours: whatever names the item in the CMS")

    def to_item(self) -> Item:
        """The detector's record of it."""
        return Item(
            id=self.id,
            body=self.body,
            media_type=self.media_type or "",
            title=self.title,
            url=self.url,
            source=self.source,
            section=self.section,
            language=self.language,
            published=self.published
            if self.published is None or self.published.tzinfo
            else self.published.replace(tzinfo=UTC),
            version=self.version,
        )


Status = Literal["published", "held", "rejected", "retracted"]
PubStatus = Literal["usable", "withheld", "canceled"]


class ReasonOut(BaseModel):
    """Why, for programs and for people."""

    code: str
    text: str


class PassageOut(BaseModel):
    """A passage that both items have; offsets count characters of the cleaned texts."""

    text: str
    start: int
    end: int
    other_start: int
    other_end: int


class DifferenceOut(BaseModel):
    """A number or a name that the other side lacks."""

    kind: Literal["number", "name"]
    here: str
    there: str


class MatchOut(BaseModel):
    """An earlier item that says the same, or the same in part."""

    id: str
    kind: Literal["exact", "near", "contained", "contains", "update", "related", "template"]
    is_duplicate: bool = Field(description="whether this item adds nothing to that one")
    deleted: bool = Field(default=False, description="whether that item was deleted since, and with it what it said")
    title: str = ""
    url: str | None = None
    source: str | None = None
    published: datetime | None = None
    jaccard: float = Field(ge=0, le=1)
    containment: float = Field(ge=0, le=1, description="share of this item that the earlier one has")
    coverage: float = Field(ge=0, le=1, description="share of the earlier item that this one has")
    score: float = Field(ge=0, le=1, description="confidence that this item says nothing new")
    passages: list[PassageOut]
    differs: list[DifferenceOut]


class FillerOut(BaseModel):
    """A sentence that says nothing checkable and new; offsets count characters of the cleaned text."""

    text: str
    start: int
    end: int
    probability: float = Field(ge=0, le=1)
    reason: str | None


class QualityOut(BaseModel):
    """How much of the item is worth printing."""

    score: float = Field(ge=0, le=1, description="0 good … 1 bad")
    label: Literal["publish", "review", "reject", "not_assessed"]
    language: str | None
    genre: str | None = Field(default=None, description="opinion, letter, obituary …; null: none that is marked")
    reasons: list[ReasonOut] = Field(default_factory=list, description="what speaks against it, whatever was decided")
    sentences: int
    filler: list[FillerOut]


class DroppedOut(BaseModel):
    """A piece that the cleaner took out."""

    text: str
    reason: str
    confidence: float = Field(ge=0, le=1)


class CleanedOut(BaseModel):
    """What is left of the item."""

    title: str
    text: str
    html: str | None = Field(default=None, description="a safe fragment; only when asked for with html=true")
    language: str | None
    complete: bool = Field(description="false when text may have been lost, which notes explain")
    page_kind: str | None = Field(default=None, description="article, listing, product, login …; null for a text")
    page_kind_confidence: float = Field(default=0.0, ge=0, le=1)
    linked: list[int] = Field(default=[], description="which paragraphs are links to other pages, and nothing else")
    dropped: list[DroppedOut]
    notes: list[ReasonOut]


class TimingOut(BaseModel):
    """Milliseconds by the clock."""

    examine: float = Field(description="reading, cleaning and assessing the item")
    judge: float = Field(description="comparing it with earlier items, and deciding")
    total: float = Field(description="both, with waiting")


class VerdictOut(BaseModel):
    """One decision, with everything that led to it."""

    id: str
    action: Literal["publish", "review", "reject"]
    reasons: list[ReasonOut]
    matches: list[MatchOut]
    truncated: bool = Field(description="true when there were more similar items than were looked at")
    quality: QualityOut
    cleaned: CleanedOut
    policy: str = Field(description="digest of the policy that decided")
    models: dict[str, str] = Field(description="version of each model")
    sketch: str = Field(description="how the text was made comparable")
    text_digest: str = Field(description="digest of the normalised text")
    timing_ms: TimingOut


class ItemOut(BaseModel):
    """An item as it is stored. ``uri``, ``version``, ``versioncreated``, ``pubstatus``, ``evolvedfrom``: IPTC ninjs."""

    id: str
    uri: str = Field(description="below this service's address")
    version: str = Field(description="1, 2, 3, … with each text that the item has had")
    versioncreated: datetime = Field(description="when this version came")
    pubstatus: PubStatus
    evolvedfrom: str | None = Field(description="uri of the earlier item that this one brings up to date")
    status: Status
    received: datetime
    published: datetime | None = Field(description="as it was declared")
    title: str
    url: str | None
    source: str | None
    section: str | None
    language: str | None
    verdict: VerdictOut


class ItemPage(BaseModel):
    """Items, the latest first."""

    items: list[ItemOut]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class IndexHealth(BaseModel):
    """What a server finds copies by."""

    items: int = Field(description="that are found")
    verified: datetime | None = Field(description="when it was filled and counted against the store")
    filling: bool = Field(description="whether one that was made again is being read in, to take its place")
    behind: int = Field(description="changes by other nodes that the next request takes in first")


class Backlog(BaseModel):
    """What is not done with."""

    requests: int = Field(description="that were let in")
    line: int = Field(description="items that wait to be compared")
    batches: int = Field(description="that wait or are worked on")
    events: int = Field(description="that wait to be delivered")
    dead: int = Field(description="events that nobody took")


class Health(BaseModel):
    """Whether the service works."""

    status: Literal["ok", "failing"]
    checks: dict[str, str] = Field(default_factory=dict)
    index: IndexHealth | None = None
    models: dict[str, str] | None = Field(default=None, description="versions of what reads and assesses")
    backlog: Backlog | None = None
