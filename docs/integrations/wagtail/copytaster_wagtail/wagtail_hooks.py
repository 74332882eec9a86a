"""Wagtail's hooks: the editor is told why before anything else happens."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Permission
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from wagtail import hooks
from wagtail.admin import messages

from copytaster_wagtail import gate
from copytaster_wagtail.models import Decision
from copytaster_wagtail.pages import CheckedPage
from copytaster_wagtail.panels import OVERRIDE


@hooks.register("before_publish_page")
def hold(request: HttpRequest, page: Any) -> HttpResponse | None:
    """Stop a page that does not pass: its draft is saved, what readers have stays, and the reasons are shown."""
    if not isinstance(page, CheckedPage):
        return None
    note = request.POST.get("copytaster_note", "").strip() if request.user.has_perm(OVERRIDE) else ""
    decision = gate.decide(page, user=request.user, note=note)
    if decision.passes:
        return None
    _tell(request, page, decision)
    return redirect("wagtailadmin_pages:edit", page.pk)


@hooks.register("after_bulk_action")
def tell_of_the_held(request: HttpRequest, action_type: str, objects: Any, action_class_instance: Any) -> None:
    """Wagtail says that all were published; say of which that is not so."""
    if action_type != "publish":
        return
    for page in objects:
        decision = Decision.objects.filter(page_id=page.pk).first()
        if decision is not None and not decision.passes:
            _tell(request, page, decision)


@hooks.register("register_permissions")
def permissions() -> Any:
    """Let the override be given to groups in Wagtail's settings."""
    return Permission.objects.filter(content_type__app_label="copytaster_wagtail", codename="override_decision")


def _tell(request: HttpRequest, page: Any, decision: Decision) -> None:
    text = _("“%(title)s” was not published; what you wrote is saved as a draft. %(why)s")
    messages.warning(request, text % {"title": page.title, "why": decision.why})
