"""A plan that runs out of disk says so, and goes on where it was once there is room."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.faults_server import AbsentError, small_disk
from tests.conftest import absent

ARCHIVE = Path(__file__).parents[2] / "fixtures" / "archive.jsonl"
OUTPUTS = ("plan.jsonl", "quarantine.jsonl", "samples.json")


def _plan(out: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("copytaster"), "archive", "plan", ARCHIVE, "--out", out, "--workers", "1"]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def test_after_the_disk_was_full_a_plan_is_the_same_bytes(tmp_path: Path) -> None:
    assert _plan(tmp_path / "whole").returncode == 0
    wanted = [(tmp_path / "whole" / name).read_bytes() for name in OUTPUTS]
    for size in (48 << 10, 120 << 10, 200 << 10):
        folder = tmp_path / str(size)
        folder.mkdir()
        try:
            with small_disk(folder, size) as disk:
                full = _plan(disk / "plan")
                shutil.copytree(disk / "plan", folder / "plan")
        except AbsentError as why:
            absent(str(why))
        assert full.returncode == 1, full.stdout + full.stderr
        assert "No space left on device" in full.stderr
        assert "Traceback" not in full.stderr
        assert not (folder / "plan" / "plan.jsonl").exists(), "half a plan must not pass for one"
        assert _plan(folder / "plan").returncode == 0, "with room it goes on"
        assert [(folder / "plan" / name).read_bytes() for name in OUTPUTS] == wanted


def test_duplicates_without_room_for_what_processes_share_say_what_to_do(tmp_path: Path) -> None:
    command = [Path(sys.executable).with_name("copytaster"), "archive", "duplicates", ARCHIVE, "--workers", "2"]
    try:
        with small_disk(tmp_path, 48 << 10) as disk:
            environment = {**os.environ, "TMPDIR": str(disk)}
            full = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
            assert list(disk.iterdir()) == [], "what was written is taken away again"
    except AbsentError as why:
        absent(str(why))
    assert full.returncode == 1, full.stdout + full.stderr
    said = " ".join(full.stderr.split())
    assert said.startswith("copytaster: there is no room in")
    assert "set TMPDIR to another folder" in said
    assert "Traceback" not in said
