"""Tells copytaster what it could not be told when it happened: run it every few minutes, beside publish_scheduled."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from copytaster_wagtail import ledger


class Command(BaseCommand):
    """``manage.py copytaster_catch_up``."""

    help = "Tells copytaster what it could not be told when it happened."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say it, and print how much is left."""
        self.stdout.write(f"{ledger.catch_up()} still to be said")
