"""A real service over a socket with items that wait, the people who review them, and a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.review.passwords import hashed
from service.store import Store, people
from service.store.records import now
from tests.conftest import Server

PASSWORDS = {"Ann Reed": "harbour-lantern-42", "Ben Holt": "slipway-kettle-77"}
HOLD_ALL = "review_score = 0.0\nreject_score = 1.0\n"  # so that every item waits for a person


@dataclass
class Desk:
    """A running service whose items all wait, and how to put more there."""

    server: Server
    sent: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.server.url

    def hold(self, item_id: str, body: str, **more: str) -> None:
        """Send an item, which is held."""
        answer = httpx.post(f"{self.url}/v1/items", json={"id": item_id, "body": body, **more}, timeout=60)
        assert answer.status_code == 201, answer.text
        assert answer.json()["status"] == "held", answer.text
        self.sent.append(item_id)

    def status(self, item_id: str) -> str:
        answer: str = httpx.get(f"{self.url}/v1/items/{item_id}", timeout=60).json()["status"]
        return answer


@pytest.fixture(scope="session")
def open_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Desk]]:
    """Starts a service where everything is held, ``open_desk(reviewers=True)``; all are stopped at the end."""
    started: list[Server] = []

    def start(*, reviewers: bool = False) -> Desk:
        home = tmp_path_factory.mktemp("desk")
        policy = home / "policy.toml"
        policy.write_text(HOLD_ALL)
        if reviewers:
            add_reviewers(home / "items.db")
        shadow = home / "shadow.toml"
        shadow.write_text(HOLD_ALL)
        started.append(Server(home / "items.db", policy=str(policy), shadow_policy=str(shadow)))
        return Desk(started[-1])

    yield start
    for server in started:
        server.stop()  # by SIGTERM: what is killed says nothing of the lines that it ran


def add_reviewers(database: Path) -> None:
    store = Store.open(database)
    for name, password in PASSWORDS.items():
        role: people.Role = "admin" if name.startswith("Ann") else "reviewer"
        store.write(people.set_reviewer, name, role, hashed(password), now())
    store.close()


@pytest.fixture(scope="session")
def desk(open_desk: Callable[..., Desk]) -> Desk:
    """A desk that anybody on this machine may use."""
    return open_desk()


@pytest.fixture(scope="session")
def staffed(open_desk: Callable[..., Desk]) -> Desk:
    """A desk whose reviewers sign in."""
    return open_desk(reviewers=True)


def story(number: int) -> str:
    """A piece of news unlike any other."""
    places = ("Aldwick", "Port Ellory", "Salt Lane", "Quay Road", "Merrow", "Stanner", "Hollin")
    deeds = ("opened a lifeboat station", "closed a swimming hall", "repaired a tide gauge", "sold a cannery")
    crew = ("Reed", "Holt", "Adler", "Marsh", "Quill", "Tarn", "Vane")
    who, where = crew[number % len(crew)], places[number % len(places)]
    return (
        f"Councillor {who}{number} of {where} {deeds[number % len(deeds)]} number {number * 37} on day {number}, at a"
        f" cost of {number * 1013} crowns. Some {number * 11} people of ward {number * 7} came, and {number + 3} boats"
        f" lay at pier {number * 13}. The next one, worth {number * 499} crowns, is due in {number * 2 + 5} weeks."
    )


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()
