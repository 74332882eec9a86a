"""The mixin that makes a page checked."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import models
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page

from copytaster_wagtail import conf, gate
from copytaster_wagtail.models import State


class CheckedPage(models.Model):
    """A mixin for page models, before Page: ``class NewsPage(CheckedPage, Page)``.

    A page is stored unpublished at first, even by ``add_child(instance=NewsPage(live=True))``, and goes live by
    ``publish()``: what has no view of its own ends there, which is the schedule, workflows and ``revision.publish()``.
    """

    copytaster_was_not_taken = False  # published here while the service, which compared again, said no

    class Meta:
        abstract = True

    def copytaster_body(self) -> str:
        """The text that readers get, as HTML: every field of rich text, stream or text. Override it to choose."""
        chosen = (f for f in self._meta.get_fields() if isinstance(f, RichTextField | StreamField | models.TextField))
        own = (f for f in chosen if f.model is not Page)
        return "\n".join(str(getattr(self, field.name)) for field in own)

    def copytaster_item(self) -> dict[str, Any]:
        """The fields of POST /v1/items; see docs/api.md."""
        source = conf.current().source
        item = {
            "id": f"{source}-{self.pk}",
            "title": self.title,
            "body": self.copytaster_body(),
            "media_type": "text/html",
            "source": source,
            "language": self.locale.language_code,
            "published": (self.first_published_at or self.go_live_at or datetime.now(UTC)).isoformat(),
        }
        if url := self.full_url:
            item["url"] = url
        if parent := self.get_parent():
            item["section"] = parent.slug[:200]
        return item

    def save(self, *args: Any, **kwargs: Any) -> Any:
        """Store it; a new one unpublished."""
        if self._state.adding and self.live:
            self.live = False
            self.has_unpublished_changes = True
        return super().save(*args, **kwargs)

    def publish(self, revision: Any, user: Any = None, **kwargs: Any) -> Any:
        """Publish ``revision`` if it passes; else say why in a Decision and leave what is live as it is."""
        decision = gate.decide(revision.as_object(), user=user)
        if decision.passes:
            # For whoever is told of the publication: then every page is live.
            revision.copytaster_was_live = type(self).objects.filter(pk=self.pk, live=True).exists()
            return super().publish(revision, user=user, **kwargs)
        if decision.state == State.HELD and revision.approved_go_live_at:
            # Or the schedule would try again each time. What could not be checked, it shall try again.
            revision.approved_go_live_at = None
            revision.save(update_fields=["approved_go_live_at"])
        return None
