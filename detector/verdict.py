"""The only place where a verdict is chosen: an item alone, its verified matches and a policy → one action."""

from __future__ import annotations

from detector.policy import Policy, Rule
from detector.quality.genre import NEVER_REJECTED
from detector.quality.item import rejectable, shipped_model
from detector.quality.rates import FALSE_HOLD_RATE, FALSE_REJECT_RATE, PROTECTED_HOLD_RATE
from detector.records import Action, CleanText, Examined, Match, Quality, Reason, Verdict

__all__ = ["Policy", "Rule", "decide", "thresholds"]  # a verdict is chosen by a policy: who has one has both

_SEVERITY: dict[Action, int] = {"publish": 0, "review": 1, "reject": 2}


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


def thresholds(policy: Policy) -> tuple[float, float]:
    """The quality scores from which an item is held and rejected for padding, where no genre is protected."""
    at = shipped_model().score_at
    hold = at(policy.false_hold_rate) if policy.review_score is None else policy.review_score
    return hold, at(policy.false_reject_rate) if policy.reject_score is None else policy.reject_score


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
