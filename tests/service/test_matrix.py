"""Every route by every role, made from the app's own documents; what a browser is made to send; what leads outside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from service.access import ACCESS, OPEN
from service.keys import SCOPES
from service.review.visitors import COOKIE
from tests.service.conftest import PASSWORD, REVIEWER

_PAGES = sorted(name for name in ACCESS if name.partition(" ")[2].startswith("/review"))
_ENTRANCE = {"GET /review/sign-in", "POST /review/sign-in", "GET /review/static/{name}"}
_KEYS = (*sorted(SCOPES), "expired", "revoked")


def _csrf(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert found, page.text
    return found[1]


def _signed_in(url: str, name: str, password: str) -> httpx.Client:
    client = httpx.Client(base_url=url, timeout=60)
    form = {"csrf": _csrf(client.get("/review/sign-in")), "name": name, "password": password, "next": "/review"}
    assert client.post("/review/sign-in", data=form).status_code == 303
    return client


@pytest.fixture(scope="module")
def callers(guarded: Any) -> Iterator[dict[str, httpx.Client]]:
    """A client for each role."""
    found = {name: guarded.as_(name) for name in _KEYS}
    found["nobody"] = guarded.client()
    found["reviewer's session"] = _signed_in(guarded.url, REVIEWER, PASSWORD)
    found["key's session"] = _signed_in(guarded.url, "", guarded.tokens["review"])
    found["made-up session"] = httpx.Client(base_url=guarded.url, cookies={COOKIE: "A" * 43}, timeout=60)
    yield found
    for client in found.values():
        client.close()


def _api(url: str) -> dict[str, str]:
    """Each route of the OpenAPI document, by its name in the table, with an address that leads to nothing."""
    found = {}
    for path, methods in httpx.get(f"{url}/openapi.json").json()["paths"].items():
        for method in methods:
            name = f"{method.upper()} {path}"
            name = name if name in ACCESS else name.replace("{item_id}", "{item_id:path}")
            found[name] = re.sub(r"\{\w+\}", "nobody", path)
    return found


def test_every_route_of_the_document_by_every_role(guarded: Any, callers: dict[str, httpx.Client]) -> None:
    """A cookie opens no route of the API, an expired or revoked key none, and a scope those that name it."""
    wrong, asked = [], 0
    for route, address in _api(guarded.url).items():
        wanted = ACCESS[route]
        for name, client in callers.items():
            status = client.request(route.partition(" ")[0], address).status_code
            known = name in SCOPES
            may = wanted == OPEN or (known and (name == "admin" or name in wanted)) or route == "GET /metrics"
            expected = "open" if may else 403 if known else 401
            asked += 1
            fits = status not in (401, 403) if expected == "open" else status == expected
            if not fits or status >= 500:
                wrong.append(f"{route} answered {name} with {status}, not {expected}")
    assert wrong == []
    assert asked >= 30 * len(callers)


def test_every_page_by_every_role(callers: dict[str, httpx.Client]) -> None:
    """Without the right to review, each page leads to the entrance; with it, no form goes through without its token."""
    wrong = []
    may = {"review", "admin", "reviewer's session", "key's session"}
    for route in _PAGES:
        if route in _ENTRANCE or route == "GET /review/live":  # a stream, looked at by itself
            continue
        method, _, path = route.partition(" ")
        for name, client in callers.items():
            answer = client.request(method, path, data={} if method == "POST" else None)
            shut = answer.status_code in (401, 403) or answer.headers.get("location", "").startswith("/review/sign-in")
            if method == "GET" and shut != (name not in may):
                wrong.append(f"{route} answered {name} with {answer.status_code}")
            if method == "POST" and answer.status_code not in (401, 403, 422):
                wrong.append(f"{route} took a form without a token from {name}: {answer.status_code}")
            if answer.status_code >= 500 or (answer.status_code == 422 and name not in may):
                wrong.append(f"{route} answered {name} with {answer.status_code}")
    assert wrong == []


def test_nobody_hears_the_stream_without_signing_in(callers: dict[str, httpx.Client]) -> None:
    for name in ("nobody", "check", "write", "expired", "revoked", "made-up session"):
        answer = callers[name].get("/review/live")
        assert answer.status_code in (303, 401, 403), name


def test_a_session_that_somebody_planted_is_not_the_one_that_signs_in(guarded: Any) -> None:
    """Session fixation: the victim's browser already has the attacker's cookie when they sign in."""
    planted = "B" * 43
    with httpx.Client(base_url=guarded.url, timeout=60) as victim:
        victim.cookies.set(COOKIE, planted, domain="127.0.0.1", path="/review")
        form = {"csrf": _csrf(victim.get("/review/sign-in")), "name": REVIEWER, "password": PASSWORD}
        answer = victim.post("/review/sign-in", data=form)
        assert answer.status_code == 303
        assert planted not in answer.headers["set-cookie"]
    with httpx.Client(base_url=guarded.url, cookies={COOKIE: planted}, timeout=60) as attacker:
        assert attacker.get("/review").status_code == 303, "the planted session opens nothing"


def test_the_token_of_one_session_is_no_token_of_another(callers: dict[str, httpx.Client]) -> None:
    mine = _csrf(callers["key's session"].get("/review"))
    answer = callers["reviewer's session"].post("/review/undo", data={"csrf": mine, "decisions": "1"})
    assert answer.status_code == 403


SPLIT = "a\r\nSet-Cookie: owned=1\r\n\r\n<script>"


def test_no_header_is_split_by_what_a_stranger_names(guarded: Any) -> None:
    with guarded.as_("admin") as admin:
        for name in (SPLIT, "a\u2028b", "ä\x7f"):
            answer = admin.post(
                "/v1/items", json={"id": name, "body": "Nine boats lay at pier 4 on Monday.", "title": SPLIT}
            )
            assert "owned" not in answer.headers.get("set-cookie", "")
            if answer.status_code == 201:
                assert re.fullmatch(r"[\x21-\x7e]+", answer.headers["location"])
                assert unquote(answer.headers["location"]).endswith(name)
            else:
                assert answer.status_code == 422
        planted = admin.get("/v1/items", headers={"X-Request-Id": "a b; owned"})
        assert "owned" not in planted.headers["x-request-id"]
        signed = admin.get("/review/sign-in", params={"next": f"/review/{SPLIT}"})
        assert "set-cookie" not in signed.headers or "owned" not in signed.headers["set-cookie"]


def test_a_title_is_text_in_every_page_and_feed(guarded: Any) -> None:
    title = '</title><script>alert(1)</script><img src=x onerror=alert(1)>" onmouseover="alert(1)'
    body = "A crane fell into the dock at Aldwick on Sunday; its driver, Ida Moss, got out with a broken arm."
    with guarded.as_("admin") as admin:
        stored = admin.post("/v1/items", json={"id": "titled<b>", "title": title, "body": body, "source": "<i>paper"})
        assert stored.status_code == 201
        pages = ("/review", "/review/item?id=titled%3Cb%3E", "/review/decisions", "/feed.atom", "/feed.rss")
        for path in pages:
            text = admin.get(path).text
            assert "<script>alert" not in text, path
            assert "<img src=x" not in text, path
            # In a page it could end an attribute; in a feed's element it is a quotation mark.
            assert path.startswith("/feed") or '" onmouseover="' not in text, path


LEADS_OUT = (
    "/review/static/..%2f..%2fvisitors.py", "/review/static/%2e%2e%2fpages.py", "/review/static/....//review.css",
    "/docs/assets/..%2f..%2f..%2fetc%2fpasswd", "/docs/assets/%2e%2e/%2e%2e/__init__.py", "/docs/assets//etc/passwd",
    "/docs/assets/..%5c..%5c__init__.py",
)  # fmt: skip


@pytest.mark.parametrize("path", LEADS_OUT)
def test_no_address_of_a_file_leads_out_of_its_folder(guarded: Any, path: str) -> None:
    with guarded.as_("admin") as admin:
        answer = admin.send(httpx.Request("GET", httpx.URL(guarded.url).copy_with(raw_path=path.encode()),
                                          headers=admin.headers))  # fmt: skip
    assert answer.status_code in (303, 401, 404)
    assert "import" not in answer.text
    assert "root:" not in answer.text


def test_signing_in_leaves_no_secret_in_the_log(guarded: Any) -> None:
    with closing(_signed_in(guarded.url, REVIEWER, PASSWORD)) as client:
        token = client.cookies[COOKIE]
        page = client.get("/review")
        wrong = {"csrf": _csrf(page), "name": REVIEWER, "password": "not-this-one-either"}
        client.post("/review/sign-in", data=wrong)
    log = guarded.log.read_text()
    assert "/review/sign-in" in log
    for secret in (PASSWORD, token, _csrf(page), "not-this-one-either"):
        assert secret not in log
