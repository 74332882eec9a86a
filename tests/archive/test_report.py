"""The report in a real browser: it runs nothing of a stranger's, asks nothing of the network, and fits its window."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from detector.archive import make_plan, write_report
from detector.archive.plots import bars, steps_plot
from detector.policy import Policy

_ATTACKS = (
    "<script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 1'>",
    "<svg onload='window.ran = 1'>",
    "</pre></style><script>window.ran = 1</script>",
    "\"><iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    "javascript:window.ran=1",
    "{{ 7 * 7 }}{% for x in y %}",
    "<a href='javascript:window.ran=1' autofocus onfocus='window.ran=1'>x</a>",
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    "<link rel=stylesheet href=https://example.org/x.css>",
    "\u202eright to left\u202c and \u2066isolated",
    "<!--<script>window.ran=1//-->",
    "<style>*{display:none}</style>",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of an archive in which every field of every item is an attack."""
    folder = tmp_path_factory.mktemp("hostile")
    story = (
        "The ferry Tern stops sailing on 3 May after 41 years, its owner Carrow Line said, and 61,000 passengers must"
        " take the Ellory route, which Mayor Anna Reed called a loss of 420,000 crowns for Scart and its 14 crew."
    )
    with (folder / "in.jsonl").open("w") as file:
        for number, attack in enumerate(_ATTACKS):
            for copy in (story.replace("61,000", f"{number + 50},000"), story.replace("61,000", f"{number + 50},000")):
                text = f"{copy} {attack} {number * 37 + 11} of {number * 91 + 5} seats at pier {number} were sold."
                row = {"id": f"{attack} {number} {file.tell()}", "title": attack, "text": text, "source": attack}
                file.write(json.dumps(row) + "\n")
            file.write(f"{attack}\n")
    make_plan([folder / "in.jsonl"], folder / "plan", Policy())
    return write_report(folder / "plan")


def test_nothing_hostile_runs_or_loads_or_hides(hostile: Path, browser: Any) -> None:
    page = browser.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(hostile.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("window.ran") is None
    assert asked == [hostile.as_uri()]
    assert complaints == []
    assert page.evaluate("document.querySelectorAll('script, iframe, img, link, object, embed, form').length") == 0
    assert page.evaluate("[...document.querySelectorAll('a')].every(a => a.getAttribute('href').startsWith('#'))")
    attributes = "[...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames())"
    assert page.evaluate(f"{attributes}.filter(n => n.startsWith('on'))") == []
    assert page.locator("h2").first.is_visible()
    assert "<script>window.ran = 1</script>" in page.inner_text("body")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [380, 820, 1400])
def test_the_report_fits_its_window_and_can_be_read(
    large_plan: Path, browser: Any, width: int, scheme: str, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(write_report(large_plan).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot = tmp_path / "report.png"
    page.screenshot(path=shot)
    assert shot.stat().st_size > 20_000
    for selector in ("body", ".dim", ".tag.reject", ".tag.review", ".own", "th"):
        found = page.locator(selector)
        if found.count():
            assert _contrast(found.first.evaluate(_COLOURS)) >= 4.5, selector
    columns = page.locator("#removed ~ details .sides").first.evaluate("e => getComputedStyle(e).gridTemplateColumns")
    assert len([column for column in columns.split() if column != "0px"]) == (1 if width == 380 else 2)
    page.close()


_COLOURS = """e => {
  const colour = getComputedStyle(e).color;
  let at = e, back;
  do { back = getComputedStyle(at).backgroundColor; at = at.parentElement; } while (back === 'rgba(0, 0, 0, 0)' && at);
  return [colour, back];
}"""


def _contrast(colours: list[str]) -> float:
    """WCAG 2.1's contrast ratio of two colours."""
    lights = sorted((_luminance([int(n) for n in re.findall(r"\d+", c)[:3]]) for c in colours), reverse=True)
    return (lights[0] + 0.05) / (lights[1] + 0.05)


def _luminance(rgb: list[int]) -> float:
    parts = [n / 255 / 12.92 if n <= 10 else ((n / 255 + 0.055) / 1.055) ** 2.4 for n in rgb]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_the_report_shows_stories_as_trees_pairs_side_by_side_and_how_to_apply(large_plan: Path) -> None:
    page = write_report(large_plan).read_text(encoding="utf-8")
    samples = json.loads((large_plan / "samples.json").read_text())
    assert samples["stories"][0]["size"] >= 3
    assert {member["depth"] for member in samples["stories"][0]["members"]} >= {0, 1}
    scores = [example["score"] for example in samples["removed"]]
    assert scores == sorted(scores)
    assert all({kind for kind, _ in example["there"]} <= {"equal", "changed", "own"} for example in samples["removed"])
    assert f"copytaster archive apply {large_plan} --out cleaned" in page
    assert "is printed on paper from the Ellory mill" in page


def test_bars_fill_the_plot_to_a_round_number() -> None:
    drawn = bars({"2020": {"publish": 90, "reject": 30}, "": {"publish": 3}}, ("publish", "reject"))
    assert [bar.label for bar in drawn.bars] == ["2020", "undated"]
    assert sum(part.height for part in drawn.bars[0].parts) == pytest.approx(drawn.height, abs=0.1)
    assert drawn.ticks[-1] == (0.0, "120")


def test_story_sizes_are_counted_in_groups() -> None:
    drawn = steps_plot([[2, 10], [7, 3], [300, 1]])
    assert [bar.title.split(" stories")[0] for bar in drawn.bars] == ["10", "0", "0", "3", "0", "0", "0", "1"]
