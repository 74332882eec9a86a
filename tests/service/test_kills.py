"""The desk is killed in the midst of its work; ``python -m benchmarks.kills`` does the same two hundred times."""

import subprocess
import sys
from pathlib import Path


def test_after_twenty_kills_nothing_that_was_acknowledged_is_lost_doubled_or_half_there() -> None:
    command = [sys.executable, "-m", "benchmarks.kills", "--rounds", "20"]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("20 kills")
