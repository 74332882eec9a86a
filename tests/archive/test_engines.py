"""The engines: one plan, however it is made, interrupted, or continued."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from detector.archive import make_plan
from detector.archive.formats import find_sources, read
from detector.archive.plan import Options
from detector.archive.steps import learn, lesson, prepare, strip
from detector.errors import ArchiveError
from detector.pipeline import Detector
from detector.policy import Policy
from tests.archive import synthetic
from tests.conftest import absent

OUTPUTS = ("plan.jsonl", "quarantine.jsonl", "samples.json")


def rows(plan: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (plan / "plan.jsonl").read_text(encoding="utf-8").splitlines()]


def contents(plan: Path) -> dict[str, bytes]:
    return {name: (plan / name).read_bytes() for name in OUTPUTS}


def test_the_archive_has_something_of_everything(large_plan: Path) -> None:
    actions = [row["action"] for row in rows(large_plan)]
    assert len(actions) == 1050
    assert 100 < actions.count("reject") < 400
    assert {"exact", "contained"} <= {row["kind"] for row in rows(large_plan)}
    quarantine = (large_plan / "quarantine.jsonl").read_text()
    assert len(quarantine.splitlines()) == 3
    assert "the id 'i00001' stands at" in quarantine


def test_a_plan_is_what_the_service_would_have_come_to_item_by_item(large: Path, large_plan: Path) -> None:
    items = {one.examined.item.id: one for one in prepare(read(find_sources([large])))[0]}
    planned = rows(large_plan)
    chosen = {row["digest"] for row in planned}
    same = {one.digest: one for one in prepare(read(find_sources([large])))[0] if one.digest in chosen}
    assert len(same) == len(planned) == len(items)
    memories = learn(map(lesson, same.values()), {"harbour-post", "ellory-echo", "tarn-times"})
    detector = Detector(policy=Policy())
    for row in planned:
        examined = strip(same[row["digest"]], memories, ()).examined
        # The signature is not kept on disk; the service makes it anew.
        verdict = detector.judge(examined := detector.recall(_signed(examined)))
        detector.remember(examined, verdict)
        assert (verdict.action, [str(reason) for reason in verdict.reasons]) == (
            row["action"],
            [reason["code"] for reason in row["reasons"]],
        )
        assert len(verdict.matches) == row["matches"]
        assert verdict.truncated == row["truncated"]


def _signed(examined: Any) -> Any:
    from dataclasses import replace  # noqa: PLC0415

    from detector.dedup import sketch, tokenise  # noqa: PLC0415

    return replace(examined, sketch=sketch(tokenise(examined.text.text)))


def test_nothing_is_removed_without_a_match_to_what_stays_or_a_reason_of_its_own(large_plan: Path) -> None:
    planned = {row["id"]: row for row in rows(large_plan)}
    for row in planned.values():
        if row["action"] == "reject" and any(reason["code"] == "duplicate" for reason in row["reasons"]):
            assert planned[row["of"]]["action"] != "reject"
            assert row["stays"] == "it is the earlier" or row["stays"].startswith("both are of one moment")


def test_two_processes_and_another_order_of_rows_give_the_same_plan(
    large: Path, large_plan: Path, tmp_path: Path
) -> None:
    lines = large.read_text().splitlines(keepends=True)
    random.Random(3).shuffle(lines)
    (tmp_path / "shuffled.jsonl").write_text("".join(lines))
    make_plan([tmp_path / "shuffled.jsonl"], tmp_path / "plan", Policy(), workers=2)
    assert (tmp_path / "plan" / "plan.jsonl").read_bytes() == (large_plan / "plan.jsonl").read_bytes()
    assert (tmp_path / "plan" / "samples.json").read_bytes() == (large_plan / "samples.json").read_bytes()


def test_a_plan_that_was_killed_goes_on_from_its_shards_to_the_same_bytes(
    large: Path, large_plan: Path, tmp_path: Path
) -> None:
    out = tmp_path / "plan"
    command = [sys.executable, "-c", _PLAN, str(large), str(out)]
    running = subprocess.Popen(command, start_new_session=True)  # noqa: S603
    first = out / "work" / "examined" / "000000.shard"
    deadline = time.monotonic() + 120
    while not first.is_file() and running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    done = {path: path.stat().st_mtime_ns for path in (out / "work" / "examined").glob("*.shard")}
    assert done
    assert not (out / "plan.jsonl").exists()
    make_plan([large], out, Policy())
    assert contents(out) == contents(large_plan)
    assert {path: path.stat().st_mtime_ns for path in done} == done


def test_a_plan_that_was_interrupted_between_two_passes_does_not_take_the_first_for_the_last(tmp_path: Path) -> None:
    """A copy beyond the look-back is guessed to go, and found in the first pass to stay: what copies it does not."""
    body = synthetic.story(random.Random(1))
    items = [{"id": day, "text": body, "published": f"2026-01-{day}"} for day in ("01", "20", "21")]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items))

    def interrupt(stage: str, _done: int) -> None:
        if stage == "decide":  # the one block of the first pass is written
            raise KeyboardInterrupt

    for progress in (interrupt, lambda _stage, _done: None):
        with suppress(KeyboardInterrupt):
            make_plan([tmp_path / "in.jsonl"], tmp_path / "plan", Policy(look_back_days=5), progress=progress)
    assert [row["action"] for row in rows(tmp_path / "plan")] == ["publish", "publish", "reject"]


def test_the_workers_of_a_plan_that_was_killed_end_with_it(large: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PLAN, str(large), str(tmp_path / "plan"), "2"]
    running = subprocess.Popen(command, start_new_session=True)  # noqa: S603
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("plan/work/examined/*.shard")) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert running.poll() is None
    running.kill()  # it alone, as the kernel does where memory runs out
    running.wait()
    deadline = time.monotonic() + 60
    while _has_members(running.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not _has_members(running.pid)


def _has_members(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


_PLAN = """
import sys
from pathlib import Path
from detector.archive import make_plan
from detector.policy import Policy
if __name__ == "__main__":
    make_plan([Path(sys.argv[1])], Path(sys.argv[2]), Policy(), workers=int((sys.argv[3:] or "1")[0]))
"""


def test_another_setting_does_not_take_up_what_was_finished_under_the_first(large: Path, tmp_path: Path) -> None:
    small = synthetic.archive(tmp_path / "small.jsonl", 60)
    out = tmp_path / "plan"
    make_plan([small], out, Policy())
    before = contents(out)
    make_plan([small], out, Policy(keep="best"))
    assert contents(out) != before
    make_plan([small], out, Policy())
    assert contents(out) == before


@pytest.mark.parametrize("keep", ["most_complete", "source_rank", "best"])
def test_each_keep_policy_orders_the_plan_and_says_why_a_copy_stays(keep: Any, tmp_path: Path) -> None:
    small = synthetic.archive(tmp_path / "small.jsonl", 120)
    make_plan([small], tmp_path / "plan", Policy(keep=keep, source_rank=("tarn-times", "ellory-echo")))
    planned = rows(tmp_path / "plan")
    if keep == "most_complete":
        assert all(a["characters"] >= b["characters"] for a, b in pairwise(planned))
    if keep == "source_rank":
        ranks = [("tarn-times", "ellory-echo", "harbour-post").index(row["source"]) for row in planned]
        assert ranks == sorted(ranks)
    reasons = {row["stays"] for row in planned if row["action"] == "reject"} - {None}
    wanted = {"most_complete": "it is the more complete", "source_rank": "its source ranks higher",
              "best": "it is the newer version"}  # fmt: skip
    assert wanted[keep] in reasons


def test_a_retracted_item_gives_way_to_a_copy_that_stands(tmp_path: Path) -> None:
    body = synthetic.story(random.Random(1))
    items = [
        {"id": "first", "title": "RETRACTED: Ferry", "text": body, "published": "2026-01-01"},
        {"id": "second", "title": "Ferry", "text": body, "published": "2026-01-02"},
    ]
    (tmp_path / "in.jsonl").write_text("".join(json.dumps(item) + "\n" for item in items))
    make_plan([tmp_path / "in.jsonl"], tmp_path / "plan", Policy(keep="best"))
    second, first = rows(tmp_path / "plan")
    assert (second["id"], second["action"]) == ("second", "publish")
    assert (first["id"], first["action"], first["stays"]) == ("first", "reject", "it was not retracted")


def test_a_line_that_a_person_wants_kept_is_not_stripped(tmp_path: Path) -> None:
    small = synthetic.archive(tmp_path / "small.jsonl", 60)
    line = "Tarn-Times is printed on paper from the Ellory mill and owned by its readers."
    stripped = []
    for name, kept in (("as it is", ()), ("vetoed", (line.upper(),))):
        make_plan([small], tmp_path / name, Policy(), options=Options(keep_lines=kept))
        totals = json.loads((tmp_path / name / "samples.json").read_text())["totals"]
        stripped.append({source for source, reason, _, _ in totals["stripped"] if reason == "source_memory"})
    assert stripped == [{"harbour-post", "ellory-echo", "tarn-times"}, {"harbour-post", "ellory-echo"}]


def test_a_plan_since_another_treats_new_items_alone_against_what_was_kept(tmp_path: Path) -> None:
    whole = synthetic.archive(tmp_path / "whole.jsonl", 150)
    lines = whole.read_text().splitlines(keepends=True)
    (tmp_path / "old.jsonl").write_text("".join(lines[:100]))
    make_plan([tmp_path / "old.jsonl"], tmp_path / "old", Policy())
    options = Options(since=tmp_path / "old")
    summary = make_plan([whole], tmp_path / "new", Policy(), options=options)
    old, new = rows(tmp_path / "old"), rows(tmp_path / "new")
    assert not {row["digest"] for row in old} & {row["digest"] for row in new}
    kept = {row["id"] for row in (*old, *new) if row["action"] != "reject"}
    copies = [row for row in new if row["action"] == "reject"]
    assert {row["of"] for row in copies} <= kept
    assert {row["of"] for row in copies} & {row["id"] for row in old}
    assert summary.carried > 80
    carried = (tmp_path / "new" / "carried.jsonl").read_text().splitlines()
    assert {json.loads(line)["action"] for line in carried} >= {"publish", "reject"}


def test_spark_refuses_to_go_on_from_an_earlier_plan_and_names_the_engine_that_does(tmp_path: Path) -> None:
    pytest.importorskip("pyspark") if os.environ.get("CI") != "true" else __import__("pyspark")
    from detector.archive.spark import SparkEngine  # noqa: PLC0415

    archive = synthetic.archive(tmp_path / "in.jsonl", 20)
    make_plan([archive], tmp_path / "old", Policy())
    with pytest.raises(ArchiveError, match="--engine local with --since"):
        make_plan(
            [archive], tmp_path / "new", Policy(), options=Options(since=tmp_path / "old"), engine=SparkEngine("local")
        )


def test_spark_plans_a_thousand_items_to_the_same_bytes(large: Path, large_plan: Path, tmp_path: Path) -> None:
    pytest.importorskip("pyspark") if os.environ.get("CI") != "true" else __import__("pyspark")
    from detector.archive.spark import SparkEngine  # noqa: PLC0415

    try:
        engine = SparkEngine("local[2]")
        session = engine.session()
    except Exception as error:  # whatever Java says
        absent(f"no Spark session: {error}")
    try:
        make_plan([large], tmp_path / "plan", Policy(), engine=engine)
    finally:
        session.stop()
    assert contents(tmp_path / "plan") == contents(large_plan)
