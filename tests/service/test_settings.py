"""What an operator may set."""

import pytest
import typer
from pydantic import ValidationError
from typer.testing import CliRunner

from service.serve import serve
from service.settings import Settings


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback_needs_no_leave(host: str) -> None:
    assert host in (Settings(host=host).allowed_hosts or ())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "news.example"])  # noqa: S104
def test_an_address_that_others_reach_needs_leave(host: str) -> None:
    with pytest.raises(ValidationError, match="no authentication"):
        Settings(host=host)
    assert Settings(host=host, allow_remote=True).allowed_hosts is None


def test_settings_come_from_the_environment_and_arguments_go_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COPYTASTER_PORT", "9001")
    monkeypatch.setenv("COPYTASTER_WORKERS", "3")
    settings = Settings(port=9002)
    assert (settings.port, settings.workers) == (9002, 3)


def test_feeds_name_the_public_address() -> None:
    assert Settings(public_url="https://feeds.example/news/").base_url == "https://feeds.example/news"
    assert Settings(host="::1", port=80).base_url == "http://[::1]:80"
    assert "feeds.example" in (Settings(public_url="https://feeds.example").allowed_hosts or ())


def test_the_command_says_why_it_refuses() -> None:
    app = typer.Typer()
    app.command()(serve)
    result = CliRunner().invoke(app, ["--host", "0.0.0.0"])  # noqa: S104
    assert result.exit_code == 2
    assert "no authentication" in result.output
