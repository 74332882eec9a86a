"""What an operator may set."""

from typing import Any

import pytest
from pydantic import ValidationError

from service.settings import Settings


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_needs_no_leave(host: str) -> None:
    assert host in Settings(host=host).allowed_hosts


def test_settings_come_from_the_environment_and_arguments_go_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYTASTER_PORT", "9001")
    monkeypatch.setenv("COPYTASTER_WORKERS", "3")
    settings = Settings(port=9002)
    assert (settings.port, settings.workers) == (9002, 3)


def test_feeds_name_the_public_address() -> None:
    assert Settings(public_url="https://feeds.example/news/").base_url == "https://feeds.example/news"
    assert Settings(host="::1", port=80).base_url == "http://[::1]:80"
    assert "feeds.example" in Settings(public_url="https://feeds.example").allowed_hosts


@pytest.mark.parametrize("given", [{"rate": 0}, {"burst": 0}, {"queue_seconds": 0}, {"log_level": "LOUD"}, {"port": 0}])
def test_what_cannot_be_is_refused_at_the_start(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(given))):
        Settings(**given)
