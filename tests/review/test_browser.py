"""The page in a real Chromium: by keyboard alone, under hostile text, with two editors, without a script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.review.conftest import PASSWORDS, Desk, story

XSS = (
    "<script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 1'>",
    "<svg onload='window.ran = 1'><animate onbegin='window.ran=1'/></svg>",
    "\"><iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    "javascript:window.ran=1",
    "{{ 7 * 7 }}{% for x in y %}",
    "<a href='javascript:window.ran=1' autofocus onfocus='window.ran=1'>x</a>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    "<link rel=stylesheet href=https://example.org/x.css>",
    "</textarea></title></style><script>window.ran=1</script>",
    "<form action=https://example.org/><button formaction='javascript:window.ran=1'>x</button></form>",
    "<base href=https://example.org/>",
    "\u202eright to left\u202c and \u2066isolated",
    "<style>*{display:none}</style>",
    "A" * 3_000,
)
HELD = 100
PATHS = ("/review", "/review/overview", "/review/decisions", "/review/advisor")


def test_a_hundred_items_are_worked_through_by_keyboard_alone(open_desk: Callable[..., Desk], page: Any) -> None:
    desk = open_desk()
    for number in range(1, HELD + 1):
        desk.hold(f"k{number:03}", story(number))
    page.goto(f"{desk.url}/review?order=oldest")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    for number in range(1, HELD + 1):
        page.wait_for_selector(f'article.item[data-item="k{number:03}"]')
        page.keyboard.press("r" if number % 10 == 0 else "p")
    page.wait_for_selector(".flash")
    assert page.inner_text("#held-count") == "0"
    assert {desk.status(f"k{number:03}") for number in (1, 11, 99)} == {"published"}
    assert {desk.status(f"k{number:03}") for number in (10, 50, 100)} == {"rejected"}


def test_hostile_text_never_runs_loads_or_breaks_anything(open_desk: Callable[..., Desk], browser: Any) -> None:
    desk = open_desk()
    for number, attack in enumerate(XSS):
        text = f"{story(number + 500)}\n\nMayor {attack} said at pier {number}."
        desk.hold(f"x{number}", text, title=f"News {attack}"[:1_900], source=attack[:100], section=attack[:50])
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    for path in (*PATHS, "/review?order=riskiest", *(f"/review/item?id=x{number}" for number in range(len(XSS)))):
        page.goto(f"{desk.url}{path}")
        assert page.evaluate("window.ran") is None, path
        width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], path
    assert {url.split("/")[2] for url in asked} == {desk.url.split("/")[2]}
    context.close()


def _signed_in(browser: Any, desk: Desk, name: str) -> Any:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{desk.url}/review")
    page.fill("[name=name]", name)
    page.fill("[name=password]", PASSWORDS[name])
    page.click("button.primary")
    page.wait_for_url(re.compile(r"/review$"))
    return page


def _send(desk: Desk, browser: Any, item: str, number: int) -> None:
    """Held items of a desk with reviewers come in as anybody's: it has no keys."""
    desk.hold(item, story(number))


def test_two_editors_do_not_decide_on_one_item_at_a_time(staffed: Desk, browser: Any) -> None:
    _send(staffed, browser, "two-1", 601)
    ann, ben = _signed_in(browser, staffed, "Ann Reed"), _signed_in(browser, staffed, "Ben Holt")
    address = f"{staffed.url}/review/item?id=two-1"
    ann.goto(address)
    ben.goto(address)
    assert "Ann Reed has this item open" in ben.inner_text("main")
    ben.fill("#note", "Ben's words")
    ben.click("button[value=reject]")
    assert "Ann Reed has" in ben.inner_text(".problem")
    assert "Ben's words" in ben.input_value("textarea")
    assert staffed.status("two-1") == "held"
    ann.click("button[value=publish]")
    ann.wait_for_selector(".flash")
    assert staffed.status("two-1") == "published"
    ann.context.close()
    ben.context.close()


def test_a_session_that_ends_in_the_middle_of_a_form_loses_no_note(staffed: Desk, browser: Any) -> None:
    _send(staffed, browser, "late-1", 602)
    page = _signed_in(browser, staffed, "Ann Reed")
    page.goto(f"{staffed.url}/review/item?id=late-1")
    page.fill("#note", "the mayor's office confirms 14 weeks")
    page.context.clear_cookies()
    page.click("button[value=publish]")
    page.wait_for_selector("[name=password]")
    page.evaluate("sessionStorage.clear()")
    page.fill("[name=name]", "Ann Reed")
    page.fill("[name=password]", PASSWORDS["Ann Reed"])
    page.click("button.primary")
    page.wait_for_selector("article.item")
    assert page.input_value("#note") == "the mayor's office confirms 14 weeks"
    assert staffed.status("late-1") == "held"
    page.context.close()


def test_everything_works_without_a_script(desk: Desk, browser: Any) -> None:
    desk.hold("plain-1", story(603))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{desk.url}/review?q=ward {603 * 7}")
    page.click("a.open")
    page.click("button[value=publish]")
    assert desk.status("plain-1") == "published"
    page.click(".flash button")
    assert desk.status("plain-1") == "held"
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_a_screen_reader(desk: Desk, browser: Any, scheme: str) -> None:
    text = story(604 if scheme == "light" else 605)
    desk.hold(f"reader-{scheme}", f"{text}\n\nObservers note that the decision underscores how vital harbours are.")
    httpx.post(f"{desk.url}/v1/items", json={"id": f"reader-{scheme}-copy", "body": text}, timeout=60)
    context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    for path in (
        *PATHS,
        "/review/sign-in",
        f"/review/item?id=reader-{scheme}",
        f"/review/item?id=reader-{scheme}-copy",
    ):
        page.goto(f"{desk.url}{path}")
        found = Axe().run(page).response["violations"]
        serious = [
            (one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in ("serious", "critical")
        ]
        assert serious == [], path
    context.close()


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_no_page_is_wider_than_its_window(desk: Desk, browser: Any, width: int) -> None:
    desk.hold(f"wide-{width}", story(606 + width))
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    for path in (*PATHS, f"/review/item?id=wide-{width}"):
        page.goto(f"{desk.url}{path}")
        shown = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert shown[0] <= shown[1], path
    context.close()
