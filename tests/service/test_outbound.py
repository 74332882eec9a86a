"""Calls outwards: signed, to the open internet alone, never longer or larger than was asked for."""

import asyncio
import ipaddress
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from service.outbound import Answer, Caller, CallError, RefusedAddressError, check_url, is_public
from service.signing import make_secret, signed_headers

BODY = json.dumps({"type": "item.published", "data": {"id": "ü"}}).encode()


def _headers(*secrets: str, body: bytes = BODY) -> dict[str, str]:
    return signed_headers("evt_1", int(datetime.now(UTC).timestamp()), body, secrets)


def test_a_signature_is_one_that_the_standard_library_takes() -> None:
    secret = make_secret()
    assert secret.startswith("whsec_")
    Webhook(secret).verify(BODY, _headers(secret))
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", _headers(secret))
    with pytest.raises(WebhookVerificationError):
        Webhook(make_secret()).verify(BODY, _headers(secret))


def test_while_a_secret_is_rotated_both_fit() -> None:
    new, old = make_secret(), make_secret()
    for secret in (new, old):
        Webhook(secret).verify(BODY, _headers(new, old))


PUBLIC = ["93.184.216.34", "2606:4700::1111", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.1", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "198.18.0.1", "fec0::1", "::127.0.0.1",
    "::10.0.0.1", "64:ff9b:1::1", "::ffff:0:127.0.0.1", "4000::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_of_the_open_internet_is_public(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PRIVATE)
def test_any_other_address_is_not_however_it_is_written(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "file:///etc/passwd",
        "https:///x",
        "http://u:p@a.example/",
        "//a",
        "http://[::1/",
        "http://a:0/",
    ],
)
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(RefusedAddressError):
        check_url(url)


@contextmanager
def _server(answer: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def _call(url: str, *, allow_private: bool = True, seconds: float = 5.0) -> Answer:
    async def call() -> Answer:
        caller = Caller(seconds=seconds, most_bytes=1000, allow_private=allow_private)
        try:
            return await caller.call("GET", url, {})
        finally:
            await caller.close()

    return asyncio.run(call())


def _plain(handler: BaseHTTPRequestHandler, body: bytes = b"hello", status: int = 200, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def test_an_address_in_another_alphabet_is_called_as_the_internet_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(host: str, port: int, *_arguments: Any, **_named: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    asked: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", find)
    with _server(lambda handler: _plain(handler, handler.path.encode())) as url:
        port = url.rpartition(":")[2]
        assert _call(f"http://bücher.example:{port}/neu/ö?q=ü v").body == b"/neu/%C3%B6?q=%C3%BC%20v"
    assert asked == ["xn--bcher-kva.example"]


def test_a_resolver_that_keeps_silent_holds_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()

    def look_up(*_arguments: Any, **_named: Any) -> list[Any]:
        answer.wait(30)
        raise OSError("silent")

    async def call() -> float:
        caller = Caller(seconds=30, most_bytes=1000)
        calls = [asyncio.create_task(caller.call("GET", "http://silent.example/", {})) for _ in range(35)]
        await asyncio.sleep(0.2)  # each is looking up
        began = time.monotonic()
        await asyncio.to_thread(int)  # as every request does
        waited = time.monotonic() - began
        answer.set()
        await asyncio.gather(*calls, return_exceptions=True)
        await caller.close()
        return waited

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert asyncio.run(call()) < 10


def test_an_address_that_does_not_answer_leaves_time_for_the_next_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with _server(_plain) as url, socket.socket() as silent:
        port = int(url.rpartition(":")[2])
        silent.bind(("127.0.0.2", port))
        silent.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:  # who comes after them is not answered
            one.setblocking(False)
            one.connect_ex(("127.0.0.2", port))
        found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.2", "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_named: found)
        assert _call(f"http://twice.example:{port}/", seconds=6).body == b"hello"
        for one in waiting:
            one.close()


def test_this_machine_is_called_only_where_that_is_allowed() -> None:
    with _server(_plain) as url:
        assert _call(url).body == b"hello"
        for named in (url, url.replace("127.0.0.1", "localhost"), url.replace("127.0.0.1", "[::ffff:127.0.0.1]")):
            with pytest.raises(RefusedAddressError, match="not an address of the open internet"):
                _call(named, allow_private=False)


def test_a_name_that_changes_its_address_is_called_where_it_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first look-up says what is checked; there is no second one in which it could be another."""
    asked = []

    def look_up(host: str, port: int, *_arguments: Any, **_named: Any) -> list[Any]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    with _server(_plain) as url:
        port = url.rpartition(":")[2]
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, *a, **k: (
            look_up(host, *a, **k) if host == "rebind.example" else [(2, 1, 6, "", (host, a[0]))]))  # fmt: skip
        assert _call(f"http://rebind.example:{port}/").body == b"hello"
    assert asked == ["rebind.example"]


def test_one_private_address_among_public_ones_is_enough_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_arguments, **_named: found)
    with pytest.raises(RefusedAddressError, match=r"10\.0\.0\.1"):
        _call("http://mixed.example/", allow_private=False)


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with _server(lambda handler: _plain(handler, b"", 302, Location="http://127.0.0.1:1/")) as url:
        assert _call(url).status == 302


def test_no_more_of_an_answer_is_read_than_was_asked_for() -> None:
    with _server(lambda handler: _plain(handler, b"x" * 100_000)) as url:
        answer = _call(url)
    assert (len(answer.body), answer.complete) == (1000, False)


def test_an_answer_that_drips_is_given_up_in_time() -> None:
    ended = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not ended.wait(0.05):
            handler.wfile.write(b"X-More: and more\r\n")

    with _server(drip) as url:
        with pytest.raises(CallError, match=r"within 0\.4 seconds"):
            _call(url, seconds=0.4)
        ended.set()


def test_nobody_there_is_said_so() -> None:
    with pytest.raises(CallError, match="ConnectError"):
        _call("http://127.0.0.1:1/")
