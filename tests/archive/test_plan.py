"""plan, report, apply and undo on the sample archive and on small ones made for the purpose."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from detector.archive import apply_plan, make_plan, undo, write_report
from detector.archive.work import WORK, alone_in
from detector.errors import ArchiveError
from detector.policy import Policy

FIXTURES = Path(__file__).parents[2] / "fixtures"
SAMPLE = FIXTURES / "archive.jsonl"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("plan")
    make_plan([SAMPLE], out, Policy(), workers=1)
    return out


def planned(plan: Path) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in rows(plan / "plan.jsonl")}


def test_every_item_of_the_sample_gets_the_verdict_that_an_editor_would_give(plan: Path) -> None:
    wrong = []
    actual = planned(plan)
    for expected in rows(FIXTURES / "archive.expected.jsonl"):
        allowed = expected["expect"] if isinstance(expected["expect"], list) else [expected["expect"]]
        row = actual[expected["id"]]
        if row["action"] not in allowed:
            wrong.append(
                (expected["id"], row["action"], allowed, [r["code"] for r in row["reasons"]], expected["shows"])
            )
    assert not wrong


def test_every_copy_in_the_sample_names_the_item_that_it_copies(plan: Path) -> None:
    actual = planned(plan)
    copies = [e for e in rows(FIXTURES / "archive.expected.jsonl") if e["kind"] in ("exact", "near", "contained")]
    assert len(copies) >= 10
    wrong = [(e["id"], actual[e["id"]]["of"], e["of"]) for e in copies if actual[e["id"]]["of"] != e["of"]]
    assert not wrong


def test_the_plan_is_the_same_for_any_order_and_number_of_workers(plan: Path, tmp_path: Path) -> None:
    lines = SAMPLE.read_bytes().splitlines(keepends=True)
    random.Random(7).shuffle(lines)
    shuffled = tmp_path / "shuffled.jsonl"
    shuffled.write_bytes(b"".join(lines))
    make_plan([shuffled], tmp_path / "out", Policy(), workers=2)
    assert (tmp_path / "out" / "plan.jsonl").read_bytes() == (plan / "plan.jsonl").read_bytes()


def test_bad_lines_are_quarantined_and_the_rest_is_planned(tmp_path: Path) -> None:
    summary = make_plan([FIXTURES / "bad_archive.jsonl"], tmp_path, Policy(), workers=1)
    quarantine = rows(tmp_path / "quarantine.jsonl")
    assert summary.quarantined == len(quarantine) > 10
    assert all(entry["number"] > 0 and entry["error"] for entry in quarantine)
    assert {"good-slipway", "good-tide-gauge", "good-lifeboat", "good-allotments"} <= planned(tmp_path).keys()


def test_unlike_lines_under_one_id_are_told_apart_whatever_their_order(tmp_path: Path) -> None:
    one = '{"id": "a", "body": "The slipway is closed until 14 May.", "published": "2026-01-02"}\n'
    other = '{"id": "a", "body": "Two hives yielded 44 pounds of honey.", "published": "2026-01-01"}\n'
    plans = []
    for name, lines in (("x", [one, other]), ("y", [other, one])):
        (tmp_path / f"{name}.jsonl").write_text("".join(lines))
        make_plan([tmp_path / f"{name}.jsonl"], tmp_path / name, Policy(), workers=1)
        plans.append((tmp_path / name / "plan.jsonl").read_bytes())
        assert "the id 'a' stands at line" in rows(tmp_path / name / "quarantine.jsonl")[0]["error"]
    assert plans[0] == plans[1]


def test_two_plans_at_once_do_not_write_into_one_folder(tmp_path: Path) -> None:
    archive = tmp_path / "in.jsonl"
    archive.write_text('{"id": "a", "body": "The slipway is closed until 14 May."}\n')
    with alone_in(tmp_path / "plan" / WORK), pytest.raises(ArchiveError, match=r"another plan .* --out"):
        make_plan([archive], tmp_path / "plan", Policy(), workers=1)
    assert make_plan([archive], tmp_path / "plan", Policy(), workers=1).items == 1


def test_a_line_that_stands_twice_is_one_item(tmp_path: Path) -> None:
    line = '{"id": "a", "body": "The slipway is closed until 14 May."}\n'
    (tmp_path / "in.jsonl").write_text(line * 3)
    summary = make_plan([tmp_path / "in.jsonl"], tmp_path / "plan", Policy(), workers=1)
    assert (summary.items, summary.repeated_rows, summary.quarantined) == (1, 2, 0)
    done = apply_plan(tmp_path / "plan", tmp_path / "out")
    assert (done.kept, done.repeated) == (1, 2)


def test_apply_puts_every_line_in_one_place_as_it_stands(plan: Path, tmp_path: Path) -> None:
    before = SAMPLE.read_bytes()
    done = apply_plan(plan, tmp_path / "out")
    kept = (tmp_path / "out" / "kept" / "archive.jsonl").read_bytes().splitlines()
    removed = (tmp_path / "out" / "removed" / "archive.jsonl").read_bytes().splitlines()
    assert sorted(kept + removed) == sorted(before.splitlines())
    assert {json.loads(line)["id"] for line in removed} == {
        item for item, row in planned(plan).items() if row["action"] == "reject"
    }
    assert (done.kept, done.removed) == (len(kept), len(removed))
    assert SAMPLE.read_bytes() == before


def test_undo_takes_back_what_apply_wrote_unless_somebody_changed_it(plan: Path, tmp_path: Path) -> None:
    apply_plan(plan, tmp_path / "out")
    undo(tmp_path / "out")
    assert not (tmp_path / "out").exists()
    apply_plan(plan, tmp_path / "out")
    with (tmp_path / "out" / "kept" / "archive.jsonl").open("a") as file:
        file.write("mine\n")
    with pytest.raises(ArchiveError, match=r"kept/archive\.jsonl.*changed since"):
        undo(tmp_path / "out")
    assert (tmp_path / "out" / "kept" / "archive.jsonl").exists()


def test_apply_refuses_an_archive_that_changed_and_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    archive = tmp_path / "in.jsonl"
    archive.write_text('{"id": "a", "body": "The slipway is closed until 14 May."}\n')
    make_plan([archive], tmp_path / "plan", Policy(), workers=1)
    with pytest.raises(ArchiveError, match="is not empty"):
        apply_plan(tmp_path / "plan", tmp_path / "plan")
    archive.write_text("{}\n")
    with pytest.raises(ArchiveError, match="plan again"):
        apply_plan(tmp_path / "plan", tmp_path / "out")


def test_a_plan_that_was_edited_is_not_carried_out(tmp_path: Path) -> None:
    archive = tmp_path / "in.jsonl"
    archive.write_text('{"id": "a", "body": "The slipway is closed until 14 May."}\n')
    make_plan([archive], tmp_path / "plan", Policy(), workers=1)
    file = tmp_path / "plan" / "plan.jsonl"
    file.write_text(file.read_text().replace('"id": "a"', '"id": "b"'))
    with pytest.raises(ArchiveError, match="not the plan that was written there"):
        apply_plan(tmp_path / "plan", tmp_path / "out")


def test_the_keep_policy_changes_which_copy_stays(tmp_path: Path) -> None:
    story = (
        "The ferry Tern will stop sailing between Wexcombe and Scart on 3 May after 41 years, its owner said."
        " Carrow Line carried 61,000 passengers on the crossing last year against 148,000 in 2012, and a new gearbox"
        " would have cost 420,000 pounds. The 14 crew will be offered work on the Ellory route."
    )
    items = [
        {"id": "early", "body": story, "source": "small-paper", "published": "2026-01-01"},
        {"id": "late", "body": story, "source": "agency", "published": "2026-01-02"},
    ]
    archive = tmp_path / "in.jsonl"
    archive.write_text("".join(json.dumps(item) + "\n" for item in items))
    make_plan([archive], tmp_path / "earliest", Policy(), workers=1)
    make_plan([archive], tmp_path / "ranked", Policy(keep="source_rank", source_rank=("agency",)), workers=1)
    assert planned(tmp_path / "earliest")["late"]["action"] == "reject"
    assert planned(tmp_path / "ranked")["early"]["action"] == "reject"
    assert planned(tmp_path / "ranked")["late"]["action"] == "publish"


def test_the_report_is_one_file_that_asks_nothing_of_the_network_and_runs_nothing(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script> <img src=x onerror=alert(2)> Ferry stops"
    archive = tmp_path / "in.jsonl"
    story = "The ferry stops sailing on 3 May after 41 years. <script>alert(3)</script> Carrow Line carried 61,000."
    with archive.open("w") as file:
        for number in range(2):
            row = {"id": f"i{number}", "title": hostile, "text": story, "source": "<b>x</b>"}
            file.write(json.dumps(row) + "\n")
        file.write("<script>alert(4)</script>\n")
    make_plan([archive], tmp_path / "plan", Policy(), workers=1)
    page = write_report(tmp_path / "plan").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "http://" not in page
    assert "https://" not in page
    assert "default-src 'none'" in page


def test_the_report_shows_what_would_be_removed_beside_what_stays(plan: Path) -> None:
    page = write_report(plan).read_text(encoding="utf-8")
    removed = [row for row in rows(plan / "plan.jsonl") if row["action"] == "reject" and row["of"]]
    assert all(row["id"] in page and row["of"] in page for row in removed[:20])
    assert "Would be removed" in page


def test_what_a_source_repeats_is_learned_from_all_its_items_and_stripped_from_the_first_too(tmp_path: Path) -> None:
    footer = "Harbour Post is owned by its readers and printed on paper from the Ellory mill."
    with (tmp_path / "in.jsonl").open("w") as file:
        for number in range(12):
            story = (
                f"Scart council voted {number + 11} to {number % 7 + 2} on Tuesday to sell plot {number + 301}.\n\n"
                f"The buyer has paid {number * 17 + 240},000 crowns and will employ {number + 12} people there from"
                f" {number % 28 + 1} May, clerk Jory Penn said. Two councillors abstained from vote {number}."
            )
            row = {"id": f"i{number:02}", "text": f"{story}\n\n{footer}", "source": "harbour-post"}
            file.write(json.dumps(row) + "\n")
    make_plan([tmp_path / "in.jsonl"], tmp_path / "plan", Policy(), workers=1)
    totals = json.loads((tmp_path / "plan" / "samples.json").read_text())["totals"]
    assert ["harbour-post", "source_memory", footer, 12] in totals["stripped"]


def test_a_plan_is_not_written_over_the_archive_nor_among_other_files(tmp_path: Path) -> None:
    archive = tmp_path / "plan.jsonl"
    archive.write_text('{"id": "a", "body": "The slipway is closed until 14 May."}\n')
    with pytest.raises(ArchiveError, match="would be overwritten"):
        make_plan([archive], tmp_path, Policy(), workers=1)
    other = tmp_path / "items.jsonl"
    other.write_bytes(archive.read_bytes())
    with pytest.raises(ArchiveError, match="no plan of ours"):
        make_plan([other], tmp_path, Policy(), workers=1)
    assert archive.read_text().startswith('{"id": "a"')


def test_undo_deletes_nothing_when_somebody_put_a_file_beside(plan: Path, tmp_path: Path) -> None:
    apply_plan(plan, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(ArchiveError, match=r"holds notes\.txt too; nothing was deleted"):
        undo(tmp_path / "out")
    assert (tmp_path / "out" / "kept" / "archive.jsonl").exists()


@pytest.mark.parametrize("journal", ["[]", "{}", "not JSON"])
def test_undo_of_a_folder_that_apply_did_not_write_is_refused(journal: str, tmp_path: Path) -> None:
    (tmp_path / "applied.json").write_text(journal)
    with pytest.raises(ArchiveError, match="does not hold what"):
        undo(tmp_path)


def test_a_mark_at_the_files_start_makes_no_difference(tmp_path: Path) -> None:
    line = '{"id": "a", "body": "The slipway is closed until 14 May."}\n'
    plans = []
    for name, start in (("plain", b""), ("marked", b"\xef\xbb\xbf")):
        (tmp_path / f"{name}.jsonl").write_bytes(start + line.encode())
        make_plan([tmp_path / f"{name}.jsonl"], tmp_path / name, Policy(), workers=1)
        plans.append((tmp_path / name / "plan.jsonl").read_bytes())
    assert plans[0] == plans[1]
