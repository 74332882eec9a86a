"""The valve: what takes more than expected waits for a person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from detector.archive import apply_plan, make_plan
from detector.archive.plan import Options
from detector.archive.valve import Limits, ValveError
from detector.errors import ArchiveError
from detector.policy import Policy
from tests.archive import synthetic
from tests.test_cli import copytaster


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("valve")
    archive = synthetic.archive(folder / "in.jsonl", 120)
    make_plan([archive], folder / "plan", Policy(), options=Options(limits=Limits(removal=0.05, story=3)))
    return folder / "plan"


def names(plan: Path) -> list[str]:
    return [entry["name"] for entry in json.loads((plan / "manifest.json").read_text())["valve"]]


def test_a_source_that_loses_much_and_a_large_story_stop_apply_until_confirmed_by_name(
    plan: Path, tmp_path: Path
) -> None:
    beyond = names(plan)
    assert any(name.startswith("source:") for name in beyond)
    assert any(name.startswith("story:") for name in beyond)
    with pytest.raises(ValveError, match=r"nothing was applied.*--confirm"):
        apply_plan(plan, tmp_path / "out", confirmed=beyond[:-1])
    assert not (tmp_path / "out").exists()
    assert apply_plan(plan, tmp_path / "out", confirmed=beyond).removed > 0


def test_a_name_that_is_not_beyond_a_limit_cannot_be_confirmed(plan: Path, tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="nothing called 'source:typo'"):
        apply_plan(plan, tmp_path / "out", confirmed=["source:typo"])


def test_by_command_the_valve_has_an_exit_status_of_its_own(plan: Path, tmp_path: Path) -> None:
    stopped = copytaster("archive", "apply", plan, "--out", tmp_path / "out")
    assert stopped.returncode == 4
    assert "--confirm" in stopped.stderr
    confirmed = [part for name in names(plan) for part in ("--confirm", name)]
    done = copytaster("archive", "apply", plan, "--out", tmp_path / "out", "--json", *confirmed)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["removed"] > 0


@pytest.mark.parametrize(("limits", "said"), [({"removal": 1.5}, "between 0 and 1"), ({"story": 1}, "at least 2")])
def test_limits_that_make_no_sense_are_refused(limits: dict[str, float], said: str) -> None:
    with pytest.raises(ArchiveError, match=said):
        Limits(**limits)  # type: ignore[arg-type]
