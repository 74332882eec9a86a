"""What a newsroom wants done with items, and which of several copies it keeps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, get_args

from detector.errors import InvalidItemError
from detector.keep import Criteria, Keep, criteria
from detector.quality.rates import FALSE_HOLD_RATE, FALSE_REJECT_RATE
from detector.records import Examined, Item

_SHARES = (
    "duplicate_score",
    "possible_score",
    "contains_coverage",
    "short_duplicate_score",
    "review_score",
    "reject_score",
    "false_reject_rate",
    "false_hold_rate",
    "page_kind_confidence",
)
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_LONGEST_LOOK_BACK = 365_000  # days: a thousand years


@dataclass(frozen=True, slots=True)
class Rule:
    """Other thresholds for the items of a source, section or language; a criterion that is None fits every item."""

    changes: Mapping[str, Any]  # name of a Policy threshold → its value for these items
    source: str | None = None
    section: str | None = None
    language: str | None = None

    def fits(self, item: Item) -> bool:
        """Whether ``item`` meets every criterion."""
        return (
            self.source in (None, item.source)
            and self.section in (None, item.section)
            and self.language in (None, item.language)
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """What a newsroom wants done. Scores and shares are in [0, 1]."""

    duplicate_score: float = 0.8  # confidence from which on a copy is rejected
    possible_score: float = 0.6  # confidence from which on it is held; below, the match is shown and no more
    contains_coverage: float = 0.6  # share of an earlier item in a later, longer one, from which on that is held
    short_duplicate_score: float = 0.95  # the same for a text of fewer than short_tokens
    short_tokens: int = 60
    # What may be lost: the share of genuine news that is rejected, or held, for padding, at most. How it is measured
    # is in docs/quality.md.
    false_reject_rate: float = FALSE_REJECT_RATE
    false_hold_rate: float = FALSE_HOLD_RATE
    page_kind_confidence: float = 0.8  # from which on a page that is a listing, a product, a login… is held
    review_score: float | None = None  # quality score from which on an item is held, whatever the rate says
    reject_score: float | None = None  # quality score from which on it is rejected, whatever the rate says
    look_back_days: float | None = None  # how far back a copy is looked for; None: without limit
    candidates: int = 32  # earlier items that are looked at more closely than by their keys
    keep: Keep = "earliest"  # which copy of a story is kept: it comes first in the order
    source_rank: tuple[str, ...] = ()  # for keep="source_rank" and "best": the best source first
    rules: tuple[Rule, ...] = field(default=(), kw_only=True)  # the first that fits an item applies
    digest: str = field(init=False, default="", compare=False)  # twelve hex digits that change with any setting

    def __post_init__(self) -> None:
        for name in _SHARES:
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise InvalidItemError(f"Policy.{name} is {value!r}; it must be between 0 and 1")
        if self.keep not in get_args(Keep):
            raise InvalidItemError(f"Policy.keep is {self.keep!r}; it must be one of {', '.join(get_args(Keep))}")
        if self.look_back_days is not None and not 0 <= self.look_back_days <= _LONGEST_LOOK_BACK:
            raise InvalidItemError(
                f"Policy.look_back_days is {self.look_back_days!r}; it must be from 0 to {_LONGEST_LOOK_BACK}, or None"
            )
        if self.candidates < 1:
            raise InvalidItemError(f"Policy.candidates is {self.candidates!r}; at least one must be looked at")
        known = {f.name for f in fields(self)} - {"rules", "keep", "source_rank", "digest"}
        for rule in self.rules:
            if unknown := set(rule.changes) - known:
                raise InvalidItemError(f"a Rule changes {sorted(unknown)}; it may change {sorted(known)}")
            replace(self, rules=(), **rule.changes)  # which looks at the values
        settings = json.dumps(asdict(self), sort_keys=True, default=str).encode()
        object.__setattr__(self, "digest", blake2b(settings, digest_size=6).hexdigest())

    def applied_to(self, item: Item) -> Policy:
        """The policy with the changes of the first rule that fits ``item``."""
        rule = next((rule for rule in self.rules if rule.fits(item)), None)
        return replace(self, **rule.changes) if rule else self

    @property
    def look_back(self) -> timedelta | None:
        """``look_back_days`` as a duration."""
        return None if self.look_back_days is None else timedelta(days=self.look_back_days)

    def look_back_from(self, published: datetime | None) -> datetime | None:
        """The beginning of the look-back of an item that was published then; None where it is without limit."""
        if self.look_back is None or published is None:
            return None
        # An item of the year 1 looks back to the beginning of time, and no further.
        return published - min(self.look_back, published - _BEGINNING)

    def criteria(self, examined: Examined) -> Criteria:
        """What decides which copy of a story stays, the first criterion in front."""
        return criteria(examined, self.keep, self.source_rank)

    def order(self, examined: Examined) -> tuple[Any, ...]:
        """Sort key by which an archive is gone through: what comes first is what stays."""
        return tuple(value for _, value in self.criteria(examined))
