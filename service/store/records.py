"""What is written of an item, and what is read of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import CursorResult

from detector import Action, Item, Kind, Sketch

Status = Literal["published", "held", "rejected", "retracted"]

STATUS_OF: dict[Action, Status] = {"publish": "published", "review": "held", "reject": "rejected"}
KEPT: frozenset[Status] = frozenset({"published", "held", "retracted"})  # can make a later item a duplicate

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NewMatch:
    """A verified match of a text that is written with it."""

    of_version_seq: int
    of_item_seq: int
    kind: Kind
    is_duplicate: bool
    score: float
    answer: dict[str, Any]


@dataclass(frozen=True, slots=True)
class NewText:
    """What is written of one version of an item: everything, or nothing."""

    item: Item
    content: bytes
    received: datetime
    status: Status
    title: str
    text: str
    html: str
    repeated: tuple[str, ...]  # paragraphs that were taken out because the source repeats them
    action: Action
    policy: str
    answer: dict[str, Any]  # the verdict as it is answered, without its matches
    matches: tuple[NewMatch, ...]
    sketch: Sketch | None
    bands: bytes
    making: int


@dataclass(frozen=True, slots=True)
class StoredItem:
    """An item with its current text."""

    seq: int
    id: str
    status: Status
    received: datetime  # its first version
    changed: datetime
    version: int
    version_seq: int
    label: str | None  # the sender's own name for the version
    versioned: datetime  # when this version came
    content: bytes
    published: datetime | None
    title: str
    url: str | None
    source: str | None
    section: str | None
    language: str | None
    text: str
    html: str
    answer: dict[str, Any]
    matches: tuple[dict[str, Any], ...] = ()

    @property
    def etag(self) -> str:
        """A strong validator: it changes with every change of the item."""
        return f'"{self.seq}-{self.version}-{micros(self.changed)}"'


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def micros_or_none(moment: datetime | None) -> int | None:
    """The same for a moment that may be absent."""
    return None if moment is None else micros(moment)


def moment_of(count: int) -> datetime:
    """The moment so many microseconds after 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=count)


def moment_or_none(count: int | None) -> datetime | None:
    """The same for a count that may be absent."""
    return None if count is None else moment_of(count)


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def inserted(result: CursorResult[Any]) -> int:
    """The number that an inserted row was given."""
    row = result.inserted_primary_key
    assert row is not None  # noqa: S101  # one row was inserted
    seq: int = row[0]
    return seq
