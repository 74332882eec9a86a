"""What is kept about pages."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """What is done about a version of a page."""

    CLEARED = "cleared", _("Checked")
    NOTED = "noted", _("Live; please look")
    HELD = "held", _("Held")
    UNCHECKED = "unchecked", _("Not checked yet")
    OVERRIDDEN = "overridden", _("Published by an editor")


class Decision(models.Model):
    """One decision about one version of a page: the audit trail, of which the latest counts."""

    page = models.ForeignKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="copytaster_decisions")
    digest = models.CharField(max_length=64)  # of title and text
    state = models.CharField(max_length=12, choices=State.choices)
    passes = models.BooleanField()
    evidence = models.JSONField(default=dict)  # action, reasons, matches and filler, as the service answered
    note = models.TextField(blank=True)  # why an editor published it anyway
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL)
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        default_permissions = ()
        permissions = (("override_decision", "Can publish what copytaster holds"),)

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.why}" if self.why else str(self.get_state_display())

    @property
    def reasons(self) -> list[str]:
        """Each reason for people, with the titles of earlier items in place of their ids and measures."""
        texts = [reason["text"] for reason in self.evidence.get("reasons", [])]
        for match in self.matches:
            naming = re.compile(rf"of {re.escape(match['id'])} \([^)]*\)")
            title = f"of “{match['title'] or match['id']}”"
            texts = [naming.sub(lambda _, title=title: title, text) for text in texts]
        return texts

    @property
    def why(self) -> str:
        """All reasons in a line."""
        return "; ".join(self.reasons)

    @property
    def matches(self) -> list[dict[str, Any]]:
        """The earlier items, at most five."""
        found: list[dict[str, Any]] = self.evidence.get("matches", [])[:5]
        return found

    @property
    def filler(self) -> list[str]:
        """The sentences that say little."""
        return [sentence["text"] for sentence in self.evidence.get("filler", [])]


class Owed(models.Model):
    """What the service could not be told yet: the latest word on an item."""

    item_id = models.CharField(max_length=200, unique=True)
    word = models.CharField(max_length=10)  # admit, retract or erase
    page_id = models.BigIntegerField()
    made = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.word} {self.item_id}"
