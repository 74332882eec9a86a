"""Whether a page may go live. A page here is a CheckedPage."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.utils import timezone

from copytaster_wagtail import client, conf
from copytaster_wagtail.models import Decision, State

# A view asks, and what it then calls asks again.
_STILL_TRUE = timedelta(seconds=5)


def decide(page: Any, *, user: Any = None, note: str = "") -> Decision:
    """The decision about ``page`` as it is in memory, kept.

    ``note`` says why ``user``, who may do so, wants it live whatever is found.
    """
    item = page.copytaster_item()
    name = digest(item)
    latest = Decision.objects.filter(page_id=page.pk).first()
    if latest and latest.digest == name and not note and _stands(latest):
        return latest
    live = _live_version(page)
    if live is not None and digest(live.copytaster_item()) == name:
        return Decision(page_id=page.pk, digest=name, state=State.CLEARED, passes=True)  # No word of it changes.
    decision = judge(item, live=live is not None)
    if note and decision.state != State.CLEARED:
        decision.state, decision.passes, decision.note = State.OVERRIDDEN, True, note
    decision.page_id, decision.digest, decision.user = page.pk, name, user
    decision.save()
    return decision


def judge(item: dict[str, Any], *, live: bool) -> Decision:
    """What the service makes of an item. ``live``: readers have an earlier version of it."""
    try:
        verdict = client.check(item)
    except client.ServiceError as error:
        # A correction of what readers already have must not wait for a machine.
        passes = live or conf.current().unreachable == "publish"
        evidence = {"action": "", "reasons": [{"code": "unreachable", "text": str(error)}]}
        return Decision(state=State.UNCHECKED, passes=passes, evidence=evidence)
    state = state_of(verdict["action"], live=live)
    return Decision(state=state, passes=state != State.HELD, evidence=evidence_of(verdict))


def digest(item: dict[str, Any]) -> str:
    """A name for the words of an item."""
    return hashlib.sha256(f"{item['title']}\n{item['body']}".encode()).hexdigest()


def state_of(action: str, *, live: bool) -> State:
    """What an action comes to."""
    if action == "publish":
        return State.CLEARED
    return State.NOTED if live and action == "review" else State.HELD


def evidence_of(verdict: dict[str, Any]) -> dict[str, Any]:
    """The part of a verdict that people read."""
    return {
        "action": verdict["action"],
        "reasons": verdict["reasons"],
        "matches": verdict["matches"][:5],
        "filler": verdict["quality"]["filler"][:20],
    }


def _stands(decision: Decision) -> bool:
    """Whether a decision need not be made again: by an editor, or a moment ago."""
    return decision.state == State.OVERRIDDEN or timezone.now() - decision.made < _STILL_TRUE


def _live_version(page: Any) -> Any:
    """What readers have."""
    stored = type(page).objects.filter(pk=page.pk, live=True).first()
    return stored if stored is not None and stored.live_revision_id else None
