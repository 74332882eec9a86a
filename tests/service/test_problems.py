"""Every error is an RFC 9457 problem with a stable type."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI

from service import problems

ITEM = {"id": "problem", "body": "The swimming pool will be shut for a week from Monday 9 March."}

INVALID = {
    "no body": {"id": "x"},
    "no id": {"body": "x"},
    "empty id": {"id": " ", "body": "x"},
    "number for a body": {"id": "x", "body": 42},
    "number for an id": {"id": 1704, "body": "x"},
    "unknown field": ITEM | {"publised": "2026-03-02"},
    "unknown media type": ITEM | {"media_type": "application/pdf"},
    "a day that never was": ITEM | {"published": "2026-02-31"},
    "script for an address": ITEM | {"url": "javascript:alert(1)"},
    "no language": ITEM | {"language": "<b>"},
    "NUL": ITEM | {"body": "a\x00b"},
}


def problem(answer: httpx.Response, status: int, name: str) -> dict[str, object]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert (body["type"], body["status"]) == (f"urn:copytaster:problem:{name}", status)
    assert body["title"]
    assert body["detail"]
    return body


@pytest.mark.parametrize("case", INVALID)
def test_an_item_that_does_not_fit_is_refused_with_the_place(client: httpx.Client, case: str) -> None:
    body = problem(client.post("/v1/check", json=INVALID[case]), 422, "invalid-request")
    assert str(body["errors"]).count("pointer") == 1


def test_half_a_character_is_refused(client: httpx.Client) -> None:
    content = b'{"id": "x", "body": "The pool \\ud83d is shut.", "title": ""}'
    problem(client.post("/v1/check", content=content, headers=JSON), 422, "invalid-request")


def test_a_refusal_does_not_repeat_the_article(client: httpx.Client) -> None:
    answer = client.post("/v1/check", json={"id": "x", "body": ["a whole article"]})
    assert "a whole article" not in answer.text


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("content", [b'{"id": "x",', b"\xff\xfe", b"[" * 100_000 + b"]" * 100_000])
def test_a_body_that_is_not_readable_as_json_is_a_bad_request(client: httpx.Client, content: bytes) -> None:
    answer = client.post("/v1/check", content=content, headers=JSON)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_another_media_type_is_refused(client: httpx.Client, media_type: str) -> None:
    answer = client.post("/v1/items", content=b'{"id": "x", "body": "y"}', headers={"Content-Type": media_type})
    problem(answer, 415, "unsupported-media-type")


def test_what_is_not_there_is_not_found(client: httpx.Client) -> None:
    problem(client.get("/v1/items/never-stored"), 404, "not-found")
    problem(client.get("/nowhere"), 404, "not-found")


def test_a_method_that_is_not_offered_is_told_which_are(client: httpx.Client) -> None:
    answer = client.get("/v1/check")
    problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "POST"


def test_another_item_under_a_stored_id_is_a_conflict(client: httpx.Client) -> None:
    first = {"id": "conflict", "body": "The ferry office moves to 2 Fish Quay on 1 April."}
    assert client.post("/v1/items", json=first).status_code == 201
    answer = client.post("/v1/items", json=first | {"body": "The ferry office moves to 3 Fish Quay on 1 May."})
    problem(answer, 409, "item-conflict")
    assert "2 Fish Quay" in client.get("/v1/items/conflict").json()["verdict"]["cleaned"]["text"]


def test_a_body_that_says_that_it_is_too_large_is_refused_unread(client: httpx.Client) -> None:
    answer = client.post("/v1/check", content=b" " * 5_000_000, headers=JSON)
    problem(answer, 413, "body-too-large")


def test_a_body_that_turns_out_too_large_is_refused_while_it_streams(client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"id": "x", "body": "'
        for _ in range(100):
            yield b"x" * 65_536

    problem(client.post("/v1/check", content=endless(), headers=JSON), 413, "body-too-large")


def test_a_name_that_the_service_does_not_go_by_is_refused(client: httpx.Client) -> None:
    problem(client.get("/feed.json", headers={"Host": "evil.example"}), 421, "wrong-host")


def test_an_error_that_nobody_foresaw_is_a_problem_too() -> None:
    app = FastAPI()
    problems.install(app)

    @app.get("/")
    def fail() -> None:
        raise ZeroDivisionError("secret")

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/")

    answer = asyncio.run(call())
    problem(answer, 500, "internal-error")
    assert "secret" not in answer.text


def test_every_route_documents_its_problems(client: httpx.Client) -> None:
    schema = client.get("/openapi.json").json()
    assert "Problem" in schema["components"]["schemas"]
    for path in ("/v1/check", "/v1/items"):
        responses = schema["paths"][path]["post"]["responses"]
        for status in ("400", "413", "415", "422", "500", "503"):
            assert list(responses[status]["content"]) == ["application/problem+json"]
