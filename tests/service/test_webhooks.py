"""Webhooks: signed, delivered at least once under one id, given up and sent again."""

import json
import random
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any
from uuid import uuid4

import httpx
import pytest
from standardwebhooks.webhooks import Webhook

from service.delivery import Patience
from tests.service.conftest import Receiver

Archive = dict[str, dict[str, Any]]


@pytest.fixture
def admin(guarded: Any) -> Any:
    with guarded.as_("admin") as client:
        yield client


@pytest.fixture(scope="module", autouse=True)
def nothing_of_before(guarded: Any) -> None:
    """What other tests published is on its way to those who wanted it: it does not go to who subscribes from now on."""
    with guarded.as_("admin") as client, closing(Receiver()) as hook:
        made = _subscribe(client, hook.url)
        _publish(client, f"probe-{uuid4().hex}")
        deadline = time.monotonic() + 60
        while not any(b'"probe-' in body for _, body in hook.calls):
            assert time.monotonic() < deadline, "nothing was delivered"
            time.sleep(0.02)
        assert client.delete(f"/v1/webhooks/{made['id']}").status_code == 204


def _subscribe(admin: httpx.Client, url: str, *events: str) -> dict[str, Any]:
    answer = admin.post("/v1/webhooks", json={"url": url, "events": list(events)})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def _publish(admin: httpx.Client, name: str) -> None:
    body = f"The {name} lift at Aldwick station reopened on Monday after repairs costing 4,100 crowns, said Ada Fenn."
    assert admin.post("/v1/items", json={"id": name, "body": body}).status_code == 201


def test_what_happens_is_told_with_a_signature_that_the_standard_library_takes(
    admin: httpx.Client, receiver: Callable[..., Any]
) -> None:
    hook = receiver()
    made = _subscribe(admin, hook.url)
    assert "secret" in made
    assert admin.get(f"/v1/webhooks/{made['id']}").json()["secret"] is None
    _publish(admin, "signed")
    headers, body = hook.wait_for(1)[0]
    told = Webhook(made["secret"]).verify(body, headers)
    assert told["data"]["id"] == "signed"
    assert told["type"].startswith("item.")
    assert "Ada Fenn" not in body.decode()
    assert admin.delete(f"/v1/webhooks/{made['id']}").status_code == 204
    assert admin.get(f"/v1/webhooks/{made['id']}").status_code == 404


def test_a_receiver_that_fails_is_told_again_under_the_same_id(
    admin: httpx.Client, receiver: Callable[..., Any]
) -> None:
    hook = receiver([500, 503, 302])
    made = _subscribe(admin, hook.url)
    _publish(admin, "again")
    calls = hook.wait_for(4)
    assert len({headers["webhook-id"] for headers, _ in calls}) == 1
    for headers, body in calls:
        Webhook(made["secret"]).verify(body, headers)
    (delivery,) = _settled(admin, made["id"], "delivered")
    assert (delivery["attempts"], delivery["status"]) == (4, 204)
    admin.delete(f"/v1/webhooks/{made['id']}")


def _settled(admin: httpx.Client, hook: str, state: str) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found: list[dict[str, Any]] = admin.get(f"/v1/webhooks/{hook}/deliveries?state={state}").json()["deliveries"]
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing became {state}")


def test_a_receiver_that_is_gone_is_left_alone_until_it_is_told_again(
    admin: httpx.Client, receiver: Callable[..., Any]
) -> None:
    hook = receiver([410])
    made = _subscribe(admin, hook.url)
    _publish(admin, "gone")
    (dead,) = _settled(admin, made["id"], "dead")
    assert not admin.get(f"/v1/webhooks/{made['id']}").json()["active"]
    again = admin.post(f"/v1/webhooks/{made['id']}/replay", json={})
    assert (again.status_code, again.json()) == (202, {"events": 1})
    calls = hook.wait_for(2)
    assert [headers["webhook-id"] for headers, _ in calls] == [dead["event"]] * 2
    _settled(admin, made["id"], "delivered")
    named = admin.post(f"/v1/webhooks/{made['id']}/replay", json={"events": [dead["event"]]})
    assert named.json() == {"events": 1}
    hook.wait_for(3)
    admin.delete(f"/v1/webhooks/{made['id']}")


def test_a_moment_without_a_zone_is_in_utc(admin: httpx.Client, receiver: Callable[..., Any]) -> None:
    made = _subscribe(admin, receiver().url, "item.deleted")
    again = admin.post(f"/v1/webhooks/{made['id']}/replay", json={"since": "2999-03-02T00:00:00"})
    assert (again.status_code, again.json()) == (202, {"events": 0})
    wrong = admin.post(f"/v1/webhooks/{made['id']}/replay", json={"events": ["\x00"]})
    assert wrong.status_code == 422
    admin.delete(f"/v1/webhooks/{made['id']}")


def test_while_a_secret_is_rotated_either_fits(admin: httpx.Client, receiver: Callable[..., Any]) -> None:
    hook = receiver()
    made = _subscribe(admin, hook.url)
    new = admin.post(f"/v1/webhooks/{made['id']}/rotate").json()["secret"]
    assert new != made["secret"]
    _publish(admin, "rotated")
    headers, body = hook.wait_for(1)[0]
    for secret in (new, made["secret"]):
        Webhook(secret).verify(body, headers)
    admin.delete(f"/v1/webhooks/{made['id']}")


def test_only_the_events_that_are_wanted_are_told(admin: httpx.Client, receiver: Callable[..., Any]) -> None:
    all_of_them, deleted = receiver(), receiver()
    hooks = [_subscribe(admin, all_of_them.url), _subscribe(admin, deleted.url, "item.deleted")]
    _publish(admin, "wanted")
    all_of_them.wait_for(1)
    time.sleep(0.2)
    assert deleted.calls == []
    for hook in hooks:
        admin.delete(f"/v1/webhooks/{hook['id']}")


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9/", "http://localhost/", "http://[::1]/", "http://169.254.169.254/x"]
)
def test_an_address_of_this_machine_is_refused_unless_that_is_set(client: httpx.Client, url: str) -> None:
    answer = client.post("/v1/webhooks", json={"url": url})
    assert answer.status_code == 422
    assert "not an address of the open internet" in answer.json()["detail"]


@pytest.mark.parametrize("given", [{"url": "ftp://a.example/"}, {"url": "http://a.example/", "events": ["x"]}, {}])
def test_a_subscription_that_cannot_be_is_refused(admin: httpx.Client, given: dict[str, Any]) -> None:
    assert admin.post("/v1/webhooks", json=given).status_code == 422


def test_patience_doubles_up_to_its_longest_with_jitter_that_a_seed_repeats() -> None:
    patience = Patience(attempts=16, first=5.0, longest=3600.0)
    delays = [patience.delay(n, random.Random(7)) for n in range(1, 17)]
    assert delays == [patience.delay(n, random.Random(7)) for n in range(1, 17)]
    for n, delay in enumerate(delays, 1):
        assert 0.5 <= delay / min(3600.0, 5.0 * 2 ** (n - 1)) <= 1.5
    assert len({round(patience.delay(1, random.Random(seed)), 6) for seed in range(50)}) == 50


def test_events_hold_no_more_than_their_receiver_needs(admin: httpx.Client, receiver: Callable[..., Any]) -> None:
    hook = receiver()
    made = _subscribe(admin, hook.url)
    _publish(admin, "bounded")
    headers, body = hook.wait_for(1)[0]
    assert headers["content-type"] == "application/json"
    assert set(json.loads(body)) == {"type", "timestamp", "data"}
    admin.delete(f"/v1/webhooks/{made['id']}")
