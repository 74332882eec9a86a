"""What editors send and get: decisions, retractions, side-by-side texts, family trees."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.messages import Id, ItemOut, MatchOut, Status, Text

Person = Annotated[Text, StringConstraints(max_length=200)]
Why = Annotated[Text, StringConstraints(max_length=2_000)]


class PairIn(BaseModel):
    """What an editor says of the decided item and another one."""

    model_config = ConfigDict(extra="forbid")

    item_id: Id
    relation: Literal["different", "same"] | None = Field(description="null takes an earlier word back")


class SentenceLabelIn(BaseModel):
    """What an editor calls a sentence; offsets count characters of the cleaned text."""

    model_config = ConfigDict(extra="forbid")

    start: int = Field(ge=0, le=2**31 - 1)
    end: int = Field(ge=1, le=2**31 - 1)
    label: Literal["informative", "mixed", "filler", "furniture"]


class DecisionIn(BaseModel):
    """An editor's word on an item, which goes before the verdict."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "item_id": "hp-0117",
                    "decision": "publish",
                    "why": "our own reporter's story, not the agency's",
                    "by": "night desk",
                }
            ]
        },
    )

    item_id: Id
    decision: Literal["publish", "review", "reject"]
    why: Why = ""
    by: Person | None = Field(default=None, description="who decided; the key's name when absent")
    pairs: list[PairIn] = Field(default_factory=list, max_length=50)
    sentences: list[SentenceLabelIn] = Field(default_factory=list, max_length=1_000)


class DecisionLine(BaseModel):
    """A line of the audit."""

    id: int
    item_id: str
    version: int
    decided: datetime
    who: str
    kind: Literal["decide", "retract", "delete", "pin", "label", "give_back"]
    before: Status
    after: Status | Literal["deleted"]
    why: str


class DecisionOut(BaseModel):
    """A decision, and the item as it is by it."""

    decision: DecisionLine
    item: ItemOut


class DecisionPage(BaseModel):
    """Decisions, the latest first."""

    decisions: list[DecisionLine]
    next: str | None = Field(description="the cursor of the next page; null on the last one")


class RetractionIn(BaseModel):
    """Why an item is taken back."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"why": "the council voted 19 to 16, says a correction", "by": "night desk"}]},
    )

    why: Why = ""
    by: Person | None = Field(default=None, description="who retracts; the key's name when absent")


class CopyOut(BaseModel):
    """A published item that says what the retracted one said."""

    id: str
    title: str
    url: str | None
    source: str | None
    published: datetime | None
    kind: Literal["exact", "near", "contained", "contains", "update"] | None = Field(
        description="how the later of the two relates to the earlier; null: only through copies between them"
    )
    containment: float | None = Field(description="share of the later one that stands in the earlier one")
    coverage: float | None = Field(description="share of the earlier one that stands in the later one")


class RetractionOut(BaseModel):
    """A retracted item, and every published near-copy of it; each of them has an event of its own."""

    item: ItemOut
    copies: list[CopyOut]


class DiffOut(BaseModel):
    """A piece of two texts side by side; in order they make up both texts whole."""

    kind: Literal["equal", "changed", "left", "right"] = Field(
        description="left: this item alone has it; right: the earlier one alone"
    )
    text: str
    other_text: str


class MatchDiffOut(MatchOut):
    """A match with both texts side by side."""

    diff: list[DiffOut] = Field(description="empty when the earlier item was deleted")


class MatchesOut(BaseModel):
    """The matches of an item's current version."""

    id: str
    version: str
    matches: list[MatchDiffOut]


class MemberOut(BaseModel):
    """An item's place in its story."""

    id: str
    parent: str | None = Field(description="the earlier item that it comes from; null for the first")
    depth: int
    kind: Literal["exact", "near", "contained", "contains", "update"] | None
    changed: str = Field(description="what changed on the way from the parent, in a line")
    status: Status
    title: str
    url: str | None
    source: str | None
    received: datetime


class StoryOut(BaseModel):
    """Items that copy one another as a tree: each stands behind the one that it comes from."""

    id: str = Field(description="the item that was asked about")
    first: str = Field(description="the item that all others come from")
    members: list[MemberOut]
    related: list[str] = Field(description="first items of stories that tell the same event in other words")
    truncated: bool = Field(description="true when the story has more items than are shown")
