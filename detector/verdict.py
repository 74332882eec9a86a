"""The only place where a verdict is chosen: an item alone, its verified matches and a policy → one action."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, get_args

from detector.errors import InvalidItemError
from detector.keep import Criteria, Keep, criteria
from detector.quality.genre import NEVER_REJECTED
from detector.quality.item import (
    FALSE_HOLD_RATE,
    FALSE_REJECT_RATE,
    PROTECTED_HOLD_RATE,
    rejectable,
    shipped_model,
)
from detector.records import Action, CleanText, Examined, Item, Match, Quality, Reason, Verdict

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
_SEVERITY: dict[Action, int] = {"publish": 0, "review": 1, "reject": 2}


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

    @property
    def thresholds(self) -> tuple[float, float]:
        """The quality scores from which an item is held and rejected for padding, where no genre is protected."""
        at = shipped_model().score_at
        hold = at(self.false_hold_rate) if self.review_score is None else self.review_score
        return hold, at(self.false_reject_rate) if self.reject_score is None else self.reject_score

    def order(self, examined: Examined) -> tuple[Any, ...]:
        """Sort key by which an archive is gone through: what comes first is what stays."""
        return tuple(value for _, value in self.criteria(examined))


def decide(examined: Examined, matches: tuple[Match, ...], policy: Policy, *, truncated: bool = False) -> Verdict:
    """The verdict on an item, given its verified matches with earlier items that were kept.

    Every stage may ask for an action with its reasons; the severest is taken. A text that could not be read
    whole, or of which nothing is left, goes to review whatever else is known of it.
    """
    here = policy.applied_to(examined.item)
    asked = [_readable(examined), _page(examined.text, here)]
    if examined.sketch is not None and examined.text.complete:
        asked += [_duplicate(examined.sketch.tokens, match, here) for match in matches]
        asked.append(_quality(examined.quality, here))
    action = max((action for action, _ in asked), key=_SEVERITY.__getitem__)
    return Verdict(
        item_id=examined.item.id,
        action=action,
        reasons=tuple(reason for _, reasons in asked for reason in reasons),
        matches=matches,
        quality=examined.quality,
        text=examined.text,
        policy=policy.digest,
        models=dict(examined.models),
        sketch_header=examined.sketch.header if examined.sketch else "",
        sketch_digest=examined.sketch.digest if examined.sketch else "",
        truncated=truncated,
    )


def _readable(examined: Examined) -> tuple[Action, list[Reason]]:
    if not examined.text.complete:
        why = "; ".join(note.detail or note for note in examined.text.notes)
        return "review", [Reason("unreadable", f"the text may not be whole: {why}")]
    if examined.sketch is None:
        return "review", [Reason("no_text", "nothing was left after cleaning")]
    return "publish", []


def _page(text: CleanText, policy: Policy) -> tuple[Action, list[Reason]]:
    """What the page is by its markup, where the cleaner says so: it sees what the text alone does not show."""
    kind, confidence = text.page_kind, text.page_kind_confidence
    if kind in (None, "article") or confidence < policy.page_kind_confidence:
        return "publish", []
    return "review", [Reason("not_an_article", f"the page is of the kind {kind!r} (confidence {confidence:.2f})")]


def _duplicate(tokens: int, match: Match, policy: Policy) -> tuple[Action, list[Reason]]:
    evidence = f"of {match.of} (Jaccard {match.jaccard:.2f}, containment {match.containment:.2f})"
    if match.kind == "update":
        return "publish", [Reason("update", f"update {evidence}")]
    if match.kind == "contains" and match.coverage >= policy.contains_coverage:
        return "review", [Reason("contains_earlier", f"holds the text {evidence} and more")]
    if not match.is_duplicate or match.score < policy.possible_score:
        return "publish", []
    needed = policy.short_duplicate_score if tokens < policy.short_tokens else policy.duplicate_score
    if match.score >= needed:
        return "reject", [Reason("duplicate", f"{match.kind} copy {evidence}")]
    return "review", [Reason("possible_duplicate", f"perhaps a {match.kind} copy {evidence}")]


def _quality(quality: Quality, policy: Policy) -> tuple[Action, list[Reason]]:
    if quality.label == "not_assessed":
        # Not reading a language is no reason to hold an item; a sign that needs no language is.
        held = any(reason != "not_assessed" for reason in quality.reasons)
        return "review" if held else "publish", list(quality.reasons)
    action: Action = quality.label
    if (hold_from := _hold_from(policy, quality)) is not None and action != "reject":
        action = "review" if quality.score >= hold_from or _signs(quality) else "publish"
    if (reject_from := _reject_from(policy)) is not None:
        raw = policy.reject_score is not None and "not_an_article" not in quality.reasons
        allowed = raw or rejectable(quality.genre, quality.reasons)
        action = "reject" if quality.score >= reject_from and allowed else _softer(action)
    if action == "publish":
        return action, []
    return action, list(quality.reasons) or [Reason("padding", f"a score of {quality.score:.2f}, too high here")]


def _hold_from(policy: Policy, quality: Quality) -> float | None:
    """The score that holds; None: as the model labels it. A genre that only sounds padded is held from a higher one."""
    if policy.review_score is not None or policy.false_hold_rate == FALSE_HOLD_RATE:
        return policy.review_score
    part = PROTECTED_HOLD_RATE / FALSE_HOLD_RATE if quality.genre in NEVER_REJECTED else 1.0
    return shipped_model().score_at(policy.false_hold_rate * part)


def _reject_from(policy: Policy) -> float | None:
    """The score that rejects; None: as the model labels it."""
    if policy.reject_score is not None or policy.false_reject_rate == FALSE_REJECT_RATE:
        return policy.reject_score
    return shipped_model().score_at(policy.false_reject_rate)


def _signs(quality: Quality) -> bool:
    """Whether something besides padding speaks against the item."""
    return any(reason != "padding" for reason in quality.reasons)


def _softer(action: Action) -> Action:
    return "review" if action == "reject" else action
