"""The Django app."""

from __future__ import annotations

from django.apps import AppConfig


class CopytasterConfig(AppConfig):
    """Put ``"copytaster_wagtail"`` into INSTALLED_APPS."""

    name = "copytaster_wagtail"
    label = "copytaster_wagtail"
    verbose_name = "copytaster"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what becomes of pages."""
        from copytaster_wagtail import ledger

        ledger.listen()
