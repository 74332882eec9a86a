"""Who may do what: every route declares its scope, every scope opens its routes and no others."""

import base64
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute

from service.access import ACCESS, OPEN, needed
from service.keys import SCOPES
from service.review import actions, entrance, live, pages, subscription, thresholds

_NOT_IN_THE_SCHEMA = {"GET /docs", "GET /openapi.json", "HEAD /openapi.json", "GET /docs/assets/{file:path}"}
_REVIEW = {name for name in ACCESS if name.partition(" ")[2].startswith("/review")}
_REFUSED = (401, 403)


def _routes(schema: dict[str, Any]) -> dict[str, str]:
    """Each route of an OpenAPI document as the table names it, with an address of it that leads to nothing."""
    found = {}
    for path, methods in schema["paths"].items():
        for method in methods:
            name = f"{method.upper()} {path}"
            if name not in ACCESS:  # the schema leaves out that an id may hold slashes
                name = name.replace("{item_id}", "{item_id:path}")
            found[name] = re.sub(r"\{\w+\}", "nobody", path)
    return found


@pytest.fixture(scope="module")
def routes(guarded: Any) -> dict[str, str]:
    return _routes(httpx.get(f"{guarded.url}/openapi.json").json())


def test_every_route_is_in_the_table_and_every_line_of_the_table_is_a_route(routes: dict[str, str]) -> None:
    assert set(routes) | _NOT_IN_THE_SCHEMA | _REVIEW == set(ACCESS)


def test_every_page_of_the_review_is_in_the_table() -> None:
    routers = (pages, actions, entrance, live, subscription, thresholds)
    routes = [route for part in routers for route in part.router.routes if isinstance(route, APIRoute)]
    assert {f"{method} {route.path}" for route in routes for method in route.methods} == _REVIEW


def test_every_route_is_found_under_its_own_line(routes: dict[str, str]) -> None:
    for route, address in routes.items():
        assert needed(route.split(" ")[0], address) == ACCESS[route], route


def test_each_route_takes_each_scope_that_it_names_and_no_other(guarded: Any, routes: dict[str, str]) -> None:
    callers = {name: guarded.as_(name) for name in (*SCOPES, "expired")}
    callers["nobody"] = guarded.client()
    wrong = []
    for route, address in routes.items():
        wanted = ACCESS[route]
        for name, client in callers.items():
            status = client.request(route.split(" ")[0], address).status_code
            may = wanted == OPEN or name == "admin" or name in wanted or route == "GET /metrics"
            expected = "open" if may else (403 if name in SCOPES else 401)
            if (expected == "open") != (status not in _REFUSED) or (expected in _REFUSED and status != expected):
                wrong.append(f"{route} answered {name} with {status}, not {expected}")
            assert status < 500
    for client in callers.values():
        client.close()
    assert wrong == []


def test_the_schema_says_what_a_route_needs(guarded: Any) -> None:
    schema = httpx.get(f"{guarded.url}/openapi.json").json()
    operation = schema["paths"]["/v1/items"]["post"]
    assert operation["security"] == [{"key": ["admin"]}, {"key": ["write"]}]
    assert {"401", "403", "429"} <= set(operation["responses"])
    assert "security" not in schema["paths"]["/livez"]["get"]


def test_an_address_that_is_not_in_the_table_is_not_there(guarded: Any) -> None:
    with guarded.as_("admin") as admin:
        assert admin.get("/v1/secrets").status_code == 404
        assert admin.patch("/v1/items").status_code == 405
    with guarded.client() as nobody:
        assert nobody.get("/v1/secrets").status_code == 401
        assert nobody.patch("/v1/items").status_code == 401


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer ct_000000000000_" + "A" * 43, "Basic !!!", "Digest x", ""]
)
def test_a_key_that_is_none_is_answered_with_what_to_send(guarded: Any, header: str) -> None:
    answer = httpx.get(f"{guarded.url}/v1/items", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.json()["type"] == "urn:copytaster:problem:unauthorized"
    assert answer.headers["www-authenticate"].startswith('Bearer realm="copytaster"')


def test_a_key_that_may_not_is_told_which_scope_it_lacks(guarded: Any) -> None:
    with guarded.as_("check") as client:
        answer = client.get("/v1/items")
    assert answer.status_code == 403
    assert 'scope="review write"' in answer.headers["www-authenticate"]
    assert "'check'" in answer.json()["detail"]


def test_a_feed_reader_may_send_its_key_as_a_password(guarded: Any) -> None:
    assert httpx.get(f"{guarded.url}/feed.atom", auth=("", guarded.tokens["check"])).status_code == 200
    wrong = base64.b64encode(b"check:wrong").decode()
    assert httpx.get(f"{guarded.url}/feed.atom", headers={"Authorization": f"Basic {wrong}"}).status_code == 401


def test_a_key_is_held_to_its_rate(guarded: Any) -> None:
    with guarded.as_("slow") as client:
        answers = [client.get("/v1/items") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit"] == '"requests";r=1;t=100'
    assert answers[2].headers["ratelimit-policy"] == '"requests";q=2;w=200'
    assert int(answers[2].headers["retry-after"]) in range(1, 101)
    assert answers[2].json()["type"] == "urn:copytaster:problem:too-many-requests"


def test_a_revoked_key_opens_nothing_within_two_seconds(guarded: Any) -> None:
    key_id = guarded.tokens["leaving"].split("_")[1]
    with guarded.as_("leaving") as client:
        assert client.get("/v1/items").status_code == 200
        done = _copytaster("keys", "revoke", key_id, "--database", str(guarded.database))
        assert done.returncode == 0, done.stderr
        deadline = time.monotonic() + 60  # on a machine that is slow and busy
        while client.get("/v1/items").status_code != 401:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_keys_are_listed_without_what_opens_anything(guarded: Any) -> None:
    done = _copytaster("keys", "list", "--json", "--database", str(guarded.database))
    assert '"name": "write"' in done.stdout
    assert not any(token.split("_", 2)[2] in done.stdout for token in guarded.tokens.values())


def _copytaster(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("copytaster")
    return subprocess.run([command, *arguments], capture_output=True, text=True, check=False)  # noqa: S603


def test_without_a_key_this_machine_may_do_everything_and_nobody_through_a_proxy(client: httpx.Client) -> None:
    assert client.get("/v1/items").status_code == 200
    assert client.get("/metrics").status_code == 200
    for header in ("X-Forwarded-For", "Forwarded", "Via"):
        assert client.get("/v1/items", headers={header: "198.51.100.7"}).status_code == 401


def test_json_that_nests_too_deep_is_turned_away_unread(client: httpx.Client) -> None:
    deep = b'{"id": "a", "body": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    answer = client.post("/v1/check", content=deep, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:copytaster:problem:too-deep")


def test_what_is_logged_names_requests_and_quotes_neither_articles_nor_keys(guarded: Any) -> None:
    marker = "A heron nested on the harbour crane at Aldwick for the 3rd year, said its driver, Ida Moss."
    with guarded.as_("write") as client:
        assert client.post("/v1/check", json={"id": "quoted", "body": marker}).status_code == 200
        assert client.post("/v1/check", json={"id": "quoted", "text": marker}).status_code == 422
    log = guarded.log.read_text()
    assert '"route": "/v1/check"' in log
    assert "heron" not in log
    assert not any(token.split("_", 2)[2] in log for token in guarded.tokens.values())


def test_every_answer_names_its_request_and_keeps_the_id_that_a_proxy_gave(guarded: Any) -> None:
    with guarded.client() as nobody:
        ids = [nobody.get(path).headers["x-request-id"] for path in ("/livez", "/v1/items", "/nowhere")]
        assert len(set(ids)) == 3
        assert nobody.get("/v1/items", headers={"X-Request-Id": "edge-7"}).headers["x-request-id"] == "edge-7"
        assert nobody.get("/livez", headers={"X-Request-Id": "a b"}).headers["x-request-id"] != "a b"
    assert '"request": "edge-7"' in guarded.log.read_text()
