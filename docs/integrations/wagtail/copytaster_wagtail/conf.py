"""What a site sets in its Django settings."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Settings:
    """Each field is read from ``COPYTASTER_<NAME>``."""

    url: str = "http://127.0.0.1:8765"
    key: str = ""  # with the scopes check, write and review
    source: str = "wagtail"  # what policies and feeds know this site by
    unreachable: str = "hold"  # or "publish": what becomes of a first publication that cannot be checked
    timeout: float = 5.0  # seconds


def current() -> Settings:
    """The settings now, so that tests may override them."""
    names = Settings.__dataclass_fields__
    given = {name: getattr(settings, f"COPYTASTER_{name.upper()}", field.default) for name, field in names.items()}
    return Settings(**given)
