"""The command line, run as a user runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures"
STORY = (
    "The ferry Tern will stop sailing between Wexcombe and Scart on 3 May after 41 years, its owner said on Monday."
    " Carrow Line carried 61,000 passengers on the crossing last year against 148,000 in 2012."
)


def copytaster(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "detector", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603


def test_the_version_is_that_of_the_package() -> None:
    assert copytaster("--version").stdout == f"copytaster {version('copytaster')}\n"


def test_plan_apply_and_undo_by_command(tmp_path: Path) -> None:
    planned = copytaster("archive", "plan", FIXTURES / "archive.jsonl", "--out", tmp_path / "plan")
    assert planned.returncode == 0, planned.stderr
    assert "reject" in planned.stdout
    assert str(tmp_path / "plan" / "report.html") in planned.stdout
    applied = copytaster("archive", "apply", tmp_path / "plan", "--out", tmp_path / "out")
    assert applied.returncode == 0, applied.stderr
    assert "removed" in applied.stdout
    assert (tmp_path / "out" / "kept" / "archive.jsonl").stat().st_size > 0
    assert copytaster("archive", "undo", tmp_path / "out").returncode == 0
    assert copytaster("archive", "report", tmp_path / "plan").returncode == 0


def test_lines_that_were_set_aside_show_in_the_exit_status(tmp_path: Path) -> None:
    done = copytaster("archive", "plan", FIXTURES / "bad_archive.jsonl", "--out", tmp_path)
    assert done.returncode == 3, done.stderr
    assert "quarantined" in done.stdout


def test_an_error_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    done = copytaster("archive", "apply", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "run `copytaster archive plan` first" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_keep_policy_is_refused_with_the_right_ones(tmp_path: Path) -> None:
    done = copytaster("archive", "plan", FIXTURES / "archive.jsonl", "--out", tmp_path, "--keep", "newest")
    assert done.returncode == 2
    assert "most_complete" in done.stderr


def test_check_names_the_earlier_item(tmp_path: Path) -> None:
    (tmp_path / "archive.jsonl").write_text(json.dumps({"id": "earlier", "body": STORY}) + "\n")
    (tmp_path / "story.txt").write_text(STORY)
    done = copytaster("check", tmp_path / "story.txt", "--against", tmp_path / "archive.jsonl")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("reject")
    assert "exact earlier, confidence 1.00" in done.stdout


def test_clean_shows_what_stays_and_what_goes(tmp_path: Path) -> None:
    navigation = "<nav><a href='/'>Home</a> <a href='/s'>Sport</a></nav>"
    page = f"<html><body>{navigation}<article><p>{STORY}</p></article></body></html>"
    (tmp_path / "page.html").write_text(page)
    done = copytaster("clean", tmp_path / "page.html")
    assert done.returncode == 0, done.stderr
    assert "Carrow Line" in done.stdout
    assert "dropped" in done.stdout


def test_serving_without_the_service_installed_names_the_extra_to_install(tmp_path: Path) -> None:
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError('no uvicorn here', name='uvicorn')\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from detector.cli import main; main()"
    command = [sys.executable, "-c", code, "serve"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    assert done.returncode == 1
    assert "pip install 'copytaster[service]'" in done.stderr
    assert "'uvicorn' is not installed" in done.stderr


def test_clean_shows_what_the_page_says_of_itself(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    head = (
        '<meta name="author" content="Anna Berg"><meta property="article:published_time" content="2026-06-03T07:30Z">'
    )
    page.write_text(f"<html><head>{head}</head><body><p>{STORY}</p></body></html>")
    shown = copytaster("clean", page)
    assert shown.returncode == 0, shown.stderr
    assert "author: Anna Berg\npublished: 2026-06-03 07:30:00+00:00\n" in shown.stdout
    assert "site name" not in shown.stdout


def test_diff_shows_what_the_later_item_changed(tmp_path: Path) -> None:
    later, earlier, other = (tmp_path / name for name in ("later.txt", "earlier.txt", "other.txt"))
    earlier.write_text(STORY)
    later.write_text(STORY.replace("61,000", "64,000"))
    other.write_text("A lorry has shed its load of gravel on the Ellory road.")
    done = copytaster("diff", later, earlier)
    assert done.returncode == 0, done.stderr
    assert "- 61,000\n+ 64,000\n" in done.stdout
    assert "no match" in copytaster("diff", other, earlier).stdout


def test_training_says_at_once_that_its_folder_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = copytaster("train", "duplicates", "--data", tmp_path, "--out", tmp_path / "file" / "weights")
    assert done.returncode == 2
    assert "nothing can be written to" in done.stderr


def test_training_makes_its_folder(tmp_path: Path) -> None:
    done = copytaster("train", "quality", "--decisions", FIXTURES / "archive.jsonl", "--out", tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir(), done.stderr
