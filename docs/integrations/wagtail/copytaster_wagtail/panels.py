"""The panel of the page editor."""

from __future__ import annotations

from typing import Any

from wagtail.admin.panels import Panel

from copytaster_wagtail.models import Decision

OVERRIDE = "copytaster_wagtail.override_decision"


class CopytasterPanel(Panel):
    """Shows what was decided last, and takes the note of an editor who publishes anyway.

    Add it to the ``content_panels`` of a page model.
    """

    def __init__(self, heading: str = "copytaster", **kwargs: Any) -> None:
        super().__init__(heading=heading, **kwargs)

    class BoundPanel(Panel.BoundPanel):
        """The panel of one page for one user."""

        template_name = "copytaster_wagtail/panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            """The latest decision, and whether this user may override it."""
            context: dict[str, Any] = super().get_context_data(parent_context)
            context["decision"] = (
                Decision.objects.filter(page_id=self.instance.pk).first() if self.instance.pk else None
            )
            context["may_override"] = self.request.user.has_perm(OVERRIDE)
            return context
