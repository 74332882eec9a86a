"""What the service must be told about pages, at once or, what it did not hear, by ``manage.py copytaster_catch_up``."""

from __future__ import annotations

import logging
from typing import Any

from django.db.models.signals import post_delete
from wagtail.models import Page
from wagtail.signals import page_published, page_unpublished

from copytaster_wagtail import client, conf, gate
from copytaster_wagtail.models import Decision, Owed, State
from copytaster_wagtail.pages import CheckedPage

_log = logging.getLogger(__name__)


def listen() -> None:
    """Connect to Wagtail's signals."""
    page_published.connect(_published, dispatch_uid="copytaster")
    page_unpublished.connect(_unpublished, dispatch_uid="copytaster")
    post_delete.connect(_deleted, dispatch_uid="copytaster")


def catch_up() -> int:
    """Say what is owed, until it is said or nobody listens; gives how much is still owed."""
    for owed in Owed.objects.order_by("pk"):
        page = Page.objects.filter(pk=owed.page_id).specific().first()
        try:
            if owed.word == "admit" and page is not None and page.live:
                _look_again(page)
            elif owed.word == "retract":
                client.retract(owed.item_id, "unpublished in Wagtail")
            elif owed.word == "erase":
                client.erase(owed.item_id)
        except client.ServiceError as error:
            if error.passing:
                break
            _refused(owed.item_id, owed.word, error)
        Owed.objects.filter(pk=owed.pk, made=owed.made).delete()  # unless another word came meanwhile
    return Owed.objects.count()


def _published(sender: type, instance: Any, revision: Any = None, **kwargs: Any) -> None:
    if not isinstance(instance, CheckedPage) or not instance.live:
        return
    decision = Decision.objects.filter(page_id=instance.pk, digest=gate.digest(instance.copytaster_item())).first()
    if decision is None or decision.state == State.UNCHECKED:
        _owe(_item_id(instance), "admit", instance.pk)
        return
    stored = _say(_item_id(instance), "admit", instance.pk, lambda: admit(instance, decision))
    if stored and decision.state == State.CLEARED and stored["verdict"]["action"] != "publish":
        _not_taken(instance, stored["verdict"], was_live=getattr(revision, "copytaster_was_live", False))


def admit(page: CheckedPage, decision: Decision) -> dict[str, Any]:
    """Store a live page in the service, with the editor's decision where there is one."""
    stored = client.admit(page.copytaster_item())
    if decision.state == State.OVERRIDDEN:
        editor = decision.user.get_username() if decision.user else None
        sent = {"item_id": stored["id"], "decision": "publish", "why": decision.note, "by": editor}
        client.decide(sent, f"{stored['id']}-decision-{decision.pk}")
    return stored


def _not_taken(page: Any, verdict: dict[str, Any], *, was_live: bool) -> None:
    """Of two copies at once the service takes one: it compares again while it stores. The other one is taken back.

    Nothing is taken from those who had a version of the page before: somebody should look at it.
    """
    state = State.NOTED if was_live else State.HELD
    decision = Decision(page_id=page.pk, digest=gate.digest(page.copytaster_item()), state=state, passes=was_live)
    decision.evidence = gate.evidence_of(verdict)
    decision.save()
    if not was_live:
        page.copytaster_was_not_taken = True  # so that there is nothing to retract
        page.unpublish()


def _look_again(page: Any) -> None:
    """Check and admit a page that went live unchecked; whatever comes of it, readers keep it."""
    item = page.copytaster_item()
    decision = Decision.objects.filter(page_id=page.pk, digest=gate.digest(item)).first()
    if decision is None or decision.state != State.OVERRIDDEN:
        verdict = client.check(item)
        state = State.CLEARED if verdict["action"] == "publish" else State.NOTED
        decision = Decision(page_id=page.pk, digest=gate.digest(item), state=state, passes=True)
        decision.evidence = gate.evidence_of(verdict)
        decision.save()
    admit(page, decision)


def _unpublished(sender: type, instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, CheckedPage) and not instance.copytaster_was_not_taken:
        name = _item_id(instance)
        _say(name, "retract", instance.pk, lambda: client.retract(name, "unpublished in Wagtail"))


def _deleted(sender: type, instance: Any, **kwargs: Any) -> None:
    if isinstance(instance, CheckedPage):
        name = _item_id(instance)
        _say(name, "erase", instance.pk, lambda: client.erase(name))


def _item_id(page: Any) -> str:
    return f"{conf.current().source}-{page.pk}"


def _say(item_id: str, word: str, page_id: int, call: Any) -> Any:
    """Make ``call``; what nobody heard is owed."""
    try:
        answer = call()
    except client.ServiceError as error:
        if error.passing:
            _owe(item_id, word, page_id)
        _refused(item_id, word, error)
        return None
    Owed.objects.filter(item_id=item_id).delete()
    return answer


def _refused(item_id: str, word: str, error: client.ServiceError) -> None:
    """Tell an administrator, for nobody stands by."""
    _log.error("copytaster did not take what this site told it (%s %s): %s", word, item_id, error)


def _owe(item_id: str, word: str, page_id: int) -> None:
    Owed.objects.update_or_create(item_id=item_id, defaults={"word": word, "page_id": page_id})
