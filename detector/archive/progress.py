"""How far a plan is: a bar a stage for people at a terminal, a line now and then for a log."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

_STAGES = {
    "examine": "1/4 examine",
    "strip": "2/4 strip what sources repeat",
    "decide": "3/4 decide",
    "confirm": "4/4 confirm",
}
_EVERY = 30.0  # seconds between two lines in a log


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="dim")


class Telling:
    """Hears what a plan has done and tells it on standard error.

    A stage says first how many items it has ("examine:total"), then how many more are done.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._tasks = {stage: self._progress.add_task(name, total=None) for stage, name in _STAGES.items()}
        self._started: dict[str, float] = {}
        self._told = time.monotonic()

    def __enter__(self) -> Telling:
        self._progress.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._progress.stop()

    def hear(self, stage: str, done: int) -> None:
        """Take note of a stage's total, or of more items done."""
        name, _, is_total = stage.partition(":")
        task = self._tasks[name]
        self._started.setdefault(name, time.monotonic())
        if is_total:
            self._progress.update(task, total=done)
            return
        self._progress.advance(task, done)
        if not self._console.is_terminal and time.monotonic() - self._told >= _EVERY:
            self._told = time.monotonic()
            self._console.print(Text(self._line(name)), soft_wrap=True)

    def _line(self, stage: str) -> str:
        task = self._progress.tasks[self._tasks[stage]]
        done = int(task.completed)
        if not task.total:  # nobody knows how many verdicts hang on one that changed
            return f"{_STAGES[stage]}: {done:,}"
        rate = done / max(1e-9, time.monotonic() - self._started[stage])
        left = f", about {max(0, task.total - done) / rate / 60:,.1f} min left" if rate else ""
        return f"{_STAGES[stage]}: {done:,} of {int(task.total):,}, {rate:,.0f} a second{left}"
