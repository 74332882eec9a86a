"""How far a plan is, told to a log; and what is left of one that was interrupted."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from detector.archive import make_plan, progress
from detector.policy import Policy

SAMPLE = Path(__file__).parents[2] / "fixtures" / "archive.jsonl"


def test_a_log_hears_twice_a_minute_how_far_the_plan_is_at_what_rate_and_how_long_it_will_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr("detector.archive.progress.time.monotonic", lambda: now[0])
    log = io.StringIO()
    with progress.Telling(Console(file=log, force_terminal=False, width=40)) as telling:
        telling.hear("examine:total", 10_000)
        for _ in range(8):
            now[0] += 10
            telling.hear("examine", 500)
    assert log.getvalue().splitlines() == [
        "1/4 examine: 1,500 of 10,000, 50 a second, about 2.8 min left",
        "1/4 examine: 3,000 of 10,000, 50 a second, about 2.3 min left",
    ]


def test_a_stage_whose_end_nobody_knows_says_what_is_done_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("detector.archive.progress.time.monotonic", lambda: now[0])
    log = io.StringIO()
    with progress.Telling(Console(file=log, force_terminal=False, width=40)) as telling:
        now[0] += 31
        telling.hear("confirm", 175)
    assert log.getvalue().splitlines() == ["4/4 confirm: 175"]


@pytest.mark.parametrize("at", ["strip", "decide", "confirm"])
def test_ctrl_c_leaves_the_finished_shards_to_the_next_run_which_comes_to_the_same_plan(
    at: str, tmp_path: Path
) -> None:
    make_plan([SAMPLE], tmp_path / "whole", Policy(), workers=1)

    def interrupt(stage: str, _done: int) -> None:
        if stage.startswith(at):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_plan([SAMPLE], tmp_path / "plan", Policy(), workers=1, progress=interrupt)
    finished = {path: path.stat().st_mtime_ns for path in (tmp_path / "plan").rglob("*.shard")}
    assert finished
    assert not (tmp_path / "plan" / "plan.jsonl").exists()
    make_plan([SAMPLE], tmp_path / "plan", Policy(), workers=1)
    assert {path: path.stat().st_mtime_ns for path in finished} == finished
    assert (tmp_path / "plan" / "plan.jsonl").read_bytes() == (tmp_path / "whole" / "plan.jsonl").read_bytes()
