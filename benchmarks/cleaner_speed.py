"""How fast the cleaner is, and how much memory a page takes, beside the usual extractors; what speed.py cleaner prints.

Processor time of one process that is held to one core, so that other work on the machine counts as little as it can.
The extractors take turns after every ten pages, so that noise meets them alike and each one works with its own code and
tables in the processor's caches, as it does in an archive; three rounds, of which a page's best counts. Where they take
turns after every page, each starts with what another left in the caches: ``--turns 1`` measures that. Brackets: 95% of
bootstrap samples of pages.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.bootstrap import SEED, Floats, percentile, resampled, with_interval
from benchmarks.extractors import Extract, Page, installed, named, text_of
from benchmarks.tables import table
from detector.clean.blocks import read_blocks
from detector.clean.guard import guard
from detector.clean.page import clean_html
from detector.clean.text import clean_text
from detector.train.pages import read_pages

_ROUNDS = 3
_TIMES = (1, 2, 4, 8)  # as long as the page is

Row = tuple[str, str]


def ours(page: Page) -> str:
    """A page's text by the shipped weights."""
    return clean_html(page["html"], url=page["url"]).text


def report(data: Path, pages: int | None = None, turns: int = 10) -> str:
    """The tables, in Markdown; ``pages`` measures so many instead of all, drawn with a fixed seed."""
    peers, missing = installed()
    chosen = _drawn(data, pages)
    extracts = {named("copytaster"): ours} | {name: peer.extract for name, peer in peers.items()}
    with _OneCore():
        tables = [_page_table(extracts, chosen, turns), _text_table(chosen)]
    return "\n\n".join([*tables, _memory_table(list(extracts), chosen), *missing])


def rows(data: Path) -> list[Row]:
    """The figures of copytaster alone, quickly, for the table of all parts."""
    chosen = _drawn(data, 150)
    with _OneCore():
        milliseconds = _milliseconds({"": ours}, chosen, len(chosen))[0][""]
        texts = _texts(chosen)
        speeds = {name: sum(map(len, found)) / _seconds(found).sum() / 1e6 for name, found in texts.items()}
    median, slow = np.percentile(milliseconds, [50, 99])
    size = sum(len(page["html"]) for page in chosen) / len(chosen) / 1000
    return [
        (f"page of {size:.0f} KB on average → its text, median ms", f"{median:.1f}"),
        (f"p99 of {len(chosen)} pages, ms", f"{slow:.0f}"),
        *((f"{name} → its text, million characters a second", f"{speed:.1f}")
          for name, speed in speeds.items()),
    ]  # fmt: skip


def _drawn(data: Path, pages: int | None) -> list[Page]:
    everything = list(read_pages(data))
    return everything if pages is None else random.Random(SEED).sample(everything, min(pages, len(everything)))


class _OneCore:
    """Holds the process to one core where the system can."""

    def __enter__(self) -> None:
        self._before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
        if self._before:
            os.sched_setaffinity(0, {max(self._before)})

    def __exit__(self, *_: object) -> None:
        if self._before:
            os.sched_setaffinity(0, self._before)


def _milliseconds(
    extracts: dict[str, Extract], pages: list[Page], turns: int
) -> tuple[dict[str, Floats], dict[str, int]]:
    """The best time of each page for each extractor, and on how many it failed; turns are taken after so many pages."""
    times = {name: np.full((_ROUNDS, len(pages)), np.inf) for name in extracts}
    failed = dict.fromkeys(extracts, 0)
    for extract in extracts.values():
        text_of(extract, pages[0])  # compiled and warm
    for number in range(_ROUNDS):
        for first in range(0, len(pages), turns):
            for name, extract in extracts.items():
                for k, page in enumerate(pages[first : first + turns], first):
                    started = time.process_time()
                    text = text_of(extract, page)
                    times[name][number, k] = (time.process_time() - started) * 1000
                    failed[name] += text is None and number == 0
    return {name: found.min(axis=0) for name, found in times.items()}, failed


def _page_table(extracts: dict[str, Extract], pages: list[Page], turns: int) -> str:
    found, failed = _milliseconds(extracts, pages, turns)
    own = next(iter(found.values()))
    sizes = [len(page["html"]) / 1000 for page in pages]
    lines = [
        [
            name,
            with_interval(times, percentile(50), 1),
            with_interval(times, percentile(99), 0),
            with_interval(times, digits=1),
            _ratio(times, own) if times is not own else "",
            str(failed[name]),
        ]
        for name, times in found.items()
    ]
    about = (
        f"{len(pages):,} pages of all kinds, {np.mean(sizes):.0f} KB on average: milliseconds a page, "
        f"turns after every {turns}."
    )
    header = ["extractor", "median", "p99", "mean", "copytaster is faster by (medians)", "failed"]
    return f"{about}\n\n{table(header, lines)}"


def _ratio(theirs: Floats, own: Floats) -> str:
    """The ratio of the medians, with its interval over the same drawn pages."""
    middle = percentile(50)
    low, high = np.percentile(middle(resampled(theirs)) / middle(resampled(own)), [2.5, 97.5])
    return f"{np.median(theirs) / np.median(own):.1f}× [{low:.1f}, {high:.1f}]"


def _texts(pages: list[Page]) -> dict[str, list[str]]:
    """Pages as text whose tags were stripped, and prose: what people reviewed of their articles."""
    lines = [read_blocks(guard(page["html"]).markup).texts for page in pages]
    return {
        "flattened text, a line a block": ["\n".join(texts) for texts in lines if texts],
        "flattened text, blank lines between": ["\n\n".join(texts) for texts in lines if texts],
        "prose": [page["main_content"] for page in pages if page["page_type"] == "article" and page["main_content"]],
    }


def _seconds(texts: list[str]) -> Floats:
    """The best of three times of ``clean_text`` for each text."""
    for text in texts[:3]:
        clean_text(text)  # compiled and warm
    best = np.full(len(texts), np.inf)
    for _ in range(_ROUNDS):
        for k, text in enumerate(texts):
            started = time.process_time()
            clean_text(text)
            best[k] = min(best[k], time.process_time() - started)
    return best


def _text_table(pages: list[Page]) -> str:
    lines = []
    for name, texts in _texts(pages).items():
        seconds = _seconds(texts)
        sizes = np.array([len(text) for text in texts]) / 1e6
        low, high = np.percentile(resampled(sizes).sum(axis=1) / resampled(seconds).sum(axis=1), [2.5, 97.5])
        overall = f"{sizes.sum() / seconds.sum():.1f} [{low:.1f}, {high:.1f}]"
        each = [with_interval(sizes / seconds, percentile(q), 1) for q in (50, 1)]
        lines.append([name, f"{len(texts):,}", f"{sizes.mean() * 1e6:,.0f}", overall, *each])
    about = "`clean_text`, for which the others have nothing: million characters a second."
    header = ["text", "texts", "characters on average", "all together", "median text", "p1"]
    return f"{about}\n\n{table(header, lines)}"


def _memory_table(names: list[str], pages: list[Page]) -> str:
    """Peak growth of a process of its own while it reads a page, 1, 2, 4 and 8 times as long as it is."""
    page = sorted(pages, key=lambda page: len(page["html"]))[len(pages) // 2]
    longer = [_repeated(page["html"], times) for times in _TIMES]
    size = len(page["html"].encode()) / 1e6
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            grown = [_growth(name, html, Path(folder, "page.json")) for html in longer]
            cells = [
                f"{bytes_ / 1e6:.1f} ({bytes_ / len(html.encode()):.0f}×)" if bytes_ is not None else "failed"
                for bytes_, html in zip(grown, longer, strict=True)
            ]
            lines.append([name, *cells])
    about = f"Peak growth in MB (in brackets: times the page) on a page of {size:.2f} MB whose body is repeated."
    return f"{about}\n\n{table(['extractor', *(f'{times}×' for times in _TIMES)], lines)}"


def _repeated(html: str, times: int) -> str:
    """The page with what is inside its body ``times`` times."""
    lowered = html.lower()
    start = lowered.find(">", max(lowered.find("<body"), 0)) + 1
    end = lowered.rfind("</body")
    end = end if end > start else len(html)
    return html[:start] + html[start:end] * times + html[end:]


def _growth(name: str, html: str, file: Path) -> int | None:
    file.write_text(json.dumps({"name": name, "html": html}))
    child = [sys.executable, "-m", "benchmarks.cleaner_speed", str(file)]
    done = subprocess.run(  # noqa: S603
        child, check=False, capture_output=True, text=True, cwd=Path(__file__).parent.parent
    )
    said = done.stdout.split()
    return int(said[-1]) if said and done.returncode == 0 else None


def _measure_growth(file: Path) -> None:
    """In a process of its own: read a page, and print by how many bytes the process grew at its peak."""
    asked = json.loads(file.read_text())
    peers, _ = installed()
    extracts: dict[str, Callable[[Page], str]] = {name: peer.extract for name, peer in peers.items()}
    extract = extracts.get(asked["name"], ours)
    extract({"html": _WARM, "url": "https://example.org/story"})
    page = {"html": asked["html"], "url": "https://example.org/story"}
    before = _forget_peak()
    extract(page)
    print(_status("VmHWM") - before)


_WARM = (
    "<html><head><title>Ferry to sail again</title></head><body><nav><a href='/'>Home</a></nav><article><h1>Ferry</h1>"
    + "<p>The ferry between the two islands sails again on Monday, after a repair that took the yard eleven days.</p>"
    * 9
    + "</article><div class='comments'><p>Good news.</p></div><footer>© 2026 All rights reserved</footer></body></html>"
)


def _forget_peak() -> int:
    """Begin to measure the peak anew (Linux); the bytes that the process holds now."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {name}")


if __name__ == "__main__":
    _measure_growth(Path(sys.argv[1]))
